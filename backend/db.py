"""Engine, session, and the few column and relationship helpers every model uses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from sqlalchemy import Connection, Engine, Enum, event
from sqlalchemy.orm import QueryableAttribute
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine

from backend.config import settings

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
T = TypeVar("T")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def now() -> datetime:
    """The moment, aware and in UTC. Pages read the clock; services and models are told the time."""
    return datetime.now(UTC)


def related(back_populates: str | None = None, **options: Any) -> Any:
    """A relationship that must be loaded on purpose: touching it unloaded raises."""
    return Relationship(back_populates=back_populates, sa_relationship_kwargs={"lazy": "raise", **options})


def refers_to(target: str, **options: Any) -> Any:
    """A required, indexed foreign key. Callers may pass the related object instead of its id."""
    return Field(**{"default": None, "nullable": False, "foreign_key": target, "index": True, **options})


def rel(attribute: Any) -> QueryableAttribute[Any]:
    """Tell the type checker that a relationship attribute may be given to selectinload()."""
    return attribute  # type: ignore[no-any-return]


def text_enum(enum: type[StrEnum]) -> Enum:
    """Store the enum's value as plain text, so a new member needs no migration."""
    return Enum(enum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e])


def sqlite_driver() -> Any:
    """pysqlite3 brings an SQLite without the WAL-reset defect; where it has no wheel, Python's own."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return import_module("sqlite3")


def sqlite_is_sound(version: tuple[int, ...]) -> bool:
    """False for the versions whose WAL-reset race can lose committed writes (3.7.0 to 3.51.2, but for two backports)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def make_engine(url: str) -> Engine:
    """An engine with the product's settings. Raises RuntimeError on an SQLite that can lose data."""
    if url.startswith("sqlite"):
        driver = sqlite_driver()
        if not sqlite_is_sound(driver.sqlite_version_info):
            raise RuntimeError(
                f"SQLite {driver.sqlite_version} can lose committed data (WAL-reset defect). "
                "Install pysqlite3, or use an SQLite of at least 3.51.3, or PostgreSQL."
            )
        engine = create_engine(url, module=driver, pool_size=20, max_overflow=20, hide_parameters=True)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    return create_engine(
        url,
        pool_size=10,
        max_overflow=5,
        pool_timeout=5,
        pool_recycle=1800,
        pool_pre_ping=True,
        hide_parameters=True,  # what people wrote does not belong in a log
        connect_args={
            "options": "-c statement_timeout=15000 -c lock_timeout=3000 "
            "-c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
        },
    )


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, see below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=5000",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "journal_size_limit=67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("postgresql_readonly", False)
    raw: Any = connection.connection.driver_connection  # not exec_driver_sql: this runs in every request
    if connection.info.get("reading") != reading:
        raw.execute(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
        connection.info["reading"] = reading
    raw.execute("BEGIN" if reading else "BEGIN IMMEDIATE")


class Database:
    """What an application keeps of its database: one engine, and the same one for reading only."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.reader = engine.execution_options(postgresql_readonly=True)
        # Reading SQLite takes microseconds and waits for nobody; handing it to a thread would cost more than the query.
        self.reads_at_once = engine.dialect.name == "sqlite"
        # A request may go on to a thread only when it has a slot. Without them, every thread can wait for a lock or
        # a connection that belongs to a request which itself waits for a thread, until both give up after seconds.
        # SQLite has one writer at a time in any case; here they wait in a row, first come, first served.
        self.slots = asyncio.Semaphore(1 if self.reads_at_once else settings.threads)

    @contextmanager
    def session(self, *, reading: bool = False) -> Iterator[Session]:
        """One transaction: commits at the end, rolls back on an error. A reading one cannot write."""
        with Session(self.reader if reading else self.engine) as session, session.begin():
            yield session

    async def apart(self, work: Callable[[Session], T], *, reading: bool = False) -> T:
        """A short transaction of its own, beside or after that of the request. Call it without holding a slot."""

        def run() -> T:
            with self.session(reading=reading) as session:
                return work(session)

        async with self.slots:
            return await run_in_threadpool(run)


async def get_session(request: Request) -> AsyncIterator[Session]:
    """One transaction per request; a GET cannot write. Commits before the response is sent."""
    database: Database = request.app.state.db
    reading = request.method in SAFE_METHODS
    if reading and database.reads_at_once:
        with database.session(reading=True) as session:
            yield session
    else:
        await request.body()  # all of it, before anybody has to wait for this request
        async with database.slots, contextmanager_in_threadpool(database.session(reading=reading)) as session:
            yield session


DbSession = Annotated[Session, Depends(get_session, scope="function")]


async def in_its_place(request: Request, function: Callable[..., T], *args: Any) -> T:
    """Call a function that reads the database from an async dependency: here where that is at once, else in a thread."""
    if request.method in SAFE_METHODS and request.app.state.db.reads_at_once:
        return function(*args)
    return await run_in_threadpool(function, *args)
