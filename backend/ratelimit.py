"""How often somebody may try: counters in the database, which all processes share (fixed windows).

    dependencies=[Depends(limited("sign_in", per_address="10/minute; 100/hour", per_key="10 per 15 minutes"))]

As a dependency of the route it runs before the request's own transaction, so a refused or failed request counts too.
Addresses and keys are kept only as a keyed hash. `forgive()` gives the try back, for instance after a right password:
a hundred people who sign in from one building are no attack.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import delete, select, text, update
from sqlmodel import Field, Session, SQLModel, col

from backend.config import settings
from backend.db import now
from backend.errors import TooMany
from backend.fields import same
from backend.language import ngettext
from backend.web import read_form


class RateCounter(SQLModel, table=True):
    __tablename__ = "rate_counter"
    key: str = Field(primary_key=True, max_length=200)
    count: int
    expires_at: float = Field(index=True)  # seconds since 1970; the window began with the first try


_COUNT = text(
    """
    INSERT INTO rate_counter (key, count, expires_at) VALUES (:key, :amount, :expires_at)
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN rate_counter.expires_at <= :now THEN excluded.count
              ELSE rate_counter.count + excluded.count END,
      expires_at = CASE WHEN rate_counter.expires_at <= :now THEN excluded.expires_at
                   ELSE rate_counter.expires_at END
    RETURNING count
    """
)


class SqlStorage(Storage):
    """What the `limits` library counts with, inside one transaction. One statement, so that no try is lost."""

    STORAGE_SCHEME = None

    def __init__(self, session: Session, moment: datetime) -> None:
        super().__init__()
        self.session, self.now = session, moment.timestamp()

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        values = {"key": key, "amount": amount, "now": self.now, "expires_at": self.now + expiry}
        return int(self.session.execute(_COUNT, values).scalar_one())

    def get(self, key: str) -> int:
        counter = self._counter(key)
        return counter.count if counter else 0

    def get_expiry(self, key: str) -> float:
        counter = self._counter(key)
        return counter.expires_at if counter else self.now

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        self.session.execute(delete(RateCounter))
        return None

    def clear(self, key: str) -> None:
        self.session.execute(delete(RateCounter).where(col(RateCounter.key) == key))

    def _counter(self, key: str) -> RateCounter | None:
        counter = self.session.get(RateCounter, key, populate_existing=True)
        return counter if counter is not None and counter.expires_at > self.now else None


def limited(
    name: str, *, per_address: str = "", per_key: str = "", field: str = "email",
    apart: Callable[[Request, str], bool] | None = None,
) -> Callable[[Request, str], Awaitable[None]]:  # fmt: skip
    """A dependency that raises TooMany above a limit, per client address and per value of a form field.

    Requests that are `apart`, given that value, have a counter of their own: what others try does not fill it.
    """
    by_address = parse_many(per_address) if per_address else []
    by_key = parse_many(per_key) if per_key else []

    async def key_of(request: Request) -> str:
        if not by_key:
            return ""
        value = (await read_form(request)).get(field)
        return same(value)[:200] if isinstance(value, str) else ""

    async def count(request: Request, key: Annotated[str, Depends(key_of)]) -> None:
        if not settings.rate_limits:
            return
        if apart is not None and key and await run_in_threadpool(apart, request, key):
            key += "\0apart"  # nobody can type that
        address = _network(request.client.host) if request.client else ""
        counted = [(item, address) for item in by_address] + [(item, key) for item in by_key if key]
        tries = [(item, (name, str(n), _hidden(of))) for n, (item, of) in enumerate(counted)]
        wait = await request.app.state.db.apart(lambda session: _count(session, tries, now()))
        request.state.rate_keys = [item.key_for(*who) for item, who in tries]
        if wait is not None:
            raise TooMany(_too_many(wait), wait)

    return count


def _count(
    session: Session, tries: Sequence[tuple[RateLimitItem, tuple[str, ...]]], moment: datetime
) -> int | None:
    """Count a try against each limit in turn, up to the first that is full. Seconds to wait, or None.

    Always in the same order (the number in the key), so that two transactions never wait for each other.
    """
    limiter = FixedWindowRateLimiter(SqlStorage(session, moment))
    for item, who in tries:
        if not limiter.hit(item, *who):
            return max(1, round(limiter.get_window_stats(item, *who).reset_time - moment.timestamp()))
    return None


def forgive(request: Request, session: Session) -> None:
    """The try that `limited` counted in this request was an honest one: take it back."""
    if keys := getattr(request.state, "rate_keys", None):
        in_order = (
            select(col(RateCounter.key))
            .where(col(RateCounter.key).in_(keys))
            .order_by(col(RateCounter.key))
            .with_for_update()
        )
        session.execute(
            update(RateCounter)
            .where(col(RateCounter.key).in_(in_order), col(RateCounter.count) > 0)
            .values(count=col(RateCounter.count) - 1)
        )


def forget_expired(session: Session, moment: datetime) -> None:
    """Housekeeping: counters of windows that are over."""
    session.execute(delete(RateCounter).where(col(RateCounter.expires_at) < moment.timestamp()))


def _network(address: str) -> str:
    """Who has one IPv6 address has its whole /64: it counts as one."""
    try:
        known = ip_address(address)
    except ValueError:  # a socket file, or a name that a test gave itself
        return address
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(ip_network((known, 64), strict=False))
    return address


def _hidden(value: str) -> str:
    return hmac.new(settings.secret_key.encode(), value.encode(), hashlib.sha256).hexdigest()[:32]


def _too_many(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Dit gebeurde te vaak na elkaar. Wacht %(n)d minuut en probeer dan opnieuw.",
        "Dit gebeurde te vaak na elkaar. Wacht %(n)d minuten en probeer dan opnieuw.",
        minutes,
    ) % {"n": minutes}
