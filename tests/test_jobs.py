"""The outbox and its worker, on both databases and with real processes."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from backend import jobs
from backend.db import Database, now
from backend.jobs import DELAYS, HANDLERS, LEASE, Job, JobStatus
from backend.network.models import Region

Handlers = dict[str, jobs.Handler]


@pytest.fixture
def handlers() -> Iterator[Handlers]:
    """Handlers of this test only."""
    before = dict(HANDLERS)
    yield HANDLERS
    HANDLERS.clear()
    HANDLERS.update(before)


@pytest.fixture
def database(own_engine: Engine) -> Database:
    return Database(own_engine)


def ask(database: Database, name: str = "test.job", **payload: Any) -> None:
    with database.session() as session:
        jobs.enqueue(session, name, **payload)


def only_job(database: Database) -> Job:
    with Session(database.reader) as session:
        return session.scalars(select(Job)).one()


def test_a_job_runs_once_and_what_it_wrote_stays(database: Database, handlers: Handlers) -> None:
    handlers["test.job"] = lambda session, payload: session.add(Region(key=payload["key"], name="Waasland"))
    ask(database, key="waasland")
    assert jobs.run_due(database, now()) == 1
    assert jobs.run_due(database, now()) == 0
    assert only_job(database).status == JobStatus.DONE
    with Session(database.reader) as session:
        assert session.get(Region, "waasland") is not None


def test_a_job_of_a_transaction_that_failed_never_existed(database: Database, handlers: Handlers) -> None:
    with Session(database.engine) as session:
        jobs.enqueue(session, "test.job")
        session.flush()
        session.rollback()
    assert jobs.run_due(database, now()) == 0


def test_a_job_waits_for_its_moment(database: Database, handlers: Handlers) -> None:
    handlers["test.job"] = lambda _session, _payload: None
    tomorrow = now() + timedelta(days=1)
    with database.session() as session:
        jobs.enqueue(session, "test.job", at=tomorrow)
    assert jobs.run_due(database, now()) == 0
    assert jobs.run_due(database, tomorrow) == 1


def test_a_failing_job_is_tried_again_ever_later_and_then_given_up(
    database: Database, handlers: Handlers
) -> None:
    def fail(session: Session, _payload: dict[str, Any]) -> None:
        session.add(Region(key="half", name="Half"))
        session.flush()
        raise ValueError("Noor Claes woont in de Dorpsstraat")

    handlers["test.job"] = fail
    ask(database)
    moment = now()
    for delay in DELAYS:
        assert jobs.run_due(database, moment) == 1
        assert jobs.run_due(database, moment + delay - timedelta(seconds=1)) == 0, "not before its delay"
        assert only_job(database).status == JobStatus.QUEUED
        moment += delay
    assert jobs.run_due(database, moment) == 1
    job = only_job(database)
    assert job.status == JobStatus.DEAD
    assert job.attempts == len(DELAYS) + 1
    assert job.error.startswith("ValueError in test_jobs.py:")
    assert "Noor" not in job.error
    assert jobs.run_due(database, moment + timedelta(days=30)) == 0
    with Session(database.reader) as session:
        assert session.get(Region, "half") is None, "what a failing handler wrote is undone"


def test_giving_up_and_waiting_for_something_are_not_tries(database: Database, handlers: Handlers) -> None:
    def wait(_session: Session, _payload: dict[str, Any]) -> None:
        raise jobs.NotYet("no mail server")

    handlers["test.job"] = wait
    ask(database)
    moment = now()
    for _ in range(20):
        assert jobs.run_due(database, moment) == 1
        moment += jobs.NOT_YET
    job = only_job(database)
    assert (job.status, job.attempts, job.error) == (JobStatus.QUEUED, 0, "no mail server")

    def give_up(_session: Session, _payload: dict[str, Any]) -> None:
        raise jobs.GiveUp("the address does not exist")

    handlers["test.job"] = give_up
    assert jobs.run_due(database, moment) == 1
    job = only_job(database)
    assert (job.status, job.error) == (JobStatus.DEAD, "the address does not exist")


def test_a_job_without_handler_waits_for_a_version_that_has_one(database: Database) -> None:
    ask(database, "test.unknown")
    assert jobs.run_due(database, now()) == 1
    job = only_job(database)
    assert job.status == JobStatus.QUEUED
    assert job.error.startswith("LookupError")


def test_the_job_of_a_dead_worker_comes_back_after_its_lease(database: Database, handlers: Handlers) -> None:
    ran: list[int] = []
    handlers["test.job"] = lambda _session, _payload: ran.append(1)
    ask(database)
    moment = now()
    assert jobs._lease(database, moment) is not None  # and the worker dies here
    assert jobs.run_due(database, moment + LEASE) == 0
    assert jobs.run_due(database, moment + LEASE + timedelta(seconds=1)) == 1
    assert ran == [1]


def test_a_job_that_kills_its_workers_ends(database: Database, handlers: Handlers) -> None:
    handlers["test.job"] = lambda _session, _payload: pytest.fail("it must not run again")
    ask(database)
    moment = now()
    for _ in range(len(DELAYS) + 1):
        assert jobs._lease(database, moment) is not None
        moment += LEASE + timedelta(seconds=1)
    assert jobs.run_due(database, moment) == 1
    assert only_job(database).status == JobStatus.DEAD


def test_a_worker_that_was_too_slow_writes_nothing(database: Database, handlers: Handlers) -> None:
    """Its lease ended while it worked, another worker did the job: only that one's work counts."""
    ask(database)
    moment = now()

    def slow(session: Session, _payload: dict[str, Any]) -> None:
        session.commit()
        handlers["test.job"] = lambda other, _payload: other.add(Region(key="second", name="Second"))
        assert jobs.run_due(database, moment + LEASE + timedelta(seconds=1)) == 1
        session.add(Region(key="first", name="First"))

    handlers["test.job"] = slow
    jobs.run_due(database, moment)
    with Session(database.reader) as session:
        assert session.scalars(select(col(Region.key))).all() == ["second"]
    assert only_job(database).status == JobStatus.DONE


