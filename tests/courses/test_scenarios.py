"""The pure rules of a case: whoever chooses comes to an ending, the meters stay in their range, nothing impossible counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.courses.scenarios import (
    END,
    HIGHEST,
    LOWEST,
    METERS,
    Ending,
    Picks,
    Scenario,
    Walk,
    WrongPick,
    begin,
    ending_of,
    step,
)
from tests.courses.cases import cases, picks_at
from tests.learning.scenarios import PLAYGROUND, POST, WALK


def walked(*steps: Picks, scenario: Scenario = PLAYGROUND) -> Walk:
    walk = begin(scenario)
    for picks in steps:
        walk = step(scenario, walk, picks)
    return walk


def one(*keys: str) -> Picks:
    return {"": keys}


TO_MONEY = (one("antwoord"), one("regels"))
TO_COMMENTS = (*TO_MONEY, one("overleg"))


@given(cases(), st.data())
def test_whoever_keeps_choosing_comes_to_an_ending(scenario: Scenario, data: st.DataObject) -> None:
    walk, steps = begin(scenario), []
    while walk.at != END:
        picks = picks_at(data, scenario.node[walk.at])
        before, walk = walk, step(scenario, walk, picks)
        steps.append(picks)
        assert all(LOWEST <= value <= HIGHEST for value in walk.meters.values())
        assert before.chosen <= walk.chosen, "what was chosen stays chosen"
        assert len(steps) <= len(scenario.nodes), "no node twice"
    assert ending_of(scenario, walk) in scenario.endings
    assert walked(*steps, scenario=scenario) == walk, "the same choices lead to the same place"


@given(cases(), st.data())
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(
    scenario: Scenario, data: st.DataObject
) -> None:
    walk = begin(scenario)
    node = scenario.node[walk.at]
    keys = st.sampled_from(["", "x", *(road.key for road in node.roads), *(item.key for item in node.items)])
    picks = data.draw(st.dictionaries(keys, st.lists(keys, max_size=3).map(tuple), max_size=4))
    before = (walk.at, dict(walk.meters), walk.chosen)
    try:
        after = step(scenario, walk, picks)
    except WrongPick:
        after = None
    assert (walk.at, dict(walk.meters), walk.chosen) == before
    if after is not None:
        assert after.at in (*scenario.node, END)
        assert after.at in node.targets
        assert {key for key, _option in after.chosen} <= {node.key}


@given(cases())
def test_a_case_survives_being_kept(scenario: Scenario) -> None:
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario


@pytest.mark.parametrize(
    ("before", "picks"),
    [
        ((), one()),
        ((), one("bestaat-niet")),
        ((), one("wacht", "antwoord")),
        ((), one("wacht", "wacht")),
        ((), {"post": ("wacht",)}),
        ((), {"": ("wacht",), "nog": ("iets",)}),
        ((), {}),
        ((one("antwoord"),), one()),
        ((one("antwoord"),), one("regels", "micro", "verslag")),
        (TO_MONEY, one("toezicht", "feest")),
        (TO_COMMENTS, one("laten")),
        (TO_COMMENTS, {"duur": ("laten",), "scheld": ("laten",)}),
        (TO_COMMENTS, {"duur": ("laten",), "scheld": ("laten",), "lelijk": ("weg",)}),
        (TO_COMMENTS, {"duur": ("laten",), "scheld": ("laten",), "lelijk": ("laten", "verbergen")}),
        (TO_COMMENTS, {"duur": ("laten",), "scheld": ("laten",), "lelijk": ()}),
    ],
)
def test_a_wrong_pick(before: tuple[Picks, ...], picks: Picks) -> None:
    with pytest.raises(WrongPick):
        step(PLAYGROUND, walked(*before), picks)


def test_only_what_was_judged_right_moves_a_meter_and_counts_as_chosen() -> None:
    before = walked(*TO_COMMENTS)
    after = step(PLAYGROUND, before, {"duur": ("laten",), "scheld": ("laten",), "lelijk": ("verbergen",)})
    assert after.meters["vertrouwen"] - before.meters["vertrouwen"] == 0.5
    assert after.meters["bescherming"] == before.meters["bescherming"]
    assert after.chosen - before.chosen == {("reacties", "duur")}
    assert after.at == END


def test_effects_of_one_node_are_added_before_the_limits_hold() -> None:
    """+1.5 and −1 at 9 make 9.5, not 9: the order of the options does not matter."""
    high = PLAYGROUND.model_copy(update={"meters": {**PLAYGROUND.meters, "spanning": 10}})
    assert walked(one("antwoord"), one("regels", "micro"), scenario=high).meters["spanning"] == 9.5
    low = PLAYGROUND.model_copy(update={"meters": dict.fromkeys(METERS, 0.0)})
    assert walked(one("sluit"), scenario=low).meters == dict.fromkeys(METERS, 0.0)


def test_no_points_spent_goes_on_all_the_same() -> None:
    assert walked(*TO_MONEY, one()).at == "reacties"


def test_the_first_ending_that_holds() -> None:
    unsafe = Walk(END, {"vertrouwen": 10, "spanning": 0, "bescherming": 2})
    safe = Walk(END, {"vertrouwen": 10, "spanning": 0, "bescherming": 5})
    assert ending_of(PLAYGROUND, unsafe).key == "onveilig", "it overrides the others"
    assert ending_of(PLAYGROUND, safe).key == "samen"
    assert ending_of(PLAYGROUND, Walk(END, dict(PLAYGROUND.meters))).key == "rust"


def test_an_ending_may_depend_on_a_choice() -> None:
    endings = (
        Ending(key="sprak", title="Sprak", when="chose(post.antwoord)", html=""),
        PLAYGROUND.endings[-1],
    )
    scenario = PLAYGROUND.model_copy(update={"endings": endings})
    assert ending_of(scenario, walked(one("antwoord"))).key == "sprak"
    assert ending_of(scenario, walked(one("wacht"))).key == "rust"


def test_where_a_node_leads() -> None:
    assert POST.targets == ("wachten", "zaal", "end")
    assert PLAYGROUND.node["reacties"].targets == ("end",)
    assert [node for node, _sent in WALK] == ["post", "zaal", "geld", "reacties"]
