"""Every path of a scenario is walked, and what nobody can reach or what does nothing is told."""

import itertools
import random

import pytest

from backend.courses.problems import Report
from backend.courses.scenario_proofs import prove
from backend.courses.scenarios import (
    END,
    METERS,
    CaseChoice,
    CaseItem,
    Ending,
    Node,
    Note,
    Road,
    Scenario,
    Walk,
    begin,
    ending_of,
    step,
)

Effect = dict[str, float]


def road(key: str, to: str, effect: Effect | None = None, cost: int = 0) -> Road:
    return Road(
        key=key, label_html="a", effect=effect or {}, then_html="b", practice_html="c", other_road_html="d", cost=cost, to=to
    )  # fmt: skip


def node(key: str, *roads: Road, **values: object) -> Node:
    return Node(**{"key": key, "title": key, "html": "", "ask_html": "", "roads": roads, **values})


def ending(key: str, when: str = "", *, overrides: bool = False) -> Ending:
    return Ending(key=key, title=key, when=when, overrides=overrides, html="")


def case(
    *nodes: Node, endings: tuple[Ending, ...] = (ending("slot"),), at: float = 5, **values: object
) -> Scenario:
    return Scenario(
        **{"key": "x", "title": "x", "role": "x", "minutes": 5, "intro_html": "", "start": nodes[0].key,
           "meters": dict.fromkeys(METERS, at), "nodes": nodes, "endings": endings, **values}
    )  # fmt: skip


def told(scenario: Scenario) -> list[tuple[str, str]]:
    """Where, and what."""
    report = Report("x.yaml")
    places: list[tuple[object, ...]] = []

    def line(*path: object) -> int:
        places.append(path)
        return len(places)

    prove(scenario, line, report)
    return [("/".join(map(str, places[p.line - 1])), p.message) for p in report.problems]


def test_a_sound_scenario_gives_no_problem() -> None:
    assert told(case(node("a", road("x", "b"), road("y", END)), node("b", road("z", END)))) == []


def test_a_start_or_a_road_to_nowhere_is_told() -> None:
    assert told(case(node("a", road("x", END)), start="weg")) == [("start", "Het moment “weg” is er niet.")]
    assert told(case(node("a", road("x", END), road("y", "weg")))) == [
        ("nodes/a", "“weg” is er niet: a leidt nergens heen.")
    ]


def test_going_round_is_told() -> None:
    said = "Wie hier kiest, kan blijven ronddraaien."
    assert told(case(node("a", road("x", "a"), road("y", END)))) == [("nodes", said)]
    assert told(case(node("a", road("x", "b")), node("b", road("y", "a"), road("z", END)))) == [
        ("nodes", said)
    ]


def test_a_moment_that_nobody_reaches_is_told() -> None:
    lost = node("b", road("z", END))
    assert told(case(node("a", road("x", END)), lost)) == [("nodes/b", "Niemand komt bij b.")]


def test_two_roads_may_meet_again() -> None:
    assert (
        told(
            case(
                node("a", road("x", "c"), road("y", "b")),
                node("b", road("z", "c")),
                node("c", road("w", END)),
            )
        )
        == []
    )


def test_an_ending_that_nobody_reaches_is_told() -> None:
    roads = (road("x", END, {"spanning": 2}), road("y", END))
    endings = (ending("heet", "spanning >= 7"), ending("heter", "spanning >= 7.5"), ending("rest"))
    assert told(case(node("a", *roads), endings=endings)) == [
        ("endings/heter", "Niemand bereikt de afloop “heter”.")
    ]
    covered = (ending("heet", "spanning >= 5"), ending("rest"))
    assert told(case(node("a", *roads), endings=covered)) == [
        ("endings/rest", "Niemand bereikt de afloop “rest”.")
    ]


def test_an_ending_that_overrides_takes_it_from_the_others() -> None:
    roads = (road("x", END, {"spanning": 2}), road("y", END))
    endings = (
        ending("eerst", "spanning >= 7", overrides=True),
        ending("heet", "spanning >= 6"),
        ending("rest"),
    )
    assert told(case(node("a", *roads), endings=endings)) == [
        ("endings/heet", "Niemand bereikt de afloop “heet”.")
    ]


def test_an_effect_that_is_always_lost_at_a_limit_is_told() -> None:
    said = "vertrouwen: 1 doet hier nooit iets: de meter staat altijd al op het hoogste."
    high = case(
        node("a", road("x", "b", {"spanning": -1})), node("b", road("y", END, {"vertrouwen": 1})), at=10
    )
    assert told(high) == [("nodes/b/options/y/effect/vertrouwen", said)]
    one_way = case(
        node("a", road("x", "b", {"vertrouwen": -1}), road("w", "b")),
        node("b", road("y", END, {"vertrouwen": 1})),
        at=10,
    )
    assert told(one_way) == []  # for some it does something


def test_an_effect_that_another_of_the_same_moment_makes_room_for_is_not_lost() -> None:
    several = node(
        "a", road("x", END, {"vertrouwen": 1}), road("y", END, {"vertrouwen": -1}), kind="several", most=2
    )
    assert told(case(several, at=10)) == []


