"""The commands of whoever runs an installation: `python -m backend --help`."""

import argparse
import gc
import getpass
import logging.config
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from backend.errors import AppError, OperatorError

LOGGING: dict[str, Any] = {  # to standard error, in every process; whoever runs it decides where that goes
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {name: {"level": "WARNING"} for name in ("alembic", "uvicorn", "uvicorn.error")},
}
WRONG = 2  # the exit code of a mistake in what was asked or set; 1 is for what doctor or check found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code."""
    asked = _parser().parse_args(arguments)
    os.umask(0o077)  # what it writes holds personal data: for this account only
    logging.config.dictConfig(LOGGING)
    try:
        return int(asked.run(asked) or 0)
    except ValidationError as error:  # the settings, read at the first import of backend.config
        for problem in error.errors(include_url=False, include_input=False):
            name = "LN_" + str(problem["loc"][0]).upper() + ": " if problem["loc"] else ""
            _complain(f"instelling {name}{problem['msg'].removeprefix('Value error, ')}")
    except (OperatorError, AppError) as error:
        _complain(str(error))
    except DBAPIError as error:
        _complain(f"de databank antwoordt niet zoals het moet: {str(error.orig).strip().splitlines()[0]}")
    except KeyboardInterrupt:
        return 130
    return WRONG


