"""Mail, against a real mail server: what arrives, once or not at all, and what cannot be smuggled in."""

import email
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, SQLModel, col, select

from backend import jobs, mail
from backend.config import ROOT, settings
from backend.db import Database, make_engine, now
from backend.jobs import Job, JobStatus
from backend.mail import OutgoingMail
from tests.mail_server import Postbus, mail_server

NOOR = "naam@gemeente.test.example"


@pytest.fixture
def postbus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbus]:
    """A mail server that the settings point to."""
    made = Postbus()
    with mail_server(made) as port:
        monkeypatch.setattr(settings, "smtp_host", "127.0.0.1")
        monkeypatch.setattr(settings, "smtp_port", port)
        monkeypatch.setattr(settings, "smtp_security", "none")
        yield made


@pytest.fixture
def both(own_engine: Engine) -> Database:
    """SQLite and PostgreSQL in turn: for what depends on how they lock."""
    return Database(own_engine)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    engine = make_engine(f"sqlite:///{tmp_path}/mail.db")
    SQLModel.metadata.create_all(engine)
    yield Database(engine)
    engine.dispose()


def post(
    database: Database, *, to: str = NOOR, subject: str = "Je plaats op de actiedag", **values: Any
) -> None:
    """As mail.send() keeps it, without a template."""
    with database.session() as session:
        kept = OutgoingMail(
            **{"to": to, "subject": subject, "text": "Dag Noor,\n\nTot dan!\n", "created_at": now()} | values
        )
        session.add(kept)
        jobs.enqueue(session, "mail.send", mail_id=str(kept.id))


def job_of(database: Database) -> Job:
    with Session(database.reader) as session:
        return session.exec(select(Job).where(col(Job.name) == "mail.send")).one()


def test_a_mail_arrives_once_with_the_right_headers(database: Database, postbus: Postbus) -> None:
    post(database, subject="Hé: één plaats op “de dag”", text="Dag Zoë,\n\n" + "lang " * 300 + "\n.\npunt\n")
    assert jobs.run_due(database, now()) == 1
    assert jobs.run_due(database, now() + timedelta(days=1)) == 0
    with Session(database.reader) as session:
        kept = session.exec(select(OutgoingMail)).one()
    assert kept.sent_at is not None
    ((recipients, message, raw),) = postbus.kept
    assert recipients == [NOOR]
    assert message["Subject"] == "Hé: één plaats op “de dag”"
    assert message["To"] == NOOR
    assert message["From"] == settings.mail_from
    assert message["Message-ID"] == f"<{kept.id}@127.0.0.1>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs(message["Date"].datetime - kept.created_at) < timedelta(seconds=1)
    body, html = message.get_body(("plain",)), message.get_body(("html",))
    assert body is not None and html is not None
    assert body.get_content().replace("\r\n", "\n") == kept.text
    assert "Dag Zoë," in html.get_content()
    assert max(len(line) for line in raw.splitlines()) < 998
    assert raw.isascii()


def test_a_calendar_is_shown_by_mail_programs_and_kept_as_a_file(
    database: Database, postbus: Postbus
) -> None:
    calendar = "BEGIN:VCALENDAR\r\nSUMMARY:Actiedag in Elzendonk – één plaats\r\nEND:VCALENDAR\r\n"
    post(
        database,
        attachments=[
            {"name": "dag.ics", "type": "text/calendar; method=REQUEST; charset=utf-8", "content": calendar}
        ],
    )
    jobs.run_due(database, now())
    (message,) = postbus.messages
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    shown, kept = parts
    assert message.get_content_type() == "multipart/mixed"
    assert next(message.iter_parts()).get_content_type() == "multipart/alternative"
    for part in parts:
        assert part.get_param("method") == "REQUEST"
        assert part.get_param("charset") == "utf-8"
        assert part.get_payload(decode=True).decode().replace("\r\n", "\n") == calendar.replace("\r\n", "\n")
    assert shown.get_content_disposition() is None
    assert kept.get_filename() == "dag.ics"
    assert kept.get_payload(decode=True) == calendar.encode(), "a calendar file keeps its line ends"


