"""Walking through a branching case: begin, choose, go on elsewhere, begin again from a point.

A run stays at the version in which it began. What was chosen is only ever added; the ending follows from it. Everything that
changes locks the enrolment first, so that two devices of one person count as one after the other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.courses.scenarios import END, Ending, Picks, Scenario, Walk, WrongPick, ending_of, step
from backend.errors import Conflict, Forbidden, NotFound
from backend.language import gettext as _
from backend.learning import policy
from backend.learning import service as learning
from backend.learning.models import Enrolment, ScenarioRun, ScenarioStep
from backend.learning.scenario_standing import find_scenario
from backend.learning.scenario_turns import Submitted, Turn, open_turn, read_picks, turns_of
from backend.learning.service import Address  # its block is the scenario


class NotHere(Conflict):
    """Nothing can be chosen at this place, or something else was chosen there already. `place`: what to look at instead."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Run:
    """One walk, in the version in which it began."""

    id: UUID
    enrolment_id: UUID
    version_id: int
    course: CourseDocument
    lesson: Lesson
    scenario: Scenario
    started_at: datetime
    ended_at: datetime | None
    turns: tuple[Turn, ...]  # where something was chosen
    walk: Walk

    @property
    def open(self) -> Turn | None:
        """The node where one stands; None at the end."""
        return open_turn(self.scenario, self.walk, len(self.turns))

    @property
    def ending(self) -> Ending:
        return ending_of(self.scenario, self.walk)


def run_of(session: Session, viewer: Viewer, address: Address, run_id: UUID) -> Run:
    """One's own run. One query, once the document is cached. Anyone else's does not exist."""
    rows = session.execute(
        _own(
            select(
                col(ScenarioRun.enrolment_id),
                col(ScenarioRun.version_id),
                col(ScenarioRun.started_at),
                col(ScenarioRun.ended_at),
                col(ScenarioStep.picks),
                col(ScenarioStep.at),
            ).select_from(ScenarioRun),
            viewer,
            address,
            run_id,
        )
        .outerjoin(ScenarioStep, col(ScenarioStep.run_id) == ScenarioRun.id)
        .order_by(col(ScenarioStep.place))
    ).all()
    if not rows:
        raise _no_run()
    first = rows[0]
    course = courses.version_document(session, first.version_id)
    lesson, scenario = find_scenario(course, address)
    turns, walk = turns_of(scenario, [(_picks(row.picks), row.at) for row in rows if row.picks is not None])
    return Run(
        run_id,
        first.enrolment_id,
        first.version_id,
        course,
        lesson,
        scenario,
        first.started_at,
        first.ended_at,
        turns,
        walk,
    )


def endings_seen(session: Session, run: Run) -> tuple[Ending, ...]:
    """Those of all runs of this person."""
    seen = set(
        session.scalars(
            select(col(ScenarioRun.ending))
            .where(
                col(ScenarioRun.enrolment_id) == run.enrolment_id,
                col(ScenarioRun.scenario_key) == run.scenario.key,
            )
            .distinct()
        )
    )
    return tuple(ending for ending in run.scenario.endings if ending.key in seen)


# ── what one does ──


def begin(session: Session, viewer: Viewer, address: Address, form_id: str, now: datetime) -> UUID:
    """A new run at the version that this person follows; one in which nothing was chosen yet is taken up again."""
    enrolment = learning.enrol(session, viewer, address.course_key, now)
    course = courses.version_document(session, enrolment.version_id)
    lesson, scenario = find_scenario(course, address)
    untouched = session.scalars(
        select(col(ScenarioRun.id))
        .where(
            col(ScenarioRun.enrolment_id) == enrolment.id,
            col(ScenarioRun.version_id) == enrolment.version_id,
            col(ScenarioRun.lesson_key) == lesson.key,
            col(ScenarioRun.scenario_key) == scenario.key,
            ~select(col(ScenarioStep.place)).where(col(ScenarioStep.run_id) == ScenarioRun.id).exists(),
        )
        .limit(1)
    ).first()
    _was_here(enrolment, address, now)
    if untouched is not None:
        return untouched
    run = ScenarioRun(
        id=_id_of(enrolment, address, form_id),
        enrolment_id=enrolment.id,
        version_id=enrolment.version_id,
        lesson_key=lesson.key,
        scenario_key=scenario.key,
        started_at=now,
    )
    _add_once(session, run)
    return _id_of(enrolment, address, form_id)


