"""In which order things are shown, and what is drawn: it follows from a seed, so it is the same on every device. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from backend.courses.block_types import Check, Choice, Match, Multiple, Order
from backend.learning.grading import Answerable

FOR_VISITORS = 0
Shown = Mapping[str, Sequence[str]]  # by question: the keys of its options, items or right-hand sides


class Drawn(TypedDict):
    """What is frozen in an attempt at a check."""

    questions: list[str]
    shown: dict[str, list[str]]


def practice_seed(account_id: UUID, lesson_key: str) -> int:
    """The same before the first answer and after it, on every device, in every version."""
    return int.from_bytes(hashlib.sha256(f"{account_id}/{lesson_key}".encode()).digest()[:7])


def draw(check: Check, seed: int) -> Drawn:
    """So many questions of the bank, in an order of their own."""
    bank = {question.key: question for question in check.questions}
    chosen = _shuffled(bank, seed, check.key)[: check.draw]
    return {"questions": chosen, "shown": {key: shown(bank[key], seed) for key in chosen}}


def shown(question: Answerable, seed: int) -> list[str]:
    """The keys of the options, the steps or the right-hand sides, in the order to show them; [] where it stays as written."""
    if isinstance(question, Choice | Multiple):
        return _shuffled((option.key for option in question.options), seed, question.key)
    if isinstance(question, Match):
        return _shuffled((place.key for place in question.places), seed, question.key)
    if isinstance(question, Order):
        right = [item.key for item in question.items]
        order = _shuffled(right, seed, question.key)
        return order if order != right else order[1:] + order[:1]  # wrong on purpose
    return []


def arranged(things: Iterable[Any], keys: Sequence[str]) -> list[Any]:
    """Things that have a key, in this order; those that it does not name come last, as written."""
    place = {key: number for number, key in enumerate(keys)}
    return sorted(things, key=lambda thing: place.get(thing.key, len(place)))


def _shuffled(keys: Iterable[str], seed: int, question: str) -> list[str]:
    """Each key has its own place to go to, so that an option that is added does not move the others among themselves."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}/{question}/{key}".encode()).digest())
