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
ROUNDS = 8
NONSENSE = [
    *PAYLOADS.values(),
    *[
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
        "2026-13",
        "2026-02-30",
        "0001-01-01",
    ],
    *[
        "a" * 201,
        "é" * 25_000,
        "a\u0301" * 300,
        "👩🏽‍🏫" * 50,
        "İ",
        "ß",
        "ﬁ",
        "\ud7ff\ue000\ufdd0",
        "\U0010ffff",
    ],
    *["\u200b", "\u202e", "\ufeff", "\uffff", "\u2028", "\x85", "\x7f", "\x01", "\t", "\n"],
    *[
        "../../etc/passwd",
        "..%2f",
        "//evil.be",
        "http://[",
        "http://",
        "https://evil.be/",
        "javascript:alert(1)",
    ],
    *["a@b.be", "a@b", "x" * 64 + "@x.be", "X0001", "waasland", "nl", "xx", "ja", "municipality", "other"],
    *["00000000-0000-0000-0000-000000000000", "{" + "a" * 36 + "}", "f" * 32],
    *["NEAR(", '"', "*", "%", "_", "\\", "a OR b", "(a+)+$"],
]
QUERY = [
    "next",
    "pagina",
    "regio",
    "gemeente",
    "zoek",
    "toon",
    "volgorde",
    "periode",
    "vrij",
    "vraag",
    "opnieuw",
    "keuze",
    "naar",
    "municipality_search",
    "plaats.v1",
]


def fields_of(browser: Browser, world: World, api: FastAPI) -> dict[str, set[str]]:
    """Path of a form → the names of its fields, read from the pages themselves."""
    fields: dict[str, set[str]] = defaultdict(set)
    for role in (VISITOR, "member", "mentor", "applicant"):
        browser.client.cookies.clear()
        if role != VISITOR:
            browser.sign_in(world.people[role])
        for name in TABLE:
            if method_of(api, name) == "GET":
                page = BeautifulSoup(ask(browser, "GET", world.path(name, role), {}).text, "html.parser")
                for form in page.find_all("form"):
                    names = {str(tag["name"]) for tag in form.find_all(attrs={"name": True})}
                    fields[str(form["action"]).partition("?")[0]] |= names
    return fields


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_nonsense_is_never_a_mistake_of_ours(
    seed: int, browser: Browser, session: Session, api: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "rate_limits", False)
    world = make_world(session)
    chance = random.Random(seed)
    fields = fields_of(browser, world, api)
    assert len(fields) > 12
    browser.client.cookies.clear()
    role = chance.choice(["applicant", "member", "mentor", "administrator"])
    if seed:
        browser.sign_in(world.people[role])
    for name in TABLE:
        path, method = world.path(name, role), method_of(api, name)
        if seed % 3 == 2:  # also nonsense in the path
            values = {key: chance.choice(["x", "0", "a.b", "é", "%", "☃" * 30]) for key in _keys(name)}
            path = ROUTES[name]
            for key, value in values.items():
                path = path.replace("{" + key + "}", value.replace("%", "%25"))
        if method == "GET":
            query = {key: _some(chance)[:300] for key in chance.sample(QUERY, 6)}
            answer = browser.client.get(
                path, params=query, headers={"HX-Request": chance.choice(["true", "x"])}
            )
            assert answer.status_code < 500 or name == "home.ready", (name, path, query, answer.status_code)
        else:
            known = sorted(
                fields.get(path, set()) | set(world.body(name, role)) | {"next", "form_id", "is_admin"}
            )
            sent: dict[str, Any] = {key: _some(chance) for key in known}
            if chance.random() < 0.5:
                sent |= world.body(name, role)
            if chance.random() < 0.3:
                sent[chance.choice(known)] = [_some(chance), _some(chance)]
            headers = {
                "Sec-Fetch-Site": "same-origin",
                "Referer": _some(chance).encode("latin-1", "ignore").decode("latin-1"),
            }
            headers = {key: value.translate(dict.fromkeys(range(32))) for key, value in headers.items()}
            browser.session.flush()
            with browser.session.begin_nested() as attempt:
                answer = browser.client.post(
                    path, data=sent, headers={k: v.encode("latin-1") for k, v in headers.items()}
                )
                attempt.rollback()
            assert answer.status_code < 500, (name, path, sent, answer.status_code)


def _keys(name: str) -> list[str]:
    return [part.partition("}")[0] for part in ROUTES[name].split("{")[1:]]


def _some(chance: random.Random) -> str:
    return chance.choice(NONSENSE)
