"""A question, a poll or a self-rating as one person sees it. Feedback and right answers are here only when they may be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from backend.courses.block_types import Compare, Match, Order, Poll, Question, SelfRating, Triage
from backend.learning.grading import Given, Incomplete, marks, right_answer
from backend.learning.service import Result
from backend.learning.shuffling import arranged
from backend.learning.tallies import EVERYBODY, Counts, percents

TRIES_BEFORE_ANSWER = 3  # after so many tries without success one may look at the right answer


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question, open or answered. `is_` is "answered" for a text to compare: that is never right or wrong."""

    block: Question
    number: int  # place among the questions of the lesson
    of: int
    is_: Literal["open", "wrong", "right", "answered"]
    given: Given
    # option or item key → right; "" for what was written; empty while open
    marks: Mapping[str, bool] = field(default_factory=dict)
    error: str = ""  # why what was just sent could not be graded
    answer: Given | None = None  # the right answer, after several tries
    was_right: bool = False  # an earlier answer was right; that keeps counting
    shown: Sequence[str] = ()  # in which order; () as written
    counts: Counts | None = None  # how others answered, where that may be seen
    prefix: str = ""  # of the names of fields, where one form holds several questions
    saved_at: datetime | None = None

    @property
    def right_count(self) -> int:
        return sum(self.marks.values())

    @property
    def options(self) -> list[Any]:
        """In the order to show them."""
        return arranged(getattr(self.block, "options", ()), self.shown)

    @property
    def items(self) -> list[Any]:
        """For order: as placed, or as shown at first. For the others: as written."""
        things = list(getattr(self.block, "items", ()))
        if not isinstance(self.block, Order):
            return things
        placed = self.given.get("places", {})
        return sorted(arranged(things, self.shown), key=lambda item: int(placed.get(item.key, 0)))

    @property
    def places(self) -> list[Any]:
        """Right-hand sides, columns or choices, in the order to show them."""
        shown = self.shown if isinstance(self.block, Match) else ()
        return arranged(getattr(self.block, "places", ()), shown)

    @property
    def alike(self) -> dict[str, bool]:
        """For triage, once answered: for each kind of items, whether they were all answered alike."""
        kinds: dict[str, list[set[str]]] = {}
        if isinstance(self.block, Triage) and self.marks:
            for item in self.block.items:
                if item.kind:
                    kinds.setdefault(item.kind, []).append(set(self.given["places"].get(item.key, ())))
        return {
            kind: all(each == answers[0] for each in answers)
            for kind, answers in kinds.items()
            if len(answers) > 1
        }

    @property
    def gaps(self) -> dict[int, Literal["empty", "same"]]:
        """For compare, once answered: which fields (1, 2 …) are empty, or the same as an earlier one."""
        found: dict[int, Literal["empty", "same"]] = {}
        if isinstance(self.block, Compare) and self.block.shows_gaps and self.is_ == "answered":
            texts = [" ".join(text.casefold().split()) for text in self.given["texts"]]
            for n, text in enumerate(texts, start=1):
                if not text:
                    found[n] = "empty"
                elif text in texts[: n - 1]:
                    found[n] = "same"
        return found

    @property
    def people(self) -> int:
        """How many others `percent()` is about; 0 while that may not be seen."""
        return self.counts.get(EVERYBODY, 0) if self.counts else 0

    def percent(self, choice: str) -> int:
        """How many of a hundred chose this option, or "item/place"."""
        return percents(self.counts or {}, [choice])[choice]


@dataclass(frozen=True, slots=True)
class PollView:
    """`percents` by key of the option: only after one's own answer, and from ten answers on."""

    block: Poll
    chosen: str  # "" before the answer
    people: int = 0  # 0 while results may not be seen
    percents: Mapping[str, int] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class SelfRatingView:
    """`given` and `before`: key of the statement → 1, 2 … as text. `before` is that of the first time, when asked again."""

    block: SelfRating
    given: Mapping[str, str]
    before: Mapping[str, str]
    saved_at: datetime | None = None
    error: str = ""


def view_question(
    block: Question,
    place: tuple[int, int],
    result: Result | None,
    *,
    shown: Sequence[str] = (),
    error: Incomplete | None = None,
    counts: Counts | None = None,
) -> QuestionView:
    """`place`: its number, and of how many."""
    if error is not None:  # what was sent just now, without a verdict
        return QuestionView(block, *place, "open", error.given, error=error.message, shown=shown)
    if result is None:
        return QuestionView(block, *place, "open", {}, shown=shown)
    if isinstance(block, Compare):
        return QuestionView(block, *place, "answered", result.given, shown=shown, saved_at=result.answered_at)
    if result.last_score is None:  # another version of the question has other options
        return QuestionView(block, *place, "open", result.given, shown=shown)
    is_right, was_right = result.last_score == 1, result.best_score == 1
    told = not was_right and result.tries >= TRIES_BEFORE_ANSWER
    return QuestionView(
        block,
        *place,
        "right" if is_right else "wrong",
        result.given,
        marks(block, result.given),
        answer=right_answer(block) if told else None,
        was_right=was_right,
        shown=shown,
        counts=counts,
        saved_at=result.answered_at,
    )


def view_poll(
    block: Poll, result: Result | None, counts: Counts | None, error: Incomplete | None
) -> PollView:
    chosen = next(iter((error.given if error else result.given if result else {}).get("options", ())), "")
    if result is None or counts is None:
        return PollView(block, chosen, error=error.message if error else "")
    keys = [option.key for option in block.options]
    return PollView(block, chosen, counts[EVERYBODY], percents(counts, keys), error.message if error else "")


def view_rating(
    block: SelfRating, result: Result | None, before: Given | None, error: Incomplete | None
) -> SelfRatingView:
    given = error.given if error else result.given if result else {}
    return SelfRatingView(
        block,
        given.get("places", {}),
        (before or {}).get("places", {}),
        result.answered_at if result else None,
        error.message if error else "",
    )
