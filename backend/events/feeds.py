"""The calendar of one's own days at a secret address; a new address ends the one before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col

from backend.db import rel
from backend.errors import NotFound
from backend.events import links, workshops
from backend.events.calendar import Entry
from backend.events.links import Purpose
from backend.events.models import (
    ActionDay,
    CalendarAddress,
    ChoiceStatus,
    DayStatus,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)
from backend.events.service import FEED_LOOKS_BACK
from backend.language import gettext as _

HAD_PLACE = (RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED)


def code(session: Session, account_id: UUID) -> str:
    return links.code(Purpose.CALENDAR, account_id, _version(session, account_id))


def renew(session: Session, account_id: UUID) -> None:
    """Whoever has the old address sees nothing any more."""
    session.merge(CalendarAddress(account_id=account_id, version=_version(session, account_id) + 1))
    session.flush()


def entries_at(session: Session, code: str, now: datetime) -> list[Entry]:
    """What stands in the calendar at this address. Raises NotFound for an address that does not work (any more)."""
    known = links.read(code)
    if known is None or known[0] != Purpose.CALENDAR:
        raise NotFound(_("Dit agenda-adres werkt niet, of niet meer."))
    if not links.is_version(code, known[1], _version(session, known[1])):
        raise NotFound(_("Dit agenda-adres werkt niet, of niet meer."))
    return _entries(session, known[1], now)


def entry_of(session: Session, day: ActionDay, registration: Registration) -> Entry:
    return Entry(day, registration, _sessions(session, [registration.id]).get(registration.id, []))


def _entries(session: Session, account_id: UUID, now: datetime) -> list[Entry]:
    """Every registration that was in a calendar once: a place, an offer, and what was cancelled since."""
    had_place = (
        select(col(RegistrationEvent.id))
        .where(
            col(RegistrationEvent.registration_id) == col(Registration.id),
            col(RegistrationEvent.status).in_(HAD_PLACE),
        )
        .exists()
    )
    registrations = session.scalars(
        select(Registration)
        .join(ActionDay, col(ActionDay.id) == Registration.day_id)
        .where(
            col(Registration.account_id) == account_id,
            col(ActionDay.ends_at) > now - FEED_LOOKS_BACK,
            col(ActionDay.status) != DayStatus.DRAFT,
            had_place,
        )
        .order_by(col(ActionDay.starts_at), col(Registration.asked_at))
        .options(joinedload(rel(Registration.day)))
    ).all()
    sessions = _sessions(session, [r.id for r in registrations])
    return [Entry(r.day, r, sessions.get(r.id, [])) for r in registrations]


def _sessions(
    session: Session, registrations: Sequence[UUID]
) -> dict[UUID, list[tuple[Workshop, ChoiceStatus]]]:
    rows = session.execute(
        select(col(WorkshopChoice.registration_id), Workshop, col(WorkshopChoice.status))
        .join(Workshop, col(Workshop.id) == WorkshopChoice.workshop_id)
        .where(
            col(WorkshopChoice.registration_id).in_(registrations),
            col(WorkshopChoice.status) == workshops.CHOSEN,
        )
        .order_by(col(Workshop.starts_at))
    )
    found: dict[UUID, list[tuple[Workshop, ChoiceStatus]]] = {}
    for registration_id, workshop, status in rows:
        found.setdefault(registration_id, []).append((workshop, status))
    return found


def _version(session: Session, account_id: UUID) -> int:
    kept = session.get(CalendarAddress, account_id)
    return kept.version if kept else 0
