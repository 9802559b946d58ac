"""Migrations: from nothing to the models and back, on both databases, without losing a row."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlmodel import SQLModel

from backend import schema
from backend.config import ROOT, settings
from backend.db import make_engine
from backend.errors import OperatorError

OPTIONS = {"compare_type": True, "include_object": schema.is_ours}


@pytest.fixture
def empty(own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(settings, "data_dir", tmp_path)
    engine = make_engine(own_url)
    yield engine
    engine.dispose()


def nothing_to_lose() -> None:
    raise AssertionError("a backup of an empty database")


def migrate(engine: Engine, before: Callable[[], object] = nothing_to_lose) -> bool:
    with schema.alone(engine):
        return schema.upgrade(engine, before)


def test_from_nothing_to_the_models(empty: Engine) -> None:
    assert migrate(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, SQLModel.metadata) == []
    assert schema.revision(empty) == schema.newest()
    assert not migrate(empty), "a second time nothing happens"


def test_the_check_above_sees_a_missing_column(empty: Engine) -> None:
    """The negative control."""
    migrate(empty)
    with empty.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE region DROP COLUMN name")
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, SQLModel.metadata) != []


def test_all_the_way_back_leaves_nothing(empty: Engine) -> None:
    migrate(empty)
    command.downgrade(schema.alembic_config(empty), "base")
    assert set(sa.inspect(empty).get_table_names()) <= {"alembic_version"}, "also what was beside them"


def test_a_database_of_another_make_or_of_the_future_is_left_alone(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE somebody_elses (id INTEGER)")
    with pytest.raises(OperatorError, match="niet door de migraties"):
        migrate(empty)
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('ffffffffffff')")
    with pytest.raises(OperatorError, match="nieuwere versie"):
        migrate(empty)


NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "{number}"
down_revision = {before}
def upgrade():
    {steps}
def downgrade():
    pass
"""
FIRST = """op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    op.create_table("child", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE", name="fk"), nullable=False))
    op.execute("INSERT INTO parent VALUES (1, 'x')")
    op.execute("INSERT INTO child VALUES (1, 1), (2, 1)")"""
BATCH = """with op.batch_alter_table("parent") as batch:
        batch.alter_column("name", type_=sa.String(40), nullable=True)
        batch.add_column(sa.Column("more", sa.String(20)))"""
BREAKING = """op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("DELETE FROM parent")"""


@pytest.fixture
def scripts(empty: Engine, tmp_path: Path) -> Callable[..., Config]:
    """Alembic on migrations of this test, with the environment of the product."""

    def make(*steps: str) -> Config:
        (tmp_path / "m" / "versions").mkdir(parents=True)
        (tmp_path / "m" / "env.py").write_text((ROOT / "migrations" / "env.py").read_text())
        for number, step in enumerate(steps, 1):
            before = f'"{number - 1}"' if number > 1 else None
            file = tmp_path / "m" / "versions" / f"{number}.py"
            file.write_text(NEXT.format(number=number, before=before, steps=step))
        config = Config()
        config.set_main_option("script_location", str(tmp_path / "m"))
        config.attributes["engine"] = empty
        return config

    return make


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0)


def test_a_batch_change_keeps_the_child_rows(empty: Engine, scripts: Callable[..., Config]) -> None:
    """On SQLite the table is made anew; with foreign keys on, its children would go with it."""
    command.upgrade(scripts(FIRST, BATCH), "head")
    assert (count(empty, "parent"), count(empty, "child")) == (1, 2)
    if empty.dialect.name == "sqlite":
        with empty.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1, "on again afterwards"


def test_a_migration_that_breaks_a_foreign_key_changes_nothing(
    empty: Engine, scripts: Callable[..., Config]
) -> None:
    config = scripts(FIRST.replace(', ondelete="CASCADE"', ""), BREAKING)
    command.upgrade(config, "1")
    with pytest.raises((RuntimeError, sa.exc.IntegrityError)):
        command.upgrade(config, "head")
    assert (count(empty, "parent"), count(empty, "child")) == (1, 2)
    assert "later" not in sa.inspect(empty).get_table_names()
    assert schema.revision(empty) == "1"


def test_there_is_one_line_of_migrations_and_none_needs_sqlmodel() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    directory = ScriptDirectory.from_config(config)
    assert len(directory.get_heads()) == 1
    for script in directory.walk_revisions():
        text = Path(script.path).read_text()
        assert "sqlmodel" not in text
        assert "from backend" not in text
