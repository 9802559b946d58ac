"""Who writes which module. An author of one module does not know that there is a desk for another."""

from backend.auth.models import Role, ScopeKind, Viewer


def writes_everything(viewer: Viewer) -> bool:
    """Administrators, and authors without a limit. They alone begin a new module."""
    return viewer.has(Role.ADMINISTRATOR) or any(
        grant.scope_kind == ScopeKind.ALL for grant in viewer.grants_of(Role.AUTHOR)
    )


def can_write(viewer: Viewer, course_key: str) -> bool:
    return writes_everything(viewer) or course_key in course_keys(viewer)


def course_keys(viewer: Viewer) -> list[str]:
    """The modules whose author somebody is; who writes everything need not be named for any."""
    return sorted(
        {grant.scope_key for grant in viewer.grants_of(Role.AUTHOR) if grant.scope_kind == ScopeKind.COURSE}
    )