def _complain(text: str) -> None:
    print(f"Dit lukt niet: {text}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend",
        description="Lerend netwerk: draaien en onderhouden. Instellingen: docs/settings.md.",
    )
    commands = parser.add_subparsers(required=True, metavar="OPDRACHT")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    serve = command("serve", _serve, "de website, met de werker erin")
    serve.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="adres (HOST)")
    serve.add_argument("--port", default=os.environ.get("PORT") or "8000", type=int, help="poort (PORT)")
    serve.add_argument("--prepare", action="store_true", help="eerst migreren en alles inladen")
    serve.add_argument("--workers", type=int, metavar="N", help="zoveel processen (LN_WORKERS)")
    serve.add_argument("--no-worker", action="store_true", help="zonder werker: die draait apart, met `work`")
    command("work", _work, "de werker voor mails en taken, als eigen proces")
    migrate = command("migrate", _migrate, "de databank bijwerken, met eerst een back-up")
    migrate.add_argument("--no-backup", action="store_true", help="zonder back-up")
    command("demo", _demo, "het fictieve demonetwerk inladen")
    admin = command("create-admin", _create_admin, "een beheerder maken; het wachtwoord wordt gevraagd")
    admin.add_argument("--email", help="anders wordt het gevraagd")
    admin.add_argument("--name", help="anders wordt het gevraagd")
    content = command("content", _content_check, "modules nakijken, inladen, uitgeven en terug inlezen")
    about = content.add_subparsers(required=True, metavar="WAT")

    def of_content(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        made = about.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    check = of_content("check", _content_check, "de modules in content/ nakijken")
    check.add_argument("--reading", action="store_true", help="ook per les hoe vlot ze leest")
    of_content("load", _content_load, "inladen wat in content/ veranderd is").set_defaults(reading=False)
    export = of_content("export", _content_export, "een gepubliceerde module als één zip schrijven")
    export.add_argument("key", metavar="MODULE")
    export.add_argument("file", type=Path, metavar="BESTAND")
    incoming = of_content("import", _content_import, "een module uit een zip nakijken en publiceren")
    incoming.add_argument("file", type=Path, metavar="BESTAND")
    backup = command("backup", _backup, "een nagekeken back-up van databank en bestanden maken")
    backup.add_argument("file", nargs="?", type=Path, metavar="BESTAND", help="anders in de map met gegevens")
    restore = command("restore", _restore, "een back-up terugzetten; wat er was, blijft ernaast bewaard")
    restore.add_argument("file", type=Path, metavar="BESTAND")
    command("doctor", _doctor, "nakijken of alles in orde is, en zeggen wat eraan te doen is")
    return parser


# ── running ──


def _serve(asked: argparse.Namespace) -> None:
    from backend.config import settings

    _require_free(asked.host, asked.port)
    local = "127.0.0.1" if asked.host in ("0.0.0.0", "::") else asked.host  # noqa: S104 - compared, not bound
    if "base_url" not in settings.model_fields_set:
        _set("base_url", f"http://{local}:{asked.port}")
    if asked.workers is not None:
        _set("workers", asked.workers)
    if asked.no_worker:
        _set("embedded_worker", False)  # noqa: FBT003 - the value of a setting
    if asked.prepare:
        _prepare(backup=True)
    else:
        _require_newest_schema()
    if settings.demo and local != asked.host:
        print("Let op: dit is de demo, en iedereen die dit adres bereikt, kan zich als beheerder aanmelden.")
    print(f"Lerend netwerk draait op {settings.base_url} · stoppen met Ctrl+C", flush=True)
    _run_server(asked.host, asked.port)


def _set(name: str, value: Any) -> None:
    """Change a setting for this process and for the web processes it starts."""
    from backend.config import Settings, settings

    os.environ[f"LN_{name.upper()}"] = str(value)
    setattr(settings, name, getattr(Settings(), name))


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind((host, port))
        except (OSError, OverflowError) as error:
            raise OperatorError(
                f"op {host}:{port} kan het programma niet luisteren ({getattr(error, 'strerror', error)}). "
                f"Stop wat daar draait, of kies een andere poort: PORT={port + 1}"
            ) from error


def _run_server(host: str, port: int) -> None:
    import uvicorn

    from backend.config import settings
    from backend.locks import locked

    gc.disable()  # a sixth of loading the program is looking for garbage that is not there; _lifespan switches it on
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn stops at it, and then sends it again
    with locked("running", shared=True), suppress(KeyboardInterrupt):
        uvicorn.run(
            "backend.main:build",
            factory=True,
            host=host,
            port=port,
            workers=settings.workers,
            ws="none",
            log_config=LOGGING,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            timeout_graceful_shutdown=20,
            backlog=2048,
        )


def _work(_asked: argparse.Namespace) -> None:
    from backend import jobs
    from backend.locks import locked
    from backend.main import create_api

    _require_newest_schema()
    database = create_api().state.db  # the whole application: every handler, and the addresses for mails
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()
        jobs.wake()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print("De werker draait · stoppen met Ctrl+C", flush=True)
    with locked("running", shared=True):
        jobs.work(database, stopping)


# ── the database and what is in it ──


@contextmanager
def _engine() -> Iterator[Any]:
    from backend.config import settings
    from backend.db import make_engine

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        engine = make_engine(settings.database)
    except RuntimeError as error:
        raise OperatorError(str(error)) from error
    try:
        yield engine
    finally:
        engine.dispose()


def _require_newest_schema() -> None:
    from backend import schema

    with _engine() as engine:
        schema.require_newest(engine)


def _migrate(asked: argparse.Namespace) -> None:
    _prepare(backup=not asked.no_backup, load=False)


def _prepare(*, backup: bool, load: bool = True) -> None:
    """What a start needs: the right tables, and what belongs in them. Costs little when all is there."""
    from backend import schema
    from backend.backup import make_backup
    from backend.config import settings

    with _engine() as engine, schema.alone(engine):

        def keep() -> None:
            if backup:
                print(f"Back-up vóór het bijwerken: {make_backup(engine)}")

        if schema.upgrade(engine, keep):
            print("De databank is bijgewerkt.")
        if load:
            _load_network(engine)
            _load_content(engine)
            if settings.demo:
                _load_demo(engine)


def _load_network(engine: Any) -> None:
    from backend.db import Database, now
    from backend.network.service import load_network

    with Database(engine).session() as session:
        if load_network(session, now()):
            print("De gemeenten, regio’s en partners zijn ingeladen.")


def _load_content(engine: Any) -> None:
    from backend.config import CONTENT
    from backend.courses import loading
    from backend.db import Database, now

    with Database(engine).session() as session:
        for line in loading.load(session, CONTENT, now()):
            print(line)


def _load_demo(engine: Any) -> None:
    from backend import demo
    from backend.db import Database, now

    with Database(engine).session() as session:
        if demo.load(session, now()):
            print("Het fictieve demonetwerk is ingeladen.")


def _demo(_asked: argparse.Namespace) -> None:
    from backend.config import settings

    if not settings.demo:
        raise OperatorError("in productie komt er geen demonetwerk bij.")
    _prepare(backup=True)


def _content_check(asked: argparse.Namespace, *, then_load: bool = False) -> int:
    from backend.config import CONTENT
    from backend.courses import readability, service
    from backend.db import now

    documents, problems = service.check(CONTENT, today=now().date())
    for problem in problems:
        print(problem, file=sys.stderr)
    for document in documents if asked.reading else ():
        for lesson in document.lessons:
            print(f"{readability.reading_of(lesson)}  {document.key}/{lesson.key}")
    if any(not problem.is_warning for problem in problems):
        print("De modules hebben fouten. Er is niets ingeladen.", file=sys.stderr)
        return 1
    if then_load:
        _require_newest_schema()
        with _engine() as engine:
            _load_content(engine)
    print("De modules zijn in orde.")
    return 0


def _content_load(asked: argparse.Namespace) -> int:
    return _content_check(asked, then_load=True)


def _content_export(asked: argparse.Namespace) -> None:
    from backend.courses import packages, service
    from backend.db import Database

    if asked.file.exists():
        raise OperatorError(f"{asked.file} is er al. Kies een andere naam.")
    _require_newest_schema()
    with _engine() as engine, Database(engine).session(reading=True) as session:
        found = service.find(session, asked.key)
        asked.file.write_bytes(packages.export_zip(session, found.version_id))
    print(f"{found.document.title}, versie {found.number}, staat in {asked.file}")


def _content_import(asked: argparse.Namespace) -> None:
    from backend.config import CONTENT
    from backend.courses import packages
    from backend.db import Database, now

    try:
        data = asked.file.read_bytes()
    except OSError as error:
        raise OperatorError(f"{asked.file} kan niet gelezen worden ({error.strerror}).") from error
    _require_newest_schema()
    with _engine() as engine, Database(engine).session() as session:
        key, number = packages.import_zip(session, data, now())
    print(f"{key}: versie {number} gepubliceerd" if number else f"{key}: er is niets veranderd")
    if (CONTENT / key).exists():
        print(
            f"Let op: {CONTENT / key} bestaat ook. Wie daar iets verandert en inlaadt, zet die versie terug."
        )


def _create_admin(asked: argparse.Namespace) -> None:
    from backend.auth import administrators
    from backend.db import Database, now

    _require_newest_schema()
    email = (asked.email or input("E-mailadres: ")).strip().lower()
    name = (asked.name or input("Naam: ")).strip()
    password = os.environ.get("ADMIN_PASSWORD") or getpass.getpass("Wachtwoord: ")
    with _engine() as engine, Database(engine).session() as session:
        administrators.create(session, email, name, password, now=now())
    print(f"{name} is beheerder en kan zich aanmelden met {email}.")


def _backup(asked: argparse.Namespace) -> None:
    from backend.backup import make_backup

    with _engine() as engine:
        print(f"Back-up gemaakt en nagekeken: {make_backup(engine, asked.file)}")


def _restore(asked: argparse.Namespace) -> None:
    from backend.backup import restore

    with _engine() as engine:
        kept = restore(engine, asked.file)
    print(f"De back-up is teruggezet. Wat er was, staat in {kept}")


def _doctor(_asked: argparse.Namespace) -> int:
    from backend.doctor import examine

    findings = examine()
    for finding in findings:
        print(finding)
    return 1 if any(finding.is_wrong for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
