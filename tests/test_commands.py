"""The commands as an operator uses them: what they do, what they refuse, and what they say then."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from backend import config, doctor, jobs
from backend.__main__ import main
from backend.auth import passwords
from backend.auth.models import Account, RoleGrant
from backend.config import ROOT, settings
from backend.db import now
from backend.jobs import Job, JobStatus
from tests.courses.files import write

# ── people and content ──


def test_an_administrator_is_made_once_with_a_good_password(
    on_sqlite: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    order = ["create-admin", "--email", "Ann@Test.example", "--name", "Ann De Wit"]
    monkeypatch.setenv("ADMIN_PASSWORD", "welkom01")
    assert main(order) == 2
    assert "Dit lukt niet" in capsys.readouterr().err
    monkeypatch.setenv("ADMIN_PASSWORD", "drie kale ganzen zwemmen")
    assert main(order) == 0
    assert main(order) == 0
    with Session(on_sqlite) as session:
        account = session.exec(select(Account)).one()
        assert account.email == "ann@test.example"
        assert passwords.verify("drie kale ganzen zwemmen", account.password_hash)
        assert len(session.exec(select(RoleGrant)).all()) == 1


def test_wrong_content_is_named_with_its_line_and_not_loaded(
    on_sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(config, "CONTENT", tmp_path / "content")
    (tmp_path / "content" / "cursus").mkdir(parents=True)
    (tmp_path / "content" / "cursus" / "course.yaml").write_text("key: cursus\ntitle: [\n")
    assert main(["content", "load"]) == 1
    assert re.search(r"course\.yaml:\d+: ", capsys.readouterr().err)


def test_a_module_is_exported_and_imported(
    on_sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(config, "CONTENT", write(tmp_path))
    file = tmp_path / "proef.zip"
    assert main(["content", "export", "proef", str(file)]) == 2
    assert "Deze module bestaat niet" in capsys.readouterr().err
    assert main(["content", "load"]) == 0
    assert main(["content", "export", "proef", str(file)]) == 0
    assert f"Proef, versie 1, staat in {file}" in capsys.readouterr().out
    assert main(["content", "export", "proef", str(file)]) == 2
    assert "is er al" in capsys.readouterr().err
    assert main(["content", "import", str(file)]) == 0
    assert "proef: er is niets veranderd\nLet op:" in capsys.readouterr().out
    monkeypatch.setattr(config, "CONTENT", tmp_path / "elders")
    file.write_bytes(file.read_bytes()[:-50])
    assert main(["content", "import", str(file)]) == 2
    assert "Dit is geen zip, of hij is beschadigd" in capsys.readouterr().err
    assert main(["content", "import", str(tmp_path / "weg.zip")]) == 2
    assert "kan niet gelezen worden" in capsys.readouterr().err


def test_the_check_tells_how_a_lesson_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(config, "CONTENT", write(tmp_path))
    assert main(["content", "check"]) == 0
    assert "woorden per zin" not in capsys.readouterr().out
    assert main(["content", "check", "--reading"]) == 0
    assert re.search(
        r"leest +\d+ op 100, +\d+\.\d woorden per zin, +\d+ woorden  proef/een", capsys.readouterr().out
    )


def test_the_content_of_the_product_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["content", "check"]) == 0


def test_the_demo_never_comes_into_production(
    on_sqlite: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings, "mode", "production")
    assert main(["demo"]) == 2
    assert "productie" in capsys.readouterr().err


# ── doctor ──


def said() -> str:
    return "\n".join(str(finding) for finding in doctor.examine())


def test_doctor_finds_nothing_wrong_with_what_is_right(
    installation: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "FOUT" not in out
    assert ("SQLite 3." if installation.dialect.name == "sqlite" else "PostgreSQL 1") in out


def test_doctor_says_what_is_wrong_and_what_to_do(
    on_sqlite: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Session(on_sqlite) as session:
        old = now() - timedelta(hours=1)
        for name, status in (("mail.send", JobStatus.QUEUED), ("mail.send", JobStatus.DEAD)):
            session.add(Job(name=name, payload={}, status=status, run_at=old, created_at=old, error="550"))
        session.commit()
    monkeypatch.setattr(settings, "mode", "production")
    monkeypatch.setattr(settings, "contact_email", "")
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    for piece in (
        "geen werker",
        "opgegeven: 550",
        "wachten op een mailserver",
        "LN_SMTP_HOST",
        "LN_CONTACT_EMAIL",
    ):
        assert piece in out
    assert "geen back-up" in out
    monkeypatch.setattr(settings, "smtp_host", "127.0.0.1")
    monkeypatch.setattr(settings, "smtp_port", 1)
    assert "antwoordt niet goed" in said()


def test_doctor_tells_of_an_empty_database_a_bad_folder_and_a_bad_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "data_dir", tmp_path)
    monkeypatch.setattr(settings, "database_url", "")
    assert "Voer `migrate` uit" in said()
    monkeypatch.setattr("backend.db.sqlite_is_sound", lambda _version: False)
    assert "can lose committed data" in said()
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "data_dir", tmp_path / "file")
    assert "kan niet geschreven worden" in said()
    monkeypatch.setattr(settings, "database_url", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert "antwoordt niet" in said()


def test_jobs_that_only_wait_their_turn_are_fine(on_sqlite: Engine) -> None:
    with Session(on_sqlite) as session:
        jobs.enqueue(session, "mail.send", mail_id="x")
        session.commit()
        assert session.exec(select(func.count(col(Job.id)))).one() == 1
    assert "Mails en taken lopen" in said()


# ── real processes ──


def command(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    env = {k: v for k, v in os.environ.items() if not k.startswith("LN_")}
    env |= {"LN_DATA_DIR": str(folder), **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", "backend", *arguments], cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True
    )


def free_port() -> int:
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        return int(trying.getsockname()[1])


def get(port: int, path: str) -> Any:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30)
    except urllib.error.HTTPError as error:
        return error


@contextmanager
def served(folder: Path, port: int, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = command(folder, "serve", "--prepare", "--port", str(port), *arguments)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert process.poll() is None, process.communicate()
            try:
                get(port, "/gezondheid").read()
                break
            except urllib.error.URLError:
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_new_machine_serves_the_demo_stops_cleanly_and_keeps_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    with served(tmp_path, port) as process:
        ready = get(port, "/gereed")
        assert (ready.status, json.load(ready)["status"]) == (200, "ok")
        page = get(port, "/")
        assert page.status == 200
        assert "server" not in {name.lower() for name in page.headers}
        assert b"Polarisatie" in get(port, "/modules").read()

        assert main(["serve", "--port", str(port)]) == 2
        assert f"PORT={port + 1}" in capsys.readouterr().err
        monkeypatch.setattr(settings, "data_dir", tmp_path)
        assert main(["restore", "nothing.zip"]) == 2
        assert "draait nog" in capsys.readouterr().err

        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        out, err = process.communicate()
        assert f"http://127.0.0.1:{port}" in out
        assert err == ""
    with served(tmp_path, port, "--workers", "2", "--no-worker") as process:
        assert get(port, "/").status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert "ingeladen" not in process.communicate()[0], "it is all there already"


def test_two_processes_may_migrate_at_once(own_url: str, tmp_path: Path) -> None:
    both = [command(tmp_path, "migrate", LN_DATABASE_URL=own_url) for _ in range(2)]
    answers = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert sorted(out for out, _err in answers) == ["", "De databank is bijgewerkt.\n"]


def test_a_wrong_setting_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    process = command(tmp_path, "doctor", LN_MODE="production", LN_WORKERS="many")
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "LN_WORKERS" in err
    assert "Traceback" not in err
