"""Named groups of participants, and handing a group or one person over to another mentor, with the reason."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, true, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth.models import Account, AccountStatus, Role, RoleGrant, Substitution, Viewer
from backend.auth.scope import Scope, scope_of
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.mentoring.models import Cohort, CohortMember, Handover
from backend.mentoring.scope import followed, one_followed

MOST_MEMBERS = 500
LONGEST_SUBSTITUTION = timedelta(days=183)


@dataclass(slots=True)
class Group:
    id: UUID
    name: str
    by_id: UUID
    members: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-over that still holds, or a substitution: what, by whom, to whom, why, until when."""

    id: UUID
    what: str
    giver: str
    receiver: str
    reason: str
    at: datetime
    until: datetime | None = None


def _mine(scope: Scope, viewer: Viewer) -> ColumnElement[bool]:
    """Made by the viewer or those they stand in for, or handed to them; an administrator has all."""
    if viewer.has(Role.ADMINISTRATOR):
        return true()
    if not scope.mentors:
        return false()
    handed = select(col(Handover.cohort_id)).where(
        col(Handover.to_id).in_(scope.mentors),
        col(Handover.ended_at).is_(None),
        col(Handover.cohort_id).is_not(None),
    )
    return or_(col(Cohort.by_id).in_(scope.mentors), col(Cohort.id).in_(handed))


def to_choose(session: Session, viewer: Viewer, scope: Scope) -> dict[str, Group]:
    """The viewer's groups by id, in the order of their names. One query."""
    rows = session.execute(
        select(col(Cohort.id), col(Cohort.name), col(Cohort.by_id), col(CohortMember.account_id))
        .outerjoin(CohortMember, col(CohortMember.cohort_id) == Cohort.id)
        .where(_mine(scope, viewer))
        .order_by(col(Cohort.name), col(Cohort.id))
    )
    found: dict[str, Group] = {}
    for row in rows:
        group = found.setdefault(str(row.id), Group(row.id, row.name, row.by_id))
        if row.account_id is not None:
            group.members.add(row.account_id)
    return found


def group_of(session: Session, viewer: Viewer, cohort_id: UUID) -> Group:
    group = to_choose(session, viewer, scope_of(viewer)).get(str(cohort_id))
    if group is None:
        raise NotFound(_("Deze groep bestaat niet, of is niet van jou."))
    return group


def _submission(viewer: Viewer, form_id: str) -> str:
    return hashlib.sha256(f"{viewer.id} {form_id}".encode()).hexdigest()


def _sent_before(session: Session, table: Any, submission: str) -> bool:
    return session.scalar(select(table.id).where(table.submission == submission)) is not None


def make(session: Session, viewer: Viewer, name: str, form_id: str, now: datetime) -> UUID:
    """A new, empty group. The same form twice is one group."""
    submission = _submission(viewer, form_id)
    known = session.scalar(select(col(Cohort.id)).where(col(Cohort.submission) == submission))
    if known is not None:
        return known
    cohort = Cohort(name=name, by_id=viewer.id, made_at=now, submission=submission)
    session.add(cohort)
    session.flush()
    record(session, viewer.id, "mentoring.group_made", kind="cohort", key=cohort.id)
    return cohort.id


def set_members(
    session: Session, viewer: Viewer, cohort_id: UUID, members: Collection[UUID], now: datetime
) -> None:
    """Exactly these of the people whom the viewer follows; others of the group stay in it. Twice is once.

    Raises NotFound when one of them is not followed (any more).
    """
    group = group_of(session, viewer, cohort_id)
    reachable = set(followed(session, viewer, now=now))
    if set(members) - reachable:
        raise NotFound(_("Deze deelnemer bestaat niet, of hoort niet bij de gemeenten die je begeleidt."))
    if len(members) > MOST_MEMBERS:
        raise Conflict(_("Een groep telt hoogstens %(n)d deelnemers. Maak er twee.") % {"n": MOST_MEMBERS})
    leaving = (group.members & reachable) - set(members)
    session.execute(
        delete(CohortMember).where(
            col(CohortMember.cohort_id) == cohort_id, col(CohortMember.account_id).in_(leaving)
        )
    )
    coming = set(members) - group.members
    session.add_all(CohortMember(cohort_id=cohort_id, account_id=each, added_at=now) for each in coming)
    if leaving or coming:
        record(
            session, viewer.id, "mentoring.group_changed", kind="cohort", key=cohort_id,
            added=len(coming), removed=len(leaving),
        )  # fmt: skip


