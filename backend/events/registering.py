"""Register, change and cancel, for oneself. Never more people than places; first come, first served."""

from datetime import datetime

from sqlmodel import Session

from backend.auth.models import Viewer
from backend.errors import Conflict, Forbidden
from backend.events import (
    details,
    entering,
    holding,
    ledger,
    mails,
    needs,
    people,
    places,
    policy,
    promotion,
    wishes,
    workshops,
)
from backend.events.entering import Arrival
from backend.events.holding import Held, Mine, Whose
from backend.events.mails import Letter
from backend.events.models import ActionDay, EventKind, Registration, RegistrationStatus
from backend.events.needs import Needs
from backend.events.wishes import Wish
from backend.language import gettext as _
from backend.language import long_date

S = RegistrationStatus


def register(session: Session, viewer: Viewer, slug: str, wish: Wish, now: datetime) -> Registration:
    """A place, or else the end of the waiting list, or a request. Asking twice changes nothing and sends no second mail.

    Raises Forbidden before admission and for another audience, Conflict when registration is closed, Mistaken for what
    must be put right, NotFound for a day that is not public.
    """
    if not viewer.is_member:
        raise Forbidden(_("Inschrijven kan zodra een mentor je toegelaten heeft. Je krijgt dan een mail."))
    day = places.lock(session, slug)
    known = entering.live_registration(session, day.id, viewer.id)
    if known is not None:
        return known
    audience = details.audience_of(day.audience)
    person = people.who_asks(session, viewer, with_function=bool(audience.functions))
    wishes.check_audience(day, person)
    wishes.check_open(day, now)
    rounds = workshops.rounds_of(session, day.id)
    promotion.promote(session, day, rounds, now)
    has_seat = not audience.needs_approval and promotion.has_place_for(
        session, day, person.municipality_nis, now
    )
    checked = wishes.check(day, rounds, wish, has_seat=has_seat)
    registration = entering.new_registration(day, person, now)
    registration.answers = checked.answers
    arrival = Arrival(day, rounds, registration, viewer, checked.picks)
    if audience.needs_approval:
        entering.wish(session, arrival, EventKind.REQUESTED, now, to=S.REQUESTED, by=viewer.id)
        entering.tell(session, arrival, EventKind.REQUESTED, now)
    else:
        entering.enter(session, arrival, EventKind.REGISTERED, now, by=viewer.id, has_seat=has_seat)
    needs.keep(session, registration, wish.needs or Needs(), checked.personal)
    session.flush()
    return registration


def change(session: Session, whose: Whose, wish: Wish, now: datetime) -> Registration:
    """Other sessions, answers or needs, until the day begins. The same again changes nothing and sends no mail.

    Raises Conflict when there is nothing to change any more, Mistaken for what must be put right.
    """
    held = holding.get(session, whose)
    day, registration = held.day, held.registration
    if not policy.can_change(day, registration, now):
        raise Conflict(_("Aan deze inschrijving kun je niets meer wijzigen."))
    rounds = workshops.rounds_of(session, day.id)
    had = workshops.choices_of(session, [registration.id])[registration.id] if rounds.workshops else {}
    own = {key for key, status in had.items() if status == workshops.CHOSEN}
    checked = wishes.check(day, rounds, wish, has_seat=registration.is_seated, own=own)
    if wish.needs is not None:
        needs.forget(session, registration.id)
        needs.keep(session, registration, wish.needs, checked.personal)
    after = workshops.outcome(checked.picks, seated=registration.is_seated)
    if after == had and checked.answers == registration.answers:
        return registration
    registration.answers = checked.answers
    freed = set()
    if registration.is_seated:
        freed = workshops.take(session, registration.id, rounds, checked.picks, had, now)
    elif after != had:
        workshops.wish(session, registration.id, rounds, checked.picks, now)
    choices = workshops.for_ledger(after)
    ledger.note(session, registration, EventKind.CHANGED, now, by=held.by, choices=choices)
    sessions = workshops.picked(rounds, after)
    mails.tell(session, Letter(EventKind.CHANGED, held.account, day, registration, sessions), now)
    promotion.give_back(session, day, rounds, freed, now)
    session.flush()
    return registration


def cancel(session: Session, whose: Whose, now: datetime) -> Registration | None:
    """Give the place to who waits, decline an offer, or leave the waiting list. Nothing to cancel is no mistake.

    Raises Conflict after `cancel_until`, with whom to contact.
    """
    held = holding.find(session, whose) if isinstance(whose, Mine) else holding.get(session, whose)
    if held is None or not held.registration.is_live:
        return held.registration if held else None
    if not policy.can_cancel(held.day, held.registration, now):
        raise Conflict(too_late_to_cancel(held.day, now))
    kind = EventKind.DECLINED if held.registration.status == S.OFFERED else EventKind.CANCELLED
    end(session, held, kind, now)
    return held.registration


def end(session: Session, held: Held, kind: EventKind, now: datetime, *, reason: str = "") -> None:
    """A live registration ends in this way, and what it held goes to who waits."""
    day, registration = held.day, held.registration
    had_seat, waited = registration.is_seated, registration.status == S.WAITING
    rounds = workshops.rounds_of(session, day.id)
    places.count(session, day, taken=-had_seat, waiting=-waited)
    freed = workshops.release(session, registration.id, rounds, now)
    ledger.note(session, registration, kind, now, to=S.CANCELLED, by=held.by, reason=reason)
    needs.forget(session, registration.id)
    letter = Letter(kind, held.account, day, registration)
    asked = kind in mails.ANSWERS and held.by == held.account.id
    mails.tell(session, letter, now, had_seat=had_seat, asked=asked, waited=waited, reason=reason)
    promotion.give_back(session, day, rounds, freed, now)
    session.flush()


def too_late_to_cancel(day: ActionDay, now: datetime) -> str:
    """What to do when one cannot come any more and may not cancel either."""
    if day.is_over(now):
        return _("Deze dag is voorbij.")
    return _("Annuleren kon tot %(date)s. Kun je niet komen? Laat het weten: %(whom)s.") % {
        "date": long_date(day.cancel_until),
        "whom": wishes.whom_to_ask(),
    }
