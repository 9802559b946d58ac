"""Two mentors at the same moment, and two members who want the same half hour: from real processes, on both databases."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from backend.mail import OutgoingMail
from backend.mentoring.models import CohortMember, Message, OfficeSlot
from tests.events import races
from tests.mentoring import word_races

PROCESSES = 3


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with races.processes(PROCESSES) as pool:
        yield pool


def at_once(pool: ProcessPoolExecutor, url: str, move: str, people: list[UUID], what: UUID) -> int:
    """How many were let through."""
    begin = time.time() + 1.0
    waiting = [pool.submit(word_races.act, url, move, who, what, begin) for who in people]
    return sum(each.result(60) for each in waiting)


def test_six_mentors_at_once_are_one_word(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    learner, mentors, _members = word_races.prepare(own_engine)
    at_once(pool, own_url, "nudge", mentors, learner)
    with Session(own_engine) as session:
        assert len(session.exec(select(Message)).all()) == 1
        assert len(session.exec(select(OutgoingMail)).all()) == 1


def test_without_the_guard_there_would_be_more(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """The negative control: the race can go wrong."""
    for _ in range(5):
        learner, mentors, _members = word_races.prepare(own_engine)
        if at_once(pool, own_url, "nudge unguarded", mentors, learner) > 1:
            return
    pytest.fail("look, then write never went wrong: this race proves nothing")


def test_a_half_hour_is_for_one_of_six(pool: ProcessPoolExecutor, own_engine: Engine, own_url: str) -> None:
    _learner, mentors, members = word_races.prepare(own_engine)
    slot = word_races.open_slot(own_engine, mentors[0])
    assert at_once(pool, own_url, "book", members, slot) == 1
    with Session(own_engine) as session:
        assert session.get_one(OfficeSlot, slot).booked_by_id in members
        assert len(session.exec(select(OutgoingMail)).all()) == 2  # one for each of both


def test_without_the_guard_several_would_have_it(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    _learner, mentors, members = word_races.prepare(own_engine)
    for _ in range(5):
        slot = word_races.open_slot(own_engine, mentors.pop())
        if at_once(pool, own_url, "book unguarded", members, slot) > 1:
            return
    pytest.fail("look, then write never went wrong: this race proves nothing")


def test_a_group_saved_in_several_tabs_at_once_has_everybody_once(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """Each is let through: nobody finds that somebody is in the group already, and loses what they ticked."""
    learner, mentors, members = word_races.prepare(own_engine)
    for _ in range(3):
        group = word_races.make_group(own_engine, mentors[0])
        assert at_once(pool, own_url, "regroup", [mentors[0]] * PROCESSES, group) == PROCESSES
        with Session(own_engine) as session:
            found = session.exec(select(CohortMember.account_id).where(CohortMember.cohort_id == group)).all()
            assert set(found) == {learner, *members}
