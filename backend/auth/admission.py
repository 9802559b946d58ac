"""Letting applicants in: at once by a listed mail domain, or by a mentor's decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth.models import (
    Account,
    AccountStatus,
    Admission,
    Membership,
    Role,
    RoleGrant,
    ScopeKind,
    Viewer,
)
from backend.auth.scope import in_places, scope_of
from backend.auth.tokens import Link
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.network.models import Municipality, Organisation, OrganisationDomain


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who confirmed the address and waits for a decision."""

    account_id: UUID
    name: str
    email: str
    function: str
    organisation_name: str
    municipality_nis: str | None
    region_key: str | None
    motivation: str
    applied_at: datetime
    is_fictional: bool


_APPLICANT: Select[*tuple[Any, ...]] = (
    select(
        col(Account.id).label("account_id"),
        col(Account.name),
        col(Account.email),
        col(Account.status),
        col(Account.language),
        col(Account.motivation),
        col(Account.confirmed_at).label("applied_at"),
        col(Account.is_fictional),
        col(Membership.function),
        col(Organisation.name).label("organisation_name"),
        col(Municipality.nis_code).label("municipality_nis"),
        col(Municipality.region_key),
    )
    .outerjoin(Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None))
    .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
    .outerjoin(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
)


def waiting(session: Session, viewer: Viewer) -> list[Applicant]:
    """The applicants this person may decide on, who waits longest first. One query."""
    rows = session.execute(
        _APPLICANT.where(
            col(Account.status) == AccountStatus.APPLICANT, in_places(scope_of(viewer))
        ).order_by(col(Account.confirmed_at), col(Account.id))
    )
    return [_applicant(row) for row in rows]


def waiting_count(viewer: Viewer) -> ScalarSelect[int]:
    """How many waiting() gives, as a part of another query."""
    waits = _APPLICANT.with_only_columns(func.count()).where(
        col(Account.status) == AccountStatus.APPLICANT, in_places(scope_of(viewer))
    )
    return waits.scalar_subquery()


def admit(session: Session, viewer: Viewer, account_id: UUID, now: datetime) -> Applicant:
    """Let an applicant in and tell them. Again by the same person changes nothing; somebody else's decision is a Conflict."""
    return _decide(session, viewer, account_id, now, is_admitted=True, reason="")


def refuse(session: Session, viewer: Viewer, account_id: UUID, reason: str, now: datetime) -> Applicant:
    """Refuse an applicant, with the reason they read. Repeats and conflicts as with admit()."""
    return _decide(session, viewer, account_id, now, is_admitted=False, reason=reason)


def _decide(
    session: Session, viewer: Viewer, account_id: UUID, now: datetime, *, is_admitted: bool, reason: str
) -> Applicant:
    row = session.execute(
        _APPLICANT.where(col(Account.id) == account_id, in_places(scope_of(viewer)))
    ).first()
    if row is None or row.status in (AccountStatus.UNCONFIRMED, AccountStatus.DISABLED):
        raise NotFound(_("Deze aanvraag bestaat niet, of je mag ze niet zien."))
    status = AccountStatus.MEMBER if is_admitted else AccountStatus.REFUSED
    if not _leave_queue(session, account_id, status, now):
        _explain_repeat(session, viewer, account_id, is_admitted=is_admitted)
        return _applicant(row)
    session.add(
        Admission(
            account_id=account_id,
            decided_by_id=viewer.id,
            is_admitted=is_admitted,
            reason=reason,
            decided_at=now,
        )
    )
    action = "auth.admit" if is_admitted else "auth.refuse"
    record(session, viewer.id, action, kind="account", key=account_id)
    template = "auth_admitted" if is_admitted else "auth_refused"
    mail.send(session, row.email, template, language=row.language, name=row.name, reason=reason)
    return _applicant(row)


