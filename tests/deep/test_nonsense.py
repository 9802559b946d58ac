"""Nonsense for every route: whatever is sent, it is never a mistake of ours."""

import random
from collections import defaultdict
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from sqlmodel import Session

from backend.config import settings
from backend.templating import ROUTES
from tests.browser import Browser
from tests.security.access_table import TABLE, VISITOR
from tests.security.test_access import ask, method_of
from tests.security.test_hostile_text import PAYLOADS
from tests.security.world import World, make_world

pytestmark = pytest.mark.deep
NUMBERS = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "1e3",
    "1;2",
    "١",
    "9" * 19,
    "9" * 60,
    "NaN",
    "true",
    "null",
    "[]",
    "2026-02-30",
]
LETTERS = [
    "a" * 201,
    "é" * 25_000,
    "a\u0301" * 300,
    "👩🏽‍🏫" * 50,
    "İ",
    "ß",
    "ﬁ",
    "\ud7ff\ue000\ufdd0",
    "\U0010ffff",
]
UNSEEN = ["\u200b", "\u202e", "\ufeff", "\uffff", "\u2028", "\x85", "\x7f", "\x01", "\t", "\n"]
PLACES = [
    "../../etc/passwd",
    "..%2f",
    "//evil.be",
    "http://[",
    "http://",
    "https://evil.be/",
    "javascript:alert(1)",
]
KNOWN = [
    "a@b.be",
    "a@b",
    "x" * 64 + "@x.be",
    "X0001",
    "waasland",
    "nl",
    "xx",
    "ja",
    "municipality",
    "other",
    "0" * 32,
]
SEARCH = ["NEAR(", '"', "*", "%", "_", "\\", "a OR b", "(a+)+$", "{" + "a" * 36 + "}"]
NONSENSE = [*PAYLOADS.values(), *NUMBERS, *LETTERS, *UNSEEN, *PLACES, *KNOWN, *SEARCH]
KEYS = "next pagina regio gemeente zoek toon volgorde periode vrij vraag opnieuw keuze naar municipality_search plaats.v1"


class Nonsense:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self, length: int = 100_000) -> str:
        return self.chance.choice(NONSENSE)[:length]

    def query(self) -> dict[str, str]:
        return {key: self.text(300) for key in self.chance.sample(KEYS.split(), 6)}

    def path(self, name: str) -> str:
        path = ROUTES[name]
        for key in [part.partition("}")[0] for part in path.split("{")[1:]]:
            path = path.replace("{" + key + "}", self.chance.choice(["x", "0", "a.b", "é", "%25", "☃" * 30]))
        return path

    def form(self, names: set[str], right: dict[str, str]) -> dict[str, Any]:
        """All wrong, or one thing wrong, or something twice."""
        form: dict[str, Any] = {name: self.text() for name in sorted(names)}
        form |= self.chance.choice([{}, right])
        if form and self.chance.random() < 0.4:
            form[self.chance.choice(sorted(form))] = self.chance.choice(
                [self.text(), [self.text(), self.text()]]
            )
        return form

    def headers(self) -> dict[str, bytes]:
        place = "".join(c for c in self.text(300) if c.isprintable()).encode("latin-1", "ignore")
        return {"Sec-Fetch-Site": b"same-origin", "Referer": place, "HX-Request": b"true", "HX-Target": place}


def fields_of(browser: Browser, world: World, api: FastAPI) -> dict[str, set[str]]:
    """Path of a form → the names of its fields, read from the pages themselves."""
    fields: dict[str, set[str]] = defaultdict(lambda: {"next", "form_id", "is_admin"})
    for role in (VISITOR, "member", "mentor", "applicant"):
        browser.client.cookies.clear()
        if role != VISITOR:
            browser.sign_in(world.people[role])
        for name in TABLE:
            if method_of(api, name) == "GET":
                answer = ask(browser, "GET", world.path(name, role), {})
                if not answer.headers.get("content-type", "").startswith("text/html"):
                    continue
                for form in BeautifulSoup(answer.text, "html.parser").select("form"):
                    names = {str(field["name"]) for field in form.select("[name]")}
                    fields[str(form["action"]).partition("?")[0]] |= names
    return fields


@pytest.mark.parametrize("role", [VISITOR, "applicant", "member", "mentor", "administrator"])
def test_nonsense_is_never_a_mistake_of_ours(
    role: str, browser: Browser, session: Session, api: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails is raised here, with what was sent in the traceback."""
    monkeypatch.setattr(settings, "rate_limits", False)
    world = make_world(session)
    fields = fields_of(browser, world, api)
    assert len(fields) > 12
    browser.client.cookies.clear()
    if role != VISITOR:
        browser.sign_in(world.people[role])
    cookies = dict(browser.client.cookies)
    for seed in range(6):
        nonsense = Nonsense(seed)
        for name in TABLE:
            browser.client.cookies.clear()
            browser.client.cookies.update(cookies)
            path = world.path(name, role) if seed % 3 else nonsense.path(name)
            if method_of(api, name) == "GET":
                sent: dict[str, Any] = {"params": nonsense.query()}
            else:
                sent = {"data": nonsense.form(fields[path], world.body(name, role))}
            session.flush()
            with session.begin_nested() as attempt:
                answer = browser.client.request(
                    method_of(api, name), path, headers=nonsense.headers(), **sent
                )
                attempt.rollback()
            assert answer.status_code < 500 or name == "home.ready", (name, path, sent, answer.status_code)
