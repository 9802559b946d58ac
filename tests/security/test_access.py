"""Every route, tried by every role: access_table.py says who may."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlmodel import Session, select
from starlette.routing import Route

from backend.auth import sessions
from backend.auth.access import COOKIE
from backend.auth.models import AccountStatus, Role, RoleGrant
from backend.config import settings
from backend.db import now
from backend.templating import ROUTES, templates
from backend.web import LAYOUT
from tests.browser import Browser
from tests.factories import give_role, make_account
from tests.security.access_table import MEMBERS, ONLY_IN_DEMO, ROLES, TABLE, VISITOR
from tests.security.conftest import Settled
from tests.security.world import World


def every_route(routes: Any) -> Iterator[Route]:
    """Also those of routers inside routers. Anything else that answers requests must be added here, on purpose."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from every_route(route.original_router.routes)
        else:
            assert isinstance(route, Route), f"{route} is no plain route: who may use it?"
            yield route


@pytest.fixture
def session(settled: Settled) -> Iterator[Session]:
    with settled.session() as session:
        yield session


@pytest.fixture
def world(settled: Settled) -> World:
    return settled.world


def method_of(api: FastAPI, name: str) -> str:
    return next(
        m for r in every_route(api.routes) if r.name == name for m in r.methods or () if m in ("GET", "POST")
    )


def ask(browser: Browser, method: str, path: str, body: dict[str, Any]) -> Response:
    """One request that leaves nothing behind."""
    browser.session.flush()
    with browser.session.begin_nested() as attempt:
        answer = browser.client.request(
            method, path, data=body if method == "POST" else None, headers={"Sec-Fetch-Site": "same-origin"}
        )
        attempt.rollback()
    return answer


def was_let_in(answer: Response) -> bool:
    """Not refused, not sent to sign in, not told that it does not exist. 503: /gereed, where nothing is installed."""
    to_sign_in = answer.headers.get("location", "").startswith("/aanmelden?next=")
    return answer.status_code in (200, 303, 307, 409, 422, 503) and not to_sign_in


def was_refused(answer: Response, role: str) -> bool:
    if role == VISITOR:
        return answer.status_code == 303 and answer.headers["location"].partition("?")[0] == "/aanmelden"
    return answer.status_code == 403


def test_every_route_has_a_row_and_every_row_a_route(api: FastAPI) -> None:
    names = [route.name for route in every_route(api.routes)]
    assert sorted(names) == sorted(set(names)), "two routes with one name"
    assert set(names) - set(TABLE) == set(), "say in access_table.py who may use these"
    assert set(TABLE) - set(names) == set(), "these routes do not exist"
    assert set(ROUTES) == set(names), "url() does not know these"
    assert set(TABLE) >= ONLY_IN_DEMO


def test_every_route_only_reads_or_only_changes(api: FastAPI) -> None:
    assert all(
        (route.methods or set()) - {"HEAD"} in ({"GET"}, {"POST"}) for route in every_route(api.routes)
    )


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says_and_nothing_else(
    role: str, browser: Browser, world: World, api: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "rate_limits", False)
    if role != VISITOR:
        browser.sign_in(world.people[role])
    cookies = dict(browser.client.cookies)
    wrong = []
    for name, allowed in TABLE.items():
        browser.client.cookies.clear()
        browser.client.cookies.update(cookies)
        answer = ask(browser, method_of(api, name), world.path(name, role), world.body(name, role))
        if not (was_let_in(answer) if role in allowed else was_refused(answer, role)):
            wrong.append(f"{name}: {answer.status_code} {answer.headers.get('location', '')}")
    assert not wrong, f"{role}: " + "\n".join(wrong)


CLOSED = sorted(name for name, allowed in TABLE.items() if VISITOR not in allowed)


def test_the_sweep_would_notice_an_open_door(browser: Browser, world: World, api: FastAPI) -> None:
    """Negative control: what is public does not count as refused, what is closed not as let in."""
    assert len(CLOSED) > 15
    assert not was_refused(ask(browser, "GET", "/huisregels", {}), VISITOR)
    assert not was_let_in(ask(browser, "GET", world.path("mentoring.overview", VISITOR), {}))
    browser.sign_in(world.people["member"])
    assert not was_let_in(ask(browser, "GET", world.path("mentoring.overview", "member"), {}))
    assert not was_refused(ask(browser, "GET", "/mijn/profiel", {}), "member")


def test_the_first_lesson_is_open_to_everyone(browser: Browser, world: World) -> None:
    assert ask(browser, "GET", "/leren/proef/een", {}).status_code == 200
    browser.sign_in(world.people["applicant"])
    assert ask(browser, "GET", "/leren/proef/een", {}).status_code == 200


PARTS = sorted(
    {part for name in templates.list_templates(["html"]) for part in templates.get_template(name).blocks}
)


