"""One's account: to take along, and to erase. What must stay without a name goes to an account that is nobody's."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from backend.auth.models import (
    Account,
    AccountStatus,
    Admission,
    AuthSession,
    EmailToken,
    KeptForm,
    Membership,
    Role,
    RoleGrant,
)
from backend.db import now
from backend.mail import NOWHERE
from backend.network.models import Organisation

NAMELESS = "Gewist account"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who wants to go, and what may hold them back."""

    email: str
    password_hash: str | None
    is_fictional: bool
    is_last_administrator: bool


def find(session: Session, person: UUID) -> Owner | None:
    """None for who is gone already."""
    account = session.get(Account, person)
    if account is None:
        return None
    return Owner(
        account.email,
        account.password_hash,
        account.is_fictional,
        _administrators(session, person, are=True) > 0 and not _administrators(session, person, are=False),
    )


def _administrators(session: Session, person: UUID, *, are: bool) -> int:
    """Grants that do not end, of this person or of everybody else."""
    held = (
        select(func.count())
        .select_from(RoleGrant)
        .join(Account, col(Account.id) == RoleGrant.account_id)
        .where(
            col(RoleGrant.role) == Role.ADMINISTRATOR,
            col(RoleGrant.ends_at).is_(None),
            col(Account.status) == AccountStatus.MEMBER,
            (col(Account.id) == person) if are else (col(Account.id) != person),
        )
    )
    return session.scalar(held) or 0


def lock(session: Session, person: UUID) -> bool:
    """Whoever erases the same account waits; False when it is gone. What refers to it may still be written meanwhile."""
    own = select(col(Account.id)).where(col(Account.id) == person).with_for_update(key_share=True)
    return session.scalar(own) is not None


def nameless(session: Session) -> UUID:
    """A new account that nobody can use, for what must stay and be nobody's."""
    own = uuid4()
    session.add(
        Account(
            id=own, email=f"{own}{NOWHERE}", name=NAMELESS, status=AccountStatus.DISABLED, created_at=now()
        )
    )
    session.flush()
    return own


def export_of(session: Session, person: UUID) -> dict[str, Any]:
    """Without what opens a door: the hash of the password and of codes."""
    account = session.get_one(Account, person)
    jobs = session.execute(
        select(Membership, col(Organisation.name))
        .join(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(col(Membership.account_id) == person)
        .order_by(col(Membership.started_at))
    )
    admissions = select(Admission).where(col(Admission.account_id) == person)
    tokens = select(EmailToken).where(col(EmailToken.account_id) == person)
    sessions = select(AuthSession).where(col(AuthSession.account_id) == person)
    forms = select(KeptForm).where(col(KeptForm.account_id) == person)
    roles = select(RoleGrant).where(col(RoleGrant.account_id) == person)
    hidden = {"id", "account_id", "token_hash", "decided_by_id", "next_path"}
    return {
        "account": account.model_dump(mode="json", exclude={"password_hash"}),
        "work": [
            row.model_dump(mode="json", exclude={*hidden, "organisation_id"}) | {"organisation": name}
            for row, name in jobs
        ],
        **{
            name: [row.model_dump(mode="json", exclude=hidden) for row in session.scalars(rows)]
            for name, rows in (
                ("roles", roles),
                ("admissions", admissions),
                ("sessions", sessions),
                ("mailed_links", tokens),
                ("unsent_forms", forms),
            )
        },
    }


def erase(session: Session, person: UUID) -> None:
    """The last of all parts: nothing may refer to the account any more."""
    session.execute(
        update(Admission).where(col(Admission.decided_by_id) == person).values(decided_by_id=None)
    )
    for owned in (Admission, AuthSession, EmailToken, KeptForm, Membership, RoleGrant):
        session.execute(delete(owned).where(col(owned.account_id) == person))
    session.execute(delete(Account).where(col(Account.id) == person))
