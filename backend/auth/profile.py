"""One's own account: name, place of work, language, address, sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth import admission, sign_up, tokens
from backend.auth.models import (
    Account,
    AccountStatus,
    Admission,
    AuthSession,
    Membership,
    TokenPurpose,
    Viewer,
)
from backend.config import settings
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.network.models import Organisation, OrganisationKind


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    email: str
    status: AccountStatus
    language: str
    function: str
    organisation_name: str
    municipality_nis: str | None
    is_municipality: bool
    refusal: str  # the reason of the last refusal, for who was refused


def profile_of(session: Session, account_id: UUID) -> Profile:
    """One query; for who was refused, one more."""
    account, membership, organisation = session.execute(
        select(Account, Membership, Organisation)
        .outerjoin(
            Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None)
        )
        .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(col(Account.id) == account_id)
    ).one()
    refusal = ""
    if account.status == AccountStatus.REFUSED:
        refusal = session.scalar(
            select(col(Admission.reason))
            .where(col(Admission.account_id) == account_id, col(Admission.is_admitted).is_(False))
            .order_by(col(Admission.decided_at).desc())
            .limit(1)
        ) or ""  # fmt: skip
    return Profile(
        name=account.name,
        email=account.email,
        status=account.status,
        language=account.language,
        function=membership.function if membership else "",
        organisation_name=organisation.name if organisation else "",
        municipality_nis=organisation.municipality_nis if organisation else None,
        is_municipality=organisation is None or organisation.kind == OrganisationKind.MUNICIPALITY,
        refusal=refusal,
    )


def speak(session: Session, viewer: Viewer, language: str) -> None:
    """The language of the site and the mails from now on, also after signing in again."""
    session.execute(update(Account).where(col(Account.id) == viewer.id).values(language=language))


def save(session: Session, viewer: Viewer, person: sign_up.Person, now: datetime) -> None:
    """Change what people see of one. Another organisation or function is a new membership; the old one is kept as ended."""
    session.execute(  # first of all, so that two at once come one after the other
        update(Account).where(col(Account.id) == viewer.id).values(name=person.name, language=person.language)
    )
    organisation_id = sign_up.organisation_id(session, person.organisation)
    current = session.scalars(
        select(Membership).where(col(Membership.account_id) == viewer.id, col(Membership.ended_at).is_(None))
    ).first()
    if current and (current.organisation_id, current.function) == (organisation_id, person.function):
        return
    admission.move(session, viewer.id, organisation_id, person.function, now)
    if current is None or current.organisation_id != organisation_id:
        record(
            session,
            viewer.id,
            "auth.change_organisation",
            kind="account",
            key=viewer.id,
            old=str(current.organisation_id) if current else "",
            new=str(organisation_id),
        )


def apply_again(session: Session, viewer: Viewer, motivation: str, now: datetime) -> None:
    """Who was refused asks once more, with another explanation. Asking twice is asking once."""
    done = session.execute(
        update(Account)
        .where(col(Account.id) == viewer.id, col(Account.status) == AccountStatus.REFUSED)
        .values(status=AccountStatus.APPLICANT, motivation=motivation, confirmed_at=now)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        if viewer.status == AccountStatus.APPLICANT:
            return
        raise Conflict(_("Je bent al toegelaten."))
    record(session, viewer.id, "auth.apply_again", kind="account", key=viewer.id)
    admission.tell_mentors(
        session,
        admission.Newcomer(
            viewer.name,
            current_function(session, viewer.id),
            viewer.organisation_name,
            viewer.municipality_nis,
            viewer.region_key,
        ),
        now,
    )


def current_function(session: Session, account_id: UUID) -> str:
    return session.scalar(
        select(col(Membership.function)).where(
            col(Membership.account_id) == account_id, col(Membership.ended_at).is_(None)
        )
    ) or ""  # fmt: skip


def ask_email_change(session: Session, viewer: Viewer, email: str, now: datetime, *, form_id: str) -> None:
    """Mail a link to the new address and a warning to the old one. The address changes when the link is used.

    When the new address has an account, only its owner is told so: the page says the same.
    """
    code = tokens.issue(
        session,
        viewer.id,
        TokenPurpose.CHANGE_EMAIL,
        email,
        now,
        form_id=form_id,
        next_path="/mijn/profiel",
    )
    if code is None:
        return
    taken = session.scalar(select(col(Account.id)).where(col(Account.email) == email))
    if taken is None:
        mail.send(session, email, "auth_change_email", language=viewer.language, how=mail.AT_ONCE, code=code)
    else:
        mail.send(session, email, "auth_address_taken", language=viewer.language, how=mail.AT_ONCE)
    mail.send(
        session,
        viewer.email,
        "auth_email_warning",
        language=viewer.language,
        how=mail.AT_ONCE,
        name=viewer.name,
    )
    record(session, viewer.id, "auth.ask_email_change", kind="account", key=viewer.id)


def sessions_of(session: Session, account_id: UUID, now: datetime) -> list[AuthSession]:
    """The browsers where this person is signed in now, the last used first."""
    return list(
        session.scalars(
            select(AuthSession)
            .where(
                col(AuthSession.account_id) == account_id,
                col(AuthSession.ended_at).is_(None),
                col(AuthSession.expires_at) > now,
                col(AuthSession.last_seen_at) > now - timedelta(hours=settings.session_idle_hours),
            )
            .order_by(col(AuthSession.last_seen_at).desc(), col(AuthSession.id))
        )
    )


def end_session(session: Session, viewer: Viewer, session_id: UUID, now: datetime) -> None:
    """End one of one's own sessions; one that ended already stays ended. NotFound for somebody else's."""
    known = session.execute(
        select(col(AuthSession.id)).where(
            col(AuthSession.id) == session_id, col(AuthSession.account_id) == viewer.id
        )
    ).first()
    if known is None:
        raise NotFound(_("Deze aanmelding bestaat niet."))
    session.execute(
        update(AuthSession)
        .where(col(AuthSession.id) == session_id, col(AuthSession.ended_at).is_(None))
        .values(ended_at=now)
    )
