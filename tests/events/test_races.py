"""Never more people than places, whoever comes at the same moment. The full numbers are in tests/deep."""

from concurrent.futures import ProcessPoolExecutor

import pytest
from sqlalchemy import Engine

from tests.events import races
from tests.events.races import PROCESSES

PEOPLE, PLACES = 16, 5


def test_exactly_as_many_as_there_are_places(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    people = races.prepare(own_engine, PEOPLE, PLACES)
    races.fill_and_turn_over(pool, PROCESSES, own_engine, own_url, people, PLACES)

    races.at_once(pool, PROCESSES, own_url, "either", people)
    races.check(own_engine)


def test_the_same_person_from_everywhere_has_one_place(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    people = races.prepare(own_engine, 2, PLACES)
    races.at_once(pool, PROCESSES, own_url, "register", people * 4)
    races.check(own_engine)
    assert races.confirmed(own_engine) == 2


def test_without_the_guard_the_day_is_overbooked(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """The negative control: the same race must be able to go wrong. Tried a few times, for chance decides."""
    for _ in range(5):
        races.empty(own_engine)
        people = races.prepare(own_engine, PEOPLE, PLACES)
        races.at_once(pool, PROCESSES, own_url, "check, then insert", people)
        if races.confirmed(own_engine) > PLACES:
            return
    pytest.fail("check-then-insert never overbooked: this race proves nothing")


def test_without_the_guard_the_database_still_refuses(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    for _ in range(5):
        races.empty(own_engine)
        people = races.prepare(own_engine, PEOPLE, PLACES)
        said = races.at_once(pool, PROCESSES, own_url, "check, then insert and count", people)
        assert races.confirmed(own_engine) <= PLACES
        if "refused by the database" in said:
            return
    pytest.fail("the counter was never pushed past the capacity: this race proves nothing")
