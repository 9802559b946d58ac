"""Where somebody stands with the branching cases of a lesson: the runs so far and the endings they found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.courses.scenarios import Ending, Scenario
from backend.errors import Forbidden, NotFound, SignInNeeded
from backend.language import gettext as _
from backend.learning import policy
from backend.learning.models import Enrolment, ScenarioRun, ScenarioStep
from backend.learning.service import Address  # its block is the scenario


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


@dataclass(frozen=True, slots=True)
class Start:
    """What the first page of a scenario shows. `view` has no runs for whoever does not take part."""

    course: CourseDocument
    lesson: Lesson
    view: ScenarioView

    @property
    def scenario(self) -> Scenario:
        return self.view.scenario


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


def start_of(session: Session, viewer: Viewer | None, address: Address) -> Start:
    """A scenario before one begins, with the runs of this person. One query, once the document is cached.

    Raises NotFound; SignInNeeded or Forbidden where the lesson is for members.
    """
    member = viewer if policy.can_learn(viewer) else None
    rows = session.execute(
        select(col(Course.published_id), col(Enrolment.version_id), *_ROW)
        .select_from(Course)
        .outerjoin(
            Enrolment,
            (col(Enrolment.course_id) == Course.id)
            & (col(Enrolment.account_id) == (member.id if member else None)),
        )
        .outerjoin(
            ScenarioRun,
            (col(ScenarioRun.enrolment_id) == Enrolment.id)
            & (col(ScenarioRun.scenario_key) == address.block_key),
        )
        .where(col(Course.key) == address.course_key)
        .order_by(col(ScenarioRun.started_at).desc())
    ).all()
    version_id = (rows[0].version_id or rows[0].published_id) if rows else None
    if version_id is None:
        raise NotFound(_("Deze module bestaat niet, of nog niet."))
    course = courses.version_document(session, version_id)
    lesson, scenario = find_scenario(course, address)
    if not policy.can_open(viewer, course, lesson):
        if viewer is None:
            raise SignInNeeded
        raise Forbidden(
            _("Een mentor bekijkt je aanvraag nog. Intussen kun je de eerste les van elke module al lezen.")
        )
    return Start(course, lesson, _view(course, lesson, scenario, rows))


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
