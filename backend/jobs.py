"""The outbox: a job is a row in the same transaction as its cause; a worker runs it afterwards, at least once.

What a handler writes and the note that the job is done are one transaction, so an effect in the database happens exactly
once. A handler that talks to the outside world first ends its transaction (`session.commit()`): nobody may wait for a
mail server with the database locked.
"""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from sqlalchemy import JSON, Index, delete, event, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col

from backend.db import Database, now, text_enum

DELAYS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 360, 720, 1440)]  # between tries; then it is dead
LEASE = timedelta(minutes=2)  # a worker that died gives its job back after this
NOT_YET = timedelta(minutes=1)
POLL = 1.0  # seconds between two looks for jobs of other processes
PAUSE = 5.0  # seconds after the database did not answer
Handler = Callable[[Session, dict[str, Any]], None]
HANDLERS: dict[str, Handler] = {}
DAILY: list[str] = []
KEPT = timedelta(days=30)  # how long a job that is done stays to be looked at
log = logging.getLogger("backend.jobs")
_wake = threading.Event()  # set when this process has committed a job


class GiveUp(Exception):
    """Trying again is useless. The text is kept for the administrator: no personal data in it."""


class NotYet(Exception):
    """Something this job needs is not there yet. It waits, until a moment if that is known, and this try does not count."""

    def __init__(self, said: str, until: datetime | None = None) -> None:
        super().__init__(said)
        self.until = until


class JobStatus(StrEnum):
    QUEUED = "queued"
    DONE = "done"
    DEAD = "dead"  # given up; visible to the administrator


