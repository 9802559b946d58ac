"""Is what is kept what follows from the evidence? Worked out again for everybody, for `doctor`. Only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Text, case, cast, func, or_, select
from sqlmodel import Session, col

from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.learning.completion import Evidence, complete, complete_course
from backend.learning.evidence import gather
from backend.learning.judging import CHUNK, facts
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, Response, ResponseEvent

NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """`what`: in words for the operator; names nobody."""

    enrolment_id: UUID
    lesson_key: str
    what: str


def differences(session: Session) -> Iterator[Difference]:
    """Everything that is not as it should be: answers, lessons, courses."""
    yield from _of_answers(session)
    people = select(Enrolment).order_by(col(Enrolment.version_id), col(Enrolment.id))
    for version_id, theirs in groupby(session.scalars(people), attrgetter("version_id")):
        course = courses.version_document(session, version_id)
        everybody = list(theirs)
        for start in range(0, len(everybody), CHUNK):
            yield from _of_people(session, course, everybody[start : start + CHUNK])


def _of_people(session: Session, course: CourseDocument, people: Sequence[Enrolment]) -> Iterator[Difference]:
    ids = [enrolment.id for enrolment in people]
    rows: dict[UUID, dict[str, LessonProgress]] = {enrolment_id: {} for enrolment_id in ids}
    for row in session.scalars(select(LessonProgress).where(col(LessonProgress.enrolment_id).in_(ids))):
        rows[row.enrolment_id][row.lesson_key] = row
    for lesson in course.lessons:
        found = gather(session, col(Enrolment.id).in_(ids), lesson)
        for enrolment_id in ids:
            kept, evidence = rows[enrolment_id].get(lesson.key), found.get(enrolment_id, Evidence())
            if what := _of_lesson(lesson, kept, evidence):
                yield Difference(enrolment_id, lesson.key, what)
    for enrolment in people:
        done = {key for key, row in rows[enrolment.id].items() if row.done_at is not None}
        is_complete = complete_course(course, done, enrolment.attended_on).is_complete
        if is_complete and enrolment.completed_at is None:
            yield Difference(enrolment.id, "", "alle lessen zijn klaar, de module niet")


def _of_lesson(lesson: Lesson, row: LessonProgress | None, evidence: Evidence) -> str:
    """In words; "" when all is well. Done may stay done whatever an author changed afterwards, but not out of nothing."""
    found = complete(lesson, evidence)
    if row is None:
        return "" if evidence.is_empty else "er is iets gedaan, maar de les is niet begonnen"
    if row.done_at is None and found.state == "done":
        return "de les voldoet aan alle regels, maar is niet klaar"
    if row.done_at is not None and evidence.is_empty:
        return "de les is klaar, maar er is niets gedaan"
    should = facts(lesson, evidence, found)
    kept = (row.question_count, row.answered_count, row.score_sum)
    if not _same(kept, (should["question_count"], should["answered_count"], should["score_sum"])):
        return f"bewaard {kept}, geteld {tuple(should.values())[:3]}"
    if not 0 <= row.share <= 1 or (row.share == 1) != (row.done_at is not None):
        return f"het aandeel is {row.share:.2f}"
    return ""


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(abs(a - b) < NEARLY for a, b in zip(one, other, strict=True))


def _of_answers(session: Session) -> Iterator[Difference]:
    """The state of every answer follows from its events: the last one is what is given, and each try was counted."""
    is_try = case((col(ResponseEvent.kind).in_((EventKind.ANSWERED, EventKind.HANDED_IN)), 1), else_=0)
    told = (
        select(
            col(ResponseEvent.attempt_id),
            col(ResponseEvent.block_key),
            func.max(col(ResponseEvent.id)).label("last_id"),
            func.sum(is_try).label("tries"),
        )
        .group_by(col(ResponseEvent.attempt_id), col(ResponseEvent.block_key))
        .subquery()
    )
    wrong = (
        select(col(Attempt.enrolment_id), col(Attempt.lesson_key), told.c.block_key)
        .select_from(told)
        .join(ResponseEvent, col(ResponseEvent.id) == told.c.last_id)
        .join(Attempt, col(Attempt.id) == told.c.attempt_id)
        .outerjoin(
            Response,
            (col(Response.attempt_id) == told.c.attempt_id) & (col(Response.block_key) == told.c.block_key),
        )
        .where(
            or_(
                col(Response.attempt_id).is_(None),
                col(Response.tries) < told.c.tries,
                cast(col(Response.given), Text) != cast(col(ResponseEvent.given), Text),
            )
        )
    )
    for enrolment_id, lesson_key, block_key in session.execute(wrong):
        yield Difference(enrolment_id, lesson_key, f"{block_key}: het bewaarde antwoord is niet het laatste")
