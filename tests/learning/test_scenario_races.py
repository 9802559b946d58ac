"""Two tabs, two devices, a double click, a process that is killed: a run holds one choice a place, and all of them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, select

from backend.auth.models import Viewer
from backend.db import Database, now
from backend.learning import scenario_runs as runs
from backend.learning.models import Enrolment, ScenarioRun, ScenarioStep
from backend.learning.scenario_runs import NotHere, Run
from backend.learning.service import Address
from tests.factories import make_account
from tests.learning.scenarios import CASE, LESSON, WALK, publish_case
from tests.learning.test_races import DEVICES, at_once
from tests.learning.test_service import viewer_for

HERE = Address("proef", LESSON, CASE)


@pytest.fixture
def viewer(own_engine: Engine) -> Viewer:
    with Session(own_engine) as session, session.begin():
        publish_case(session)
        return viewer_for(make_account(session))


def begin(engine: Engine, viewer: Viewer, form_id: str) -> UUID:
    with Database(engine).session() as session:
        return runs.begin(session, viewer, HERE, form_id, now())


def choose(engine: Engine, viewer: Viewer, run_id: UUID, place: int, *keys: str) -> None:
    node, sent = WALK[place]
    with Database(engine).session() as session:
        runs.choose(session, viewer, HERE, (run_id, place, node), {"keuze": keys} if keys else sent, now())


def look(engine: Engine, viewer: Viewer, run_id: UUID) -> Run:
    with Session(engine) as session:
        return runs.run_of(session, viewer, HERE, run_id)


def count(engine: Engine, table: type) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_form_that_every_device_sends_begins_one_run(own_engine: Engine, viewer: Viewer) -> None:
    """Also the very first time: every device finds that nothing was begun yet."""
    found = []
    at_once(*[lambda: found.append(begin(own_engine, viewer, "a" * 32))] * DEVICES)
    assert len(set(found)) == count(own_engine, ScenarioRun) == count(own_engine, Enrolment) == 1


def test_a_double_click_counts_once(own_engine: Engine, viewer: Viewer) -> None:
    run_id = begin(own_engine, viewer, "a" * 32)
    for place in range(len(WALK)):
        at_once(*[lambda place=place: choose(own_engine, viewer, run_id, place)] * DEVICES)
    assert look(own_engine, viewer, run_id).ending.key == "samen"
    assert count(own_engine, ScenarioStep) == len(WALK)


def test_of_two_tabs_that_choose_otherwise_one_is_kept_and_the_other_is_told(
    own_engine: Engine, viewer: Viewer
) -> None:
    for _ in range(5):
        run_id = begin(own_engine, viewer, uuid4().hex)
        told: list[str] = []

        def tab(key: str, run_id: UUID = run_id, told: list[str] = told) -> None:
            try:
                choose(own_engine, viewer, run_id, 0, key)
            except NotHere:
                told.append(key)

        at_once(lambda: tab("wacht"), lambda: tab("antwoord"), lambda: tab("verbied"))
        kept = look(own_engine, viewer, run_id)
        assert len(kept.turns) == 1
        assert {kept.turns[0].chosen[0].key, *told} == {"wacht", "antwoord", "verbied"}


def test_the_constraint_decides_where_the_lock_would_fail(own_engine: Engine, viewer: Viewer) -> None:
    """The negative control: without a lock, both tabs find the place free; the key of the table still keeps one."""
    run_id = begin(own_engine, viewer, "a" * 32)
    failed = []

    def careless(key: str) -> None:
        with Database(own_engine).session(reading=True) as session:
            is_free = not runs.run_of(session, viewer, HERE, run_id).turns
        try:
            with Database(own_engine).session() as session:
                row = ScenarioStep(run_id=run_id, place=0, node_key="post", picks={"": [key]}, at=now())
                session.add(row)
        except Exception as error:  # noqa: BLE001 - which one depends on the database
            failed.append((is_free, type(error).__name__))

    at_once(lambda: careless("wacht"), lambda: careless("antwoord"))
    assert failed == [(failed[0][0], "IntegrityError")]
    assert count(own_engine, ScenarioStep) == 1


def test_again_from_a_point_begins_one_run_however_often_it_is_sent(
    own_engine: Engine, viewer: Viewer
) -> None:
    run_id = begin(own_engine, viewer, "a" * 32)
    for place in range(3):
        choose(own_engine, viewer, run_id, place)
    found = []

    def again() -> None:
        with Database(own_engine).session() as session:
            found.append(runs.begin_again(session, viewer, HERE, (run_id, 2), "c" * 32, now()))

    at_once(*[again] * DEVICES)
    assert len(set(found)) == 1
    assert len(look(own_engine, viewer, found[0]).turns) == 2
    assert count(own_engine, ScenarioStep) == 5


def test_what_breaks_off_halfway_leaves_nothing_half(own_engine: Engine, viewer: Viewer) -> None:
    """The last choice and the ending are one transaction."""
    run_id = begin(own_engine, viewer, "a" * 32)
    for place in range(3):
        choose(own_engine, viewer, run_id, place)
    node, sent = WALK[3]

    def killed() -> None:
        with Database(own_engine).session() as session:
            runs.choose(session, viewer, HERE, (run_id, 3, node), sent, now())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    half = look(own_engine, viewer, run_id)
    assert (len(half.turns), half.ended_at) == (3, None)
    choose(own_engine, viewer, run_id, 3)
    done = look(own_engine, viewer, run_id)
    assert done.ended_at is not None
    assert done.ended_at - done.started_at < timedelta(minutes=1)
