"""Write to the log, in the transaction of what it tells about."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from backend.audit.models import AuditEntry
from backend.db import now


def record(
    session: Session, actor_id: UUID | None, action: str, *, kind: str = "", key: object = "", **detail: Any
) -> None:
    session.add(
        AuditEntry(
            at=now(), actor_id=actor_id, action=action, object_kind=kind, object_id=str(key), detail=detail
        )
    )


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    """What this person did, and what others did to or saw of them: without who the others are.

    There is no erase(): the log holds ids only, and those lead nowhere once an account is gone.
    """
    about = (col(AuditEntry.object_kind) == "account") & (col(AuditEntry.object_id) == str(person))
    rows = session.scalars(
        select(AuditEntry).where(or_(col(AuditEntry.actor_id) == person, about)).order_by(col(AuditEntry.id))
    )
    return [{"at": row.at.isoformat(), "action": row.action, "by_me": row.actor_id == person} for row in rows]
