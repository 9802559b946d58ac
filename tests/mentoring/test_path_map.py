"""The picture of the paths: whatever the shape of a case, nothing lies over anything else."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.courses.scenarios import END, Ending, Scenario
from backend.mentoring.path_map import BOX, FULL, GAP, THIN, Drawing, depths, draw
from backend.mentoring.paths import Flow
from tests.courses.cases import cases
from tests.learning.scenarios import PLAYGROUND, road


def every_flow(scenario: Scenario) -> list[Flow]:
    """All that could be counted, with an ending for each way out."""
    flows = []
    for node in scenario.nodes:
        ways = {(road.key, road.to) for road in node.roads} if node.kind == "one" else {("", node.targets[0])}
        for option, to in sorted(ways):
            endings = [ending.key for ending in scenario.endings] if to == END else [""]
            flows += [Flow(node.key, option, to, ending) for ending in endings]
    return flows


def points(d: str) -> list[tuple[float, float]]:
    """Where a line leaves, and where it arrives at each box or lane."""
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+)(?=[CH]|$)", d)]


@given(cases(), st.data())
def test_no_box_lies_over_another_and_all_is_inside(scenario: Scenario, data: st.DataObject) -> None:
    flows = {flow: data.draw(st.floats(0, 1)) for flow in every_flow(scenario) if data.draw(st.booleans())}
    drawing = draw(scenario, flows)
    assert len(drawing.boxes) == len(scenario.nodes) + len(scenario.endings)
    for box in drawing.boxes:
        assert 0 <= box.x < box.x + BOX <= drawing.width
        assert 0 <= box.y < box.y + box.height <= drawing.height
        assert all(box.y < row.y < box.y + box.height for row in box.rows)
        assert all(len(line) <= 17 for line in box.lines)
    for one, other in combinations(drawing.boxes, 2):
        assert (
            one.x + BOX <= other.x
            or other.x + BOX <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )


@given(cases())
def test_every_line_goes_to_the_right_and_passes_no_box(scenario: Scenario) -> None:
    drawing = draw(scenario, dict.fromkeys(every_flow(scenario), 0.1))
    for line in drawing.lines:
        places = points(line.d)
        assert [x for x, _y in places] == sorted(x for x, _y in places)
        for x, y in places[1:-1]:  # lanes
            assert not [b for b in drawing.boxes if abs(b.x - x) < 1 and b.y - 1 < y < b.y + b.height + 1]
        box = next(b for b in drawing.boxes if not b.is_ending and b.key == line.flow.node)
        assert places[0][0] == pytest.approx(box.x + BOX, abs=0.1)
        assert box.y <= places[0][1] <= box.y + box.height


@given(cases())
def test_a_node_stands_right_of_everything_that_leads_to_it(scenario: Scenario) -> None:
    depth = depths(scenario)
    assert set(depth) == {node.key for node in scenario.nodes}
    for node in scenario.nodes:
        assert all(depth[to] > depth[node.key] for to in node.targets if to != END)
    drawing = draw(scenario, {})
    x = {box.key: box.x for box in drawing.boxes if not box.is_ending}
    assert all(box.x >= max(x.values()) + BOX + GAP for box in drawing.boxes if box.is_ending)


def line(drawing: Drawing, *flow: str) -> tuple[float, float | None]:
    found = next(each for each in drawing.lines if each.flow == Flow(*flow))
    return found.width, found.share


def test_a_line_is_as_wide_as_its_share_and_thin_where_it_is_not_shown() -> None:
    drawing = draw(PLAYGROUND, {Flow("post", "antwoord", "zaal"): 0.5, Flow("post", "wacht", "wachten"): 1.0})
    assert line(drawing, "post", "antwoord", "zaal") == (FULL / 2, 0.5)
    assert line(drawing, "post", "wacht", "wachten") == (FULL, 1.0)
    assert line(drawing, "post", "verbied", "wachten") == (THIN, None)
    assert line(drawing, "zaal", "", "geld") == (THIN, None)


def test_a_line_that_passes_a_column_has_room_of_its_own_there() -> None:
    drawing = draw(PLAYGROUND, {})
    direct = next(each for each in drawing.lines if each.flow == Flow("post", "antwoord", "zaal"))
    waiting = next(box for box in drawing.boxes if box.key == "wachten")
    (_, lane, _) = points(direct.d)
    assert lane[0] == pytest.approx(waiting.x)
    assert not waiting.y <= lane[1] <= waiting.y + waiting.height


def test_a_way_to_an_ending_is_drawn_only_where_people_went() -> None:
    drawing = draw(PLAYGROUND, {Flow("post", "sluit", END, "onveilig"): 0.2})
    assert [each.flow.ending for each in drawing.lines if each.flow.to == END] == ["onveilig"]
    assert draw(PLAYGROUND, {Flow("post", "sluit", END, "van-vroeger"): 0.2}).lines


def test_a_case_that_turns_in_circles_is_drawn_all_the_same() -> None:
    """No such case is published; a picture of one would still have an end."""
    first = PLAYGROUND.nodes[0].model_copy(update={"roads": (road("heen", "wachten"),)})
    second = PLAYGROUND.nodes[1].model_copy(update={"roads": (road("terug", "post"),)})
    ending = Ending(key="rust", title="Rust", html="")
    loop = PLAYGROUND.model_copy(update={"nodes": (first, second), "endings": (ending,)})
    assert draw(loop, {}).boxes
