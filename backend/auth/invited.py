"""People whom a colleague names by address: they get an account that waits until they themselves say yes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth import admission, tokens
from backend.auth.models import Account, AccountStatus, Membership
from backend.network.models import OrganisationDomain

# Anybody can have an address here: it does not tell where they work.
FOR_EVERYBODY = frozenset(
    {
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.be", "outlook.com", "outlook.be", "live.com", "live.be",
        "msn.com", "icloud.com", "me.com", "yahoo.com", "yahoo.fr", "proton.me", "protonmail.com", "telenet.be", "skynet.be",
        "proximus.be", "scarlet.be", "pandora.be",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colleague:
    name: str
    email: str  # lower case


def find_or_make(
    session: Session, colleague: Colleague, organisation_id: UUID, own_domain: str, by: UUID, now: datetime
) -> Account | None:
    """The account of somebody at this organisation; a new one for an unknown address at one of its domains.

    None for every other address: nothing tells whether somebody elsewhere has an account. `own_domain`: of who asks.
    """
    account = _by_email(session, colleague.email)
    if account is None and _is_theirs(session, colleague.email, organisation_id, own_domain):
        account = _make(session, colleague, organisation_id, by, now)
    if account is None or account.status == AccountStatus.DISABLED:
        return None
    works_there = session.scalar(
        select(col(Membership.id)).where(
            col(Membership.account_id) == account.id,
            col(Membership.organisation_id) == organisation_id,
            col(Membership.ended_at).is_(None),
        )
    )
    return account if works_there else None


def say_yes(session: Session, account: Account, now: datetime) -> None:
    """They opened the link that was mailed to them: the address is theirs. In at once when its domain is listed."""
    done = session.execute(
        update(Account)
        .where(col(Account.id) == account.id, col(Account.status) == AccountStatus.UNCONFIRMED)
        # Only whoever opens a mail of ours chooses the password.
        .values(status=AccountStatus.APPLICANT, confirmed_at=now, password_hash=None)
    )
    if done.rowcount:  # type: ignore[attr-defined]
        record(session, account.id, "auth.confirm", kind="account", key=account.id)
        admission.enter_queue(session, tokens.of_account(session, account, now), now)


def _make(
    session: Session, colleague: Colleague, organisation_id: UUID, by: UUID, now: datetime
) -> Account | None:
    account = Account(
        email=colleague.email, name=colleague.name, status=AccountStatus.UNCONFIRMED, created_at=now
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:  # somebody was first
        return _by_email(session, colleague.email)
    session.add(
        Membership(account_id=account.id, organisation_id=organisation_id, function="", started_at=now)
    )
    session.flush()
    record(session, by, "auth.invite", kind="account", key=account.id)
    return account


def _is_theirs(session: Session, email: str, organisation_id: UUID, own_domain: str) -> bool:
    domain = email.rpartition("@")[2]
    if domain == own_domain and domain not in FOR_EVERYBODY:
        return True
    listed = session.get(OrganisationDomain, domain)
    return listed is not None and listed.organisation_id == organisation_id


def _by_email(session: Session, email: str) -> Account | None:
    return session.scalars(select(Account).where(col(Account.email) == email)).first()
