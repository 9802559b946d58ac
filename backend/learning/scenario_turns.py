"""What happened at each node of a walk through a branching case: pure, worked out from what was chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from backend.courses.scenarios import END, CaseItem, Meters, Node, Picks, Road, Scenario, Walk, begin, step

CHOICE, ITEM = "keuze", "plaats."  # names of the fields of a form; that of a thing ends with its key
Submitted = Mapping[str, Sequence[str]]


class Judged(NamedTuple):
    """One thing of a triage node, and the choice that was made for it."""

    item: CaseItem
    choice: str  # in words
    right: str  # in words
    is_right: bool


@dataclass(frozen=True)
class Turn:
    """One node of a walk. `picks` and `after` are None while nothing was chosen there yet."""

    place: int
    node: Node
    notes: tuple[str, ...]  # html of the lines that hold here
    before: Meters
    picks: Picks | None = None
    after: Meters | None = None
    at: datetime | None = None

    @cached_property
    def chosen(self) -> tuple[Road, ...]:
        """In the order of the node."""
        keys = (self.picks or {}).get("", ())
        return tuple(road for road in self.node.roads if road.key in keys)

    @cached_property
    def left(self) -> tuple[Road, ...]:
        """The roads not taken."""
        return tuple(road for road in self.node.roads if road not in self.chosen)

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        labels = {choice.key: choice.label for choice in self.node.choices}
        given = {key: keys[0] for key, keys in (self.picks or {}).items() if key and keys}
        return tuple(
            Judged(item, labels[given[item.key]], labels[item.right], given[item.key] == item.right)
            for item in self.node.items
            if item.key in given
        )

    @property
    def spent(self) -> int:
        return sum(road.cost for road in self.chosen)


def turns_of(scenario: Scenario, steps: Iterable[tuple[Picks, datetime]]) -> tuple[tuple[Turn, ...], Walk]:
    """Every node where something was chosen, in order, and where one stands after that. Raises WrongPick."""
    walk, turns = begin(scenario), []
    for place, (picks, at) in enumerate(steps):
        after = step(scenario, walk, picks)
        turns.append(_turn(scenario, walk, place, picks, after, at))
        walk = after
    return tuple(turns), walk


def open_turn(scenario: Scenario, walk: Walk, place: int) -> Turn | None:
    """The node where one stands; None at the end."""
    return None if walk.at == END else _turn(scenario, walk, place)


def _turn(
    scenario: Scenario,
    walk: Walk,
    place: int,
    picks: Picks | None = None,
    after: Walk | None = None,
    at: datetime | None = None,
) -> Turn:
    node = scenario.node[walk.at]
    notes = tuple(note.html for note in node.notes if walk.holds(note.when))
    return Turn(place, node, notes, walk.meters, picks, after.meters if after else None, at)


def read_picks(node: Node, submitted: Submitted) -> Picks:
    """What a form says was chosen, in one spelling; whether it is possible is for `step` to say."""
    if node.kind == "triage":
        sent = {item.key: tuple(submitted.get(ITEM + item.key, ())) for item in node.items}
        return {key: values for key, values in sent.items() if values}
    keys = tuple(submitted.get(CHOICE, ()))
    places = {road.key: place for place, road in enumerate(node.roads)}
    known = sorted((key for key in keys if key in places), key=places.__getitem__)
    return {"": (*known, *(key for key in keys if key not in places))}


def steps_left(scenario: Scenario, at: str) -> tuple[int, int]:
    """The least and the most choices from this node to an ending, this one included."""
    found: dict[str, tuple[int, int]] = {END: (0, 0)}

    def look(key: str, seen: frozenset[str]) -> tuple[int, int]:
        if key not in found and key not in seen:  # a loop ends nowhere
            ahead = [look(to, seen | {key}) for to in scenario.node[key].targets]
            found[key] = (1 + min(least for least, _most in ahead), 1 + max(most for _least, most in ahead))
        return found.get(key, (0, 0))

    return look(at, frozenset())


def moved(before: Meters, after: Meters) -> Mapping[str, float]:
    """By how much each meter moved."""
    return {name: after[name] - value for name, value in before.items()}