INJECTIONS = [
    "=?utf-8?q?x=0D=0ABcc:_evil@test.example?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQHRlc3QuZXhhbXBsZQ==?=",
    "dag\r\nBcc: evil@test.example",
    "dag\nBcc: evil@test.example\n\nandere tekst",
    "dag\rBcc: evil@test.example",
    "dag\u2028Bcc: evil@test.example",
    "dag\x85Bcc: evil@test.example",
    "dag\x0bBcc: evil@test.example",
    "= ?=?utf-8?q?x=0D=0ABcc:_evil@test.example?=",
    "=\x00?utf-8?q?x=0D=0ABcc:_evil@test.example?=",
    "x" * 190 + "=?utf-8?q?x=0D=0ABcc:_evil@test.example?=",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_becomes_another_header(text: str) -> None:
    for values in (
        {"subject": text},
        {
            "attachments": [
                {"name": text, "type": "text/calendar; method=REQUEST", "content": "BEGIN:VCALENDAR"}
            ]
        },
        {
            "attachments": [
                {"name": "a.ics", "type": f"text/calendar; method={text}", "content": "BEGIN:VCALENDAR"}
            ]
        },
    ):
        message = mail.as_message(a_mail(**values))
        assert_no_bcc(bytes(message))


def test_the_sender_of_the_settings_cannot_bring_headers_either(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in INJECTIONS:
        monkeypatch.setattr(settings, "mail_from", f"{text} <noreply@test.example>")
        assert_no_bcc(bytes(mail.as_message(a_mail())))


@pytest.mark.parametrize(
    "address",
    [
        "noor@test.example, evil@test.example",
        "noor@test.example\r\nBcc: evil@test.example",
        "Noor <noor@test.example>",
        "=?utf-8?q?noor?=@test.example>",
        "noor@test.example>\r\nRCPT TO:<evil@test.example",
        "noor",
    ],
)
def test_an_address_that_is_more_than_one_address_is_given_up(address: str) -> None:
    with pytest.raises(jobs.GiveUp) as given_up:
        mail.as_message(a_mail(to=address))
    assert "evil" not in str(given_up.value)


def test_the_test_sees_a_header_that_was_smuggled_in() -> None:
    """The negative control of the tests above."""
    with pytest.raises(AssertionError):
        assert_no_bcc(b"Subject: dag\r\nBcc: evil@test.example\r\n\r\nx")


def test_a_busy_server_gets_it_later(database: Database, postbus: Postbus) -> None:
    postbus.answers = ["451 try later", "452 full", "250 OK"]
    post(database)
    moment = now()
    jobs.run_due(database, moment)
    assert job_of(database).error.startswith("SMTPDataError")
    assert jobs.run_due(database, moment + jobs.DELAYS[0]) == 1
    assert jobs.run_due(database, moment + jobs.DELAYS[0] + jobs.DELAYS[1]) == 1
    assert job_of(database).status == JobStatus.DONE
    assert len(postbus.kept) == 1


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_refused_mail_is_given_up_without_naming_anybody(
    where: str, database: Database, postbus: Postbus
) -> None:
    if where == "rcpt":
        postbus.recipient_answer = f"550 {NOOR} does not exist"
    else:
        postbus.answers = [f"554 {NOOR} is refused"]
    post(database)
    jobs.run_due(database, now())
    job = job_of(database)
    assert job.status == JobStatus.DEAD
    assert "55" in job.error
    assert NOOR not in job.error


def test_a_server_that_is_away_is_tried_again(
    database: Database, postbus: Postbus, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = settings.smtp_port
    monkeypatch.setattr(settings, "smtp_port", 1)
    post(database)
    moment = now()
    jobs.run_due(database, moment)
    assert job_of(database).status == JobStatus.QUEUED
    assert job_of(database).error.startswith("ConnectionRefusedError")
    monkeypatch.setattr(settings, "smtp_port", port)
    jobs.run_due(database, moment + jobs.DELAYS[0])
    assert len(postbus.kept) == 1


def test_the_demo_keeps_its_mails_and_production_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "smtp_host", "")
    monkeypatch.setattr(settings, "mode", "production")
    post(database)
    moment = now()
    jobs.run_due(database, moment)
    assert job_of(database).status == JobStatus.QUEUED
    assert "LN_SMTP_HOST" in job_of(database).error
    monkeypatch.setattr(settings, "mode", "demo")
    jobs.run_due(database, moment + timedelta(hours=1))
    assert job_of(database).status == JobStatus.DONE


def test_nobody_waits_for_the_mail_server(both: Database, postbus: Postbus) -> None:
    """While the server thinks about a mail, others can write to the database."""
    post(both)
    postbus.goes_on.clear()
    sending = threading.Thread(target=jobs.run_due, args=(both, now()))
    sending.start()
    wait_until(lambda: bool(postbus.kept))
    started = time.monotonic()
    post(both, subject="Een andere")
    assert time.monotonic() - started < 1
    postbus.goes_on.set()
    sending.join(10)
    jobs.run_due(both, now())
    assert len(postbus.kept) == 2


def test_two_workers_send_each_mail_once(both: Database, postbus: Postbus) -> None:
    for number in range(20):
        post(both, subject=f"Mail {number}")
    threads = [threading.Thread(target=jobs.run_due, args=(both, now())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(m["Subject"] for m in postbus.messages) == sorted(f"Mail {n}" for n in range(20))


def test_a_worker_killed_between_sending_and_noting_sends_at_most_once_more(
    own_url: str, both: Database, postbus: Postbus, tmp_path: Path
) -> None:
    """A real process, killed while the server has the mail but has not answered: the repeat has the same Message-ID."""
    post(both)
    postbus.goes_on.clear()
    first = start_worker(own_url, tmp_path)
    try:
        wait_until(lambda: bool(postbus.kept))
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    finally:
        first.kill()
    postbus.goes_on.set()
    assert job_of(both).status == JobStatus.QUEUED
    with both.session() as session:  # two minutes later
        session.execute(update(Job).values(leased_until=now() - timedelta(seconds=1)))
    second = start_worker(own_url, tmp_path)
    try:
        wait_until(lambda: job_of(both).status == JobStatus.DONE)
        second.send_signal(signal.SIGTERM)
        assert second.wait(10) == 0, "a worker that is asked to stop stops cleanly"
    finally:
        second.kill()
    assert [m["Message-ID"] for m in postbus.messages] == [postbus.messages[0]["Message-ID"]] * 2


def test_the_certificate_of_the_server_is_checked(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An unknown certificate: nothing is sent, not in the clear either. A known one: it is sent encrypted."""
    postbus = Postbus()
    certificate, key = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with mail_server(postbus, context) as port:
        monkeypatch.setattr(settings, "smtp_host", "localhost")
        monkeypatch.setattr(settings, "smtp_port", port)
        monkeypatch.setattr(settings, "smtp_security", "starttls")
        post(database)
        moment = now()
        jobs.run_due(database, moment)
        assert job_of(database).error.startswith("SSLCertVerificationError")
        assert postbus.kept == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        jobs.run_due(database, moment + jobs.DELAYS[0])
        assert len(postbus.kept) == 1


def a_mail(**values: Any) -> OutgoingMail:
    moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
    return OutgoingMail(**{"to": NOOR, "subject": "Dag", "text": "x\n", "created_at": moment} | values)


def assert_no_bcc(raw: bytes) -> None:
    """As a mail server and a mail program read it: after unfolding, whatever way a header is encoded."""
    message = email.message_from_bytes(raw, policy=default)
    for part in message.walk():
        assert "bcc" not in {name.lower() for name in part}
    assert not any(line.lower().startswith(b"bcc") for line in raw.replace(b"\r", b"\n").splitlines())
    again = email.message_from_bytes(bytes(message), policy=default)
    assert "bcc" not in {name.lower() for name in again}


def wait_until(holds: Any) -> None:
    until = time.monotonic() + 60  # other work may keep the machine busy
    while time.monotonic() < until:
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within a minute")


def start_worker(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    env = {
        **os.environ,
        "LN_DATABASE_URL": url,
        "LN_DATA_DIR": str(folder),
        "LN_SMTP_HOST": "127.0.0.1",
        "LN_SMTP_PORT": str(settings.smtp_port),
        "LN_SMTP_SECURITY": "none",
    }
    program = "from backend import jobs; from tests.test_mail import run_worker; run_worker()"
    return subprocess.Popen([sys.executable, "-c", program], env=env, cwd=ROOT)


def run_worker() -> None:
    """What `work` does, on tables that no migration made."""
    from backend import __main__ as commands

    commands._require_newest_schema = lambda: None
    sys.exit(commands.main(["work"]))


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NIET GEDRAAID: openssl ontbreekt")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made: list[str | Path] = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        *names,
        "-keyout",
        key,
    ]
    subprocess.run([*made, "-out", certificate], check=True, capture_output=True)
    return certificate, key
