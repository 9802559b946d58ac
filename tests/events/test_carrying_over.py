"""Days and registrations of before keep what they say when the database learns of sessions and the ledger, and back again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Connection, Engine
from sqlmodel import Session

from backend import schema
from backend.config import settings
from backend.db import make_engine, now
from backend.events.ledger import differences

BEFORE, AFTER = "68a02eba15c5", "head"  # the tables of today read what was there
UNTIL = now() + timedelta(days=30)


@pytest.fixture
def old(own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(settings, "data_dir", tmp_path)
    engine = make_engine(own_url)
    command.upgrade(schema.alembic_config(engine), BEFORE)
    yield engine
    engine.dispose()


def put(connection: Connection, table: str, **values: Any) -> None:
    there = sa.Table(table, sa.MetaData(), autoload_with=connection)
    uuids = {name: v for name, v in values.items() if isinstance(v, UUID)}
    if connection.dialect.name == "sqlite":
        values |= {name: value.hex for name, value in uuids.items()}
    connection.execute(there.insert().values(values))


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def fill(engine: Engine) -> None:
    organisation, edition, day, backwards = (uuid4() for _ in range(4))
    people = [uuid4() for _ in range(3)]
    with engine.begin() as connection:
        put(connection, "region", key="waasland", name="Waasland")
        put(
            connection, "municipality", nis_code="X0001", name="Elzendonk", province="x", region_key="waasland", latitude=51.0,
            longitude=4.0, in_2024=True, in_2025=True, language_facilities=False, is_fictional=True,
        )  # fmt: skip
        put(connection, "organisation", id=organisation, kind="municipality", name="Elzendonk", short_name="",
            municipality_nis="X0001", is_fictional=True)  # fmt: skip
        put(connection, "edition", id=edition, key="demo", name="Demo", starts_on=UNTIL.date(),
            mentor_organisation_id=organisation, is_fictional=True)  # fmt: skip
        for number, person in enumerate(people):
            put(connection, "account", id=person, email=f"lid{number}@x.example", name=f"Lid {number}", status="member",
                language="nl", created_at=UNTIL, motivation="", is_fictional=True)  # fmt: skip
            put(connection, "membership", id=uuid4(), account_id=person, organisation_id=organisation, function="x",
                started_at=UNTIL)  # fmt: skip
        for key, slug, status, hours in ((day, "dag", "published", 6), (backwards, "klad", "draft", 0)):
            put(
                connection, "action_day", id=key, slug=slug, title="Dag", summary="", edition_id=edition, region_key="waasland",
                format="on_site", status=status, starts_at=UNTIL, ends_at=UNTIL + timedelta(hours=hours), town="", place="",
                travel="", access="", capacity=1, taken=int(slug == "dag"), waiting_count=int(slug == "dag"),
                registration_closes_at=UNTIL, cancel_until=UNTIL, is_fictional=True,
            )  # fmt: skip
        states = (("confirmed", 2, "ringleiding"), ("waiting", 0, ""), ("cancelled", 1, "oud"))
        for person, (status, sequence, needs) in zip(people, states, strict=True):
            put(connection, "registration", id=uuid4(), day_id=day, account_id=person, status=status, needs=needs,
                sequence=sequence, asked_at=UNTIL, changed_at=UNTIL)  # fmt: skip


def test_what_was_there_is_there_and_the_ledger_agrees(old: Engine) -> None:
    fill(old)
    config = schema.alembic_config(old)
    command.upgrade(config, AFTER)
    assert rows(old, "SELECT slug, status FROM action_day ORDER BY slug") == [
        ("dag", "confirmed"),
        ("klad", "draft"),
    ]
    assert [key for (key,) in rows(old, "SELECT region_key FROM action_day_region")] == ["waasland"] * 2
    assert rows(old, "SELECT note FROM registration_need") == [("ringleiding",)]
    assert rows(old, "SELECT kind, status, sequence FROM registration_event ORDER BY status") == [
        ("carried_over", "cancelled", 1),
        ("carried_over", "confirmed", 2),
        ("carried_over", "waiting", 0),
    ]
    assert {nis for (nis,) in rows(old, "SELECT municipality_nis FROM registration")} == {"X0001"}
    with Session(old) as session:
        assert differences(session) == []
    command.downgrade(config, BEFORE)
    assert rows(old, "SELECT slug, status, region_key FROM action_day ORDER BY slug") == [
        ("dag", "published", "waasland"),
        ("klad", "draft", "waasland"),
    ]
    assert rows(old, "SELECT status, needs, sequence FROM registration ORDER BY status") == [
        ("cancelled", "", 1),
        ("confirmed", "ringleiding", 2),
        ("waiting", "", 0),
    ]
