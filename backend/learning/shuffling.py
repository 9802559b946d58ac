"""In which order things are shown, and what is drawn: it follows from a seed, so it is the same on every device. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict
from uuid import UUID

from backend.courses.block_types import Check, Choice, Match, Multiple, Order, Question

FOR_VISITORS = 0


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


def shown(question: Question, seed: int) -> list[str]:
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


def as_shown(question: Question, keys: Sequence[str]) -> Question:
    """The question with its options, steps or right-hand sides in this order; what it does not name comes last."""
    if isinstance(question, Choice | Multiple):
        return question.model_copy(update={"options": _arranged(question.options, keys)})
    if isinstance(question, Match):
        return question.model_copy(update={"places": _arranged(question.places, keys)})
    if isinstance(question, Order):
        steps = _arranged(question.items, keys)
        return question.model_copy(update={"shown": tuple(step.key for step in steps)})
    return question


def _arranged(things: Iterable[Any], keys: Sequence[str]) -> tuple[Any, ...]:
    place = {key: number for number, key in enumerate(keys)}
    return tuple(sorted(things, key=lambda thing: place.get(thing.key, len(place))))


def _shuffled(keys: Iterable[str], seed: int, question: str) -> list[str]:
    """Each key has its own place to go to, so that an option that is added does not move the others among themselves."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}/{question}/{key}".encode()).digest())
