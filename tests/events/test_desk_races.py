"""Several people at one door, and several organisers with one mail, from connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from backend.auth.models import Viewer
from backend.db import Database, now
from backend.errors import AppError
from backend.events import door, mailings, selecting
from backend.events.ledger import differences
from backend.events.mailings import Words
from backend.events.models import ActionDay, EventKind, RegistrationEvent
from backend.events.selecting import Selection
from backend.mail import OutgoingMail
from tests.events.acts import make_member, make_organiser, register
from tests.factories import make_account, make_day

WORDS = Words("Morgen is het zover", "Dag {naam}, tot morgen.")


@pytest.fixture
def day(own_engine: Engine) -> tuple[str, UUID, Viewer, list[str]]:
    """Under way, with one place left; two members who come without one."""
    with Session(own_engine, expire_on_commit=False) as session, session.begin():
        day, boss = make_day(session, capacity=2), make_organiser(session)
        key = register(session, make_member(session, "Ali"), day).id
        day = session.get_one(ActionDay, day.id)
        day.starts_at, day.ends_at = now() - timedelta(minutes=5), now() + timedelta(hours=5)
        return day.slug, key, boss, [make_account(session, name).email for name in ("Een", "Twee")]


def at_once(engine: Engine, *acts: Callable[[Session], object]) -> list[str]:
    database, ready = Database(engine), Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> str:
        ready.wait(10)
        try:
            with database.session() as session:
                act(session)
        except AppError as refused:
            return type(refused).__name__
        return "ok"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def count(session: Session, kind: EventKind) -> int:
    asked = select(func.count()).where(col(RegistrationEvent.kind) == kind)
    return session.exec(asked).one()


def test_two_helpers_at_once_count_nobody_twice(
    own_engine: Engine, day: tuple[str, UUID, Viewer, list[str]]
) -> None:
    slug, key, boss, _emails = day
    acts = [lambda session: door.tick(session, boss, slug, key, now())] * 6
    assert at_once(own_engine, *acts) == ["ok"] * 6
    with Session(own_engine) as session:
        assert count(session, EventKind.ATTENDED) == 1 and differences(session) == []


def test_two_walk_ins_for_one_place_are_one(
    own_engine: Engine, day: tuple[str, UUID, Viewer, list[str]]
) -> None:
    slug, _key, boss, (one, two) = day
    said = at_once(
        own_engine,
        lambda session: door.walk_in(session, boss, slug, one, now()),
        lambda session: door.walk_in(session, boss, slug, two, now()),
    )
    assert said == ["Conflict", "ok"]
    with Session(own_engine) as session:
        assert session.exec(select(ActionDay.taken)).one() == 2 and differences(session) == []


def test_two_organisers_with_one_mail_write_it_once(
    own_engine: Engine, day: tuple[str, UUID, Viewer, list[str]]
) -> None:
    slug, _key, boss, _emails = day

    def send(session: Session) -> None:
        mailings.send(session, boss, selecting.desk(session, boss, slug), Selection(), WORDS, now())

    assert at_once(own_engine, *[send] * 4) == ["ok"] * 4
    with Session(own_engine) as session:
        asked = select(func.count()).where(col(OutgoingMail.subject) == WORDS.subject)
        assert session.exec(asked).one() == 1
