"""Who may let in whom."""

from backend.auth.models import Role, ScopeKind, Viewer


def may_admit(viewer: Viewer, *, municipality_nis: str | None, region_key: str | None) -> bool:
    """A mentor for applicants of the mentor's municipalities and regions; one for all, and administrators, for everybody.

    Applicants of another organisation have no municipality: only those who see all may decide.
    """
    if viewer.has(Role.ADMINISTRATOR):
        return True
    return any(
        grant.scope_kind == ScopeKind.ALL
        or (grant.scope_kind == ScopeKind.REGION and grant.scope_key == region_key)
        or (grant.scope_kind == ScopeKind.MUNICIPALITY and grant.scope_key == municipality_nis)
        for grant in viewer.grants_of(Role.MENTOR)
    )
