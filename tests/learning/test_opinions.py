"""What one thinks: polls, how others answered, self-ratings, whether a lesson was useful, and that it was read."""

from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from backend.courses.block_types import Sort
from backend.db import now
from backend.errors import Conflict, NotFound
from backend.learning.models import LessonProgress, Response, ResponseEvent, Tally
from backend.learning.service import Address, answer, lesson_state, mark_read, rate
from backend.learning.tallies import FEWEST, shares
from tests.browser import Browser
from tests.factories import make_account
from tests.learning.documents import (
    CHOICE,
    MULTIPLE,
    POLL,
    RATING,
    RIGHT,
    SORT,
    WRONG,
    make_course,
    make_lesson,
    publish,
)
from tests.learning.test_service import count, viewer_for

MOMENT = now()
LESSON = "/leren/proef/een"
SHOWN = {"shows_peers": True}
BLOCKS = (
    POLL,
    RATING,
    CHOICE.model_copy(update=SHOWN),
    MULTIPLE.model_copy(update=SHOWN),
    SORT.model_copy(update=SHOWN),
)
AGAIN = RATING.model_copy(update={"key": "na", "before": "voor", "before_lesson": "een", "html": "En nu?"})


@pytest.fixture
def module(session: Session) -> None:
    publish(
        session, make_course(lessons=(make_lesson("een", "1.1", *BLOCKS), make_lesson("twee", "1.2", AGAIN)))
    )


def say(session: Session, sent: dict[str, list[str]], block: str = "peiling", people: int = 1) -> Any:
    who = None
    for _ in range(people):
        who = viewer_for(make_account(session))
        answer(session, who, Address("proef", "een", block), sent, uuid4().hex, MOMENT)
    return who


def tally(session: Session, block: str = "peiling") -> dict[str, int]:
    session.flush()
    return {
        t.choice: t.people for t in session.exec(select(Tally).where(Tally.block_key == block)) if t.people
    }


# ── polls ──


def test_a_poll_is_never_right_or_wrong_and_never_counts(session: Session, module: None):
    who = say(session, {"keuze": ["p2"]})
    event = session.exec(select(ResponseEvent)).one()
    assert (event.given, event.score) == ({"options": ["p2"]}, None)
    row = session.exec(select(LessonProgress)).one()
    assert (row.question_count, row.answered_count, row.tries_below) == (3, 0, 0)
    assert lesson_state(session, who, "proef", "een").results["peiling"].given == {"options": ["p2"]}


def test_who_changes_their_mind_counts_once(session: Session, module: None):
    who = say(session, {"keuze": ["p2"]})
    for choice in ("p3", "p3", "p1"):
        answer(session, who, Address("proef", "een", "peiling"), {"keuze": [choice]}, uuid4().hex, MOMENT)
    assert tally(session) == {"": 1, "p1": 1}


def test_results_come_after_ones_own_answer_and_from_ten_answers_on(
    browser: Browser, session: Session, module: None
):
    browser.sign_in(make_account(session))
    say(session, {"keuze": ["p1"]}, people=FEWEST - 2)
    assert "%" not in browser.get(LESSON).find(id="peiling").text
    browser.max_queries = 9
    browser.post("/leren/proef")
    browser.submit(browser.get(LESSON), "[id=kies] form", keuze="b")
    browser.submit(browser.get(LESSON), "[id=peiling] form", keuze="p3")
    nine = browser.get(LESSON).find(id="peiling")
    assert "Nu zijn er 9" in nine.text
    assert "%" not in nine.text
    say(session, {"keuze": ["p2"]})
    ten = " ".join(browser.get(LESSON).find(id="peiling").text.split())
    assert "10 mensen antwoordden" in ten
    assert "Niets80 %" in ten
    assert "Iets10 %" in ten
    browser.sign_in(make_account(session))
    assert "80 %" not in browser.get(LESSON).text, "not before one's own answer"


# ── how others answered ──


def test_the_first_answer_of_each_counts_because_later_ones_follow_the_feedback(
    session: Session, module: None
):
    who = say(session, WRONG["kies"], "kies")
    for sent in (RIGHT["kies"], {"keuze": ["c"]}):
        answer(session, who, Address("proef", "een", "kies"), sent, uuid4().hex, MOMENT)
    assert tally(session, "kies") == {"": 1, "a": 1}


def test_every_choice_and_every_place_is_counted(session: Session, module: None):
    say(session, RIGHT["meer"], "meer", people=3)
    say(session, WRONG["meer"], "meer")
    assert tally(session, "meer") == {"": 4, "m": 4, "o": 3, "n": 1}
    say(session, RIGHT["sorteer"], "sorteer", people=2)
    assert tally(session, "sorteer") == {"": 2, "s1/links": 2, "s2/rechts": 2, "s3/links": 2}


