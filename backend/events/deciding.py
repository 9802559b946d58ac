"""What an organiser decides about one registration: approve, refuse, and by hand, each time with a reason that is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.errors import Conflict, NotFound
from backend.events import (
    entering,
    holding,
    ledger,
    mails,
    needs,
    organising,
    promotion,
    registering,
    workshops,
)
from backend.events.entering import Arrival
from backend.events.holding import Chosen, Held
from backend.events.mails import Letter
from backend.events.models import ActionDay, EventKind, Registration, RegistrationEvent, RegistrationStatus
from backend.events.workshops import Picks
from backend.language import gettext as _

S = RegistrationStatus


def approve(session: Session, viewer: Viewer, registration_id: UUID, now: datetime) -> Registration:
    """A place, or the end of the line when there is none. Again changes nothing; a refused one is a Conflict."""
    held = held_by(session, viewer, registration_id)
    day, registration = held.day, held.registration
    if registration.status in (S.CONFIRMED, S.OFFERED, S.WAITING):
        return registration
    if registration.status != S.REQUESTED:
        raise Conflict(_("Deze aanvraag is er niet meer."))
    _check_goes_on(held.day, now)
    rounds = workshops.rounds_of(session, day.id)
    promotion.promote(session, day, rounds, now)
    has_seat = promotion.has_place_for(session, day, registration.municipality_nis, now)
    had = workshops.choices_of(session, [registration.id])[registration.id] if rounds.workshops else {}
    free = frozenset(key for key in had if rounds.workshops[key].seats_left)
    arrival = Arrival(day, rounds, registration, held.account, Picks(free, frozenset(had.keys() - free)), had)
    entering.enter(session, arrival, EventKind.APPROVED, now, by=viewer.id, has_seat=has_seat)
    session.flush()
    return registration


def refuse(
    session: Session, viewer: Viewer, registration_id: UUID, reason: str, now: datetime
) -> Registration:
    """With the reason, which the person reads. Again changes nothing."""
    held = held_by(session, viewer, registration_id)
    registration = held.registration
    if registration.status == S.REFUSED:
        return registration
    if registration.status != S.REQUESTED:
        raise Conflict(_("Over deze aanvraag is al beslist."))
    rounds = workshops.rounds_of(session, held.day.id)
    workshops.release(session, registration.id, rounds, now)
    needs.forget(session, registration.id)
    ledger.note(session, registration, EventKind.REFUSED, now, to=S.REFUSED, by=viewer.id, reason=reason)
    mails.tell(session, Letter(EventKind.REFUSED, held.account, held.day, registration), now, reason=reason)
    session.flush()
    return registration


def give_place(
    session: Session, viewer: Viewer, registration_id: UUID, reason: str, now: datetime
) -> Registration:
    """A free place for somebody who waits, before their turn or over the fair spread. Raises Conflict when none is free."""
    held = held_by(session, viewer, registration_id)
    day, registration = held.day, held.registration
    if registration.is_seated:
        return registration
    if registration.status != S.WAITING:
        raise Conflict(_("Deze persoon staat niet op de wachtlijst."))
    _check_goes_on(day, now)
    if not day.seats_left:
        raise Conflict(_("Er is geen plaats vrij. Verhoog eerst het aantal plaatsen."))
    rounds = workshops.rounds_of(session, day.id)
    promotion.give(session, day, rounds, [(registration, held.account)], now, by=viewer.id, reason=reason)
    session.flush()
    return registration


def _check_goes_on(day: ActionDay, now: datetime) -> None:
    if not day.goes_on or day.is_over(now):
        raise Conflict(_("Voor deze dag kun je niemand een plaats geven: ze gaat niet door, of is voorbij."))


def shift(
    session: Session, viewer: Viewer, registration_id: UUID, place: int, reason: str, now: datetime
) -> Registration:
    """To this place in the line, from 1. Nobody is mailed: everybody sees their own place."""
    held = held_by(session, viewer, registration_id)
    registration = held.registration
    if registration.status != S.WAITING:
        raise Conflict(_("Deze persoon staat niet op de wachtlijst."))
    line = [each for each, _account in promotion.line(session, held.day)]
    if line.index(registration) == place - 1:
        return registration
    times = [each.asked_at for each in line]
    line.remove(registration)
    line.insert(max(place, 1) - 1, registration)
    for each, asked_at in zip(line, times, strict=True):
        each.asked_at = asked_at
    ledger.note(session, registration, EventKind.SHIFTED, now, by=viewer.id, reason=reason)
    session.flush()
    return registration


def remove(
    session: Session, viewer: Viewer, registration_id: UUID, reason: str, now: datetime
) -> Registration:
    """Cancel for somebody, also after `cancel_until`. Again changes nothing."""
    held = held_by(session, viewer, registration_id)
    if held.registration.is_live:
        registering.end(session, held, EventKind.CANCELLED, now, reason=reason)
    return held.registration


def history(session: Session, registration_id: UUID) -> list[RegistrationEvent]:
    """What happened to a registration, first things first."""
    return list(
        session.scalars(
            select(RegistrationEvent)
            .where(col(RegistrationEvent.registration_id) == registration_id)
            .order_by(col(RegistrationEvent.sequence))
        )
    )


def held_by(session: Session, viewer: Viewer, registration_id: UUID) -> Held:
    """Raises NotFound for a registration of a day that this person does not organise."""
    held = holding.find(session, Chosen(registration_id, viewer.id))
    if held is None or not organising.may(session, viewer, held.day.id):
        raise NotFound(_("We vinden deze inschrijving niet."))
    return held
