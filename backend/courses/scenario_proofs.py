"""Walks every path of a scenario and proves that it is sound.

No moment is a dead end or goes round, every moment and every ending is reached by somebody, no effect is always lost
because its meter stands at its limit, and no line waits for what never happens.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from backend.courses.conditions import Condition, parse
from backend.courses.problems import Report
from backend.courses.scenarios import END, HIGHEST, LOWEST, METERS, Node, Scenario

MOST_STATES = 150_000
MOST_STEPS = 3_000_000
Fact = tuple[str, str]  # (node, option)
Facts = frozenset[Fact]
Points = tuple[int, ...]  # the meters, in halves: whole numbers can be compared
States = dict[
    Facts, set[Points]
]  # two people with the same facts and meters cannot be told apart by what follows
Line = Callable[..., int]
TOP, BOTTOM = int(HIGHEST * 2), int(LOWEST * 2)
NOTHING: Points = (0,) * len(METERS)


class Move(NamedTuple):
    """One way to answer a moment: what it adds to the meters, the facts that a condition may ask for, and where it leads."""

    adds: Points
    facts: Facts
    to: str


class _TooMany(Exception):
    pass


def prove(scenario: Scenario, line: Line, report: Report) -> None:
    """`line` tells where a path of the file stands, such as ("nodes", "n1")."""
    order = _check_graph(scenario, line, report)
    if order is None:
        return
    at_the_end = _facts(each.when for each in scenario.endings)
    try:
        walked = _walk(scenario, order, {END: at_the_end})
        unseen = list(_never_seen(scenario, order, walked))
    except _TooMany:
        report.error(
            line("nodes"), "Dit scenario heeft te veel verschillende wegen om ze alle na te gaan.",
            "Maak het kleiner, of gebruik minder chose(…) in de voorwaarden.",
        )  # fmt: skip
        return
    _check_effects(scenario, walked, line, report)
    for path, when in unseen:
        report.error(
            line(*path),
            "Deze regel is nooit te zien: niemand voldoet eraan.",
            f"Kijk de voorwaarde na: {when[:60]}",
        )
    _check_endings(scenario, walked, line, report)


# ── the graph ──


def _check_graph(scenario: Scenario, line: Line, report: Report) -> list[Node] | None:
    """The moments, each before those it leads to. None, with a report, when there is no such order or one is not reached."""
    if scenario.start not in scenario.node:
        report.error(
            line("start"), f"Het moment “{scenario.start[:40]}” is er niet.", "Noem een van de nodes."
        )
        return None
    is_known = True
    for node in scenario.nodes:
        for target in node.targets:
            if target != END and target not in scenario.node:
                is_known = False
                report.error(
                    line("nodes", node.key), f"“{target[:40]}” is er niet: {node.key} leidt nergens heen.",
                    "Noem een van de nodes, of end.",
                )  # fmt: skip
    if not is_known:
        return None
    order = _ordered(scenario)
    if order is None:
        report.error(
            line("nodes"),
            "Wie hier kiest, kan blijven ronddraaien.",
            "Laat elk antwoord naar een later moment gaan.",
        )
        return None
    lost = scenario.node.keys() - {node.key for node in order}
    for key in sorted(lost):
        report.error(
            line("nodes", key),
            f"Niemand komt bij {key}.",
            "Laat een antwoord ernaartoe gaan, of haal het weg.",
        )
    return None if lost else order


def _ordered(scenario: Scenario) -> list[Node] | None:
    """What can be reached from the start, ordered; None when one can go round."""
    seen: dict[str, bool] = {}  # key → is done
    order: list[Node] = []
    stack: list[tuple[str, Iterator[str]]] = [(scenario.start, iter(scenario.node[scenario.start].targets))]
    seen[scenario.start] = False
    while stack:
        key, targets = stack[-1]
        target = next((each for each in targets if each != END), None)
        if target is None:
            stack.pop()
            seen[key] = True
            order.append(scenario.node[key])
        elif target not in seen:
            seen[target] = False
            stack.append((target, iter(scenario.node[target].targets)))
        elif not seen[target]:
            return None
    return order[::-1]


# ── the walk ──


def _walk(
    scenario: Scenario, order: list[Node], asked: Mapping[str, Facts], *, with_meters: bool = True
) -> Mapping[str, States]:
    """The states that somebody can be in, by the moment at which they arrive; "end" too.

    `asked`: by moment, the facts that are asked for there; no others are kept. Without meters, only those facts count.
    """
    needed = _needed_later(order, asked)
    start = tuple(int(scenario.meters[name] * 2) for name in METERS) if with_meters else NOTHING
    at: dict[str, States] = {key: {} for key in needed}
    at[scenario.start][frozenset()] = {start}
    every = frozenset[Fact]().union(*needed.values())
    states = 0
    for node in order:
        moves = {
            Move(adds if with_meters else NOTHING, facts & needed[to], to)
            for adds, facts, to in _moves(node, every)
        }
        states += _count(at[node.key])
        if states > MOST_STATES or states * len(moves) > MOST_STEPS:
            raise _TooMany
        for adds, leading in _by_effect(moves).items():
            for known, here in at[node.key].items():
                moved = {_moved(meters, adds) for meters in here}
                for facts, to in leading:
                    at[to].setdefault((known | facts) & needed[to], set()).update(moved)
    return at


def _moved(meters: Points, adds: Points) -> Points:
    return tuple([min(TOP, max(BOTTOM, value + add)) for value, add in zip(meters, adds, strict=True)])


def _count(states: States) -> int:
    return sum(len(meters) for meters in states.values())


def _by_effect(moves: Iterable[Move]) -> dict[Points, list[tuple[Facts, str]]]:
    """Many moves do the same to the meters: that is worked out once."""
    grouped: dict[Points, list[tuple[Facts, str]]] = {}
    for adds, facts, to in moves:
        grouped.setdefault(adds, []).append((facts, to))
    return grouped


def _needed_later(order: Sequence[Node], asked: Mapping[str, Facts]) -> dict[str, Facts]:
    """By moment: the facts that are asked for there or later. The others make no difference."""
    needed = {END: asked.get(END, frozenset())}
    for node in reversed(order):
        later = frozenset[Fact]().union(*(needed[target] for target in node.targets))
        needed[node.key] = later | asked.get(node.key, frozenset())
    return needed


def _never_seen(
    scenario: Scenario, order: list[Node], walked: Mapping[str, States]
) -> Iterator[tuple[tuple[object, ...], str]]:
    """The lines that wait for what never happens: where they stand, and for what."""
    for key, path, when in _conditional_lines(scenario):
        facts = _facts([when])
        names_meters = any(not node for node, _name in _parsed(when).names())
        states = walked if not facts else _walk(scenario, order, {key: facts}, with_meters=names_meters)
        if not any(_holds(when, meters, known) for known, here in states[key].items() for meters in here):
            yield path, when


def _conditional_lines(scenario: Scenario) -> Iterator[tuple[str, tuple[object, ...], str]]:
    for node in scenario.nodes:
        for n, note in enumerate(node.notes):
            yield node.key, ("nodes", node.key, "notes", n), note.when
    for n, addition in enumerate(scenario.additions):
        yield END, ("additions", n), addition.when


def _facts(conditions: Iterable[str]) -> Facts:
    return frozenset(name for when in conditions if when for name in _parsed(when).names() if name[0])


def _moves(node: Node, asked: Facts) -> set[Move]:
    """Every way to answer, as far as it makes a difference."""
    if node.kind == "triage":
        judged = _combined(node.key, [(item.key, item.effect, 0) for item in node.items], asked)
        return {Move(adds, facts, node.to) for _count, _cost, adds, facts in judged}
    if node.kind == "one":
        return {
            Move(_halves(road.effect), frozenset({(node.key, road.key)}) & asked, road.to)
            for road in node.roads
        }
    chosen = _combined(node.key, [(road.key, road.effect, road.cost) for road in node.roads], asked)
    is_budget = node.kind == "budget"
    return {
        Move(adds, facts, node.roads[0].to)
        for count, cost, adds, facts in chosen
        if (cost <= node.points if is_budget else node.least <= count <= node.most)
    }


def _combined(
    node: str, options: Iterable[tuple[str, Mapping[str, float], int]], asked: Facts
) -> set[tuple[int, int, Points, Facts]]:
    """Count, cost, sum of effects and facts of every selection of these options; selections that are alike are one."""
    found: set[tuple[int, int, Points, Facts]] = {(0, 0, NOTHING, frozenset())}
    for key, effect, price in options:
        more, fact = _halves(effect), frozenset({(node, key)}) & asked
        found |= {
            (count + 1, cost + price, tuple([a + b for a, b in zip(adds, more, strict=True)]), facts | fact)
            for count, cost, adds, facts in found
        }
        if len(found) > MOST_STATES:
            raise _TooMany
    return found


def _halves(effect: Mapping[str, float]) -> Points:
    return tuple(int(effect.get(name, 0) * 2) for name in METERS)


@lru_cache(maxsize=512)
def _parsed(when: str) -> Condition:
    return parse(when)


def _holds(when: str, meters: Points, known: Facts) -> bool:
    named = {name: value / 2 for name, value in zip(METERS, meters, strict=True)}
    return _parsed(when).holds(named, known)


# ── what the walk shows ──


def _check_effects(scenario: Scenario, at: Mapping[str, States], line: Line, report: Report) -> None:
    for node in scenario.nodes:
        parts = [("options", road.key, road.effect) for road in node.roads]
        parts += [("items", item.key, item.effect) for item in node.items]
        for where, key, effect in parts:
            for name, value in effect.items():
                others = [
                    each.get(name, 0) for _, other, each in parts if other != key and node.kind != "one"
                ]
                if _is_lost(name, value, at[node.key]) and not any(other * value < 0 for other in others):
                    limit = "hoogste" if value > 0 else "laagste"
                    report.error(
                        line("nodes", node.key, where, key, "effect", name),
                        f"{name}: {value:g} doet hier nooit iets: de meter staat altijd al op het {limit}.",
                        "Laat het weg, of maak de effecten ervoor kleiner.",
                    )


def _is_lost(name: str, value: float, states: States) -> bool:
    place, limit = METERS.index(name), TOP if value > 0 else BOTTOM
    return all(meters[place] == limit for here in states.values() for meters in here)


def _check_endings(scenario: Scenario, at: Mapping[str, States], line: Line, report: Report) -> None:
    reached = {
        next(
            ending.key for ending in scenario.endings if not ending.when or _holds(ending.when, meters, known)
        )
        for known, here in at[END].items()
        for meters in here
    }
    for ending in scenario.endings:
        if ending.key not in reached:
            report.error(
                line("endings", ending.key), f"Niemand bereikt de afloop “{ending.title[:60]}”.",
                "Kijk haar voorwaarde na, en die van de aflopen die voorgaan.",
            )  # fmt: skip
