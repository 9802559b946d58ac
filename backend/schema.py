"""The state of the database: which migration it is at, and bringing it to that of this program."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from backend.config import ROOT
from backend.errors import OperatorError
from backend.locks import locked

PG_LOCK = 726_001  # any number, as long as every version of this program uses the same one


def is_ours(_object: object, name: str | None, *_rest: object) -> bool:
    """Not what a database keeps beside a table so that it can be searched (backend/search.py)."""
    return not (name or "").startswith("search_fts")


def known() -> dict[str, str]:
    """Every revision of this program with the one before it ("" for the first).

    Read from the files, not through Alembic: a start that has nothing to migrate then does not load it.
    """
    found = {}
    for file in (ROOT / "migrations" / "versions").glob("*.py"):
        names = dict(re.findall(r'^(revision|down_revision) = "?(\w+)"?$', file.read_text(), re.MULTILINE))
        found[names["revision"]] = names["down_revision"].removeprefix("None")
    return found


def newest() -> str:
    """The revision this program needs."""
    revisions = known()
    (last,) = revisions.keys() - set(revisions.values())
    return last


def revision(engine: Engine) -> str | None:
    """The revision the database is at; None when it has none."""
    with engine.connect() as connection:
        return revision_on(connection)


def revision_on(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def require_newest(engine: Engine) -> None:
    if revision(engine) != newest():
        raise OperatorError(
            "De databank heeft niet de vorm die dit programma nodig heeft. Voer eerst `migrate` uit."
        )


def upgrade(engine: Engine, before_change: Callable[[], object]) -> bool:
    """Bring the database to this program's revision; call it while `alone()`. Returns whether it changed.

    `before_change` runs first when there is something to lose.
    """
    now_at = revision(engine)
    if now_at == newest():
        return False
    if now_at is None and inspect(engine).get_table_names():
        raise OperatorError(
            "In deze databank staan tabellen die niet door de migraties gemaakt zijn. Begin met een lege databank."
        )
    if now_at is not None:
        if now_at not in known():
            raise OperatorError(
                "Deze databank is van een nieuwere versie van het programma. Gebruik die versie."
            )
        before_change()
    from alembic import command

    command.upgrade(alembic_config(engine), "head")
    return True


def alembic_config(engine: Engine) -> Any:
    from alembic.config import Config

    config = Config(ROOT / "alembic.ini")
    config.attributes["engine"] = engine
    return config


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Prepare the database while no other process does: the second waits, and then finds nothing to do."""
    if engine.dialect.name == "sqlite":
        with locked("migrating"):
            yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        run: Any = connection.exec_driver_sql
        run("SET statement_timeout = 0")
        run("SET lock_timeout = 0")
        run(f"SELECT pg_advisory_lock({PG_LOCK})")
        try:
            yield
        finally:
            run(f"SELECT pg_advisory_unlock({PG_LOCK})")
            connection.invalidate()  # the settings above are not for the pool
