"""A running site with its demo network, and a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from backend.config import ROOT

# For walks: the same without JavaScript belongs to the deep suite, which has the time.
SCRIPT = [
    pytest.param(True, id="with JavaScript"),
    pytest.param(False, id="without JavaScript", marks=pytest.mark.deep),
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(params=SCRIPT)
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="session")
def site_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the running site: with it, a command reaches its database."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith("LN_")}
    return env | {
        "LN_DATA_DIR": str(tmp_path_factory.mktemp("site")),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LN_BASE_URL": f"http://127.0.0.1:{port}",
    }


@pytest.fixture(scope="session")
def site(site_settings: dict[str, str]) -> Iterator[str]:
    """The address of `python -m backend serve --prepare` on a database of its own."""
    address = site_settings["LN_BASE_URL"]
    log = Path(site_settings["LN_DATA_DIR"]) / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "backend", "serve", "--prepare"],
            cwd=ROOT,
            env=site_settings,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(f"{address}/gezondheid", server, log)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(1200):
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the site did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser, site: str) -> Iterator[Page]:
    """A page of somebody who did not sign in. Fails on any error in a script."""
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900}, locale="nl-BE")
    context.set_default_timeout(5000)
    said: list[str] = []
    context.on("weberror", lambda error: said.append(str(error.error)))
    yield context.new_page()
    assert not said, said
    context.close()


@pytest.fixture
def member(visitor: Page, site: str) -> Page:
    sign_in(visitor.context, site, "coordinator")
    visitor.goto("/")
    return visitor


def sign_in(context: BrowserContext, site: str, role: str) -> None:
    """Through the demo's door, without opening a page."""
    form = {"email": f"{role}@demo.example"}
    answer = context.request.post(
        f"{site}/aanmelden/demo", form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0
    )
    assert answer.status == 303, answer.text()


def sign_in_by_form(page: Page, role: str = "coordinator") -> None:
    page.get_by_label("E-mailadres").fill(f"{role}@demo.example")
    page.get_by_label("Wachtwoord", exact=True).fill("lerend-netwerk")
    page.locator("#sign_in_form button[type=submit]").click()
    page.wait_for_url(lambda url: "/aanmelden" not in url)


@pytest.fixture(scope="session")
def every_question(site: str, site_settings: dict[str, str]) -> str:
    """The address of a module with every kind of question, on the running site."""
    subprocess.run([sys.executable, "-m", "tests.chromium.course"], cwd=ROOT, env=site_settings, check=True)
    return "/leren/alle-vragen"
