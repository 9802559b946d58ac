"""Every measurement, one after the other, on SQLite and PostgreSQL. The figures belong in docs/performance.md."""

import os
import subprocess
import sys
from contextlib import nullcontext

from tests import postgres

MEASUREMENTS = (
    ["bench.start"],
    ["bench.lesson_page", "--big"],
    ["bench.learning"],
    ["bench.registration"],
    ["bench.day_page"],
    ["bench.organiser"],
    ["bench.steering"],
    ["bench.mentoring"],
)


def main() -> None:
    with postgres.cluster(durable=True) if postgres.programs() else nullcontext("") as address:
        if address:
            os.environ["LN_BENCH_POSTGRES"] = postgres.make_database(address)
        for module, *arguments in MEASUREMENTS:
            print(f"── {module} ──", flush=True)
            subprocess.run([sys.executable, "-m", module, *arguments], check=True)


main()
