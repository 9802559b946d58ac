"""Signing in and out."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, col, select

from backend.audit.models import AuditEntry
from backend.auth import passwords
from backend.auth.access import COOKIE
from backend.auth.models import Account, AccountStatus, AuthSession, Role
from backend.auth.sessions import SEEN_EVERY, hash_token
from backend.auth.sign_in import device_label
from backend.config import settings
from backend.db import now
from tests.auth.mailbox import mails_to, path_in
from tests.auth.people import PASSWORD, make_member
from tests.browser import Browser
from tests.factories import give_role, make_account

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0"


def enter(
    browser: Browser, email: str, password: str = PASSWORD, *, status: int = 303, next: str = "/"
) -> str:
    """Try to sign in; gives the text of the answer."""
    return browser.post(
        "/aanmelden", {"email": email, "password": password, "next": next}, status=status
    ).get_text(" ", strip=True)


def session_of(session: Session, account_id: object) -> AuthSession:
    session.expire_all()
    return session.exec(
        select(AuthSession)
        .where(AuthSession.account_id == account_id)
        .order_by(col(AuthSession.created_at).desc())
        .limit(1)
    ).one()


def test_with_address_and_password_one_is_in(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    email, account_id = noor.email, noor.id
    page = browser.get("/aanmelden?next=/mijn/profiel")
    browser.submit(page, "#sign_in_form", email=email, password=PASSWORD)
    assert browser.location == "/mijn/profiel"
    assert "Noor Claes" in str(browser.follow())
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "auth.sign_in")).one()
    assert entry.actor_id == account_id


def test_capitals_in_the_address_do_not_matter(browser: Browser, session: Session) -> None:
    enter(browser, f"  {make_member(session).email.upper()} ")


@pytest.mark.parametrize("password", [PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", "fout", "x" * 1024])
def test_the_password_must_be_exactly_right(browser: Browser, session: Session, password: str) -> None:
    enter(browser, make_member(session).email, password, status=422)
    assert COOKIE not in browser.client.cookies


def test_every_failure_gets_the_same_answer(browser: Browser, session: Session) -> None:
    people = {
        "wrong password": (make_member(session).email, "fout fout fout"),
        "unknown": ("niemand@test.example", PASSWORD),
        "unconfirmed": (make_member(session, status=AccountStatus.UNCONFIRMED).email, PASSWORD),
        "disabled": (make_member(session, status=AccountStatus.DISABLED).email, PASSWORD),
        "without password": (make_account(session).email, PASSWORD),
    }
    answers = {why: enter(browser, *who, status=422) for why, who in people.items()}
    assert len(set(answers.values())) == 1, answers
    assert COOKIE not in browser.client.cookies
    browser.max_queries = 8


@pytest.mark.parametrize(
    "data", [{}, {"email": "geen adres", "password": "x"}, {"email": ["a@b.be", "c@d.be"], "password": "x"}]
)
def test_half_a_form_is_a_mistake(browser: Browser, data: dict[str, object]) -> None:
    assert browser.post("/aanmelden", data, status=422).select_one("[role=alert]")


def test_a_password_is_never_in_the_answer_nor_in_the_log(
    browser: Browser, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    page = browser.post("/aanmelden", {"email": "x@y.be", "password": "kanarie-in-de-mijn"}, status=422)
    assert "kanarie" not in str(page) + caplog.text


def test_a_right_password_on_an_unconfirmed_account_mails_the_link_again_but_not_each_time(
    browser: Browser, session: Session
) -> None:
    noor = make_member(session, status=AccountStatus.UNCONFIRMED, confirmed_at=None)
    email = noor.email
    enter(browser, email, "fout fout fout", status=422)
    assert mails_to(session, email) == []
    for _ in range(3):
        enter(browser, email, status=422, next="/modules")
    [mail] = mails_to(session, email)
    browser.post(path_in(mail, "/bevestigen/"), {"password": "vier gele fietsen"})
    assert browser.location == "/modules"


@pytest.mark.parametrize(
    "there",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/%0d%0aSet-Cookie:x=1\r\n",
        "javascript:alert(1)",
        "\t//evil",
    ],
)
def test_next_stays_on_this_site(browser: Browser, session: Session, there: str) -> None:
    email = make_member(session).email
    enter(browser, email, next=there)
    assert browser.location == "/"
    browser.client.get("/aanmelden", params={"next": there})
    assert (
        not browser.client.get("/aanmelden", params={"next": there})
        .headers.get("location", "/")
        .startswith("//")
    )


def test_the_session_is_a_new_one_and_the_old_one_ends(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    email, account_id = noor.email, noor.id
    browser.client.cookies.set(COOKIE, "chosen-by-somebody-else")
    enter(browser, email)
    assert "chosen-by-somebody-else" not in browser.headers["set-cookie"]
    browser.sign_out()
    enter(browser, email)
    first = browser.client.cookies[COOKIE]
    browser.client.cookies.clear()
    browser.client.cookies.set(COOKIE, first)
    enter(browser, email)
    session.expire_all()
    rows = session.exec(select(AuthSession).where(AuthSession.account_id == account_id)).all()
    assert next(r for r in rows if r.token_hash == hash_token(first)).ended_at is not None
    assert sum(r.ended_at is None for r in rows) == 2


def test_the_cookie_cannot_be_read_by_scripts_and_only_its_hash_is_kept(
    browser: Browser, session: Session
) -> None:
    noor = make_member(session)
    email, account_id = noor.email, noor.id
    enter(browser, email)
    cookie = browser.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    token = browser.client.cookies[COOKIE]
    assert len(token) >= 43
    assert session_of(session, account_id).token_hash != token


@pytest.mark.parametrize("cookie", ["", "x", "a" * 4000, "é", "0" * 43, "' OR 1=1 --", "../../etc"])
def test_a_cookie_that_is_no_session_is_a_visitor(browser: Browser, cookie: str) -> None:
    response = browser.client.get(
        "/", headers={"Cookie": f"{COOKIE}={cookie}".encode(), "Sec-Fetch-Site": "same-origin"}
    )
    assert response.status_code == 200 and "Meld je aan" in response.text


def test_signing_out_ends_the_session_on_the_server(browser: Browser, session: Session) -> None:
    enter(browser, make_member(session).email)
    token = browser.client.cookies[COOKIE]
    browser.submit(browser.get("/mijn/profiel"), "main form[action='/afmelden']")
    assert browser.headers["clear-site-data"] == '"cache"'
    browser.client.cookies.set(COOKIE, token)
    browser.get("/mijn/profiel", status=303)
    assert browser.location.startswith("/aanmelden")
    browser.post("/afmelden")  # once more is fine


@pytest.mark.parametrize(
    ("field", "ago"),
    [("last_seen_at", timedelta(hours=settings.session_idle_hours)), ("expires_at", timedelta())],
)
def test_a_session_ends_when_idle_and_at_its_absolute_end(
    browser: Browser, session: Session, field: str, ago: timedelta
) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    browser.get("/mijn/profiel")
    row = session_of(session, account_id)
    setattr(row, field, now() - ago - timedelta(seconds=1))
    browser.get("/mijn/profiel", status=303)


def test_using_the_site_keeps_a_session_alive(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    session_of(session, account_id).last_seen_at = now() - SEEN_EVERY - timedelta(seconds=1)
    browser.get("/mijn/profiel")
    assert now() - session_of(session, account_id).last_seen_at < timedelta(minutes=1)


@pytest.mark.parametrize("status", [AccountStatus.DISABLED, AccountStatus.UNCONFIRMED])
def test_a_disabled_account_is_out_at_once(browser: Browser, session: Session, status: AccountStatus) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    browser.get("/mijn/profiel")
    session.get_one(Account, account_id).status = status
    browser.get("/mijn/profiel", status=303)


def test_an_older_hash_is_renewed_on_signing_in(browser: Browser, session: Session) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    noor = make_member(session, password_hash=old)
    email, account_id = noor.email, noor.id
    enter(browser, email, "fout fout fout", status=422)
    session.expire_all()
    assert session.get_one(Account, account_id).password_hash == old
    enter(browser, email)
    session.expire_all()
    renewed = session.get_one(Account, account_id).password_hash
    assert renewed != old and passwords.verify(PASSWORD, renewed)


def test_the_site_speaks_the_language_of_who_signed_in(browser: Browser, session: Session) -> None:
    enter(browser, make_member(session, language="en").email)
    assert browser.client.cookies["taal"] == "en"


def test_signed_in_people_skip_the_page(browser: Browser, session: Session) -> None:
    browser.sign_in(make_member(session))
    browser.get("/aanmelden?next=/modules", status=303)
    assert browser.location == "/modules"


def test_signing_in_from_another_site_is_refused(browser: Browser, session: Session) -> None:
    email = make_member(session).email
    answer = browser.client.post(
        "/aanmelden", data={"email": email, "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


# ── demo doors ──


def test_one_click_signs_in_as_a_demo_account(browser: Browser, session: Session) -> None:
    mentor = make_account(session, "Mo Mentor", email="mentor@demo.example", is_fictional=True)
    give_role(session, mentor, Role.MENTOR)
    page = browser.get("/aanmelden?next=/begeleiding")
    [door] = page.select(".demo li")
    assert "laat nieuwe leden toe" in door.text
    browser.submit(page, ".demo form")
    assert browser.location == "/begeleiding"
    assert "Mo Mentor" in str(browser.get("/mijn/profiel"))


@pytest.mark.parametrize(
    "email",
    ["echt@demo.example", "mentor@demo.example", "niemand@demo.example", "", "beheerder@demo.example"],
)
def test_a_demo_door_opens_only_fictional_members_of_the_list(
    browser: Browser, session: Session, email: str
) -> None:
    make_account(session, email="echt@demo.example", is_fictional=True)
    make_account(session, email="mentor@demo.example", is_fictional=False)
    make_account(session, email="beheerder@demo.example", is_fictional=True, status=AccountStatus.DISABLED)
    browser.post("/aanmelden/demo", {"email": email}, status=404)
    assert COOKIE not in browser.client.cookies
    assert not browser.get("/aanmelden").select(".demo")


def test_there_are_no_demo_doors_in_production(
    browser: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_account(session, email="mentor@demo.example", is_fictional=True)
    monkeypatch.setattr(settings, "mode", "production")
    assert not browser.get("/aanmelden").select(".demo")
    browser.post("/aanmelden/demo", {"email": "mentor@demo.example"}, status=404)
    assert COOKIE not in browser.client.cookies


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (FIREFOX, "Firefox · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge · Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/150.0 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_device_has_a_name_one_recognises(agent: str, label: str) -> None:
    assert device_label(agent) == label
