"""When a signal is given: as usual, as the network set it, or as one mentor set it for themself."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Role, Viewer
from backend.errors import Forbidden
from backend.language import gettext as _
from backend.mentoring.models import SignalRule
from backend.mentoring.signals import USUAL, Rule, Rules, SignalKind

NETWORK = ""
MOST_DAYS = 180
MOST_TIMES = 20


def rules_of(session: Session, mentor_id: UUID | None) -> Rules:
    """What holds for this mentor (None: for whom set nothing). One query."""
    owners = [NETWORK, str(mentor_id)] if mentor_id else [NETWORK]
    rows = session.scalars(select(SignalRule).where(col(SignalRule.owner).in_(owners)))
    return with_rules((row.owner, rule_of(row.kind, row.days, row.times, is_on=row.is_on)) for row in rows)


def rule_of(kind: str, days: int, times: int, *, is_on: bool) -> Rule:
    return Rule(SignalKind(kind), days, times, is_on)


def with_rules(rows: Iterable[tuple[str, Rule]]) -> Rules:
    """The usual rules, over them those of the network, over them a mentor's own. `rows` have their owner."""
    return dict(USUAL) | {rule.kind: rule for _owner, rule in sorted(rows, key=lambda row: row[0])}


def may_set_for_all(viewer: Viewer) -> bool:
    return viewer.has(Role.ADMINISTRATOR)


def set_rules(session: Session, viewer: Viewer, rules: Iterable[Rule], *, for_all: bool) -> None:
    """Only what differs from what would hold anyway is kept. The same twice is once."""
    if for_all and not may_set_for_all(viewer):
        raise Forbidden(_("Alleen een beheerder stelt de regels voor het hele netwerk in."))
    owner = NETWORK if for_all else str(viewer.id)
    below = USUAL if for_all else rules_of(session, None)
    session.execute(delete(SignalRule).where(col(SignalRule.owner) == owner))
    changed = [rule for rule in rules if rule != below[rule.kind]]
    session.add_all(
        SignalRule(owner=owner, kind=rule.kind, is_on=rule.is_on, days=rule.days, times=rule.times)
        for rule in changed
    )
    record(
        session,
        viewer.id,
        "mentoring.rules",
        kind="rules",
        key=owner,
        changed=[rule.kind for rule in changed],
    )
