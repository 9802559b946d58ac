"""One database of each kind per test process; every test runs in a transaction that is rolled back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, make_url
from sqlmodel import Session

from backend.config import settings
from backend.db import Database, make_engine
from backend.main import create_api
from backend.security import Guard
from tests import postgres
from tests.browser import Browser
from tests.databases import Stock
from tests.needs import (  # noqa: F401 - pytest finds its hooks here
    pytest_runtest_makereport,
    pytest_runtest_setup,
    pytest_terminal_summary,
)

hypothesis.settings.register_profile("quick", max_examples=30, deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Again, on PostgreSQL: only what uses the shared database, and not what is told apart by nothing that a database does."""
    if postgres.AGAIN in os.environ:
        needless = [item for item in items if not _uses_shared(item) or item.get_closest_marker("once")]
        config.hook.pytest_deselected(items=needless)
        items[:] = [item for item in items if item not in set(needless)]


def _uses_shared(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "engine" in item.fixturenames


@pytest.fixture(scope="session")
def engine(stock: Stock) -> Iterator[Engine]:
    """The database that tests share: SQLite; PostgreSQL when the deep suite runs them again."""
    with stock.copy("postgresql" if postgres.AGAIN in os.environ else "sqlite", "tables") as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def stock(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """Databases that are copied rather than made anew. A PostgreSQL starts when one is asked for."""
    return Stock(tmp_path_factory.mktemp("stock"), lambda: request.getfixturevalue("postgres_cluster"))


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """One event loop for all requests; without it each begins a thread and a loop of its own."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


class OneTransaction(Database):
    """Stands where the application keeps its database: every request is a savepoint in the test's transaction."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.connection().engine)
        self.shared, self.reads_at_once = session, True

    @contextmanager
    def session(self, *, reading: bool = False) -> Iterator[Session]:
        self.shared.expunge_all()  # like a fresh request: nothing is loaded yet
        with self.shared.begin_nested():
            yield self.shared
            if reading:
                assert not (self.shared.new or self.shared.dirty or self.shared.deleted), (
                    "a GET may not write"
                )


@pytest.fixture(scope="session")
def api(engine: Engine) -> FastAPI:
    return create_api(engine)


@pytest.fixture
def browser(api: FastAPI, session: Session, portal: BlockingPortal) -> Iterator[Browser]:
    """A visitor's browser on the whole application, in this test's transaction. `browser.sign_in(account)` signs in."""
    real, api.state.db = api.state.db, OneTransaction(session)
    client = TestClient(Guard(api), follow_redirects=False, raise_server_exceptions=True)
    client.portal = portal
    yield Browser(client, session)
    api.state.db = real


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """The address of a running PostgreSQL, with {name} for the database: that of `make test`, or one just for this process."""
    if offered := os.environ.get(postgres.OFFERED):
        yield offered
    else:
        with postgres.cluster() as address:
            yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def own_url(request: pytest.FixtureRequest, stock: Stock) -> Iterator[str]:
    """A database for this test alone, of each kind in turn: for what several processes or connections do.

    It is empty, but when the test takes own_engine or installation.
    """
    holds = {"own_engine": "tables", "installation": "migrated"}
    content = next((holds[name] for name in holds if name in request.fixturenames), "")
    with stock.copy(request.param, content) as url:
        yield url


@pytest.fixture
def own_engine(own_url: str) -> Iterator[Engine]:
    """Like own_url, as an engine and with the tables in it."""
    engine = make_engine(own_url)
    yield engine
    engine.dispose()


@pytest.fixture
def installation(own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A migrated, empty installation on each kind of database; the settings point to it."""
    yield from _installed(own_url, tmp_path, monkeypatch)


@pytest.fixture
def on_sqlite(stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The same, on SQLite only."""
    with stock.copy("sqlite", "migrated") as url:
        yield from _installed(url, tmp_path, monkeypatch)


def _installed(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(settings, "data_dir", tmp_path / "data")
    settings.data_dir.mkdir()
    if url.startswith("sqlite"):  # where an installation without settings has it
        Path(make_url(url).database).rename(settings.data_dir / "app.db")
    monkeypatch.setattr(settings, "database_url", "" if url.startswith("sqlite") else url)
    engine = make_engine(settings.database)
    yield engine
    engine.dispose()