def test_it_is_shown_after_answering_from_ten_people_on(session: Session, module: None):
    me = say(session, RIGHT["meer"], "meer", people=FEWEST - 1)
    state = lesson_state(session, me, "proef", "een")
    assert shares(state.counts["meer"]) is None
    me = say(session, WRONG["meer"], "meer")
    found = shares(lesson_state(session, me, "proef", "een").counts["meer"])
    assert found == {"m": 1.0, "o": 0.9, "n": 0.1}
    assert "sorteer" not in lesson_state(session, me, "proef", "een").counts, "not answered yet"


def test_questions_that_do_not_ask_it_are_not_counted(session: Session):
    publish(session, make_course())
    say(session, RIGHT["sorteer"], "sorteer")
    assert not isinstance(SORT, Sort) or not SORT.shows_peers
    assert count(session, Tally) == 0


def test_the_shares_are_on_the_page(browser: Browser, session: Session, module: None):
    say(session, RIGHT["kies"], "kies", people=FEWEST)
    browser.sign_in(make_account(session)).post("/leren/proef")
    browser.max_queries = 9  # the first answer of a lesson, and it is counted
    browser.submit(browser.get(LESSON), "[id=sorteer] form", **RIGHT["sorteer"])
    browser.submit(browser.get(LESSON), "[id=kies] form", **RIGHT["kies"])
    page = browser.get(LESSON)
    assert "100 %" in page.find(id="kies").text
    assert "vanaf tien" in page.find(id="sorteer").text
    assert len(browser.queries) <= 5, "one more than without"


# ── how well one can do it, before and after ──


def test_a_rating_is_kept_and_shown_beside_the_later_one(browser: Browser, session: Session, module: None):
    browser.sign_in(make_account(session))
    browser.submit(browser.get(LESSON), "[id=voor] form", **{"stelling.q1": "1", "stelling.q2": "2"})
    kept = session.exec(select(Response)).one()
    assert (kept.given, kept.last_score) == ({"ratings": {"q1": "1", "q2": "2"}}, None)
    page = browser.get("/leren/proef/twee")
    assert (
        "een beetje" not in page.find(id="na").select_one("table").text if page.find(id="na").table else True
    )
    browser.submit(page, "[id=na] form", **{"stelling.q1": "3", "stelling.q2": "3"})
    table = browser.get("/leren/proef/twee").find(id="na").select_one("table")
    assert [" ".join(cell.text.split()) for cell in table.select("td")] == [
        "nog niet",
        "goed",
        "een beetje",
        "goed",
    ]
    again = browser.submit(
        browser.get(LESSON), "[id=voor] form", status=422, **{"stelling.q1": "9", "stelling.q2": "1"}
    )
    assert again.find(id="voor").select_one("[data-feedback]")


# ── was it useful, was it read ──


def test_one_says_once_how_useful_a_lesson_was_and_may_change_it(
    browser: Browser, session: Session, module: None
):
    browser.sign_in(make_account(session))
    browser.max_queries = 9
    assert not browser.get(LESSON).find(id="les-bruikbaar"), "not before one did something"
    browser.submit(browser.get(LESSON), "[id=kies] form", keuze="a")
    for value in ("2", "4"):
        browser.submit(browser.get(LESSON), "#les-bruikbaar form", bruikbaar=value)
        assert session.exec(select(LessonProgress.useful)).one() == int(value)
    assert browser.get(LESSON).select_one("#les-bruikbaar [aria-pressed=true]")["value"] == "4"
    for value in ("0", "5", "veel", ""):
        browser.post(f"{LESSON}/bruikbaar", {"bruikbaar": value})
        assert "Kies een van de vier" in browser.follow().text
    assert session.exec(select(LessonProgress.useful)).one() == 4


def test_who_did_nothing_in_a_lesson_cannot_say_it(session: Session, module: None):
    who = viewer_for(make_account(session))
    with pytest.raises(Conflict):
        rate(session, who, "proef", "een", 3, MOMENT)
    with pytest.raises(NotFound):
        rate(session, who, "proef", "zz", 3, MOMENT)


def test_a_lesson_to_read_is_done_when_one_says_so_and_not_by_opening_it(browser: Browser, session: Session):
    publish(session, make_course())
    browser.sign_in(make_account(session)).post("/leren/proef")
    page = browser.get("/leren/proef/drie")
    browser.get("/leren/proef/drie")
    assert count(session, LessonProgress) == 0
    for _ in range(2):
        browser.submit(page, "form[action$=gelezen]")
    page = browser.follow()
    assert "Les 1.3 is klaar" in page.find(id="les-einde").text
    assert not page.select("form[action$=gelezen]")
    row = session.exec(select(LessonProgress)).one()
    assert row.done_at is not None and row.read_at is not None and row.share == 1
    assert not browser.get("/leren/proef/twee").select("form[action$=gelezen]")
    browser.post("/leren/proef/twee/gelezen", status=404)


def test_reading_again_keeps_the_first_time(session: Session):
    publish(session, make_course())
    who = viewer_for(make_account(session))
    mark_read(session, who, "proef", "drie", MOMENT)
    mark_read(session, who, "proef", "drie", now())
    assert session.exec(select(LessonProgress)).one().read_at == MOMENT
