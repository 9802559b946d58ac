"""A question, a poll or a self-rating as one person sees it. Feedback and right answers are here only when they may be seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from backend.courses.block_types import Compare, Order, Poll, Question, SelfRating, Triage
from backend.learning.grading import Given, Incomplete, marks, right_answer
from backend.learning.service import Result
from backend.learning.tallies import EVERYBODY, Counts, shares

TRIES_BEFORE_ANSWER = 3  # after so many tries without success one may look at the right answer


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question, open or answered. `is_` is "answered" for a text to compare: that is never right or wrong."""

    block: Question  # with its options, steps or right-hand sides in the order to show them
    number: int  # place among the questions of the lesson
    of: int
    is_: Literal["open", "wrong", "right", "answered"]
    given: Given
    # option or item key → right; "" for what was written and is no option; empty while open
    marks: Mapping[str, bool] = field(default_factory=dict)
    error: str = ""  # why what was just sent could not be graded
    answer: Given | None = None  # the right answer, after several tries
    was_right: bool = False  # an earlier answer was right; that keeps counting
    peers: Mapping[str, float] | None = (
        None  # option or "item/place" → share of the others; from ten people on
    )
    prefix: str = ""  # of the names of fields, where one form holds several questions
    saved_at: datetime | None = None

    @property
    def right_count(self) -> int:
        return sum(self.marks.values())

    @property
    def options(self) -> Sequence[Any]:
        return getattr(self.block, "options", ())

    @property
    def items(self) -> Sequence[Any]:
        """For order: as placed, or as shown at first. For the others: as written."""
        if not isinstance(self.block, Order):
            return getattr(self.block, "items", ())
        placed, first = self.given.get("places", {}), self.block.shown
        return sorted(
            self.block.items, key=lambda item: (int(placed.get(item.key, 0)), first.index(item.key))
        )

    @property
    def alike(self) -> list[tuple[str, int, int]]:
        """For triage, once answered: each kind of items, how many of them got the commonest answer, and how many there are."""
        kinds: dict[str, Counter[tuple[str, ...]]] = {}
        if isinstance(self.block, Triage) and self.marks:
            for item in self.block.items:
                if item.kind:
                    given = tuple(self.given["places"].get(item.key, ()))
                    kinds.setdefault(item.kind, Counter())[given] += 1
        return [(kind, max(same.values()), same.total()) for kind, same in kinds.items() if same.total() > 1]


@dataclass(frozen=True, slots=True)
class PollView:
    """`shares` (option → 0 to 1): only after one's own answer, and from ten answers on. `count`: how many answered."""

    block: Poll
    given: Given
    count: int = 0
    shares: Mapping[str, float] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class SelfRatingView:
    """`given` and `earlier` hold "ratings": statement → 1, 2 … as text. `earlier`: what one said the first time."""

    block: SelfRating
    given: Given
    earlier: Given | None
    saved_at: datetime | None = None
    error: str = ""


def view_question(
    block: Question,
    place: tuple[int, int],
    result: Result | None,
    *,
    error: Incomplete | None = None,
    counts: Counts | None = None,
) -> QuestionView:
    """`place`: its number, and of how many."""
    if error is not None:  # what was sent just now, without a verdict
        return QuestionView(block, *place, "open", error.given, error=error.message)
    if result is None:
        return QuestionView(block, *place, "open", {})
    if isinstance(block, Compare) and result.tries:
        return QuestionView(block, *place, "answered", result.given, saved_at=result.answered_at)
    if result.last_score is None:  # a draft, or an answer that this version of the question does not know
        return QuestionView(block, *place, "open", result.given, saved_at=result.answered_at)
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
        peers=shares(counts) if counts else None,
        saved_at=result.answered_at,
    )


def view_poll(
    block: Poll, result: Result | None, counts: Counts | None, error: Incomplete | None
) -> PollView:
    given = error.given if error else result.given if result else {}
    if result is None or counts is None:
        return PollView(block, given, error=error.message if error else "")
    return PollView(block, given, counts.get(EVERYBODY, 0), shares(counts), error.message if error else "")


def view_rating(
    block: SelfRating, result: Result | None, earlier: Given | None, error: Incomplete | None
) -> SelfRatingView:
    given = error.given if error else result.given if result else {}
    saved_at = result.answered_at if result else None
    return SelfRatingView(block, given, earlier, saved_at, error.message if error else "")
