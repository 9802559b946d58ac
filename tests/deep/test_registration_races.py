"""Registering and cancelling, in full numbers: eight processes, hundreds of people, thousands of orders of events."""

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session

from tests.events import races
from tests.events.test_machine import run

pytestmark = pytest.mark.deep
PROCESSES, PEOPLE, PLACES = 8, 300, 80


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with races.processes(PROCESSES) as pool:
        yield pool


def test_exactly_as_many_as_there_are_places(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    people = races.prepare(own_engine, PEOPLE, PLACES)
    races.fill_and_turn_over(pool, PROCESSES, own_engine, own_url, people, PLACES)


def test_whatever_many_do_at_once_the_counts_stay_right(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    people = races.prepare(own_engine, 40, 10)
    for _ in range(5):
        moves = people * 6
        random.shuffle(moves)
        races.at_once(pool, PROCESSES, own_url, "either", moves)
        races.check(own_engine)


def test_any_order_of_events_follows_the_model(api: FastAPI, session: Session) -> None:
    run(session, examples=1500, steps=30)
