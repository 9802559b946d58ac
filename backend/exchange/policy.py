"""Who writes, reviews and takes over a practice card."""

from backend.auth.models import Role, ScopeKind, Viewer
from backend.exchange.models import CardStatus, PracticeCard


def is_reviewer(viewer: Viewer) -> bool:
    return viewer.has(Role.MENTOR, Role.ADMINISTRATOR)


def follows(viewer: Viewer, nis_code: str, region_key: str) -> bool:
    """Whether one's role reaches this municipality."""
    if viewer.has(Role.ADMINISTRATOR):
        return True
    reached = {(ScopeKind.ALL, ""), (ScopeKind.REGION, region_key), (ScopeKind.MUNICIPALITY, nis_code)}
    return any(
        grant.scope_kind == ScopeKind.ALL or (grant.scope_kind, grant.scope_key) in reached
        for grant in viewer.grants_of(Role.MENTOR)
    )


def can_review(viewer: Viewer, card: PracticeCard, nis_code: str, region_key: str) -> bool:
    """Never one's own."""
    return card.author_id != viewer.id and follows(viewer, nis_code, region_key)


def can_edit(viewer: Viewer, card: PracticeCard) -> bool:
    return card.author_id == viewer.id


def can_see(viewer: Viewer, card: PracticeCard, nis_code: str, region_key: str) -> bool:
    """A draft is its author's; one in review also for who reviews it; a published one for members."""
    if card.status == CardStatus.PUBLISHED or can_edit(viewer, card):
        return viewer.is_member
    return card.status == CardStatus.REVIEW and can_review(viewer, card, nis_code, region_key)


def can_adopt(viewer: Viewer, card: PracticeCard) -> bool:
    return (
        card.status == CardStatus.PUBLISHED
        and viewer.municipality_nis is not None
        and viewer.organisation_id != card.organisation_id
    )