def rename(session: Session, viewer: Viewer, cohort_id: UUID, name: str) -> None:
    group_of(session, viewer, cohort_id)
    session.execute(update(Cohort).where(col(Cohort.id) == cohort_id).values(name=name))


# ── handing over ──


def mentors(session: Session, viewer: Viewer, now: datetime) -> list[tuple[str, str]]:
    """Whom one can hand over to: everybody else who is a mentor now, as (id, name). One query."""
    rows = session.execute(
        select(col(Account.id), col(Account.name))
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .where(
            col(Account.status) == AccountStatus.MEMBER,
            col(Account.id) != viewer.id,
            col(RoleGrant.role) == Role.MENTOR,
            or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now),
        )
        .distinct()
        .order_by(col(Account.name), col(Account.id))
    )
    return [(str(row.id), row.name) for row in rows]


def _mentor(session: Session, viewer: Viewer, mentor_id: str, now: datetime) -> Account:
    if mentor_id not in dict(mentors(session, viewer, now)):
        raise NotFound(_("Deze mentor bestaat niet, of is geen mentor meer. Kies een andere."))
    return session.get_one(Account, UUID(mentor_id))


def hand_over_person(
    session: Session, viewer: Viewer, account_id: UUID, to: str, reason: str, form_id: str, now: datetime
) -> str:
    """From now on another mentor follows this person, the viewer no longer. Gives the name of that mentor."""
    submission = _submission(viewer, form_id)
    receiver = _mentor(session, viewer, to, now)
    if not _sent_before(session, Handover, submission):
        person = one_followed(session, viewer, account_id, now)
        _close(session, col(Handover.account_id) == account_id, viewer, now)
        _hand(session, viewer, receiver, Handover(
            account_id=account_id, from_id=viewer.id, to_id=receiver.id, reason=reason, at=now, submission=submission,
        ), person.name)  # fmt: skip
    return receiver.name


def hand_over_group(
    session: Session, viewer: Viewer, cohort_id: UUID, to: str, reason: str, form_id: str, now: datetime
) -> str:
    """The same for the members of a group whom the viewer follows: nobody passes on more than they have."""
    submission = _submission(viewer, form_id)
    receiver = _mentor(session, viewer, to, now)
    if not _sent_before(session, Handover, submission):
        group = group_of(session, viewer, cohort_id)
        if group.members - set(followed(session, viewer, now=now)):
            raise Conflict(
                _(
                    "In deze groep zit iemand die je niet meer begeleidt. Pas de groep aan, en draag ze dan over."
                )
            )
        _close(session, col(Handover.cohort_id) == cohort_id, viewer, now)
        _hand(session, viewer, receiver, Handover(
            cohort_id=cohort_id, from_id=viewer.id, to_id=receiver.id, reason=reason, at=now, submission=submission,
        ), group.name)  # fmt: skip
    return receiver.name


def _close(session: Session, which: ColumnElement[bool], viewer: Viewer, now: datetime) -> None:
    """What the viewer had handed over before, to somebody else, ends: one at a time."""
    session.execute(
        update(Handover)
        .where(which, col(Handover.from_id) == viewer.id, col(Handover.ended_at).is_(None))
        .values(ended_at=now)
    )


def _hand(session: Session, viewer: Viewer, receiver: Account, handover: Handover, what: str) -> None:
    session.add(handover)
    kind, key = ("account", handover.account_id) if handover.account_id else ("cohort", handover.cohort_id)
    record(session, viewer.id, "mentoring.handed_over", kind=kind, key=key, to=str(receiver.id))
    mail.send(
        session, receiver.email, "mentoring_handed", language=receiver.language, name=receiver.name,
        by=viewer.name, what=what, reason=handover.reason,
    )  # fmt: skip


