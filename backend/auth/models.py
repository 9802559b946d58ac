"""Accounts, sessions, memberships and roles, and the pure rules about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from backend.db import refers_to, related, text_enum
from backend.network.models import Organisation


class AccountStatus(StrEnum):
    UNCONFIRMED = "unconfirmed"  # the address was not confirmed yet: cannot sign in
    APPLICANT = "applicant"  # confirmed, waits for admission
    MEMBER = "member"
    REFUSED = "refused"  # a mentor refused, with a reason; may write again
    DISABLED = "disabled"


class Role(StrEnum):
    """What someone may do beyond being a member (glossary, Roles)."""

    COORDINATOR = "coordinator"
    MENTOR = "mentor"
    AUTHOR = "author"
    ORGANISER = "organiser"
    PARTNER = "partner"
    HELPER = "helper"  # at the door of one action day, until that is over
    ADMINISTRATOR = "administrator"


class ScopeKind(StrEnum):
    ALL = "all"
    EDITION = "edition"  # scope_key: Edition.key
    REGION = "region"  # scope_key: Region.key
    MUNICIPALITY = "municipality"  # scope_key: Municipality.nis_code
    COURSE = "course"  # scope_key: Course.key
    DAY = "day"  # scope_key: ActionDay.id


class Account(SQLModel, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(unique=True, max_length=200)  # lower case
    name: str = Field(max_length=120)
    password_hash: str | None = Field(default=None, max_length=200)
    status: AccountStatus = Field(sa_type=text_enum(AccountStatus), index=True)
    language: str = Field(default="nl", max_length=5)
    created_at: datetime
    confirmed_at: datetime | None = None
    admitted_at: datetime | None = None
    last_seen_at: datetime | None = None
    motivation: str = Field(default="", max_length=1000)  # what an applicant told who admits
    is_fictional: bool = False


class Membership(SQLModel, table=True):
    """A person at an organisation, with a function. One of them is current: `ended_at` is None."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    organisation_id: UUID = refers_to("organisation.id")
    function: str = Field(max_length=120)
    started_at: datetime
    ended_at: datetime | None = None
    account: Account = related()
    organisation: Organisation = related()


class RoleGrant(SQLModel, table=True):
    """A role with its scope and, if any, its end."""

    __tablename__ = "role_grant"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    role: Role = Field(sa_type=text_enum(Role))
    scope_kind: ScopeKind = Field(sa_type=text_enum(ScopeKind))
    scope_key: str = Field(default="", max_length=80)
    granted_at: datetime
    ends_at: datetime | None = None


class Substitution(SQLModel, table=True):
    """A mentor who stands in for another one until `ends_at`: follows and decides what that one may, as long as that one may."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    mentor_id: UUID = refers_to("account.id")
    substitute_id: UUID = refers_to("account.id")
    reason: str = Field(max_length=500)
    starts_at: datetime
    ends_at: datetime
    submission: str = Field(unique=True, max_length=64)  # the same form sent twice is one


class AuthSession(SQLModel, table=True):
    """A signed-in browser. Only the SHA-256 of its random token is kept.

    Ended ones stay a while, for forms that were under way.
    """

    __tablename__ = "auth_session"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    account_id: UUID = refers_to("account.id")
    device: str = Field(default="", max_length=80)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime  # the absolute end
    ended_at: datetime | None = None


class TokenPurpose(StrEnum):
    CONFIRM = "confirm"
    RESET = "reset"
    CHANGE_EMAIL = "change_email"


class EmailToken(SQLModel, table=True):
    """A link that was mailed. Works once, until `expires_at`; only its SHA-256 is kept."""

    __tablename__ = "email_token"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    purpose: TokenPurpose = Field(sa_type=text_enum(TokenPurpose))
    account_id: UUID = refers_to("account.id")
    email: str = Field(max_length=200)
    next_path: str = Field(default="/", max_length=1000)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Admission(SQLModel, table=True):
    """Who let an applicant in or refused, when and why. `decided_by_id` is None when a listed domain decided."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    decided_by_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    is_admitted: bool
    reason: str = Field(default="", max_length=1000)
    decided_at: datetime


class KeptForm(SQLModel, table=True):
    """What somebody sent after the session had ended: kept for that account, offered again after signing in."""

    __tablename__ = "kept_form"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    path: str = Field(max_length=1000)
    fields: dict[str, list[str]] = Field(sa_type=JSON)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that holds now, with its scope."""

    role: Role
    scope_kind: ScopeKind
    scope_key: str
    instead_of: UUID | None = None  # whose role it is, for a substitute


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: read in one query at the start of a request, never changed."""

    id: UUID
    session_id: UUID
    name: str
    email: str
    status: AccountStatus
    language: str
    organisation_id: UUID | None
    organisation_name: str
    municipality_nis: str | None
    region_key: str | None
    grants: tuple[Grant, ...]
    seen_at: datetime

    @property
    def is_member(self) -> bool:
        return self.status == AccountStatus.MEMBER

    @property
    def initials(self) -> str:
        words = [w for w in self.name.split() if w[:1].isalnum()]
        return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    def has(self, *roles: Role) -> bool:
        """An admitted member who holds one of these roles now, in whatever scope."""
        return self.is_member and any(grant.role in roles for grant in self.grants)

    def grants_of(self, role: Role) -> tuple[Grant, ...]:
        return tuple(g for g in self.grants if g.role == role) if self.is_member else ()
