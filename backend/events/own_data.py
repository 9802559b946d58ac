"""One's own registrations: to take along, and to erase.

Places of days to come are given back; what was on past days becomes nameless, so that the counts stay right.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from backend.auth.own_data import nameless
from backend.events import holding, places, registering
from backend.events.holding import Chosen
from backend.events.models import (
    LIVE,
    ActionDay,
    CalendarAddress,
    DayMailed,
    DayMailing,
    EventKind,
    Registration,
    RegistrationEvent,
    RegistrationNeed,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)


def export_of(session: Session, person: UUID) -> dict[str, Any]:
    """Registrations with what happened to them and what one needed, mails of organisers, how many colleagues one registered."""
    own = col(Registration.account_id) == person
    rows = session.execute(
        select(Registration, col(ActionDay.title), col(ActionDay.starts_at), RegistrationNeed)
        .join(ActionDay, col(ActionDay.id) == Registration.day_id)
        .outerjoin(RegistrationNeed, col(RegistrationNeed.registration_id) == Registration.id)
        .where(own)
        .order_by(col(Registration.asked_at))
    )
    registrations = {
        row.id: row.model_dump(mode="json", exclude={"account_id", "registered_by_id"})
        | {"day": title, "day_starts_at": starts_at.isoformat(), "sessions": [], "history": []}
        | {"needs": need.model_dump(mode="json", include={"diets", "access", "note", "answers"}) if need else None}
        for row, title, starts_at, need in rows
    }  # fmt: skip
    chosen = session.execute(
        select(col(WorkshopChoice.registration_id), col(Workshop.title), col(WorkshopChoice.status))
        .join(Workshop, col(Workshop.id) == WorkshopChoice.workshop_id)
        .where(col(WorkshopChoice.registration_id).in_(registrations))
    )
    for registration_id, title, status in chosen:
        registrations[registration_id]["sessions"].append({"title": title, "status": status})
    told = session.scalars(
        select(RegistrationEvent)
        .where(col(RegistrationEvent.registration_id).in_(registrations))
        .order_by(col(RegistrationEvent.sequence))
    )
    shown = {"at", "kind", "status", "sequence", "reason"}
    for event in told:
        registrations[event.registration_id]["history"].append(event.model_dump(mode="json", include=shown))
    return {
        "registrations": list(registrations.values()),
        "colleagues_registered": session.scalar(
            select(func.count()).where(col(Registration.registered_by_id) == person)
        ),
        **_mails(session, person),
        "calendar_address": session.scalar(
            select(col(CalendarAddress.version)).where(col(CalendarAddress.account_id) == person)
        ),
    }


def _mails(session: Session, person: UUID) -> dict[str, Any]:
    """What organisers wrote to many of a day at once, this person among them; and what they wrote themselves."""
    got = session.execute(
        select(col(DayMailing.subject), func.min(DayMailing.at).label("at"))
        .join(
            DayMailed,
            (col(DayMailed.day_id) == DayMailing.day_id)
            & (col(DayMailed.fingerprint) == DayMailing.fingerprint),
        )
        .where(col(DayMailed.account_id) == person)
        .group_by(col(DayMailing.subject), col(DayMailing.fingerprint))
    )
    wrote = select(DayMailing).where(col(DayMailing.by_id) == person).order_by(col(DayMailing.at))
    shown = {"subject", "text", "at", "people_count"}
    return {
        "mails_of_days": [{"subject": row.subject, "at": row.at.isoformat()} for row in got],
        "mails_written": [row.model_dump(mode="json", include=shown) for row in session.scalars(wrote)],
    }


def leave(session: Session, person: UUID, now: datetime) -> None:
    """Give back every place, offer and wish on days that are not over, as who cancels does; also when that is late."""
    waiting = session.execute(
        select(col(Registration.id), col(Registration.day_id))
        .join(ActionDay, col(ActionDay.id) == Registration.day_id)
        .where(
            col(Registration.account_id) == person,
            col(Registration.status).in_(LIVE),
            col(Registration.attended_at).is_(None),
            col(ActionDay.ends_at) > now,
        )
        .order_by(col(Registration.day_id))
    ).all()
    places.lock_each(session, *(row.day_id for row in waiting))
    for row in waiting:
        held = holding.get(session, Chosen(row.id, person))
        if held.registration.is_live:
            is_offer = held.registration.status == RegistrationStatus.OFFERED
            registering.end(session, held, EventKind.DECLINED if is_offer else EventKind.CANCELLED, now)


def erase(session: Session, person: UUID) -> None:
    """After leave(). Registrations and their ledger stay for the counts of their days: without name, answers and reasons."""
    mine = select(col(Registration.id)).where(col(Registration.account_id) == person)
    session.execute(delete(RegistrationNeed).where(col(RegistrationNeed.registration_id).in_(mine)))
    session.execute(
        update(RegistrationEvent).where(col(RegistrationEvent.registration_id).in_(mine)).values(reason="")
    )
    session.execute(delete(DayMailed).where(col(DayMailed.account_id) == person))
    session.execute(delete(CalendarAddress).where(col(CalendarAddress.account_id) == person))
    session.execute(
        update(Registration).where(col(Registration.registered_by_id) == person).values(registered_by_id=None)
    )
    if session.scalar(mine.limit(1)) is not None:
        session.execute(
            update(Registration)
            .where(col(Registration.account_id) == person)
            .values(account_id=nameless(session), answers={})
        )
