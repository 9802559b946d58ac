"""Where somebody stands with the branching cases of a lesson: the runs so far and the endings they found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlmodel import Session, col

from backend.courses.documents import CourseDocument, Lesson
from backend.courses.scenarios import Ending, Scenario
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning.enrolments import Address  # its block is the scenario
from backend.learning.models import ScenarioRun, ScenarioStep


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a list. `ending` is None while it is under way, or when the scenario no longer has that ending."""

    id: UUID
    started_at: datetime
    ended_at: datetime | None
    ending: Ending | None
    step_count: int
    is_again: bool  # begun from a point of another one


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """Where somebody stands with a scenario of a lesson."""

    course_key: str
    lesson_key: str
    scenario: Scenario
    runs: tuple[RunRow, ...] = ()  # the newest first

    @property
    def key(self) -> str:
        return self.scenario.key

    @property
    def under_way(self) -> RunRow | None:
        """The run to go on with."""
        return next((run for run in self.runs if run.ended_at is None), None)

    @property
    def last_ended(self) -> RunRow | None:
        return next((run for run in self.runs if run.ended_at is not None), None)

    @property
    def endings_seen(self) -> tuple[Ending, ...]:
        seen = {run.ending.key for run in self.runs if run.ending}
        return tuple(ending for ending in self.scenario.endings if ending.key in seen)


_STEP_COUNT = (
    select(func.count())
    .select_from(ScenarioStep)
    .where(col(ScenarioStep.run_id) == ScenarioRun.id)
    .correlate(ScenarioRun)
    .scalar_subquery()
)
_ROW: tuple[Any, ...] = (
    col(ScenarioRun.id).label("run_id"),
    col(ScenarioRun.scenario_key),
    col(ScenarioRun.started_at),
    col(ScenarioRun.ended_at),
    col(ScenarioRun.ending),
    col(ScenarioRun.from_id),
    _STEP_COUNT.label("step_count"),
)


def views_of(
    session: Session, course: CourseDocument, lesson: Lesson, enrolment_id: UUID | None
) -> dict[str, ScenarioView]:
    """Where somebody stands with each scenario of a lesson, by key. One query, none where there is nothing to ask."""
    rows: Iterable[Row[Any]] = ()
    if lesson.scenarios and enrolment_id is not None:
        rows = session.execute(
            select(*_ROW)
            .where(
                col(ScenarioRun.enrolment_id) == enrolment_id,
                col(ScenarioRun.scenario_key).in_(lesson.scenarios),
            )
            .order_by(col(ScenarioRun.started_at).desc())
        ).all()
    return {key: _view(course, lesson, block.scenario, rows) for key, block in lesson.scenarios.items()}


def find_scenario(course: CourseDocument, address: Address) -> tuple[Lesson, Scenario]:
    """Raises NotFound."""
    lesson = course.lesson(address.lesson_key)
    block = lesson.scenarios.get(address.block_key) if lesson else None
    if lesson is None or block is None:
        raise NotFound(_("Dit scenario bestaat niet, of niet meer."))
    return lesson, block.scenario


def _view(
    course: CourseDocument, lesson: Lesson, scenario: Scenario, rows: Iterable[Row[Any]]
) -> ScenarioView:
    endings = {ending.key: ending for ending in scenario.endings}
    runs = tuple(
        RunRow(
            row.run_id,
            row.started_at,
            row.ended_at,
            endings.get(row.ending),
            row.step_count,
            row.from_id is not None,
        )
        for row in rows
        if row.run_id is not None and row.scenario_key == scenario.key
    )
    return ScenarioView(course.key, lesson.key, scenario, runs)
