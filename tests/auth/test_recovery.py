"""A forgotten password."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from backend.auth import passwords
from backend.auth.access import COOKIE
from backend.auth.models import Account, AccountStatus, AuthSession, EmailToken
from backend.db import now
from tests.auth.mailbox import mails_to, path_in
from tests.auth.people import PASSWORD, make_member
from tests.browser import Browser

NEW = "vier gele fietsen"


def ask(browser: Browser, email: str, form_id: str = "") -> str:
    """Ask for a link; gives its path, or "" when no mail went out."""
    before = len(mails_to(browser.session, email))
    browser.post("/wachtwoord-vergeten", {"email": email, "form_id": form_id or uuid4().hex})
    mails = mails_to(browser.session, email)
    return path_in(mails[-1], "/wachtwoord/") if len(mails) > before else ""


def test_a_link_by_mail_chooses_a_new_password_and_ends_all_sessions(
    browser: Browser, session: Session
) -> None:
    noor = make_member(session)
    email, account_id = noor.email, noor.id
    browser.sign_in(noor)
    elsewhere = browser.client.cookies[COOKIE]
    browser.sign_out()
    browser.submit(browser.get("/wachtwoord-vergeten"), "#forgot_form", email=email)
    assert "mailbox" in browser.follow().h1.text
    link = path_in(mails_to(session, email)[-1], "/wachtwoord/")
    page = browser.get(link)
    session.expire_all()
    assert session.exec(select(AuthSession)).one().ended_at is None  # a scanner may open the link
    browser.submit(page, "#reset_form", password=NEW)
    assert browser.location == "/aanmelden"
    session.expire_all()
    hashed = session.get_one(Account, account_id).password_hash
    assert passwords.verify(NEW, hashed) and not passwords.verify(PASSWORD, hashed)
    browser.client.cookies.set(COOKIE, elsewhere)
    browser.get("/mijn/profiel", status=303)
    assert "gewijzigd" in mails_to(session, email)[-1].subject
    browser.sign_out()
    browser.post("/aanmelden", {"email": email, "password": NEW})


def test_the_link_works_once(browser: Browser, session: Session) -> None:
    link = ask(browser, make_member(session).email)
    browser.post(link, {"password": NEW})
    page = browser.post(link, {"password": "nog een ander wachtwoord"}, status=410)
    assert page.select_one("a[href='/wachtwoord-vergeten']")
    browser.get(link, status=410)


def test_using_one_link_ends_the_others(browser: Browser, session: Session) -> None:
    email = make_member(session).email
    first, second = ask(browser, email), ask(browser, email)
    browser.post(second, {"password": NEW})
    browser.post(first, {"password": "van wie de mail onderschepte"}, status=410)


def test_the_link_lives_an_hour(browser: Browser, session: Session) -> None:
    link = ask(browser, make_member(session).email)
    token = session.exec(select(EmailToken)).one()
    assert token.expires_at - token.created_at == timedelta(minutes=60)
    token.expires_at = now() - timedelta(seconds=1)
    browser.get(link, status=410)
    browser.post(link, {"password": NEW}, status=410)


def test_the_link_is_over_when_the_address_changed(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    account_id = noor.id
    link = ask(browser, noor.email)
    session.get_one(Account, account_id).email = "anders@test.example"
    browser.post(link, {"password": NEW}, status=410)


def test_a_link_to_confirm_is_no_link_to_reset_and_the_other_way_round(
    browser: Browser, session: Session
) -> None:
    link = ask(browser, make_member(session).email)
    browser.get(link.replace("/wachtwoord/", "/bevestigen/"), status=410)
    browser.post(link.replace("/wachtwoord/", "/bevestigen/"), status=410)
    browser.post(link, {"password": NEW})


@pytest.mark.parametrize("password", ["k0rt", "wachtwoord1", "x" * 1025, "Noorclaes2026"])
def test_a_weak_password_is_refused_and_the_link_still_works(
    browser: Browser, session: Session, password: str
) -> None:
    link = ask(browser, make_member(session).email)
    page = browser.post(link, {"password": password}, status=422)
    assert page.select_one("#password_error") and password not in page.text
    browser.post(link, {"password": NEW})


def test_the_answer_does_not_tell_who_has_an_account(browser: Browser, session: Session) -> None:
    answers = set()
    for email in (make_member(session).email, "niemand@test.example"):
        ask(browser, email)
        answers.add((browser.location, browser.follow().text))
    assert len(answers) == 1
    assert mails_to(session, "niemand@test.example") == []


def test_the_same_form_twice_is_one_mail(browser: Browser, session: Session) -> None:
    email, form_id = make_member(session).email, uuid4().hex
    assert ask(browser, email, form_id)
    assert ask(browser, email, form_id) == ""


def test_a_disabled_account_gets_nothing(browser: Browser, session: Session) -> None:
    assert ask(browser, make_member(session, status=AccountStatus.DISABLED).email) == ""


def test_who_never_confirmed_gets_that_link_and_chooses_a_password_there(
    browser: Browser, session: Session
) -> None:
    noor = make_member(session, status=AccountStatus.UNCONFIRMED, confirmed_at=None)
    email, account_id = noor.email, noor.id
    browser.post("/wachtwoord-vergeten", {"email": email, "form_id": uuid4().hex})
    link = path_in(mails_to(session, email)[-1], "/bevestigen/")
    browser.submit(browser.get(link), "#confirm_form", password=NEW)
    session.expire_all()
    assert passwords.verify(NEW, session.get_one(Account, account_id).password_hash)
