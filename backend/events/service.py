"""Action days to look at: which there are, one of them, and what is mine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload, load_only
from sqlalchemy.orm.strategy_options import _AbstractLoad
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.db import rel
from backend.errors import NotFound
from backend.events import policy
from backend.events.models import (
    GOES_ON,
    LIVE,
    ActionDay,
    ChoiceStatus,
    DayStatus,
    ProgrammeItem,
    Registration,
    RegistrationNeed,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)
from backend.language import ZONE
from backend.language import gettext as _
from backend.network.models import Region

PAST_SHOWN = 20
FEED_LOOKS_BACK = timedelta(days=365)


@dataclass(frozen=True)
class Moment:
    """A line of the programme, with its sessions when it is a round."""

    item: ProgrammeItem
    workshops: Sequence[Workshop] = ()


@dataclass(frozen=True)
class Own:
    """How the viewer stands with a day. `lines`: workshop → the own place in its waiting list."""

    registration: Registration
    need: RegistrationNeed | None = None
    place_in_line: int = 0  # 0 when not waiting
    choices: dict[UUID, ChoiceStatus] = field(default_factory=dict)
    lines: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OneDay:
    """What the page of a day shows: the day, its programme, and where the viewer stands."""

    day: ActionDay
    programme: Sequence[Moment]
    own: Own | None


@dataclass(frozen=True)
class Registrations:
    """A person's registrations: what is to come, and what is over or was cancelled."""

    coming: Sequence[Registration]
    earlier: Sequence[Registration]


def upcoming(session: Session, now: datetime) -> Sequence[ActionDay]:
    """The public days that are not over, first one first; also those that were called off."""
    coming = _listed().where(col(ActionDay.ends_at) > now).order_by(*_IN_ORDER)
    return _all(session, coming.options(_in_short()))


def chosen(
    days: Sequence[ActionDay],
    now: datetime,
    *,
    region: str = "",
    municipality: str = "",
    period: str = "",
    only_free: bool = False,
) -> list[ActionDay]:
    """What somebody picked from the upcoming days.

    A region (its key) brings the days for all regions too; `period` is a month in Brussels: "2026-12".
    """
    return [
        day
        for day in days
        if (not region or day.is_for(region))
        and (not municipality or day.host_nis == municipality)
        and (not period or month_of(day) == period)
        and (not only_free or (day.is_open(now) and not day.is_full))
    ]


def past(session: Session, now: datetime) -> Sequence[ActionDay]:
    """The days that took place, last one first."""
    took_place = (col(ActionDay.ends_at) <= now) & col(ActionDay.status).in_(GOES_ON)
    last_first = _listed().where(took_place).order_by(col(ActionDay.starts_at).desc(), col(ActionDay.id))
    return _all(session, last_first.limit(PAST_SHOWN).options(_in_short()))


def for_feed(session: Session, now: datetime, region: str = "") -> Sequence[ActionDay]:
    """Every public day of the last year and of what is to come; of a region (its key), with those for all regions."""
    recent = _listed().where(col(ActionDay.ends_at) > now - FEED_LOOKS_BACK)
    return [day for day in _all(session, recent.order_by(*_IN_ORDER)) if not region or day.is_for(region)]


def next_days(session: Session, now: datetime, limit: int) -> Sequence[ActionDay]:
    """The first days that go ahead and are not over, with their regions. One query."""
    goes_on = (col(ActionDay.ends_at) > now) & col(ActionDay.status).in_(GOES_ON)
    return _all(session, _listed().where(goes_on).order_by(*_IN_ORDER).limit(limit))


def show(session: Session, slug: str, viewer: Viewer | None) -> OneDay:
    """Raises NotFound for a draft, and for a day that this person may not know of."""
    day, own = find(session, slug, viewer)
    return OneDay(day, programme(session, day.id), own)


def find(session: Session, slug: str, viewer: Viewer | None) -> tuple[ActionDay, Own | None]:
    """A day that the viewer may see, with its regions, edition and host, and how they stand with it."""
    statement = _days().where(col(ActionDay.slug) == slug)
    statement = statement.options(
        joinedload(rel(ActionDay.edition)), joinedload(rel(ActionDay.host))
    ).execution_options(populate_existing=True)
    day = session.scalars(statement).unique().one_or_none()
    own = own_of(session, viewer, day.id) if day else None
    if day is None or not policy.may_see(day, viewer, is_registered=own is not None):
        raise NotFound(_("Deze actiedag bestaat niet, of niet meer."))
    return day, own


def day_of(session: Session, day_id: UUID) -> ActionDay:
    """For who has a registration: also a day that is not listed."""
    day: ActionDay = session.scalars(_days().where(col(ActionDay.id) == day_id)).unique().one()
    return day


def programme(session: Session, day_id: UUID) -> list[Moment]:
    """In the order of time. One query."""
    rows = session.execute(
        select(ProgrammeItem, Workshop)
        .outerjoin(Workshop, col(Workshop.round_id) == ProgrammeItem.id)
        .where(col(ProgrammeItem.day_id) == day_id)
        .order_by(
            col(ProgrammeItem.starts_at), col(ProgrammeItem.id), col(Workshop.position), col(Workshop.id)
        )
    )
    found: dict[int | None, tuple[ProgrammeItem, list[Workshop]]] = {}
    for item, workshop in rows:
        found.setdefault(item.id, (item, []))[1].extend([workshop] if workshop else [])
    return [Moment(item, workshops) for item, workshops in found.values()]


def round_titles(programme: Sequence[Moment]) -> list[str]:
    return [moment.item.title for moment in programme if moment.workshops]


