"""Where everything stands on the picture of the paths through a case: nodes in columns by depth, endings at the right. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap

from backend.courses.scenarios import END, Scenario
from backend.mentoring.paths import Flow

# All in user units, which are pixels at 100 %.
BOX, GAP, EDGE = 148.0, 76.0, 8.0  # width of a box, between columns, around it all
LINE, ROW, PAD = 18.0, 26.0, 10.0  # height of a line of the title, of a row for an option, inside a box
BETWEEN = 30.0  # between boxes of a column
FULL, THIN, LANE = (
    22.0,
    1.5,
    10.0,
)  # width of a line when everyone went there, when few did, and the least room for one that passes
LETTERS = 17  # of a title on one line
LINES = 3


@dataclass(frozen=True, slots=True)
class RowView:
    """One option of a node, or what kind of node it is."""

    option: str
    y: float


@dataclass(slots=True, eq=False)
class Box:
    """A node, an ending (`is_ending`), or, without title, room in a column for a line that passes."""

    key: str
    lines: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    is_ending: bool = False
    x: float = 0.0
    y: float = 0.0
    height: float = LANE

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def rows(self) -> list[RowView]:
        top = self.y + PAD + LINE * len(self.lines) + PAD / 2
        return [RowView(option, top + ROW * (n + 0.5)) for n, option in enumerate(self.options)]


@dataclass(frozen=True, slots=True)
class Line:
    """`d` of a path. `share` is None where it is not shown: drawn thin and broken."""

    d: str
    width: float
    flow: Flow
    share: float | None


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    boxes: list[Box]
    lines: list[Line]


@dataclass(slots=True)
class _Edge:
    """A line while it is laid out: where it leaves, and how high it is at each box or lane on its way."""

    flow: Flow
    share: float | None
    start: float = 0.0
    hops: list[Box] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)

    @property
    def width(self) -> float:
        return THIN if self.share is None else max(THIN, FULL * self.share)

    @property
    def last(self) -> float:
        return self.heights[-1] if self.heights else self.start


def draw(scenario: Scenario, flows: Mapping[Flow, float]) -> Drawing:
    """Every way that exists; those in `flows` as wide as their share of all runs."""
    depth = depths(scenario)
    columns: list[list[Box]] = [[] for _ in range(max(depth.values()) + 2)]
    boxes: dict[str, Box] = {}
    for node in scenario.nodes:
        boxes[node.key] = _box(
            node.key, node.title, [road.key for road in node.roads] if node.kind == "one" else [""]
        )
        columns[depth.get(node.key, 0)].append(boxes[node.key])
    for ending in scenario.endings:
        boxes[_ending(ending.key)] = _box(ending.key, ending.title, [""], is_ending=True)
        columns[-1].append(boxes[_ending(ending.key)])
    edges = [_Edge(flow, flows.get(flow)) for flow in _ways(scenario, flows)]
    for edge in edges:
        target = edge.flow.to if edge.flow.to != END else _ending(edge.flow.ending)
        last = depth.get(edge.flow.to, len(columns) - 1)
        for number in range(depth.get(edge.flow.node, 0) + 1, last):
            edge.hops.append(_lane(columns[number], f"{edge.flow.node}>{target}", edge.width))
        edge.hops.append(boxes[target])
    _place(columns, edges, boxes)
    height = max(box.y + box.height for column in columns for box in column) + EDGE
    width = columns[-1][0].x + BOX + EDGE
    lines = [Line(_path(boxes[e.flow.node], e), round(e.width, 1), e.flow, e.share) for e in edges]
    return Drawing(width, height, list(boxes.values()), sorted(lines, key=lambda line: -line.width))


def depths(scenario: Scenario) -> dict[str, int]:
    """How many choices at most come before each node that can be reached."""
    found = {scenario.start: 0}
    for _ in scenario.nodes:  # as often as there are nodes: the longest way visits each of them once
        for node in scenario.nodes:
            for to in node.targets if node.key in found else ():
                if to != END and found.get(to, 0) < found[node.key] + 1 < len(scenario.nodes):
                    found[to] = found[node.key] + 1
    return found


def _ways(scenario: Scenario, flows: Iterable[Flow]) -> list[Flow]:
    """From every option to its node. To endings only what people did: which ones can be reached depends on the whole walk."""
    ways = []
    for node in scenario.nodes:
        if node.kind == "one":
            ways += [Flow(node.key, road.key, road.to) for road in node.roads if road.to != END]
        else:
            ways += [Flow(node.key, "", to) for to in node.targets if to != END]
    known = {ending.key for ending in scenario.endings}
    return ways + [flow for flow in flows if flow.ending in known]


def _ending(key: str) -> str:
    return f"{END}:{key}"


def _box(key: str, title: str, options: list[str], *, is_ending: bool = False) -> Box:
    lines = wrap(title, LETTERS, max_lines=LINES, placeholder="…")
    height = 2.5 * PAD + LINE * len(lines) + ROW * len(options)
    return Box(key, lines, options, is_ending, height=height)


def _lane(column: list[Box], key: str, width: float) -> Box:
    """Room for lines between the same two boxes, so that they pass no other box."""
    for box in column:
        if box.key == key:
            box.height += width
            return box
    lane = Box(key, height=max(LANE, width))
    column.append(lane)
    return lane


def _place(columns: list[list[Box]], edges: list[_Edge], boxes: Mapping[str, Box]) -> None:
    """Column by column: each box near where its lines come from, none over another."""
    came_from: defaultdict[Box, list[float]] = defaultdict(list)
    for number, column in enumerate(columns):
        elsewhere = _mean([y for box in column for y in came_from[box]], 0)  # for those that no line leads to
        column.sort(key=lambda box: _mean(came_from[box], elsewhere))
        y = -(sum(box.height for box in column) + BETWEEN * (len(column) - 1)) / 2
        for box in column:
            box.x, box.y = EDGE + number * (BOX + GAP), y
            y += box.height + BETWEEN
        for edge in edges:
            for hop, after in zip([boxes[edge.flow.node], *edge.hops], edge.hops, strict=False):
                if hop in column:
                    came_from[after].append(_leaves(hop, edge))
    top = min(column[0].y for column in columns if column)
    for column in columns:
        for box in column:
            box.y += EDGE - top
    _stack(columns, edges, boxes)


def _mean(heights: list[float], otherwise: float) -> float:
    return sum(heights) / len(heights) if heights else otherwise


def _leaves(box: Box, edge: _Edge) -> float:
    return next((row.y for row in box.rows if row.option and row.option == edge.flow.option), box.middle)


def _stack(columns: list[list[Box]], edges: list[_Edge], boxes: Mapping[str, Box]) -> None:
    """Lines that leave or arrive at one place lie beside each other."""
    leaving: defaultdict[tuple[str, str], list[_Edge]] = defaultdict(list)
    for edge in edges:
        leaving[edge.flow.node, edge.flow.option].append(edge)
    for together in leaving.values():
        together.sort(key=lambda edge: edge.hops[0].middle)
        at = _leaves(boxes[together[0].flow.node], together[0])
        for edge, height in zip(together, _beside(together, at), strict=True):
            edge.start = height
    for column in columns:
        for box in column:
            arriving = [e for e in edges if len(e.heights) < len(e.hops) and e.hops[len(e.heights)] is box]
            arriving.sort(key=lambda edge: edge.last)
            for edge, height in zip(arriving, _beside(arriving, box.middle), strict=True):
                edge.heights.append(height)


def _beside(edges: list[_Edge], middle: float) -> list[float]:
    heights, y = [], middle - sum(edge.width for edge in edges) / 2
    for edge in edges:
        heights.append(y + edge.width / 2)
        y += edge.width
    return heights


def _path(source: Box, edge: _Edge) -> str:
    x, y = source.x + BOX, edge.start
    pieces = [f"M{x:.1f} {y:.1f}"]
    for hop, height in zip(edge.hops, edge.heights, strict=True):
        half = (hop.x - x) / 2
        pieces.append(f"C{x + half:.1f} {y:.1f} {x + half:.1f} {height:.1f} {hop.x:.1f} {height:.1f}")
        x, y = hop.x, height
        if hop is not edge.hops[-1]:
            x += BOX
            pieces.append(f"H{x:.1f}")
    return "".join(pieces)
