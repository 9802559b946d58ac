"""What must be looked at again: lessons whose time has come, and sources that nobody checked for long. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from backend.courses.documents import CourseDocument, Lesson, Source

SOON = timedelta(days=60)
LONG = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class DueLesson:
    course: CourseDocument
    lesson: Lesson
    days: int  # until it must be reviewed; below 0 it is late


@dataclass(slots=True)
class CheckedSource:
    """A source, when it was checked last (None: never said), and the lessons that lean on it."""

    source: Source
    used_in: list[tuple[CourseDocument, Lesson]] = field(default_factory=list)

    def is_old(self, today: date) -> bool:
        return self.source.checked is None or today - self.source.checked >= LONG


def lessons_due(courses: Iterable[CourseDocument], today: date) -> Iterator[DueLesson]:
    """Within sixty days or late."""
    for course in courses:
        for lesson in course.lessons:
            if lesson.review_before - today <= SOON:
                yield DueLesson(course, lesson, (lesson.review_before - today).days)


def most_urgent(courses: Iterable[CourseDocument], today: date) -> list[DueLesson]:
    return sorted(
        lessons_due(courses, today), key=lambda due: (due.days, due.course.number, due.lesson.number)
    )


def sources_by_age(courses: Iterable[CourseDocument]) -> list[CheckedSource]:
    """Every source once, the one that was checked longest ago first."""
    found: dict[tuple[str, str, str], CheckedSource] = {}
    for course in courses:
        for lesson in course.lessons:
            for source in lesson.sources:
                same = (source.key, source.title, source.url)
                known = found.setdefault(same, CheckedSource(source))
                if _age(source) < _age(known.source):
                    known.source = source  # another module still has the older date
                known.used_in.append((course, lesson))
    return sorted(found.values(), key=lambda each: (_age(each.source), each.source.title))


def _age(source: Source) -> date:
    return source.checked or date.min
