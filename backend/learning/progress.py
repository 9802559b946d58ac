"""How far somebody is: what follows from the kept progress of each lesson. Pure but for `overview`, one query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Literal, Protocol

from sqlalchemy import Row, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.learning.models import Enrolment, LessonProgress

State = Literal["new", "busy", "done"]
ALMOST = 0.9  # the share of a lesson whose questions are all answered, but not well enough to be done


class Kept(Protocol):
    """What is read of a LessonProgress."""

    @property
    def answered_count(self) -> int: ...
    @property
    def score_sum(self) -> float: ...
    @property
    def done_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class LessonStanding:
    state: State
    question_count: int
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
        return sum(standing.minutes_left for standing in self.lessons.values())

    @property
    def percent(self) -> int:
        """0 to 100, and 100 only when every lesson is done."""
        return int(100 * sum(standing.share for standing in self.lessons.values()) / len(self.lessons))


def standing_of(lesson: Lesson, kept: Kept | None) -> LessonStanding:
    """`kept` is None for a lesson that was not begun."""
    count = len(lesson.questions)
    if kept is None:
        return LessonStanding("new", count, 0, 0.0, 0.0, lesson.minutes)
    average = kept.score_sum / count if count else 1.0
    if kept.done_at is not None:
        return LessonStanding("done", count, kept.answered_count, average, 1.0, 0)
    share = min(kept.answered_count / count, ALMOST) if count else 0.0
    minutes_left = max(1, ceil(lesson.minutes * (1 - share)))
    return LessonStanding("busy", count, kept.answered_count, average, share, minutes_left)


def progress_of(
    course: CourseDocument,
    kept: Mapping[str, Kept],
    *,
    at: tuple[str, str] = ("", ""),
    completed_at: datetime | None = None,
    last_active_at: datetime | None = None,
) -> CourseProgress:
    """`at`: the lesson and block where the person was."""
    lessons = {lesson.key: standing_of(lesson, kept.get(lesson.key)) for lesson in course.lessons}
    lesson_key, block_key = _resume(lessons, *at)
    return CourseProgress(lessons, lesson_key, block_key, completed_at, last_active_at)


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
    col(LessonProgress.lesson_key).label("progress_key"),
    col(LessonProgress.answered_count),
    col(LessonProgress.score_sum),
    col(LessonProgress.done_at),
)
_OVERVIEW = (
    select(col(Course.key).label("course_key"), *PROGRESS_COLUMNS)
    .select_from(Enrolment)
    .join(Course, col(Course.id) == Enrolment.course_id)
    .outerjoin(LessonProgress, col(LessonProgress.enrolment_id) == Enrolment.id)
)


def overview(session: Session, viewer: Viewer) -> dict[str, CourseProgress]:
    """How far this person is in every course they take part in, by course key. One query, once documents are cached."""
    rows = session.execute(_OVERVIEW.where(col(Enrolment.account_id) == viewer.id)).all()
    by_course: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_course.setdefault(row.course_key, []).append(row)
    result = {}
    for key, of_course in by_course.items():
        first = of_course[0]
        document = courses.version_document(session, first.version_id)
        result[key] = progress_of(
            document,
            kept_by_lesson(of_course),
            at=(first.lesson_key, first.block_key),
            completed_at=first.completed_at,
            last_active_at=first.last_active_at,
        )
    return result
