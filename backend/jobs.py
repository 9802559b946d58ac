"""The outbox: a job is a row in the same transaction as its cause; a worker runs it afterwards, at least once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel

from backend.db import now, text_enum

DELAYS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 360, 720, 1440)]  # between tries; after the last one it is dead
LEASE = timedelta(minutes=2)  # a worker that died gives its job back after this
Handler = Callable[[Session, dict[str, Any]], None]
HANDLERS: dict[str, Handler] = {}


class JobStatus(StrEnum):
    QUEUED = "queued"
    DONE = "done"
    DEAD = "dead"  # given up; visible to the administrator


class Job(SQLModel, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=80)
    payload: dict[str, Any] = Field(sa_type=JSON)
    status: JobStatus = Field(default=JobStatus.QUEUED, sa_type=text_enum(JobStatus), index=True)
    run_at: datetime = Field(index=True)  # not before
    leased_until: datetime | None = None
    attempts: int = 0
    error: str = Field(default="", max_length=500)
    created_at: datetime
    finished_at: datetime | None = None


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register the function that runs jobs of this name."""

    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        return function

    return register


def enqueue(session: Session, name: str, *, at: datetime | None = None, **payload: Any) -> Job:
    """Ask for something to happen after this transaction has committed. `payload` must be JSON."""
    job = Job(name=name, payload=payload, run_at=at or now(), created_at=now())
    session.add(job)
    return job
