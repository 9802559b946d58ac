"""Write to the log, in the transaction of what it tells about."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

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
