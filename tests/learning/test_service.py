"""Taking part: what is kept, what counts, when a lesson is done."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from backend.auth.models import Account, AccountStatus, Viewer
from backend.db import now
from backend.errors import Forbidden, NotFound, SignInNeeded
from backend.learning.grading import Incomplete
from backend.learning.models import Enrolment, EventKind, LessonProgress, Response, ResponseEvent
from backend.learning.progress import overview
from backend.learning.service import (
    Address,
    answer,
    enrol,
    lesson_state,
    mark_read,
    save_note,
    start,
    visit,
)
from tests.browser import counted_queries
from tests.factories import make_account
from tests.learning.documents import CHOICE, QUESTIONS, RIGHT, WRONG, make_course, make_lesson, publish

MOMENT = now()


def viewer_for(account: Account) -> Viewer:
    return Viewer(
        id=account.id, session_id=uuid4(), name=account.name, email=account.email, status=account.status,
        language="nl", organisation_id=None, organisation_name="", municipality_nis=None, region_key=None,
        grants=(), seen_at=MOMENT,
    )  # fmt: skip


@pytest.fixture
def viewer(session: Session) -> Viewer:
    return viewer_for(make_account(session))


def give(
    session: Session,
    viewer: Viewer,
    block: str,
    sent: dict[str, list[str]],
    *,
    lesson: str = "een",
    submission: str = "",
    at: datetime = MOMENT,
) -> float:
    return (
        answer(session, viewer, Address("proef", lesson, block), sent, submission or uuid4().hex, at) or 0.0
    )


def finish(session: Session, viewer: Viewer, lesson: str = "een") -> None:
    for question in QUESTIONS if lesson == "een" else (CHOICE,):
        give(session, viewer, question.key, RIGHT[question.key], lesson=lesson)


def progress(session: Session, viewer: Viewer, lesson: str = "een") -> LessonProgress:
    session.flush()
    return session.exec(
        select(LessonProgress)
        .join(Enrolment, col(Enrolment.id) == LessonProgress.enrolment_id)
        .where(Enrolment.account_id == viewer.id, LessonProgress.lesson_key == lesson)
    ).one()


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_beginning_twice_is_beginning_once(session: Session, viewer: Viewer):
    version = publish(session, make_course())
    first = enrol(session, viewer, "proef", MOMENT)
    assert first.version_id == version
    assert enrol(session, viewer, "proef", MOMENT + timedelta(days=1)).id == first.id
    assert count(session, Enrolment) == 1


def test_the_first_answer_begins_the_module(session: Session, viewer: Viewer):
    publish(session, make_course())
    assert give(session, viewer, "kies", RIGHT["kies"]) == 1
    assert count(session, Enrolment) == 1


def test_every_answer_stays_and_the_best_one_counts(session: Session, viewer: Viewer):
    publish(session, make_course())
    scores = [
        give(session, viewer, "kies", sent) for sent in (WRONG["kies"], RIGHT["kies"], {"keuze": ["c"]})
    ]
    assert scores == [0, 1, 0]
    kept = session.exec(select(ResponseEvent).order_by(col(ResponseEvent.id))).all()
    assert [r.given["options"] for r in kept] == [["a"], ["b"], ["c"]]
    assert {r.kind for r in kept} == {EventKind.ANSWERED}
    result = session.exec(select(Response)).one()
    assert (result.given, result.last_score, result.best_score, result.tries) == ({"options": ["c"]}, 0, 1, 3)
    assert progress(session, viewer).score_sum == 1


def test_the_same_form_sent_twice_counts_once(session: Session, viewer: Viewer):
    publish(session, make_course())
    for _ in range(2):
        give(session, viewer, "kies", WRONG["kies"], submission="a" * 32)
    assert count(session, ResponseEvent) == 1
    assert session.exec(select(Response)).one().tries == 1
    assert progress(session, viewer).tries_below == 1


def test_another_answer_in_the_same_form_is_another_answer(session: Session, viewer: Viewer):
    """Back in the browser, choose again, send: the form still has its old id."""
    publish(session, make_course())
    give(session, viewer, "kies", WRONG["kies"], submission="a" * 32)
    assert give(session, viewer, "kies", RIGHT["kies"], submission="a" * 32) == 1
    assert count(session, ResponseEvent) == 2


def test_answers_are_never_changed_or_removed(session: Session, viewer: Viewer) -> None:
    """A trigger refuses any change, so whatever people do below only adds rows."""
    publish(session, make_course())
    forbid_changes(session)
    finish(session, viewer)
    give(session, viewer, "kies", WRONG["kies"])
    for words in ("een", "een twee", ""):
        save_note(session, viewer, Address("proef", "een", "notitie"), words, MOMENT)
    session.flush()
    assert count(session, ResponseEvent) == len(QUESTIONS) + 4
    with pytest.raises(DatabaseError), session.begin_nested():  # the guard itself works
        session.exec(select(ResponseEvent).limit(1)).one().score = 0.5


def forbid_changes(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        raises = "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql"
        session.execute(text(raises))
        what = "EXECUTE FUNCTION refuse()"
    else:
        what = "BEGIN SELECT RAISE(ABORT, 'no'); END"
    for change in ("UPDATE", "DELETE"):
        each = "FOR EACH ROW" if "FUNCTION" in what else ""
        session.execute(text(f"CREATE TRIGGER no_{change} BEFORE {change} ON response_event {each} {what}"))


def test_a_lesson_is_done_when_all_is_answered_and_the_average_is_high_enough(
    session: Session, viewer: Viewer
):
    publish(session, make_course())
    for question in QUESTIONS[:-1]:
        give(session, viewer, question.key, RIGHT[question.key])
    assert progress(session, viewer).done_at is None, "one question is still open"
    give(session, viewer, "sorteer", WRONG["sorteer"])
    assert progress(session, viewer).done_at == MOMENT


def test_below_seventy_percent_a_lesson_is_not_done(session: Session, viewer: Viewer):
    publish(session, make_course())
    for question in QUESTIONS:
        give(session, viewer, question.key, WRONG[question.key])
    row = progress(session, viewer)
    assert row.done_at is None
    assert row.answered_count == len(QUESTIONS)
    assert row.tries_below == len(QUESTIONS)
    finish(session, viewer)
    assert progress(session, viewer).done_at == MOMENT


def test_exactly_seventy_percent_is_enough(session: Session, viewer: Viewer):
    """Ten questions, seven right: the average of floats must not fall just below."""
    questions = [CHOICE.model_copy(update={"key": f"kies{n}"}) for n in range(10)]
    publish(session, make_course(lessons=(make_lesson("een", "1.1", *questions),)))
    for n, question in enumerate(questions):
        give(session, viewer, question.key, RIGHT["kies"] if n < 7 else WRONG["kies"])
    assert progress(session, viewer).done_at is not None


def test_done_is_never_taken_away(session: Session, viewer: Viewer):
    publish(session, make_course())
    finish(session, viewer)
    for question in QUESTIONS:
        give(session, viewer, question.key, WRONG[question.key], at=MOMENT + timedelta(days=1))
    row = progress(session, viewer)
    assert row.done_at == MOMENT
    assert row.tries_below == 0, "who finished is not stuck"


def test_a_right_answer_ends_a_row_of_wrong_ones(session: Session, viewer: Viewer):
    publish(session, make_course())
    for sent in (["a"], ["c"], ["a"]):
        give(session, viewer, "kies", {"keuze": sent})
    assert progress(session, viewer).tries_below == 3
    give(session, viewer, "kies", RIGHT["kies"])
    assert progress(session, viewer).tries_below == 0


def test_the_module_is_complete_when_every_lesson_is(session: Session, viewer: Viewer):
    publish(session, make_course())
    enrolment = enrol(session, viewer, "proef", MOMENT)
    finish(session, viewer)
    mark_read(session, viewer, "proef", "drie", MOMENT)  # nothing to answer: read is done
    assert enrolment.completed_at is None
    finish(session, viewer, "twee")
    assert enrolment.completed_at == MOMENT


def test_one_resumes_at_the_last_answer_and_after_a_finished_lesson_at_the_next(
    session: Session, viewer: Viewer
):
    publish(session, make_course())
    assert start(session, viewer, "proef", MOMENT) == ("een", "")
    give(session, viewer, "meer", WRONG["meer"])
    assert start(session, viewer, "proef", MOMENT) == ("een", "meer")
    visit(session, viewer, "proef", "twee", MOMENT)
    assert start(session, viewer, "proef", MOMENT) == ("twee", "")
    finish(session, viewer, "twee")
    assert start(session, viewer, "proef", MOMENT) == ("drie", "")


def test_opening_a_lesson_does_not_begin_the_module(session: Session, viewer: Viewer):
    publish(session, make_course())
    visit(session, viewer, "proef", "een", MOMENT)
    assert count(session, Enrolment) == 0


def test_a_note_is_kept_every_time_it_changes(session: Session, viewer: Viewer):
    publish(session, make_course())
    for words in ("Handelaars", "Handelaars", "Handelaars en fietsers", "Handelaars"):
        save_note(session, viewer, Address("proef", "een", "notitie"), words, MOMENT)
    kept = session.exec(select(ResponseEvent).order_by(col(ResponseEvent.id))).all()
    assert [r.given["text"] for r in kept] == ["Handelaars", "Handelaars en fietsers", "Handelaars"]
    assert [(r.kind, r.score) for r in kept] == [(EventKind.SAVED, None)] * 3
    state = lesson_state(session, viewer, "proef", "een")
    assert state.results["notitie"].given == {"text": "Handelaars"}
    assert progress(session, viewer).answered_count == 0, "a note is not an answer"


def test_what_does_not_exist_is_not_found_and_begins_nothing(session: Session, viewer: Viewer):
    with pytest.raises(NotFound):
        give(session, viewer, "kies", RIGHT["kies"])
    publish(session, make_course())
    for lesson, block in (
        ("een", "zz"),
        ("zz", "kies"),
        ("een", "notitie"),
        ("een", "t-1"),
        ("twee", "meer"),
    ):
        with pytest.raises(NotFound):
            give(session, viewer, block, RIGHT["kies"], lesson=lesson)
    for lesson, block in (("een", "kies"), ("een", "zz")):
        with pytest.raises(NotFound):
            save_note(session, viewer, Address("proef", lesson, block), "tekst", MOMENT)
    with pytest.raises(Incomplete):
        give(session, viewer, "kies", {})
    assert count(session, Response) == 0


def test_only_members_take_part(session: Session):
    publish(session, make_course())
    applicant = viewer_for(make_account(session, status=AccountStatus.APPLICANT))
    with pytest.raises(Forbidden):
        give(session, applicant, "kies", RIGHT["kies"])
    with pytest.raises(Forbidden):
        save_note(session, applicant, Address("proef", "een", "notitie"), "tekst", MOMENT)
    with pytest.raises(Forbidden):
        lesson_state(session, applicant, "proef", "twee")
    assert lesson_state(session, applicant, "proef", "een").results == {}
    with pytest.raises(SignInNeeded):
        lesson_state(session, None, "proef", "twee")
    assert lesson_state(session, None, "proef", "een").results == {}
    assert count(session, Enrolment) == 0


def test_who_began_keeps_the_version(session: Session, viewer: Viewer):
    publish(session, make_course())
    give(session, viewer, "kies", RIGHT["kies"])
    newer = make_course(title="Nieuwe titel", lessons=make_course().lessons[1:])
    publish(session, newer)
    assert lesson_state(session, viewer, "proef", "een").course.title == "Proefmodule"
    assert give(session, viewer, "meer", RIGHT["meer"]) == 1
    other = viewer_for(make_account(session))
    assert lesson_state(session, other, "proef", "twee").course.title == "Nieuwe titel"
    with pytest.raises(NotFound):
        lesson_state(session, other, "proef", "een")
    assert overview(session, viewer.id)["proef"].lesson_count == 3


def test_the_overview_tells_how_far_somebody_is(session: Session, viewer: Viewer):
    publish(session, make_course())
    publish(session, make_course(key="ander"))
    assert overview(session, viewer.id) == {}
    finish(session, viewer, "twee")
    for question in QUESTIONS[:3]:
        give(session, viewer, question.key, RIGHT[question.key])
    far = overview(session, viewer.id)["proef"]
    assert far.states == {"een": "busy", "twee": "done", "drie": "new"}
    assert (far.lessons_done, far.lesson_count, far.percent) == (1, 3, 50)
    assert far.minutes_left == 4 + 0 + 8
    assert far.lessons["een"].open_count == 3
    assert (far.resume_lesson, far.resume_block) == ("een", "waar")
    assert list(overview(session, viewer.id)) == ["proef"]
    assert overview(session, make_account(session).id) == {}


def test_hundred_percent_means_everything_is_done(session: Session, viewer: Viewer):
    publish(session, make_course(lessons=(make_lesson("een", "1.1", CHOICE),)))
    give(session, viewer, "kies", WRONG["kies"])
    assert overview(session, viewer.id)["proef"].percent == 90
    give(session, viewer, "kies", RIGHT["kies"])
    far = overview(session, viewer.id)["proef"]
    assert (far.percent, far.minutes_left, far.completed_at) == (100, 0, MOMENT)
    assert far.resume_lesson == "een"


def test_reading_takes_three_queries_and_the_overview_one_however_much_there_is(
    session: Session, viewer: Viewer
):
    publish(session, make_course())
    lesson_state(session, viewer, "proef", "een")
    for _ in range(3):
        finish(session, viewer_for(make_account(session)))
    finish(session, viewer)
    session.flush()
    session.expunge_all()
    with counted_queries(session) as queries:
        lesson_state(session, viewer, "proef", "een")
    assert len(queries) == 3
    with counted_queries(session) as queries:
        overview(session, viewer.id)
    assert len(queries) == 1
