"""What goes wrong around a registration: a mail server that is away, a worker that is killed. Nothing lost, nothing twice."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from backend import doctor, jobs
from backend.config import ROOT, settings
from backend.db import Database, now
from backend.events import ledger
from backend.events.models import (
    ActionDay,
    EventKind,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
)
from backend.jobs import Job, JobStatus
from backend.mail import OutgoingMail
from tests.events import races
from tests.events.acts import make_member, register
from tests.factories import make_day
from tests.mail_server import Postbus, mail_server

HOUR = (0, 1, 6, 21, 59)  # minutes at which the worker looks while nobody answers
RUN_JOBS = """
import sys
from backend import jobs
from backend.db import Database, make_engine, now
from backend.main import create_api
database = create_api(make_engine(sys.argv[1])).state.db
print("ready", flush=True)
while True:
    jobs.run_next(database, now())
"""


def test_a_mail_server_that_is_away_for_an_hour_loses_and_repeats_nothing(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(own_engine)
    people = races.prepare(own_engine, 6, 2)
    for person in people:
        races.MOVES["register"](database, person, None)
    with socket.socket() as nobody:  # a port on which nobody answers
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setattr(settings, "smtp_host", "127.0.0.1")
        monkeypatch.setattr(settings, "smtp_port", nobody.getsockname()[1])
        monkeypatch.setattr(settings, "smtp_security", "none")
        began = now()
        for minute in HOUR:
            jobs.run_due(database, began + timedelta(minutes=minute))
        races.MOVES["cancel"](database, people[0], None)  # life goes on meanwhile
    races.check(own_engine)
    with Session(own_engine) as session:
        assert {job.status for job in session.exec(select(Job))} == {JobStatus.QUEUED}
    postbus = Postbus()
    with mail_server(postbus) as port:
        monkeypatch.setattr(settings, "smtp_port", port)
        for _ in range(2):
            jobs.run_due(database, began + timedelta(hours=8))
    with Session(own_engine) as session:
        queued = session.exec(select(OutgoingMail)).all()
    assert all(mail.sent_at for mail in queued) and len(queued) == 6 + 2
    arrived = Counter((message["To"], message["Message-ID"]) for message in postbus.messages)
    assert len(arrived) == len(queued) and set(arrived.values()) == {1}
    promoted = [m for m in postbus.messages if "Er is een plaats voor je" in m["Subject"]]
    assert [m["To"] for m in promoted] == [races.address_of(people[2])]


def test_a_worker_killed_while_offers_end_leaves_all_or_nothing(own_engine: Engine, own_url: str) -> None:
    """A real process that is killed again and again at the moment it lets go forty offers."""
    database = Database(own_engine)
    people = races.prepare(own_engine, 80, 40, offer_hours=8)
    for person in people:
        races.MOVES["register"](database, person, None)
    with database.session() as session:
        day_id = session.exec(select(ActionDay.id)).one()
        seated = session.exec(select(Registration).where(col(Registration.status) == "confirmed")).all()
        for row in seated:  # as if they had all been offered, and that was over by now
            over = now() - timedelta(seconds=1)
            ledger.note(session, row, EventKind.CANCELLED, now(), to=RegistrationStatus.CANCELLED)
            again = Registration(**row.model_dump(exclude={"id", "status", "sequence"}), sequence=-1)
            ledger.note(session, again, EventKind.INVITED, now(), to=RegistrationStatus.OFFERED, until=over)
        session.execute(update(Job).values(status=JobStatus.DONE, finished_at=now()))
        jobs.enqueue(session, "events.expire_offers", day_id=str(day_id))
    for moment in (0.05, 0.25):
        _run_and_kill(own_url, after=moment)
        with database.session() as session:
            session.execute(update(Job).values(leased_until=None))
            expired = _count(session, EventKind.EXPIRED)
            assert expired in (0, 40) and _count(session, EventKind.OFFERED) == expired
            assert ledger.differences(session) == []
    for _ in range(3):
        jobs.run_due(database, now() + timedelta(minutes=5))
    with Session(own_engine) as session:
        assert (_count(session, EventKind.EXPIRED), _count(session, EventKind.OFFERED)) == (40, 40)
        told = [
            e
            for e in session.exec(select(RegistrationEvent))
            if e.kind in (EventKind.EXPIRED, EventKind.OFFERED)
        ]
        subjects = Counter(m.subject.partition(":")[0] for m in session.exec(select(OutgoingMail)))
        assert subjects["Je plaats is niet meer vrij"] == 40 and len(told) == 80
        assert ledger.differences(session) == []


def _run_and_kill(url: str, after: float) -> None:
    env = {**os.environ, "LN_DATABASE_URL": url}
    command = [sys.executable, "-c", RUN_JOBS, url]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(after)
        worker.send_signal(signal.SIGKILL)


def _count(session: Session, kind: EventKind) -> int:
    return len(session.exec(select(RegistrationEvent.id).where(col(RegistrationEvent.kind) == kind)).all())


# ── doctor ──


def test_doctor_finds_a_counter_that_lies(installation: Engine) -> None:
    people = races.prepare(installation, 2, 5)
    for person in people:
        races.MOVES["register"](Database(installation), person, None)
    said = [str(finding) for finding in doctor.examine()]
    assert any("kloppen met hun logboek" in line for line in said)
    with Session(installation) as session, session.begin():
        session.execute(update(ActionDay).values(taken=4))
    said = [str(finding) for finding in doctor.examine()]
    assert any("FOUT" in line and "dag dag telt 4 plaatsen" in line for line in said)


def test_doctor_finds_a_registration_that_was_changed_behind_the_ledgers_back(installation: Engine) -> None:
    (person,) = races.prepare(installation, 1, 5)
    races.MOVES["register"](Database(installation), person, None)
    with Session(installation) as session, session.begin():
        session.execute(update(Registration).values(status=RegistrationStatus.WAITING))
        assert [line for line in ledger.differences(session) if "is niet wat het logboek zegt" in line]


def test_the_ledger_is_only_added_to(session: Session) -> None:
    register(session, make_member(session), make_day(session))
    row = session.exec(select(RegistrationEvent)).one()
    row.reason = "anders"
    with pytest.raises(RuntimeError, match="only added to"):
        session.flush()


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (EventKind.ACCEPTED, RegistrationStatus.WAITING, RegistrationStatus.CONFIRMED),
        (EventKind.PROMOTED, RegistrationStatus.CANCELLED, RegistrationStatus.CONFIRMED),
        (EventKind.CANCELLED, RegistrationStatus.CANCELLED, RegistrationStatus.CANCELLED),
        (EventKind.REGISTERED, RegistrationStatus.WAITING, RegistrationStatus.CONFIRMED),
        (EventKind.CHANGED, RegistrationStatus.WAITING, RegistrationStatus.CONFIRMED),
        (EventKind.PROMOTED, None, RegistrationStatus.CONFIRMED),
    ],
)
def test_what_cannot_happen_is_not_written_down(kind, before, after) -> None:
    with pytest.raises(ValueError, match="cannot become"):
        ledger.check_move(kind, before, after)
