"""Alembic's environment: one code path for SQLite and PostgreSQL.

On SQLite a batch change re-creates the table; with foreign keys on, dropping the old one would delete child rows. So they
are off while migrating, and checked afterwards.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine
from sqlmodel import SQLModel

from backend import main  # noqa: F401 - imports every table
from backend.config import settings
from backend.db import make_engine
from backend.schema import is_ours


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write plain SQLAlchemy types, so that a migration never imports SQLModel."""
    if kind == "type" and type(item).__module__.startswith("sqlmodel"):
        plain = getattr(item, "impl", item)
        return f"sa.{plain!r}"
    return False


def run(connection: Connection, raw: Any = None) -> None:
    """All migrations in one transaction. `raw` is an SQLite connection whose foreign keys are checked before the commit."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        include_object=is_ours,
        transactional_ddl=True,  # SQLite can, whatever Alembic assumes
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
        if raw is not None and (broken := raw.execute("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"Foreign keys would not hold after the migration: {broken[:5]}")


def migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # outside a transaction, else it does nothing
            try:
                run(connection, raw)
                connection.commit()
            finally:
                raw.execute("PRAGMA foreign_keys=ON")
        else:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.commit()
            run(connection)
            connection.commit()
            connection.invalidate()  # the setting above is not for the pool


migrate(context.config.attributes.get("engine") or make_engine(settings.database))
