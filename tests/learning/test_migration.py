"""What people answered before there were attempts is still there afterwards, and back again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from backend import schema
from backend.config import settings
from backend.db import make_engine
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, Response, ResponseEvent

BEFORE = "ca8264f0291d"
MOMENT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
WHO, MINE, OTHER = uuid4(), uuid4(), uuid4()


@pytest.fixture
def filled(own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The schema before, with two people: one with answers and a note, one who only began."""
    monkeypatch.setattr(settings, "data_dir", tmp_path)
    engine = make_engine(own_url)
    command.upgrade(schema.alembic_config(engine), BEFORE)
    with engine.begin() as connection:
        fill(connection)
    yield engine
    engine.dispose()


def put(connection: sa.Connection, name: str, /, **values: Any) -> None:
    kinds = {UUID: sa.Uuid(), datetime: sa.DateTime(timezone=True), dict: sa.JSON()}
    columns: list[Any] = [sa.column(key, kinds.get(type(value))) for key, value in values.items()]
    connection.execute(sa.table(name, *columns).insert().values(values))


def fill(connection: sa.Connection) -> None:
    for who, mail in ((WHO, "noor@test.example"), (OTHER, "wout@test.example")):
        put(connection, "account", id=who, email=mail, name="Noor", status="member", language="nl", created_at=MOMENT,
            motivation="", is_fictional=False)  # fmt: skip
    put(connection, "course", id=1, key="proef", position=1, published_id=1)
    put(
        connection,
        "course_version",
        id=1,
        course_id=1,
        number=1,
        document="{}",
        sha256="x",
        published_at=MOMENT,
    )
    for mine, who in ((MINE, WHO), (OTHER, OTHER)):
        put(connection, "enrolment", id=mine, account_id=who, course_id=1, version_id=1, started_at=MOMENT,
            last_active_at=MOMENT, lesson_key="een", block_key="kies")  # fmt: skip
    for n, (lesson, block, given, score) in enumerate((
        ("een", "kies", {"options": ["a"]}, 0.0),
        ("een", "kies", {"options": ["b"]}, 1.0),
        ("een", "notitie", {"text": "Brugsteeg"}, None),
        ("twee", "kies", {"options": ["c"]}, 0.0),
    )):  # fmt: skip
        at = MOMENT + timedelta(minutes=n)
        put(connection, "response", enrolment_id=MINE, version_id=1, lesson_key=lesson, block_key=block,
            submission=f"{n:032x}", given=given, score=score, answered_at=at)  # fmt: skip
    for lesson, block, given, last, best, tries in (
        ("een", "kies", {"options": ["b"]}, 1.0, 1.0, 2),
        ("een", "notitie", {"text": "Brugsteeg"}, None, None, 1),
        ("twee", "kies", {"options": ["c"]}, 0.0, 0.0, 1),
    ):
        put(connection, "block_result", enrolment_id=MINE, lesson_key=lesson, block_key=block, given=given,
            last_score=last, best_score=best, attempts=tries, answered_at=MOMENT)  # fmt: skip
    for lesson, count, done_at in (("een", 1, None), ("twee", 2, MOMENT), ("drie", 0, None)):
        put(connection, "lesson_progress", enrolment_id=MINE, lesson_key=lesson, question_count=2 if count else 0,
            answered_count=count, score_sum=1.0, tries_below=1, started_at=MOMENT, last_active_at=MOMENT,
            done_at=done_at)  # fmt: skip


def test_every_answer_note_and_result_is_found_again(filled: Engine) -> None:
    command.upgrade(schema.alembic_config(filled), "head")
    with Session(filled) as session:
        attempts = {attempt.lesson_key: attempt for attempt in session.exec(select(Attempt))}
        assert attempts.keys() == {"een", "twee"}
        one = attempts["een"]
        assert (one.enrolment_id, one.version_id, one.check_key, one.number) == (MINE, 1, "", 1)
        assert (one.started_at, one.handed_in_at, one.frozen) == (MOMENT, None, {})
        events = session.exec(select(ResponseEvent).order_by(col(ResponseEvent.id))).all()
        assert [(e.kind, e.block_key, e.given, e.score) for e in events] == [
            (EventKind.ANSWERED, "kies", {"options": ["a"]}, 0.0),
            (EventKind.ANSWERED, "kies", {"options": ["b"]}, 1.0),
            (EventKind.SAVED, "notitie", {"text": "Brugsteeg"}, None),
            (EventKind.ANSWERED, "kies", {"options": ["c"]}, 0.0),
        ]
        assert [e.attempt_id for e in events] == [one.id] * 3 + [attempts["twee"].id]
        assert [e.at for e in events] == [MOMENT + timedelta(minutes=n) for n in range(4)]
        assert [e.submission for e in events] == [f"{n:032x}" for n in range(4)]
        kept = session.get_one(Response, (one.id, "kies"))
        assert (kept.given, kept.last_score, kept.best_score, kept.tries) == ({"options": ["b"]}, 1, 1, 2)
        assert session.get_one(Response, (one.id, "notitie")).given == {"text": "Brugsteeg"}
        assert len(session.exec(select(Response)).all()) == 3
        rows = {row.lesson_key: row for row in session.exec(select(LessonProgress))}
        assert {key: row.share for key, row in rows.items()} == {"een": 0.5, "twee": 1, "drie": 0}
        assert rows["twee"].done_at == MOMENT
        assert rows["een"].reasons == []
        assert {e.id for e in session.exec(select(Enrolment))} == {MINE, OTHER}
        event = ResponseEvent(
            attempt_id=one.id, version_id=1, block_key="kies", kind=EventKind.ANSWERED, submission="f" * 32,
            given={}, at=MOMENT,
        )  # fmt: skip
        session.add(event)
        session.flush()
        assert event.id is not None and event.id > max(e.id or 0 for e in events), "numbering goes on"


def test_and_all_the_way_back(filled: Engine) -> None:
    before = dump(filled)
    command.upgrade(schema.alembic_config(filled), "head")
    command.downgrade(schema.alembic_config(filled), BEFORE)
    assert dump(filled) == before


def dump(engine: Engine) -> dict[str, list[Any]]:
    found = {}
    with engine.connect() as connection:
        for name in ("response", "block_result", "lesson_progress", "enrolment"):
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            rows = connection.execute(
                sa.select(*(c for c in table.c if c.name != "id" or name == "enrolment"))
            )
            found[name] = sorted(str(sorted(row._asdict().items())) for row in rows)
    return found
