"""What the page of a lesson shows, worked out from the state: parts, questions with their feedback, what is still open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from backend.courses.block_types import (
    AnyBlock,
    Check,
    Compare,
    Poll,
    Question,
    Reflection,
    ScenarioBlock,
    SelfRating,
)
from backend.courses.documents import Part
from backend.learning.answers import MayTell
from backend.learning.availability import Closed, lesson_closed
from backend.learning.check_standing import CheckStanding
from backend.learning.completion import (
    Evidence,
    Reason,
    State,
    asks_to_read,
    complete,
    from_kept,
    pass_percent,
)
from backend.learning.evidence import answers_in
from backend.learning.grading import Incomplete
from backend.learning.progress import LessonStanding
from backend.learning.question_view import (
    PollView,
    QuestionView,
    SelfRatingView,
    view_poll,
    view_question,
    view_rating,
)
from backend.learning.scenario_standing import ScenarioView
from backend.learning.service import LessonState, Result
from backend.learning.shuffling import as_shown, shown
from backend.privacy import Finding

Refused = tuple[str, Incomplete]  # a block, and what was wrong with what was sent


@dataclass(frozen=True, slots=True)
class NoteView:
    block: Reflection
    text: str
    saved_at: datetime | None
    error: str = ""
    found: tuple[Finding, ...] = ()  # what may tell who somebody is


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check in its lesson: what it asks, how often one tried, and what one may do now."""

    block: Check
    standing: CheckStanding
    current_number: int  # the attempt one is busy with; 0 for none
    may_start: bool

    @property
    def attempts_left(self) -> int:
        return 0 if self.is_passed else self.standing.left

    @property
    def attempts(self) -> int:
        """How many there are in all, with what was allowed on top."""
        return self.standing.allowed

    @property
    def minutes(self) -> int:
        return self.standing.minutes

    @property
    def best(self) -> float | None:
        """The highest score, 0 to 1."""
        return self.standing.best.score if self.standing.best else None

    @property
    def is_passed(self) -> bool:
        return self.standing.is_passed


AnyView = AnyBlock | QuestionView | NoteView | PollView | SelfRatingView | CheckView | ScenarioView


@dataclass(frozen=True, slots=True)
class PartView:
    key: str
    title: str
    state: State
    blocks: list[AnyView]

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
    """`parts` is empty for a lesson that is not open yet; `closed` says why."""

    parts: list[PartView]
    standing: LessonStanding
    todo: list[Todo]
    saved_at: datetime | None
    reasons: tuple[Reason, ...] = ()  # why it is done, or not yet
    closed: Closed | None = None
    asks_to_read: bool = False  # and that was not said yet
    useful: int | None = None  # for one's work, 1 to 4
    newer: int = 0  # the id of a newer version of the module that one may choose
    pass_percent: int = 0  # what the best answers must reach; 0 when the lesson does not ask that

    @property
    def average_percent(self) -> int:
        return int(100 * self.standing.average + 0.5)


def view_lesson(
    state: LessonState,
    now: datetime,
    *,
    again: str = "",
    tried: Mapping[str, Result] | None = None,
    refused: Refused | None = None,
) -> LessonView:
    """`again`: a question to show as if it was not answered. `tried`: results that are not kept."""
    results = {**state.results, **(tried or {})}
    states = state.progress.states
    begun = {key for key, each in states.items() if each != "new"}
    done = {key for key, each in states.items() if each == "done"}
    closed = lesson_closed(state.course, state.lesson, begun, done, now)
    hidden = closed is not None and closed.hides and state.lesson.key not in done
    numbers = {key: number for number, key in enumerate(state.lesson.questions, 1)}
    return LessonView(
        [] if hidden else _Parts(state, results, numbers, now, again, refused).all(),
        state.progress.lessons[state.lesson.key],
        _todo(state, results),
        max((r.answered_at for r in results.values() if r.answered_at), default=None),
        _reasons(state),
        closed,
        asks_to_read(state.lesson) and state.read_at is None,
        state.useful,
        state.newer,
        pass_percent(state.lesson),
    )


def _reasons(state: LessonState) -> tuple[Reason, ...]:
    """As they were kept with the last thing that happened; before anything happened, what there is to do."""
    if state.reasons:
        return from_kept(state.reasons)
    kept = [_Kept(key, each.best_score, each.tries, each.answered_at) for key, each in state.results.items()]
    return complete(state.lesson, Evidence(answers_in(state.lesson, kept))).reasons


@dataclass(frozen=True, slots=True)
class _Kept:
    block_key: str
    best_score: float | None
    tries: int
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Parts:
    state: LessonState
    results: Mapping[str, Result]
    numbers: Mapping[str, int]  # of the questions
    now: datetime
    again: str
    refused: Refused | None

    def all(self) -> list[PartView]:
        lesson, is_done = self.state.lesson, self.state.progress.states[self.state.lesson.key] == "done"
        furthest = max((n for n, part in enumerate(lesson.parts) if self._is_answered(part)), default=-1)
        return [
            PartView(
                part.key,
                part.title,
                self._state(part, is_passed=n < furthest or is_done),
                [self._view(block) for block in part.blocks],
            )
            for n, part in enumerate(lesson.parts)
        ]

    def _is_answered(self, part: Part) -> bool:
        return any(block.key in self.results for block in part.blocks)

    def _state(self, part: Part, *, is_passed: bool) -> State:
        """A part without questions is done when a later one was begun."""
        questions = [block.key for block in part.blocks if isinstance(block, Question) and block.counts]
        if not questions:
            return "done" if is_passed else "new"
        answered = sum(key in self.results and self.results[key].tries > 0 for key in questions)
        return "done" if answered == len(questions) else "busy" if answered else "new"

    def _view(self, block: AnyBlock) -> AnyView:
        error = self.refused[1] if self.refused and self.refused[0] == block.key else None
        result = self.results.get(block.key)
        if block.key == self.again:  # a text is written on, the rest begins anew
            result = replace(result, tries=0) if result and isinstance(block, Compare) else None
        counts = self.state.counts.get(block.key)
        if isinstance(block, Question):
            place = (self.numbers[block.key], len(self.numbers))
            question = as_shown(block, shown(block, self.state.seed))
            return view_question(question, place, result, error=error, counts=counts)
        if isinstance(block, Poll):
            return view_poll(block, result, counts, error)
        if isinstance(block, SelfRating):
            return view_rating(block, result, self.state.before.get(block.key), error)
        if isinstance(block, Reflection):
            return _note(block, result, error)
        if isinstance(block, Check):
            standing = self.state.checks.get(block.key) or CheckStanding(block, ())
            busy = standing.open(self.now)
            return CheckView(block, standing, busy.number if busy else 0, standing.may_start(self.now))
        if isinstance(block, ScenarioBlock):
            return self.state.scenarios[block.key]
        return block


def _note(block: Reflection, result: Result | None, error: Incomplete | None) -> NoteView:
    text = error.given["text"] if error else result.given["text"] if result else ""
    found = error.found if isinstance(error, MayTell) else ()
    return NoteView(
        block, text, result.answered_at if result else None, error.message if error else "", found
    )


def _todo(state: LessonState, results: Mapping[str, Result]) -> list[Todo]:
    """Of the questions that count."""
    lesson, todo, enough = state.lesson, [], pass_percent(state.lesson) / 100
    for number, key in enumerate(lesson.questions, 1):
        result = results.get(key)
        is_open = result is None or not result.tries
        can_be_better = result is not None and key in lesson.graded and (result.best_score or 0) < enough
        if key in lesson.counted and (is_open or can_be_better):
            todo.append(Todo(key, number, is_open))
    return todo
