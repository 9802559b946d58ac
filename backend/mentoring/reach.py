"""What was handed over, as selects of ids: of people to these mentors or by them to others; and of one person, of mentors."""

from collections.abc import Collection
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlmodel import col

from backend.auth.models import Account, AccountStatus, Role, RoleGrant
from backend.db import now
from backend.mentoring.models import CohortMember, Handover

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def handed_to(mentors: Collection[UUID]) -> AnySelect:
    return _people(col(Handover.to_id).in_(mentors))


def handed_on_by(mentors: Collection[UUID]) -> AnySelect:
    """As long as whoever took them over is still a mentor: else they come back."""
    return _people(
        col(Handover.from_id).in_(mentors)
        & col(Handover.to_id).not_in(mentors)
        & col(Handover.to_id).in_(who_follow_still())
    )


def took_over(person: UUID) -> AnySelect:
    """The mentors to whom this person was handed over."""
    return select(col(Handover.to_id)).where(_about(person))


def gave_away(person: UUID) -> AnySelect:
    """The mentors who handed this person over, and do not follow them now."""
    return select(col(Handover.from_id)).where(
        _about(person),
        col(Handover.from_id) != Handover.to_id,
        col(Handover.to_id).in_(who_follow_still()),
    )


def _about(person: UUID) -> ColumnElement[bool]:
    groups = select(col(CohortMember.cohort_id)).where(col(CohortMember.account_id) == person)
    return and_(
        col(Handover.ended_at).is_(None),
        or_(col(Handover.account_id) == person, col(Handover.cohort_id).in_(groups)),
    )


def who_follow_still() -> AnySelect:
    return (
        select(col(RoleGrant.account_id))
        .join(Account, col(Account.id) == RoleGrant.account_id)
        .where(
            col(RoleGrant.role).in_((Role.MENTOR, Role.ADMINISTRATOR)),
            or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now()),
            col(Account.status) == AccountStatus.MEMBER,
        )
    )


def _people(which: ColumnElement[bool]) -> AnySelect:
    """One by one, and the members of groups."""
    one_by_one: AnySelect = select(col(Handover.account_id).label("id")).where(
        which, col(Handover.ended_at).is_(None), col(Handover.account_id).is_not(None)
    )
    in_groups: AnySelect = (
        select(col(CohortMember.account_id).label("id"))
        .join(Handover, col(Handover.cohort_id) == CohortMember.cohort_id)
        .where(which, col(Handover.ended_at).is_(None))
    )
    both = one_by_one.union(in_groups).subquery()
    return select(both.c.id)
