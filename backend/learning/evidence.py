"""What people did, gathered out of what was kept: answers, notes, checks, scenarios, days. For one person or for many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, null, select, true, union_all
from sqlmodel import Session, col

from backend.courses.block_types import Compare, Reflection
from backend.courses.documents import Attended, Lesson
from backend.language import ZONE
from backend.learning.completion import Answer, CheckResult, Evidence, asks_to_read, single_rules
from backend.learning.models import (
    Attempt,
    Attendance,
    Enrolment,
    LessonProgress,
    Response,
    ScenarioRun,
)
from backend.learning.records import PRACTICE

Whose = ColumnElement[bool]  # a condition on Enrolment


@dataclass(slots=True)
class Gathered:
    """The same as completion.Evidence, while it comes in."""

    responses: list[Any] = field(default_factory=list)
    read_at: datetime | None = None
    scenarios: dict[str, datetime] = field(default_factory=dict)
    checks: dict[str, CheckResult] = field(default_factory=dict)
    days: dict[str, datetime] = field(default_factory=dict)

    def evidence(self, lesson: Lesson) -> Evidence:
        return Evidence(
            answers_in(lesson, self.responses),
            self.read_at,
            notes_in(lesson, self.responses),
            self.scenarios,
            self.checks,
            self.days,
        )


def evidence_of(session: Session, enrolment: Enrolment, lesson: Lesson) -> Evidence:
    """Of one person in one lesson."""
    return gather(session, col(Enrolment.id) == enrolment.id, lesson).get(enrolment.id, Evidence())


def gather(session: Session, whose: Whose, lesson: Lesson) -> dict[UUID, Evidence]:
    """By enrolment. One query, and one more for each kind of thing that the lesson has."""
    found: dict[UUID, Gathered] = {}
    kept = session.execute(
        select(
            col(Attempt.enrolment_id),
            col(Response.block_key),
            col(Response.given),
            col(Response.best_score),
            col(Response.tries),
            col(Response.answered_at),
        )
        .join(Attempt, col(Attempt.id) == Response.attempt_id)
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .where(whose, col(Attempt.lesson_key) == lesson.key, col(Attempt.check_key) == PRACTICE)
    )
    for row in kept:
        found.setdefault(row.enrolment_id, Gathered()).responses.append(row)
    add_the_rest(session, whose, lesson, found)
    return {enrolment_id: each.evidence(lesson) for enrolment_id, each in found.items()}


def add_the_rest(session: Session, whose: Whose, lesson: Lesson, found: dict[UUID, Gathered]) -> None:
    """All but the responses. No query for a lesson that has nothing but questions."""
    if lesson.checks or lesson.scenarios:
        _add_tests_and_walks(session, whose, lesson, found)
    if series := series_of(lesson):
        for enrolment_id, key, day in session.execute(_days(whose, series)):
            found.setdefault(enrolment_id, Gathered()).days[key] = _midnight(day)
    if asks_to_read(lesson):
        rows = session.execute(
            select(col(LessonProgress.enrolment_id), col(LessonProgress.read_at))
            .join(Enrolment, col(Enrolment.id) == LessonProgress.enrolment_id)
            .where(whose, col(LessonProgress.lesson_key) == lesson.key)
        )
        for enrolment_id, read_at in rows:
            found.setdefault(enrolment_id, Gathered()).read_at = read_at


def answers_in(lesson: Lesson, kept: Iterable[Any]) -> dict[str, Answer]:
    """Out of rows with block_key, best_score, tries and answered_at.

    Not a draft of a text to compare, and not an answer that no longer fits its question: that has no score.
    """
    return {
        row.block_key: Answer(row.best_score, row.answered_at)
        for row in kept
        if (question := lesson.questions.get(row.block_key)) is not None
        and row.tries
        and (row.best_score is not None or isinstance(question, Compare))
    }


def notes_in(lesson: Lesson, kept: Iterable[Any]) -> dict[str, datetime]:
    """The reflections in which something stands, out of rows with block_key, given and answered_at."""
    return {
        row.block_key: row.answered_at
        for row in kept
        if isinstance(lesson.blocks.get(row.block_key), Reflection) and row.given.get("text")
    }


def _add_tests_and_walks(session: Session, whose: Whose, lesson: Lesson, found: dict[UUID, Gathered]) -> None:
    handed_in: Any = (
        select(
            col(Attempt.enrolment_id),
            literal("check").label("kind"),
            col(Attempt.check_key).label("key"),
            col(Attempt.score),
            col(Attempt.is_passed),
            col(Attempt.handed_in_at).label("at"),
        )
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .where(
            whose,
            col(Attempt.lesson_key) == lesson.key,
            col(Attempt.check_key) != PRACTICE,
            col(Attempt.handed_in_at).is_not(None),
        )
    )
    walked: Any = (
        select(
            col(ScenarioRun.enrolment_id),
            literal("scenario"),
            col(ScenarioRun.scenario_key),
            null(),
            true(),
            col(ScenarioRun.ended_at),
        )
        .join(Enrolment, col(Enrolment.id) == ScenarioRun.enrolment_id)
        .where(whose, col(ScenarioRun.lesson_key) == lesson.key, col(ScenarioRun.ended_at).is_not(None))
    )
    for row in session.execute(union_all(handed_in, walked)):
        mine = found.setdefault(row.enrolment_id, Gathered())
        if row.kind == "scenario":
            mine.scenarios[row.key] = min(row.at, mine.scenarios.get(row.key, row.at))
        else:
            mine.checks[row.key] = better(
                mine.checks.get(row.key), CheckResult(row.score or 0, row.is_passed, row.at)
            )


def better(one: CheckResult | None, other: CheckResult) -> CheckResult:
    """The first one that passed, else the best."""
    return other if one is None or _rank(other) > _rank(one) else one


def _rank(test: CheckResult) -> tuple[bool, float, float]:
    return test.is_passed, 0.0 if test.is_passed else test.score, -test.at.timestamp()


# ── days ──


def series_of(lesson: Lesson) -> set[str]:
    """The series of action days that its rules ask for."""
    return {rule.key for rule in single_rules(lesson) if isinstance(rule, Attended)}


def days_of(session: Session, enrolment: Enrolment, series: Iterable[str]) -> Mapping[str, datetime]:
    """The first day that somebody attended of each of these series."""
    rows = session.execute(_days(col(Enrolment.id) == enrolment.id, series))
    return {key: _midnight(day) for _enrolment_id, key, day in rows}


def _days(whose: Whose, series: Iterable[str]) -> Any:
    return (
        select(col(Enrolment.id), col(Attendance.series), func.min(col(Attendance.attended_on)))
        .join(Attendance, col(Attendance.account_id) == Enrolment.account_id)
        .where(whose, col(Attendance.series).in_(series))
        .group_by(col(Enrolment.id), col(Attendance.series))
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
