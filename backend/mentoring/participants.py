"""Who is in a mentor's scope, and where each of them stands. Part of the mentoring service."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Membership, Role, RoleGrant
from backend.auth.scope import Scope, in_places
from backend.courses.documents import CourseDocument, Lesson
from backend.events.models import LIVE, ActionDay, Registration
from backend.learning.models import Enrolment, LessonProgress
from backend.mentoring.reach import handed_on_by, handed_to
from backend.mentoring.signals import Signal, Standing, State, Step, signal_of, standing_of, state_of
from backend.network.models import Edition, Municipality, Organisation, Region

AnySelect: TypeAlias = Select[*tuple[Any, ...]]
# They follow; nobody follows them.
STAFF = (Role.MENTOR, Role.AUTHOR, Role.ORGANISER, Role.PARTNER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Column:
    """One lesson of one module."""

    course_id: int
    lesson: Lesson
    starts_module: bool


@dataclass(slots=True)
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
    signal: Signal | None = None
    standing: Standing = Standing.ON_TRACK

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
        for row in session.execute(statement.where(*also))
    }


def progress_of(session: Session, ids: AnySelect) -> list[Row[Any]]:
    """A row for each lesson that one of these people began, or one without a lesson for each bare enrolment. One query."""
    return list(
        session.execute(
            select(
                col(Enrolment.account_id),
                col(Enrolment.course_id),
                col(Enrolment.completed_at).is_not(None).label("is_completed"),
                col(Enrolment.last_active_at).label("seen_at"),
                col(LessonProgress.lesson_key),
                col(LessonProgress.tries_below),
                col(LessonProgress.last_active_at),
                col(LessonProgress.done_at).is_not(None).label("is_done"),
            )
            .outerjoin(LessonProgress, col(LessonProgress.enrolment_id) == Enrolment.id)
            .where(col(Enrolment.account_id).in_(ids))
        )
    )


def judge(
    people: dict[UUID, Participant], columns: list[Column], rows: Iterable[Row[Any]], now: datetime
) -> None:
    """Give each person a state per lesson, a signal and a standing."""
    by_person: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_person[row.account_id].append(row)
    places = {(column.course_id, column.lesson.key): place for place, column in enumerate(columns)}
    lessons_of: dict[int, set[str]] = defaultdict(set)
    for column in columns:
        lessons_of[column.course_id].add(column.lesson.key)
    nothing = [State.NEW] * len(columns)
    for person in people.values():
        theirs = by_person.get(person.id, [])
        person.last_active_at = max((row.seen_at for row in theirs), default=None)
        person.cells = nothing.copy()
        steps: dict[int, Step] = {}
        for row in theirs:
            place = places.get((row.course_id, row.lesson_key))
            if place is not None:  # else a lesson that is no longer in the module
                step = Step(columns[place].lesson.number, row.tries_below, row.last_active_at, row.is_done)
                steps[place] = step
                person.cells[place] = state_of(step, person.last_active_at or now, now)
        is_done = bool(theirs) and _is_done(theirs, lessons_of)
        person.signal = signal_of(
            [steps[place] for place in sorted(steps)],
            admitted_at=person.admitted_at,
            last_active_at=person.last_active_at,
            is_done=is_done,
            now=now,
        )
        person.standing = standing_of(person.signal, is_done=is_done)


def _is_done(rows: list[Row[Any]], lessons_of: dict[int, set[str]]) -> bool:
    """Every module that was begun is finished."""
    done = {(row.course_id, row.lesson_key) for row in rows if row.is_done}
    return all(
        row.is_completed
        or (
            lessons_of[row.course_id] != set()
            and all((row.course_id, key) in done for key in lessons_of[row.course_id])
        )
        for row in rows
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
