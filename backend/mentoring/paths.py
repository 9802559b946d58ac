"""Which way people went through a branching case, counted: nobody can be recognised, and less than five people are not shown."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.scenarios import END, Node, Scenario, WrongPick, begin, step
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning.models import Enrolment, ScenarioRun, ScenarioStep
from backend.mentoring.participants import ids_in
from backend.mentoring.policy import scope_of

LEAST_PEOPLE = 5  # fewer would say something about those people


class Flow(NamedTuple):
    """From an option of a node to what comes next. `option` is "" where several may be chosen; an ending has its own key."""

    node: str
    option: str
    to: str  # a node, or "end"
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """How often something was chosen. Both are None where it is not shown."""

    count: int | None = None
    share: float | None = None  # 0 to 1, of the runs that were there

    @property
    def is_shown(self) -> bool:
        return self.count is not None


@dataclass(frozen=True, slots=True)
class PathMap:
    """What may be seen of all runs together. Without enough people there is nothing but the case itself."""

    course: CourseDocument
    lesson: Lesson
    scenario: Scenario
    run_count: int = 0  # 0 as well where there are too few people
    people_count: int = 0
    ended: Cell = Cell()
    left_out: int = 0  # runs of an older version, of another shape
    options: dict[tuple[str, str], Cell] = field(
        default_factory=dict
    )  # by node and option (or item judged right)
    endings: dict[str, Cell] = field(default_factory=dict)
    flows: dict[Flow, float] = field(default_factory=dict)  # share of all runs; only those that may be seen

    @property
    def is_enough(self) -> bool:
        return self.run_count > 0


def scenarios_of(published: Iterable[CourseDocument]) -> list[tuple[CourseDocument, Scenario]]:
    """Every case of every module, in order."""
    return [
        (course, block.scenario)
        for course in published
        for lesson in course.lessons
        for block in lesson.scenarios.values()
    ]


def path_map(session: Session, viewer: Viewer, course_key: str, scenario_key: str, now: datetime) -> PathMap:
    """All runs of the people in the viewer's scope, held against the case as it is published now. Two queries."""
    found = courses.find(session, course_key)
    lesson = next((each for each in found.document.lessons if scenario_key in each.scenarios), None)
    if lesson is None:
        raise NotFound(_("Dit scenario bestaat niet, of niet meer."))
    scenario = lesson.scenarios[scenario_key].scenario
    rows = session.execute(
        select(
            col(ScenarioRun.id), col(Enrolment.account_id), col(ScenarioRun.ending), col(ScenarioStep.picks)
        )
        .join(Enrolment, col(Enrolment.id) == ScenarioRun.enrolment_id)
        .join(ScenarioStep, col(ScenarioStep.run_id) == ScenarioRun.id)
        .where(
            col(Enrolment.course_id) == found.course_id,
            col(ScenarioRun.scenario_key) == scenario_key,
            col(Enrolment.account_id).in_(ids_in(scope_of(viewer), now)),
        )
        .order_by(col(ScenarioRun.id), col(ScenarioStep.place))
    ).all()
    tally = _Tally(scenario)
    for _run_id, steps in groupby(rows, key=lambda row: row.id):
        tally.add(list(steps))
    if len(tally.people) < LEAST_PEOPLE:
        return PathMap(found.document, lesson, scenario)
    return PathMap(
        found.document,
        lesson,
        scenario,
        run_count=tally.run_count,
        people_count=len(tally.people),
        ended=tally.cell(("ended",), tally.run_count),
        left_out=tally.left_out,
        options=tally.options(),
        endings=tally.endings(),
        flows=tally.flows(),
    )


class _Tally:
    """Counts runs and the different people behind them, by key."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.run_count = self.left_out = 0
        self.people: set[UUID] = set()
        self._runs: Counter[tuple[str, ...]] = Counter()
        self._who: defaultdict[tuple[str, ...], set[UUID]] = defaultdict(set)

    def add(self, steps: Sequence[Row[Any]]) -> None:
        """One run. Of an older version only when it fits the case as it is now."""
        who, ending, walk = steps[0].account_id, steps[0].ending, begin(self.scenario)
        keys: list[tuple[str, ...]] = []
        try:
            for row in steps:
                node = self.scenario.node[walk.at]
                after = step(self.scenario, walk, {key: tuple(values) for key, values in row.picks.items()})
                keys += [("node", node.key)]
                keys += [("option", *pair) for pair in after.chosen - walk.chosen]
                keys += [("flow", *_flow(node, row.picks, after.at, ending))]
                walk = after
        except (WrongPick, KeyError):
            self.left_out += 1
            return
        if ending:
            keys += [("ended",), ("ending", ending)]
        self.run_count += 1
        self.people.add(who)
        for key in keys:
            self._runs[key] += 1
            self._who[key].add(who)

    def cell(self, key: tuple[str, ...], of: int) -> Cell:
        runs = self._runs[key]
        return Cell(runs, runs / of) if len(self._who[key]) >= LEAST_PEOPLE and of else Cell()

    def options(self) -> dict[tuple[str, str], Cell]:
        cells: dict[tuple[str, str], Cell] = {}
        for node in self.scenario.nodes:
            of = self._runs["node", node.key]
            keys = [road.key for road in node.roads] + [item.key for item in node.items]
            group = {(node.key, key): self.cell(("option", node.key, key), of) for key in keys}
            cells |= _without_remainder(group) if node.kind == "one" else group
        return cells

    def endings(self) -> dict[str, Cell]:
        ended = self._runs["ended",]
        return _without_remainder(
            {each.key: self.cell(("ending", each.key), ended) for each in self.scenario.endings}
        )

    def flows(self) -> dict[Flow, float]:
        """Only those whose option and ending are shown as well."""
        options, endings = self.options(), self.endings()
        shares = {}
        for key in self._runs:
            if key[0] != "flow":
                continue
            flow, share = Flow(*key[1:]), self.cell(key, self.run_count).share
            option = options[flow.node, flow.option].is_shown if flow.option else True
            ending = endings[flow.ending].is_shown if flow.ending in endings else flow.to != END
            if share is not None and option and ending:
                shares[flow] = share
        return shares


def _flow(node: Node, picks: dict[str, list[str]], to: str, ending: str) -> Flow:
    option = picks[""][0] if node.kind == "one" else ""
    return Flow(node.key, option, to, ending if to == END else "")


def _without_remainder(group: dict[Any, Cell]) -> dict[Any, Cell]:
    """Where the parts make up the whole, one part that is not shown could be worked out: the smallest other one goes with it."""
    shown = sorted(
        (key for key, cell in group.items() if cell.is_shown), key=lambda key: group[key].count or 0
    )
    if shown and len(group) - len(shown) == 1:
        return group | {shown[0]: Cell()}
    return group
