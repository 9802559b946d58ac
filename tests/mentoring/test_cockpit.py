"""Signals that are set aside, come back, and follow rules that one can change; and the facts they come from."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Role, ScopeKind
from backend.courses.models import Course
from backend.db import now
from backend.learning.models import Attempt, Enrolment, LessonProgress, SharedReflection
from backend.mentoring.models import SignalMark, SignalRule
from tests.browser import Browser
from tests.factories import give_role, make_account
from tests.mentoring.people import make_learner, make_mentor, make_module, two_regions


@pytest.fixture
def sara(browser: Browser, session: Session) -> Account:
    """Silent for twenty days; the mentor of her region is signed in."""
    make_module(session)
    here, _there = two_regions(session)
    sara = make_learner(session, "Stille Sara", here, done=1, busy=True, silent=timedelta(days=20))
    browser.sign_in(make_mentor(session))
    return sara


def needs(browser: Browser) -> list[str]:
    return [" ".join(li.get_text(" ").split()) for li in browser.get("/begeleiding").select(".need > li")]


def test_each_name_comes_with_the_evidence_in_a_sentence(sara: Account, browser: Browser):
    [line] = needs(browser)
    assert "Stille Sara" in line
    assert "Sinds 20 dagen niets, pas begonnen aan les 1.2" in line


def test_whoever_is_ticked_is_written_to_at_once(sara: Account, browser: Browser, session: Session):
    page = browser.get("/begeleiding")
    assert page.select_one("form#samen[method=get][action='/begeleiding/woord']")
    assert page.select_one(f".need input[type=checkbox][name=wie][form=samen][value='{sara.id}']")
    assert "Stille Sara" in browser.get(f"/begeleiding/woord?wie={sara.id}").text


@pytest.mark.parametrize("what", ["morgen", "week", "klaar"])
def test_set_aside_twice_is_once_and_undone(sara: Account, browser: Browser, session: Session, what: str):
    path = f"/begeleiding/deelnemer/{sara.id}/signaal/silent"
    for _again in range(2):
        browser.post(path, {"wat": what, "terug": "/begeleiding?volgorde=naam"})
        assert browser.location == "/begeleiding?volgorde=naam"
    assert needs(browser) == []
    assert len(session.scalars(select(SignalMark)).all()) == 1
    page = browser.get("/begeleiding")
    browser.submit(page, f"form[action='{path}/terug']")
    browser.post(path + "/terug")
    assert len(needs(browser)) == 1


def test_what_is_done_comes_back_when_something_new_happens(
    sara: Account, browser: Browser, session: Session
):
    browser.post(f"/begeleiding/deelnemer/{sara.id}/signaal/silent", {"wat": "klaar"})
    mark = session.scalars(select(SignalMark)).one()
    mark.at = now() - timedelta(days=21)  # before she was last there
    session.flush()
    assert len(needs(browser)) == 1


def test_what_is_later_comes_back_when_its_time_is_over(sara: Account, browser: Browser, session: Session):
    browser.post(f"/begeleiding/deelnemer/{sara.id}/signaal/silent", {"wat": "morgen"})
    session.scalars(select(SignalMark)).one().until = now() - timedelta(minutes=1)
    session.flush()
    assert len(needs(browser)) == 1


def test_another_way_back_than_this_site_is_not_taken(sara: Account, browser: Browser):
    browser.post(
        f"/begeleiding/deelnemer/{sara.id}/signaal/silent", {"wat": "week", "terug": "//elders.example/"}
    )
    assert browser.location == "/begeleiding"


@pytest.mark.parametrize("kind", ["silent", "stuck"])
def test_a_forged_address_of_another_region_is_not_found(
    sara: Account, browser: Browser, session: Session, kind: str
):
    browser.sign_in(make_mentor(session, key="limburg", name="Verre Mentor"))
    browser.post(f"/begeleiding/deelnemer/{sara.id}/signaal/{kind}", {"wat": "klaar"}, status=404)
    browser.post(f"/begeleiding/deelnemer/{sara.id}/signaal/{kind}/terug", status=404)
    browser.get(f"/begeleiding/deelnemer/{sara.id}/tijdlijn", status=404)
    browser.get(f"/begeleiding/deelnemer/{sara.id}/overdragen", status=404)
    assert session.scalars(select(SignalMark)).all() == []


def test_a_learner_who_left_is_gone_from_list_and_actions(sara: Account, browser: Browser, session: Session):
    sara.status = AccountStatus.DISABLED
    session.flush()
    assert "Stille Sara" not in browser.get("/begeleiding").text
    browser.post(f"/begeleiding/deelnemer/{sara.id}/signaal/silent", {"wat": "klaar"}, status=404)


def test_a_test_that_was_failed_twice_and_a_reflection_that_waits_are_signals(
    sara: Account, browser: Browser, session: Session
):
    enrolment = session.scalars(select(Enrolment).where(col(Enrolment.account_id) == sara.id)).one()
    for number in (1, 2):
        session.add(
            Attempt(
                enrolment_id=enrolment.id, version_id=enrolment.version_id, lesson_key="les-2", check_key="toets",
                number=number, started_at=now(), handed_in_at=now() - timedelta(days=4), score=0.2,
            )
        )  # fmt: skip
    shared = SharedReflection(
        account_id=sara.id, course_key="polarisatie", lesson_key="les-1", block_key="notitie", text="Wat ik dacht",
        shared_at=now() - timedelta(days=6),
    )  # fmt: skip
    session.add(shared)
    session.flush()
    [line] = needs(browser)
    assert "2 keer gezakt voor de toets van les 1.2" in line
    assert "Reflectie bij les 1.1 wacht al 6 dagen op antwoord" in line
    session.add(
        Attempt(
            enrolment_id=enrolment.id, version_id=enrolment.version_id, lesson_key="les-2", check_key="toets",
            number=3, started_at=now(), handed_in_at=now(), score=0.9, is_passed=True,
        )
    )  # fmt: skip
    session.flush()
    assert "gezakt" not in needs(browser)[0]


# ── rules ──


def test_a_rule_can_be_tuned_by_one_mentor_and_turned_off(sara: Account, browser: Browser, session: Session):
    page = browser.get("/begeleiding/regels")
    assert "14 dagen stil" in page.text
    browser.submit(page, "#rules_form", silent_dagen="30")
    assert needs(browser) == []
    assert [row.kind for row in session.scalars(select(SignalRule))] == [
        "silent"
    ]  # only what differs is kept
    browser.sign_in(make_mentor(session, name="Ander"))
    assert len(needs(browser)) == 1  # for another mentor nothing changed
    browser.submit(browser.get("/begeleiding/regels"), "#rules_form", silent_aan=None)
    assert needs(browser) == []


def test_the_network_sets_rules_that_a_mentor_can_set_otherwise(
    sara: Account, browser: Browser, session: Session
):
    mentor = make_mentor(session, name="Ander")
    ada = make_account(session, "Ada Beheer")
    give_role(session, ada, Role.ADMINISTRATOR)
    browser.sign_in(ada)
    browser.submit(browser.get("/begeleiding/regels"), "#rules_form", silent_dagen="30", voor="netwerk")
    browser.sign_in(mentor)
    assert needs(browser) == []
    browser.submit(browser.get("/begeleiding/regels"), "#rules_form", silent_dagen="7")
    assert len(needs(browser)) == 1


def test_a_mentor_does_not_set_rules_for_all(sara: Account, browser: Browser, session: Session):
    page = browser.get("/begeleiding/regels")
    browser.submit(page, "#rules_form", silent_dagen="30", voor="netwerk", status=403)
    assert session.scalars(select(SignalRule)).all() == []


@pytest.mark.parametrize("days", ["-1", "181", "veel", ""])
def test_an_impossible_number_is_said_and_what_was_typed_stays(sara: Account, browser: Browser, days: str):
    page = browser.submit(
        browser.get("/begeleiding/regels"), "#rules_form", silent_dagen=days, stuck_keren="7", status=422
    )
    assert page.select_one("#silent_dagen")["aria-invalid"] == "true"
    assert page.select_one("#stuck_keren")["value"] == "7"


# ── views ──


def test_the_line_of_time_tells_facts_and_no_answers(sara: Account, browser: Browser, session: Session):
    session.add(
        SharedReflection(
            account_id=sara.id, course_key="polarisatie", lesson_key="les-1", block_key="notitie", text="GEHEIM",
            shared_at=now(),
        )
    )  # fmt: skip
    session.flush()
    text = browser.get(f"/begeleiding/deelnemer/{sara.id}/tijdlijn").main.text
    assert "Deelde een reflectie bij les" in text
    assert "Rondde les af: 1.1" in " ".join(text.split())
    assert "GEHEIM" not in text


def test_the_page_of_a_municipality_lists_its_people(sara: Account, browser: Browser, session: Session):
    nis = browser.get("/begeleiding").select_one(".heat a[href*='/gemeente/']")["href"]
    assert "Stille Sara" in browser.get(nis).main.text
    browser.sign_in(make_mentor(session, key="limburg"))
    browser.get(nis, status=404)


def test_2000_people_take_as_many_queries_as_one(sara: Account, browser: Browser, session: Session):
    from tests.mentoring.people import make_many

    browser.get("/begeleiding")  # documents are in memory
    browser.get("/begeleiding")
    few = len(browser.queries)
    organisation = session.scalars(select(Course)).first()
    assert organisation is not None
    here, _there = two_regions(session)
    make_many(session, here, 2000, lessons=2)
    session.flush()
    page = browser.get("/begeleiding")
    assert "2001 deelnemers" in page.main.text
    assert len(browser.queries) == few <= 6


def test_scope_all_and_progress_of_lessons_that_are_gone(browser: Browser, session: Session):
    make_module(session)
    here, _there = two_regions(session)
    noor = make_learner(session, "Noor", here, done=1)
    enrolment = session.scalars(select(Enrolment).where(col(Enrolment.account_id) == noor.id)).one()
    session.add(
        LessonProgress(
            enrolment_id=enrolment.id, lesson_key="weg", question_count=1, tries_below=9, started_at=now(),
            last_active_at=now() - timedelta(days=9),
        )
    )  # fmt: skip
    session.flush()
    browser.sign_in(make_mentor(session, ScopeKind.ALL, ""))
    assert "Noor" in browser.get("/begeleiding").main.text
    browser.get(f"/begeleiding/deelnemer/{uuid4()}/tijdlijn", status=404)
