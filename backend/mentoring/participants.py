"""Who is in a mentor's scope, and where each of them stands. Part of the mentoring service."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Membership, Role, RoleGrant
from backend.auth.scope import Scope, in_places
from backend.courses.documents import CourseDocument, Lesson
from backend.events.models import LIVE, ActionDay, Registration
from backend.learning.models import Enrolment
from backend.mentoring.happenings import Done, finished_of
from backend.mentoring.reach import AnySelect, handed_on_by, handed_to
from backend.mentoring.signals import Signal, Standing, State
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

    @property
    def key(self) -> tuple[int, str]:
        return self.course_id, self.lesson.key


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
    cells: list[State] = field(
        default_factory=list
    )  # one a column; people with the same cells may share the list
    done: Done = frozenset()
    waits: frozenset[int] = frozenset()  # columns of lessons whose shared reflection has no answer yet
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
    rows = session.execute(_from_people(select(*_person()), scope, now).where(*also)).all()
    return {row.account_id: _participant(row) for row in rows}


def people_with_finished(
    session: Session, scope: Scope, now: datetime
) -> tuple[dict[UUID, Participant], list[Any]]:
    """The people of the scope by id, and what they finished (for Judge). One query."""
    statement = _from_people(select(*_person(), *finished_of()), scope, now)
    rows = session.execute(statement.outerjoin(Enrolment, col(Enrolment.account_id) == Account.id)).all()
    people: dict[UUID, Participant] = {}
    for row in rows:
        if row.account_id not in people:
            people[row.account_id] = _participant(row)
    return people, [row for row in rows if row.course_id is not None]


def _person() -> tuple[Any, ...]:
    return (
        col(Account.id).label("account_id"),
        col(Account.name),
        col(Account.email),
        col(Membership.function),
        col(Organisation.name).label("organisation"),
        col(Municipality.nis_code),
        col(Region.key).label("region_key"),
        col(Region.name).label("region"),
        col(Account.is_fictional),
        func.coalesce(col(Account.admitted_at), col(Account.created_at)).label("admitted_at"),
    )


def _participant(row: Row[Any]) -> Participant:
    return Participant(
        id=row.account_id,
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
