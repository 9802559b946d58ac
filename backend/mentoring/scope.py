"""Whom a mentor follows now: by their roles, as a substitute, and by what was handed over. Anyone else does not exist."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from backend.auth.models import Account, Viewer
from backend.auth.scope import scope_of
from backend.db import now as this_moment
from backend.errors import NotFound
from backend.language import gettext as _
from backend.mentoring.participants import Participant, people_in


def followed(
    session: Session, mentor: Viewer, *also: ColumnElement[bool], now: datetime | None = None
) -> dict[UUID, Participant]:
    """Everyone this mentor follows (of whom `also` holds), by id, without progress. One query."""
    return people_in(session, scope_of(mentor), now or this_moment(), *also)


def one_followed(session: Session, mentor: Viewer, account_id: UUID, now: datetime) -> Participant:
    """One person. Raises NotFound for who is not followed (any more)."""
    found = followed(session, mentor, col(Account.id) == account_id, now=now)
    if account_id not in found:
        raise NotFound(_("Deze deelnemer bestaat niet, of hoort niet bij de gemeenten die je begeleidt."))
    return found[account_id]
