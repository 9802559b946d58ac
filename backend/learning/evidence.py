"""What somebody did, gathered and held against the rules; the result is kept in the transaction of the evidence itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.courses.block_types import Compare, Reflection
from backend.courses.documents import Attended, CourseDocument, Lesson
from backend.language import ZONE
from backend.learning.completion import (
    Answer,
    Evidence,
    Tested,
    as_kept,
    complete,
    complete_course,
    single_rules,
)
from backend.learning.models import (
    Attempt,
    Attendance,
    Enrolment,
    LessonProgress,
    Response,
    ScenarioRun,
)
from backend.learning.records import PRACTICE, progress_rows


def progress_changed(
    session: Session, enrolment: Enrolment, course: CourseDocument, lesson: Lesson, now: datetime
) -> LessonProgress:
    """Somebody did something in a lesson: call this in the same transaction, with their enrolment locked."""
    rows = progress_rows(session, enrolment.id)
    row = rows.get(lesson.key) or _begin(session, enrolment, lesson, now)
    rows[lesson.key] = row
    enrolment.last_active_at = row.last_active_at = now
    _follow(session, enrolment, course, [lesson], rows, now)
    return row


def begin_lesson(session: Session, enrolment: Enrolment, lesson: Lesson, now: datetime) -> LessonProgress:
    """The progress of a lesson, to note something in before progress_changed()."""
    return session.get(LessonProgress, (enrolment.id, lesson.key)) or _begin(session, enrolment, lesson, now)


def bring_up_to_date(
    session: Session,
    enrolment: Enrolment,
    course: CourseDocument,
    lessons: Iterable[Lesson],
    now: datetime,
) -> set[str]:
    """The same when it was not the person who did something: a day, another version. Gives which lessons became done."""
    return _follow(session, enrolment, course, lessons, progress_rows(session, enrolment.id), now)


def _follow(
    session: Session,
    enrolment: Enrolment,
    course: CourseDocument,
    lessons: Iterable[Lesson],
    rows: dict[str, LessonProgress],
    now: datetime,
) -> set[str]:
    """Work these lessons out again, and the course. What is done stays done."""
    become_done = set()
    for lesson in lessons:
        evidence = evidence_of(session, enrolment, lesson, rows.get(lesson.key))
        if lesson.key not in rows:
            if evidence.is_empty:
                continue
            rows[lesson.key] = _begin(session, enrolment, lesson, now)
        if _judge(rows[lesson.key], lesson, evidence, now):
            become_done.add(lesson.key)
    done = {key for key, row in rows.items() if row.done_at is not None}
    if enrolment.completed_at is None and complete_course(course, done, enrolment.attended_on).is_complete:
        enrolment.completed_at = now
        _completed(session, enrolment, course, now)
    return become_done


def _completed(session: Session, enrolment: Enrolment, course: CourseDocument, now: datetime) -> None:
    """What follows when a course becomes complete: once, and in the same transaction."""


def _begin(session: Session, enrolment: Enrolment, lesson: Lesson, now: datetime) -> LessonProgress:
    row = LessonProgress(
        enrolment_id=enrolment.id,
        lesson_key=lesson.key,
        question_count=len(lesson.counted),
        started_at=now,
        last_active_at=now,
    )
    session.add(row)
    return row


def _judge(row: LessonProgress, lesson: Lesson, evidence: Evidence, now: datetime) -> bool:
    """Gives whether the lesson became done."""
    found = complete(lesson, evidence)
    row.question_count, row.answered_count, row.score_sum = counts(lesson, evidence)
    row.reasons = as_kept(found.reasons)
    becomes_done = row.done_at is None and found.state == "done"
    if becomes_done:
        row.done_at = now
    row.share = found.share
    if row.done_at is not None:
        row.share, row.tries_below = 1.0, 0  # who finished is not stuck
    return becomes_done


def counts(lesson: Lesson, evidence: Evidence) -> tuple[int, int, float]:
    """How many questions count, how many of them were answered, and the sum of the best scores."""
    best = [evidence.answers[key].score for key in lesson.counted if key in evidence.answers]
    return len(lesson.counted), len(best), sum(score for score in best if score is not None)


# ── the evidence ──


def evidence_of(
    session: Session, enrolment: Enrolment, lesson: Lesson, row: LessonProgress | None
) -> Evidence:
    """What there is for this lesson. One query, and one more for each kind of thing that the lesson has."""
    kept = session.execute(
        select(
            col(Response.block_key), col(Response.given), col(Response.best_score), col(Response.answered_at)
        )
        .join(Attempt, col(Attempt.id) == Response.attempt_id)
        .where(
            col(Attempt.enrolment_id) == enrolment.id,
            col(Attempt.lesson_key) == lesson.key,
            col(Attempt.check_key) == PRACTICE,
        )
    ).all()
    return Evidence(
        answers=answers_in(lesson, kept),
        read_at=row.read_at if row else None,
        notes={
            each.block_key: each.answered_at
            for each in kept
            if isinstance(lesson.blocks.get(each.block_key), Reflection) and each.given.get("text")
        },
        scenarios=_walked(session, enrolment, lesson) if lesson.scenarios else {},
        checks=_tested(session, enrolment, lesson) if lesson.checks else {},
        days=days_of(session, enrolment.account_id, series) if (series := series_of(lesson)) else {},
    )


def answers_in(lesson: Lesson, kept: Iterable[Any]) -> dict[str, Answer]:
    """Out of rows with block_key, best_score and answered_at. What no longer fits its question has no score."""
    return {
        row.block_key: Answer(row.best_score, row.answered_at)
        for row in kept
        if (question := lesson.questions.get(row.block_key)) is not None
        and (row.best_score is not None or isinstance(question, Compare))
    }


def _walked(session: Session, enrolment: Enrolment, lesson: Lesson) -> dict[str, datetime]:
    rows = session.execute(
        select(col(ScenarioRun.scenario_key), func.min(col(ScenarioRun.ended_at)))
        .where(
            col(ScenarioRun.enrolment_id) == enrolment.id,
            col(ScenarioRun.lesson_key) == lesson.key,
            col(ScenarioRun.ended_at).is_not(None),
        )
        .group_by(col(ScenarioRun.scenario_key))
    )
    return {row[0]: row[1] for row in rows}


def _tested(session: Session, enrolment: Enrolment, lesson: Lesson) -> dict[str, Tested]:
    rows = session.execute(
        select(
            col(Attempt.check_key), col(Attempt.score), col(Attempt.is_passed), col(Attempt.handed_in_at)
        ).where(
            col(Attempt.enrolment_id) == enrolment.id,
            col(Attempt.lesson_key) == lesson.key,
            col(Attempt.check_key) != PRACTICE,
            col(Attempt.handed_in_at).is_not(None),
        )
    )
    return best_tests(rows)


def best_tests(rows: Iterable[Any]) -> dict[str, Tested]:
    """Out of handed-in attempts: for each check the first one that passed, else the best."""
    found: dict[str, Tested] = {}
    for row in rows:
        test = Tested(row.score or 0.0, row.is_passed, row.handed_in_at)
        best = found.get(row.check_key)
        if best is None or _rank(test) > _rank(best):
            found[row.check_key] = test
    return found


def _rank(test: Tested) -> tuple[bool, float, float]:
    return test.is_passed, 0.0 if test.is_passed else test.score, -test.at.timestamp()


def series_of(lesson: Lesson) -> set[str]:
    """The series of action days that its rules ask for."""
    return {rule.key for rule in single_rules(lesson) if isinstance(rule, Attended)}


def days_of(session: Session, account_id: UUID, series: Iterable[str]) -> Mapping[str, datetime]:
    """The first day that somebody attended of each of these series."""
    rows = session.execute(
        select(col(Attendance.series), func.min(col(Attendance.attended_on)))
        .where(col(Attendance.account_id) == account_id, col(Attendance.series).in_(series))
        .group_by(col(Attendance.series))
    )
    return {key: datetime.combine(day, time(), ZONE) for key, day in rows}
