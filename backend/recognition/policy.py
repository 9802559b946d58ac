"""Who may do what with a certificate."""

from backend.auth.models import Role, Viewer
from backend.recognition.models import Certificate


def owns(viewer: Viewer | None, certificate: Certificate) -> bool:
    return viewer is not None and viewer.id == certificate.account_id


def can_revoke(viewer: Viewer | None) -> bool:
    return viewer is not None and viewer.has(Role.ADMINISTRATOR)
