"""What the page of a lesson shows, worked out from the state: parts, questions with their feedback, what is still open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from backend.courses.block_types import AnyBlock, Order, Question, Reflection
from backend.courses.documents import Lesson, Part
from backend.learning.grading import Given, Incomplete, marks, right_answer
from backend.learning.models import PASS
from backend.learning.progress import LessonStanding, State
from backend.learning.service import LessonState, Result

TRIES_BEFORE_ANSWER = 3  # after so many tries without success one may look at the right answer


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as one person sees it. Feedback and the right answer are here only when they may be seen."""

    block: Question
    number: int  # place among the questions of the lesson
    of: int
    is_: Literal["open", "wrong", "right"]
    given: Given
    marks: Mapping[str, bool] = field(default_factory=dict)  # option or item key → right; empty while open
    error: str = ""  # why what was just sent could not be graded
    answer: Given | None = None  # the right answer, after several tries
    was_right: bool = False  # an earlier answer was right; that keeps counting

    @property
    def right_count(self) -> int:
        return sum(self.marks.values())

    @property
    def items(self) -> list[Any]:
        """For order: as placed, or as shown at first. For match and sort: as written."""
        if not isinstance(self.block, Order):
            return [] if not hasattr(self.block, "items") else list(self.block.items)
        by_key = {item.key: item for item in self.block.items}
        placed = self.given.get("places", {})
        keys = (
            sorted(self.block.shown, key=lambda key: int(placed.get(key, 0))) if placed else self.block.shown
        )
        return [by_key[key] for key in keys]


@dataclass(frozen=True, slots=True)
class NoteView:
    block: Reflection
    text: str
    saved_at: datetime | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class PartView:
    key: str
    title: str
    state: State
    blocks: list[AnyBlock | QuestionView | NoteView]

    @property
    def questions(self) -> list[QuestionView]:
        return [block for block in self.blocks if isinstance(block, QuestionView)]


@dataclass(frozen=True, slots=True)
class Todo:
    """What keeps a lesson from being done: an open question, or one whose best answer can be better."""

    block_key: str
    number: int  # place among the questions of the lesson
    is_open: bool


@dataclass(frozen=True, slots=True)
class LessonView:
    parts: list[PartView]
    standing: LessonStanding
    todo: list[Todo]
    saved_at: datetime | None

    @property
    def average_percent(self) -> int:
        return int(100 * self.standing.average + 0.5)

    @property
    def pass_percent(self) -> int:
        return round(PASS * 100)


def view_lesson(
    state: LessonState,
    *,
    again: str = "",
    tried: Mapping[str, Result] | None = None,
    refused: tuple[str, Incomplete] | None = None,
) -> LessonView:
    """`again`: a question to show as if it was not answered. `tried`: results that are not kept.
    `refused`: a block, and what was wrong with what was sent.
    """
    results = {**state.results, **(tried or {})}
    parts = _parts(state.lesson, results, state.progress.lessons[state.lesson.key], again, refused)
    return LessonView(
        parts,
        state.progress.lessons[state.lesson.key],
        _todo(state.lesson, results),
        max((r.answered_at for r in results.values() if r.answered_at), default=None),
    )


def _parts(
    lesson: Lesson,
    results: Mapping[str, Result],
    standing: LessonStanding,
    again: str,
    refused: tuple[str, Incomplete] | None,
) -> list[PartView]:
    furthest = max((n for n, part in enumerate(lesson.parts) if _answered(part, results)), default=-1)
    numbers = {key: number for number, key in enumerate(lesson.questions, 1)}
    views = []
    for n, part in enumerate(lesson.parts):
        blocks: list[AnyBlock | QuestionView | NoteView] = []
        questions = [block.key for block in part.blocks if isinstance(block, Question)]
        for block in part.blocks:
            error = refused[1] if refused and refused[0] == block.key else None
            if isinstance(block, Question):
                place = (numbers[block.key], len(numbers))
                result = None if block.key == again else results.get(block.key)
                blocks.append(_question(block, place, result, error))
            elif isinstance(block, Reflection):
                blocks.append(_note(block, results.get(block.key), error))
            else:
                blocks.append(block)
        state = _part_state(questions, results, is_passed=n < furthest or standing.state == "done")
        views.append(PartView(part.key, part.title, state, blocks))
    return views


def _answered(part: Part, results: Mapping[str, Result]) -> bool:
    return any(block.key in results for block in part.blocks)


def _part_state(questions: list[str], results: Mapping[str, Result], *, is_passed: bool) -> State:
    """A part without questions is done when a later one was begun."""
    if not questions:
        return "done" if is_passed else "new"
    answered = sum(key in results for key in questions)
    return "done" if answered == len(questions) else "busy" if answered else "new"


def _question(
    block: Question, place: tuple[int, int], result: Result | None, error: Incomplete | None
) -> QuestionView:
    if error is not None:  # what was sent just now, without a verdict
        return QuestionView(block, *place, "open", error.given, error=error.message)
    if result is None:
        return QuestionView(block, *place, "open", {})
    is_right, was_right = result.last_score == 1, result.best_score == 1
    told = not was_right and result.attempts >= TRIES_BEFORE_ANSWER
    return QuestionView(
        block,
        *place,
        "right" if is_right else "wrong",
        result.given,
        marks(block, result.given),
        answer=right_answer(block) if told else None,
        was_right=was_right,
    )


def _note(block: Reflection, result: Result | None, error: Incomplete | None) -> NoteView:
    text = error.given["text"] if error else result.given["text"] if result else ""
    return NoteView(block, text, result.answered_at if result else None, error.message if error else "")


def _todo(lesson: Lesson, results: Mapping[str, Result]) -> list[Todo]:
    todo = []
    for number, key in enumerate(lesson.questions, 1):
        result = results.get(key)
        if result is None or (result.best_score or 0) < PASS:
            todo.append(Todo(key, number, result is None))
    return todo
