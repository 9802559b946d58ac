"""What a monitor hears: alive without the database, ready only when everything that serving needs is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from backend import schema
from backend.db import now
from backend.home import health_pages
from backend.jobs import JobStatus, enqueue
from tests.browser import Browser


def ask(browser: Browser, path: str = "/gereed") -> tuple[int, dict[str, str]]:
    response = browser.client.get(path)
    return response.status_code, response.json()["checks"]


@pytest.fixture
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test database is made from the models, without a revision; so the program needs none here."""
    monkeypatch.setattr(schema, "newest", lambda: None)


class Away:
    """A database that does not answer."""

    reads_at_once = True

    @contextmanager
    def session(self, *, reading: bool = False) -> Iterator[Session]:
        raise OperationalError("", {}, Exception("away"))
        yield


def test_alive_touches_no_database(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser.client.app.app.state, "db", Away())  # type: ignore[attr-defined]
    assert ask(browser, "/gezondheid") == (200, {"process": "ok"})


def test_a_head_request_is_enough(browser: Browser, migrated: None) -> None:
    for path in ("/gezondheid", "/gereed"):
        response = browser.client.head(path)
        assert (response.status_code, response.content) == (200, b"")


def test_ready_when_all_is_there(browser: Browser, migrated: None) -> None:
    assert ask(browser) == (200, {"database": "ok", "schema": "ok", "worker": "ok", "disk": "ok"})


def test_not_ready_without_the_database(
    browser: Browser, migrated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser.client.app.app.state, "db", Away())  # type: ignore[attr-defined]
    status, checks = ask(browser)
    assert (status, checks["database"], checks["disk"]) == (503, "fail", "fail")


def test_not_ready_on_another_schema(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "newest", lambda: "of a newer program")
    status, checks = ask(browser)
    assert (status, checks["schema"], checks["database"]) == (503, "fail", "ok")


def test_not_ready_when_jobs_wait_long_past_their_time(
    browser: Browser, session: Session, migrated: None
) -> None:
    job = enqueue(session, "test.nothing", at=now() - timedelta(minutes=5))
    session.flush()
    assert ask(browser)[1]["worker"] == "ok"
    session.merge(job).run_at = now() - timedelta(minutes=11)
    session.flush()
    status, checks = ask(browser)
    assert (status, checks["worker"]) == (503, "fail")
    session.merge(job).status = JobStatus.DEAD
    session.flush()
    assert ask(browser)[0] == 200


def test_not_ready_when_the_disk_is_nearly_full(
    browser: Browser, migrated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_pages, "SPACE_NEEDED", 10**18)
    assert ask(browser)[1]["disk"] == "fail"


def test_says_names_and_nothing_more(browser: Browser) -> None:
    assert set(browser.client.get("/gereed").json()) == {"status", "checks"}
