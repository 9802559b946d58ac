"""One database per test process; every test runs in a transaction that is rolled back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from backend.__main__ import main
from backend.config import settings
from backend.db import Database, make_engine
from backend.main import create_api
from backend.security import Guard
from tests import postgres
from tests.browser import Browser
from tests.needs import (  # noqa: F401 - pytest finds its hooks here
    pytest_runtest_makereport,
    pytest_runtest_setup,
    pytest_terminal_summary,
)

ON_POSTGRES = "LN_TEST_DATABASE_URL" in os.environ
hypothesis.settings.register_profile("quick", max_examples=30, deadline=None, derandomize=True)
hypothesis.settings.register_profile("deep", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The second run, on PostgreSQL, is for what uses the shared database; the rest ran already."""
    if ON_POSTGRES:
        again = [
            i
            for i in items
            if "engine" in getattr(i, "fixturenames", ()) and not i.get_closest_marker("browser")
        ]
        config.hook.pytest_deselected(items=[i for i in items if i not in again])
        items[:] = again


@pytest.fixture(scope="session")
def engine(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """SQLite in a temporary folder, or LN_TEST_DATABASE_URL with `{worker}` in its database name."""
    url = os.environ.get("LN_TEST_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db")
    url = url.replace("{worker}", worker_id)
    if ON_POSTGRES:
        postgres.make_database(url)
    engine = make_engine(url)
    SQLModel.metadata.drop_all(engine)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


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
def browser(api: FastAPI, session: Session) -> Iterator[Browser]:
    """A visitor's browser on the whole application, in this test's transaction. `browser.sign_in(account)` signs in."""
    real, api.state.db = api.state.db, OneTransaction(session)
    yield Browser(TestClient(Guard(api), follow_redirects=False, raise_server_exceptions=True), session)
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
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database for this test alone, of each kind in turn: for what several processes or connections do."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/own.db"
    else:
        with postgres.new_database(request.getfixturevalue("postgres_cluster")) as url:
            yield url


@pytest.fixture
def own_engine(own_url: str) -> Iterator[Engine]:
    """Like own_url, as an engine and with the tables in it."""
    engine = make_engine(own_url)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def installation(own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A migrated, empty installation on each kind of database; the settings point to it."""
    monkeypatch.setattr(settings, "data_dir", tmp_path / "data")
    monkeypatch.setattr(
        settings, "database_url", own_url.replace(f"{tmp_path}/own.db", f"{tmp_path}/data/app.db")
    )
    assert main(["migrate"]) == 0
    engine = make_engine(settings.database)
    yield engine
    engine.dispose()


@pytest.fixture
def on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The same, on SQLite only."""
    monkeypatch.setattr(settings, "data_dir", tmp_path / "data")
    monkeypatch.setattr(settings, "database_url", "")
    assert main(["migrate"]) == 0
    engine = make_engine(settings.database)
    yield engine
    engine.dispose()
