"""How the questions of a module do: how many are right at the first go, and what is chosen instead. Never who."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, func, or_, select
from sqlmodel import Session, col

from backend.courses import service as courses
from backend.courses.block_types import Graded, Match, Number, Order, Short, Sort, Triage
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.finding import plain
from backend.learning.answers import Given
from backend.learning.grading import marks
from backend.learning.models import Attempt, Enrolment, EventKind, ResponseEvent
from backend.learning.records import PRACTICE

FEWEST = 10  # answers; of fewer nothing is shown
TOO_HARD = 0.4  # wrong at first: the question, or the lesson before it, must be written better
FEW = 3  # so often somebody's own words must come back before they are shown


@dataclass(slots=True)
class Figure:
    """One question. The counts are of first answers to the question as it is now: another wording begins anew."""

    lesson: Lesson
    check_key: str  # "" in the lesson itself
    question: Graded
    number: int  # place in the lesson, or in the bank of the check
    answered: int = 0
    right: int = 0
    mistakes: Counter[str] = field(default_factory=Counter)  # in words

    @property
    def is_shown(self) -> bool:
        return self.answered >= FEWEST

    @property
    def right_percent(self) -> int:
        return int(100 * self.right / max(1, self.answered) + 0.5)

    @property
    def must_be_rewritten(self) -> bool:
        return self.is_shown and (self.answered - self.right) / self.answered > TOO_HARD

    @property
    def text(self) -> str:
        return _flat(self.question.question_html)

    @property
    def most_chosen_mistake(self) -> tuple[str, int] | None:
        """In words, and how often."""
        least = FEW if isinstance(self.question, Number | Short) else 1
        found = self.mistakes.most_common(1)
        return found[0] if found and found[0][1] >= least else None


def figures(session: Session, course_id: int, course: CourseDocument) -> list[Figure]:
    """Of every question that is right or wrong, in the order of the module. One query, and one a version not in memory."""
    found = {(f.lesson.key, f.check_key, f.question.key): f for f in _figures(course)}
    for row in _first_answers(session, course_id):
        where = (row.lesson_key, row.check_key, row.block_key)
        figure = found.get(where)
        if (
            figure is None
            or _question(courses.version_document(session, row.version_id), where) != figure.question
        ):
            continue
        figure.answered += row.people
        if row.score == 1:
            figure.right += row.people
            continue
        for mistake in _mistakes(figure.question, json.loads(row.given)):
            figure.mistakes[mistake] += row.people
    return list(found.values())


def _figures(course: CourseDocument) -> Iterator[Figure]:
    for lesson in course.lessons:
        for number, question in enumerate(lesson.questions.values(), 1):
            if isinstance(question, Graded):
                yield Figure(lesson, PRACTICE, question, number)
        for check in lesson.checks.values():
            for number, question in enumerate(check.questions, 1):
                yield Figure(lesson, check.key, question, number)


def _question(course: CourseDocument, where: tuple[str, str, str]) -> object:
    lesson_key, check_key, key = where
    lesson = course.lesson(lesson_key)
    if lesson is None or not check_key:
        return lesson and lesson.questions.get(key)
    check = lesson.checks.get(check_key)
    return next((question for question in check.questions if question.key == key), None) if check else None


def _first_answers(session: Session, course_id: int) -> list[Any]:
    """What people answered at first, counted by answer."""
    first = (
        select(func.min(col(ResponseEvent.id)).label("id"))
        .join(Attempt, col(Attempt.id) == ResponseEvent.attempt_id)
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .where(
            col(Enrolment.course_id) == course_id,
            col(ResponseEvent.kind).in_((EventKind.ANSWERED, EventKind.HANDED_IN)),
            or_(col(Attempt.check_key) == PRACTICE, col(Attempt.number) == 1),
        )
        .group_by(col(ResponseEvent.attempt_id), col(ResponseEvent.block_key))
        .subquery()
    )
    columns: tuple[Any, ...] = (
        col(ResponseEvent.version_id),
        col(Attempt.lesson_key),
        col(Attempt.check_key),
        col(ResponseEvent.block_key),
        cast(col(ResponseEvent.given), Text).label("given"),
        col(ResponseEvent.score),
    )
    counted = (
        select(*columns, func.count().label("people"))
        .join(first, first.c.id == col(ResponseEvent.id))
        .join(Attempt, col(Attempt.id) == ResponseEvent.attempt_id)
        .where(col(ResponseEvent.score).is_not(None))
        .group_by(*columns)
    )
    return list(session.execute(counted))


# ── in words ──


def _mistakes(question: Graded, given: Given) -> Iterator[str]:
    """Each thing that was chosen or placed wrong, or the wrong words that were written."""
    wrong = [key for key, is_right in marks(question, given).items() if not is_right]
    if isinstance(question, Number | Short):
        known = {option.key: option.html for option in getattr(question, "options", ())}
        for key in wrong:
            yield _flat(known[key]) if key in known else " ".join(str(given.get("text", "")).split())
    elif isinstance(question, Order | Match | Sort | Triage):
        yield from _misplaced(question, given, wrong)
    else:
        yield from (_flat(option.html) for option in question.options if option.key in wrong)


def _misplaced(question: Order | Match | Sort | Triage, given: Given, wrong: list[str]) -> Iterator[str]:
    labels = {place.key: place.label for place in getattr(question, "places", ())}
    items = {item.key: item.html for item in question.items}
    for key in wrong:
        placed = given["places"][key]
        where = placed if isinstance(placed, list) else [placed]
        said = ", ".join(str(labels.get(each, each)) for each in where)
        yield (
            f"{_flat(items[key])} → {said}"
            if not isinstance(question, Order)
            else f"{said}. {_flat(items[key])}"
        )


def _flat(html: str) -> str:
    return " ".join(plain(html).split())