def test_two_workers_take_each_job_once(database: Database, handlers: Handlers) -> None:
    ran: list[int] = []
    handlers["test.job"] = lambda _session, payload: ran.append(payload["number"])
    with database.session() as session:
        for number in range(60):
            jobs.enqueue(session, "test.job", number=number)
    in_threads(4, lambda: jobs.run_due(database, now()))
    assert sorted(ran) == list(range(60))


def test_what_happens_daily_is_planned_once_a_day_by_however_many_workers(
    database: Database, handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    monkeypatch.setattr(jobs, "DAILY", ["test.daily"])
    handlers["test.daily"] = lambda _session, _payload: ran.append(1)
    today = now()
    in_threads(4, lambda: jobs.plan_day(database, today))
    jobs.run_due(database, today)
    jobs.plan_day(database, today)
    jobs.run_due(database, today)
    assert len(ran) == 1
    jobs.plan_day(database, today + timedelta(days=1))
    jobs.run_due(database, today + timedelta(days=1))
    assert len(ran) == 2


def test_what_is_done_is_forgotten_after_a_month(database: Database, handlers: Handlers) -> None:
    handlers["test.job"] = lambda _session, _payload: None
    ask(database)
    jobs.run_due(database, now())
    for age, left in ((timedelta(days=29), 1), (timedelta(days=31), 0)):
        with database.session() as session:
            session.execute(update(Job).values(finished_at=now() - age))
            jobs.HANDLERS["jobs.tidy"](session, {})
            assert len(session.scalars(select(Job)).all()) == left


def test_without_the_lease_two_workers_would_take_the_same_job(
    database: Database, handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""

    def look_only(database: Database, moment: Any) -> Job | None:
        with Session(database.reader) as session:
            found = session.scalars(
                select(Job).where(col(Job.id).in_(jobs._due(moment).scalar_subquery()))
            ).first()
            if found is not None:
                session.expunge(found)
        time.sleep(0.01)
        return found

    ran: list[int] = []
    handlers["test.job"] = lambda _session, payload: ran.append(payload["number"])
    monkeypatch.setattr(jobs, "_lease", look_only)
    with database.session() as session:
        for number in range(20):
            jobs.enqueue(session, "test.job", number=number)
    in_threads(4, lambda: jobs.run_due(database, now()))
    assert len(ran) > 20


def test_the_worker_wakes_at_once_and_stops_cleanly(
    database: Database, handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "POLL", 600.0)  # whoever only polled would not come in time
    done = threading.Event()
    handlers["test.job"] = lambda _session, _payload: done.set()
    with jobs.embedded_worker(database):
        time.sleep(0.2)  # it looked and found nothing
        with database.session() as session:
            jobs.enqueue(session, "test.job")
            with session.begin_nested():  # a savepoint is no commit
                session.add(Region(key="waasland", name="Waasland"))
        assert done.wait(30)
    assert not any(thread.name == "worker" for thread in threading.enumerate())


def test_the_worker_outlives_a_database_that_was_away(
    database: Database, handlers: Handlers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()
    handlers["test.job"] = lambda _session, _payload: done.set()
    real, away = jobs.run_next, [True]

    def sometimes(*args: Any) -> bool:
        if away:
            away.clear()
            raise OSError("the database is away")
        return real(*args)

    monkeypatch.setattr(jobs, "run_next", sometimes)
    monkeypatch.setattr(jobs, "PAUSE", 0.01)
    ask(database)
    with jobs.embedded_worker(database):
        assert done.wait(5)
    assert "could not look for jobs" in caplog.text


def in_threads(count: int, function: Callable[[], object]) -> None:
    threads = [threading.Thread(target=function) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
