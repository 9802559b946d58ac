"""What need not be kept any longer: to be called once a day."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.auth import kept
from backend.auth.models import Account, AccountStatus, AuthSession, EmailToken, KeptForm, Membership
from backend.ratelimit import forget_expired

NEVER_CONFIRMED = timedelta(days=30)
LINKS = timedelta(days=30)
SESSIONS = timedelta(days=90)


def tidy(session: Session, now: datetime) -> None:
    """Delete accounts that were never confirmed, old links, old sessions, kept forms and counters that are over."""
    forget_expired(session, now)
    kept.forget_old(session, now)
    session.execute(delete(AuthSession).where(col(AuthSession.expires_at) < now - SESSIONS))
    session.execute(delete(EmailToken).where(col(EmailToken.expires_at) < now - LINKS))
    strangers = select(col(Account.id)).where(
        col(Account.status) == AccountStatus.UNCONFIRMED,
        col(Account.created_at) < now - NEVER_CONFIRMED,
        ~select(EmailToken).where(col(EmailToken.account_id) == col(Account.id)).exists(),
    )
    for stranger in session.scalars(strangers).all():
        _forget(session, stranger)


def _forget(session: Session, stranger: UUID) -> None:
    """Unless another part still knows them: whom a colleague registered for a day that is to come."""
    with suppress(IntegrityError), session.begin_nested():
        for owned in (AuthSession, KeptForm, Membership):
            session.execute(delete(owned).where(col(owned.account_id) == stranger))
        session.execute(delete(Account).where(col(Account.id) == stranger))
