"""A new password: forgotten and chosen by a mailed link, or changed by who knows the old one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth import sessions, tokens
from backend.auth.models import Account, AccountStatus, TokenPurpose
from backend.errors import Gone
from backend.language import gettext as _


def ask_reset(session: Session, email: str, now: datetime, *, form_id: str) -> None:
    """Mail a link to choose a new password, if this address has an account. Nothing on the site tells whether it has.

    An account that waits for confirmation gets the link to confirm; its password is chosen there.
    """
    account = session.scalars(select(Account).where(col(Account.email) == email)).first()
    if account is None or account.status == AccountStatus.DISABLED:
        return
    waits = account.status == AccountStatus.UNCONFIRMED
    purpose = TokenPurpose.CONFIRM if waits else TokenPurpose.RESET
    code = tokens.issue(session, account.id, purpose, account.email, now, form_id=form_id)
    if code is None:
        return
    if waits:
        account.password_hash = None
    template = "auth_confirm" if waits else "auth_reset"
    mail.send(session, account.email, template, language=account.language, how=mail.AT_ONCE, code=code)


def reset(session: Session, link: tokens.Link, password_hash: str, now: datetime) -> None:
    """Set the password; every session and every other link of this kind ends. Raises Gone when just used."""
    if not tokens.use(session, link, now):
        raise Gone(_("Deze link is net gebruikt."))
    tokens.withdraw(session, link.account_id, TokenPurpose.RESET, now)
    _set(session, link.account_id, password_hash, now, but=None)
    mail.send(
        session,
        link.account_email,
        "auth_password_changed",
        language=link.language,
        how=mail.AT_ONCE,
        name=link.name,
    )


def change(
    session: Session, account_id: UUID, password_hash: str, now: datetime, *, this_session: UUID
) -> None:
    """Set the password; every other session of this person ends."""
    account = session.get_one(Account, account_id)
    tokens.withdraw(session, account_id, TokenPurpose.RESET, now)
    _set(session, account_id, password_hash, now, but=this_session)
    mail.send(
        session,
        account.email,
        "auth_password_changed",
        language=account.language,
        how=mail.AT_ONCE,
        name=account.name,
    )


def _set(session: Session, account_id: UUID, password_hash: str, now: datetime, *, but: UUID | None) -> None:
    session.execute(update(Account).where(col(Account.id) == account_id).values(password_hash=password_hash))
    sessions.end_all(session, account_id, now, but=but)
    record(session, account_id, "auth.change_password", kind="account", key=account_id)
