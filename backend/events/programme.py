"""The programme of a day: moments, rounds and the sessions in them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.errors import Conflict, NotFound
from backend.events.models import ProgrammeItem, Workshop, WorkshopChoice
from backend.language import gettext as _


def items(session: Session, day_id: UUID) -> list[ProgrammeItem]:
    return list(
        session.scalars(
            select(ProgrammeItem)
            .where(col(ProgrammeItem.day_id) == day_id)
            .order_by(col(ProgrammeItem.starts_at), col(ProgrammeItem.id))
        )
    )


def save_item(session: Session, day_id: UUID, item_id: int | None, values: dict[str, Any]) -> ProgrammeItem:
    """A new moment, or other values for one. A round in which somebody chose stays a round."""
    item = ProgrammeItem(day_id=day_id, **values) if item_id is None else item_of(session, day_id, item_id)
    if item_id is not None:
        if item.is_round and not values.get("is_round", True) and _has_workshops(session, item_id):
            raise Conflict(_("In deze ronde zijn er sessies. Haal die eerst weg."))
        for name, value in values.items():
            setattr(item, name, value)
    if item.ends_at is not None and item.ends_at <= item.starts_at:
        raise Conflict(_("Het einde moet na het begin komen."))
    session.add(item)
    session.flush()
    return item


def remove_item(session: Session, day_id: UUID, item_id: int) -> None:
    if _has_workshops(session, item_id):
        raise Conflict(_("In deze ronde zijn er sessies. Haal die eerst weg."))
    session.delete(item_of(session, day_id, item_id))
    session.flush()


def save_workshop(
    session: Session, day_id: UUID, workshop_id: UUID | None, values: dict[str, Any]
) -> Workshop:
    """A new session, or other values for one; the number of places of one that is there: organising.resize_workshop()."""
    if workshop_id is None:
        item_of(session, day_id, values["round_id"])
        workshop = Workshop(day_id=day_id, **values)
    else:
        workshop = workshop_of(session, day_id, workshop_id)
        if values.keys() & {"capacity", "round_id", "taken", "waiting_count"}:
            raise ValueError("these are not changed here")
        for name, value in values.items():
            setattr(workshop, name, value)
    if workshop.ends_at <= workshop.starts_at:
        raise Conflict(_("Het einde moet na het begin komen."))
    if workshop.capacity < 0:
        raise Conflict(_("Kies een getal van minstens %(n)s.") % {"n": 0})
    session.add(workshop)
    session.flush()
    return workshop


def remove_workshop(session: Session, day_id: UUID, workshop_id: UUID) -> None:
    """Raises Conflict while somebody chose it."""
    workshop = workshop_of(session, day_id, workshop_id)
    chosen = select(col(WorkshopChoice.registration_id)).where(col(WorkshopChoice.workshop_id) == workshop_id)
    if session.execute(chosen.limit(1)).first():
        raise Conflict(_("Er zijn mensen voor deze sessie ingeschreven."))
    session.delete(workshop)
    session.flush()


def move(session: Session, day_id: UUID, later: Callable[[datetime], Any]) -> None:
    """The day is held on another date: every moment and session with it."""
    for workshop in session.scalars(select(Workshop).where(col(Workshop.day_id) == day_id)):
        workshop.starts_at, workshop.ends_at = later(workshop.starts_at), later(workshop.ends_at)
    for item in items(session, day_id):
        item.starts_at, item.ends_at = later(item.starts_at), later(item.ends_at) if item.ends_at else None
    session.flush()


def copy(session: Session, old_day: UUID, new_day: UUID, later: Callable[[datetime], Any]) -> None:
    """The same programme for another day, with no places taken. `later` moves a moment."""
    made = {}
    for item in items(session, old_day):
        kept = item.model_dump(exclude={"id", "day_id", "starts_at", "ends_at"})
        ends_at = later(item.ends_at) if item.ends_at else None
        made[item.id] = ProgrammeItem(
            day_id=new_day, starts_at=later(item.starts_at), ends_at=ends_at, **kept
        )
        session.add(made[item.id])
    session.flush()
    workshops = session.scalars(select(Workshop).where(col(Workshop.day_id) == old_day)).all()
    for workshop in workshops:
        copied: dict[str, Any] = workshop.model_dump(
            include={"position", "title", "detail", "speakers", "room", "capacity"}
        )
        copied["round_id"] = made[workshop.round_id].id
        session.add(
            Workshop(
                day_id=new_day,
                starts_at=later(workshop.starts_at),
                ends_at=later(workshop.ends_at),
                **copied,
            )
        )
    session.flush()


def _has_workshops(session: Session, item_id: int) -> bool:
    first = select(col(Workshop.id)).where(col(Workshop.round_id) == item_id).limit(1)
    return session.execute(first).first() is not None


def item_of(session: Session, day_id: UUID, item_id: int) -> ProgrammeItem:
    item = session.get(ProgrammeItem, item_id)
    if item is None or item.day_id != day_id:
        raise NotFound(_("Dit onderdeel van het programma bestaat niet meer."))
    return item


def workshop_of(session: Session, day_id: UUID, workshop_id: UUID) -> Workshop:
    workshop = session.get(Workshop, workshop_id)
    if workshop is None or workshop.day_id != day_id:
        raise NotFound(_("Deze sessie bestaat niet meer."))
    return workshop
