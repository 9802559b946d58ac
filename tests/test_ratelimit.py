"""Counting tries: shared by processes, kept when a request fails, over when the window is."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from uuid import uuid4

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel, col, select, update

from backend.config import settings
from backend.db import Database, make_engine, now
from backend.ratelimit import RateCounter, SqlStorage, forget_expired
from tests.browser import Browser
from tests.factories import make_account

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
LIMIT = parse("3/minute")


def hit(session: Session, moment: datetime, who: str = "noor") -> bool:
    return FixedWindowRateLimiter(SqlStorage(session, moment)).hit(LIMIT, who)


def test_a_window_has_so_many_tries_and_then_a_new_one_begins(own_engine: Engine) -> None:
    with Session(own_engine) as session:
        assert [hit(session, START + timedelta(seconds=n)) for n in range(4)] == [True, True, True, False]
        assert hit(session, START, "wout")  # somebody else's are their own
        assert not hit(session, START + timedelta(seconds=59))
        assert [hit(session, START + timedelta(seconds=60 + n)) for n in range(4)] == [
            True,
            True,
            True,
            False,
        ]


def test_the_end_of_a_window_does_not_move_with_every_try(own_engine: Engine) -> None:
    """Who keeps trying is not shut out for ever."""
    with Session(own_engine) as session:
        for second in range(0, 60, 5):
            hit(session, START + timedelta(seconds=second))
        assert hit(session, START + timedelta(seconds=61))


def test_the_library_can_ask_look_and_clear(own_engine: Engine) -> None:
    with Session(own_engine) as session:
        storage = SqlStorage(session, START)
        limiter = FixedWindowRateLimiter(storage)
        assert storage.check() and limiter.get_window_stats(LIMIT, "noor").remaining == 3
        limiter.hit(LIMIT, "noor")
        stats = limiter.get_window_stats(LIMIT, "noor")
        assert (stats.remaining, stats.reset_time) == (2, START.timestamp() + 60)
        assert limiter.test(LIMIT, "noor", cost=2) and not limiter.test(LIMIT, "noor", cost=3)
        limiter.clear(LIMIT, "noor")
        assert limiter.get_window_stats(LIMIT, "noor").remaining == 3
        limiter.hit(LIMIT, "noor")
        storage.reset()
        assert session.exec(select(RateCounter)).all() == []


def test_counters_that_are_over_are_swept(own_engine: Engine) -> None:
    with Session(own_engine) as session:
        hit(session, START)
        hit(session, START + timedelta(minutes=2), "wout")
        forget_expired(session, START + timedelta(minutes=2))
        assert len(session.exec(select(RateCounter)).all()) == 1


# ── two real processes ──


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


def tries(url: str, count: int) -> int:
    """In a process of its own: how many of these tries were let through."""
    database, allowed = Database(make_engine(url)), 0
    for _ in range(count):
        with database.session() as session:
            allowed += FixedWindowRateLimiter(SqlStorage(session, now())).hit(parse("25/hour"), "noor")
    database.engine.dispose()
    return allowed


def tries_by_reading_first(url: str, count: int) -> int:
    """How not to do it: look at the counter, then write it."""
    database, allowed = Database(make_engine(url)), 0
    for _ in range(count):
        with database.session(reading=True) as session:
            so_far = session.execute(text("SELECT count FROM rate_counter")).scalar_one()
        with database.session() as session:
            session.exec(update(RateCounter).values(count=so_far + 1))
            allowed += so_far < 25
    database.engine.dispose()
    return allowed


def test_two_processes_share_one_limit(pool: ProcessPoolExecutor, own_engine: Engine, own_url: str) -> None:
    SQLModel.metadata.create_all(own_engine)
    shares = [pool.submit(tries, own_url, 40) for _ in range(2)]
    assert sum(share.result(60) for share in shares) == 25
    with Session(own_engine) as session:
        assert session.exec(select(RateCounter.count)).one() == 80  # not one try was lost


def test_counting_by_reading_first_would_let_more_through(
    pool: ProcessPoolExecutor, own_engine: Engine, own_url: str
) -> None:
    """The negative control: this race must be able to go wrong."""
    with Session(own_engine) as session:
        session.add(RateCounter(key="noor", count=0, expires_at=START.timestamp()))
        session.commit()
    for _ in range(5):
        with Session(own_engine) as session:
            session.exec(update(RateCounter).values(count=0))
            session.commit()
        shares = [pool.submit(tries_by_reading_first, own_url, 60) for _ in range(2)]
        if sum(share.result(60) for share in shares) > 25:
            return
    pytest.fail("reading first never went wrong: this race proves nothing")


# ── in front of the pages ──


def wrong_password(browser: Browser, email: str, *, status: int) -> str:
    return browser.post("/aanmelden", {"email": email, "password": "fout fout"}, status=status).text


def test_an_eleventh_wrong_password_waits_and_is_told_how_long(browser: Browser) -> None:
    for _ in range(10):
        wrong_password(browser, "noor@test.example", status=422)
    said = wrong_password(browser, "noor@test.example", status=429)
    assert "Wacht 1 minuut" in said
    assert 0 < int(browser.headers["retry-after"]) <= 60


def test_many_accounts_from_one_address_are_slowed_down_too(browser: Browser) -> None:
    for number in range(10):
        wrong_password(browser, f"lid{number}@test.example", status=422)
    wrong_password(browser, "lid11@test.example", status=429)


def test_a_refused_try_from_a_full_address_does_not_count_against_the_account(
    browser: Browser, session: Session
) -> None:
    """Else one address could shut somebody out for as long as it likes."""
    for _ in range(30):
        browser.client.post("/aanmelden", data={"email": "noor@test.example", "password": "fout"})
    counters = session.exec(select(RateCounter).where(col(RateCounter.key).contains("/sign_in/2/"))).all()
    assert [c.count for c in counters] == [10]


def test_the_owner_is_not_locked_for_ever(browser: Browser, session: Session) -> None:
    for _ in range(12):
        browser.client.post("/aanmelden", data={"email": "noor@test.example", "password": "fout"})
    session.exec(update(RateCounter).values(expires_at=now().timestamp() - 1))
    wrong_password(browser, "noor@test.example", status=422)


def test_neither_address_nor_account_can_be_read_from_the_counters(
    browser: Browser, session: Session
) -> None:
    wrong_password(browser, "noor@test.example", status=422)
    kept = str([c.model_dump() for c in session.exec(select(RateCounter)).all()])
    assert "noor" not in kept and "testclient" not in kept


def test_links_by_mail_are_few(browser: Browser, session: Session) -> None:
    email = make_account(session).email
    for _ in range(3):
        browser.post("/wachtwoord-vergeten", {"email": email, "form_id": uuid4().hex})
    browser.post("/wachtwoord-vergeten", {"email": email, "form_id": uuid4().hex}, status=429)
    browser.post("/bevestigen", {"email": email, "form_id": uuid4().hex}, status=429)


def test_a_slip_in_the_form_does_not_count(browser: Browser) -> None:
    for _ in range(7):
        browser.post("/wachtwoord-vergeten", {"email": "geen adres", "form_id": uuid4().hex}, status=422)


def test_limits_can_be_switched_off_for_a_load_test(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "rate_limits", False)
    for _ in range(12):
        browser.client.post("/aanmelden", data={"email": "noor@test.example", "password": "fout"})
    wrong_password(browser, "noor@test.example", status=422)
