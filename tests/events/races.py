"""Many people at one day, at the same moment, from real processes; and what must hold however they came."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from uuid import UUID, uuid4

from fastapi.routing import APIRoute
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from backend import templating
from backend.auth.models import Account, AccountStatus, Viewer
from backend.db import Database, make_engine, now
from backend.events import registering
from backend.events.holding import Mine
from backend.events.ledger import UNTOLD, differences
from backend.events.models import (
    ActionDay,
    ActionDayRegion,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
)
from backend.events.wishes import Wish
from backend.mail import OutgoingMail
from backend.main import ROUTERS
from tests.factories import make_day

SLUG = "dag"
GET_READY = 0.2  # seconds before all begin at once
CONFIRMED, WAITING = RegistrationStatus.CONFIRMED, RegistrationStatus.WAITING


@contextmanager
def processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh Python processes that have imported everything."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        for ready in [pool.submit(_stay_awake) for _ in range(count)]:
            ready.result(60)
        yield pool


def _stay_awake() -> None:
    """Long enough that each process gets one of these, and has imported this module."""
    time.sleep(0.3)


def prepare(engine: Engine, people: int, capacity: int) -> list[UUID]:
    """An action day and so many members; gives their ids."""
    with Session(engine) as session, session.begin():
        make_day(session, slug=SLUG, capacity=capacity)
        accounts = [
            Account(
                id=uuid4(),
                name=f"Lid {n}",
                email=f"lid{n}@race.example",
                status=AccountStatus.MEMBER,
                created_at=now(),
            )
            for n in range(people)
        ]
        session.add_all(accounts)
        return [account.id for account in accounts]


def at_once(pool: ProcessPoolExecutor, count: int, url: str, move: str, people: list[UUID]) -> list[str]:
    """Everybody makes this move, spread over the processes. Gives what came of it, in no order."""
    start_at = time.time() + GET_READY
    work = [pool.submit(_make_moves, url, move, people[n::count], start_at) for n in range(count)]
    return [said for share in work for said in share.result(120)]


def _make_moves(url: str, move: str, people: list[UUID], start_at: float) -> list[str]:
    """Runs in a process of its own."""
    database = _database(url)
    act = MOVES[move]
    time.sleep(max(0, start_at - time.time()))
    return [act(database, person) for person in people]


@cache
def _database(url: str) -> Database:
    know_routes()
    return Database(make_engine(url))


def know_routes() -> None:
    """Mails carry addresses of pages; the application fills this in where there is one."""
    templating.ROUTES.update(
        {
            route.name: route.path
            for router in ROUTERS
            for route in router.routes
            if isinstance(route, APIRoute)
        }
    )


def viewer(person: UUID) -> Viewer:
    return Viewer(
        id=person, session_id=person, name="Lid", email=f"{person}@race.example", status=AccountStatus.MEMBER, language="nl",
        organisation_id=None, organisation_name="", municipality_nis=None, region_key=None, grants=(), seen_at=now(),
    )  # fmt: skip


def _register(database: Database, person: UUID) -> str:
    with database.session() as session:
        return registering.register(session, viewer(person), SLUG, Wish(), now()).status.value


def _cancel(database: Database, person: UUID) -> str:
    with database.session() as session:
        found = registering.cancel(session, Mine(viewer(person), SLUG), now())
        return found.status.value if found else "none"


def _either(database: Database, person: UUID) -> str:
    return random.choice((_register, _cancel))(database, person)


def _check_then_insert(database: Database, person: UUID, *, count: bool = False) -> str:
    """How not to do it: look whether there is room, and then take it. With `count` the counter is kept, without the guard."""
    with database.session(reading=True) as session:
        day_id, capacity = session.exec(select(ActionDay.id, ActionDay.capacity)).one()
        room = (
            len(session.exec(select(Registration.id).where(Registration.status == CONFIRMED)).all())
            < capacity
        )
    status = CONFIRMED if room else WAITING
    try:
        with database.session() as session:
            session.add(
                Registration(
                    day_id=day_id, account_id=person, status=status, asked_at=now(), changed_at=now()
                )
            )
            if count and room:
                session.execute(update(ActionDay).values(taken=col(ActionDay.taken) + 1))
    except IntegrityError:
        return "refused by the database"
    return status.value


def _check_then_count(database: Database, person: UUID) -> str:
    return _check_then_insert(database, person, count=True)


MOVES = {
    "register": _register,
    "cancel": _cancel,
    "either": _either,
    "check, then insert": _check_then_insert,
    "check, then insert and count": _check_then_count,
}


def empty(engine: Engine) -> None:
    """As before prepare()."""
    with Session(engine) as session, session.begin():
        for table in (RegistrationEvent, Registration, ActionDayRegion, ActionDay, Account, OutgoingMail):
            session.execute(delete(table))


def confirmed(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.exec(select(Registration.id).where(Registration.status == CONFIRMED)).all())


def line(engine: Engine) -> list[UUID]:
    """Who waits, first one first."""
    with Session(engine) as session:
        waiting = select(Registration.account_id).where(Registration.status == WAITING)
        return list(session.exec(waiting.order_by(col(Registration.asked_at))).all())


def seated(engine: Engine) -> set[UUID]:
    with Session(engine) as session:
        return set(
            session.exec(select(Registration.account_id).where(Registration.status == CONFIRMED)).all()
        )


def fill_and_turn_over(
    pool: ProcessPoolExecutor, count: int, engine: Engine, url: str, people: list[UUID], places: int
) -> None:
    """Everybody registers at once: exactly `places` get in. They all cancel at once: the first who wait get in."""
    said = at_once(pool, count, url, "register", people)
    assert Counter(said) == {"confirmed": places, "waiting": len(people) - places}
    check(engine)
    had_seat, waiting = seated(engine), line(engine)
    at_once(pool, count, url, "cancel", list(had_seat))
    check(engine)
    assert seated(engine) == set(waiting[:places]), "first come, first served"
    assert line(engine) == waiting[places:]


def check(engine: Engine) -> None:
    """What holds at every moment."""
    with Session(engine) as session:
        assert differences(session) == [], "counters, registrations and ledger tell the same"
        days = session.exec(select(ActionDay)).all()
        rows = session.exec(select(Registration)).all()
        told = [e for e in session.exec(select(RegistrationEvent)).all() if e.kind not in UNTOLD]
        mails = session.exec(select(OutgoingMail)).all()
    for day in days:
        assert day.taken <= day.capacity
        assert not day.waiting_count or day.taken == day.capacity, "nobody waits for a free place"
    asked = [(row.day_id, row.asked_at) for row in rows if row.status == WAITING]
    assert len(asked) == len(set(asked)), "the line has one order"
    live = [(row.day_id, row.account_id) for row in rows if row.is_live]
    assert len(live) == len(set(live)), "one live registration of a person on a day"
    assert len(mails) == len(told), "every change is told once"
