"""Named groups of participants: a way to choose among those one follows."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, false, or_, select, true, update
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Role, Viewer
from backend.auth.scope import Scope, scope_of
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.mentoring.models import Cohort, CohortMember, Handover
from backend.mentoring.scope import followed

MOST_MEMBERS = 500


@dataclass(slots=True)
class Group:
    id: UUID
    name: str
    by_id: UUID
    members: set[UUID] = field(default_factory=set)


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


def submission_of(viewer: Viewer, form_id: str) -> str:
    return hashlib.sha256(f"{viewer.id} {form_id}".encode()).hexdigest()


def make(session: Session, viewer: Viewer, name: str, form_id: str, now: datetime) -> UUID:
    """A new, empty group. The same form twice is one group."""
    submission = submission_of(viewer, form_id)
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
    # From two tabs: one after the other.
    session.execute(select(col(Cohort.id)).where(col(Cohort.id) == cohort_id).with_for_update(key_share=True))
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
