"""Who gets a place that is free: the one function for every path, and what follows when a place is given back."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend import jobs
from backend.auth.models import Account
from backend.events import ledger, mails, office_hours, places, spread, workshops
from backend.events.mails import Letter
from backend.events.models import (
    ActionDay,
    EventKind,
    Registration,
    RegistrationStatus,
)
from backend.events.workshops import Rounds

CONFIRM_HOURS = 24  # office hours in which who was registered by a colleague says yes
TICK = timedelta(microseconds=1)


def promote(session: Session, day: ActionDay, rounds: Rounds, now: datetime) -> None:
    """Give every free place to who waits longest and may have it: at once, or as an offer. The day is locked.

    Nobody once the day has begun, or does not go on.
    """
    if not day.waiting_count or not day.seats_left or not day.goes_on or day.starts_at <= now:
        return
    per_municipality = spread.seated(session, day) if spread.holds(day, now) else None
    lucky: list[tuple[Registration, Account]] = []
    for registration, account in line(session, day, None if per_municipality is not None else day.seats_left):
        if len(lucky) == day.seats_left:
            break
        if per_municipality is not None and not spread.fits(
            day, registration.municipality_nis, per_municipality
        ):
            continue
        lucky.append((registration, account))
    give(session, day, rounds, lucky, now)


def give(
    session: Session,
    day: ActionDay,
    rounds: Rounds,
    lucky: list[tuple[Registration, Account]],
    now: datetime,
    **by_hand: Any,
) -> None:
    """A place for each of these who wait, with those in the sessions they wished for. `by_hand`: by whom and why."""
    wishes = workshops.choices_of(session, [r.id for r, _a in lucky]) if rounds.workshops and lucky else {}
    for registration, account in lucky:
        if not places.count(session, day, taken=1, waiting=-1):
            return
        had = wishes.get(registration.id, {})
        choices = workshops.take_wishes(session, registration.id, rounds, had, now)
        until = offer_ends(day, registration, now)
        kind = EventKind.OFFERED if until else EventKind.PROMOTED
        to = RegistrationStatus.OFFERED if until else RegistrationStatus.CONFIRMED
        ledger.note(
            session,
            registration,
            kind,
            now,
            to=to,
            until=until,
            choices=workshops.for_ledger(choices),
            **by_hand,
        )
        sessions = workshops.picked(rounds, choices)
        mails.tell(session, Letter(kind, account, day, registration, sessions), now)
        if until:
            plan_expiry(session, day, until)


def give_back(
    session: Session, day: ActionDay, rounds: Rounds, freed: Collection[UUID], now: datetime
) -> None:
    """Places in these workshops, and perhaps on the day, came free: first who waits in a workshop, then who waits for the day."""
    moved = workshops.fill(session, rounds, freed)
    promote(session, day, rounds, now)
    if moved:
        _tell_moved(session, day, rounds, moved, now)


def has_place_for(session: Session, day: ActionDay, municipality_nis: str | None, now: datetime) -> bool:
    """Whether somebody who asks now gets a place. Promote first: then who still waits is not passed by anybody."""
    if not day.seats_left:
        return False
    if not spread.holds(day, now) or municipality_nis is None:
        return True
    return spread.fits(day, municipality_nis, spread.seated(session, day))


def offer_ends(day: ActionDay, registration: Registration, now: datetime) -> datetime | None:
    """Until when a place is held for this person; None: it is theirs at once."""
    hours = hours_to_confirm(day) if registration.must_confirm else day.offer_hours
    return held_until(day, hours, now) if hours else None


def held_until(day: ActionDay, hours: int, now: datetime) -> datetime:
    """So many office hours, but not into the day; what is offered once it has begun is held until its end."""
    return min(office_hours.after(now, hours), day.starts_at if now < day.starts_at else day.ends_at)


def hours_to_confirm(day: ActionDay) -> int:
    return day.offer_hours or CONFIRM_HOURS


def plan_expiry(session: Session, day: ActionDay, until: datetime) -> None:
    jobs.enqueue(session, "events.expire_offers", at=until, day_id=str(day.id))


def end_of_line(session: Session, day: ActionDay, now: datetime) -> datetime:
    """Later than everybody who waits, whatever the clocks say: requests reach the lock in any order."""
    last = session.scalar(
        select(func.max(col(Registration.asked_at))).where(
            col(Registration.day_id) == day.id, col(Registration.status) == RegistrationStatus.WAITING
        )
    )
    return max(now, last + TICK) if last else now


def line(session: Session, day: ActionDay, limit: int | None = None) -> list[tuple[Registration, Account]]:
    """Who waits, longest first."""
    rows = session.execute(
        select(Registration, Account)
        .join(Account, col(Account.id) == Registration.account_id)
        .where(col(Registration.day_id) == day.id, col(Registration.status) == RegistrationStatus.WAITING)
        .order_by(col(Registration.asked_at), col(Registration.id))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def _tell_moved(
    session: Session, day: ActionDay, rounds: Rounds, moved: Collection[UUID], now: datetime
) -> None:
    choices = workshops.choices_of(session, moved)
    rows = session.execute(
        select(Registration, Account)
        .join(Account, col(Account.id) == Registration.account_id)
        .where(col(Registration.id).in_(moved))
        .order_by(col(Registration.asked_at), col(Registration.id))
    ).all()
    for registration, account in rows:
        kept = choices[registration.id]
        ledger.note(session, registration, EventKind.MOVED_UP, now, choices=workshops.for_ledger(kept))
        sessions = workshops.picked(rounds, kept)
        mails.tell(session, Letter(EventKind.MOVED_UP, account, day, registration, sessions), now)
