"""Many people at one day, at the same moment, from real processes; and what must hold however they came."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from typing import Any
from uuid import UUID, uuid4

from fastapi.routing import APIRoute
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from backend import templating
from backend.auth.invited import Colleague
from backend.auth.models import Account, AccountStatus, Grant, Membership, Role, ScopeKind, Viewer
from backend.db import Database, make_engine, now
from backend.errors import AppError
from backend.events import offers, organising, passing_on, registering
from backend.events.holding import Mine
from backend.events.ledger import UNTOLD, differences
from backend.events.models import (
    ActionDay,
    ActionDayRegion,
    ProgrammeItem,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)
from backend.events.wishes import Wish
from backend.events.workshops import Picks
from backend.mail import OutgoingMail
from backend.main import ROUTERS
from tests.factories import make_day, make_municipality, make_round

Move = tuple[str, UUID, Any]  # what, by whom, and what more it needs
SLUG = "dag"
PROCESSES = 3  # that are ready in the quick suite
GET_READY = 0.05  # seconds before all begin at once
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


def prepare(engine: Engine, people: int, capacity: int, **values: Any) -> list[UUID]:
    """An action day and so many members of one municipality; gives their ids."""
    with Session(engine) as session, session.begin():
        day = make_day(session, slug=SLUG, capacity=capacity, **values)
        make_round(session, day, 1, 1, is_required=False)
        town = make_municipality(session)
        ids = [uuid4() for _ in range(people)]
        session.add_all(
            Account(id=key, name="Lid", email=address_of(key), status=AccountStatus.MEMBER, created_at=now())
            for key in ids
        )
        session.flush()
        session.add_all(
            Membership(account_id=key, organisation_id=town.id, function="x", started_at=now()) for key in ids
        )
        return ids


def address_of(person: UUID) -> str:
    return f"{person}@race.example"


def at_once(pool: ProcessPoolExecutor, count: int, url: str, move: str, people: list[UUID]) -> list[str]:
    """Everybody makes this move, spread over the processes. Gives what came of it, in no order."""
    return all_at_once(pool, count, url, [(move, person, None) for person in people])


def all_at_once(pool: ProcessPoolExecutor, count: int, url: str, moves: list[Move]) -> list[str]:
    """Each makes the own move, spread over the processes in turn. Gives what came of it, by process."""
    start_at = time.time() + GET_READY
    work = [pool.submit(_make_moves, url, moves[n::count], start_at) for n in range(count)]
    return [said for share in work for said in share.result(120)]


def one_by_one(pool: ProcessPoolExecutor, url: str, move: str, people: list[UUID]) -> None:
    """They make this move one after the other, in this order; what comes of it shows in the database."""
    pool.submit(_make_moves, url, [(move, person, None) for person in people], 0).result(120)


def _make_moves(url: str, moves: list[Move], start_at: float) -> list[str]:
    """Runs in a process of its own."""
    database = _database(url)
    time.sleep(max(0, start_at - time.time()))
    said = []
    for move, person, more in moves:
        try:
            said.append(MOVES[move](database, person, more))
        except AppError as refused:
            said.append(type(refused).__name__)
    return said


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


def viewer(person: UUID, *grants: Grant) -> Viewer:
    return Viewer(
        id=person, session_id=person, name="Lid", email=address_of(person), status=AccountStatus.MEMBER, language="nl",
        organisation_id=None, organisation_name="", municipality_nis=None, region_key=None, grants=grants, seen_at=now(),
    )  # fmt: skip


ORGANISER = viewer(uuid4(), Grant(Role.ADMINISTRATOR, ScopeKind.ALL, ""))


def _register(database: Database, person: UUID, session_number: Any) -> str:
    with database.session() as session:
        chosen: frozenset[UUID] = frozenset()
        if session_number is not None:
            workshops = session.exec(select(Workshop.id).order_by(col(Workshop.position))).all()
            chosen = frozenset({workshops[session_number]})
        wish = Wish(Picks(chosen))
        return registering.register(session, viewer(person), SLUG, wish, now()).status.value


def _cancel(database: Database, person: UUID, _more: Any) -> str:
    with database.session() as session:
        found = registering.cancel(session, Mine(viewer(person), SLUG), now())
        return found.status.value if found else "none"


def _either(database: Database, person: UUID, more: Any) -> str:
    return random.choice((_register, _cancel))(database, person, more)


def _accept(database: Database, person: UUID, at: Any) -> str:
    with database.session() as session:
        return offers.accept(session, Mine(viewer(person), SLUG), at).status.value


def _expire(database: Database, _person: UUID, at: Any) -> str:
    with database.session() as session:
        day_id = session.exec(select(ActionDay.id)).one()
        return f"{offers.expire(session, day_id, at)} expired"


def _resize(database: Database, _person: UUID, capacity: Any) -> str:
    with database.session() as session:
        return str(organising.resize(session, ORGANISER, SLUG, capacity, now()).capacity)


def _hand_over(database: Database, person: UUID, to: Any) -> str:
    with database.session() as session:
        colleague = Colleague("Lid", address_of(to))
        return passing_on.hand_over(session, Mine(viewer(person), SLUG), colleague, now()).status.value


def _check_then_insert(database: Database, person: UUID, _more: Any, *, count: bool = False) -> str:
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


def _check_then_count(database: Database, person: UUID, more: Any) -> str:
    return _check_then_insert(database, person, more, count=True)


MOVES: dict[str, Callable[[Database, UUID, Any], str]] = {
    "register": _register,
    "cancel": _cancel,
    "either": _either,
    "accept": _accept,
    "expire": _expire,
    "resize": _resize,
    "hand over": _hand_over,
    "check, then insert": _check_then_insert,
    "check, then insert and count": _check_then_count,
}


def empty(engine: Engine) -> None:
    """As before prepare()."""
    with Session(engine) as session, session.begin():
        for table in (
            *(
                WorkshopChoice,
                RegistrationEvent,
                Registration,
                Workshop,
                ProgrammeItem,
                ActionDayRegion,
                ActionDay,
            ),
            *(Membership, Account, OutgoingMail),
        ):
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
