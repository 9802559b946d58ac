"""A check as people meet it: without JavaScript, in two tabs, too late, signed out in between."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func
from sqlmodel import Session, select

from backend.auth import sessions
from backend.auth.models import KeptForm
from backend.courses.block_types import Graded
from backend.db import now
from backend.learning.models import Attempt, Enrolment, Response, ResponseEvent
from tests.browser import Browser
from tests.factories import make_account
from tests.learning.documents import CHECK, EVERY, RIGHT, WRONG, make_course, make_lesson, publish

LESSON = "/leren/proef/een"
START = f"{LESSON}/toets/eindtoets"
FIRST = f"{START}/1"
BANK = tuple(question for question in EVERY if isinstance(question, Graded))
WHOLE = CHECK.model_copy(update={"questions": BANK, "draw": len(BANK)})


@pytest.fixture
def member(browser: Browser, session: Session) -> Browser:
    publish(session, make_course(lessons=(make_lesson("een", "1.1", WHOLE),)))
    browser.max_queries = 12  # handing in writes in seven tables
    return browser.sign_in(make_account(session))


def begin(member: Browser) -> BeautifulSoup:
    member.submit(member.get(LESSON), "[id=eindtoets] form")
    assert member.location == FIRST
    return member.follow()


def fields(sent: dict[str, dict[str, list[str]]], *keys: str) -> dict[str, Any]:
    """As the form names them: each with the key of its question in front."""
    return {f"{key}.{name}": values for key in keys or sent for name, values in sent[key].items()}


def words(tag: Any) -> str:
    return " ".join(tag.text.split())


def test_from_the_lesson_to_the_result(member: Browser, session: Session):
    page = begin(member)
    assert len(page.select("form .ask")) == len(BANK)
    assert "Je slaagt vanaf 70 %" in words(page)
    member.submit(page, "#toets-blad form", **fields(RIGHT, *[q.key for q in BANK]))
    assert member.location == f"{FIRST}#inhoud"
    page = member.follow()
    assert "Geslaagd: 100 %" in words(page)
    attempt = session.exec(select(Attempt)).one()
    assert attempt.receipt in page.text
    assert not page.select("form[action$='/1']")
    lesson = member.get(LESSON)
    assert "geslaagd" in words(lesson.find(id="eindtoets"))
    assert "Les 1.1 is klaar" in lesson.find(id="les-einde").text
    member.get(START, status=303)
    assert member.location == FIRST


@pytest.mark.parametrize("question", BANK, ids=lambda q: q.key)
def test_every_kind_of_question_is_kept_and_shown_again(member: Browser, session: Session, question: Graded):
    begin(member)
    for sent in (WRONG, RIGHT):
        member.post(f"{FIRST}/{question.key}", fields(sent, question.key))
        assert member.location == f"{FIRST}#{question.key}"
        page = member.follow()
        asked = page.find(id=question.key)
        assert "Bewaard om" in words(asked)
        assert not asked.select("[data-result], [data-feedback]"), "no verdict while one writes"
        # what was kept is what the form would send
        before = session.exec(select(Response).where(Response.block_key == question.key)).one().given
        member.post(f"{FIRST}/{question.key}", submitted(page, question.key))
        assert session.exec(select(Response).where(Response.block_key == question.key)).one().given == before
    assert session.scalar(select(func.count()).select_from(ResponseEvent)) == 2


def submitted(page: BeautifulSoup, key: str) -> dict[str, Any]:
    """What a browser would send of one question."""
    found: dict[str, Any] = {}
    for field in page.find(id=key).select("input[name], textarea[name], select[name]"):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        chosen = field.select_one("option[selected]") if field.name == "select" else None
        value = (
            chosen["value"] if chosen else field.text if field.name == "textarea" else field.get("value", "")
        )
        found.setdefault(field["name"], []).append(value)
    return found


def test_the_key_is_not_in_the_page_while_one_writes(member: Browser):
    page = str(begin(member))
    member.post(f"{FIRST}/kies", fields(WRONG, "kies"))
    for html in (page, str(member.follow())):
        for tell in (
            "Uitleg bij",
            "Reden voor",
            "Klopt, 66",
            "Het was 66",
            "is_right",
            "data-result",
            'data-tone="ok"',
        ):
            assert tell not in html, tell


def test_afterwards_one_sees_what_was_wrong_but_not_what_was_right_while_there_is_another_go(member: Browser):
    page = begin(member)
    member.submit(page, "#toets-blad form", **fields(WRONG, *[q.key for q in BANK]))
    page = member.follow()
    assert "Nog niet geslaagd" in words(page)
    assert "Uitleg bij a." in words(page.find(id="kies"))
    assert "Uitleg bij b." not in str(page)
    assert "Toon het juiste antwoord" not in page.text
    assert "nog 1 keer" in words(page)
    member.submit(page, "#toets-blad form")
    assert member.location == f"{START}/2"
    page = member.follow()
    assert not page.select("[checked]"), "a new attempt is empty"
    member.submit(page, "#toets-blad form", **fields(WRONG, *[q.key for q in BANK]))
    page = member.follow()
    assert "Toon het juiste antwoord" in page.text, "nothing left to win"
    assert not page.select("#toets-uitslag ~ .cluster form")
    member.post(START, status=409)
    assert "Toon het juiste antwoord" in member.get(FIRST).text


def test_two_tabs_a_double_click_and_a_form_from_the_past(member: Browser, session: Session):
    one, two = begin(member), member.get(FIRST)
    member.submit(one, "#toets-blad form", **fields(RIGHT, "kies"))
    receipt = session.exec(select(Attempt.receipt)).one()
    for tab in (one, two):
        member.submit(tab, "#toets-blad form", **fields(RIGHT, *[q.key for q in BANK]))
        assert receipt in member.follow().text
    assert session.exec(select(Attempt.score)).one() == pytest.approx(1 / len(BANK))
    page = member.post(f"{FIRST}/meer", fields(RIGHT, "meer"), status=409)
    assert "al ingediend" in page.text
    assert session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_when_the_time_is_over_the_page_says_so_and_the_result_follows(member: Browser, session: Session):
    member.max_queries = 16  # and after the answer it is closed
    begin(member)
    member.post(f"{FIRST}/kies", fields(RIGHT, "kies"))
    attempt = session.exec(select(Attempt)).one()
    attempt.deadline_at = now() + timedelta(minutes=5)
    assert "Je hebt tijd tot" in words(member.get(FIRST))
    session.exec(select(Attempt)).one().deadline_at = now() - timedelta(minutes=2)
    member.post(f"{FIRST}/meer", fields(RIGHT, "meer"), status=409)
    page = member.get(FIRST)
    assert "De tijd is om" in words(page)
    assert not page.select("#toets-blad form")
    page = member.get(FIRST)
    assert "Nog niet geslaagd: 8 %" in words(page) or "Nog niet geslaagd: 9 %" in words(page)


def test_what_cannot_be_kept_is_said_at_its_question_and_given_back(member: Browser, session: Session):
    begin(member)
    page = member.post(f"{FIRST}/getal", {"getal.antwoord": "x" * 300} | fields(RIGHT, "kies"), status=422)
    assert "hoogstens 200" in words(page.find(id="getal"))
    assert page.select_one("[id=getal] input[name='getal.antwoord']")["value"] == "x" * 300
    assert page.select_one("[id=kies] input[checked]")["value"] == "b", "the rest is kept"
    page = member.submit(page, "#toets-blad form", status=422)
    assert session.exec(select(Attempt)).one().handed_in_at is None


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        (f"{FIRST}/zz", {}, 404),
        (f"{FIRST}/notitie", {"notitie.tekst": "x"}, 404),
        (f"{FIRST}/kies", {"zz.keuze": "b"}, 404),
        (f"{FIRST}/kies", {"keuze": "b"}, 303),  # no question of ours: nothing was filled in
        (f"{FIRST}/kies", {"kies.keuze": ["a", "b"]}, 422),
        (f"{FIRST}/kies", {"kies.keuze": "zz"}, 422),
        (f"{FIRST}/kies", {"kies.keuze": "b" * 10_000}, 422),
        (f"{FIRST}/verbind", {"verbind.plaats.x": "paars"}, 422),
        (f"{FIRST}/kies", {"kies.keuze": "nul\x00"}, 422),
        (f"{START}/2", {}, 404),
        (f"{START}/0", {}, 404),
        (f"{START}/-1", {}, 404),
        (f"{START}/99999999999999999999", {}, 404),
        (f"{START}/een", {}, 404),
        (f"{LESSON}/toets/zz/1", {}, 404),
        (f"{LESSON}/toets/zz", {}, 404),
        ("/leren/proef/zz/toets/eindtoets", {}, 404),
        ("/leren/zz/een/toets/eindtoets/1", {}, 404),
    ],
)
def test_what_no_page_of_ours_sends(
    member: Browser, path: str, sent: dict[str, Any], status: int, session: Session
):
    begin(member)
    member.post(path, sent, status=status)
    assert session.exec(select(Attempt)).one().handed_in_at is None


def test_an_attempt_is_for_its_own_person(member: Browser, session: Session):
    begin(member)
    member.sign_in(make_account(session))
    member.get(FIRST, status=404)
    member.post(FIRST, fields(RIGHT, "kies"), status=404)
    member.post(f"{FIRST}/kies", fields(RIGHT, "kies"), status=404)
    member.get(START, status=303)
    assert member.location == f"{LESSON}#eindtoets", "who made none sees the check in its lesson"


def test_a_session_that_ended_while_writing_loses_nothing(member: Browser, session: Session):
    page = begin(member)
    sessions.end_all(session, session.exec(select(Enrolment.account_id)).one(), now())
    member.submit(page, "#toets-blad form", **fields(RIGHT, *[q.key for q in BANK]))
    assert member.location.startswith("/aanmelden?next=%2Fmijn%2Fbewaard%2F")
    kept = session.exec(select(KeptForm)).one()
    assert kept.path == FIRST
    assert kept.fields["kies.keuze"] == ["b"]
    assert session.exec(select(Attempt)).one().handed_in_at is None


def test_keeping_takes_few_queries_and_the_page_too(member: Browser):
    begin(member)
    member.get(FIRST)
    assert len(member.queries) <= 5, member.queries
    for option in ("a", "b"):
        member.post(f"{FIRST}/kies", {"kies.keuze": option})
        assert len(member.queries) <= 5, member.queries
