"""How often somebody may try: counted by who they are, not by how they spell it."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from backend.auth import passwords
from backend.auth.models import Account
from backend.auth.sign_in_pages import KNOWN
from backend.authoring.drafts import LARGEST
from backend.config import ROOT, Settings
from backend.security import MAX_HEADER_BYTES, MAX_URL_BYTES, Guard
from backend.web import MAX_FIELDS
from tests.browser import Browser
from tests.factories import make_account
from tests.security.door import Door, forwarded_tries
from tests.security.world import PASSWORD

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking a password costs 40 ms on purpose; here only the counting matters."""
    monkeypatch.setattr(
        passwords, "verify", lambda password, hashed: password == PASSWORD and hashed is not None
    )


def from_(browser: Browser, address: str) -> TestClient:
    """The same application, asked from another address."""
    guard: Any = browser.client.app
    assert isinstance(guard, Guard)
    return TestClient(guard, follow_redirects=False, headers=OWN, client=(address, 50000))


WRONG = "verkeerd"


def statuses(browser: Browser, addresses: list[str], emails: list[str], password: str = WRONG) -> list[int]:
    return [
        from_(browser, address).post("/aanmelden", data={"email": email, "password": password}).status_code
        for address, email in zip(addresses, emails, strict=True)
    ]  # fmt: skip


HASH = passwords.hash_password(PASSWORD)
WRONG = "verkeerd"
MANY = [f"10.0.0.{n}" for n in range(12)]


def test_one_account_is_guarded_wherever_the_tries_come_from(browser: Browser, session: Session) -> None:
    assert statuses(browser, MANY, ["noor@test.example"] * 12) == [422] * 10 + [429] * 2


@pytest.mark.parametrize("hide", ["\u200b", "\ufeff", "\u2066", " ", "\t"])
def test_an_address_spelled_otherwise_is_the_same_account(hide: str, browser: Browser) -> None:
    emails = [hide * n + "Noor@test.EXAMPLE" for n in range(12)]
    assert statuses(browser, MANY, emails)[10:] == [429, 429]


def test_a_trick_inside_the_address_does_not_help_either(browser: Browser, session: Session) -> None:
    emails = ["no" + "\u200b" * n + "or@test.example" for n in range(12)]
    assert statuses(browser, MANY, emails)[10:] == [429, 429]


def test_one_network_is_guarded_whichever_address_it_uses(browser: Browser) -> None:
    inside = [f"2a02:1810:1:2:{n}::{n}" for n in range(12)]
    others = [f"iemand{n}@test.example" for n in range(12)]
    assert statuses(browser, inside, others) == [422] * 10 + [429] * 2
    assert statuses(browser, ["2a02:1810:1:3::1"], ["iemand@test.example"]) == [422]  # the neighbours


def in_a_browser(browser: Browser, email: str, passwords: list[str]) -> list[int]:
    """Sign in again and again in the browser itself, the cookies of which stay; each time from another place."""
    return [
        TestClient(
            browser.client.app, cookies=browser.client.cookies, follow_redirects=False, headers=OWN,
            client=(f"10.1.0.{n}", 50000),
        ).post("/aanmelden", data={"email": email, "password": password}).status_code
        for n, password in enumerate(passwords)
    ]  # fmt: skip


def browser_of(browser: Browser, session: Session, email: str) -> Account:
    """Somebody signed in here before, and out again."""
    account = make_account(session, email=email, password_hash=HASH)
    browser.post("/aanmelden", {"email": email, "password": PASSWORD})
    mark = browser.client.cookies[KNOWN]
    browser.sign_out().client.cookies.set(KNOWN, mark)
    return account


def test_strangers_cannot_keep_somebody_out_of_the_browser_they_always_use(
    browser: Browser, session: Session
) -> None:
    browser_of(browser, session, "noor@test.example")
    assert statuses(browser, MANY, ["noor@test.example"] * 12)[10:] == [429, 429]
    assert in_a_browser(browser, " Noor@test.EXAMPLE", [PASSWORD]) == [303]
    browser.sign_out()
    assert in_a_browser(browser, "noor@test.example", [PASSWORD]) == [429]  # negative control


def test_in_that_browser_too_the_tries_are_counted(browser: Browser, session: Session) -> None:
    browser_of(browser, session, "noor@test.example")
    assert in_a_browser(browser, "noor@test.example", [WRONG] * 11) == [422] * 10 + [429]


def test_the_mark_is_good_for_one_account_and_one_password(browser: Browser, session: Session) -> None:
    wout = browser_of(browser, session, "wout@test.example").id
    make_account(session, email="noor@test.example", password_hash=HASH)
    statuses(browser, MANY, ["noor@test.example"] * 12)
    assert in_a_browser(browser, "noor@test.example", [PASSWORD]) == [429]
    session.get_one(Account, wout).password_hash = passwords.hash_password("vier gele fietsen")
    session.flush()
    statuses(browser, MANY, ["wout@test.example"] * 12)
    assert in_a_browser(browser, "wout@test.example", [PASSWORD]) == [429]


def test_the_mark_cannot_be_made_up(browser: Browser, session: Session) -> None:
    browser_of(browser, session, "noor@test.example")
    statuses(browser, MANY, ["noor@test.example"] * 12)
    browser.client.cookies.set(KNOWN, browser.client.cookies[KNOWN][:-1] + "g")
    assert in_a_browser(browser, "noor@test.example", [PASSWORD]) == [429]


def test_another_account_from_another_place_is_free(browser: Browser, session: Session) -> None:
    """Negative control."""
    statuses(browser, MANY, ["noor@test.example"] * 12)
    make_account(session, email="wout@test.example", password_hash=HASH)
    assert statuses(browser, ["10.0.1.1"], ["wout@test.example"], PASSWORD) == [303]


def test_who_signs_in_well_does_not_use_up_the_tries_of_colleagues(
    browser: Browser, session: Session
) -> None:
    """A hundred people of one town hall come from one address."""
    for n in range(12):
        make_account(session, email=f"collega{n}@test.example", password_hash=HASH)
    emails = [f"collega{n}@test.example" for n in range(12)]
    assert statuses(browser, ["10.0.0.1"] * 12, emails, PASSWORD) == [303] * 12


def test_a_forwarded_address_is_not_believed(door: Door) -> None:
    """Eleven tries, each claiming to be sent on for somebody else. (Believed from a named proxy: tests/deep.)"""
    assert forwarded_tries(door)[-1] == 429


def test_the_documentation_tells_every_limit() -> None:
    told = (ROOT / "docs/security.md").read_text()
    limits = {
        limit
        for file in (ROOT / "backend").rglob("*.py")
        for call in re.findall(r"limited\((\"\w+\".*?)\)", file.read_text(), re.DOTALL)
        for limit in re.findall(r"per_\w+=\"([^\"]+)\"", call)
    }
    assert len(limits) > 5
    assert [limit for limit in sorted(limits) if limit not in told] == []
    for number in (MAX_URL_BYTES, MAX_HEADER_BYTES, Settings.model_fields["max_body_bytes"].default):
        assert f"{number:,}" in told
    assert f"{LARGEST:,}" in told
    assert f"{MAX_FIELDS}; files" in told
