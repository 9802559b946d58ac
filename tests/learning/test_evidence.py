"""What counts reaches the progress in the transaction of the evidence, whoever brings it; and doctor can work it out again."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from backend import jobs
from backend.auth.models import Viewer
from backend.courses.block_types import ScenarioBlock
from backend.courses.documents import (
    AnyOf,
    Attended,
    CheckPassed,
    Passed,
    Read,
    ReflectionWritten,
    ScenarioWalked,
)
from backend.courses.scenarios import Ending, Node, Scenario
from backend.courses.service import version_document
from backend.db import now
from backend.errors import Conflict
from backend.language import ZONE
from backend.learning import jobs as _handlers  # noqa: F401 - registers them
from backend.learning import own_answers
from backend.learning.attendance import attended
from backend.learning.checks import GoAddress, check_state, hand_in
from backend.learning.checks import start as start_check
from backend.learning.grading import Incomplete
from backend.learning.judging import progress_changed
from backend.learning.models import (
    Attempt,
    Attendance,
    Enrolment,
    LessonProgress,
    Response,
    ResponseEvent,
    ScenarioRun,
)
from backend.learning.progress import overview
from backend.learning.recount import differences
from backend.learning.service import Address, answer, enrol, lesson_state, mark_read, save_note
from tests.browser import Browser, counted_queries
from tests.factories import make_account
from tests.learning.documents import CHECK, CHOICE, QUESTIONS, RIGHT, WRONG, make_course, make_lesson, publish
from tests.learning.test_service import count, give, viewer_for

MOMENT = now()
DAY = date(2026, 11, 25)
CASE = ScenarioBlock(
    key="geval",
    scenario=Scenario(
        key="geval", title="Een geval", role="iemand", minutes=5, intro_html="", meters={}, start="n1",
        nodes=(Node(key="n1", title="Begin", html="", ask_html="Wat nu?"),), endings=(Ending(key="e", title="Einde", html=""),),
    ),
)  # fmt: skip


@pytest.fixture
def viewer(session: Session) -> Viewer:
    return viewer_for(make_account(session))


def row(session: Session, lesson: str = "een") -> LessonProgress:
    session.flush()
    return session.exec(select(LessonProgress).where(LessonProgress.lesson_key == lesson)).one()


def one_lesson(session: Session, *rules: Any, blocks: tuple[Any, ...] = (CHOICE,), **course: Any) -> None:
    publish(session, make_course(lessons=(make_lesson("een", "1.1", *blocks, complete=rules),), **course))


# ── each kind of evidence ──


def test_a_note_counts_where_it_is_asked_and_not_when_it_is_empty(session: Session, viewer: Viewer):
    one_lesson(session, ReflectionWritten(key="notitie"))
    give(session, viewer, "kies", WRONG["kies"])
    assert row(session).done_at is None
    save_note(session, viewer, Address("proef", "een", "notitie"), "Een spanning", MOMENT)
    assert row(session).done_at == MOMENT
    save_note(session, viewer, Address("proef", "een", "notitie"), "", MOMENT)
    assert row(session).done_at == MOMENT, "done stays done"
    assert row(session).reasons[0]["is_met"] is False, "and the reason says how it is now"


def test_a_rule_that_asks_reading_waits_for_it(session: Session, viewer: Viewer):
    one_lesson(session, Passed(percent=100), Read())
    give(session, viewer, "kies", RIGHT["kies"])
    assert (row(session).done_at, row(session).share) == (None, 0.0)
    mark_read(session, viewer, "proef", "een", MOMENT)
    assert row(session).done_at == MOMENT


def test_a_case_that_was_walked_counts_when_it_is_told(session: Session, viewer: Viewer):
    one_lesson(session, ScenarioWalked(key=CASE.key), blocks=(CASE,))
    enrolment = enrol(session, viewer, "proef", MOMENT)
    course = version_document(session, enrolment.version_id)
    for ended_at in (None, MOMENT + timedelta(minutes=9), MOMENT):
        session.add(
            ScenarioRun(
                enrolment_id=enrolment.id, version_id=enrolment.version_id, lesson_key="een",
                scenario_key=CASE.key, started_at=MOMENT, ended_at=ended_at,
            )
        )  # fmt: skip
        progress_changed(session, enrolment, course, course.lessons[0], MOMENT)
        assert (row(session).done_at is None) == (ended_at is None)
    assert datetime.fromisoformat(row(session).reasons[0]["at"]) == MOMENT, "the first time"
    assert enrolment.completed_at == MOMENT


def test_two_of_three_whatever_they_are(session: Session, viewer: Viewer):
    rule = AnyOf(least=2, of=(Read(), ReflectionWritten(key="notitie"), CheckPassed(key="eindtoets")))
    one_lesson(session, rule, blocks=(CHECK,))
    save_note(session, viewer, Address("proef", "een", "notitie"), "Een spanning", MOMENT)
    assert row(session).share == 0.5
    start_check(session, viewer, Address("proef", "een", "eindtoets"), MOMENT)
    at = GoAddress("proef", "een", "eindtoets", 1)
    keys = check_state(session, viewer, at).paper.questions
    hand_in(session, viewer, at, {f"{key}.keuze": ["b"] for key in keys}, MOMENT)
    assert row(session).done_at == MOMENT


# ── days ──


def tell(session: Session, viewer: Viewer, series: str = "actiedag", on: date = DAY) -> None:
    jobs.HANDLERS["learning.attended"](
        session, {"account_id": str(viewer.id), "series": series, "on": on.isoformat()}
    )
    session.flush()


def test_a_day_counts_for_the_lesson_and_the_course_that_ask_for_it(session: Session, viewer: Viewer):
    one_lesson(session, Attended(key="actiedag"), attended="actiedag")
    enrolment = enrol(session, viewer, "proef", MOMENT)
    last_active = enrolment.last_active_at
    tell(session, viewer, "een-andere")
    assert count(session, LessonProgress) == 0
    tell(session, viewer)
    assert row(session).done_at is not None
    assert datetime.fromisoformat(row(session).reasons[0]["at"]).astimezone(ZONE).date() == DAY
    assert (enrolment.attended_on, enrolment.completed_at is not None) == (DAY, True)
    assert enrolment.last_active_at == last_active, "somebody else did something"
    tell(session, viewer)
    assert count(session, Attendance) == 2


def test_a_day_before_one_enrolled_counts_too(session: Session, viewer: Viewer):
    one_lesson(session, Attended(key="actiedag"), attended="actiedag")
    attended(session, viewer.id, "actiedag", DAY, MOMENT)
    attended(session, viewer.id, "actiedag", DAY + timedelta(days=7), MOMENT)
    enrolment = enrol(session, viewer, "proef", MOMENT)
    assert (enrolment.attended_on, enrolment.completed_at) == (DAY, MOMENT)
    assert list(differences(session)) == []


def test_a_course_with_a_day_is_complete_with_both(session: Session, viewer: Viewer):
    one_lesson(session, attended="actiedag")
    give(session, viewer, "kies", RIGHT["kies"])
    far = overview(session, viewer.id)["proef"]
    assert (far.percent, far.is_complete, far.lessons_done) == (50, False, 1)
    tell(session, viewer)
    far = overview(session, viewer.id)["proef"]
    assert (far.percent, far.is_complete) == (100, True)


def test_so_many_lessons_are_enough_and_the_rest_is_extra(session: Session, viewer: Viewer):
    publish(session, make_course(lessons_needed=2))
    enrolment = enrol(session, viewer, "proef", MOMENT)
    give(session, viewer, "kies", RIGHT["kies"], lesson="twee")
    far = overview(session, viewer.id)["proef"]
    assert (far.percent, far.minutes_left) == (50, 8)
    mark_read(session, viewer, "proef", "drie", MOMENT)
    assert enrolment.completed_at == MOMENT
    assert overview(session, viewer.id)["proef"].percent == 100


# ── what is not open ──


def test_a_lesson_waits_for_another_and_says_so(browser: Browser, session: Session):
    lessons = (make_lesson("een", "1.1", CHOICE), make_lesson("twee", "1.2", CHOICE, after=("een",)))
    publish(session, make_course(lessons=lessons))
    account = make_account(session)
    browser.sign_in(account).post("/leren/proef")
    page = browser.get("/leren/proef/twee")
    assert "Dit gaat open als je eerst dit klaar hebt: Les over een" in page.text
    assert page.select_one(".note a")["href"] == "/leren/proef/een"
    assert not page.find(id="kies")
    sent = {"keuze": "b", "form_id": "a" * 32}
    assert "eerst dit klaar" in browser.post("/leren/proef/twee/kies", sent, status=409).text
    assert count(session, ResponseEvent) == 0
    browser.post("/leren/proef/een/kies", sent)
    browser.post("/leren/proef/twee/kies", sent)
    assert browser.get("/leren/proef/twee").find(id="kies")


def test_what_was_typed_when_a_lesson_closed_is_shown_again(browser: Browser, session: Session):
    yesterday = (now() - timedelta(days=1)).date()
    publish(session, make_course(lessons=(make_lesson("een", "1.1", *QUESTIONS, closes_on=yesterday),)))
    browser.sign_in(make_account(session)).post("/leren/proef")
    page = browser.get("/leren/proef/een")
    assert "Lezen kan nog" in page.text
    again = browser.submit(page, "[id=waar] form", status=422, keuze="juist", reden="Mijn reden")
    assert "Lezen kan nog" in again.find(id="waar").text
    assert again.select_one("[name=reden]").text.strip() == "Mijn reden"
    browser.submit(page, "[id=notitie] form", status=422, tekst="Mijn notitie")
    assert count(session, ResponseEvent) == 0


def test_a_module_that_is_not_open_cannot_be_begun(session: Session, viewer: Viewer):
    publish(
        session, make_course(key="eerst", title="Eerst dit", lessons=(make_lesson("een", "1.1", CHOICE),))
    )
    publish(session, make_course(after=("eerst",)))
    with pytest.raises(Conflict, match="Eerst dit"):
        enrol(session, viewer, "proef", MOMENT)
    answer(session, viewer, Address("eerst", "een", "kies"), RIGHT["kies"], "a" * 32, MOMENT)
    enrol(session, viewer, "proef", MOMENT)
    publish(session, make_course(key="later", opens_on=date(2099, 1, 1)))
    with pytest.raises(Conflict, match="1 januari 2099"):
        enrol(session, viewer, "later", MOMENT)
    with pytest.raises(Incomplete):
        give(session, viewer, "kies", {})
    assert count(session, Enrolment) == 2


# ── doctor ──


def test_doctor_finds_nothing_wrong_with_what_the_services_keep(session: Session, viewer: Viewer):
    publish(session, make_course())
    for question in QUESTIONS:
        give(session, viewer, question.key, WRONG[question.key])
        give(session, viewer, question.key, RIGHT[question.key])
    save_note(session, viewer, Address("proef", "een", "notitie"), "Een spanning", MOMENT)
    mark_read(session, viewer, "proef", "drie", MOMENT)
    start_check(session, viewer, Address("proef", "twee", "eindtoets"), MOMENT)
    hand_in(session, viewer, GoAddress("proef", "twee", "eindtoets", 1), {}, MOMENT)
    session.flush()
    assert list(differences(session)) == []


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        (LessonProgress, {"answered_count": 5}, "geteld (6, 6, 6.0)"),
        (LessonProgress, {"score_sum": 7.0}, "bewaard (6, 6, 7.0)"),
        (LessonProgress, {"share": 1.2}, "het aandeel is 1.20"),
        (LessonProgress, {"done_at": None, "share": 0.5}, "voldoet aan alle regels"),
        (Response, {"given": {"options": ["a"]}}, "niet het laatste"),
        (Response, {"tries": 0}, "niet het laatste"),
    ],
)
def test_doctor_says_what_does_not_follow(
    session: Session, viewer: Viewer, table: Any, values: dict[str, Any], said: str
):
    publish(session, make_course())
    for question in QUESTIONS:
        give(session, viewer, question.key, RIGHT[question.key])
    session.flush()
    for name, value in values.items():
        setattr(session.exec(select(table)).first(), name, value)
    session.flush()
    found = list(differences(session))
    assert any(said in each.what for each in found), found
    assert found[0].lesson_key == "een"


def test_doctor_sees_progress_out_of_nothing_and_evidence_without_progress(session: Session, viewer: Viewer):
    publish(session, make_course())
    enrolment = enrol(session, viewer, "proef", MOMENT)
    session.add(
        LessonProgress(
            enrolment_id=enrolment.id, lesson_key="twee", question_count=1, started_at=MOMENT, last_active_at=MOMENT,
            done_at=MOMENT, share=1.0,
        )
    )  # fmt: skip
    attempt = Attempt(
        enrolment_id=enrolment.id, version_id=enrolment.version_id, lesson_key="een", started_at=MOMENT
    )
    session.add(attempt)
    session.flush()
    session.add(
        Response(attempt_id=attempt.id, block_key="kies", given={"options": ["b"]}, last_score=1, best_score=1, tries=1,
                 answered_at=MOMENT)
    )  # fmt: skip
    session.flush()
    assert {(each.lesson_key, each.what) for each in differences(session)} == {
        ("een", "er is iets gedaan, maar de les is niet begonnen"),
        ("twee", "de les is klaar, maar er is niets gedaan"),
    }


def test_doctor_asks_no_more_when_there_are_more_people(session: Session):
    publish(session, make_course())
    taken = []
    for _ in range(2):
        for _ in range(3):
            give(session, viewer_for(make_account(session)), "kies", RIGHT["kies"])
        session.flush()
        with counted_queries(session) as queries:
            assert list(differences(session)) == []
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_the_page_tells_why_and_since_when(session: Session, viewer: Viewer):
    one_lesson(session, Passed(percent=80), Read())
    give(session, viewer, "kies", RIGHT["kies"], submission=uuid4().hex)
    reasons = lesson_state(session, viewer, "proef", "een").reasons
    assert reasons is not None
    assert [(r["rule"]["type"], r["is_met"], r["have"], r["need"]) for r in reasons] == [
        ("passed", True, 100, 80),
        ("read", False, 0, 1),
    ]


# ── one's own data ──


def test_ones_own_can_be_taken_along_and_erased_and_nobody_elses(session: Session, viewer: Viewer):
    publish(session, make_course())
    other = viewer_for(make_account(session))
    for who in (viewer, other):
        give(session, who, "kies", WRONG["kies"])
        give(session, who, "kies", RIGHT["kies"])
        save_note(session, who, Address("proef", "een", "notitie"), "Een spanning", MOMENT)
        start_check(session, who, Address("proef", "twee", "eindtoets"), MOMENT)
        hand_in(session, who, GoAddress("proef", "twee", "eindtoets", 1), {}, MOMENT)
        attended(session, who.id, "actiedag", DAY, MOMENT)
    session.flush()
    taken = own_answers.export_of(session, viewer.id)
    assert json.loads(json.dumps(taken)) == taken
    assert [m["module"] for m in taken["modules"]] == ["proef"]
    assert [a["given"] for a in taken["answers"]] == [
        {"options": ["a"]},
        {"options": ["b"]},
        {"text": "Een spanning"},
    ]
    assert {len(taken[name]) for name in ("lessons", "attempts")} == {2}
    assert taken["days"] == [{"series": "actiedag", "attended_on": "2026-11-25"}]
    assert str(viewer.id) not in json.dumps(taken)
    own_answers.erase(session, viewer.id)
    assert all(rows == [] for rows in own_answers.export_of(session, viewer.id).values())
    theirs = own_answers.export_of(session, other.id)
    assert [len(rows) for rows in theirs.values()] == [len(rows) for rows in taken.values()]
    assert list(differences(session)) == []