class Job(SQLModel, table=True):
    __table_args__ = (Index("ix_job_due", "status", "run_at"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=80)
    payload: dict[str, Any] = Field(sa_type=JSON)
    status: JobStatus = Field(default=JobStatus.QUEUED, sa_type=text_enum(JobStatus))
    run_at: datetime  # not before
    leased_until: datetime | None = None
    attempts: int = 0  # counted when a worker takes it, so that a job that kills its worker ends too
    error: str = Field(default="", max_length=500)
    created_at: datetime
    finished_at: datetime | None = None


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register the function that runs jobs of this name."""

    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        return function

    return register


def daily(name: str) -> Callable[[Handler], Handler]:
    """Like handles(), for what happens once a day by itself."""
    DAILY.append(name)
    return handles(name)


def enqueue(
    session: Session, name: str, *, at: datetime | None = None, job_id: UUID | None = None, **payload: Any
) -> Job:
    """Ask for something to happen after this transaction has committed. `payload` must be JSON; `job_id` chooses its id."""
    job = Job(id=job_id or uuid4(), name=name, payload=payload, run_at=at or now(), created_at=now())
    session.add(job)
    session.info["has_jobs"] = True
    return job


def hurry(session: Session, which: Any, at: datetime) -> None:
    """Let jobs that wait for a later moment run at this one. `which`: a query that gives their ids."""
    late = (col(Job.id).in_(which), col(Job.status) == JobStatus.QUEUED, col(Job.run_at) > at)
    session.execute(
        update(Job).where(*late).values(run_at=at), execution_options={"synchronize_session": False}
    )
    session.info["has_jobs"] = True


@event.listens_for(Session, "after_commit")
def _wake_the_worker(session: Session) -> None:
    if not session.in_nested_transaction() and session.info.pop("has_jobs", False):
        _wake.set()


# ── the worker ──


def work(database: Database, stopping: threading.Event) -> None:
    """Run jobs as they come, until `stopping` is set (then call `wake()`)."""
    planned = None
    while not stopping.is_set():
        _wake.clear()
        try:
            if planned != (today := now().date()):
                plan_day(database, now())
                planned = today
            while not stopping.is_set() and run_next(database, now()):
                pass
        except Exception:  # the database is away for a moment; the worker must outlive that
            log.exception("the worker could not look for jobs")
            stopping.wait(PAUSE)
        if not stopping.is_set():
            _wake.wait(POLL)


@contextmanager
def embedded_worker(database: Database) -> Iterator[None]:
    """A worker as a thread of this process. At the end it finishes the job it is at."""
    stopping = threading.Event()
    thread = threading.Thread(target=work, args=(database, stopping), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        wake()
        thread.join(20)


def wake() -> None:
    """Let the worker of this process look at once."""
    _wake.set()


def plan_day(database: Database, now: datetime) -> None:
    """Enqueue what happens daily. The id follows from name and day, so that several workers plan it once."""
    for name in DAILY:
        job_id = uuid5(NAMESPACE_OID, f"{name} {now.date()}")
        with suppress(IntegrityError), database.session() as session:
            if session.get(Job, job_id) is None:
                session.add(Job(id=job_id, name=name, payload={}, run_at=now, created_at=now))


def run_due(database: Database, now: datetime) -> int:
    """Run every job that is due at `now`. Returns how many were tried."""
    tried = 0
    while run_next(database, now):
        tried += 1
    return tried


def run_next(database: Database, now: datetime) -> bool:
    """Run the one that waited longest. False when nothing is due."""
    with database.session(reading=True) as session:
        if session.execute(_due(now)).first() is None:
            return False
    job = _lease(database, now)
    if job is not None:
        _run(database, job, now)
    return job is not None


def _due(now: datetime) -> Any:
    free = or_(col(Job.leased_until).is_(None), col(Job.leased_until) < now)
    waiting = (col(Job.status) == JobStatus.QUEUED) & (col(Job.run_at) <= now) & free
    return select(col(Job.id)).where(waiting).order_by(col(Job.run_at)).limit(1)


def _lease(database: Database, now: datetime) -> Job | None:
    """Take a job for a while. Two workers never take the same one: SKIP LOCKED, or SQLite's single writer."""
    chosen = _due(now).with_for_update(skip_locked=True).scalar_subquery()
    taking = update(Job).where(col(Job.id) == chosen)
    taking = taking.values(leased_until=now + LEASE, attempts=col(Job.attempts) + 1)
    with database.session() as session:
        job = session.scalars(
            taking.returning(Job), execution_options={"synchronize_session": False}
        ).one_or_none()
        if job is not None:
            session.expunge(job)
        return job


def _run(database: Database, job: Job, now: datetime) -> None:
    try:
        handler = _handler(job)
        with Session(database.engine) as session:
            handler(session, job.payload)
            if not _mark(session, job, status=JobStatus.DONE, error="", finished_at=now):
                session.rollback()  # the lease ended and another worker has it now: this one's work does not count
                return
            session.commit()
    except GiveUp as error:
        _put_back(database, job, status=JobStatus.DEAD, error=str(error)[:500], finished_at=now)
    except NotYet as error:
        _put_back(
            database,
            job,
            run_at=error.until or now + NOT_YET,
            attempts=job.attempts - 1,
            leased_until=None,
            error=str(error)[:500],
        )
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is a reason to try again later
        _failed(database, job, error, now)


def _handler(job: Job) -> Handler:
    if job.attempts > len(DELAYS) + 1:
        raise GiveUp("its worker died every time")
    if job.name not in HANDLERS:
        raise LookupError("no handler of this name")
    return HANDLERS[job.name]


def _failed(database: Database, job: Job, error: Exception, now: datetime) -> None:
    """Later again, or given up. Only the kind and place of the error are kept: its text may name people."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
    log.warning("job %s (%s) failed at try %d: %s", job.id, job.name, job.attempts, said)
    if job.attempts > len(DELAYS):
        _put_back(database, job, status=JobStatus.DEAD, error=said, finished_at=now)
    else:
        _put_back(database, job, run_at=now + DELAYS[job.attempts - 1], leased_until=None, error=said)


def _put_back(database: Database, job: Job, **values: Any) -> None:
    if values.get("status") == JobStatus.DEAD:
        log.error("job %s (%s) is given up: %s", job.id, job.name, values["error"])
    with database.session() as session:
        _mark(session, job, **values)


def _mark(session: Session, job: Job, **values: Any) -> bool:
    """Note how it went, if the job is still ours: whoever took it later has a higher number of attempts."""
    ours = (
        (col(Job.id) == job.id) & (col(Job.attempts) == job.attempts) & (col(Job.status) == JobStatus.QUEUED)
    )
    result: Any = session.execute(
        update(Job).where(ours).values(**values), execution_options={"synchronize_session": False}
    )
    return bool(result.rowcount)


@daily("jobs.tidy")
def _forget_done(session: Session, _payload: dict[str, Any]) -> None:
    session.execute(delete(Job).where(col(Job.status) == JobStatus.DONE, col(Job.finished_at) < now() - KEPT))
