"""Setting a signal aside: until later, or because it is done; and taking that back. Every click may come twice."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Viewer
from backend.mentoring.models import SignalMark
from backend.mentoring.participants import Participant
from backend.mentoring.scope import one_followed
from backend.mentoring.signals import SignalKind


class Until(StrEnum):
    """What a mentor does with a signal. The values are those of the form."""

    TOMORROW = "morgen"
    WEEK = "week"
    DONE = "klaar"


# Done: it comes back when something new happens, and at the latest after this time.
SPANS = {Until.TOMORROW: timedelta(hours=16), Until.WEEK: timedelta(days=7), Until.DONE: timedelta(days=14)}


def set_aside(
    session: Session, viewer: Viewer, account_id: UUID, kind: SignalKind, until: Until, now: datetime
) -> Participant:
    """The last one who set it aside counts. Raises NotFound for who is not followed (any more)."""
    person = one_followed(session, viewer, account_id, now)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"by_id": viewer.id, "is_done": until == Until.DONE, "at": now, "until": now + SPANS[until]}
    session.execute(
        insert(SignalMark)
        .values(account_id=account_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["account_id", "kind"], set_=values)
    )
    record(
        session, viewer.id, "mentoring.set_aside", kind="account", key=account_id, signal=kind, until=until
    )
    return person


def take_back(
    session: Session, viewer: Viewer, account_id: UUID, kind: SignalKind, now: datetime
) -> Participant:
    """As if it had not been set aside. Twice is once."""
    person = one_followed(session, viewer, account_id, now)
    gone = session.execute(
        delete(SignalMark).where(col(SignalMark.account_id) == account_id, col(SignalMark.kind) == kind)
    )
    if gone.rowcount:  # type: ignore[attr-defined]
        record(session, viewer.id, "mentoring.taken_back", kind="account", key=account_id, signal=kind)
    return person
