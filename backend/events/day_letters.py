"""Mails around a day: a reminder a week before, what is practical on the eve, thanks with the materials after it.

A daily job looks which are due, so a worker that was away makes up for it. Who was written to is a row in the same
transaction as the mail: nobody gets one twice, and who registered later gets what is still to come.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend import jobs, mail, quiet_hours
from backend.auth.models import Account
from backend.db import now as moment_now
from backend.events import places, workshops
from backend.events.mails import Letter
from backend.events.models import (
    GOES_ON,
    ActionDay,
    DayLetter,
    LetterKind,
    Registration,
    RegistrationStatus,
)
from backend.language import ZONE

REMIND_BEFORE = timedelta(days=7)
FRESH = timedelta(days=2)  # who registered so shortly ago needs no reminder
THANK_UNTIL = timedelta(days=14)  # after that, thanks would only surprise
AT = time(8)
AT_A_TIME = 100


def due(day: ActionDay, now: datetime) -> LetterKind | None:
    """Which letter everybody with a place should have by the end of today. `now` decides, so this can be asked ahead."""
    today, on = now.astimezone(ZONE).date(), day.starts_at.astimezone(ZONE).date()
    if day.ends_at <= now:
        is_next_day = today > day.ends_at.astimezone(ZONE).date()
        return LetterKind.THANKS if is_next_day and now < day.ends_at + THANK_UNTIL else None
    if day.starts_at <= now:
        return None
    if today >= quiet_hours.last_day_before(on):
        return LetterKind.PRACTICAL
    return LetterKind.REMINDER if today >= on - REMIND_BEFORE else None


@jobs.daily("events.letters")
def plan(session: Session, _payload: dict[str, object]) -> None:
    """A job for each day that has a letter due."""
    now = moment_now()
    near = (col(ActionDay.starts_at) < now + REMIND_BEFORE + timedelta(days=1)) & (
        col(ActionDay.ends_at) > now - THANK_UNTIL
    )
    for day in session.scalars(select(ActionDay).where(near, col(ActionDay.status).in_(GOES_ON))):
        if due(day, now) is not None:
            jobs.enqueue(session, "events.write", day_id=str(day.id))


@jobs.handles("events.write")
def _write(session: Session, payload: dict[str, str]) -> None:
    """So many at a time, each time in a transaction of its own; what a killed worker did not do is done again."""
    day_id = UUID(payload["day_id"])
    if write(session, day_id, moment_now()) == AT_A_TIME:
        jobs.enqueue(session, "events.write", day_id=str(day_id))


def write(session: Session, day_id: UUID, now: datetime) -> int:
    """Queue the letter that is due to those who did not get it yet. Gives how many."""
    locked = places.lock_each(session, day_id)
    kind = due(locked[0], now) if locked and locked[0].goes_on else None
    if kind is None:
        return 0
    (day,) = locked
    people = _without(session, day, kind, now)
    rounds = workshops.rounds_of(session, day.id)
    choices = workshops.choices_of(session, [registration.id for registration, _account in people])
    for registration, account in people:
        session.add(DayLetter(registration_id=registration.id, kind=kind, queued_at=now))
        letter = Letter(
            kind, account, day, registration, workshops.picked(rounds, choices.get(registration.id, {}))
        )
        _send(session, letter, now)
    session.flush()
    return len(people)


def _send(session: Session, letter: Letter, now: datetime) -> None:
    day, at = letter.day, datetime.combine(now.astimezone(ZONE).date(), AT, ZONE)
    mail.send(
        session,
        letter.reader.email,
        letter.template,
        language=letter.reader.language,
        how=mail.Sending(
            not_before=at,
            matters_at=day.starts_at if day.starts_at > now else None,
            about=letter.registration.id,
        ),
        **letter.context(),
    )


def _without(
    session: Session, day: ActionDay, kind: LetterKind, now: datetime
) -> Sequence[tuple[Registration, Account]]:
    """Who has a place and not this letter. Once it is noted who was there, only those are thanked."""
    had = (
        select(col(DayLetter.kind))
        .where(col(DayLetter.registration_id) == Registration.id, col(DayLetter.kind) == kind)
        .exists()
    )
    confirmed = (col(Registration.day_id) == day.id) & (
        col(Registration.status) == RegistrationStatus.CONFIRMED
    )
    statement = (
        select(Registration, Account)
        .join(Account, col(Account.id) == Registration.account_id)
        .where(confirmed, ~had)
        .order_by(col(Registration.asked_at), col(Registration.id))
        .limit(AT_A_TIME)
    )
    if kind == LetterKind.REMINDER:
        statement = statement.where(col(Registration.asked_at) < now - FRESH)
    if kind == LetterKind.THANKS:
        was_there = col(Registration.attended_at).is_not(None)
        if session.scalar(select(col(Registration.id)).where(confirmed, was_there).limit(1)) is not None:
            statement = statement.where(was_there)
    return [(row[0], row[1]) for row in session.execute(statement)]
