"""The moment somebody comes to a day: a place when there is one, else the end of the line. One function for every way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from backend.errors import Conflict
from backend.events import ledger, mails, places, promotion, workshops
from backend.events.mails import Letter
from backend.events.models import (
    LIVE,
    ActionDay,
    ChoiceStatus,
    EventKind,
    Registration,
    RegistrationStatus,
)
from backend.events.people import Person, Reader
from backend.events.workshops import Picks, Rounds
from backend.language import gettext as _

S = RegistrationStatus


@dataclass(frozen=True)
class Arrival:
    """Who comes, to what, with which sessions. `had`: what was wished for before."""

    day: ActionDay
    rounds: Rounds
    registration: Registration
    reader: Reader
    picks: Picks = field(default_factory=Picks)
    had: Mapping[UUID, ChoiceStatus] = field(default_factory=dict)
    reason: str = ""  # why an organiser added them


_LIVE = (
    select(Registration)
    .where(
        col(Registration.day_id) == bindparam("day_id"),
        col(Registration.account_id) == bindparam("account_id"),
        col(Registration.status).in_(LIVE),
    )
    .execution_options(populate_existing=True)
)


def live_registration(session: Session, day_id: UUID, account_id: UUID) -> Registration | None:
    return session.scalars(_LIVE, {"day_id": day_id, "account_id": account_id}).one_or_none()


def new_registration(day: ActionDay, person: Person, now: datetime) -> Registration:
    """Not in the database yet, and without a status: ledger.note() gives it both."""
    return Registration(  # type: ignore[call-arg]
        id=uuid4(),
        day_id=day.id,
        account_id=person.id,
        sequence=-1,
        municipality_nis=person.municipality_nis,
        asked_at=now,
        changed_at=now,
    )


def enter(
    session: Session,
    arrival: Arrival,
    kind: EventKind,
    now: datetime,
    *,
    by: UUID,
    has_seat: bool,
    **more: Any,
) -> None:
    """Give a place, or the end of the line when `has_seat` is False, and tell it. The day is locked."""
    day, registration = arrival.day, arrival.registration
    if has_seat:
        _seat(session, arrival, kind, now, by=by)
    else:
        places.count(session, day, waiting=1)
        registration.asked_at = promotion.end_of_line(session, day, now)
        wish(session, arrival, kind, now, to=S.WAITING, by=by)
    tell(session, arrival, kind, now, **more)


def wish(
    session: Session, arrival: Arrival, kind: EventKind, now: datetime, *, to: RegistrationStatus, by: UUID
) -> None:
    """Without a place on the day, sessions are wishes."""
    choices = workshops.for_ledger(workshops.outcome(arrival.picks, seated=False))
    ledger.note(
        session, arrival.registration, kind, now, to=to, by=by, choices=choices, reason=arrival.reason
    )
    if choices or arrival.had:
        workshops.wish(session, arrival.registration.id, arrival.rounds, arrival.picks, now)


def tell(session: Session, arrival: Arrival, kind: EventKind, now: datetime, **more: Any) -> None:
    """The mail about this. The place in line is the last one: the caller just counted them."""
    registration = arrival.registration
    choices = workshops.outcome(arrival.picks) if registration.is_seated else {}
    letter = Letter(
        kind, arrival.reader, arrival.day, registration, workshops.picked(arrival.rounds, choices)
    )
    place = mails.place_in_words(arrival.day.waiting_count, arrival.reader.language)
    mails.tell(session, letter, now, place=place, **more)


def _seat(session: Session, arrival: Arrival, kind: EventKind, now: datetime, *, by: UUID) -> None:
    day, registration = arrival.day, arrival.registration
    if not places.count(session, day, taken=1):
        raise Conflict(_("De laatste plaats is net weg. Probeer het opnieuw."))
    until = None
    if registration.must_confirm:
        until = promotion.held_until(day, promotion.hours_to_confirm(day), now)
        promotion.plan_expiry(session, day, until)
    ledger.note(
        session,
        registration,
        kind,
        now,
        to=S.OFFERED if until else S.CONFIRMED,
        by=by,
        until=until,
        choices=workshops.for_ledger(workshops.outcome(arrival.picks)),
        reason=arrival.reason,
    )
    workshops.take(session, registration.id, arrival.rounds, arrival.picks, arrival.had, now)
