"""Locks and counters. Everything that touches places of a day first locks its row, then counts day before workshops.

PostgreSQL locks by FOR NO KEY UPDATE; on SQLite every writing transaction begins IMMEDIATE. So all that happens at one day
happens in a row, and nobody can deadlock: who needs two days locks them in the order of their ids.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from backend.errors import NotFound
from backend.events.models import ActionDay, DayStatus, Workshop
from backend.language import gettext as _


def lock(session: Session, slug: str) -> ActionDay:
    """The day as it is now; nobody else changes it until this transaction ends. Drafts do not exist."""
    (day,) = _locked(session, col(ActionDay.slug) == slug) or (None,)
    if day is None or day.status == DayStatus.DRAFT:
        raise NotFound(_("Deze actiedag bestaat niet, of niet meer."))
    return day


def lock_each(session: Session, *ids: UUID) -> list[ActionDay]:
    """Several days, always in the same order."""
    return list(_locked(session, col(ActionDay.id).in_(ids)))


def count(session: Session, place: ActionDay | Workshop, *, taken: int = 0, waiting: int = 0) -> bool:
    """So many places more (or fewer) taken, and people more (or fewer) waiting, in one statement.

    False, and nothing is counted, when there are not that many places. The only function that changes these counters.
    """
    table = type(place)
    counting = update(table).where(col(table.id) == place.id)
    if taken > 0:
        counting = counting.where(col(table.taken) + taken <= col(table.capacity))
    row = session.execute(
        counting.values(
            taken=col(table.taken) + taken, waiting_count=col(table.waiting_count) + waiting
        ).returning(col(table.taken), col(table.waiting_count)),
        execution_options={"synchronize_session": False},
    ).first()
    if row is None:
        return False
    set_committed_value(place, "taken", row.taken)
    set_committed_value(place, "waiting_count", row.waiting_count)
    return True


def _locked(session: Session, which: ColumnElement[bool]) -> Sequence[ActionDay]:
    return session.scalars(
        select(ActionDay)
        .where(which)
        .order_by(col(ActionDay.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
