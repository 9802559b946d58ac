"""The append-only log: who did or saw what. Keeps ids without foreign keys, so that it outlives its people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel


class AuditEntry(SQLModel, table=True):
    __tablename__ = "audit_entry"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor_id: UUID | None = Field(default=None, index=True)
    action: str = Field(max_length=80)  # "auth.sign_in", "auth.admit", "mentoring.exported" …
    object_kind: str = Field(default="", max_length=40)
    object_id: str = Field(default="", max_length=80, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # no texts that people wrote
