"""Days that are a series: who has a place on one may move to another, and being on one can count in a module."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Viewer
from backend.db import rel
from backend.events import organising, places, policy
from backend.events.models import ActionDay, DayStatus

LOOKS_BACK = timedelta(days=365)


def candidates(session: Session, viewer: Viewer, day: ActionDay, now: datetime) -> Sequence[ActionDay]:
    """The other days that this person organises and that can be of one series with this day: recent ones, and members."""
    others = (
        select(ActionDay)
        .where(
            col(ActionDay.id) != day.id,
            col(ActionDay.status) != DayStatus.CANCELLED,
            or_(
                col(ActionDay.ends_at) > now - LOOKS_BACK,
                (col(ActionDay.series) == day.series) & (col(ActionDay.series) != ""),
            ),
        )
        .options(joinedload(rel(ActionDay.regions)))
        .order_by(col(ActionDay.starts_at), col(ActionDay.id))
    )
    return [
        each for each in session.scalars(others).unique() if policy.may_organise(viewer, each.region_keys)
    ]


def names(session: Session, viewer: Viewer) -> list[str]:
    """The series there are among the days of this person: to choose from instead of typing."""
    days = session.scalars(
        select(ActionDay).where(col(ActionDay.series) != "").options(joinedload(rel(ActionDay.regions)))
    ).unique()
    return sorted({day.series for day in days if policy.may_organise(viewer, day.region_keys)})


def save(
    session: Session, viewer: Viewer, slug: str, name: str, was: Collection[UUID], ticked: Collection[UUID]
) -> int:
    """Give the day and those that are ticked this name; "" is no series. Gives how many days changed.

    `was`: what was ticked when the page was opened. Only what somebody ticked or unticked since changes, and what already was
    of the series keeps up with its name: a day that a colleague added meanwhile stays.
    """
    day = organising.find(session, viewer, slug)
    left = set(was) - set(ticked)
    wanted = {day.id: name} | dict.fromkeys(ticked, name) | dict.fromkeys(left, "")
    changed = 0
    for each in places.lock_each(session, *wanted):
        if each.series != wanted[each.id] and organising.may(session, viewer, each.id):
            each.series = wanted[each.id]
            record(session, viewer.id, "events.change", kind="action_day", key=each.slug, fields=["series"])
            changed += 1
    session.flush()
    return changed