def _leave_queue(session: Session, account_id: UUID, status: AccountStatus, now: datetime) -> bool:
    """Whoever changes this row first has decided."""
    values: dict[str, Any] = {"status": status}
    if status == AccountStatus.MEMBER:
        values["admitted_at"] = now
    done = session.execute(
        update(Account)
        .where(col(Account.id) == account_id, col(Account.status) == AccountStatus.APPLICANT)
        .values(values)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _explain_repeat(session: Session, viewer: Viewer, account_id: UUID, *, is_admitted: bool) -> None:
    decider = aliased(Account)
    last = session.execute(
        select(col(Admission.is_admitted), col(Admission.decided_by_id), col(decider.name))
        .outerjoin(decider, col(decider.id) == Admission.decided_by_id)
        .where(col(Admission.account_id) == account_id)
        .order_by(col(Admission.decided_at).desc())
        .limit(1)
    ).first()
    if last is not None and last.decided_by_id == viewer.id and last.is_admitted == is_admitted:
        return
    who = last.name if last is not None and last.name else _("Een ander")
    said = (
        _("%(who)s liet deze persoon al toe.")
        if last is None or last.is_admitted
        else _("%(who)s weigerde deze aanvraag al.")
    )
    raise Conflict(said % {"who": who})


def _applicant(row: Any) -> Applicant:
    return Applicant(
        account_id=row.account_id,
        name=row.name,
        email=row.email,
        function=row.function or "",
        organisation_name=row.organisation_name or "",
        municipality_nis=row.municipality_nis,
        region_key=row.region_key,
        motivation=row.motivation,
        applied_at=row.applied_at,
        is_fictional=row.is_fictional,
    )


# ── when an address is confirmed ──


def enter_queue(session: Session, link: Link, now: datetime) -> bool:
    """A confirmed address: in at once when its domain is listed, else into the queue. True when in.

    The account has the status APPLICANT already.
    """
    if enter_by_domain(session, link, now):
        return True
    tell_mentors(
        session,
        Newcomer(link.name, link.function, link.organisation_name, link.municipality_nis, link.region_key),
        now,
    )
    return False


def enter_by_domain(session: Session, link: Link, now: datetime) -> bool:
    """Let an applicant in whose confirmed address is at a listed domain, as a member of that organisation."""
    domain = session.get(OrganisationDomain, link.email.rpartition("@")[2])
    if domain is None or not _leave_queue(session, link.account_id, AccountStatus.MEMBER, now):
        return False
    session.add(Admission(account_id=link.account_id, is_admitted=True, decided_at=now))
    record(session, None, "auth.admit", kind="account", key=link.account_id, domain=domain.domain)
    if link.organisation_id != domain.organisation_id:
        move(session, link.account_id, domain.organisation_id, link.function, now)
    return True


def move(session: Session, account_id: UUID, organisation_id: UUID, function: str, now: datetime) -> None:
    """From now on this person works elsewhere: the old membership ends, a new one begins."""
    session.execute(
        update(Membership)
        .where(col(Membership.account_id) == account_id, col(Membership.ended_at).is_(None))
        .values(ended_at=now)
    )
    session.add(
        Membership(account_id=account_id, organisation_id=organisation_id, function=function, started_at=now)
    )


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a mentor reads in the mail, and what decides which mentors get it."""

    name: str
    function: str
    organisation_name: str
    municipality_nis: str | None
    region_key: str | None


def tell_mentors(session: Session, who: Newcomer, now: datetime) -> None:
    """A mail to every mentor who may decide; to the administrators when there is none."""
    holders = session.execute(
        select(col(Account.email), col(Account.name), col(Account.language), col(RoleGrant.role))
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .where(
            col(Account.status) == AccountStatus.MEMBER,
            or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now),
            or_(
                col(RoleGrant.role) == Role.ADMINISTRATOR,
                (col(RoleGrant.role) == Role.MENTOR)
                & or_(
                    col(RoleGrant.scope_kind) == ScopeKind.ALL,
                    (col(RoleGrant.scope_kind) == ScopeKind.REGION)
                    & (col(RoleGrant.scope_key) == who.region_key),
                    (col(RoleGrant.scope_kind) == ScopeKind.MUNICIPALITY)
                    & (col(RoleGrant.scope_key) == who.municipality_nis),
                ),
            ),
        )
        .order_by(col(Account.email))
    ).all()
    mentors = [h for h in holders if h.role == Role.MENTOR]
    for email, name, language in dict.fromkeys((h.email, h.name, h.language) for h in mentors or holders):
        mail.send(
            session,
            email,
            "auth_applicant",
            language=language,
            name=name,
            applicant=who.name,
            organisation=who.organisation_name,
            function=who.function,
        )
