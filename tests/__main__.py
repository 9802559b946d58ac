"""The suite: quick, or deep with full numbers and what the quick one uses its shared database for again on PostgreSQL."""

import os
import subprocess
import sys
import time
from contextlib import nullcontext

from tests import postgres
from tests.needs import NOT_RUN

PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"]


def main(*, deep: bool) -> int:
    with postgres.cluster() if postgres.programs() else nullcontext("") as address:
        if address:
            os.environ[postgres.OFFERED] = address
        else:
            print(f"{NOT_RUN}wat PostgreSQL vraagt, want PostgreSQL ontbreekt")
        if not deep:
            return _run("snel")
        again = (
            _run("alles opnieuw, op PostgreSQL", **{postgres.AGAIN: "1"})
            if address
            else int("LN_REQUIRE_ALL" in os.environ)
        )
        return _run("diep", "-m", "deep or hypothesis", HYPOTHESIS_PROFILE="deep") or again


def _run(title: str, *arguments: str, **environment: str) -> int:
    print(f"── {title} ──", flush=True)
    started = time.monotonic()
    code = subprocess.run([*PYTEST, *arguments], env={**os.environ, **environment}, check=False).returncode
    print(f"── {title}: {time.monotonic() - started:.0f} s ──", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(deep="--deep" in sys.argv))
