"""What somebody answered, read from a form and held against the question. No database, no clock.

How that goes for each type is in choosing.py, placing.py and writing.py.
"""

from backend.courses.block_types import (
    Compare,
    Match,
    Number,
    Order,
    Poll,
    Question,
    SelfRating,
    Short,
    Sort,
    Triage,
)
from backend.learning import choosing, placing, writing
from backend.learning.answers import (
    ANSWER_FIELD,
    CHECK_FIELD,
    OPTION_FIELD,
    PLACE_FIELD,
    RATING_FIELD,
    REASON_FIELD,
    TEXT_FIELD,
    Given,
    Incomplete,
    Submitted,
)
from backend.learning.placing import places_of

__all__ = [
    "Answerable", "Given", "Incomplete", "Submitted", "as_submitted", "grade", "marks", "nothing", "places_of", "read_answer",
    "right_answer",
]  # fmt: skip
Answerable = Question | Poll | SelfRating


def read_answer(block: Answerable, submitted: Submitted) -> Given:
    """What was chosen, placed or written, every key checked against the block. Raises Incomplete."""
    if isinstance(block, Order | Match | Sort | Triage | SelfRating):
        return placing.read(block, submitted)
    if isinstance(block, Number | Short | Compare):
        return writing.read(block, submitted)
    return choosing.read(block, submitted)


def nothing(block: Answerable) -> Given:
    """What is given while nothing is."""
    try:
        return read_answer(block, {})
    except Incomplete as incomplete:
        return incomplete.given


def marks(block: Answerable, given: Given) -> dict[str, bool]:
    """For each option that was chosen, or each item that was placed: is it right? Empty where nothing is right or wrong.

    For what was written: the option that it is, "" for none and for a number.
    """
    if isinstance(block, Compare | Poll | SelfRating):
        return {}
    if isinstance(block, Order | Match | Sort | Triage):
        return placing.marks(block, given)
    if isinstance(block, Number | Short):
        return writing.marks(block, given)
    return choosing.marks(block, given)


def grade(block: Answerable, given: Given) -> float | None:
    """From 0 to 1, and 1 only when everything is right; also for an answer that is not complete. None: not graded."""
    if isinstance(block, Compare | Poll | SelfRating):
        return None
    if isinstance(block, Order | Match | Sort | Triage):
        return placing.grade(block, given)
    if isinstance(block, Number | Short):
        return writing.grade(block, given)
    return choosing.grade(block, given)


def right_answer(block: Question) -> Given:
    """What earns 1. For a text to compare, something written."""
    if isinstance(block, Compare):
        return {"texts": {str(n): "…" for n in range(1, max(1, len(block.prompts)) + 1)}, "checked": []}
    if isinstance(block, Order | Match | Sort | Triage):
        return placing.right(block)
    if isinstance(block, Number | Short):
        return writing.right(block)
    return choosing.right(block)


def as_submitted(given: Given) -> dict[str, list[str]]:
    """The form fields that read_answer() would read this from."""
    if "places" in given:
        return {
            PLACE_FIELD + item: list(place) if isinstance(place, list) else [place]
            for item, place in given["places"].items()
        }
    if "texts" in given:
        texts = {TEXT_FIELD + n: [text] for n, text in given["texts"].items()}
        return texts | {CHECK_FIELD + n: ["ja"] for n in given["checked"]}
    if "ratings" in given:
        return {RATING_FIELD + key: [level] for key, level in given["ratings"].items()}
    if "text" in given:
        return {ANSWER_FIELD: [given["text"]]}
    reason = [given["reason"]] if given.get("reason") else []
    return {OPTION_FIELD: list(given["options"]), **({REASON_FIELD: reason} if reason else {})}
