"""What runs later: a day that was attended, a check whose time is over."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from backend import jobs
from backend.db import now
from backend.learning import attendance, checks


@jobs.handles("learning.attended")
def _attended(session: Session, payload: dict[str, Any]) -> None:
    """`account_id`, `series` (the key of a series of action days), `on` (the day, as 2026-11-25)."""
    on = date.fromisoformat(payload["on"])
    attendance.attended(session, UUID(payload["account_id"]), payload["series"], on, now())


@jobs.handles(checks.CLOSE)
def _close_check(session: Session, payload: dict[str, Any]) -> None:
    checks.close_overdue(session, UUID(payload["attempt_id"]), now())
