"""What runs later: a day that was attended, a check whose time is over."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from backend import jobs
from backend.db import now
from backend.learning import attendance, checks, rhythm


@jobs.handles("learning.attended")
def _attended(session: Session, payload: dict[str, Any]) -> None:
    """`account_id`, `series` (the key of a series of action days), `on` (the day, as 2026-11-25)."""
    on = date.fromisoformat(payload["on"])
    attendance.attended(session, UUID(payload["account_id"]), payload["series"], on, now())


@jobs.handles(checks.CLOSE)
def _close_check(session: Session, payload: dict[str, Any]) -> None:
    checks.close_overdue(session, UUID(payload["attempt_id"]), now())


@jobs.daily("learning.plan_reminders")
def _plan_reminders(session: Session, _payload: dict[str, Any]) -> None:
    rhythm.plan(session, now())


@jobs.handles("learning.remind")
def _remind(session: Session, payload: dict[str, Any]) -> None:
    rhythm.remind(session, UUID(payload["account_id"]), now())
