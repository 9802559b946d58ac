"""Action days: which there are, one of them, and what is mine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from backend.auth.models import Viewer
from backend.db import rel
from backend.errors import NotFound
from backend.events.models import ActionDay, DayStatus, ProgrammeItem, Registration, RegistrationStatus
from backend.language import ZONE
from backend.language import gettext as _
from backend.network.models import Region

PAST_SHOWN = 20
FEED_LOOKS_BACK = timedelta(days=365)


@dataclass(frozen=True)
class OneDay:
    """What the page of a day shows: the day, its programme, and where the viewer stands."""

    day: ActionDay
    programme: Sequence[ProgrammeItem]
    registration: Registration | None
    place_in_line: int  # 0 when not waiting


@dataclass(frozen=True)
class Mine:
    """A person's registrations: what is to come, and what is over or was cancelled."""

    coming: Sequence[Registration]
    earlier: Sequence[Registration]


def upcoming(session: Session, now: datetime) -> Sequence[ActionDay]:
    """The public days that are not over, first one first; also those that were called off."""
    return session.exec(_days().where(col(ActionDay.ends_at) > now).order_by(*_IN_ORDER)).all()


def chosen(
    days: Sequence[ActionDay], now: datetime, *, region: str = "", period: str = "", only_free: bool = False
) -> list[ActionDay]:
    """What somebody picked from the upcoming days.

    A region (its key) brings the days for all regions too; `period` is a month in Brussels: "2026-12".
    """
    return [
        day
        for day in days
        if (not region or day.region_key in (region, None))
        and (not period or month_of(day) == period)
        and (not only_free or (day.is_open(now) and not day.is_full))
    ]


def past(session: Session, now: datetime) -> Sequence[ActionDay]:
    """The days that took place, last one first."""
    took_place = (col(ActionDay.ends_at) <= now) & (col(ActionDay.status) == DayStatus.PUBLISHED)
    return session.exec(
        _days()
        .where(took_place)
        .order_by(col(ActionDay.starts_at).desc(), col(ActionDay.id))
        .limit(PAST_SHOWN)
    ).all()


def for_feed(session: Session, now: datetime) -> Sequence[ActionDay]:
    """Every public day of the last year and of what is to come."""
    return session.exec(
        _days().where(col(ActionDay.ends_at) > now - FEED_LOOKS_BACK).order_by(*_IN_ORDER)
    ).all()


def next_days(session: Session, now: datetime, limit: int) -> Sequence[ActionDay]:
    """The first days that go ahead and are not over, with their region. One query."""
    goes_on = (col(ActionDay.ends_at) > now) & (col(ActionDay.status) == DayStatus.PUBLISHED)
    return session.exec(_days().where(goes_on).order_by(*_IN_ORDER).limit(limit)).all()


def find(session: Session, slug: str) -> ActionDay:
    """A day that the public may see, with its region and edition. Raises NotFound for drafts too."""
    day = session.exec(
        _days().where(col(ActionDay.slug) == slug).options(joinedload(rel(ActionDay.edition)))
    ).one_or_none()
    if day is None:
        raise NotFound(_("Deze actiedag bestaat niet, of niet meer."))
    return day


def show(session: Session, slug: str, viewer: Viewer | None) -> OneDay:
    day = find(session, slug)
    programme = session.exec(
        select(ProgrammeItem)
        .where(col(ProgrammeItem.day_id) == day.id)
        .order_by(col(ProgrammeItem.starts_at), col(ProgrammeItem.id))
    ).all()
    registration = registration_of(session, viewer, day.id)
    return OneDay(day, programme, registration, place_in_line(session, registration) if registration else 0)


def registration_of(session: Session, viewer: Viewer | None, day_id: UUID) -> Registration | None:
    if viewer is None:
        return None
    return session.exec(
        select(Registration).where(
            col(Registration.day_id) == day_id, col(Registration.account_id) == viewer.id
        )
    ).one_or_none()


def place_in_line(session: Session, registration: Registration) -> int:
    """1 for whoever is next; 0 for who does not wait."""
    if registration.status != RegistrationStatus.WAITING:
        return 0
    return session.exec(
        select(func.count())
        .select_from(Registration)
        .where(
            col(Registration.day_id) == registration.day_id,
            col(Registration.status) == RegistrationStatus.WAITING,
            or_(
                col(Registration.asked_at) < registration.asked_at,
                (col(Registration.asked_at) == registration.asked_at)
                & (col(Registration.id) <= registration.id),
            ),
        )
    ).one()


def place_in_words(place: int) -> str:
    """eerste, tweede, derde … nummer 11: what comes after "je bent"."""
    words = [_("eerste"), _("tweede"), _("derde"), _("vierde"), _("vijfde")]
    words += [_("zesde"), _("zevende"), _("achtste"), _("negende"), _("tiende")]
    return words[place - 1] if 0 < place <= len(words) else _("nummer %(place)s") % {"place": place}


def mine(session: Session, viewer: Viewer, now: datetime) -> Mine:
    everything = session.exec(
        select(Registration)
        .join(ActionDay, col(ActionDay.id) == Registration.day_id)
        .where(col(Registration.account_id) == viewer.id, _is_public())
        .order_by(*_IN_ORDER)
        .options(joinedload(rel(Registration.day)).joinedload(rel(ActionDay.region)))
    ).all()
    coming = [r for r in everything if r.status != RegistrationStatus.CANCELLED and not r.day.is_over(now)]
    return Mine(coming, [r for r in reversed(everything) if r not in coming])


def my_statuses(session: Session, viewer: Viewer | None) -> dict[UUID, RegistrationStatus]:
    """Day → how this person stands with it."""
    if viewer is None:
        return {}
    rows = session.exec(
        select(Registration.day_id, Registration.status).where(col(Registration.account_id) == viewer.id)
    ).all()
    return {day_id: RegistrationStatus(status) for day_id, status in rows}


def regions(session: Session) -> Sequence[Region]:
    return session.exec(select(Region).order_by(col(Region.name))).all()


def month_of(day: ActionDay) -> str:
    """2026-12"""
    return f"{day.starts_at.astimezone(ZONE):%Y-%m}"


_IN_ORDER = (col(ActionDay.starts_at), col(ActionDay.id))


def _is_public() -> ColumnElement[bool]:
    return col(ActionDay.status) != DayStatus.DRAFT


def _days() -> SelectOfScalar[ActionDay]:
    return select(ActionDay).where(_is_public()).options(joinedload(rel(ActionDay.region)))
