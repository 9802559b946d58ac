"""What happens to action days by itself: offers end, the fair spread ends, and what people need is wiped."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from backend import jobs
from backend.db import now
from backend.events import needs, offers, people, places, promotion, workshops


@jobs.handles("events.expire_offers")
def expire_offers(session: Session, payload: dict[str, Any]) -> None:
    offers.expire(session, UUID(payload["day_id"]), now())


@jobs.handles("events.promote")
def promote(session: Session, payload: dict[str, Any]) -> None:
    """The end of the fair spread: what is left goes to who waits."""
    for day in places.lock_each(session, UUID(payload["day_id"])):
        promotion.promote(session, day, workshops.rounds_of(session, day.id), now())


@jobs.daily("events.tidy")
def tidy(session: Session, _payload: dict[str, Any]) -> None:
    needs.wipe_old(session, now())
    people.forget_strangers(session, now())
