"""Signing in and out: who is this, and a session for this browser."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth import sessions
from backend.auth.models import Account, AccountStatus


@dataclass(frozen=True, slots=True)
class Known:
    """What is needed to check a password, read before it is hashed."""

    id: UUID
    name: str
    email: str
    password_hash: str | None
    status: AccountStatus
    language: str

    @property
    def may_sign_in(self) -> bool:
        return self.status in sessions.MAY_SIGN_IN


def find(session: Session, email: str) -> Known | None:
    row = session.execute(
        select(
            col(Account.id),
            col(Account.name),
            col(Account.email),
            col(Account.password_hash),
            col(Account.status),
            col(Account.language),
        ).where(col(Account.email) == email)
    ).first()
    return Known(*row) if row else None


def enter(
    session: Session, account_id: UUID, device: str, now: datetime, *, old_token: str | None, how: str
) -> str:
    """A new session, never the one the browser came with. Returns its token."""
    if old_token:
        sessions.end_token(session, old_token, now)
    record(session, account_id, "auth.sign_in", kind="account", key=account_id, how=how)
    return sessions.begin(session, account_id, device, now)


def store_hash(session: Session, account_id: UUID, password_hash: str) -> None:
    session.execute(update(Account).where(col(Account.id) == account_id).values(password_hash=password_hash))


def note_failure(session: Session, known: Known | None) -> None:
    """Also for an address that we do not know, so that both take the same time. The address itself is not kept."""
    record(session, None, "auth.sign_in_failed", kind="account", key=known.id if known else "")


@dataclass(frozen=True, slots=True)
class Door:
    """A demo account on the sign-in page."""

    email: str
    name: str


def demo_doors(session: Session, emails: list[str]) -> dict[str, Door]:
    """Those of these addresses that are fictional members here."""
    rows = session.execute(
        select(col(Account.email), col(Account.name)).where(
            col(Account.email).in_(emails),
            col(Account.is_fictional).is_(True),
            col(Account.status) == AccountStatus.MEMBER,
        )
    )
    return {row.email: Door(row.email, row.name) for row in rows}


SYSTEMS = (
    ("iPhone|iPod", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh|Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("Edg(e|A|iOS)?/", "Edge"),
    ("OPR/|Opera", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/|FxiOS/", "Firefox"),
    ("Chrome/|CriOS/|Chromium/", "Chrome"),
    ("Safari/", "Safari"),
)


def device_label(user_agent: str) -> str:
    """Firefox · Windows: enough to recognise one's own devices, no more is kept."""
    browser = next((name for pattern, name in BROWSERS if re.search(pattern, user_agent)), "")
    system = next((name for pattern, name in SYSTEMS if re.search(pattern, user_agent)), "")
    return " · ".join(filter(None, (browser, system)))
