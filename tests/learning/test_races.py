"""Two devices of one person at the same moment: nothing is lost and nothing counts twice."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, select

from backend.auth.models import Viewer
from backend.db import Database, now
from backend.learning.models import Attempt, Enrolment, LessonProgress, Response, ResponseEvent
from backend.learning.service import Address, answer, save_note
from tests.factories import make_account
from tests.learning.documents import QUESTIONS, RIGHT, WRONG, make_course, publish
from tests.learning.test_service import viewer_for

DEVICES, TRIES = 4, 6


@pytest.fixture
def viewer(own_engine: Engine) -> Viewer:
    with Session(own_engine) as session, session.begin():
        publish(session, make_course())
        return viewer_for(make_account(session))


def at_once(*moves: Callable[[], object]) -> None:
    """Run them all, each in a thread of its own, from the same moment. Raises what one of them raised."""
    start, failures = threading.Barrier(len(moves)), []

    def run(move: Callable[[], object]) -> None:
        start.wait()
        try:
            move()
        except BaseException as failure:  # noqa: BLE001 - told by the test, not by the thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


def give(engine: Engine, viewer: Viewer, block: str, sent: dict[str, list[str]], submission: str) -> None:
    with Database(engine).session() as session:
        answer(session, viewer, Address("proef", "een", block), sent, submission, now())


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_answers_from_several_devices_all_count(own_engine: Engine, viewer: Viewer) -> None:
    """Also the very first ones: every device finds that nothing was begun yet."""

    def one_device() -> None:
        for _ in range(TRIES):
            give(own_engine, viewer, "kies", WRONG["kies"], uuid4().hex)

    at_once(*[one_device] * DEVICES)
    with Session(own_engine) as session:
        assert count(session, Enrolment) == count(session, Attempt) == 1
        assert count(session, ResponseEvent) == DEVICES * TRIES
        assert session.exec(select(Response)).one().tries == DEVICES * TRIES
        assert session.exec(select(LessonProgress)).one().tries_below == DEVICES * TRIES


def test_a_form_that_every_device_sends_counts_once(own_engine: Engine, viewer: Viewer) -> None:
    at_once(*[lambda: give(own_engine, viewer, "kies", WRONG["kies"], "a" * 32)] * DEVICES)
    with Session(own_engine) as session:
        assert count(session, ResponseEvent) == 1
        assert session.exec(select(Response)).one().tries == 1


def test_different_questions_at_once_finish_the_lesson(own_engine: Engine, viewer: Viewer) -> None:
    def answer_it(key: str) -> Callable[[], None]:
        return lambda: give(own_engine, viewer, key, RIGHT[key], uuid4().hex)

    at_once(*[answer_it(question.key) for question in QUESTIONS])
    with Session(own_engine) as session:
        row = session.exec(select(LessonProgress)).one()
        assert (row.answered_count, row.score_sum) == (len(QUESTIONS), len(QUESTIONS))
        assert row.done_at is not None


def test_a_note_sent_from_every_device_is_kept_once(own_engine: Engine, viewer: Viewer) -> None:
    def note() -> None:
        with Database(own_engine).session() as session:
            save_note(session, viewer, Address("proef", "een", "notitie"), "Handelaars", now())

    at_once(*[note] * DEVICES)
    with Session(own_engine) as session:
        assert count(session, ResponseEvent) == 1


def test_without_the_lock_tries_are_lost(own_engine: Engine, viewer: Viewer) -> None:
    """The negative control: read, then write what was read plus one, as if nobody else were there."""
    give(own_engine, viewer, "kies", WRONG["kies"], uuid4().hex)

    def careless() -> None:
        for _ in range(TRIES):
            with Database(own_engine).session(reading=True) as session:
                before = session.exec(select(Response)).one().tries
            with Database(own_engine).session() as session:
                session.exec(select(Response)).one().tries = before + 1

    for _ in range(5):
        with Session(own_engine) as session, session.begin():
            session.exec(select(Response)).one().tries = 0
        at_once(*[careless] * DEVICES)
        with Session(own_engine) as session:
            if session.exec(select(Response)).one().tries < DEVICES * TRIES:
                return
    pytest.fail("nothing was ever lost: this race proves nothing")
