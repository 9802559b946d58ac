"""The days that somebody organises: the list with what needs doing, one to look at, a new one, and its regions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Role, ScopeKind, Viewer
from backend.db import rel
from backend.errors import Conflict, NotFound
from backend.events import organising, policy
from backend.events.models import (
    ActionDay,
    ActionDayRegion,
    DayFormat,
    DayStatus,
    ProgrammeItem,
    Registration,
    RegistrationStatus,
)
from backend.events.moments import same_clock
from backend.language import gettext as _
from backend.network.models import Edition, Region
from backend.network.service import slug as slug_of

CONFIRM_BEFORE = timedelta(days=21)
CLOSES_BEFORE = timedelta(days=2)
PLACES = 40


class ToDo(StrEnum):
    """What a day needs next of its organiser."""

    PREPARE = "prepare"
    PUBLISH = "publish"
    DECIDE = "decide"
    CONFIRM = "confirm"
    THANK = "thank"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Listed:
    day: ActionDay
    requested: int
    to_do: ToDo


def scope(viewer: Viewer) -> set[str] | None:
    """The regions that this person organises days for; None: every region."""
    grants = viewer.grants_of(Role.ORGANISER)
    if viewer.has(Role.ADMINISTRATOR) or any(grant.scope_kind == ScopeKind.ALL for grant in grants):
        return None
    return {grant.scope_key for grant in grants if grant.scope_kind == ScopeKind.REGION}


def mine(session: Session, viewer: Viewer, now: datetime) -> tuple[list[Listed], list[Listed]]:
    """What is to come, soonest first, and what is over or called off, latest first. Three queries."""
    days = session.scalars(
        select(ActionDay)
        .options(joinedload(rel(ActionDay.regions)))
        .order_by(col(ActionDay.starts_at), col(ActionDay.id))
    ).unique()
    own = [day for day in days if policy.may_organise(viewer, day.region_keys)]
    ids = [day.id for day in own]
    requested = _counts(session, ids)
    planned = set(
        session.scalars(
            select(col(ProgrammeItem.day_id)).where(col(ProgrammeItem.day_id).in_(ids)).distinct()
        )
    )
    listed = [
        Listed(
            day,
            requested.get(day.id, 0),
            _to_do(day, requested.get(day.id, 0), now, has_programme=day.id in planned),
        )
        for day in own
    ]
    coming = [each for each in listed if not each.day.is_over(now) and each.day.status != DayStatus.CANCELLED]
    return coming, [each for each in reversed(listed) if each not in coming]


def look(session: Session, viewer: Viewer, slug: str) -> ActionDay:
    """As organising.find(), to look at: not locked, with its regions and host."""
    day = (
        session.scalars(
            select(ActionDay)
            .where(col(ActionDay.slug) == slug)
            .options(joinedload(rel(ActionDay.regions)), joinedload(rel(ActionDay.host)))
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )
    if day is None or not policy.may_organise(viewer, day.region_keys):
        raise NotFound(_("Deze actiedag bestaat niet, of je mag ze niet beheren."))
    return day


def hold(session: Session, viewer: Viewer, slug: str) -> ActionDay:
    """As look(), locked first: what is compared with what somebody saw is what will be overwritten."""
    organising.find(session, viewer, slug)
    return look(session, viewer, slug)


def lives(session: Session, day_id: UUID) -> int:
    """How many people have a registration that lives."""
    return len(organising.who_is_told(session, day_id))


def create(
    session: Session, viewer: Viewer, form_id: str, values: dict[str, Any], regions: Collection[str]
) -> str:
    """A concept with defaults that fit most days; gives its slug. The same form twice makes one day."""
    day_id = UUID(form_id)
    wait_for_my_turn(session)
    made = session.get(ActionDay, day_id)
    if made is not None:
        return look(session, viewer, made.slug).slug
    starts_at: datetime = values["starts_at"]
    until = starts_at - CLOSES_BEFORE
    day = ActionDay(
        id=day_id,
        slug=free_slug(session, values["title"], same_clock(starts_at)),
        edition_id=_edition(session),
        format=DayFormat.ON_SITE,
        capacity=PLACES,
        registration_closes_at=until,
        cancel_until=until,
        **values,
    )
    organising.check(day)
    session.add(day)
    session.flush()
    set_regions(session, viewer, day, regions)
    record(session, viewer.id, "events.create", kind="action_day", key=day.slug)
    session.flush()
    return day.slug


def copy(session: Session, viewer: Viewer, slug: str, form_id: str, on: date) -> str:
    """The day of last time on another date, as a concept; gives its slug. The same form twice makes one."""
    old = organising.find(session, viewer, slug)
    wait_for_my_turn(session)
    made = session.get(ActionDay, UUID(form_id))
    if made is not None:
        return look(session, viewer, made.slug).slug
    new_slug = free_slug(session, old.title, on)
    return organising.copy(session, viewer, slug, new_slug, on, day_id=UUID(form_id)).slug


def free_slug(session: Session, title: str, on: date) -> str:
    """actiedag-waasland-2027-03-02: from the title and the date, with a number where there is one already."""
    base = f"{slug_of(title)[:90].strip('-') or 'actiedag'}-{on:%Y-%m-%d}"
    taken = set(session.scalars(select(col(ActionDay.slug)).where(col(ActionDay.slug).startswith(base))))
    return next(
        name
        for name in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
        if name not in taken
    )


def regions_for(session: Session, viewer: Viewer, kept: Collection[str] = ()) -> Sequence[Region]:
    """The regions that this person may choose from, and those that a day has already."""
    own = scope(viewer)
    every = session.scalars(select(Region).order_by(col(Region.name))).all()
    return [each for each in every if own is None or each.key in own or each.key in kept]


def set_regions(session: Session, viewer: Viewer, day: ActionDay, keys: Collection[str]) -> bool:
    """Whether something changed. Regions of others stay as they are: one neither adds nor takes away what is not one's own."""
    had = set(
        session.scalars(select(col(ActionDayRegion.region_key)).where(col(ActionDayRegion.day_id) == day.id))
    )
    own = scope(viewer)
    if own is not None:
        if not set(keys) & own and (had or not keys):
            raise Conflict(_("Kies minstens één regio waarvoor je organiseert."))
        if (set(keys) ^ had) - own:
            raise Conflict(_("Je kunt alleen regio’s kiezen waarvoor je organiseert."))
    known = set(session.scalars(select(col(Region.key)).where(col(Region.key).in_(list(keys)))))
    if set(keys) - known:
        raise Conflict(_("Deze regio bestaat niet. Kies een andere."))
    if had == set(keys):
        return False
    session.execute(delete(ActionDayRegion).where(col(ActionDayRegion.day_id) == day.id))
    session.add_all(ActionDayRegion(day_id=day.id, region_key=key) for key in keys)
    record(session, viewer.id, "events.regions", kind="action_day", key=day.slug, regions=sorted(keys))
    session.flush()
    return True


