"""Taking part in a course: begin, open a lesson, answer a question, keep a note.

Answers are only ever added; what follows from them (state, progress, where one was) is brought up to date in the same
transaction, with the enrolment locked (enrolments.py).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, case, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.block_types import Compare, Reflection, SelfRating
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.errors import Conflict, Forbidden, NotFound, SignInNeeded
from backend.language import gettext as _
from backend.learning import enrolments, notes, policy, tallies
from backend.learning.answers import look_twice
from backend.learning.check_standing import CheckStanding, standings_of
from backend.learning.completion import asks_to_read
from backend.learning.enrolments import Address as Address
from backend.learning.enrolments import Place, closed_at, find_place, require_open
from backend.learning.enrolments import enrol as enrol
from backend.learning.evidence import Gathered, add_the_rest
from backend.learning.grading import Answerable, Given, Incomplete, Submitted, grade, nothing, read_answer
from backend.learning.judging import begin_lesson, person_moved, progress_changed
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, Response
from backend.learning.progress import PROGRESS_COLUMNS, CourseProgress, kept_by_lesson, progress_of
from backend.learning.records import PRACTICE, Sheet, add_once, fingerprint, new_practice, progress_rows
from backend.learning.scenario_standing import ScenarioView, views_of
from backend.learning.shuffling import FOR_VISITORS, practice_seed
from backend.learning.tallies import Counts


@dataclass(frozen=True, slots=True)
class Result:
    """Where somebody stands with one block."""

    given: Given
    last_score: float | None
    best_score: float | None
    tries: int
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LessonState:
    """All that a lesson's page shows."""

    course: CourseDocument
    lesson: Lesson
    enrolment_id: UUID | None
    visited_key: str  # the lesson that was opened last
    progress: CourseProgress
    results: Mapping[str, Result]  # by block key
    seed: int = FOR_VISITORS  # of the order in which things are shown
    newer: int = 0  # a newer version that was not declined yet
    reasons: list[dict[str, Any]] | None = None  # as kept in LessonProgress
    read_at: datetime | None = None
    useful: int | None = None  # 1 to 4
    checks: Mapping[str, CheckStanding] = field(default_factory=dict)
    counts: Mapping[str, Counts] = field(default_factory=dict)  # how others answered, by block
    scenarios: Mapping[str, ScenarioView] = field(default_factory=dict)
    before: Mapping[str, Given] = field(
        default_factory=dict
    )  # first self-ratings, by key of the block that asks again
    noted: Collection[str] = ()  # blocks where this person has a note or a bookmark


_THIS_LESSON = col(LessonProgress.lesson_key) == bindparam("lesson_key")
_STATE = (
    select(
        col(Course.id).label("course_id"),
        col(Course.published_id),
        col(Enrolment.id).label("enrolment_id"),
        col(Enrolment.declined_version_id),
        *PROGRESS_COLUMNS,
        case((_THIS_LESSON, col(LessonProgress.reasons))).label("reasons"),
        case((_THIS_LESSON, col(LessonProgress.read_at))).label("read_at"),
        case((_THIS_LESSON, col(LessonProgress.useful))).label("useful"),
    )
    .select_from(Course)
    .outerjoin(
        Enrolment,
        (col(Enrolment.course_id) == Course.id) & (col(Enrolment.account_id) == bindparam("account_id")),
    )
    .outerjoin(LessonProgress, col(LessonProgress.enrolment_id) == Enrolment.id)
    .where(col(Course.key) == bindparam("course_key"))
)
_RESULTS = (
    select(
        col(Response.block_key),
        col(Response.given),
        col(Response.last_score),
        col(Response.best_score),
        col(Response.tries),
        col(Response.answered_at),
    )
    .join(Attempt, col(Attempt.id) == Response.attempt_id)
    .where(
        col(Attempt.enrolment_id) == bindparam("enrolment_id"),
        col(Attempt.lesson_key) == bindparam("lesson_key"),
        col(Attempt.check_key) == PRACTICE,
    )
)


