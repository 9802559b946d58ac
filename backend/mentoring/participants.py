"""Who is in a mentor's scope, and where each of them stands. Part of the mentoring service."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Membership, Role, RoleGrant, Viewer
from backend.auth.scope import Scope, in_places
from backend.courses.documents import CourseDocument, Lesson
from backend.events.models import LIVE, ActionDay, Registration
from backend.mentoring.happenings import Facts, Happened, Places, happened
from backend.mentoring.reach import AnySelect, handed_on_by, handed_to
from backend.mentoring.signals import (
    Evidence,
    Rules,
    Signal,
    Standing,
    State,
    signals_of,
    standing_of,
    state_of,
)
from backend.network.models import Edition, Municipality, Organisation, Region
from backend.network.service import fold

# They follow; nobody follows them.
STAFF = (Role.MENTOR, Role.AUTHOR, Role.ORGANISER, Role.PARTNER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Column:
    """One lesson of one module."""

    course_id: int
    lesson: Lesson
    starts_module: bool


@dataclass(frozen=True, slots=True)
class Aside:
    """A signal that somebody set aside for a while."""

    signal: Signal
    is_done: bool  # else: later
    until: datetime


@dataclass
class Participant:
    id: UUID
    name: str
    email: str
    function: str
    organisation: str
    municipality_nis: str
    region_key: str
    region: str
    is_fictional: bool
    admitted_at: datetime
    last_active_at: datetime | None = None
    cells: list[State] = field(default_factory=list)  # one a column
    signals: list[Signal] = field(default_factory=list)  # the most telling one first
    aside: list[Aside] = field(default_factory=list)
    standing: Standing = Standing.ON_TRACK

    @property
    def signal(self) -> Signal | None:
        return self.signals[0] if self.signals else None

    @cached_property
    def sort_name(self) -> str:
        return fold(self.name)

    @property
    def done_count(self) -> int:
        return self.cells.count(State.DONE)


def columns_of(published: Iterable[tuple[int, CourseDocument]]) -> list[Column]:
    return [
        Column(course_id, lesson, place == 0)
        for course_id, document in published
        for place, lesson in enumerate(document.lessons)
    ]


def ids_in(scope: Scope, now: datetime) -> AnySelect:
    """For a query about the people of the scope: their ids."""
    return _from_people(select(col(Account.id)), scope, now)


def people_in(
    session: Session, scope: Scope, now: datetime, *also: ColumnElement[bool]
) -> dict[UUID, Participant]:
    """The people of the scope by id, without progress yet. One query."""
    statement = _from_people(
        select(
            col(Account.id),
            col(Account.name),
            col(Account.email),
            col(Membership.function),
            col(Organisation.name).label("organisation"),
            col(Municipality.nis_code),
            col(Region.key).label("region_key"),
            col(Region.name).label("region"),
            col(Account.is_fictional),
            func.coalesce(col(Account.admitted_at), col(Account.created_at)).label("admitted_at"),
        ),
        scope,
        now,
    )
    return {
        row.id: Participant(
            id=row.id,
            name=row.name,
            email=row.email,
            function=row.function or "",
            organisation=row.organisation or "",
            municipality_nis=row.nis_code or "",
            region_key=row.region_key or "",
            region=row.region or "",
            is_fictional=row.is_fictional,
            admitted_at=row.admitted_at,
        )
        for row in session.execute(statement.where(*also)).all()
    }


def judge(
    session: Session,
    people: dict[UUID, Participant],
    columns: list[Column],
    ids: AnySelect,
    viewer: Viewer,
    now: datetime,
    finished: Iterable[Any] | None = None,
) -> Facts:
    """Give each person a state per lesson, their signals by the viewer's rules, and a standing. Two queries at most."""
    places = {
        (column.course_id, column.lesson.key): (place, column.lesson.number)
        for place, column in enumerate(columns)
    }
    facts = happened(session, ids, places, viewer, finished)
    lessons_of: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for place in places:
        lessons_of[place[0]].add(place)
    nobody = Happened()
    rows: dict[
        frozenset[tuple[int, str]], tuple[list[State], str]
    ] = {}  # many people finished the same lessons
    for person in people.values():
        happening = facts.people.get(person.id, nobody)
        _judge_one(person, happening, places, rows, lessons_of, (facts.rules, now))
    return facts


def _row_of(done: frozenset[tuple[int, str]], places: Places) -> tuple[list[State], str]:
    """The states of all lessons when these are done, and the number of the last of them."""
    cells = [State.NEW] * len(places)
    found = sorted(where for key in done if (where := places.get(key)) is not None)
    for place, _number in found:
        cells[place] = State.DONE
    return cells, found[-1][1] if found else ""


def _judge_one(
    person: Participant,
    facts: Happened,
    places: Places,
    rows: dict[frozenset[tuple[int, str]], tuple[list[State], str]],
    lessons_of: dict[int, set[tuple[int, str]]],
    by: tuple[Rules, datetime],
) -> None:
    rules, now = by
    last = person.last_active_at = facts.last_active_at
    if facts.done not in rows:
        rows[facts.done] = _row_of(facts.done, places)
    cells, reached = rows[facts.done]
    person.cells = cells.copy()
    for place, step in facts.steps.items():
        person.cells[place] = state_of(step, last or now, now, rules)
    is_done = bool(facts.enrolments) and all(
        row.is_completed or (lessons_of[row.course_id] and lessons_of[row.course_id] <= facts.done)
        for row in facts.enrolments
    )
    evidence = Evidence(
        admitted_at=person.admitted_at,
        last_active_at=last,
        is_done=is_done,
        steps=tuple(facts.steps[place] for place in sorted(facts.steps)),
        reached=reached,
        failed=tuple(facts.failed),
        shared=tuple(facts.shared),
    )
    for signal in signals_of(evidence, rules, now):
        mark = facts.set_aside(signal, now)
        if mark is None:
            person.signals.append(signal)
        else:
            person.aside.append(Aside(signal, bool(mark.times), mark.until))
    person.standing = standing_of(person.signal, is_done=is_done)


def _from_people(statement: AnySelect, scope: Scope, now: datetime) -> AnySelect:
    """Members of the scope who are there to learn."""
    staff = (
        select(col(RoleGrant.account_id))
        .where(col(RoleGrant.role).in_(STAFF))
        .where(or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now))
    )
    return (
        statement.select_from(Account)
        .outerjoin(
            Membership, and_(col(Membership.account_id) == Account.id, col(Membership.ended_at).is_(None))
        )
        .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
        .outerjoin(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
        .outerjoin(Region, col(Region.key) == Municipality.region_key)
        .where(col(Account.status) == AccountStatus.MEMBER, col(Account.id).not_in(staff), _in_scope(scope))
    )


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    """What the roles give, with what was handed to these mentors, without what they handed on."""
    if not scope.mentors:
        return _by_roles(scope)
    return and_(
        or_(_by_roles(scope), col(Account.id).in_(handed_to(scope.mentors))),
        col(Account.id).not_in(handed_on_by(scope.mentors)),
    )


def _by_roles(scope: Scope) -> ColumnElement[bool]:
    if scope.everyone:
        return true()
    conditions = [in_places(scope)]
    if scope.editions:
        registered = (
            select(col(Registration.account_id))
            .join(ActionDay, col(ActionDay.id) == Registration.day_id)
            .join(Edition, col(Edition.id) == ActionDay.edition_id)
            .where(col(Edition.key).in_(scope.editions), col(Registration.status).in_(LIVE))
        )
        conditions.append(col(Account.id).in_(registered))
    return or_(*conditions)
