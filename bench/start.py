"""How long a cold start takes, what one web process weighs, and how much a first visit and later pages send.

python -m bench.start
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from bench.harness import ROOT, free_port, memory_mb

PAGES = ("/", "/modules/polarisatie", "/leren/polarisatie/wat-is-polarisatie", "/actiedagen", "/aanmelden")


def _open(url: str) -> tuple[int, str]:
    """The bytes of an answer as they go over the wire, and its text."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "br, gzip"})  # noqa: S310 - our own address
    with urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open(request) as answer:
        body = answer.read()
        return len(body), answer.headers.get("Content-Encoding", "")


def _wait_for(url: str) -> float:
    started = time.perf_counter()
    while True:
        try:
            urllib.request.urlopen(url, timeout=1)  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.01)
        else:
            return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        for title, arguments in (
            ("first start, everything to prepare", ["--prepare"]),
            ("second start with --prepare", ["--prepare"]),
            ("serve", []),
        ):
            port = free_port()
            base = f"http://127.0.0.1:{port}"
            env = {
                **os.environ,
                "LN_DATA_DIR": data,
                "LN_BASE_URL": base,
                "HOST": "127.0.0.1",
                "PORT": str(port),
            }
            with Path(data, "log").open("wb") as log:
                server = subprocess.Popen(
                    [sys.executable, "-m", "backend", "serve", *arguments],
                    cwd=ROOT,
                    env=env,
                    stdout=log,
                    stderr=log,
                )
            took = _wait_for(f"{base}/gezondheid")
            print(f"{title}: {took:.2f} s")
            if not arguments:
                _weigh(base, server.pid)
            server.terminate()
            server.wait(30)


def _weigh(base: str, pid: int) -> None:
    import re

    for path in PAGES:
        size, _ = _open(base + path)
        print(f"{path}: {size / 1000:.1f} kB")
    with urllib.request.urlopen(f"{base}/") as answer:  # noqa: S310 - our own address
        html = answer.read().decode()
    names = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', html))
    assets = sum(_open(base + name)[0] for name in names)
    print(f"first visit (page, style, scripts, font, icons): {(assets + _open(base + '/')[0]) / 1000:.1f} kB")
    for _ in range(200):
        for path in PAGES:
            _open(base + path)
    print(f"memory of the web process after 1,000 pages: {memory_mb(pid):.0f} MB")


if __name__ == "__main__":
    main()
