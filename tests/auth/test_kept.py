"""A session that ended while somebody was typing loses nothing."""

from datetime import timedelta
from typing import Annotated, Any

import pytest
from fastapi import Depends
from fastapi.responses import Response
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select, update
from starlette.requests import Request

from backend.auth import kept
from backend.auth.access import COOKIE, CurrentUser
from backend.auth.models import Account, AccountStatus, AuthSession, KeptForm
from backend.db import now
from backend.fields import FormModel, Text
from backend.main import create_api
from backend.security import Guard
from backend.web import Form, form, go, read_form
from tests.auth.conftest import AccountBrowser
from tests.auth.people import PASSWORD, make_member
from tests.browser import Browser
from tests.conftest import OneTransaction

TEXT = 'Eerst luisteren.\r\nDan pas <b>praten</b> & "handelen".\r\n\r\nÉén zin per dag.'
FIELDS = {"body": TEXT, "form_id": "0" * 32, "choice": ["a", "c"], "empty": ""}
arrived: list[list[tuple[str, Any]]] = []


class AnswerForm(FormModel):
    body: Text


@pytest.fixture
def browser(engine: Engine, session: Session) -> Browser:
    """A browser on the application with one more form, like that of a lesson: `/proef`."""
    app = create_api(engine)

    @app.post("/proef")
    async def answer(
        request: Request, viewer: CurrentUser, sent: Annotated[Form[AnswerForm], Depends(form(AnswerForm))]
    ) -> Response:
        arrived.append((await read_form(request)).multi_items())
        return go(request, "home.start")

    @app.post("/proef/eerst-gelezen")
    async def read_first(
        request: Request, sent: Annotated[Form[AnswerForm], Depends(form(AnswerForm))], viewer: CurrentUser
    ) -> Response:
        return await answer(request, viewer, sent)

    app.state.db = OneTransaction(session)
    arrived.clear()
    return AccountBrowser(TestClient(Guard(app), follow_redirects=False), session)


@pytest.fixture
def noor(browser: Browser, session: Session) -> str:
    """Signed in, and then the session ended. Gives the address."""
    account = make_member(session)
    email = account.email
    browser.sign_in(account)
    end_sessions(session)
    return email


def end_sessions(session: Session) -> None:
    session.flush()
    session.exec(update(AuthSession).values(expires_at=now() - timedelta(minutes=1)))


def sign_in(browser: Browser, email: str, next: str) -> None:
    browser.sign_out()
    browser.post("/aanmelden", {"email": email, "password": PASSWORD, "next": next})


def kept_path(browser: Browser) -> str:
    """Where the sign-in page will lead."""
    assert browser.location.startswith("/aanmelden?next=%2Fmijn%2Fbewaard%2F"), browser.location
    return browser.location.removeprefix("/aanmelden?next=").replace("%2F", "/")


@pytest.mark.parametrize("path", ["/proef", "/proef/eerst-gelezen", "/proef?stap=2&x=%C3%A9"])
def test_what_was_typed_is_there_after_signing_in_and_is_sent_again_as_it_was(
    browser: Browser, session: Session, noor: str, path: str
) -> None:
    browser.post(path, FIELDS)
    there = kept_path(browser)
    assert arrived == []
    assert "is bewaard" in browser.follow().text
    sign_in(browser, noor, there)
    assert browser.location == there
    page = browser.follow()
    assert "Dan pas <b>praten</b>" in page.select_one("blockquote").text
    assert page.select_one("blockquote b") is None
    resend = page.select_one("form[action*='/versturen']")
    data: dict[str, list[str]] = {}
    for field in resend.select("input"):
        data.setdefault(field["name"], []).append(field["value"])
    browser.post(resend["action"], data, status=307)
    assert browser.location == path
    browser.post(browser.location, data)  # what a browser does with a 307
    assert sorted(arrived[0]) == sorted(
        [("body", TEXT), ("form_id", "0" * 32), ("choice", "a"), ("choice", "c"), ("empty", "")]
    )
    assert session.exec(select(KeptForm)).all() == []


def test_htmx_is_led_the_same_way(browser: Browser, noor: str) -> None:
    browser.post("/proef", FIELDS, status=401, htmx=True)
    assert browser.headers["hx-redirect"].startswith("/aanmelden?next=%2Fmijn%2Fbewaard%2F")
    assert "is bewaard" in browser.get(browser.headers["hx-redirect"]).text


def test_a_second_click_on_send_again_arrives_too(browser: Browser, noor: str) -> None:
    browser.post("/proef", FIELDS)
    there = kept_path(browser)
    sign_in(browser, noor, there)
    action = browser.get(there).select_one("form[action*='/versturen']")["action"]
    for _ in range(2):
        browser.post(action, FIELDS, status=307)
        assert browser.location == "/proef"


def test_sending_again_never_leaves_the_site(browser: Browser, noor: str) -> None:
    browser.post("/proef", FIELDS)
    there = kept_path(browser)
    sign_in(browser, noor, there)
    browser.post(f"{there}/versturen?naar=//evil.example/x", {"a": "b"}, status=307)
    assert browser.location == "/"