def lesson_state(session: Session, viewer: Viewer | None, course_key: str, lesson_key: str) -> LessonState:
    """A lesson as this person sees it, in the version they began with. Three queries, once the document is cached.

    One more for each of: checks, scenarios, how others answered, an earlier self-rating in another lesson.
    Raises NotFound; SignInNeeded or Forbidden for a lesson that is for members.
    """
    member = viewer if policy.can_learn(viewer) else None
    rows = session.execute(
        _STATE,
        {"course_key": course_key, "lesson_key": lesson_key, "account_id": member.id if member else None},
    ).all()
    first = rows[0] if rows else None
    version_id = (first.version_id or first.published_id) if first else None
    if first is None or version_id is None:
        raise NotFound(_("Deze module bestaat niet, of nog niet."))
    course = courses.version_document(session, version_id)
    lesson = course.lesson(lesson_key)
    if lesson is None:
        raise NotFound(_("Deze les bestaat niet, of niet meer."))
    _require_entrance(viewer, course, lesson)
    progress = progress_of(course, kept_by_lesson(list(rows)), first)
    seed = practice_seed(member.id, lesson_key) if member else FOR_VISITORS
    noted = notes.keys_in(session, member.id, course_key, lesson_key) if member else ()
    if first.enrolment_id is None:
        scenarios = views_of(session, course, lesson, None)
        return LessonState(course, lesson, None, "", progress, {}, seed, scenarios=scenarios, noted=noted)
    results = _results(session, first.enrolment_id, lesson_key)
    counted = [key for key in tallies.counted_in(lesson) if key in results]
    this = next((row for row in rows if row.progress_key == lesson_key), None)
    return LessonState(
        course,
        lesson,
        first.enrolment_id,
        first.lesson_key,
        progress,
        results,
        seed,
        newer=first.published_id if first.published_id not in (version_id, first.declined_version_id) else 0,
        reasons=this.reasons if this else None,
        read_at=this.read_at if this else None,
        useful=this.useful if this else None,
        checks=standings_of(session, first.enrolment_id, lesson) if lesson.checks else {},
        counts=tallies.counts_of(session, first.course_id, lesson_key, counted),
        scenarios=views_of(session, course, lesson, first.enrolment_id),
        before=_before(session, first, lesson, results),
        noted=noted,
    )


def _require_entrance(viewer: Viewer | None, course: CourseDocument, lesson: Lesson) -> None:
    if policy.can_open(viewer, course, lesson):
        return
    if viewer is None:
        raise SignInNeeded
    raise Forbidden(
        _("Een mentor bekijkt je aanvraag nog. Intussen kun je de eerste les van elke module al lezen.")
    )


def _results(session: Session, enrolment_id: UUID, lesson_key: str) -> dict[str, Result]:
    kept = session.execute(_RESULTS, {"enrolment_id": enrolment_id, "lesson_key": lesson_key})
    return {row.block_key: Result(*row[1:]) for row in kept}


def _before(
    session: Session, first: Row[Any], lesson: Lesson, results: Mapping[str, Result]
) -> dict[str, Given]:
    """What somebody said of themselves the first time, for every block that asks it again."""
    found: dict[str, Given] = {}
    elsewhere: dict[str, Mapping[str, Result]] = {lesson.key: results}
    for block in lesson.blocks.values():
        if isinstance(block, SelfRating) and block.before:
            key = block.before_lesson or lesson.key
            if key not in elsewhere:
                elsewhere[key] = _results(session, first.enrolment_id, key)
            if block.before in elsewhere[key]:
                found[block.key] = elsewhere[key][block.before].given
    return found


def try_out(question: Answerable, submitted: Submitted) -> Result:
    """Grade an answer that is not kept: for visitors and applicants in a first lesson. Raises Incomplete."""
    given = read_answer(question, submitted)
    score = grade(question, given)
    return Result(given, score, score, 1)


def start(session: Session, viewer: Viewer, course_key: str, now: datetime) -> tuple[str, str]:
    """Begin, or go on: the lesson and the block to open."""
    enrolment = enrol(session, viewer, course_key, now)
    course = courses.version_document(session, enrolment.version_id)
    progress = progress_of(course, progress_rows(session, enrolment.id), enrolment)
    return progress.resume_lesson, progress.resume_block


def answer(
    session: Session, viewer: Viewer, address: Address, submitted: Submitted, submission: str, now: datetime
) -> float | None:
    """Keep an answer and grade it; gives its score, None where nothing is right or wrong.

    Raises Incomplete before anything is kept. The same submission with the same answer, sent twice, counts once.
    """
    place = find_place(session, viewer, address, now)
    block = place.block(address.block_key)
    if not isinstance(block, Answerable):
        raise NotFound(_("Deze vraag bestaat niet, of niet meer."))
    given = read_answer(block, submitted)
    _require_open(place, given, now)
    score = grade(block, given)
    sheet = place.practice or new_practice(session, place.enrolment, place.lesson.key, now)
    before = sheet.responses.get(block.key)
    event = sheet.note(block.key, EventKind.ANSWERED, given, score, now)
    event.submission = fingerprint(submission, place.lesson.key, block.key, given)
    if not add_once(session, event):
        return score
    where = (place.enrolment.course_id, place.lesson.key)
    tallies.count(session, where, block, before.given if before else None, given)
    sheet.follow(session, event)
    row = _moved(session, place, sheet, block.key, now)
    if score is not None and row.done_at is None:
        row.tries_below = 0 if score == 1 else row.tries_below + 1
    return score


