"""Being there: an online day through one's own link, which says so to whoever counts it."""

from datetime import datetime

from sqlmodel import Session

from backend import jobs
from backend.errors import Conflict
from backend.events import holding, ledger, policy
from backend.events.holding import Held, Whose
from backend.events.models import EventKind
from backend.language import ZONE, clock, long_date
from backend.language import gettext as _


def join(session: Session, whose: Whose, now: datetime) -> Held:
    """Take part online. Again changes nothing. Raises Conflict before the link opens, after the day, or without a place."""
    held = holding.get(session, whose)
    if not policy.can_join(held.day, held.registration, now):
        opens = policy.online_opens_at(held.day)
        raise Conflict(
            _("Deelnemen kan op %(date)s vanaf %(start)s uur, tot het einde van de dag.")
            % {"date": long_date(opens), "start": clock(opens)}
        )
    attend(session, held, now)
    return held


def attend(session: Session, held: Held, now: datetime, *, told_at: datetime | None = None) -> None:
    """Once: the first moment counts. `told_at`: when others may count on it, if it still stands then; None: now."""
    registration = held.registration
    if registration.attended_at is not None:
        return
    registration.attended_at = now
    ledger.note(session, registration, EventKind.ATTENDED, now, by=held.by)
    if told_at is None:
        report(session, held)
    elif held.day.series:
        jobs.enqueue(
            session,
            "events.report_attendance",
            at=told_at,
            registration_id=str(registration.id),
            by=str(held.by),
        )
    session.flush()


def report(session: Session, held: Held) -> None:
    """A series that a module asks for hears of it by a job; twice is once."""
    day = held.day
    if day.series:
        jobs.enqueue(
            session,
            "learning.attended",
            account_id=str(held.registration.account_id),
            series=day.series,
            on=day.starts_at.astimezone(ZONE).date().isoformat(),
        )
