"""Feedback along the points of attention that the author set: from the lesson's text to what the learner reads."""

import pytest
from sqlmodel import Session, select

from backend.auth.models import Account, AccountStatus, RoleGrant
from backend.db import now
from backend.learning.models import SharedReflection
from backend.mentoring import messages
from backend.mentoring.models import Message
from tests.browser import Browser
from tests.courses.files import good
from tests.learning.documents import make_course, make_lesson, publish
from tests.mentoring.people import make_learner, make_mentor, two_regions

WRITTEN = "::: reflection denk\nrubric: beide kanten genoemd | een volgende stap\nWat hoor je?\n:::"
FORM_ID = "f" * 32


@pytest.fixture
def noor(session: Session) -> Account:
    """A learner who shared what they wrote at a reflection with two points of attention."""
    here, _there = two_regions(session)
    learner = make_learner(session, "Noor Claes", here)
    publish(session, make_course(lessons=(make_lesson("een", "1.1", good(WRITTEN).blocks["denk"]),)))
    session.add(
        SharedReflection(
            account_id=learner.id, course_key="proef", lesson_key="een", block_key="denk",
            text="Voor en tegen het plein.", shared_at=now(),
        )
    )  # fmt: skip
    session.flush()
    return learner


def path_of(learner: Account) -> str:
    return f"/begeleiding/deelnemer/{learner.id}/reflecties/proef/een/denk"


def judged(session: Session) -> list[list[list[str]]]:
    return [message.rubric for message in session.exec(select(Message))]


def test_each_point_of_attention_is_judged_and_the_learner_reads_it(
    noor: Account, browser: Browser, session: Session
) -> None:
    browser.max_queries = 12  # a mail, a log line and the message
    page = browser.sign_in(make_mentor(session)).get(path_of(noor))
    assert [label.text for label in page.select("#word_form label")][:2] == [
        "beide kanten genoemd",
        "een volgende stap",
    ]
    form_id = page.select_one("[name=form_id]")["value"]
    body = {"tekst": "Sterk begin.", "oordeel": ["goed", "weg"], "form_id": form_id}
    for _double_click in range(2):
        browser.post(path_of(noor), body)
    assert judged(session) == [[["beide kanten genoemd", "zit goed"], ["een volgende stap", "op weg"]]]
    thread = browser.sign_out().sign_in(noor).get("/mijn/berichten").select_one(".thread")
    assert [cell.text for cell in thread.select("dt, dd")] == [
        "beide kanten genoemd", "zit goed", "een volgende stap", "op weg",
    ]  # fmt: skip


def test_a_point_may_be_left_open_and_stays_with_its_own_judgement(
    noor: Account, browser: Browser, session: Session
) -> None:
    browser.max_queries = 12
    browser.sign_in(make_mentor(session))
    browser.post(path_of(noor), {"tekst": "Goed.", "oordeel": ["", "begin"], "form_id": FORM_ID})
    assert judged(session) == [[["een volgende stap", "nog aan te werken"]]]


def test_what_was_chosen_stays_when_the_words_are_missing(
    noor: Account, browser: Browser, session: Session
) -> None:
    browser.sign_in(make_mentor(session))
    body = {"tekst": " ", "oordeel": ["", "goed"], "form_id": FORM_ID}
    page = browser.post(path_of(noor), body, status=422)
    assert [option["value"] for option in page.select("select option[selected]")] == ["", "goed"]
    assert judged(session) == []


@pytest.mark.parametrize("sent", [["<b>fout</b>", "10"], ["goed", "goed", "goed"], "goed"])
def test_a_judgement_that_is_not_there_is_left_out(
    noor: Account, browser: Browser, session: Session, sent: object
) -> None:
    browser.max_queries = 12
    browser.sign_in(make_mentor(session))
    browser.post(path_of(noor), {"tekst": "Goed.", "oordeel": sent, "form_id": FORM_ID})
    [found] = judged(session)
    assert {judgement for _criterion, judgement in found} <= {"zit goed"}
    assert len(found) <= 2


def test_a_role_that_ends_while_one_writes_gives_no_feedback(
    noor: Account, browser: Browser, session: Session
) -> None:
    mentor = make_mentor(session)
    browser.sign_in(mentor).get(path_of(noor))
    session.exec(select(RoleGrant).where(RoleGrant.account_id == mentor.id)).one().ends_at = now()
    session.flush()
    browser.post(path_of(noor), {"tekst": "Goed.", "form_id": FORM_ID}, status=403)
    browser.post(f"/begeleiding/deelnemer/{noor.id}/signaal/silent", {"wat": "klaar"}, status=403)
    assert judged(session) == []


def test_a_learner_who_leaves_meanwhile_gets_nothing_and_neither_do_the_others(
    noor: Account, browser: Browser, session: Session
) -> None:
    other = make_learner(session, "Bert Maes", two_regions(session)[0])
    browser.sign_in(make_mentor(session))
    body = {
        "wie": [str(noor.id), str(other.id)],
        "tekst": "Dag {naam}, hoe gaat het?",
        "stap": "stuur",
        "form_id": FORM_ID,
    }
    session.get_one(Account, noor.id).status = AccountStatus.DISABLED
    session.flush()
    browser.post("/begeleiding/woord", body, status=404)
    browser.post(path_of(noor), {"tekst": "Goed.", "form_id": FORM_ID}, status=404)
    assert not session.exec(select(Message)).all()
    session.get_one(Account, noor.id).status = AccountStatus.MEMBER  # the control: it was for that reason
    session.flush()
    browser.max_queries = 20
    browser.post("/begeleiding/woord", body)
    assert len(session.exec(select(Message)).all()) == 2
    assert messages.quiet_until(session, [noor.id, other.id], now())
