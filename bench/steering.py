"""The report for the steering group: all municipalities of Flanders, 2,000 participants, the real modules."""

import os
import statistics
import sys
import tempfile
import time

from sqlmodel import Session

from backend.db import now
from backend.mentoring import steering, steering_files
from bench import network

MEMBERS, ANSWERS, ROUNDS, LIMIT = 2_000, 100_000, 20, 0.4


def measure(url: str) -> float:
    engine = network.fresh(url)
    network.fill(engine, MEMBERS, ANSWERS)
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        with Session(engine) as session:
            seen = steering.report(session, now().year, now())
        taken.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    steering_files.to_xlsx(seen)
    print(
        f"{engine.dialect.name}: report of {seen.municipalities} municipalities {statistics.median(taken) * 1000:.0f} ms "
        f"(slowest {max(taken) * 1000:.0f} ms), workbook {(time.perf_counter() - begin) * 1000:.0f} ms"
    )
    engine.dispose()
    return statistics.median(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/bench.db", *filter(None, [os.environ.get("LN_BENCH_POSTGRES")])]
        if max(measure(url) for url in urls) > LIMIT:
            sys.exit(f"slower than {LIMIT * 1000:.0f} ms")


if __name__ == "__main__":
    main()