def wait_for_my_turn(session: Session) -> None:
    """Days are made one after the other, so that two are never given one address."""
    session.execute(
        select(col(Edition.id)).order_by(col(Edition.id)).limit(1).with_for_update(key_share=True)
    )


def _edition(session: Session) -> UUID:
    """The newest one: days that are made now belong to it."""
    edition_id = session.scalar(
        select(col(Edition.id)).order_by(col(Edition.starts_on).desc(), col(Edition.id)).limit(1)
    )
    if edition_id is None:
        raise Conflict(_("Er is nog geen editie van het netwerk. Vraag het aan de beheerder."))
    return edition_id


def _counts(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        select(col(Registration.day_id), func.count())
        .where(col(Registration.day_id).in_(ids), col(Registration.status) == RegistrationStatus.REQUESTED)
        .group_by(col(Registration.day_id))
    )
    return {row[0]: row[1] for row in rows}


def _to_do(day: ActionDay, requested: int, now: datetime, *, has_programme: bool) -> ToDo:
    if day.status == DayStatus.CANCELLED:
        return ToDo.NOTHING
    if day.status == DayStatus.DRAFT:
        return ToDo.PUBLISH if has_programme and _has_place(day) else ToDo.PREPARE
    if day.is_over(now):
        return ToDo.NOTHING if day.materials else ToDo.THANK
    if requested:
        return ToDo.DECIDE
    soon = day.starts_at - now < CONFIRM_BEFORE
    return ToDo.CONFIRM if soon and day.status == DayStatus.PUBLISHED else ToDo.NOTHING


def _has_place(day: ActionDay) -> bool:
    on_site = day.format == DayFormat.ONLINE or bool(day.place)
    return on_site and (day.format == DayFormat.ON_SITE or bool(day.online_url))
