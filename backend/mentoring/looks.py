"""Who looked at somebody's data, for that person: what the log says about them, and who follows them now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Session, col

from backend.audit.models import AuditEntry
from backend.auth.models import Account, AccountStatus, Role, RoleGrant, ScopeKind, Substitution, Viewer
from backend.language import ZONE
from backend.mentoring.models import CohortMember, Handover

VIEWED = "mentoring.viewed"
EXPORTED = "mentoring.exported_person"
HANDED = "mentoring.handed_over"
SHOWN = (VIEWED, EXPORTED, HANDED, "mentoring.nudged", "mentoring.allowed")
KEPT = timedelta(days=365)
MOST = 500


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody did with one's data on a day, and how often. `by` is "" when they are gone."""

    on: date
    at: datetime  # the last time that day
    by: str
    what: str  # the action in the log
    times: int


@dataclass(frozen=True, slots=True)
class Mentor:
    """Somebody who follows one now; `instead_of` for a substitute."""

    name: str
    instead_of: str = ""
    was_handed: bool = False


def looks_at(session: Session, person: UUID, now: datetime) -> list[Look]:
    """Of the last year, the newest first, a line a day, person and thing. One query."""
    rows = session.execute(
        select(col(AuditEntry.at), col(AuditEntry.action), col(AuditEntry.actor_id), col(Account.name))
        .outerjoin(Account, col(Account.id) == AuditEntry.actor_id)
        .where(
            col(AuditEntry.object_id) == str(person),
            col(AuditEntry.object_kind) == "account",
            col(AuditEntry.action).in_(SHOWN),
            col(AuditEntry.at) > now - KEPT,
        )
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(MOST)
    )
    found: dict[tuple[date, UUID | None, str], Look] = {}
    for row in rows:
        day = row.at.astimezone(ZONE).date()
        key = (day, row.actor_id, row.action)
        seen = found.get(key)
        found[key] = Look(
            day, seen.at if seen else row.at, row.name or "", row.action, seen.times + 1 if seen else 1
        )
    return list(found.values())


def mentors_of(session: Session, viewer: Viewer, now: datetime) -> list[Mentor]:
    """Who follows this member: by place, because they were handed over, or in somebody's place. Three queries."""
    holders = session.execute(
        select(col(Account.id), col(Account.name))
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .where(
            col(Account.status) == AccountStatus.MEMBER,
            col(RoleGrant.role) == Role.MENTOR,
            col(RoleGrant.ends_at).is_(None) | (col(RoleGrant.ends_at) > now),
            (col(RoleGrant.scope_kind) == ScopeKind.ALL)
            | (
                (col(RoleGrant.scope_kind) == ScopeKind.REGION)
                & (col(RoleGrant.scope_key) == viewer.region_key)
            )
            | (
                (col(RoleGrant.scope_kind) == ScopeKind.MUNICIPALITY)
                & (col(RoleGrant.scope_key) == viewer.municipality_nis)
            ),
        )
        .order_by(col(Account.name))
    ).all()
    groups = select(col(CohortMember.cohort_id)).where(col(CohortMember.account_id) == viewer.id)
    handed = session.execute(
        select(col(Account.id), col(Account.name), col(Handover.from_id))
        .join(Account, col(Account.id) == Handover.to_id)
        .where(
            col(Handover.ended_at).is_(None),
            (col(Handover.account_id) == viewer.id) | col(Handover.cohort_id).in_(groups),
        )
        .order_by(col(Account.name))
    ).all()
    givers, receivers = {row.from_id for row in handed}, {row.id: row.name for row in handed}
    found = {row.id: Mentor(row.name) for row in holders if row.id not in givers or row.id in receivers}
    found |= {key: Mentor(name, was_handed=True) for key, name in receivers.items() if key not in givers}
    stand_ins = session.execute(
        select(col(Account.name), col(Substitution.mentor_id))
        .join(Account, col(Account.id) == Substitution.substitute_id)
        .where(
            col(Substitution.mentor_id).in_(list(found)),
            col(Substitution.starts_at) <= now,
            col(Substitution.ends_at) > now,
            col(Account.status) == AccountStatus.MEMBER,
        )
    )
    return [*found.values(), *(Mentor(row.name, found[row.mentor_id].name) for row in stand_ins)]


def exported(session: Session, viewer: Viewer, people: list[UUID], now: datetime) -> None:
    """A line in the log for everyone who stood in a file that was saved. One statement."""
    if people:
        session.execute(
            insert(AuditEntry),
            [
                {"at": now, "actor_id": viewer.id, "action": EXPORTED, "object_kind": "account", "object_id": str(each),
                 "detail": {}}
                for each in people
            ],
        )  # fmt: skip
