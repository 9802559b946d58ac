"""Walking through a branching case: begin, choose, go on elsewhere, begin again from a point.

A run stays at the version in which it began. What was chosen is only ever added; the ending follows from it. Everything that
changes locks the enrolment first, so that two devices of one person count as one after the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Select, select, update
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.courses.scenarios import END, Ending, Picks, Scenario, Walk, WrongPick, ending_of, step
from backend.errors import Conflict, Forbidden, NotFound
from backend.language import gettext as _
from backend.learning import policy
from backend.learning import service as learning
from backend.learning.availability import Closed, lesson_closed
from backend.learning.enrolments import Address, Place, closed_at, find_place, require_open
from backend.learning.judging import kept_moved
from backend.learning.models import Enrolment, ScenarioRun, ScenarioStep
from backend.learning.records import Kept, add_once, kept_of
from backend.learning.scenario_standing import ScenarioView, find_scenario
from backend.learning.scenario_turns import Submitted, Turn, open_turn, read_picks, turns_of


class NotHere(Conflict):
    """Nothing can be chosen at this place, or something else was chosen there already. `place`: what to look at instead."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Start:
    """What the first page of a scenario shows. `view` has no runs for whoever does not take part."""

    course: CourseDocument
    lesson: Lesson
    view: ScenarioView
    closed: Closed | None = None  # why nothing can be chosen now
    is_hidden: bool = False  # and nothing read either

    @property
    def scenario(self) -> Scenario:
        return self.view.scenario


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


def start_of(session: Session, viewer: Viewer | None, address: Address, now: datetime) -> Start:
    """A scenario before one begins, with the runs of this person: the queries of its lesson, and one.

    Raises NotFound; SignInNeeded or Forbidden where the lesson is for members.
    """
    state = learning.lesson_state(session, viewer, address.course_key, address.lesson_key)
    find_scenario(state.course, address)
    states = state.progress.states
    begun = {key for key, each in states.items() if each != "new"}
    done = {key for key, each in states.items() if each == "done"}
    closed = lesson_closed(state.course, state.lesson, begun, done, now)
    hidden = closed is not None and closed.hides and address.lesson_key not in done
    return Start(state.course, state.lesson, state.scenarios[address.block_key], closed, hidden)


def run_of(session: Session, viewer: Viewer, address: Address, run_id: UUID) -> Run:
    """One's own run. One query, once the document is cached. Anyone else's does not exist."""
    return _read(session, session.execute(_own(select(*_RUN), viewer, address, run_id)), address, run_id)


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
    """A new run at the version that this person follows; one in which nothing was chosen yet is taken up again.

    Raises Conflict when the lesson is not open.
    """
    place = find_place(session, viewer, address, now)
    find_scenario(place.course, address)
    require_open(place, now)
    _was_here(place.enrolment, address, now)
    untouched = session.scalars(
        select(col(ScenarioRun.id))
        .where(
            col(ScenarioRun.enrolment_id) == place.enrolment.id,
            col(ScenarioRun.version_id) == place.enrolment.version_id,
            col(ScenarioRun.lesson_key) == address.lesson_key,
            col(ScenarioRun.scenario_key) == address.block_key,
            ~select(col(ScenarioStep.place)).where(col(ScenarioStep.run_id) == ScenarioRun.id).exists(),
        )
        .limit(1)
    ).first()
    if untouched is not None:
        return untouched
    run = _new_run(place.enrolment, address, place.enrolment.version_id, form_id, now)
    run_id = run.id
    if add_once(session, run):
        kept = Kept(place.rows, place.practice)
        kept_moved(session, place.enrolment, place.course, place.lesson, kept, now)
    return run_id


def begin_again(
    session: Session, viewer: Viewer, address: Address, at: tuple[UUID, int], form_id: str, now: datetime
) -> UUID:
    """A new run from a point (run, place) of another one: what was chosen before that is repeated in it."""
    from_id, place = at
    enrolment, old = _locked(session, viewer, address, from_id)
    if closed := _closed(session, enrolment, address, now)[0]:
        raise NotHere(closed.text, len(old.turns))
    if place >= len(old.turns):
        raise NotHere(_("Zover kwam je in deze doorloop niet."), len(old.turns))
    run = _new_run(enrolment, address, old.version_id, form_id, now, from_id, place)
    run.from_id, run_id = from_id, run.id
    _was_here(enrolment, address, now)
    if add_once(session, run):
        session.add_all(_step(run_id, turn, turn.picks or {}, turn.at or now) for turn in old.turns[:place])
    return run_id


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
    enrolment, run = _locked(session, viewer, address, run_id)
    if 0 <= place < len(run.turns):
        return _compare(run.turns[place], node_key, submitted)
    turn = run.open
    if turn is None or (place, node_key) != (turn.place, turn.node.key):
        raise NotHere(_("Deze keuze hoort bij een andere stap. Je staat nu hier."), len(run.turns))
    picks = read_picks(turn.node, submitted)
    if not any(picks.values()):
        raise WrongPick("none")
    walk = step(run.scenario, run.walk, picks)
    closed, followed = _closed(session, enrolment, address, now)
    if closed:
        raise NotHere(closed.text, place)
    if not add_once(session, _step(run_id, turn, picks, now)):  # another device was just ahead
        return _compare(run_of(session, viewer, address, run_id).turns[place], node_key, submitted)
    _was_here(enrolment, address, now)
    if walk.at == END:
        ended = {"ended_at": now, "ending": ending_of(run.scenario, walk).key}
        session.execute(update(ScenarioRun).where(col(ScenarioRun.id) == run_id).values(**ended))
        if followed:
            kept_moved(session, enrolment, *followed, now)
    return None


