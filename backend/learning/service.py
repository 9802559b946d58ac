"""Taking part in a course: begin, open a lesson, answer a question, keep a note.

Answers are only ever added; what follows from them (results, progress, where one was) is brought up to date in the same
transaction. Everything that changes locks the enrolment first, so that two devices at once count as one after the other.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.block_types import AnyBlock, Question, Reflection
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.errors import Forbidden, NotFound, SignInNeeded
from backend.language import gettext as _
from backend.learning import policy
from backend.learning.grading import Given, Submitted, grade, read_answer
from backend.learning.models import PASS, BlockResult, Enrolment, LessonProgress, Response
from backend.learning.progress import PROGRESS_COLUMNS, CourseProgress, kept_by_lesson, progress_of


class Address(NamedTuple):
    """Where a block is: keys that are for ever."""

    course_key: str
    lesson_key: str
    block_key: str


@dataclass(frozen=True, slots=True)
class Result:
    """Where somebody stands with one block."""

    given: Given
    last_score: float | None
    best_score: float | None
    attempts: int
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


_STATE = (
    select(
        col(Course.published_id),
        col(Enrolment.id).label("enrolment_id"),
        *PROGRESS_COLUMNS,
    )
    .select_from(Course)
    .outerjoin(
        Enrolment,
        (col(Enrolment.course_id) == Course.id) & (col(Enrolment.account_id) == bindparam("account_id")),
    )
    .outerjoin(LessonProgress, col(LessonProgress.enrolment_id) == Enrolment.id)
    .where(col(Course.key) == bindparam("course_key"))
)
_RESULTS = select(
    col(BlockResult.block_key),
    col(BlockResult.given),
    col(BlockResult.last_score),
    col(BlockResult.best_score),
    col(BlockResult.attempts),
    col(BlockResult.answered_at),
).where(
    col(BlockResult.enrolment_id) == bindparam("enrolment_id"),
    col(BlockResult.lesson_key) == bindparam("lesson_key"),
)


def lesson_state(session: Session, viewer: Viewer | None, course_key: str, lesson_key: str) -> LessonState:
    """A lesson as this person sees it, in the version they began with. Two queries, once the document is cached.

    Raises NotFound; SignInNeeded or Forbidden for a lesson that is for members.
    """
    member = viewer if policy.can_learn(viewer) else None
    rows = session.execute(
        _STATE, {"course_key": course_key, "account_id": member.id if member else None}
    ).all()
    first = rows[0] if rows else None
    version_id = (first.version_id or first.published_id) if first else None
    if first is None or version_id is None:
        raise NotFound(_("Deze module bestaat niet, of nog niet."))
    course = courses.version_document(session, version_id)
    lesson = course.lesson(lesson_key)
    if lesson is None:
        raise NotFound(_("Deze les bestaat niet, of niet meer."))
    if not policy.can_open(viewer, course, lesson):
        if viewer is None:
            raise SignInNeeded
        raise Forbidden(
            _("Een mentor bekijkt je aanvraag nog. Intussen kun je de eerste les van elke module al lezen.")
        )
    progress = progress_of(
        course,
        kept_by_lesson(list(rows)),
        at=(first.lesson_key or "", first.block_key or ""),
        completed_at=first.completed_at,
        last_active_at=first.last_active_at,
    )
    results = {}
    if first.enrolment_id is not None:
        kept = session.execute(_RESULTS, {"enrolment_id": first.enrolment_id, "lesson_key": lesson_key})
        results = {row.block_key: Result(*row[1:]) for row in kept}
    return LessonState(course, lesson, first.enrolment_id, first.lesson_key or "", progress, results)


def try_out(question: Question, submitted: Submitted) -> Result:
    """Grade an answer that is not kept: for visitors and applicants in a first lesson. Raises Incomplete."""
    given = read_answer(question, submitted)
    score = grade(question, given)
    return Result(given, score, score, 1)


def enrol(session: Session, viewer: Viewer, course_key: str, now: datetime) -> Enrolment:
    """Begin a course at the version that is published now. Whoever began already keeps their version."""
    return _enrol(session, viewer, course_key, now)[0]


def start(session: Session, viewer: Viewer, course_key: str, now: datetime) -> tuple[str, str]:
    """Begin, or go on: the lesson and the block to open."""
    enrolment = enrol(session, viewer, course_key, now)
    course = courses.version_document(session, enrolment.version_id)
    kept = _progress_rows(session, enrolment)
    progress = progress_of(course, kept, at=(enrolment.lesson_key, enrolment.block_key))
    return progress.resume_lesson, progress.resume_block


def answer(
    session: Session, viewer: Viewer, address: Address, submitted: Submitted, submission: str, now: datetime
) -> float:
    """Keep and grade an answer to a question; gives its score. Raises Incomplete before anything is kept.

    The same submission with the same answer, sent twice, counts once.
    """
    place = _find_place(session, viewer, address, now)
    if not isinstance(place.block, Question):
        raise NotFound(_("Deze vraag bestaat niet, of niet meer."))
    given = read_answer(place.block, submitted)
    score = grade(place.block, given)
    response = place.response(given, score, now)
    response.submission = _fingerprint(submission, address, given)
    if _add_once(session, response):
        _follow(session, place, _results(session, place), response)
    return score


def save_note(session: Session, viewer: Viewer, address: Address, text: str, now: datetime) -> None:
    """Keep a private note. Saving what is kept already changes nothing, so a repeat is harmless."""
    place = _find_place(session, viewer, address, now)
    if not isinstance(place.block, Reflection):
        raise NotFound(_("Hier kun je geen notitie bewaren."))
    results = _results(session, place)
    if text == (results[address.block_key].given["text"] if address.block_key in results else ""):
        return
    response = place.response({"text": text}, None, now)
    session.add(response)
    _follow(session, place, results, response)


def visit(session: Session, viewer: Viewer, course_key: str, lesson_key: str, now: datetime) -> None:
    """Note that somebody who takes part opened another lesson than the last time: they resume there."""
    enrolment = _lock_enrolment(session, viewer, course_key)
    if enrolment is None or enrolment.lesson_key == lesson_key:
        return
    course = courses.version_document(session, enrolment.version_id)
    lesson = course.lesson(lesson_key)
    if lesson is None:
        return
    enrolment.lesson_key, enrolment.block_key, enrolment.last_active_at = lesson_key, "", now
    if not lesson.questions:  # nothing to answer: read is done
        progress = _progress_rows(session, enrolment)
        row = progress.setdefault(lesson.key, _begin(enrolment, lesson, now))
        session.add(row)
        _finish(enrolment, course, progress, row, now)


# ── what follows from an answer ──


@dataclass(frozen=True, slots=True)
class _Place:
    """A block in the version that somebody follows. Their enrolment is locked until the transaction ends."""

    enrolment: Enrolment
    is_new: bool  # they began just now, so nothing was kept before
    course: CourseDocument
    lesson: Lesson
    block: AnyBlock

    def response(self, given: Given, score: float | None, now: datetime) -> Response:
        return Response(
            enrolment_id=self.enrolment.id,
            version_id=self.enrolment.version_id,
            lesson_key=self.lesson.key,
            block_key=self.block.key,
            submission=uuid4().hex,
            given=given,
            score=score,
            answered_at=now,
        )


def _find_place(session: Session, viewer: Viewer, address: Address, now: datetime) -> _Place:
    enrolment, is_new = _enrol(session, viewer, address.course_key, now)
    course = courses.version_document(session, enrolment.version_id)
    lesson = course.lesson(address.lesson_key)
    block = lesson.blocks.get(address.block_key) if lesson else None
    if lesson is None or block is None:
        raise NotFound(_("Deze vraag bestaat niet, of niet meer."))
    return _Place(enrolment, is_new, course, lesson, block)


def _enrol(session: Session, viewer: Viewer, course_key: str, now: datetime) -> tuple[Enrolment, bool]:
    """The enrolment, locked, and whether it is new."""
    if not policy.can_learn(viewer):
        raise Forbidden(_("Dit is voor leden. Een mentor bekijkt je aanvraag nog."))
    found = _lock_enrolment(session, viewer, course_key)
    if found is not None:
        return found, False
    course_id, version_id, _document = courses.published_version(session, course_key)
    new = Enrolment(
        account_id=viewer.id, course_id=course_id, version_id=version_id, started_at=now, last_active_at=now
    )
    if _add_once(session, new):
        return new, True
    found = _lock_enrolment(session, viewer, course_key)  # another device was just ahead
    assert found is not None  # noqa: S101 - the constraint refused because it is there
    return found, False


def _lock_enrolment(session: Session, viewer: Viewer, course_key: str) -> Enrolment | None:
    """Waits for another device of the same person. (SQLite locks the whole database when a change begins.)"""
    return session.scalars(
        select(Enrolment)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(col(Course.key) == course_key, col(Enrolment.account_id) == viewer.id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _progress_rows(session: Session, enrolment: Enrolment) -> dict[str, LessonProgress]:
    rows = session.scalars(select(LessonProgress).where(col(LessonProgress.enrolment_id) == enrolment.id))
    return {row.lesson_key: row for row in rows}


def _results(session: Session, place: _Place) -> dict[str, BlockResult]:
    """What is kept for each block of the lesson."""
    if place.is_new:
        return {}
    rows = session.scalars(
        select(BlockResult).where(
            col(BlockResult.enrolment_id) == place.enrolment.id,
            col(BlockResult.lesson_key) == place.lesson.key,
        )
    )
    return {row.block_key: row for row in rows}


def _fingerprint(submission: str, address: Address, given: Given) -> str:
    """A form sent again from the browser's history with another answer is another answer."""
    content = json.dumps([submission, address.lesson_key, address.block_key, given], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _add_once(session: Session, row: SQLModel) -> bool:
    """False when a unique constraint says that it is there already."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True


def _follow(session: Session, place: _Place, results: dict[str, BlockResult], response: Response) -> None:
    """Bring result, progress and place up to date with a new response."""
    progress = {} if place.is_new else _progress_rows(session, place.enrolment)
    result = results.get(response.block_key)
    if result is None:
        result = BlockResult(
            enrolment_id=place.enrolment.id,
            lesson_key=place.lesson.key,
            block_key=place.block.key,
            given={},
            attempts=0,
            answered_at=response.answered_at,
        )
        session.add(result)
        results[place.block.key] = result
    result.given, result.last_score, result.answered_at = response.given, response.score, response.answered_at
    result.attempts += 1
    if response.score is not None:
        result.best_score = max(result.best_score or 0.0, response.score)
    row = progress.setdefault(place.lesson.key, _begin(place.enrolment, place.lesson, response.answered_at))
    session.add(row)
    best = [
        each.best_score
        for key, each in results.items()
        if key in place.lesson.questions and each.best_score is not None
    ]
    row.answered_count, row.score_sum = len(best), sum(best)
    if response.score is not None:
        row.tries_below = 0 if response.score == 1 else row.tries_below + 1
    _finish(place.enrolment, place.course, progress, row, response.answered_at)
    place.enrolment.lesson_key, place.enrolment.block_key = place.lesson.key, place.block.key


def _begin(enrolment: Enrolment, lesson: Lesson, now: datetime) -> LessonProgress:
    return LessonProgress(
        enrolment_id=enrolment.id,
        lesson_key=lesson.key,
        question_count=len(lesson.questions),
        answered_count=0,
        score_sum=0.0,
        tries_below=0,
        started_at=now,
        last_active_at=now,
    )


def _finish(
    enrolment: Enrolment,
    course: CourseDocument,
    progress: Mapping[str, LessonProgress],
    row: LessonProgress,
    now: datetime,
) -> None:
    """Is the lesson done now, and with it the course? What is done stays done."""
    enrolment.last_active_at = row.last_active_at = now
    is_enough = row.score_sum >= PASS * row.question_count - 1e-9  # sums of floats
    if row.done_at is None and row.answered_count == row.question_count and is_enough:
        row.done_at = now
    if row.done_at is not None:
        row.tries_below = 0  # who finished is not stuck
    done = {key for key, each in progress.items() if each.done_at is not None}
    if enrolment.completed_at is None and all(lesson.key in done for lesson in course.lessons):
        enrolment.completed_at = now
