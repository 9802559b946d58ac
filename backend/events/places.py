"""Locks and counters. Everything that touches places of a day first locks its row, then counts day before workshops.

PostgreSQL locks by FOR NO KEY UPDATE; on SQLite every writing transaction begins IMMEDIATE. So all that happens at one day
happens in a row, and nobody can deadlock: who needs two days locks them in the order of their ids.
"""

from uuid import UUID

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session, SQLModel, col

from backend.errors import NotFound
from backend.events.models import ActionDay, DayStatus, Workshop
from backend.language import gettext as _

# Written once: these run in every registration.
_LOCKING = (
    select(ActionDay)
    .order_by(col(ActionDay.id))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_BY_SLUG = _LOCKING.where(col(ActionDay.slug) == bindparam("slug"))


def _counting(table: Table) -> dict[bool, ReturningUpdate[tuple[int, int]]]:
    """By whether places are taken: then only as long as there are so many."""
    taken, waiting = (
        table.c.taken + bindparam("more_taken"),
        table.c.waiting_count + bindparam("more_waiting"),
    )
    counting = update(table).where(table.c.id == bindparam("place_id"))
    counting = counting.values(taken=taken, waiting_count=waiting)
    guarded = counting.where(table.c.taken + bindparam("more_taken") <= table.c.capacity)
    return {
        False: counting.returning(table.c.taken, table.c.waiting_count),
        True: guarded.returning(table.c.taken, table.c.waiting_count),
    }


_TABLES = SQLModel.metadata.tables
_COUNTING = {ActionDay: _counting(_TABLES["action_day"]), Workshop: _counting(_TABLES["workshop"])}


def lock(session: Session, slug: str) -> ActionDay:
    """The day as it is now; nobody else changes it until this transaction ends. Drafts do not exist."""
    day = session.scalars(_BY_SLUG, {"slug": slug}).one_or_none()
    if day is None or day.status == DayStatus.DRAFT:
        raise NotFound(_("Deze actiedag bestaat niet, of niet meer."))
    return day


def lock_each(session: Session, *ids: UUID) -> list[ActionDay]:
    """Several days, always in the same order."""
    return list(session.scalars(_LOCKING.where(col(ActionDay.id).in_(ids))))


def count(session: Session, place: ActionDay | Workshop, *, taken: int = 0, waiting: int = 0) -> bool:
    """So many places more (or fewer) taken, and people more (or fewer) waiting, in one statement.

    False, and nothing is counted, when there are not that many places. The only function that changes these counters.
    """
    row = session.execute(
        _COUNTING[type(place)][taken > 0],
        {"place_id": place.id, "more_taken": taken, "more_waiting": waiting},
    ).first()
    if row is None:
        return False
    set_committed_value(place, "taken", row.taken)
    set_committed_value(place, "waiting_count", row.waiting_count)
    return True