def begin_again(
    session: Session, viewer: Viewer, address: Address, at: tuple[UUID, int], form_id: str, now: datetime
) -> UUID:
    """A new run from a point (run, place) of another one: what was chosen before that is repeated in it."""
    run_id, place = at
    enrolment, _old = _lock(session, viewer, address, run_id)
    old = run_of(session, viewer, address, run_id)
    if place >= len(old.turns):
        raise NotHere(_("Zover kwam je in deze doorloop niet."), len(old.turns))
    new_id = _id_of(enrolment, address, form_id, run_id, place)
    run = ScenarioRun(
        id=new_id,
        enrolment_id=enrolment.id,
        version_id=old.version_id,
        lesson_key=address.lesson_key,
        scenario_key=address.block_key,
        from_id=run_id,
        started_at=now,
    )
    _was_here(enrolment, address, now)
    if _add_once(session, run):
        session.add_all(_step(new_id, turn, turn.picks or {}, turn.at or now) for turn in old.turns[:place])
    return new_id


def choose(
    session: Session,
    viewer: Viewer,
    address: Address,
    at: tuple[UUID, int, str],
    submitted: Submitted,
    now: datetime,
) -> None:
    """Choose at a place (run, place, node). The same choice sent again changes nothing. Raises WrongPick or NotHere."""
    run_id, place, node_key = at
    enrolment, row = _lock(session, viewer, address, run_id)
    run = run_of(session, viewer, address, run_id)
    if 0 <= place < len(run.turns):
        taken = run.turns[place]
        if taken.node.key == node_key and taken.picks == read_picks(taken.node, submitted):
            return
        raise NotHere(
            _("Bij deze stap koos je al, misschien in een ander tabblad. Hieronder staat wat bewaard is."),
            place,
        )
    turn = run.open
    if turn is None or (place, node_key) != (turn.place, turn.node.key):
        raise NotHere(_("Deze keuze hoort bij een andere stap. Je staat nu hier."), len(run.turns))
    picks = read_picks(turn.node, submitted)
    if not any(picks.values()):
        raise WrongPick("none")
    walk = step(run.scenario, run.walk, picks)
    session.add(_step(run_id, turn, picks, now))
    _was_here(enrolment, address, now)
    if walk.at == END:
        row.ended_at, row.ending = now, ending_of(run.scenario, walk).key
    session.flush()
    if walk.at == END:
        _ended(session, enrolment, address, now)


# ── pieces ──


def _own(
    statement: Select[*tuple[Any, ...]], viewer: Viewer, address: Address, run_id: UUID
) -> Select[*tuple[Any, ...]]:
    """Joined with the enrolment, and only when it is this person's and stands at this address."""
    return (
        statement.join(Enrolment, col(Enrolment.id) == ScenarioRun.enrolment_id)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(
            col(ScenarioRun.id) == run_id,
            col(ScenarioRun.lesson_key) == address.lesson_key,
            col(ScenarioRun.scenario_key) == address.block_key,
            col(Enrolment.account_id) == viewer.id,
            col(Course.key) == address.course_key,
        )
    )


def _lock(session: Session, viewer: Viewer, address: Address, run_id: UUID) -> tuple[Enrolment, ScenarioRun]:
    """Waits for another device of the same person. What was read before that is old: read the run after this."""
    if not policy.can_learn(viewer):
        raise Forbidden(_("Dit is voor leden. Een mentor bekijkt je aanvraag nog."))
    found = session.execute(
        _own(select(Enrolment, ScenarioRun).select_from(ScenarioRun), viewer, address, run_id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise _no_run()
    return found[0], found[1]


def _no_run() -> NotFound:
    return NotFound(_("Deze doorloop bestaat niet, of is niet van jou."))


def _id_of(enrolment: Enrolment, address: Address, form_id: str, *point: object) -> UUID:
    """The same form sent twice begins the same run: its id decides, and cannot be guessed by anyone else."""
    name = "/".join(map(str, (form_id, address.lesson_key, address.block_key, *point)))
    return uuid5(enrolment.id, name)


def _add_once(session: Session, row: SQLModel) -> bool:
    """False when it is there already."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True


def _step(run_id: UUID, turn: Turn, picks: Picks, at: datetime) -> ScenarioStep:
    kept = {key: list(values) for key, values in picks.items()}
    return ScenarioStep(run_id=run_id, place=turn.place, node_key=turn.node.key, picks=kept, at=at)


def _picks(kept: dict[str, list[str]]) -> Picks:
    return {key: tuple(values) for key, values in kept.items()}


def _was_here(enrolment: Enrolment, address: Address, now: datetime) -> None:
    """Resume at the scenario."""
    enrolment.lesson_key, enrolment.block_key = address.lesson_key, address.block_key
    enrolment.last_active_at = now


def _ended(session: Session, enrolment: Enrolment, address: Address, now: datetime) -> None:
    """A run to an ending is evidence for the lesson."""
