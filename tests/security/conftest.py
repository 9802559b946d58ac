"""One server for all raw-socket tests of this folder, and one world for all tests of a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, Engine
from sqlmodel import Session

from backend.courses import service as courses
from tests.security.door import Door, open_door
from tests.security.world import World, make_world


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as door:
        yield door


@dataclass(frozen=True)
class Settled:
    """A world that is there already; each test gets a transaction in which it is as it was."""

    connection: Connection
    world: World

    @contextmanager
    def session(self) -> Iterator[Session]:
        courses.forget_documents()  # the test before gave its version numbers away again
        with self.connection.begin_nested() as before:
            with Session(self.connection, join_transaction_mode="create_savepoint") as session:
                yield session
            before.rollback()


@pytest.fixture(scope="module")
def settled(engine: Engine, api: FastAPI) -> Iterator[Settled]:
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            courses.forget_documents()
            world = make_world(session)
            session.commit()
        yield Settled(connection, world)
        outer.rollback()
    courses.forget_documents()
