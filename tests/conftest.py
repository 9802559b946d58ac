"""One database per test process; every test runs in a transaction that is rolled back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from backend.db import make_engine
from backend.main import create_api
from backend.security import Guard
from tests.browser import Browser


@pytest.fixture(scope="session")
def engine(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """SQLite in a temporary folder, or LN_TEST_DATABASE_URL with `{worker}` in its database name."""
    url = os.environ.get("LN_TEST_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db")
    engine = make_engine(url.replace("{worker}", worker_id))
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


class OneTransaction:
    """Stands where the application keeps its database: every request is a savepoint in the test's transaction."""

    reads_at_once = True

    def __init__(self, session: Session) -> None:
        self.shared = session

    @contextmanager
    def session(self, *, reading: bool = False) -> Iterator[Session]:
        self.shared.expunge_all()  # like a fresh request: nothing is loaded yet
        with self.shared.begin_nested():
            yield self.shared
            if reading:
                assert not (self.shared.new or self.shared.dirty or self.shared.deleted), "a GET may not write"


@pytest.fixture(scope="session")
def api(engine: Engine) -> FastAPI:
    return create_api(engine)


@pytest.fixture
def browser(api: FastAPI, session: Session) -> Iterator[Browser]:
    """A visitor's browser on the whole application, in this test's transaction. `browser.sign_in(account)` signs in."""
    real, api.state.db = api.state.db, OneTransaction(session)
    yield Browser(TestClient(Guard(api), follow_redirects=False, raise_server_exceptions=True), session)
    api.state.db = real