@pytest.mark.parametrize("how", ["idle", "signed out", "ended"])
def test_however_the_session_ended(browser: Browser, session: Session, how: str) -> None:
    account = make_member(session)
    browser.sign_in(account)
    token = browser.client.cookies[COOKIE]
    if how == "idle":
        session.exec(update(AuthSession).values(last_seen_at=now() - timedelta(days=2)))
    elif how == "ended":
        session.exec(update(AuthSession).values(ended_at=now()))
    else:
        browser.post("/afmelden")
        browser.client.cookies.set(COOKIE, token)
    browser.post("/proef", FIELDS)
    kept_path(browser)


def test_nobody_else_can_open_send_or_drop_it(browser: Browser, session: Session, noor: str) -> None:
    browser.post("/proef", FIELDS)
    there = kept_path(browser)
    other = make_member(session, "Een Ander").email
    sign_in(browser, other, there)
    assert "luisteren" not in browser.get(there, status=404).text
    browser.post(f"{there}/weg")
    assert len(session.exec(select(KeptForm)).all()) == 1
    browser.sign_out()
    browser.get(there, status=303)
    sign_in(browser, noor, there)
    browser.get(there)


def test_it_can_be_thrown_away(browser: Browser, session: Session, noor: str) -> None:
    browser.post("/proef", FIELDS)
    there = kept_path(browser)
    sign_in(browser, noor, there)
    browser.submit(browser.get(there), "form[action$='/weg']")
    browser.get(there, status=404)
    assert arrived == []


def test_it_is_kept_for_a_day(browser: Browser, session: Session, noor: str) -> None:
    browser.post("/proef", FIELDS)
    there = kept_path(browser)
    session.exec(update(KeptForm).values(created_at=now() - kept.KEPT_FOR - timedelta(seconds=1)))
    browser.post("/proef", FIELDS | {"body": "Een ander bericht."})
    assert len(session.exec(select(KeptForm)).all()) == 1  # the old one was swept away
    sign_in(browser, noor, there)
    browser.get(there, status=404)


def test_the_same_form_twice_is_kept_once(browser: Browser, session: Session, noor: str) -> None:
    browser.post("/proef", FIELDS)
    first = browser.location
    browser.post("/proef", FIELDS)
    assert browser.location == first


def test_no_more_than_a_handful_is_kept(browser: Browser, session: Session, noor: str) -> None:
    for number in range(kept.MAX_FORMS + 3):
        browser.post("/proef", {"body": f"Bericht {number} van mij"})
    rows = session.exec(select(KeptForm).order_by(col(KeptForm.created_at))).all()
    assert len(rows) == kept.MAX_FORMS
    assert rows[-1].fields["body"] == [f"Bericht {kept.MAX_FORMS + 2} van mij"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/mijn/profiel", {"name": "Iemand Anders"}),
        ("/mijn/profiel/wachtwoord", {"current": PASSWORD, "password": "vier gele fietsen"}),
        ("/mijn/profiel/e-mail", {"current": PASSWORD, "email": "x@y.be"}),
        ("/proef", {"body": "een tekst", "password": "geheim geheim"}),
        ("/proef", {"body": "een tekst", "nieuw_wachtwoord": "geheim geheim"}),
        ("/proef", {"body": "x" * (kept.MAX_CHARACTERS + 1)}),
        ("/proef", {}),
    ],
)
def test_passwords_and_giants_are_never_kept(
    browser: Browser, session: Session, noor: str, path: str, data: dict[str, str]
) -> None:
    browser.post(path, data)
    assert browser.location == "/aanmelden"
    assert session.exec(select(KeptForm)).all() == []


def test_a_stranger_keeps_nothing_and_comes_back_to_the_page_of_the_form(
    browser: Browser, session: Session
) -> None:
    for cookie in ("", "no-session-of-ours"):
        browser.client.cookies.set(COOKIE, cookie)
        answer = browser.client.post(
            "/proef", data=FIELDS, headers={"Referer": "http://testserver/modules/polarisatie"}
        )
        assert answer.headers["location"] == "/aanmelden?next=%2Fmodules%2Fpolarisatie"
        assert "doe het opnieuw" in browser.client.get("/aanmelden").text
        answer = browser.client.post("/proef", data=FIELDS, headers={"Referer": "https://evil.example/x"})
        assert answer.headers["location"] == "/aanmelden"
    assert session.exec(select(KeptForm)).all() == []


def test_a_disabled_account_keeps_nothing(browser: Browser, session: Session, noor: str) -> None:
    session.exec(update(Account).values(status=AccountStatus.DISABLED))
    browser.post("/proef", FIELDS)
    assert session.exec(select(KeptForm)).all() == []


def test_who_is_signed_in_notices_nothing(browser: Browser, session: Session) -> None:
    """The negative control: with a session that runs the form simply arrives."""
    browser.sign_in(make_member(session))
    browser.post("/proef", FIELDS)
    assert browser.location == "/" and len(arrived) == 1
    assert session.exec(select(KeptForm)).all() == []