def give_back(session: Session, viewer: Viewer, handover_id: UUID, now: datetime) -> None:
    """Giver or receiver ends a hand-over. Twice is once."""
    row = session.get(Handover, handover_id)
    sides = scope_of(viewer).mentors or (viewer.id,)
    if row is None or not ({row.from_id, row.to_id} & set(sides) or viewer.has(Role.ADMINISTRATOR)):
        raise NotFound(_("Deze overdracht bestaat niet, of is niet van jou."))
    if row.ended_at is None:
        row.ended_at = now
        record(session, viewer.id, "mentoring.given_back", kind="handover", key=handover_id)


def handed(session: Session, viewer: Viewer) -> list[Handed]:
    """What holds now and concerns the viewer, the newest first. One query."""
    giver, receiver, person = aliased(Account), aliased(Account), aliased(Account)
    sides = scope_of(viewer).mentors or (viewer.id,)
    rows = session.execute(
        select(
            Handover, col(giver.name).label("giver"), col(receiver.name).label("receiver"),
            col(person.name).label("person"), col(Cohort.name).label("cohort"),
        )
        .join(giver, col(giver.id) == Handover.from_id)
        .join(receiver, col(receiver.id) == Handover.to_id)
        .outerjoin(person, col(person.id) == Handover.account_id)
        .outerjoin(Cohort, col(Cohort.id) == Handover.cohort_id)
        .where(
            col(Handover.ended_at).is_(None),
            true()
            if viewer.has(Role.ADMINISTRATOR)
            else or_(col(Handover.from_id).in_(sides), col(Handover.to_id).in_(sides)),
        )
        .order_by(col(Handover.at).desc())
    )  # fmt: skip
    return [
        Handed(
            r.Handover.id, r.person or r.cohort or "", r.giver, r.receiver, r.Handover.reason, r.Handover.at
        )
        for r in rows
    ]


# ── standing in ──


def substitute(
    session: Session, viewer: Viewer, to: str, reason: str, until: datetime, form_id: str, now: datetime
) -> str:
    """Another mentor follows and decides in the viewer's place, until that moment. The same form twice is once."""
    submission = _submission(viewer, form_id)
    receiver = _mentor(session, viewer, to, now)
    if not now < until <= now + LONGEST_SUBSTITUTION:
        raise Conflict(_("Kies een einddatum binnen het half jaar."))
    if not _sent_before(session, Substitution, submission):
        session.add(
            Substitution(
                mentor_id=viewer.id, substitute_id=receiver.id, reason=reason, starts_at=now, ends_at=until,
                submission=submission,
            )
        )  # fmt: skip
        record(
            session,
            viewer.id,
            "mentoring.substitute",
            kind="account",
            key=receiver.id,
            until=until.isoformat(),
        )
        mail.send(
            session, receiver.email, "mentoring_substitute", language=receiver.language, name=receiver.name,
            by=viewer.name, until=until, reason=reason,
        )  # fmt: skip
    return receiver.name


def end_substitution(session: Session, viewer: Viewer, substitution_id: UUID, now: datetime) -> None:
    """Either side ends it early. Twice is once."""
    row = session.get(Substitution, substitution_id)
    if row is None or viewer.id not in (row.mentor_id, row.substitute_id):
        raise NotFound(_("Deze vervanging bestaat niet, of is niet van jou."))
    if row.ends_at > now:
        row.ends_at = now
        record(session, viewer.id, "mentoring.substitute_ended", kind="substitution", key=substitution_id)


def substitutions(session: Session, viewer: Viewer, now: datetime) -> Sequence[Handed]:
    """Those of the viewer that still hold. One query."""
    mentor, other = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Substitution, col(mentor.name).label("mentor"), col(other.name).label("other"))
        .join(mentor, col(mentor.id) == Substitution.mentor_id)
        .join(other, col(other.id) == Substitution.substitute_id)
        .where(
            and_(
                or_(col(Substitution.mentor_id) == viewer.id, col(Substitution.substitute_id) == viewer.id),
                col(Substitution.ends_at) > now,
            )
        )
        .order_by(col(Substitution.ends_at))
    )
    return [
        Handed(r.Substitution.id, "", r.mentor, r.other, r.Substitution.reason, r.Substitution.starts_at, r.Substitution.ends_at)
        for r in rows
    ]  # fmt: skip