def _compare(taken: Turn, node_key: str, submitted: Submitted) -> None:
    """Raises NotHere when what stands there is not what was sent."""
    if taken.node.key != node_key or taken.picks != read_picks(taken.node, submitted):
        raise NotHere(
            _("Bij deze stap koos je al, misschien in een ander tabblad. Hieronder staat wat bewaard is."),
            taken.place,
        )


# ── pieces ──

_RUN: tuple[Any, ...] = (
    col(ScenarioRun.enrolment_id),
    col(ScenarioRun.version_id),
    col(ScenarioRun.started_at),
    col(ScenarioRun.ended_at),
    col(ScenarioStep.picks),
    col(ScenarioStep.at),
)


def _own(statement: Select[Any], viewer: Viewer, address: Address, run_id: UUID) -> Select[Any]:
    """Of this person's run, when it stands at this address: a row a step, in order; one without step where there is none."""
    return (
        statement.select_from(ScenarioRun)
        .join(Enrolment, col(Enrolment.id) == ScenarioRun.enrolment_id)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .outerjoin(ScenarioStep, col(ScenarioStep.run_id) == ScenarioRun.id)
        .where(
            col(ScenarioRun.id) == run_id,
            col(ScenarioRun.lesson_key) == address.lesson_key,
            col(ScenarioRun.scenario_key) == address.block_key,
            col(Enrolment.account_id) == viewer.id,
            col(Course.key) == address.course_key,
        )
        .order_by(col(ScenarioStep.place))
    )


def _read(session: Session, found: Iterable[Any], address: Address, run_id: UUID) -> Run:
    rows = list(found)
    if not rows:
        raise NotFound(_("Deze doorloop bestaat niet, of is niet van jou."))
    first = rows[0]
    course = courses.version_document(session, first.version_id)
    lesson, scenario = find_scenario(course, address)
    turns, walk = turns_of(scenario, [(_picks(row.picks), row.at) for row in rows if row.picks is not None])
    return Run(
        run_id, first.enrolment_id, first.version_id, course, lesson, scenario, first.started_at, first.ended_at,
        turns, walk,
    )  # fmt: skip


def _locked(session: Session, viewer: Viewer, address: Address, run_id: UUID) -> tuple[Enrolment, Run]:
    """Waits for another device of the same person. What it chose meanwhile may be missing here: the key of a step decides."""
    if not policy.can_learn(viewer):
        raise Forbidden(_("Dit is voor leden. Een mentor bekijkt je aanvraag nog."))
    rows = session.execute(
        _own(select(Enrolment, *_RUN), viewer, address, run_id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).all()
    run = _read(session, rows, address, run_id)
    return rows[0][0], run


def _closed(
    session: Session, enrolment: Enrolment, address: Address, now: datetime
) -> tuple[Closed | None, tuple[CourseDocument, Lesson, Kept] | None]:
    """Why nothing can be chosen now, and the lesson in the version that this person follows, with what is kept of it.

    A run may be of a lesson that this version no longer has: it can be walked to its end, and counts for nothing.
    """
    course = courses.version_document(session, enrolment.version_id)
    lesson = course.lesson(address.lesson_key)
    if lesson is None:
        return None, None
    kept = kept_of(session, enrolment.id, lesson.key)
    place = Place(enrolment, course, lesson, kept.rows, kept.practice)
    return closed_at(place, now), (course, lesson, kept)


def _new_run(
    enrolment: Enrolment, address: Address, version_id: int, form_id: str, now: datetime, *point: object
) -> ScenarioRun:
    """The same form sent twice is the same run: its id follows from the form, and cannot be guessed by anyone else."""
    name = "/".join(map(str, (form_id, address.lesson_key, address.block_key, *point)))
    return ScenarioRun(
        id=uuid5(enrolment.id, name),
        enrolment_id=enrolment.id,
        version_id=version_id,
        lesson_key=address.lesson_key,
        scenario_key=address.block_key,
        started_at=now,
    )


def _step(run_id: UUID, turn: Turn, picks: Picks, at: datetime) -> ScenarioStep:
    kept = {key: list(values) for key, values in picks.items()}
    return ScenarioStep(run_id=run_id, place=turn.place, node_key=turn.node.key, picks=kept, at=at)


def _picks(kept: dict[str, list[str]]) -> Picks:
    return {key: tuple(values) for key, values in kept.items()}


def _was_here(enrolment: Enrolment, address: Address, now: datetime) -> None:
    """Resume at the scenario."""
    enrolment.lesson_key, enrolment.block_key = address.lesson_key, address.block_key
    enrolment.last_active_at = now
