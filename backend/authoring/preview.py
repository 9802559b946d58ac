"""A lesson of a draft as a learner would see it. Questions can be tried out; nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from backend.courses.block_types import Question
from backend.courses.documents import CourseDocument, Lesson
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning import service
from backend.learning.grading import Incomplete
from backend.learning.player import LessonView, view_lesson
from backend.learning.progress import progress_of
from backend.learning.service import LessonState, Result
from backend.templating import url

Query = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Nobody:
    """Who looks at a draft does not take part in it."""

    lesson_key: str | None = None
    block_key: str | None = None
    completed_at: datetime | None = None
    last_active_at: datetime | None = None
    attended_on: date | None = None


@dataclass(frozen=True, slots=True)
class At:
    """Where the forms of the lesson go: to this very page, which keeps nothing."""

    course_key: str
    lesson_key: str
    is_kept: bool = False

    @property
    def url(self) -> str:
        return url("authoring.preview", module=self.course_key, lesson=self.lesson_key)


@dataclass(frozen=True, slots=True)
class Preview:
    course: CourseDocument
    lesson: Lesson
    view: LessonView
    at: At
    is_refused: bool  # what was tried out could not be graded

    @property
    def around(self) -> tuple[Lesson | None, Lesson | None]:
        return self.course.neighbours(self.lesson)


def of(course: CourseDocument, lesson_key: str, query: Query, now: datetime) -> Preview:
    """`query`: what was filled in, with the key of its question as `vraag`. Raises NotFound."""
    lesson = course.lesson(lesson_key)
    if lesson is None:
        raise NotFound(_("Deze les staat niet in het concept."))
    state = LessonState(course, lesson, None, "", progress_of(course, {}, Nobody()), {})
    tried, refused = _try_out(lesson, query)
    again = next(iter(query.get("opnieuw", [])), "")
    view = view_lesson(state, now, again=again, tried=tried, refused=refused)
    return Preview(course, lesson, view, At(course.key, lesson.key), refused is not None)


def _try_out(lesson: Lesson, query: Query) -> tuple[dict[str, Result], tuple[str, Incomplete] | None]:
    key = next(iter(query.get("vraag", [])), "")
    question = lesson.questions.get(key)
    if not isinstance(question, Question):
        return {}, None
    try:
        return {key: service.try_out(question, query)}, None
    except Incomplete as problem:
        return {}, (key, problem)
