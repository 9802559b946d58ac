"""Whom a mentor may follow; an administrator follows everyone."""

from dataclasses import dataclass

from backend.auth.models import Role, ScopeKind, Viewer


@dataclass(frozen=True, slots=True)
class Scope:
    """The people someone follows: everyone, or those of these regions, municipalities and editions together."""

    everyone: bool
    regions: tuple[str, ...]
    municipalities: tuple[str, ...]
    editions: tuple[str, ...]  # whoever registered for a day of that edition


def scope_of(viewer: Viewer) -> Scope:
    """What the roles that hold now add up to; without such a role it is empty."""
    grants = viewer.grants_of(Role.MENTOR)

    def keys(kind: ScopeKind) -> tuple[str, ...]:
        return tuple(sorted({grant.scope_key for grant in grants if grant.scope_kind == kind}))

    return Scope(
        everyone=viewer.has(Role.ADMINISTRATOR) or any(grant.scope_kind == ScopeKind.ALL for grant in grants),
        regions=keys(ScopeKind.REGION),
        municipalities=keys(ScopeKind.MUNICIPALITY),
        editions=keys(ScopeKind.EDITION),
    )
