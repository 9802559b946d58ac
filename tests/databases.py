"""Databases that are copied rather than made: tables and migrations are run once a process and a kind."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlmodel import SQLModel

from backend import main, schema
from backend.db import make_engine
from tests import postgres

assert main.ROUTERS, "so that every table is known"


class Stock:
    """Holds one database for every kind and content: "tables" as the models say, "migrated" as an installation has them.

    On PostgreSQL they go with their cluster.
    """

    def __init__(self, folder: Path, cluster: Callable[[], str]) -> None:
        self.folder, self.cluster = folder, cluster
        self.kept: dict[tuple[str, str], str] = {}

    @contextmanager
    def copy(self, kind: str, content: str = "") -> Iterator[str]:
        """The address of a fresh copy; it goes when the block ends. Without `content` it is empty."""
        url = self._new(kind, self._kept(kind, content) if content else "")
        try:
            yield url
        finally:
            if kind == "postgresql":
                postgres.drop_database(url)

    def _kept(self, kind: str, content: str) -> str:
        if (kind, content) not in self.kept:
            url = self._new(kind, "")
            engine = make_engine(url)
            if content == "tables":
                SQLModel.metadata.create_all(engine)
            else:
                schema.upgrade(engine, lambda: None)
            engine.dispose()
            self.kept[kind, content] = url
        return self.kept[kind, content]

    def _new(self, kind: str, like: str) -> str:
        if kind == "postgresql":
            return postgres.make_database(self.cluster(), like)
        file = self.folder / uuid4().hex / "own.db"
        file.parent.mkdir()
        if like:
            shutil.copy(like.removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"
