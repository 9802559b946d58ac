"""The page of an action day, with rounds and a form, against the floor of the lesson page; and the list of 500 days.

python -m bench.day_page
"""

import os
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from backend.db import now
from backend.events.models import ActionDay
from bench import network
from bench.harness import load, serve

DAY, DAYS = "/actiedagen/dag", 500
GOAL, LIST_MS = 0.25, 60
os.environ |= {"BENCH_LESSON": DAY, "BENCH_TEMPLATE": "events/show.html"}

from bench import lesson_page  # noqa: E402 - it reads what was set just now
from bench.harness import get  # noqa: E402
from tests.factories import make_day, make_round  # noqa: E402


def fill(url: str) -> list[str]:
    engine = network.fresh(url)
    tokens = network.fill(engine, 100, 1000)
    with Session(engine) as session, session.begin():
        day = make_day(session, slug="dag", capacity=60)
        for hour in (1, 3):
            make_round(session, day, 20, 20, 20, hour=hour)
        for number in range(DAYS - 1):
            _another(session, number)
    engine.dispose()
    return tokens


def _another(session: Session, number: int) -> ActionDay:
    starts_at = now() + timedelta(days=10 + number % 200, minutes=number)
    return make_day(session, f"Actiedag {number}", starts_at=starts_at)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, url in network.database_urls(Path(folder)).items():
            tokens = fill(url)
            bare, _ = lesson_page.measure("bench.lesson_page:floor", url, tokens, 1)
            ours, _ = lesson_page.measure("backend.main:build", url, tokens, 1)
            share = ours.rate / bare.rate
            print(
                f"{name}: floor {bare.rate:.0f}/s; day page {ours.rate:.0f}/s (p50 {ours.p50:.1f} ms) = {share:.2f} x floor"
                f" (goal {GOAL})   {'met' if share >= GOAL else 'NOT MET'}"
            )
            with (
                tempfile.TemporaryDirectory() as data,
                serve("backend.main:build", LN_DATABASE_URL=url, LN_DATA_DIR=data, LN_EMBEDDED_WORKER="false") as (port, _pid),
            ):  # fmt: skip
                one = load(port, lambda _n: get("/actiedagen"), clients=1, seconds=4)
            good = one.p50 < LIST_MS
            print(
                f"{name}: list and map of {DAYS} days p50 {one.p50:.0f} ms (goal {LIST_MS})   {'met' if good else 'NOT MET'}"
            )


if __name__ == "__main__":
    main()