def own_of(session: Session, viewer: Viewer | None, day_id: UUID) -> Own | None:
    """The live registration of this person on this day, else the last one there was."""
    if viewer is None:
        return None
    mine = (col(Registration.day_id) == day_id) & (col(Registration.account_id) == viewer.id)
    return own_where(session, mine)


def own_where(session: Session, mine: ColumnElement[bool]) -> Own | None:
    """Three queries at most."""
    row = session.execute(
        select(Registration, RegistrationNeed)
        .outerjoin(RegistrationNeed, col(RegistrationNeed.registration_id) == Registration.id)
        .where(mine)
        .order_by(col(Registration.status).in_(LIVE).desc(), col(Registration.asked_at).desc())
        .limit(1)
    ).first()
    if row is None or not row[0].is_live:
        return Own(row[0]) if row else None
    registration: Registration = row[0]
    choices = session.execute(_choices_with_lines(registration.id)).all()
    return Own(
        registration,
        row[1],
        place_in_line(session, registration),
        {choice.workshop_id: choice.status for choice in choices},
        {c.workshop_id: c.line for c in choices if c.status == ChoiceStatus.WAITING},
    )


def place_in_line(session: Session, registration: Registration) -> int:
    """1 for whoever is next; 0 for who does not wait."""
    if registration.status != RegistrationStatus.WAITING:
        return 0
    before = or_(
        col(Registration.asked_at) < registration.asked_at,
        (col(Registration.asked_at) == registration.asked_at) & (col(Registration.id) <= registration.id),
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(Registration)
            .where(
                col(Registration.day_id) == registration.day_id,
                col(Registration.status) == RegistrationStatus.WAITING,
                before,
            )
        )
        or 0
    )


def mine(session: Session, viewer: Viewer, now: datetime) -> Registrations:
    """One of each day: what lives, else what was last."""
    everything = session.scalars(
        select(Registration)
        .join(ActionDay, col(ActionDay.id) == Registration.day_id)
        .where(col(Registration.account_id) == viewer.id, _is_public())
        .order_by(*_IN_ORDER, col(Registration.status).in_(LIVE).desc(), col(Registration.asked_at).desc())
        .options(joinedload(rel(Registration.day)).joinedload(rel(ActionDay.regions)))
    ).unique()
    one_a_day: dict[UUID, Registration] = {}
    for registration in everything:
        one_a_day.setdefault(registration.day_id, registration)
    coming = [r for r in one_a_day.values() if r.is_live and not r.day.is_over(now)]
    return Registrations(coming, [r for r in reversed(one_a_day.values()) if r not in coming])


def my_statuses(session: Session, viewer: Viewer | None) -> dict[UUID, RegistrationStatus]:
    """Day → how this person stands with it, where something lives."""
    if viewer is None:
        return {}
    rows = session.execute(
        select(col(Registration.day_id), col(Registration.status)).where(
            col(Registration.account_id) == viewer.id, col(Registration.status).in_(LIVE)
        )
    ).all()
    return {row.day_id: row.status for row in rows}


def others_of_series(session: Session, day: ActionDay, now: datetime) -> Sequence[ActionDay]:
    """Where somebody with a place on this day could go instead."""
    if not day.series:
        return []
    others = _listed().where(
        col(ActionDay.series) == day.series,
        col(ActionDay.id) != day.id,
        col(ActionDay.status).in_(GOES_ON),
        col(ActionDay.registration_closes_at) > now,
    )
    return [other for other in _all(session, others.order_by(*_IN_ORDER)) if other.is_open(now)]


def regions(session: Session) -> Sequence[Region]:
    return session.scalars(select(Region).order_by(col(Region.name))).all()


def month_of(day: ActionDay) -> str:
    """2026-12"""
    return f"{day.starts_at.astimezone(ZONE):%Y-%m}"


_IN_ORDER = (col(ActionDay.starts_at), col(ActionDay.id))


def _is_public() -> ColumnElement[bool]:
    return col(ActionDay.status) != DayStatus.DRAFT


def _days() -> Select[Any]:
    return select(ActionDay).where(_is_public()).options(joinedload(rel(ActionDay.regions)))


def _listed() -> Select[Any]:
    """Days that only who is invited knows of are on no list."""
    return _days().where(col(ActionDay.is_listed))


def _in_short() -> _AbstractLoad:
    """Of a day what a list and the map show; anything else of it raises."""
    shown: tuple[Any, ...] = (
        ActionDay.slug, ActionDay.title, ActionDay.status, ActionDay.format, ActionDay.town, ActionDay.host_nis,
        ActionDay.starts_at, ActionDay.ends_at, ActionDay.capacity, ActionDay.taken, ActionDay.registration_opens_at,
        ActionDay.registration_closes_at, ActionDay.is_fictional,
    )  # fmt: skip
    return load_only(*shown, raiseload=True)


def _all(session: Session, statement: Select[Any]) -> Sequence[ActionDay]:
    return session.scalars(statement).unique().all()


def _choices_with_lines(registration_id: UUID) -> Select[Any]:
    """The sessions of a registration, each with its place in the waiting list of that session."""
    other = aliased(WorkshopChoice)
    before = (
        select(func.count())
        .select_from(other)
        .where(
            col(other.workshop_id) == col(WorkshopChoice.workshop_id),
            col(other.status) == ChoiceStatus.WAITING,
            or_(
                col(other.asked_at) < col(WorkshopChoice.asked_at),
                (col(other.asked_at) == col(WorkshopChoice.asked_at))
                & (col(other.registration_id) <= col(WorkshopChoice.registration_id)),
            ),
        )
        .correlate(WorkshopChoice)
        .scalar_subquery()
    )
    return select(col(WorkshopChoice.workshop_id), col(WorkshopChoice.status), before.label("line")).where(
        col(WorkshopChoice.registration_id) == registration_id
    )
