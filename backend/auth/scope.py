"""Whose affairs a mentor may see and decide: one scope, for who asks for an account and for who learns."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.auth.models import Role, ScopeKind, Viewer
from backend.network.models import Municipality


@dataclass(frozen=True, slots=True)
class Scope:
    """Everyone, or the people of these regions, municipalities and editions together, and what was handed to these mentors."""

    everyone: bool
    regions: tuple[str, ...]
    municipalities: tuple[str, ...]
    editions: tuple[str, ...]  # whoever registered for a day of that edition
    mentors: tuple[UUID, ...] = ()  # the viewer, and for whom they stand in; nobody for an administrator


def scope_of(viewer: Viewer) -> Scope:
    """What the roles that hold now add up to; without such a role it is empty."""
    grants = viewer.grants_of(Role.MENTOR)
    is_administrator = viewer.has(Role.ADMINISTRATOR)

    def keys(kind: ScopeKind) -> tuple[str, ...]:
        return tuple(sorted({grant.scope_key for grant in grants if grant.scope_kind == kind}))

    return Scope(
        everyone=is_administrator or any(grant.scope_kind == ScopeKind.ALL for grant in grants),
        regions=keys(ScopeKind.REGION),
        municipalities=keys(ScopeKind.MUNICIPALITY),
        editions=keys(ScopeKind.EDITION),
        mentors=()
        if is_administrator
        else tuple(sorted({grant.instead_of or viewer.id for grant in grants})),
    )


def in_places(scope: Scope) -> ColumnElement[bool]:
    """A condition on Municipality, which the statement joined: the places of the scope.

    A municipality that merged stays followed: who follows the old one follows the new one, and the other way round.
    """
    if scope.everyone:
        return true()
    conditions: list[ColumnElement[bool]] = []
    if scope.regions:
        conditions.append(col(Municipality.region_key).in_(scope.regions))
    if scope.municipalities:
        old = aliased(Municipality)
        merged = select(col(old.merged_into_nis)).where(
            col(old.nis_code).in_(scope.municipalities), col(old.merged_into_nis).is_not(None)
        )
        conditions += [
            col(Municipality.nis_code).in_(scope.municipalities),
            col(Municipality.merged_into_nis).in_(scope.municipalities),
            col(Municipality.nis_code).in_(merged),
        ]
    return or_(*conditions) if conditions else false()
