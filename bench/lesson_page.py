"""The signed-in lesson page against the floor, and the same page when the database is a thousand times as full.

The floor is a bare FastAPI app under the same server that renders the same template with the same content from memory,
without a database. No compression on either side: that is the same work for both.

    python -m bench.lesson_page [--big]
"""

import argparse
import os
import tempfile
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from bench import network
from bench.harness import Result, get, load, memory_mb, serve

LESSON = os.environ.get("BENCH_LESSON", "/leren/polarisatie/wat-is-polarisatie")
TEMPLATE = os.environ.get("BENCH_TEMPLATE", "learning/lesson.html")
ROUNDS = 3


def floor() -> FastAPI:
    """The same page, its context gathered once; every request only renders it."""
    from starlette.testclient import TestClient

    from backend.main import create_api
    from backend.templating import templates

    gathered: dict[str, object] = {}
    real = templates.get_template(TEMPLATE)
    original = type(real).render

    def remember(self: object, *args: object, **kwargs: object) -> str:
        gathered.update(*args, **kwargs)
        return original(self, *args, **kwargs)  # type: ignore[arg-type]

    type(real).render = remember  # type: ignore[method-assign]
    api = create_api()
    # What was read must stay readable after its transaction: here it is the memory that the page is rendered from.
    api.state.db.session = lambda **_: Session(api.state.db.reader, expire_on_commit=False)
    TestClient(api, base_url="http://127.0.0.1").get(
        LESSON, cookies={"ln_session": os.environ["BENCH_TOKEN"]}
    )
    type(real).render = original  # type: ignore[method-assign]
    app = FastAPI()

    @app.get(LESSON)
    def page(request: Request) -> HTMLResponse:
        return HTMLResponse(real.render({**gathered, "request": request}))

    return app


def measure(factory: str, url: str, tokens: list[str], workers: int) -> tuple[Result, float]:
    """The median of some rounds, and the memory of the process."""
    with (
        tempfile.TemporaryDirectory() as data,
        serve(factory, workers=workers, LN_DATABASE_URL=url, LN_DATA_DIR=data, BENCH_TOKEN=tokens[0],
              LN_THREADS="2", LN_EMBEDDED_WORKER="false") as (port, pid),
    ):  # fmt: skip

        def request(n: int) -> bytes:
            return get(LESSON, f"ln_session={tokens[n % len(tokens)]}")

        load(port, request, clients=10, seconds=1)
        rounds = sorted(
            (load(port, request, clients=10, seconds=4) for _ in range(ROUNDS)), key=lambda r: r.rate
        )
        result = rounds[ROUNDS // 2]
        assert set(result.statuses) == {200}, result.statuses
        return result, memory_mb(pid)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--big", action="store_true", help="also with 100,000 members and 1 million answers")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, url in network.database_urls(Path(folder)).items():
            tokens = network.fill(network.fresh(url), 100, 1000)
            bare, _ = measure("bench.lesson_page:floor", url, tokens, options.workers)
            ours, memory = measure("backend.main:build", url, tokens, options.workers)
            print(f"{name}: floor {bare.rate:.0f}/s (p50 {bare.p50:.1f} ms); lesson page {ours.rate:.0f}/s "
                  f"(p50 {ours.p50:.1f}, p99 {ours.p99:.1f} ms) = {ours.rate / bare.rate:.2f} x floor; "
                  f"memory {memory:.0f} MB; {options.workers} worker(s)")  # fmt: skip
            if options.big:
                tokens = network.fill(network.fresh(url), 100_000, 1_000_000)
                full, _ = measure("backend.main:build", url, tokens, options.workers)
                print(f"{name}: with 100,000 members and 1,000,000 answers {full.rate:.0f}/s "
                      f"= {ours.rate / full.rate:.2f} x the time")  # fmt: skip


if __name__ == "__main__":
    main()