def test_a_line_that_nobody_sees_is_told() -> None:
    said = "Deze regel is nooit te zien: niemand voldoet eraan."
    notes = (
        Note(when="chose(a.x)", html=""),
        Note(when="chose(a.y)", html=""),
        Note(when="chose(b.z)", html=""),
    )
    found = told(case(node("a", road("x", "b"), road("y", END)), node("b", road("z", END), notes=notes)))
    assert found == [("nodes/b/notes/1", said), ("nodes/b/notes/2", said)]
    additions = (
        Note(when="chose(a.x) and chose(b.z)", html=""),
        Note(when="chose(a.y) and chose(b.z)", html=""),
    )
    found = told(
        case(node("a", road("x", "b"), road("y", END)), node("b", road("z", END)), additions=additions)
    )
    assert found == [("additions/1", said)]


def test_what_can_be_combined_depends_on_the_kind_of_moment() -> None:
    roads = (
        road("x", END, {"spanning": 1}, 2),
        road("y", END, {"spanning": 1}, 2),
        road("z", END, {"spanning": 1}, 1),
    )
    endings = (ending("drie", "spanning >= 8"), ending("twee", "spanning >= 7"), ending("rest"))
    unreached = {
        "several": ["endings/drie"],
        "budget": ["endings/drie"],
        "one": ["endings/drie", "endings/twee"],
    }
    for kind, places in unreached.items():
        values = {"least": 1, "most": 2 if kind == "several" else 1, "points": 4, "kind": kind}
        assert [place for place, _ in told(case(node("a", *roads, **values), endings=endings))] == places
    assert told(case(node("a", *roads, kind="budget", points=5), endings=endings)) == []


def test_too_many_different_ways_are_told_quickly() -> None:
    steps = [f"n{n}" for n in range(22)]
    effects = {"a": 0.5, "b": -0.5, "c": 1}
    nodes = [
        node(key, *(road(r, to, {"spanning": e, "vertrouwen": -e, "bescherming": e / 2}) for r, e in effects.items()))
        for key, to in itertools.pairwise([*steps, END])
    ]  # fmt: skip
    asked = " and ".join(f"chose({key}.a)" for key in steps)
    assert told(case(*nodes, endings=(ending("x", asked), ending("y")))) == [
        ("nodes", "Dit scenario heeft te veel verschillende wegen om ze alle na te gaan.")
    ]
    assert told(case(*nodes)) == []  # without the question who chose what, they are the same


def picks_of(at: Node, chance: random.Random) -> dict[str, tuple[str, ...]]:
    if at.kind == "triage":
        return {item.key: (chance.choice(at.choices).key,) for item in at.items}
    while True:
        chosen = tuple(each.key for each in at.roads if chance.random() < 0.5)
        if at.kind == "budget" and sum(at.road[key].cost for key in chosen) <= at.points:
            return {"": chosen}
        if at.kind != "budget" and at.least <= len(chosen) <= at.most:
            return {"": chosen}


def anything(chance: random.Random) -> Scenario:
    """A scenario without loops, of every kind of moment, with conditions on what was chosen."""
    count = chance.randint(2, 5)
    keys = [f"n{n}" for n in range(count)]

    def effect() -> Effect:
        return {name: chance.choice([-2, -1, -0.5, 0.5, 1, 2]) for name in METERS if chance.random() < 0.5}

    nodes = []
    for place, key in enumerate(keys):
        later = [*keys[place + 1 :], END]
        kind = chance.choice(["one", "several", "budget", "triage"])
        to = later[0]
        roads = tuple(
            road(r, chance.choice(later) if kind == "one" else to, effect(), chance.randint(1, 3))
            for r in "abc"
        )
        if kind == "triage":
            items = tuple(
                CaseItem(key=i, html="", right="ja", effect=effect(), feedback_html="") for i in "abc"
            )
            choices = tuple(CaseChoice(key=c, label=c) for c in ("ja", "nee"))
            nodes.append(node(key, kind=kind, items=items, choices=choices, to=to))
        else:
            most = chance.randint(1, 3) if kind == "several" else 1
            nodes.append(node(key, *roads, kind=kind, least=1, most=most, points=chance.randint(2, 6)))
    asked = [f"chose({chance.choice(keys)}.{chance.choice('abc')})" for _ in range(3)]
    endings = (
        ending("e1", f"{asked[0]} and spanning >= {chance.randint(4, 9)}", overrides=True),
        ending("e2", f"not {asked[1]} or vertrouwen < {chance.randint(2, 6)}"),
        ending("e3", f"bescherming == {chance.randint(3, 7)}"),
        ending("e4"),
    )
    return case(*nodes, endings=endings, additions=(Note(when=asked[2], html=""),))


@pytest.mark.parametrize("seed", range(60))
def test_what_the_proof_calls_unreachable_no_walk_ever_reaches_and_the_other_way_round(seed: int) -> None:
    """The proof merges paths that are alike; walking at random, by the learner's own rules, must agree with it."""
    chance = random.Random(seed)
    scenario = anything(chance)
    seen: set[str] = set()
    for _ in range(1500):
        walk: Walk = begin(scenario)
        while walk.at != END:
            seen.add(f"nodes/{walk.at}")
            walk = step(scenario, walk, picks_of(scenario.node[walk.at], chance))
        seen.add(f"endings/{ending_of(scenario, walk).key}")
        seen |= {f"additions/{n}" for n, note in enumerate(scenario.additions) if walk.holds(note.when)}
    places = {f"nodes/{each.key}" for each in scenario.nodes} | {
        f"endings/{each.key}" for each in scenario.endings
    }
    places |= {f"additions/{n}" for n in range(len(scenario.additions))}
    problems = {place for place, _ in told(scenario) if place in places}
    assert not problems & seen
    if not any(place.startswith("nodes/") for place in problems):  # else the walk was not made
        assert places - seen == problems
