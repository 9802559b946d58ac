"""Who holds a role, for a mail to them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Role, RoleGrant, ScopeKind


@dataclass(frozen=True, slots=True)
class Holder:
    email: str
    name: str
    language: str


def authors_of(session: Session, course_key: str, now: datetime) -> list[Holder]:
    """Whoever writes this course; the administrators when nobody does. One query."""
    rows = session.execute(
        select(col(Account.email), col(Account.name), col(Account.language), col(RoleGrant.role))
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .where(
            col(Account.status) == AccountStatus.MEMBER,
            or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now),
            or_(
                col(RoleGrant.role) == Role.ADMINISTRATOR,
                (col(RoleGrant.role) == Role.AUTHOR)
                & or_(
                    col(RoleGrant.scope_kind) == ScopeKind.ALL,
                    (col(RoleGrant.scope_kind) == ScopeKind.COURSE)
                    & (col(RoleGrant.scope_key) == course_key),
                ),
            ),
        )
        .order_by(col(Account.email))
    ).all()
    authors = [row for row in rows if row.role == Role.AUTHOR]
    return list(dict.fromkeys(Holder(row.email, row.name, row.language) for row in authors or rows))
