"""The suite as `make test` and `make test-deep` run it: quick on SQLite and PostgreSQL, or deep with full numbers."""

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
        if deep:
            return _run("diep", "-m", "deep or hypothesis", HYPOTHESIS_PROFILE="deep")
        if not address:
            code = _run("SQLite")
            print(f"{NOT_RUN}de suite op PostgreSQL, want PostgreSQL ontbreekt")
            return code or (1 if os.environ.get("LN_REQUIRE_ALL") else 0)
        return _run("SQLite en PostgreSQL", **{postgres.TWICE: "1"})


def _run(title: str, *arguments: str, **environment: str) -> int:
    print(f"── {title} ──", flush=True)
    started = time.monotonic()
    code = subprocess.run([*PYTEST, *arguments], env={**os.environ, **environment}, check=False).returncode
    print(f"── {title}: {time.monotonic() - started:.0f} s ──", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(deep="--deep" in sys.argv))
