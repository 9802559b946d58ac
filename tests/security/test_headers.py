"""What every answer carries, whatever it is: a page, a file, a redirect, a refusal or a mistake of ours."""

import json
import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlmodel import Session

from backend import assets, security
from backend.auth import access
from backend.config import settings
from backend.main import create_api, create_app
from backend.security import HEADERS, Guard
from tests.browser import Browser
from tests.factories import make_account
from tests.security.world import PASSWORD, World, make_world

PROMISED = {
    "content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "cache-control",
}  # fmt: skip

OWN = {"Sec-Fetch-Site": "same-origin"}
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def site(engine: Engine) -> TestClient:
    """The whole application as it is served: with its static files and compression."""
    return TestClient(create_app(engine), follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture(scope="module")
def broken(engine: Engine) -> TestClient:
    """The application with a page that fails."""
    api = create_api(engine)

    @api.get("/mijn/kapot/{code}")
    def fail(code: str) -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT * FROM nowhere WHERE secret = :secret"), {"secret": code})

    return TestClient(Guard(api), raise_server_exceptions=False)


def style_sheet() -> str:
    return f"/static/{json.loads((assets.publish() / 'manifest.json').read_text())['app.css']}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/huisregels", 200),
        ("HEAD", "/huisregels", 200),
        ("GET", "/gezondheid", 200),
        ("GET", "/actiedagen.ics", 200),
        ("GET", "STYLE", 200),
        ("GET", "/static/nergens.css", 404),
        ("GET", "/nergens", 404),
        ("GET", "/mijn/profiel", 303),
        ("POST", "/taal", 303),
        ("POST", "/huisregels", 405),
        ("DELETE", "/huisregels", 405),
        ("GET", "/%ff", 400),
    ],
)
def test_every_answer_carries_the_headers(site: TestClient, method: str, path: str, status: int) -> None:
    answer = site.request(method, style_sheet() if path == "STYLE" else path)
    assert answer.status_code == status
    assert set(answer.headers) >= PROMISED
    for name, value in HEADERS.items():
        assert answer.headers[name] == value or name == "Cache-Control"


def test_a_refusal_for_its_size_carries_them_too(site: TestClient) -> None:
    answer = site.post("/taal", content=b"taal=" + b"a" * 2_000_000, headers=URLENCODED)
    assert answer.status_code == 413
    assert set(answer.headers) >= PROMISED
    assert "<h1" in answer.text  # our page, not a bare line


def test_a_mistake_of_ours_is_our_page_and_tells_nothing(
    broken: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = broken.get("/mijn/kapot/geheime-code")
    assert answer.status_code == 500
    assert set(answer.headers) >= PROMISED
    assert "Dat ging mis" in answer.text
    for inside in ("Traceback", "sqlalchemy", "nowhere", "SELECT"):
        assert inside not in answer.text
    reference = answer.text.partition("<code>")[2].partition("</code>")[0]
    said = "\n".join(record.getMessage() + str(record.exc_info) for record in caplog.records)
    assert reference
    assert reference in said  # so that whoever reports it can be helped
    logged = caplog.text
    assert "nowhere" in logged
    assert "geheime-code" not in logged  # neither the address nor what was asked of the database


def test_nothing_may_be_kept_but_what_never_changes(site: TestClient) -> None:
    for path in ("/huisregels", "/nergens", "/mijn/profiel", "/gereed", "/"):
        assert "no-store" in site.get(path).headers["cache-control"], path
    kept = site.get(style_sheet()).headers["cache-control"]
    assert "immutable" in kept
    assert "no-store" not in kept


def test_the_policy_allows_no_code_but_our_own_files() -> None:
    policy = dict(rule.strip().partition(" ")[::2] for rule in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert "*" not in HEADERS["Content-Security-Policy"]


def test_no_library_tells_what_it_is(site: TestClient) -> None:
    assert not {"server", "x-powered-by", "x-process-time", "via"} & set(site.get("/huisregels").headers)


# ── cookies ──


def test_the_session_cookie_is_for_our_server_only(browser: Browser, session: Session) -> None:
    from backend.auth import passwords

    make_account(session, email="noor@test.example", password_hash=passwords.hash_password(PASSWORD))
    browser.post("/aanmelden", {"email": "noor@test.example", "password": PASSWORD})
    cookie = next(c for c in browser.headers.get_list("set-cookie") if c.startswith(access.COOKIE))
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)
    value = cookie.partition("=")[2].partition(";")[0]
    assert len(value) >= 43  # 256 bits
    assert "noor" not in cookie


@pytest.fixture
def over_https(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import importlib

    monkeypatch.setattr(settings, "base_url", "https://lerend.example")
    monkeypatch.setattr(settings, "mode", "production")
    importlib.reload(security)
    yield
    monkeypatch.undo()
    importlib.reload(security)


@pytest.mark.usefixtures("over_https")
def test_over_https_browsers_must_stay_there(api: FastAPI) -> None:
    client = TestClient(security.Guard(api), base_url="https://lerend.example", follow_redirects=False)
    assert (
        client.get("/huisregels").headers["strict-transport-security"]
        == "max-age=31536000; includeSubDomains"
    )
    # Only our own name now.
    assert client.get("/huisregels", headers={"Host": "testserver"}).status_code == 400
    answer = client.post("/taal", data={"taal": "en"}, headers=OWN)
    assert answer.status_code == 303, answer.text
    assert "secure" in answer.headers["set-cookie"].lower()


def test_over_http_it_says_nothing_of_that(site: TestClient) -> None:
    assert "strict-transport-security" not in site.get("/huisregels").headers


def test_over_https_the_session_cookie_is_bound_to_the_host() -> None:
    """The name is chosen when the program starts; so a program that starts is what shows it."""
    import subprocess
    import sys

    from backend.config import ROOT

    says = "from backend.auth import access; from backend.security import HEADERS; print(access.COOKIE, *HEADERS)"
    env = {"LN_BASE_URL": "https://x.example", "LN_MODE": "production", "LN_SECRET_KEY": "x" * 32, "PATH": ""}
    started = subprocess.run(
        [sys.executable, "-c", says], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert started.stdout.split()[0] == "__Host-ln_session"
    assert "Strict-Transport-Security" in started.stdout


# ── what was typed does not come back where it should not ──


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/aanmelden", {"email": "noor@test.example"}),
        ("/account-aanmaken", {"email": "no address", "name": "N"}),
        ("/mijn/profiel/wachtwoord", {"current": "geheim-van-vroeger"}),
        ("/mijn/profiel/e-mail", {"email": "x", "current": "geheim-van-vroeger"}),
    ],
)
def test_a_password_never_comes_back(
    path: str, fields: dict[str, str], browser: Browser, session: Session
) -> None:
    browser.sign_in(make_account(session))
    page = browser.client.post(
        path, data={**fields, "password": "hunter2-nooit-tonen"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert page.status_code == 422
    assert "hunter2" not in page.text
    assert "geheim-van-vroeger" not in page.text


def test_after_signing_out_nothing_stays_in_the_browser(
    browser: Browser, session: Session, api: FastAPI
) -> None:
    world: World = make_world(session)
    browser.sign_in(world.people["member"])
    browser.post("/afmelden")
    assert browser.headers["clear-site-data"] == '"cache"'
    gone = next(c for c in browser.headers.get_list("set-cookie") if c.startswith(access.COOKIE))
    assert "max-age=0" in gone.lower()