def save_draft(
    session: Session, viewer: Viewer, address: Address, submitted: Submitted, now: datetime
) -> None:
    """Keep a text to compare while it is being written. It does not count yet, and shows no model answer."""
    place = find_place(session, viewer, address, now)
    block = place.block(address.block_key)
    if not isinstance(block, Compare):
        raise NotFound(_("Deze vraag bestaat niet, of niet meer."))
    try:
        given = read_answer(block, submitted)
    except Incomplete as incomplete:
        if not incomplete.is_partial:
            raise
        given = incomplete.given
    _require_open(place, given, now)
    sheet = place.practice or new_practice(session, place.enrolment, place.lesson.key, now)
    before = sheet.responses.get(block.key)
    if given == (before.given if before else nothing(block)):
        return
    event = sheet.note(block.key, EventKind.SAVED, given, None, now)
    session.add(event)
    sheet.follow(session, event)
    _moved(session, place, sheet, block.key, now)


def save_note(
    session: Session, viewer: Viewer, address: Address, text: str, now: datetime, *, is_meant: bool = False
) -> None:
    """Keep a private note. Saving what is kept already changes nothing, so a repeat is harmless.

    Raises MayTell, unless `is_meant`: the writer saw what may tell who somebody is, and keeps it.
    """
    place = find_place(session, viewer, address, now)
    block = place.block(address.block_key)
    if not isinstance(block, Reflection):
        raise NotFound(_("Hier kun je geen notitie bewaren."))
    _require_open(place, {"text": text}, now)
    before = place.practice.responses.get(block.key) if place.practice else None
    kept = before.given["text"] if before else ""
    if text == kept:
        return
    if not is_meant:
        look_twice(text, kept, {"text": text})
    sheet = place.practice or new_practice(session, place.enrolment, place.lesson.key, now)
    event = sheet.note(block.key, EventKind.SAVED, {"text": text}, None, now)
    session.add(event)
    sheet.follow(session, event)
    _moved(session, place, sheet, block.key, now)


def _moved(session: Session, place: Place, sheet: Sheet, block_key: str, now: datetime) -> LessonProgress:
    place.enrolment.lesson_key, place.enrolment.block_key = place.lesson.key, block_key
    mine = Gathered(list(sheet.responses.values()))
    if row := place.rows.get(place.lesson.key):  # else there is nothing yet but this
        mine.read_at = row.read_at
        found = {place.enrolment.id: mine}
        with session.no_autoflush:  # what is about to be written says nothing of checks, cases and days
            add_the_rest(session, col(Enrolment.id) == place.enrolment.id, place.lesson, found)
    return person_moved(
        session,
        place.enrolment,
        place.course,
        place.rows,
        (place.lesson, mine.evidence(place.lesson)),
        now,
    )


def _require_open(place: Place, given: Given, now: datetime) -> None:
    """What was typed in a lesson that is over meanwhile is shown again; a lesson that is not open yet shows nothing."""
    closed = closed_at(place, now)
    if closed is not None and closed.hides:
        raise Conflict(closed.text)
    if closed is not None:
        raise Incomplete(closed.text, given)


def visit(session: Session, viewer: Viewer, course_key: str, lesson_key: str, now: datetime) -> None:
    """Note that somebody who takes part opened another lesson than the last time: they resume there."""
    enrolment = enrolments.lock(session, viewer, course_key)
    if enrolment is None or enrolment.lesson_key == lesson_key:
        return
    course = courses.version_document(session, enrolment.version_id)
    if course.lesson(lesson_key) is not None:
        enrolment.lesson_key, enrolment.block_key, enrolment.last_active_at = lesson_key, "", now


def mark_read(session: Session, viewer: Viewer, course_key: str, lesson_key: str, now: datetime) -> None:
    """Somebody says that they read a lesson: what the rule `read` asks."""
    place = find_place(session, viewer, Address(course_key, lesson_key, ""), now)
    if not asks_to_read(place.lesson):
        raise NotFound(_("Deze les vraagt iets anders dan lezen."))
    require_open(place, now)
    row = begin_lesson(session, place.enrolment, place.lesson, now)
    row.read_at = row.read_at or now
    place.enrolment.lesson_key, place.enrolment.block_key = place.lesson.key, ""
    progress_changed(session, place.enrolment, place.course, place.lesson, now)


def rate(
    session: Session, viewer: Viewer, course_key: str, lesson_key: str, useful: int, now: datetime
) -> None:
    """How useful a lesson was for one's work, 1 to 4. May be said again. Only by who did something in it."""
    place = find_place(session, viewer, Address(course_key, lesson_key, ""), now)
    row = place.rows.get(lesson_key)
    if row is None:
        raise Conflict(_("Begin eerst aan deze les. Daarna kun je zeggen of ze bruikbaar was."))
    row.useful = useful
