"""From nothing to a confirmed account: sign up, confirm the address, ask for the link again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func

from backend import mail
from backend.audit.service import record
from backend.auth import admission, tokens
from backend.auth.models import Account, AccountStatus, EmailToken, Membership, TokenPurpose
from backend.errors import Conflict, Gone
from backend.language import gettext as _
from backend.network.models import Organisation, OrganisationKind

# How often a right password on an unconfirmed account mails the link again.
RESEND_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody tells about themselves. `organisation`: the id of one we know, or a name they typed."""

    name: str
    email: str
    organisation: UUID | str
    function: str
    motivation: str
    language: str


def sign_up(
    session: Session, person: Person, password_hash: str, now: datetime, *, form_id: str, next_path: str
) -> None:
    """Make an account and mail the link, or mail that there is one already. Nothing tells the two apart on the site.

    Who signs up for an address that waits for confirmation may not be who did so before: the password is then
    forgotten and chosen anew by whoever opens the mail.
    """
    account = Account(
        email=person.email,
        name=person.name,
        password_hash=password_hash,
        status=AccountStatus.UNCONFIRMED,
        language=person.language,
        motivation=person.motivation,
        created_at=now,
    )
    is_new = False
    if _by_email(session, person.email) is None:
        try:
            with session.begin_nested():
                session.add(account)
            is_new = True
        except IntegrityError:  # somebody was first
            pass
    if is_new:
        session.add(
            Membership(
                account_id=account.id,
                organisation_id=organisation_id(session, person.organisation),
                function=person.function,
                started_at=now,
            )
        )
        record(session, account.id, "auth.sign_up", kind="account", key=account.id)
        _mail_link(session, account, now, form_id=form_id, next_path=next_path)
        return
    known = _by_email(session, person.email)
    if known is None or not _mail_link(session, known, now, form_id=form_id, next_path=next_path):
        return
    if known.status == AccountStatus.UNCONFIRMED:
        known.password_hash = None
        known.name, known.motivation, known.language = person.name, person.motivation, person.language
        session.execute(
            update(Membership)
            .where(col(Membership.account_id) == known.id, col(Membership.ended_at).is_(None))
            .values(organisation_id=organisation_id(session, person.organisation), function=person.function)
        )


def send_again(session: Session, email: str, now: datetime, *, form_id: str, next_path: str) -> None:
    """A new link for an account that waits for confirmation. For every other address: nothing that shows."""
    account = _by_email(session, email)
    if account is not None:
        _mail_link(session, account, now, form_id=form_id, next_path=next_path)


def renew(session: Session, link: tokens.Link, now: datetime, *, form_id: str) -> None:
    """A new link of the same kind, for who opened one that was too old."""
    if link.purpose == TokenPurpose.CHANGE_EMAIL:
        code = tokens.issue(
            session, link.account_id, link.purpose, link.email, now, form_id=form_id, next_path=link.next_path
        )
        if code:
            mail.send(
                session, link.email, "auth_change_email", language=link.language, how=mail.AT_ONCE, code=code
            )
    else:
        send_again(session, link.account_email, now, form_id=form_id, next_path=link.next_path)


def remind(session: Session, account_id: UUID, now: datetime, *, next_path: str) -> None:
    """Somebody knew the password but never confirmed: mail the link again, but not at every try."""
    account = session.get_one(Account, account_id)
    recent = session.scalar(
        select(
            exists().where(
                col(EmailToken.account_id) == account_id,
                col(EmailToken.purpose) == TokenPurpose.CONFIRM,
                col(EmailToken.created_at) > now - RESEND_AFTER,
            )
        )
    )
    if not recent and account.status == AccountStatus.UNCONFIRMED:
        _mail_link(session, account, now, form_id=None, next_path=next_path)


def _mail_link(
    session: Session, account: Account, now: datetime, *, form_id: str | None, next_path: str
) -> bool:
    """The link to confirm, or for who has an account: how to get in. False when this form had its mail."""
    if account.status == AccountStatus.DISABLED:
        return False
    waits = account.status == AccountStatus.UNCONFIRMED
    purpose = TokenPurpose.CONFIRM if waits else TokenPurpose.RESET
    code = tokens.issue(
        session, account.id, purpose, account.email, now, form_id=form_id, next_path=next_path
    )
    if code is None:
        return False
    template = "auth_confirm" if waits else "auth_known"
    mail.send(session, account.email, template, language=account.language, how=mail.AT_ONCE, code=code)
    return True


@dataclass(frozen=True, slots=True)
class Confirmed:
    account_id: UUID
    next_path: str
    language: str
    is_admitted: bool


def confirm(session: Session, link: tokens.Link, now: datetime, *, password_hash: str | None) -> Confirmed:
    """The address is theirs. A new account goes in or into the queue; raises Gone when the link was just used."""
    if not tokens.use(session, link, now):
        raise Gone(_("Deze link is net gebruikt."))
    if link.purpose == TokenPurpose.CHANGE_EMAIL:
        return _change_email(session, link, now)
    values = {"status": AccountStatus.APPLICANT, "confirmed_at": now, "last_seen_at": now}
    done = session.execute(
        update(Account)
        .where(col(Account.id) == link.account_id, col(Account.status) == AccountStatus.UNCONFIRMED)
        .values(values | ({"password_hash": password_hash} if password_hash else {}))
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise Gone(_("Je e-mailadres is al bevestigd. Meld je aan."))
    record(session, link.account_id, "auth.confirm", kind="account", key=link.account_id)
    is_admitted = admission.enter_queue(session, link, now)
    return Confirmed(link.account_id, link.next_path, link.language, is_admitted)


def _change_email(session: Session, link: tokens.Link, now: datetime) -> Confirmed:
    try:
        with session.begin_nested():
            session.execute(
                update(Account).where(col(Account.id) == link.account_id).values(email=link.email)
            )
    except IntegrityError as error:
        raise Conflict(_("Er is intussen een ander account met dit e-mailadres.")) from error
    tokens.withdraw(session, link.account_id, TokenPurpose.RESET, now)
    record(session, link.account_id, "auth.change_email", kind="account", key=link.account_id)
    is_admitted = link.status == AccountStatus.MEMBER
    if link.status == AccountStatus.APPLICANT:
        is_admitted = admission.enter_by_domain(session, link, now)
    return Confirmed(link.account_id, link.next_path, link.language, is_admitted)


def organisation_id(session: Session, organisation: UUID | str) -> UUID:
    """The organisation with this id, or the one with this name (or short name); a new one when nobody named it before."""
    if isinstance(organisation, UUID):
        return organisation
    wanted = organisation.casefold()
    known = session.scalar(
        select(col(Organisation.id))
        .where(
            col(Organisation.kind) != OrganisationKind.MUNICIPALITY,
            or_(func.lower(Organisation.name) == wanted, func.lower(Organisation.short_name) == wanted),
        )
        .order_by(col(Organisation.kind).desc())  # a partner before what a member named
        .limit(1)
    )
    if known is not None:
        return known
    made = Organisation(kind=OrganisationKind.OTHER, name=organisation)
    session.add(made)
    session.flush()
    return made.id


def _by_email(session: Session, email: str) -> Account | None:
    return session.scalars(select(Account).where(col(Account.email) == email)).first()
