"""Two different things at one day at the same moment, from real processes, on both databases: one of them was first."""

from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from backend.events.models import ActionDay, Registration, RegistrationStatus, Workshop
from tests.events import races

ROUNDS = 6  # chance decides who is first
CONFIRMED, WAITING, OFFERED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
)


def live(engine: Engine) -> dict[UUID, RegistrationStatus]:
    with Session(engine) as session:
        rows = session.exec(select(Registration)).all()
    return {row.account_id: row.status for row in rows if row.is_live}


def capacity(engine: Engine) -> tuple[int, int]:
    with Session(engine) as session:
        return session.exec(select(ActionDay.capacity, ActionDay.taken)).one()


def test_cancelling_against_being_promoted(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """The first gives the place back while the next in line stops waiting: it goes to the third, or to nobody twice."""
    for _ in range(ROUNDS):
        races.empty(own_engine)
        noor, ali, lies = races.prepare(own_engine, 3, 1)
        races.one_by_one(pool, own_url, "register", [noor, ali, lies])
        races.all_at_once(pool, 2, own_url, [("cancel", noor, None), ("cancel", ali, None)])
        races.check(own_engine)
        assert live(own_engine) == {lies: CONFIRMED}


def test_accepting_against_the_end_of_the_offer(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    for _ in range(ROUNDS):
        races.empty(own_engine)
        noor, ali, lies = races.prepare(own_engine, 3, 1, offer_hours=8)
        races.one_by_one(pool, own_url, "register", [noor, ali, lies])
        races.one_by_one(pool, own_url, "cancel", [noor])
        with Session(own_engine) as session:
            offered = select(Registration.offered_until).where(col(Registration.status) == OFFERED)
            until = session.exec(offered).one()
        assert until is not None
        said = races.all_at_once(
            pool, 2, own_url, [("accept", ali, until - timedelta(seconds=1)), ("expire", ali, until)]
        )
        races.check(own_engine)
        if "confirmed" in said:
            assert sorted(said) == ["0 expired", "confirmed"]
            assert live(own_engine) == {ali: CONFIRMED, lies: WAITING}
        else:
            assert sorted(said) == ["1 expired", "Conflict"]
            assert live(own_engine) == {lies: OFFERED}


def test_lowering_the_places_against_the_last_registration(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """Either the newcomer is in and the number stays, or the number is lower and the newcomer waits."""
    for _ in range(ROUNDS):
        races.empty(own_engine)
        noor, ali = races.prepare(own_engine, 2, 2)
        races.one_by_one(pool, own_url, "register", [noor])
        said = races.all_at_once(pool, 2, own_url, [("register", ali, None), ("resize", noor, 1)])
        races.check(own_engine)
        if "Conflict" in said:
            assert capacity(own_engine) == (2, 2) and live(own_engine) == {noor: CONFIRMED, ali: CONFIRMED}
        else:
            assert capacity(own_engine) == (1, 1) and live(own_engine) == {noor: CONFIRMED, ali: WAITING}


def test_raising_the_places_against_cancelling(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    for _ in range(ROUNDS):
        races.empty(own_engine)
        people = races.prepare(own_engine, 4, 1)
        races.one_by_one(pool, own_url, "register", people)
        races.all_at_once(pool, 2, own_url, [("resize", people[0], 2), ("cancel", people[0], None)])
        races.check(own_engine)
        assert live(own_engine) == {people[1]: CONFIRMED, people[2]: CONFIRMED, people[3]: WAITING}


def test_a_place_passed_on_is_free_at_no_moment(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """A stranger who tries all the time never gets it; the colleague does, once, whoever else passes one on."""
    for _ in range(ROUNDS):
        races.empty(own_engine)
        noor, ali, lies, *strangers = races.prepare(own_engine, 8, 2)
        races.one_by_one(pool, own_url, "register", [noor, ali])
        tries = [("register", stranger, None) for stranger in strangers]
        said = races.all_at_once(
            pool, 2, own_url, [*tries[:2], ("hand over", noor, lies), ("hand over", ali, lies), *tries[2:]]
        )
        races.check(own_engine)
        assert sorted(said) == ["Conflict", "offered", *["waiting"] * 5]
        assert live(own_engine)[lies] == OFFERED
        assert {person for person, status in live(own_engine).items() if status == CONFIRMED} < {noor, ali}


def test_passing_on_against_cancelling(pool: ProcessPoolExecutor, own_engine: Engine, own_url: str) -> None:
    """The same person in two windows: the place goes one way, not both."""
    for _ in range(ROUNDS):
        races.empty(own_engine)
        noor, ali, lies = races.prepare(own_engine, 3, 1)
        races.one_by_one(pool, own_url, "register", [noor, ali])
        said = races.all_at_once(pool, 2, own_url, [("hand over", noor, lies), ("cancel", noor, None)])
        races.check(own_engine)
        if "offered" in said:
            assert live(own_engine) == {lies: OFFERED, ali: WAITING}
        else:
            assert "Conflict" in said and live(own_engine) == {ali: CONFIRMED}


def test_the_last_place_of_a_session_goes_to_one(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """The other is told before anything is written, and may choose again."""
    for _ in range(ROUNDS):
        races.empty(own_engine)
        noor, ali = races.prepare(own_engine, 2, 5)
        said = races.all_at_once(pool, 2, own_url, [("register", noor, 0), ("register", ali, 0)])
        races.check(own_engine)
        assert sorted(said) == ["Mistaken", "confirmed"]
        with Session(own_engine) as session:
            assert sorted(session.exec(select(Workshop.taken)).all()) == [0, 1]
