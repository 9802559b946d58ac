"""What need not be kept any longer: to be called once a day."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
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
    strangers = (
        select(col(Account.id))
        .where(
            col(Account.status) == AccountStatus.UNCONFIRMED,
            col(Account.created_at) < now - NEVER_CONFIRMED,
            ~select(EmailToken).where(col(EmailToken.account_id) == col(Account.id)).exists(),
        )
        .scalar_subquery()
    )
    for owned in (AuthSession, KeptForm, Membership):
        session.execute(delete(owned).where(col(owned.account_id).in_(strangers)))
    session.execute(delete(Account).where(col(Account.id).in_(strangers)))
