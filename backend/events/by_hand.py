"""What an organiser changes for somebody else: another session, or somebody added. With the reason, which the ledger keeps."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Viewer
from backend.errors import Conflict, NotFound
from backend.events import (
    deciding,
    entering,
    ledger,
    mails,
    organising,
    people,
    promotion,
    workshops,
)
from backend.events.entering import Arrival
from backend.events.mails import Letter
from backend.events.models import ActionDay, EventKind, Registration, RegistrationStatus
from backend.events.workshops import CHOSEN, WAITING, Picks
from backend.language import gettext as _


def to_session(
    session: Session, viewer: Viewer, registration_id: UUID, workshop_id: UUID, reason: str, now: datetime
) -> Registration:
    """A place in this session instead of that in the same round. Again changes nothing. Raises Conflict when it is full."""
    held = deciding.held_by(session, viewer, registration_id)
    day, registration = held.day, held.registration
    rounds = workshops.rounds_of(session, day.id)
    wanted = rounds.workshops.get(workshop_id)
    if wanted is None:
        raise NotFound(_("Deze sessie is niet van deze dag."))
    if registration.status != RegistrationStatus.CONFIRMED or not day.goes_on:
        raise Conflict(_("Enkel wie een plaats heeft, kun je van sessie veranderen."))
    had = workshops.choices_of(session, [registration.id])[registration.id]
    if had.get(wanted.id) == CHOSEN:
        return registration
    if not wanted.seats_left:
        raise Conflict(
            _("“%(title)s” is volzet. Verhoog eerst het aantal plaatsen.") % {"title": wanted.title}
        )
    elsewhere = {key for key in had if rounds.workshops[key].round_id != wanted.round_id}
    chosen = {key for key in elsewhere if had[key] == CHOSEN}
    for key in chosen:
        if wanted.clashes_with(rounds.workshops[key]):
            raise Conflict(
                _("“%(one)s” en “%(other)s” vallen samen.")
                % {"one": wanted.title, "other": rounds.workshops[key].title}
            )
    waits = {key for key in elsewhere if had[key] == WAITING}
    picks = Picks(frozenset(chosen | {wanted.id}), frozenset(waits))
    freed = workshops.take(session, registration.id, rounds, picks, had, now)
    after = workshops.outcome(picks)
    choices = workshops.for_ledger(after)
    ledger.note(session, registration, EventKind.CHANGED, now, by=viewer.id, choices=choices, reason=reason)
    letter = Letter(EventKind.CHANGED, held.account, day, registration, workshops.picked(rounds, after))
    mails.tell(session, letter, now, reason=reason)
    promotion.give_back(session, day, rounds, freed, now)
    session.flush()
    return registration


def add(session: Session, viewer: Viewer, slug: str, email: str, reason: str, now: datetime) -> Registration:
    """A free place for a member, also after registration closed or over the fair spread. Who is registered stays as they are.

    Raises Conflict for an address that is no member's, and when no place is free.
    """
    day = organising.find(session, viewer, slug)
    if not day.goes_on or day.is_over(now):
        raise Conflict(_("Voor deze dag kun je niemand inschrijven."))
    return seat(session, viewer, day, email, reason, now)


def seat(
    session: Session, viewer: Viewer, day: ActionDay, email: str, reason: str, now: datetime
) -> Registration:
    """The day is locked, and the caller knows that this person may."""
    account = session.scalar(
        select(Account).where(func.lower(Account.email) == email, col(Account.status) == AccountStatus.MEMBER)
    )
    if account is None:
        raise Conflict(_("We kennen geen lid met dit adres. Laat die persoon eerst een account maken."))
    known = entering.live_registration(session, day.id, account.id)
    if known is not None:
        return known
    rounds = workshops.rounds_of(session, day.id)
    promotion.promote(session, day, rounds, now)
    if not day.seats_left:
        raise Conflict(_("Er is geen plaats vrij. Verhoog eerst het aantal plaatsen."))
    registration = entering.new_registration(day, people.person(session, account.id), now)
    registration.registered_by_id = viewer.id
    arrival = Arrival(day, rounds, registration, account, reason=reason)
    entering.enter(session, arrival, EventKind.REGISTERED, now, by=viewer.id, has_seat=True)
    session.flush()
    return registration
