"""Many requests in one web process: nobody may hold a lock or a connection while waiting for a thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import anyio.to_thread
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session

from backend.auth import sessions
from backend.auth.access import COOKIE
from backend.db import now
from backend.main import create_api
from tests.events import races

CROWD = 30  # more than the threads, and more than the connections of the pool


async def post(app: FastAPI, path: str, token: str) -> int:
    """The status of one POST, without a client in between."""
    headers = [
        (b"cookie", f"{COOKIE}={token}".encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers,
        "http_version": "1.1", "scheme": "http", "server": ("testserver", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    said: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"needs=", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            said.append(message["status"])

    await app(scope, receive, send)
    return said[0]


def all_at_once(app: FastAPI, tokens: list[str]) -> list[int]:
    async def run() -> list[int]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = 4
        posts = (post(app, f"/actiedagen/{races.SLUG}/inschrijven", token) for token in tokens)
        said = await asyncio.gather(*posts, return_exceptions=True)  # nobody is left behind in a thread
        for each in said:
            if isinstance(each, BaseException):
                raise each
        return [each for each in said if isinstance(each, int)]

    with ThreadPoolExecutor(1) as thread:  # of its own: a browser of another test may keep a loop in this one
        return thread.submit(asyncio.run, run()).result()


def signed_in(engine: Engine) -> list[str]:
    people = races.prepare(engine, CROWD, CROWD)
    with Session(engine) as session, session.begin():
        return [sessions.begin(session, person, "test", now()) for person in people]


def test_a_crowd_gets_in(own_engine: Engine) -> None:
    assert all_at_once(create_api(own_engine), signed_in(own_engine)) == [303] * CROWD
    races.check(own_engine)


@pytest.mark.deep
def test_without_slots_a_crowd_blocks_itself(own_engine: Engine) -> None:
    """The negative control; it takes the seconds until the databases give up."""
    app = create_api(own_engine)
    app.state.db.slots = nullcontext()
    with pytest.raises(Exception, match=r"locked|QueuePool|timeout"):
        all_at_once(app, signed_in(own_engine))
