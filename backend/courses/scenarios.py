"""A branching case: its nodes, its three meters, and the pure rules by which one walks it.

A walk is a list of picks, one a node; everything else (meters, the node one stands at, the ending) follows from it.
`html`, `intro_html`, `debrief_html` and `trainer_html` hold paragraphs; other `…_html` fits inside a line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from backend.courses.conditions import Condition, parse

METERS = ("vertrouwen", "spanning", "bescherming")
LOWEST, HIGHEST = 0.0, 10.0
END = "end"

Meters = Mapping[str, float]
Picks = Mapping[str, tuple[str, ...]]  # triage: item key → (choice,); else "" → the chosen options


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Note(_Frozen):
    """A line that is shown when something holds."""

    when: str
    html: str


class Road(_Frozen):
    """An option: what it does, what follows, what practice says, and the strongest argument for it."""

    key: str
    label_html: str
    effect: dict[str, float] = {}
    then_html: str
    practice_html: str
    other_road_html: str
    cost: int = 0  # budget nodes
    to: str  # a node, or "end"


class CaseItem(_Frozen):
    """One thing to judge in a triage node. The effect is that of judging it right."""

    key: str
    html: str
    right: str
    effect: dict[str, float] = {}
    feedback_html: str


class CaseChoice(_Frozen):
    key: str
    label: str


class Node(_Frozen):
    key: str
    kind: Literal["one", "several", "budget", "triage"] = "one"
    title: str
    at: str = ""  # when, in words
    speaker: str = ""
    html: str
    notes: tuple[Note, ...] = ()
    ask_html: str
    roads: tuple[Road, ...] = ()
    least: int = 1  # how many roads of a node of several
    most: int = 1
    points: int = 0  # budget nodes
    choices: tuple[CaseChoice, ...] = ()  # triage nodes
    items: tuple[CaseItem, ...] = ()
    to: str = ""  # triage nodes; other nodes go where the first chosen road leads

    @cached_property
    def road(self) -> dict[str, Road]:
        return {road.key: road for road in self.roads}

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.to,) if self.kind == "triage" else tuple(dict.fromkeys(road.to for road in self.roads))


class Ending(_Frozen):
    key: str
    title: str
    when: str = ""  # "": otherwise
    overrides: bool = False
    html: str


class Scenario(_Frozen):
    key: str
    title: str
    role: str
    minutes: int
    intro_html: str
    meters: dict[str, float]  # where they start
    start: str
    nodes: tuple[Node, ...]
    endings: tuple[Ending, ...]  # the overriding ones first
    additions: tuple[Note, ...] = ()
    debrief_html: str = ""
    lessons: tuple[str, ...] = ()  # to read again
    trainer_html: str = ""

    @cached_property
    def node(self) -> dict[str, Node]:
        return {node.key: node for node in self.nodes}


class WrongPick(ValueError):
    """What was chosen is not possible at this node."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where one stands. `chosen`: (node, option) of all that was chosen; for triage only what was judged right."""

    at: str  # a node, or "end"
    meters: Meters
    chosen: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def holds(self, when: str) -> bool:
        return condition(when).holds(self.meters, self.chosen)


def begin(scenario: Scenario) -> Walk:
    return Walk(scenario.start, dict(scenario.meters))


def step(scenario: Scenario, walk: Walk, picks: Picks) -> Walk:
    """Choose at the node one stands at. Raises WrongPick."""
    node = scenario.node[walk.at]
    if node.kind == "triage":
        judged = _judged(node, picks)
        effects = [item.effect for item, is_right in judged if is_right]
        chosen = {(node.key, item.key) for item, is_right in judged if is_right}
        return Walk(node.to, _moved(walk.meters, effects), walk.chosen | chosen)
    roads = _roads(node, picks)
    chosen = {(node.key, road.key) for road in roads}
    to = roads[0].to if roads else node.roads[0].to
    return Walk(to, _moved(walk.meters, [road.effect for road in roads]), walk.chosen | chosen)


def _judged(node: Node, picks: Picks) -> list[tuple[CaseItem, bool]]:
    allowed = {choice.key for choice in node.choices}
    if picks.keys() != {item.key for item in node.items}:
        raise WrongPick("triage")
    if any(len(pick) != 1 or pick[0] not in allowed for pick in picks.values()):
        raise WrongPick("triage")
    return [(item, picks[item.key][0] == item.right) for item in node.items]


def _roads(node: Node, picks: Picks) -> list[Road]:
    keys = picks.get("", ())
    if picks.keys() - {""} or set(keys) - node.road.keys() or len(set(keys)) < len(keys):
        raise WrongPick("unknown")
    roads = [road for road in node.roads if road.key in keys]
    if node.kind == "budget":
        if sum(road.cost for road in roads) > node.points:
            raise WrongPick("budget")
    elif not (node.least <= len(roads) <= node.most):
        raise WrongPick("count")
    return roads


def _moved(meters: Meters, effects: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Effects of one node are added before the limits hold."""
    moved = {name: value + sum(effect.get(name, 0) for effect in effects) for name, value in meters.items()}
    return {name: min(HIGHEST, max(LOWEST, value)) for name, value in moved.items()}


def ending_of(scenario: Scenario, walk: Walk) -> Ending:
    """The first that holds: overriding ones stand first, the last holds always."""
    return next(each for each in scenario.endings if not each.when or walk.holds(each.when))


def condition(when: str) -> Condition:
    """Parsed once; the text was checked when the version was made."""
    found = _conditions.get(when)
    if found is None:
        found = _conditions[when] = parse(when)
    return found


_conditions: dict[str, Condition] = {}
