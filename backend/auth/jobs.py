"""What happens to accounts by itself."""

from typing import Any

from sqlmodel import Session

from backend import jobs
from backend.auth import housekeeping
from backend.db import now


@jobs.daily("auth.tidy")
def tidy(session: Session, _payload: dict[str, Any]) -> None:
    housekeeping.tidy(session, now())
