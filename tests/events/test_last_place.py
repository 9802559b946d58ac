"""Two people and one last place, over HTTP, at the same moment, each at a web process of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.auth import sessions
from backend.auth.access import COOKIE
from backend.db import now
from backend.events.models import Registration, RegistrationStatus
from tests.events import races
from tests.factories import make_day

ROOT = Path(__file__).parents[2]
ROUNDS = 6
S = RegistrationStatus


def careless() -> Starlette:
    """How not to do it: an application that looks whether there is room, and then takes it."""

    def register(request: Request) -> Response:
        database = races._database(os.environ["LN_DATABASE_URL"])
        races._check_then_insert(database, UUID(request.headers["x-person"]), None)
        return Response(status_code=303)

    return Starlette(routes=[Route("/actiedagen/{day}/inschrijven", register, methods=["POST"])])


@contextmanager
def servers(factory: str, url: str, folder: Path) -> Iterator[list[int]]:
    """Two web processes on this database; gives their ports."""
    own = {
        "LN_DATABASE_URL": url,
        "LN_DATA_DIR": str(folder),
        "LN_EMBEDDED_WORKER": "false",
        "LN_RATE_LIMITS": "false",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--log-level", "warning", "--port"]
    ports = [free_port(), free_port()]
    started = [
        subprocess.Popen([*command, str(port)], cwd=ROOT, env={**os.environ, **own, "LN_BASE_URL": f"http://127.0.0.1:{port}"})
        for port in ports
    ]  # fmt: skip
    try:
        until = time.monotonic() + 60
        for port, process in zip(ports, started, strict=True):
            while not answers(port):
                assert process.poll() is None and time.monotonic() < until, "the server did not start"
                time.sleep(0.05)
        yield ports
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def post(port: int, path: str, token: str, person: UUID, together: Barrier) -> int:
    """Connected first; the request leaves when the others are ready too. Gives the status."""
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nCookie: {COOKIE}={token}\r\n"
        f"X-Person: {person}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n"
        "Connection: close\r\n\r\nneeds="
    )
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        together.wait(60)
        connection.sendall(request.encode())
        answer = connection.makefile("rb").read()
    return int(answer.split(b" ", 2)[1])


def fight(ports: list[int], slug: str, who: list[tuple[UUID, str]]) -> list[int]:
    together = Barrier(len(who))
    with ThreadPoolExecutor(len(who)) as pool:
        path = f"/actiedagen/{slug}/inschrijven"
        sent = [
            pool.submit(post, port, path, token, person, together)
            for port, (person, token) in zip(ports, who, strict=True)
        ]
        return [each.result(90) for each in sent]


def signed_in(engine: Engine) -> list[tuple[UUID, str]]:
    people = races.prepare(engine, 2, 1)
    with Session(engine) as session, session.begin():
        return [(person, sessions.begin(session, person, "test", now())) for person in people]


def test_of_two_who_press_at_once_at_two_servers_exactly_one_gets_the_last_place(
    own_engine: Engine, own_url: str, tmp_path: Path
) -> None:
    who = signed_in(own_engine)
    with Session(own_engine) as session, session.begin():
        days = {make_day(session, slug=f"dag-{n}", capacity=1).id: f"dag-{n}" for n in range(ROUNDS)}
    with servers("backend.main:build", own_url, tmp_path) as ports:
        for slug in days.values():
            assert fight(ports, slug, who) == [303, 303], "nobody sees an error"
    races.check(own_engine)
    with Session(own_engine) as session:
        for day_id in days:
            asked = select(Registration.status).where(Registration.day_id == day_id)
            assert sorted(session.exec(asked).all()) == [S.CONFIRMED, S.WAITING]


@pytest.mark.deep
def test_without_the_guard_both_would_get_it(own_engine: Engine, own_url: str, tmp_path: Path) -> None:
    """The negative control. Tried some times, for chance decides."""
    with servers(f"{__name__}:careless", own_url, tmp_path) as ports:
        for _ in range(40):
            races.empty(own_engine)
            fight(ports, races.SLUG, [(person, "") for person in races.prepare(own_engine, 2, 1)])
            if races.confirmed(own_engine) == 2:
                return
    pytest.fail("check-then-insert never overbooked: this fight proves nothing")
