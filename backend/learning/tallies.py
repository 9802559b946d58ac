"""How others answered: counted when an answer is kept, shown from ten people on. Names nobody."""

from collections.abc import Collection, Mapping

from sqlalchemy import select, text
from sqlmodel import Session, col

from backend.courses.block_types import Choice, Multiple, Poll, Sort, Triage
from backend.courses.documents import Lesson
from backend.learning.answers import Given
from backend.learning.grading import Answerable
from backend.learning.models import Tally

FEWEST = 10  # people; of fewer nothing is shown
EVERYBODY = ""  # the choice that counts who answered
Counts = Mapping[str, int]  # choice → people

_ADD = text(
    """
    INSERT INTO tally (course_id, lesson_key, block_key, choice, people)
    VALUES (:course_id, :lesson_key, :block_key, :choice, :amount)
    ON CONFLICT (course_id, lesson_key, block_key, choice) DO UPDATE SET people = tally.people + excluded.people
    """
)


def is_counted(block: object) -> bool:
    """Polls, and questions that show how others answered."""
    return isinstance(block, Poll) or (
        isinstance(block, Choice | Multiple | Sort | Triage) and block.shows_peers
    )


def counted_in(lesson: Lesson) -> list[str]:
    """The keys of those blocks."""
    return [key for key, block in lesson.blocks.items() if is_counted(block)]


def count(
    session: Session, where: tuple[int, str], block: Answerable, before: Given | None, given: Given
) -> None:
    """Somebody answered. `where`: course and lesson; `before`: their earlier answer.

    A poll follows the last answer. Of a question only the first one counts: later ones follow the feedback.
    """
    if not is_counted(block) or (before is not None and not isinstance(block, Poll)):
        return
    chosen = _choices(given) | {EVERYBODY}
    gone = _choices(before) | {EVERYBODY} if before is not None else set()
    course_id, lesson_key = where
    for choice in sorted(
        chosen ^ gone
    ):  # always in this order: two people at once do not wait for each other in a ring
        session.execute(
            _ADD,
            {
                "course_id": course_id,
                "lesson_key": lesson_key,
                "block_key": block.key,
                "choice": choice,
                "amount": 1 if choice in chosen else -1,
            },
        )


def _choices(given: Given) -> set[str]:
    if "places" not in given:
        return set(given.get("options", ()))
    return {
        f"{item}/{place}"
        for item, places in given["places"].items()
        for place in (places if isinstance(places, list) else [places])
    }


def counts_of(
    session: Session, course_id: int, lesson_key: str, blocks: Collection[str]
) -> dict[str, Counts]:
    """By block. One query, none when nothing is asked."""
    if not blocks:
        return {}
    found: dict[str, dict[str, int]] = {key: {} for key in blocks}
    rows = session.execute(
        select(col(Tally.block_key), col(Tally.choice), col(Tally.people)).where(
            col(Tally.course_id) == course_id,
            col(Tally.lesson_key) == lesson_key,
            col(Tally.block_key).in_(blocks),
        )
    )
    for key, choice, people in rows:
        found[key][choice] = people
    return dict(found)


def shares(counts: Counts) -> dict[str, float] | None:
    """For each choice the share of those who answered, 0 to 1. None while they are fewer than ten."""
    everybody = counts.get(EVERYBODY, 0)
    if everybody < FEWEST:
        return None
    return {choice: people / everybody for choice, people in counts.items() if choice != EVERYBODY}
