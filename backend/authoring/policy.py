"""Who writes which module. An author of one module does not know that there is a desk for another."""

from backend.auth.models import Role, ScopeKind, Viewer


def writes_everything(viewer: Viewer) -> bool:
    """Administrators, and authors without a limit. They alone begin a new module."""
    return viewer.has(Role.ADMINISTRATOR) or any(
        grant.scope_kind == ScopeKind.ALL for grant in viewer.grants_of(Role.AUTHOR)
    )


def can_write(viewer: Viewer, course_key: str) -> bool:
    return writes_everything(viewer) or any(
        grant.scope_kind == ScopeKind.COURSE and grant.scope_key == course_key
        for grant in viewer.grants_of(Role.AUTHOR)
    )
