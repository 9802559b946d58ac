"""Register, cancel, and the waiting list in between. Never more people than places; first come, first served.

Each of these locks the row of the day before anything else: PostgreSQL by FOR NO KEY UPDATE, SQLite because every writing
transaction begins IMMEDIATE. So two people at one day wait for each other, and nobody can deadlock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from backend.auth.models import Account, Viewer
from backend.config import settings
from backend.errors import Conflict, Forbidden, NotFound
from backend.events import mails, policy
from backend.events.models import ActionDay, DayStatus, Registration, RegistrationStatus
from backend.language import gettext as _
from backend.language import long_date

CONFIRMED, WAITING, CANCELLED = RegistrationStatus
TICK = timedelta(microseconds=1)


def register(session: Session, viewer: Viewer, slug: str, needs: str, now: datetime) -> Registration:
    """A place, or else the end of the waiting list. Asking twice changes nothing and sends no second mail.

    Raises Forbidden before admission, Conflict when registration is closed, NotFound for a day that is not public.
    """
    if not viewer.is_member:
        raise Forbidden(_("Inschrijven kan zodra een mentor je toegelaten heeft. Je krijgt dan een mail."))
    day = _locked(session, slug)
    registration = _registration(session, day, viewer.id)
    if registration is not None and registration.status != CANCELLED:
        return registration
    if not day.is_open(now):
        raise Conflict(_("Inschrijven voor deze dag kan niet meer."))
    has_seat = not day.is_full and _take_seat(session, day, now)
    asked_at = now if has_seat else _end_of_line(session, day, now)
    registration = registration or Registration(
        day_id=day.id, account_id=viewer.id, status=CANCELLED, sequence=-1, asked_at=now, changed_at=now
    )
    registration.status = CONFIRMED if has_seat else WAITING
    registration.needs = needs
    registration.sequence += 1
    registration.asked_at = asked_at
    registration.changed_at = now
    session.add(registration)
    if has_seat:
        mails.send_confirmed(session, viewer, day, registration, now)
    else:
        day.waiting_count += 1
        mails.send_waiting(session, viewer, day, day.waiting_count)
    session.flush()
    return registration


def cancel(session: Session, viewer: Viewer, slug: str, now: datetime) -> Registration | None:
    """Give the place to the first who waits, or leave the waiting list. Nothing to cancel is no mistake: None or as it was.

    Raises Conflict after `cancel_until`, with whom to contact.
    """
    day = _locked(session, slug)
    registration = _registration(session, day, viewer.id)
    if registration is None or registration.status == CANCELLED:
        return registration
    if not policy.can_cancel(day, registration, now):
        raise Conflict(too_late_to_cancel(day, now))
    had_seat = registration.status == CONFIRMED
    lucky = _first_in_line(session, day, day.seats_left + 1, now) if had_seat else []
    registration.status = CANCELLED
    registration.sequence += 1
    registration.changed_at = now
    if had_seat:
        day.taken -= 1
    else:
        day.waiting_count -= 1
    mails.send_cancelled(session, viewer, day, registration, now, had_seat=had_seat)
    _promote(session, day, lucky, now)
    session.flush()
    return registration


def resize(session: Session, slug: str, capacity: int, now: datetime) -> ActionDay:
    """Change the number of places. More places go to who waits; fewer than were given out is a Conflict."""
    day = _locked(session, slug)
    if capacity < day.taken:
        raise Conflict(_("Er zijn al %(taken)s plaatsen gegeven: minder kan niet.") % {"taken": day.taken})
    lucky = _first_in_line(session, day, capacity - day.taken, now)
    day.capacity = capacity
    _promote(session, day, lucky, now)
    session.flush()
    return day


def too_late_to_cancel(day: ActionDay, now: datetime) -> str:
    """What to do when one cannot come any more and may not cancel either."""
    if day.is_over(now):
        return _("Deze dag is voorbij.")
    return _("Annuleren kon tot %(date)s. Kun je niet komen? Laat het weten: %(whom)s.") % {
        "date": long_date(day.cancel_until),
        "whom": settings.contact_email or _("wie, staat op de bladzijde Contact"),
    }


def _locked(session: Session, slug: str) -> ActionDay:
    """The day as it is now; nobody else changes it until this transaction ends."""
    day = session.exec(
        select(ActionDay)
        .where(col(ActionDay.slug) == slug, col(ActionDay.status) != DayStatus.DRAFT)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if day is None:
        raise NotFound(_("Deze actiedag bestaat niet, of niet meer."))
    return day


def _registration(session: Session, day: ActionDay, account_id: UUID) -> Registration | None:
    return session.exec(
        select(Registration)
        .where(col(Registration.day_id) == day.id, col(Registration.account_id) == account_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _take_seat(session: Session, day: ActionDay, now: datetime) -> bool:
    """One seat more, in one statement that cannot exceed the capacity, nor pass those who wait. False when there is none."""
    taken = session.execute(
        update(ActionDay)
        .where(
            col(ActionDay.id) == day.id,
            col(ActionDay.taken) < col(ActionDay.capacity),
            col(ActionDay.waiting_count) == 0,
            col(ActionDay.status) == DayStatus.PUBLISHED,
            col(ActionDay.registration_closes_at) > now,
        )
        .values(taken=col(ActionDay.taken) + 1)
        .returning(col(ActionDay.id))
    )
    return taken.first() is not None


def _end_of_line(session: Session, day: ActionDay, now: datetime) -> datetime:
    """Later than everybody who waits, whatever the clocks say: requests reach the lock in any order."""
    last = session.exec(
        select(func.max(Registration.asked_at)).where(
            col(Registration.day_id) == day.id, col(Registration.status) == WAITING
        )
    ).one()
    return max(now, last + TICK) if last else now


def _first_in_line(
    session: Session, day: ActionDay, seats: int, now: datetime
) -> Sequence[tuple[Registration, Account]]:
    """Who waits longest, as many as there are seats. Nobody once the day has begun."""
    if not day.waiting_count or day.status != DayStatus.PUBLISHED or day.starts_at <= now:
        return []
    return session.exec(
        select(Registration, Account)
        .join(Account, col(Account.id) == Registration.account_id)
        .where(col(Registration.day_id) == day.id, col(Registration.status) == WAITING)
        .order_by(col(Registration.asked_at), col(Registration.id))
        .limit(seats)
    ).all()


def _promote(
    session: Session, day: ActionDay, lucky: Sequence[tuple[Registration, Account]], now: datetime
) -> None:
    for registration, account in lucky:
        registration.status = CONFIRMED
        registration.sequence += 1
        registration.changed_at = now
        day.taken += 1
        day.waiting_count -= 1
        mails.send_promoted(session, account, day, registration, now)
