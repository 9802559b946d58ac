"""Registering for an action day: POST with session, seat, mail and job row, and a durable commit, by 20 clients at once.

Everybody registers once; the first three quarters get a place, with a calendar entry in the mail, the others wait. Then a
crowd: 400 people for 150 places of one day.

    python -m bench.registration [--people 2000] [--days 1]
"""

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, func, insert
from sqlmodel import Session, col, select

from backend.auth.models import Account, AccountStatus, AuthSession
from backend.auth.sessions import hash_token
from backend.db import make_engine, now
from backend.events.ledger import differences
from backend.events.models import ActionDay, DayFormat, DayStatus, Registration, RegistrationStatus
from backend.mail import OutgoingMail
from backend.network.models import Edition, Organisation, OrganisationKind
from bench import network
from bench.harness import Result, load, post, serve

CLIENTS = 20
ROUNDS = 3
GOAL, GOAL_P99 = 150, 150
CROWD, CROWD_PLACES = 400, 150
CROWD_SECONDS, CROWD_P95 = 10, 300


def fill(engine: Engine, people: int, days: int, places: int) -> list[str]:
    """So many members with a session each; gives their tokens. Day n is `dag-n`, with so many places."""
    moment = now()
    accounts = [uuid4() for _ in range(people)]
    tokens = [uuid4().hex for _ in range(people)]
    with Session(engine) as session, session.begin():
        mentor = Organisation(kind=OrganisationKind.OTHER, name="Elzendonk", is_fictional=True)
        edition = Edition(
            key="bench",
            name="Bench",
            starts_on=moment.date(),
            mentor_organisation_id=mentor.id,
            is_fictional=True,
        )
        session.add_all([mentor, edition])
        for n in range(days):
            session.add(_day(f"dag-{n}", edition, places))
        session.execute(insert(Account), [
            {"id": who, "email": f"lid{n}@bench.example", "name": f"Lid {n}", "status": AccountStatus.MEMBER, "language": "nl",
             "created_at": moment, "motivation": "", "is_fictional": True} for n, who in enumerate(accounts)
        ])  # fmt: skip
        session.execute(insert(AuthSession), [
            {"id": uuid4(), "token_hash": hash_token(token), "account_id": who, "device": "bench", "created_at": moment,
             "last_seen_at": moment + timedelta(hours=1), "expires_at": moment + timedelta(days=1)}
            for who, token in zip(accounts, tokens, strict=True)
        ])  # fmt: skip
    return tokens


def _day(slug: str, edition: Edition, capacity: int) -> ActionDay:
    starts_at = now() + timedelta(days=30)
    return ActionDay(
        slug=slug, title="Actiedag Waasland", edition_id=edition.id, format=DayFormat.ON_SITE, status=DayStatus.PUBLISHED,
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=6), town="Elzendonk", place="Stadhuis, zaal A",
        travel="6 minuten stappen van het station", access="Drempelvrij", capacity=capacity,
        registration_closes_at=starts_at, cancel_until=starts_at,
    )  # fmt: skip


def measure(url: str, workers: int, people: int, days: int = 1, *, places: int) -> Result:
    tokens = fill(network.fresh(url), people, days, places)
    with (
        tempfile.TemporaryDirectory() as data,
        serve("backend.main:build", workers=workers, LN_DATABASE_URL=url, LN_DATA_DIR=data, LN_EMBEDDED_WORKER="false",
              LN_RATE_LIMITS="false") as (port, _pid),
    ):  # fmt: skip

        def request(n: int) -> bytes:
            return post(
                f"/actiedagen/dag-{n % days}/inschrijven", "needs=ringleiding", f"ln_session={tokens[n]}"
            )

        result = load(port, request, clients=CLIENTS, total=people)
    assert set(result.statuses) == {303}, result.statuses
    _check(url, people)
    return result


def _check(url: str, people: int) -> None:
    """Fast and wrong does not count."""
    engine = make_engine(url)
    with Session(engine) as session:
        assert differences(session) == [], "counters, registrations and ledger tell the same"
        for day in session.exec(select(ActionDay)).all():
            rows = session.exec(select(Registration.status).where(col(Registration.day_id) == day.id)).all()
            assert day.taken == day.capacity == rows.count(RegistrationStatus.CONFIRMED)
            assert day.waiting_count == rows.count(RegistrationStatus.WAITING) == len(rows) - day.capacity
        assert session.exec(select(func.count()).select_from(OutgoingMail)).one() == people
    engine.dispose()


def _places(options: argparse.Namespace) -> int:
    return int(options.people * 3 // 4 // options.days)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--days", type=int, default=1, help="how many days they spread over")
    options = parser.parse_args()
    print(
        f"{'database':<12}{'workers':>8}{'per s':>8}{'p50 ms':>8}{'p99 ms':>8}   goal: {GOAL} per s, p99 < {GOAL_P99} ms"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, url in network.database_urls(Path(folder)).items():
            for workers in (1, 2):
                rounds = sorted(
                    (
                        measure(url, workers, options.people, options.days, places=_places(options))
                        for _ in range(ROUNDS)
                    ),
                    key=lambda r: r.rate,
                )
                for result in rounds[ROUNDS // 2 : ROUNDS // 2 + 1]:
                    good = result.rate >= GOAL and result.p99 < GOAL_P99
                    figures = f"{result.rate:>8.0f}{result.p50:>8.1f}{result.p99:>8.1f}"
                    print(f"{name:<12}{workers:>8}{figures}   {'met' if good else 'NOT MET'}")
            crowd = measure(url, 1, CROWD, places=CROWD_PLACES)
            seconds = CROWD / crowd.rate
            good = seconds < CROWD_SECONDS and crowd.p95 < CROWD_P95
            print(
                f"{name}: {CROWD} people for {CROWD_PLACES} places in {seconds:.1f} s, p95 {crowd.p95:.0f} ms"
                f" (goal: {CROWD_SECONDS} s, {CROWD_P95} ms)   {'met' if good else 'NOT MET'}"
            )


if __name__ == "__main__":
    main()
