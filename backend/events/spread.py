"""The fair spread: at most so many of one municipality until a moment; then what is left is for whoever waits."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.events.models import SEATED, ActionDay, Registration


def holds(day: ActionDay, now: datetime) -> bool:
    return day.spread_limit is not None and day.spread_until is not None and now < day.spread_until


def seated(session: Session, day: ActionDay) -> Counter[str]:
    """Municipality → how many of it have a place."""
    rows = session.execute(
        select(col(Registration.municipality_nis), func.count())
        .where(
            col(Registration.day_id) == day.id,
            col(Registration.status).in_(SEATED),
            col(Registration.municipality_nis).is_not(None),
        )
        .group_by(col(Registration.municipality_nis))
    )
    return Counter({row[0]: row[1] for row in rows})


def fits(day: ActionDay, municipality_nis: str | None, counts: Counter[str]) -> bool:
    """Who has no municipality is in nobody's way. Counts them, so that the next one is judged with them."""
    if municipality_nis is None:
        return True
    if counts[municipality_nis] >= (day.spread_limit or 0):
        return False
    counts[municipality_nis] += 1
    return True


def is_blocked(session: Session, day: ActionDay, viewer: Viewer | None, now: datetime) -> bool:
    """For a page: there are places, but none yet for this municipality."""
    if viewer is None or viewer.municipality_nis is None or day.is_full or not holds(day, now):
        return False
    return not fits(day, viewer.municipality_nis, seated(session, day))