@pytest.mark.once
def test_whatever_part_of_a_page_is_asked_for_it_is_a_part_of_that_page(
    browser: Browser, world: World, api: FastAPI
) -> None:
    """htmx says which element it wants; anybody can say anything. What fails is raised here."""
    browser.sign_in(world.people["mentor"])
    client, asked = browser.client, 0
    for name in (name for name in TABLE if method_of(api, name) == "GET" and name not in ONLY_IN_DEMO):
        whole = client.get(world.path(name, "mentor"))
        for part in [part for part in PARTS if part in LAYOUT or f'id="{part}"' in whole.text]:
            wants = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{part}"}
            answer = client.get(world.path(name, "mentor"), headers=wants)
            assert answer.status_code == whole.status_code or answer.status_code in (401, 303), (name, part)
            is_part = "<html" in whole.text and "<html" not in answer.text
            assert not is_part or part not in LAYOUT, (name, part)
            asked += is_part
    assert asked > 3


def test_a_page_that_is_closed_leads_to_signing_in_and_back(browser: Browser, world: World) -> None:
    browser.get("/begeleiding?gemeente=X1", status=303)
    assert browser.location == "/aanmelden?next=%2Fbegeleiding%3Fgemeente%3DX1"
    answer = browser.client.get("/begeleiding", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/aanmelden?next=%2Fbegeleiding"


@pytest.mark.parametrize("status", [AccountStatus.UNCONFIRMED, AccountStatus.DISABLED])
def test_who_may_not_sign_in_is_a_visitor_even_with_a_session(
    status: AccountStatus, browser: Browser, world: World, session: Session, api: FastAPI
) -> None:
    account = make_account(session, organisation=world.organisation, status=status)
    give_role(session, account, Role.ADMINISTRATOR)
    browser.sign_in(account)
    for name in CLOSED:
        answer = ask(browser, method_of(api, name), world.path(name, "member"), world.body(name, "member"))
        assert was_refused(answer, VISITOR), name


@pytest.mark.parametrize("status", [AccountStatus.APPLICANT, AccountStatus.REFUSED])
def test_a_role_means_nothing_before_admission(
    status: AccountStatus, browser: Browser, world: World, session: Session, api: FastAPI
) -> None:
    account = make_account(session, organisation=world.organisation, status=status)
    for role in Role:
        give_role(session, account, role)
    browser.sign_in(account)
    for name, allowed in TABLE.items():
        if allowed <= MEMBERS:
            answer = ask(
                browser, method_of(api, name), world.path(name, "member"), world.body(name, "member")
            )
            assert was_refused(answer, "applicant"), name


def test_a_role_that_ends_ends_at_the_next_request(browser: Browser, world: World, session: Session) -> None:
    mentor = world.people["mentor"]
    browser.sign_in(mentor).get("/begeleiding")
    grant = session.exec(select(RoleGrant).where(RoleGrant.account_id == mentor.id)).one()
    grant.ends_at = now() - timedelta(seconds=1)
    browser.get("/begeleiding", status=403)
    grant = session.exec(select(RoleGrant).where(RoleGrant.account_id == mentor.id)).one()
    grant.ends_at = now() + timedelta(hours=1)
    browser.get("/begeleiding")


def test_a_session_that_ends_ends_at_the_next_request(
    browser: Browser, world: World, session: Session
) -> None:
    member = world.people["member"]
    browser.sign_in(member).get("/mijn/profiel")
    sessions.end_all(session, member.id, now())
    browser.get("/mijn/profiel", status=303)
    browser.client.cookies.set(COOKIE, "x" * 43)
    browser.get("/mijn/profiel", status=303)


def test_what_is_for_the_demo_does_not_exist_in_production(
    browser: Browser, world: World, api: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in sorted(ONLY_IN_DEMO | {"auth.demo_sign_in"}):
        path, method, body = world.path(name, "member"), method_of(api, name), world.body(name, "member")
        assert ask(browser, method, path, body).status_code in (200, 303), name
        monkeypatch.setattr(settings, "mode", "production")
        assert ask(browser, method, path, body).status_code == 404, name
        monkeypatch.setattr(settings, "mode", "demo")


# ── no other site may act for somebody who is signed in ──

FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a site beside ours": {"Sec-Fetch-Site": "same-site"},
    "another origin": {"Origin": "https://evil.be"},
    "no origin": {"Origin": "null"},
    "our name in theirs": {"Origin": "http://testserver.evil.be"},
    "another port": {"Origin": "http://testserver:8080"},
    "a browser that says both": {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
}


@pytest.mark.once
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_no_other_site_can_change_anything(
    headers: dict[str, str], browser: Browser, world: World, api: FastAPI
) -> None:
    browser.sign_in(world.people["administrator"])
    names = [route.name for route in every_route(api.routes) if "POST" in (route.methods or ())]
    assert len(names) > 15
    for name in names:
        path = world.path(name, "administrator")
        answer = browser.client.post(path, data=world.body(name, "administrator"), headers=headers)
        assert answer.status_code == 403, name
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}, {}],
)
def test_our_own_pages_can(headers: dict[str, str], browser: Browser, world: World) -> None:
    """Negative control. Programs without a browser send nothing, and have no cookies to misuse."""
    browser.sign_in(world.people["member"])
    answer = browser.client.post(f"/actiedagen/{world.values['day']}/inschrijven", data={}, headers=headers)
    assert answer.status_code == 303


def test_reading_from_another_site_is_no_crime(browser: Browser) -> None:
    """A link in a mail or on another site opens the page."""
    answer = browser.client.get(
        "/huisregels", headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://x.be"}
    )
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
