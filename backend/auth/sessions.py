"""Signed-in browsers: begin, recognise, list and end sessions. Part of the auth service."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend.auth.models import (
    Account,
    AccountStatus,
    AuthSession,
    Grant,
    Membership,
    Role,
    RoleGrant,
    Substitution,
    Viewer,
)
from backend.config import settings
from backend.network.models import Municipality, Organisation

MAY_SIGN_IN = (AccountStatus.APPLICANT, AccountStatus.MEMBER, AccountStatus.REFUSED)
SEEN_EVERY = timedelta(minutes=5)  # how precisely "last seen" is kept

_MEMBER = aliased(Account)
_MEMBERS = select(col(_MEMBER.id)).where(col(_MEMBER.status) == AccountStatus.MEMBER)
_ROLE = aliased(RoleGrant)
_MENTORS = select(col(_ROLE.account_id)).where(
    col(_ROLE.role) == Role.MENTOR, or_(col(_ROLE.ends_at).is_(None), col(_ROLE.ends_at) > bindparam("now"))
)
_VIEWER: Select[*tuple[Any, ...]] = (
    select(
        col(AuthSession.id).label("session_id"),
        col(AuthSession.last_seen_at).label("seen_at"),
        col(Account.id),
        col(Account.name),
        col(Account.email),
        col(Account.status),
        col(Account.language),
        col(Organisation.id).label("organisation_id"),
        col(Organisation.name).label("organisation_name"),
        col(Municipality.nis_code).label("municipality_nis"),
        col(Municipality.region_key),
        col(RoleGrant.role),
        col(RoleGrant.scope_kind),
        col(RoleGrant.scope_key),
        col(RoleGrant.account_id).label("role_of"),
    )
    .join(Account, col(Account.id) == AuthSession.account_id)
    .outerjoin(Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None))
    .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
    .outerjoin(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
    .outerjoin(
        Substitution,
        (col(Substitution.substitute_id) == Account.id)
        & (col(Substitution.starts_at) <= bindparam("now"))
        & (col(Substitution.ends_at) > bindparam("now"))
        & col(Substitution.mentor_id).in_(_MEMBERS)
        & col(Substitution.substitute_id).in_(_MENTORS),
    )
    .outerjoin(
        RoleGrant,
        or_(
            col(RoleGrant.account_id) == Account.id,
            (col(RoleGrant.account_id) == Substitution.mentor_id) & (col(RoleGrant.role) == Role.MENTOR),
        )
        & or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > bindparam("now")),
    )
    .where(
        col(AuthSession.token_hash) == bindparam("token_hash"),
        col(AuthSession.ended_at).is_(None),
        col(AuthSession.expires_at) > bindparam("now"),
        col(AuthSession.last_seen_at) > bindparam("idle_since"),
        col(Account.status).in_(MAY_SIGN_IN),
    )
)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def begin(session: Session, account_id: UUID, device: str, now: datetime) -> str:
    """Start a session and return its token: 256 random bits, kept only by the browser."""
    token = secrets.token_urlsafe(32)
    session.add(
        AuthSession(
            token_hash=hash_token(token),
            account_id=account_id,
            device=device[:80],
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(days=settings.session_days),
        )
    )
    return token


def viewer_of(session: Session, token: str, now: datetime) -> Viewer | None:
    """Whose token this is, with organisation and roles, or None. One query."""
    rows = session.execute(
        _VIEWER,
        {
            "token_hash": hash_token(token),
            "now": now,
            "idle_since": now - timedelta(hours=settings.session_idle_hours),
        },
    ).all()
    if not rows:
        return None
    first = rows[0]
    return Viewer(
        id=first.id,
        session_id=first.session_id,
        name=first.name,
        email=first.email,
        status=first.status,
        language=first.language,
        organisation_id=first.organisation_id,
        organisation_name=first.organisation_name or "",
        municipality_nis=first.municipality_nis,
        region_key=first.region_key,
        grants=_grants(rows),
        seen_at=first.seen_at,
    )


def _grants(rows: Sequence[Any]) -> tuple[Grant, ...]:
    """Their own roles, and those of the mentors for whom they stand in; each once."""
    return tuple(
        dict.fromkeys(
            Grant(row.role, row.scope_kind, row.scope_key, row.role_of if row.role_of != row.id else None)
            for row in rows
            if row.role is not None
        )
    )


def touch(session: Session, viewer: Viewer, now: datetime) -> None:
    """Note that this session and person were seen."""
    session.execute(
        update(AuthSession).where(col(AuthSession.id) == viewer.session_id).values(last_seen_at=now)
    )
    session.execute(update(Account).where(col(Account.id) == viewer.id).values(last_seen_at=now))


def end_token(session: Session, token: str, now: datetime) -> None:
    """End the session with this token, if it still runs."""
    session.execute(
        update(AuthSession)
        .where(col(AuthSession.token_hash) == hash_token(token), col(AuthSession.ended_at).is_(None))
        .values(ended_at=now)
    )


def end_all(session: Session, account_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
    """End every session of a person, except the one given."""
    statement = update(AuthSession).where(
        col(AuthSession.account_id) == account_id, col(AuthSession.ended_at).is_(None)
    )
    if but is not None:
        statement = statement.where(col(AuthSession.id) != but)
    session.execute(statement.values(ended_at=now))
