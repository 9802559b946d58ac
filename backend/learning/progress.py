"""How far somebody is: what follows from the kept progress of each lesson. Pure but for `overview`, one query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel import Session, col

from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.learning.completion import State, lessons_needed
from backend.learning.models import Enrolment, LessonProgress


class Kept(Protocol):
    """What is read of a LessonProgress."""

    @property
    def answered_count(self) -> int: ...
    @property
    def score_sum(self) -> float: ...
    @property
    def share(self) -> float: ...
    @property
    def done_at(self) -> datetime | None: ...


class Enrolled(Protocol):
    """What is read of an Enrolment; all of it is None for who did not begin."""

    @property
    def lesson_key(self) -> str | None: ...
    @property
    def block_key(self) -> str | None: ...
    @property
    def completed_at(self) -> datetime | None: ...
    @property
    def last_active_at(self) -> datetime | None: ...
    @property
    def attended_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class LessonStanding:
    state: State
    question_count: int  # that count
    answered_count: int
    average: float  # of the best scores; an open question counts as 0
    share: float  # 0 to 1, and 1 only when done
    minutes_left: int

    @property
    def open_count(self) -> int:
        return self.question_count - self.answered_count


@dataclass(frozen=True, slots=True)
class CourseProgress:
    lessons: Mapping[str, LessonStanding]  # every lesson of the version, by key
    resume_lesson: str
    resume_block: str  # "" for the start of the lesson
    completed_at: datetime | None = None
    last_active_at: datetime | None = None
    lessons_needed: int = 0  # of all of them, to complete the course
    needs_day: bool = False  # an action day counts as a unit
    attended_on: date | None = None

    @property
    def states(self) -> dict[str, State]:
        return {key: standing.state for key, standing in self.lessons.items()}

    @property
    def lesson_count(self) -> int:
        return len(self.lessons)

    @property
    def lessons_done(self) -> int:
        return sum(standing.state == "done" for standing in self.lessons.values())

    @property
    def minutes_left(self) -> int:
        """Of the lessons that are still needed, the shortest ones."""
        left = sorted(each.minutes_left for each in self.lessons.values() if each.state != "done")
        return sum(left[: max(0, self.lessons_needed - self.lessons_done)])

    @property
    def is_complete(self) -> bool:
        return self.completed_at is not None

    @property
    def percent(self) -> int:
        """0 to 100, and 100 only when the course is complete."""
        if self.is_complete:
            return 100
        shares = sorted((each.share for each in self.lessons.values()), reverse=True)
        have = sum(shares[: self.lessons_needed]) + (self.needs_day and self.attended_on is not None)
        return min(99, int(100 * have / (self.lessons_needed + self.needs_day)))


def standing_of(lesson: Lesson, kept: Kept | None) -> LessonStanding:
    """`kept` is None for a lesson that was not begun."""
    count, graded = len(lesson.counted), len(lesson.graded)
    if kept is None:
        return LessonStanding("new", count, 0, 0.0, 0.0, lesson.minutes)
    average = min(1.0, kept.score_sum / graded) if graded else 1.0
    answered = min(kept.answered_count, count)
    if kept.done_at is not None:
        return LessonStanding("done", count, answered, average, 1.0, 0)
    minutes_left = max(1, ceil(lesson.minutes * (1 - kept.share)))
    return LessonStanding("busy", count, answered, average, kept.share, minutes_left)


def progress_of(course: CourseDocument, kept: Mapping[str, Kept], enrolled: Enrolled) -> CourseProgress:
    lessons = {lesson.key: standing_of(lesson, kept.get(lesson.key)) for lesson in course.lessons}
    lesson_key, block_key = _resume(lessons, enrolled.lesson_key or "", enrolled.block_key or "")
    return CourseProgress(
        lessons,
        lesson_key,
        block_key,
        enrolled.completed_at,
        enrolled.last_active_at,
        lessons_needed(course),
        bool(course.attended),
        enrolled.attended_on,
    )


def _resume(lessons: Mapping[str, LessonStanding], lesson_key: str, block_key: str) -> tuple[str, str]:
    """Where one was; after a finished lesson the next one that is not done, and when all are, the first."""
    keys = list(lessons)
    if lesson_key not in lessons:
        lesson_key, block_key = keys[0], ""
    if lessons[lesson_key].state != "done":
        return lesson_key, block_key
    place = keys.index(lesson_key)
    later = [key for key in keys[place + 1 :] + keys[:place] if lessons[key].state != "done"]
    return (later or keys)[0], ""


def kept_by_lesson(rows: list[Row[Any]]) -> dict[str, Kept]:
    """Rows of an outer join with LessonProgress; `progress_key` is None where nothing was begun."""
    return {row.progress_key: row for row in rows if row.progress_key is not None}


PROGRESS_COLUMNS: tuple[Any, ...] = (
    col(Enrolment.version_id),
    col(Enrolment.lesson_key),
    col(Enrolment.block_key),
    col(Enrolment.completed_at),
    col(Enrolment.last_active_at),
    col(Enrolment.attended_on),
    col(LessonProgress.lesson_key).label("progress_key"),
    col(LessonProgress.answered_count),
    col(LessonProgress.score_sum),
    col(LessonProgress.share),
    col(LessonProgress.done_at),
)
_OVERVIEW = (
    select(col(Course.key).label("course_key"), *PROGRESS_COLUMNS)
    .select_from(Enrolment)
    .join(Course, col(Course.id) == Enrolment.course_id)
    .outerjoin(LessonProgress, col(LessonProgress.enrolment_id) == Enrolment.id)
)


def overview(session: Session, person: UUID) -> dict[str, CourseProgress]:
    """How far this person is in every course they take part in, by course key. One query, once documents are cached."""
    rows = session.execute(_OVERVIEW.where(col(Enrolment.account_id) == person)).all()
    by_course: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_course.setdefault(row.course_key, []).append(row)
    result = {}
    for key, of_course in by_course.items():
        first = of_course[0]
        document = courses.version_document(session, first.version_id)
        result[key] = progress_of(document, kept_by_lesson(of_course), first)
    return result
