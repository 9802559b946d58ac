"""The small language of `when:` in a scenario: meters, numbers, comparisons, chose(node.option), and, or, not, brackets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt
from typing import Protocol

Chosen = frozenset[tuple[str, str]]
KEY = r"[a-z0-9]+(?:-[a-z0-9]+)*"
TOKEN = re.compile(
    rf"\s*(?:(?P<chose>chose\(\s*(?P<node>{KEY})\s*\.\s*(?P<option>{KEY})\s*\))|(?P<compare><=|>=|==|<|>)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<word>[a-z]+)|(?P<bracket>[()]))"
)
COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq}
DEEPEST = 20


class WrongCondition(ValueError):
    """In words for the author."""


class Condition(Protocol):
    def holds(self, meters: Mapping[str, float], chosen: Chosen) -> bool: ...
    def names(self) -> Iterator[tuple[str, str]]:
        """Every meter as ("", meter) and every choice as (node, option)."""
        ...


@dataclass(frozen=True, slots=True)
class Compares:
    meter: str
    sign: str
    value: float

    def holds(self, meters: Mapping[str, float], chosen: Chosen) -> bool:  # noqa: ARG002 - one shape for all
        return bool(COMPARE[self.sign](meters[self.meter], self.value))

    def names(self) -> Iterator[tuple[str, str]]:
        yield "", self.meter


@dataclass(frozen=True, slots=True)
class Chose:
    node: str
    option: str

    def holds(self, meters: Mapping[str, float], chosen: Chosen) -> bool:  # noqa: ARG002 - one shape for all
        return (self.node, self.option) in chosen

    def names(self) -> Iterator[tuple[str, str]]:
        yield self.node, self.option


@dataclass(frozen=True, slots=True)
class Not:
    inner: Condition

    def holds(self, meters: Mapping[str, float], chosen: Chosen) -> bool:
        return not self.inner.holds(meters, chosen)

    def names(self) -> Iterator[tuple[str, str]]:
        yield from self.inner.names()


@dataclass(frozen=True, slots=True)
class Joined:
    """All of them, or (`is_any`) at least one."""

    parts: tuple[Condition, ...]
    is_any: bool

    def holds(self, meters: Mapping[str, float], chosen: Chosen) -> bool:
        return (any if self.is_any else all)(part.holds(meters, chosen) for part in self.parts)

    def names(self) -> Iterator[tuple[str, str]]:
        for part in self.parts:
            yield from part.names()


def parse(text: str) -> Condition:
    """Raises WrongCondition."""
    reader = _Reader(text)
    found = reader.either(0)
    if reader.at < len(reader.tokens):
        raise WrongCondition(f"“{reader.tokens[reader.at][1]}” staat hier te veel")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, re.Match[str]]] = []
        self.at, place = 0, 0
        while text[place:].strip():
            found = TOKEN.match(text, place)
            if not found:
                raise WrongCondition(f"“{text[place:].strip()[:20]}” begrijp ik niet")
            self.tokens.append((str(found.lastgroup), found[0].strip(), found))
            if found["chose"]:
                self.tokens[-1] = ("chose", found[0].strip(), found)
            place = found.end()

    def _next(self, *wanted: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][1] in wanted:
            self.at += 1
            return True
        return False

    def either(self, depth: int) -> Condition:
        parts = [self._both(depth)]
        while self._next("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), is_any=True)

    def _both(self, depth: int) -> Condition:
        parts = [self._single(depth)]
        while self._next("and"):
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), is_any=False)

    def _single(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise WrongCondition("er staan te veel haakjes in elkaar")
        if self._next("not"):
            return Not(self._single(depth + 1))
        if self._next("("):
            inner = self.either(depth + 1)
            if not self._next(")"):
                raise WrongCondition("er ontbreekt een haakje )")
            return inner
        if self.at >= len(self.tokens):
            raise WrongCondition("de voorwaarde is niet af")
        kind, text, found = self.tokens[self.at]
        self.at += 1
        if kind == "chose":
            return Chose(found["node"], found["option"])
        if kind == "word" and self.at + 1 < len(self.tokens):
            (sign_kind, sign, _), (value_kind, value, _) = self.tokens[self.at : self.at + 2]
            if sign_kind == "compare" and value_kind == "number":
                self.at += 2
                return Compares(text, sign, float(value))
        raise WrongCondition(f"na “{text}” verwacht ik een vergelijking, zoals spanning >= 8")
