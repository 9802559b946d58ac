"""Links that are mailed: random, used once, kept only as a hash."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, EmailToken, Membership, TokenPurpose
from backend.auth.sessions import MAY_SIGN_IN, hash_token
from backend.network.models import Municipality, Organisation

LIFE = {
    TokenPurpose.CONFIRM: timedelta(hours=24),
    TokenPurpose.CHANGE_EMAIL: timedelta(hours=24),
    TokenPurpose.RESET: timedelta(minutes=60),
}


@dataclass(frozen=True, slots=True)
class Link:
    """What a code stands for, with the person it was mailed to."""

    id: UUID
    purpose: TokenPurpose
    email: str  # where it was mailed
    next_path: str
    is_used: bool
    is_open: bool  # not used, not too old, and the address still counts
    account_id: UUID
    account_email: str
    name: str
    status: AccountStatus
    language: str
    has_password: bool
    function: str
    organisation_id: UUID | None
    organisation_name: str
    municipality_nis: str | None
    region_key: str | None


def issue(
    session: Session,
    account_id: UUID,
    purpose: TokenPurpose,
    email: str,
    now: datetime,
    *,
    form_id: str | None = None,
    next_path: str = "/",
) -> str | None:
    """A new code to mail. None when this very form asked for one already: nothing must be mailed again."""
    code = secrets.token_urlsafe(32)
    token = EmailToken(
        id=UUID(form_id) if form_id else uuid4(),
        token_hash=hash_token(code),
        purpose=purpose,
        account_id=account_id,
        email=email,
        next_path=next_path,
        created_at=now,
        expires_at=now + LIFE[purpose],
    )
    try:
        with session.begin_nested():
            session.add(token)
    except IntegrityError:
        return None
    return code


def find(session: Session, code: str, now: datetime) -> Link | None:
    """The link with this code, open or not. One query."""
    row = session.execute(
        select(EmailToken, Account, Membership, Organisation, Municipality)
        .join(Account, col(Account.id) == EmailToken.account_id)
        .outerjoin(*_CURRENT)
        .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
        .outerjoin(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
        .where(col(EmailToken.token_hash) == hash_token(code))
    ).first()
    if row is None:
        return None
    token, account, membership, organisation, municipality = row
    return _link(token, account, now, (membership, organisation, municipality))


def of_account(session: Session, account: Account, now: datetime) -> Link:
    """As if they had just opened a link to confirm their address: another signed link of ours proved it."""
    row = session.execute(
        select(Membership, Organisation, Municipality)
        .select_from(Account)
        .outerjoin(*_CURRENT)
        .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
        .outerjoin(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
        .where(col(Account.id) == account.id)
    ).one()
    token = EmailToken(
        token_hash="",
        purpose=TokenPurpose.CONFIRM,
        account_id=account.id,
        email=account.email,
        created_at=now,
        expires_at=now,
    )
    return _link(token, account, now, (row[0], row[1], row[2]))


_CURRENT = (Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None))


def _link(
    token: EmailToken,
    account: Account,
    now: datetime,
    works_at: tuple[Membership | None, Organisation | None, Municipality | None],
) -> Link:
    membership, organisation, municipality = works_at
    return Link(
        id=token.id,
        purpose=token.purpose,
        email=token.email,
        next_path=token.next_path,
        is_used=token.used_at is not None,
        is_open=token.used_at is None and token.expires_at > now and _counts(token, account),
        account_id=account.id,
        account_email=account.email,
        name=account.name,
        status=account.status,
        language=account.language,
        has_password=account.password_hash is not None,
        function=membership.function if membership else "",
        organisation_id=organisation.id if organisation else None,
        organisation_name=organisation.name if organisation else "",
        municipality_nis=municipality.nis_code if municipality else None,
        region_key=municipality.region_key if municipality else None,
    )


def _counts(token: EmailToken, account: Account) -> bool:
    """Whether the account is still as it was when the link was mailed."""
    if token.purpose == TokenPurpose.CHANGE_EMAIL:
        return account.status in MAY_SIGN_IN
    wanted = token.purpose == TokenPurpose.CONFIRM
    is_unconfirmed = account.status == AccountStatus.UNCONFIRMED
    return (
        token.email == account.email and is_unconfirmed == wanted and account.status != AccountStatus.DISABLED
    )


def use(session: Session, link: Link, now: datetime) -> bool:
    """Use it up. False when somebody was first."""
    done = session.execute(
        update(EmailToken)
        .where(
            col(EmailToken.id) == link.id, col(EmailToken.used_at).is_(None), col(EmailToken.expires_at) > now
        )
        .values(used_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def withdraw(session: Session, account_id: UUID, purpose: TokenPurpose, now: datetime) -> None:
    """Links of this kind that are still open stop working."""
    session.execute(
        update(EmailToken)
        .where(
            col(EmailToken.account_id) == account_id,
            col(EmailToken.purpose) == purpose,
            col(EmailToken.used_at).is_(None),
        )
        .values(used_at=now)
    )
