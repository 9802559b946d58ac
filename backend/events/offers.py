"""Places that are held for somebody: said yes to, declined (as cancelling), or let go when the time is over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth import invited
from backend.auth.models import Account
from backend.errors import Conflict
from backend.events import holding, ledger, mails, places, registering, workshops
from backend.events.holding import Held, Whose
from backend.events.mails import Letter
from backend.events.models import EventKind, Registration, RegistrationStatus
from backend.events.policy import can_accept
from backend.language import gettext as _

S = RegistrationStatus


def accept(session: Session, whose: Whose, now: datetime) -> Registration:
    """Yes, I come. Again changes nothing. Raises Conflict when the offer is over.

    Who was registered by a colleague and has no account yet has one from now on.
    """
    held = holding.get(session, whose)
    day, registration = held.day, held.registration
    if registration.status == S.CONFIRMED:
        return registration
    if not can_accept(registration, now) or not day.goes_on:
        raise Conflict(_("Deze plaats houden we niet meer voor je vrij. Schrijf je opnieuw in."))
    invited.say_yes(session, held.account, now)
    registration.must_confirm = False
    ledger.note(session, registration, EventKind.ACCEPTED, now, to=S.CONFIRMED, by=held.by)
    rounds = workshops.rounds_of(session, day.id)
    choices = workshops.choices_of(session, [registration.id])[registration.id] if rounds.workshops else {}
    sessions = workshops.picked(rounds, choices)
    mails.tell(session, Letter(EventKind.ACCEPTED, held.account, day, registration, sessions), now)
    session.flush()
    return registration


def expire(session: Session, day_id: UUID, now: datetime) -> int:
    """Let go every offer of a day whose time is over; each goes to who waits next. Gives how many."""
    locked = places.lock_each(session, day_id)
    if not locked or not locked[0].goes_on:
        return 0
    (day,) = locked
    late = session.execute(
        select(Registration, Account)
        .join(Account, col(Account.id) == Registration.account_id)
        .where(
            col(Registration.day_id) == day.id,
            col(Registration.status) == S.OFFERED,
            col(Registration.offered_until) <= now,
        )
        .order_by(col(Registration.offered_until), col(Registration.asked_at), col(Registration.id))
        .execution_options(populate_existing=True)
    ).all()
    for registration, account in late:
        held = Held(day, registration, account, account.id)
        registering.end(session, held, EventKind.EXPIRED, now)
    return len(late)
