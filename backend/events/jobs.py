"""What happens to action days by itself: offers end, the fair spread ends, and what people need is wiped."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from backend import jobs
from backend.db import now
from backend.events import attendance, holding, needs, offers, people, places, promotion, workshops
from backend.events.holding import Chosen


@jobs.handles("events.expire_offers")
def expire_offers(session: Session, payload: dict[str, Any]) -> None:
    offers.expire(session, UUID(payload["day_id"]), now())


@jobs.handles("events.promote")
def promote(session: Session, payload: dict[str, Any]) -> None:
    """The end of the fair spread: what is left goes to who waits."""
    for day in places.lock_each(session, UUID(payload["day_id"])):
        promotion.promote(session, day, workshops.rounds_of(session, day.id), now())


@jobs.handles("events.report_attendance")
def report_attendance(session: Session, payload: dict[str, Any]) -> None:
    """Some time after a tick at the door: if it still stands, who counts attendance hears of it."""
    whose = Chosen(UUID(payload["registration_id"]), UUID(payload["by"]))
    held = holding.find(session, whose)
    if held is not None and held.registration.attended_at is not None:
        attendance.report(session, held)


@jobs.daily("events.tidy")
def tidy(session: Session, _payload: dict[str, Any]) -> None:
    needs.wipe_old(session, now())
    people.forget_strangers(session, now())
