"""What happens to a learner: a lesson of 40 blocks of every kind, an answer, a note that saves itself, a certificate, a search.

python -m bench.learning
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import Engine
from sqlmodel import Session

from backend import search
from backend.recognition.models import Certificate
from bench import network
from bench.harness import Result, load, post, serve

Request = Callable[[int], bytes]
ROUNDS, SECONDS = 3, 4
PACE = 200  # answers a second that have to be kept up with


def rate_of(url: str, request: Request, *, clients: int = 10) -> tuple[Result, Result]:
    """The median of some rounds on one worker: as fast as it goes, and at the asked pace."""
    with (
        tempfile.TemporaryDirectory() as data,
        serve("backend.main:build", LN_DATABASE_URL=url, LN_DATA_DIR=data, LN_EMBEDDED_WORKER="false") as (port, _pid),
    ):  # fmt: skip
        load(port, request, clients=clients, seconds=1)
        return _median(port, request, clients, pace=0), _median(port, request, clients, pace=PACE)


def _median(port: int, request: Request, clients: int, *, pace: float) -> Result:
    """Every request is another one, so that none is answered as one that came twice."""
    rounds = [
        load(port, request, clients=clients, seconds=SECONDS, different=SECONDS * 1000, pace=pace)
        for _ in range(ROUNDS)
    ]
    result = sorted(rounds, key=lambda each: each.p95)[ROUNDS // 2]
    assert set(result.statuses) == {303}, result.statuses
    return result


def answers(url: str, tokens: list[str]) -> tuple[Result, Result]:
    """Each a new one, by one of twenty people, durable."""

    def request(n: int) -> bytes:
        body = urlencode({"keuze": "b" if n % 3 else "a", "form_id": uuid4().hex})
        return post("/leren/alles/rijk/blok-0", body, f"ln_session={tokens[n % len(tokens)]}")

    return rate_of(url, request)


def autosaves(url: str, tokens: list[str]) -> tuple[Result, Result]:
    """A note while somebody writes it: each time a little longer."""

    def request(n: int) -> bytes:
        word = "".join(
            chr(97 + int(digit, 16)) for digit in uuid4().hex
        )  # no digits: they could be a phone number
        text = f"De spanning rond het plein neemt toe. {word} " * 5
        return post(
            "/leren/alles/rijk/blok-14", urlencode({"tekst": text}), f"ln_session={tokens[n % len(tokens)]}"
        )

    return rate_of(url, request, clients=5)


def certificate_ms() -> float:
    """The median of twenty, after the first."""
    from backend.main import create_api
    from backend.recognition.paper import certificate_pdf

    create_api()
    certificate = Certificate(
        code="k7qm-29xh-4trb", account_id=uuid4(), name="Zoë Lőrincz", course_key="polarisatie", course_title="Polarisatie",
        course_summary="Zie spanning vroeg.", version=1, hours=1.5, issued_at=datetime(2026, 11, 25, tzinfo=UTC),
    )  # fmt: skip
    return _median_ms(lambda: certificate_pdf(certificate), 20)


def _entry(number: int, words: list[str]) -> search.Entry:
    """A lesson of 600 words; one in four speaks of each of those words."""
    told = [
        words[(number + k) % 8] if k % 40 == 0 and (number + k) % 4 else f"woord{(number * 7 + k) % 3000}"
        for k in range(600)
    ]
    title = f"Les {number} over {words[number % 8]}"
    return search.Entry(
        f"les-{number}",
        "lesson",
        title,
        " ".join(told),
        "learning.lesson",
        {"module": "x", "lesson": str(number)},
    )


def search_ms(engine: Engine) -> tuple[float, float]:
    """Over 500 lessons of 600 words: a word that is there, and a title with a mistake in it."""
    seeker = search.Seeker(uuid4(), is_member=True)
    words = [
        "bewoner",
        "gemeente",
        "spanning",
        "gesprek",
        "burgemeester",
        "verkeersplan",
        "gerucht",
        "school",
        "dorpsraad",
        "plein",
    ]
    with Session(engine) as session, session.begin():
        search.replace(session, "bench", [_entry(n, words) for n in range(500)])
    with Session(engine) as session:
        found = _median_ms(lambda: search.find(session, "gesprekken burgemeester", seeker), 20)
        alike = _median_ms(lambda: search.find(session, "dorpsraat", seeker), 20)
    return found, alike


def _median_ms(what: object, times: int) -> float:
    what()  # type: ignore[operator]
    took = []
    for _ in range(times):
        began = time.perf_counter()
        what()  # type: ignore[operator]
        took.append(1000 * (time.perf_counter() - began))
    return sorted(took)[times // 2]


def main() -> None:
    print(f"certificate: {certificate_ms():.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        for name, url in network.database_urls(Path(folder)).items():
            engine = network.fresh(url)
            tokens = network.fill(engine, 100, 1000)
            found, alike = search_ms(engine)
            print(f"{name}: search {found:.1f} ms, with a mistake in the title {alike:.1f} ms")
            for what, results in (("answer", answers(url, tokens)), ("autosave", autosaves(url, tokens))):
                for how, each in zip(("at full speed", "at a pace"), results, strict=True):
                    latency = f"p50 {each.p50:.1f}, p95 {each.p95:.1f}, p99 {each.p99:.1f} ms"
                    print(f"{name}: {what} {how} {each.rate:.0f}/s ({latency})", flush=True)
            engine.dispose()
    print(f"a lesson of {network.BLOCKS} blocks of every kind:", flush=True)
    environment = {**os.environ, "BENCH_LESSON": network.RICH}
    subprocess.run([sys.executable, "-m", "bench.lesson_page"], env=environment, check=True)


if __name__ == "__main__":
    main()
