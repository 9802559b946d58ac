"""The first administrator: made from the command line, where whoever may type it may do everything anyway."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth import passwords
from backend.auth.models import Account, AccountStatus, Role, RoleGrant, ScopeKind
from backend.errors import OperatorError
from backend.fields import EMAIL


def create(session: Session, email: str, name: str, password: str, *, now: datetime) -> Account:
    """A confirmed, admitted account with the role. An existing account gets the role and the password."""
    if not EMAIL.fullmatch(email):
        raise OperatorError("dit is geen e-mailadres.")
    if not name:
        raise OperatorError("een beheerder heeft een naam nodig.")
    if len(password) < passwords.MIN_LENGTH:
        raise OperatorError(f"kies een wachtwoord van minstens {passwords.MIN_LENGTH} tekens.")
    if weak := passwords.weakness(password, email, name):
        raise OperatorError(weak)
    account = session.scalars(select(Account).where(col(Account.email) == email)).one_or_none()
    if account is None:
        account = Account(email=email, name=name, status=AccountStatus.MEMBER, created_at=now)
        session.add(account)
    account.password_hash = passwords.hash_password(password)
    account.status = AccountStatus.MEMBER
    account.confirmed_at = account.confirmed_at or now
    account.admitted_at = account.admitted_at or now
    session.flush()
    held = select(RoleGrant).where(
        col(RoleGrant.account_id) == account.id,
        col(RoleGrant.role) == Role.ADMINISTRATOR,
        col(RoleGrant.ends_at).is_(None),
    )
    if session.scalars(held).first() is None:
        session.add(
            RoleGrant(
                account_id=account.id, role=Role.ADMINISTRATOR, scope_kind=ScopeKind.ALL, granted_at=now
            )
        )
    record(session, None, "auth.create_admin", kind="account", key=account.id)
    return account
