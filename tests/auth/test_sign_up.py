"""From the form to a confirmed account."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from backend import web
from backend.auth import passwords
from backend.auth.access import COOKIE
from backend.auth.models import Account, AccountStatus, Admission, EmailToken, Membership, Role, ScopeKind
from backend.auth.sign_up_pages import SIGNED_UP
from backend.db import now
from backend.mail import OutgoingMail
from backend.network.models import Organisation, OrganisationDomain
from tests.auth.mailbox import mails_to, path_in
from tests.auth.people import NOOR, filled
from tests.browser import Browser
from tests.factories import give_role, make_account, make_municipality


@pytest.fixture
def elzendonk(session: Session) -> Organisation:
    return make_municipality(session, "Elzendonk")


def account_of(session: Session, email: str = NOOR) -> Account:
    session.expire_all()
    return session.exec(select(Account).where(Account.email == email)).one()


def sign_up(browser: Browser, **values: Any) -> str:
    """Sign up; gives the path of the link in the mail."""
    data = filled(**values)
    browser.post("/account-aanmaken", data)
    return path_in(mails_to(browser.session, data["email"])[-1], "/bevestigen/")


def test_from_the_form_to_being_signed_in(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    page = browser.get("/account-aanmaken")
    values = {k: v for k, v in filled().items() if k not in ("form_id", "kind", "next")}
    browser.submit(page, "#sign_up_form", **values)
    assert "mailbox" in browser.follow().h1.text
    account = account_of(session)
    assert account.status == AccountStatus.UNCONFIRMED
    [mail] = mails_to(session, NOOR)
    link = path_in(mail, "/bevestigen/")
    confirm = browser.get(link)
    assert "Elzendonk" in confirm.text and "deskundige samenleven" in confirm.text
    assert account_of(session).status == AccountStatus.UNCONFIRMED  # opening the link does nothing
    browser.submit(confirm, "#confirm_form")
    account = account_of(session)
    assert account.status == AccountStatus.APPLICANT and account.confirmed_at is not None
    assert "wacht op een mentor" in browser.get("/mijn/profiel").text
    membership = session.exec(select(Membership).where(Membership.account_id == account.id)).one()
    assert membership.organisation_id == elzendonk.id


def test_one_comes_back_to_the_page_one_came_from(browser: Browser, elzendonk: Organisation) -> None:
    page = browser.get("/account-aanmaken?next=/actiedagen/gent")
    assert page.select_one("#sign_up_form [name=next]")["value"] == "/actiedagen/gent"
    browser.post(sign_up(browser, next="/actiedagen/gent"))
    assert browser.location == "/actiedagen/gent"


@pytest.mark.parametrize(
    "there", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_that_page_is_never_on_another_site(browser: Browser, elzendonk: Organisation, there: str) -> None:
    browser.post(sign_up(browser, next=there))
    assert browser.location == "/"


def test_the_same_form_twice_is_one_account_and_one_mail(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    data = filled()
    browser.post("/account-aanmaken", data)
    browser.post("/account-aanmaken", data)
    assert len(mails_to(session, NOOR)) == 1
    assert account_of(session).password_hash is not None


def test_the_answer_is_the_same_for_who_has_an_account(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    make_account(session, "Noor Claes", email=NOOR, organisation=elzendonk, password_hash="unchanged")
    data = filled()
    browser.post("/account-aanmaken", data)
    known, page = browser.location, browser.follow().text
    browser.post("/account-aanmaken", data)
    assert [m.subject for m in mails_to(session, NOOR)] == ["Je hebt al een account"]
    browser.post("/account-aanmaken", filled(email="nieuw@elzendonk.example"))
    assert (browser.location, browser.follow().text) == (known, page)
    assert account_of(session).password_hash == "unchanged"
    # The mail lets them in: its link chooses a new password.
    browser.get(path_in(mails_to(session, NOOR)[0], "/wachtwoord/"))


def test_a_disabled_account_gets_no_mail(browser: Browser, session: Session, elzendonk: Organisation) -> None:
    make_account(session, email=NOOR, status=AccountStatus.DISABLED, organisation=elzendonk)
    browser.post("/account-aanmaken", filled())
    assert mails_to(session, NOOR) == []


def test_who_opens_the_mail_chooses_the_password_when_two_signed_up(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    """Somebody else may have signed up first with this address: their password must never open it."""
    sign_up(browser, password="van een ander maar lang")
    link = sign_up(browser, password="trein kast paard", name="Noor Claes-Peeters")
    account = account_of(session)
    assert account.password_hash is None and account.name == "Noor Claes-Peeters"
    page = browser.get(link)
    browser.submit(page, "#confirm_form", status=422)
    browser.submit(page, "#confirm_form", status=422, password="Elzendonk2026")
    browser.submit(page, "#confirm_form", password="vier gele fietsen")
    hashed = account_of(session).password_hash
    assert passwords.verify("vier gele fietsen", hashed)
    assert not passwords.verify("van een ander maar lang", hashed)


def confirm_elsewhere(browser: Browser, link: str) -> None:
    """Open the link in a browser that did not sign up: it asks for a password and says why."""
    page = browser.get(link)
    assert "ander toestel" in page.text
    browser.submit(page, "#confirm_form", status=422)
    browser.submit(page, "#confirm_form", status=422, password="Elzendonk2026")
    assert account_of(browser.session).status == AccountStatus.UNCONFIRMED
    browser.submit(page, "#confirm_form", password="vier gele fietsen")


def opens(session: Session, password: str) -> bool:
    return passwords.verify(password, account_of(session).password_hash)


def test_a_stranger_who_signed_up_with_my_address_does_not_get_in_when_i_confirm(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    link = sign_up(browser, password="van een ander maar lang")
    browser.sign_out()  # the owner of the address has another browser
    confirm_elsewhere(browser, link)
    assert account_of(session).status == AccountStatus.APPLICANT
    assert opens(session, "vier gele fietsen") and not opens(session, "van een ander maar lang")


def test_in_the_browser_that_signed_up_the_password_is_kept(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    """Negative control; a button that was pressed twice and a link that was sent again do no harm."""
    data = filled()
    for _ in range(2):
        browser.post("/account-aanmaken", data)
    browser.post("/bevestigen", {"email": NOOR, "form_id": uuid4().hex})
    page = browser.get(path_in(mails_to(session, NOOR)[-1], "/bevestigen/"))
    assert "ander toestel" not in page.text and not page.select("[name=password]")
    browser.submit(page, "#confirm_form")
    assert opens(session, data["password"])


def test_the_mark_of_a_browser_that_signed_up_says_nothing_and_is_short(
    browser: Browser, elzendonk: Organisation
) -> None:
    sign_up(browser)
    cookie = browser.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=172800" in cookie
    assert "noor" not in cookie.lower() and "elzendonk" not in cookie.lower()


def of_another_address(browser: Browser) -> None:
    sign_up(browser, email="ander@elzendonk.example")


def made_up(browser: Browser) -> None:
    until, _, seal = browser.client.cookies[SIGNED_UP].partition(".")
    browser.client.cookies.clear()
    browser.client.cookies.set(SIGNED_UP, f"{int(until) + 1}.{seal}")


def of_a_resent_link(browser: Browser) -> None:
    """Asking for the link again proves nothing: anybody can."""
    browser.sign_out()
    browser.post("/bevestigen", {"email": NOOR, "form_id": uuid4().hex})


@pytest.mark.parametrize("mark", [of_another_address, made_up, of_a_resent_link])
def test_any_other_mark_is_no_mark(
    browser: Browser, elzendonk: Organisation, mark: Callable[[Browser], None]
) -> None:
    link = sign_up(browser)
    mark(browser)
    confirm_elsewhere(browser, link)


def test_a_mark_is_over_after_two_days(
    browser: Browser, session: Session, elzendonk: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = sign_up(browser)
    monkeypatch.setattr(web, "now", lambda: now() + timedelta(days=2, seconds=1))
    confirm_elsewhere(browser, link)


def test_a_link_works_once(browser: Browser, session: Session, elzendonk: Organisation) -> None:
    link = sign_up(browser)
    browser.post(link)
    browser.sign_out()
    page = browser.post(link, status=410)
    assert "gebruikte hem al" in page.text
    assert COOKIE not in browser.client.cookies
    assert "gebruikte hem al" in browser.get(link, status=410).text


def test_a_second_link_of_the_same_account_is_over_once_one_was_used(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    first = sign_up(browser)
    browser.post("/bevestigen", {"email": NOOR, "form_id": uuid4().hex})
    second = path_in(mails_to(session, NOOR)[-1], "/bevestigen/")
    assert first != second
    browser.post(second)
    browser.sign_out()
    browser.post(first, status=410)


def test_an_expired_link_offers_a_new_one(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    link = sign_up(browser, next="/modules")
    token = session.exec(select(EmailToken)).one()
    token.expires_at = now() - timedelta(seconds=1)
    session.flush()
    page = browser.get(link, status=410)
    browser.post(link, status=410)
    assert account_of(session).status == AccountStatus.UNCONFIRMED
    browser.submit(page, "form[action$='/opnieuw']")
    fresh = path_in(mails_to(session, NOOR)[-1], "/bevestigen/")
    assert fresh != link
    browser.post(fresh)
    assert browser.location == "/modules"


@pytest.mark.parametrize("code", ["x", "a" * 500, "%F0%9F%9A%B2", "' OR 1=1 --"])
def test_an_unknown_code_is_a_page_with_a_way_on(browser: Browser, code: str) -> None:
    page = browser.get(f"/bevestigen/{code}", status=410)
    assert page.select_one("main a")
    browser.get(f"/wachtwoord/{code}", status=410)


def test_only_the_hash_of_a_code_is_kept(browser: Browser, session: Session, elzendonk: Organisation) -> None:
    code = sign_up(browser).rpartition("/")[2]
    token = session.exec(select(EmailToken)).one()
    assert len(code) >= 43 and code not in str(token.model_dump())


def test_a_head_request_of_a_mail_scanner_changes_nothing(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    link = sign_up(browser)
    assert browser.client.head(link).status_code == 200
    assert account_of(session).status == AccountStatus.UNCONFIRMED


def test_resending_says_the_same_for_everybody_and_mails_only_who_waits(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    sign_up(browser)
    form_id = uuid4().hex
    for _ in range(2):
        browser.post("/bevestigen", {"email": NOOR, "form_id": form_id})
    answer = browser.location, browser.follow().text
    assert len(mails_to(session, NOOR)) == 2
    browser.post("/bevestigen", {"email": "niemand@elzendonk.example", "form_id": uuid4().hex})
    assert (browser.location, browser.follow().text) == answer
    assert mails_to(session, "niemand@elzendonk.example") == []


# ── admission by domain ──


def test_a_listed_domain_lets_one_in_at_once(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    wolvenberg = make_municipality(session, "Wolvenberg")
    session.add(OrganisationDomain(domain="elzendonk.example", organisation_id=elzendonk.id))
    browser.post(sign_up(browser, municipality_search="Wolvenberg"))
    account = account_of(session)
    assert account.status == AccountStatus.MEMBER and account.admitted_at is not None
    admission = session.exec(select(Admission)).one()
    assert admission.is_admitted and admission.decided_by_id is None
    rows = session.exec(select(Membership).where(Membership.account_id == account.id)).all()
    assert {(m.organisation_id, m.ended_at is None) for m in rows} == {
        (wolvenberg.id, False),
        (elzendonk.id, True),
    }


@pytest.mark.parametrize(
    "email", ["noor@sub.elzendonk.example", "noor@xelzendonk.example", "elzendonk.example@ander.example"]
)
def test_a_domain_that_only_looks_like_it_waits(
    browser: Browser, session: Session, elzendonk: Organisation, email: str
) -> None:
    session.add(OrganisationDomain(domain="elzendonk.example", organisation_id=elzendonk.id))
    browser.post(sign_up(browser, email=email))
    assert account_of(session, email).status == AccountStatus.APPLICANT


def test_mentors_in_scope_get_a_mail_and_others_do_not(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    names = ("Dichtbij", "Ver Weg", "Over Al", "De Baas", "Al Weg")
    near, far, all_, boss, gone = (make_account(session, name, organisation=elzendonk) for name in names)
    give_role(session, near, Role.MENTOR, ScopeKind.REGION, "waasland")
    give_role(session, near, Role.MENTOR, ScopeKind.MUNICIPALITY, str(elzendonk.municipality_nis))
    give_role(session, far, Role.MENTOR, ScopeKind.REGION, "limburg")
    give_role(session, all_, Role.MENTOR, ScopeKind.ALL)
    give_role(session, boss, Role.ADMINISTRATOR)
    give_role(session, gone, Role.MENTOR, ScopeKind.ALL, ends_at=now() - timedelta(days=1))
    emails = {a.name: a.email for a in (near, far, all_, boss, gone)}
    browser.post(sign_up(browser))
    assert {name: len(mails_to(session, email)) for name, email in emails.items()} == {
        "Dichtbij": 1, "Ver Weg": 0, "Over Al": 1, "De Baas": 0, "Al Weg": 0
    }  # fmt: skip
    [mail] = mails_to(session, emails["Dichtbij"])
    assert "Noor Claes" in mail.text and "Noor" not in mail.subject and "/begeleiding/aanvragen" in mail.text


def test_without_a_mentor_the_administrators_are_told(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    boss = make_account(session)
    give_role(session, boss, Role.ADMINISTRATOR)
    email = boss.email
    browser.post(sign_up(browser, kind="other", organisation="Vzw De Brug"))
    assert len(mails_to(session, email)) == 1


# ── what people send on purpose ──


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a@b"),
        ("email", "a@b..be"),
        ("email", '"a b"@x.be'),
        ("email", "a@x.be,b@y.be"),
        ("email", "a@x.be\nBcc: c@y.be"),
        ("email", "=?utf-8?q?x=0D=0A?=@x.be;"),
        ("email", "x" * 250 + "@x.be"),
        ("email", "a@x.be."),
        ("name", "x"),
        ("name", "Win geld op https://evil.example"),
        ("name", "Noor <evil@x.be>"),
        ("name", "Noor\nBcc: c@y.be"),
        ("name", "N" * 500),
        ("name", "…"),
        ("function", ""),
        ("password", "kort"),
        ("password", "x" * 1025),
        ("password", NOOR),
        ("password", "Elzendonk1"),
        ("password", "Radicalisering2026"),
        ("password", "        "),
        ("accepts", ""),
        ("form_id", "nee"),
        ("motivation", "x" * 1001),
        ("kind", "admin"),
    ],
)
def test_what_cannot_be_right_is_a_mistake_with_a_sentence(
    browser: Browser, session: Session, elzendonk: Organisation, field: str, value: str
) -> None:
    page = browser.post("/account-aanmaken", filled(**{field: value}), status=422)
    assert page.select_one("[role=alert]")
    assert session.exec(select(Account)).all() == []
    assert session.exec(select(OutgoingMail)).all() == []


def test_an_address_is_kept_in_lower_case_with_its_tag(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    sign_up(browser, email="Noor+Netwerk@Elzendonk.example".lower())
    browser.post("/account-aanmaken", filled(email="  NOOR+netwerk@elzendonk.EXAMPLE "))
    assert account_of(session, "noor+netwerk@elzendonk.example")


def test_nobody_can_make_themselves_a_member(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    sign_up(browser, status="member", is_admin="1", role="administrator", admitted_at="2020-01-01")
    assert account_of(session).status == AccountStatus.UNCONFIRMED


def test_the_mail_to_an_address_that_was_not_confirmed_carries_no_words_of_a_stranger(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    sign_up(browser, name="Koop Nu", function="gratis geld", motivation="klik hier")
    [mail] = mails_to(session, NOOR)
    assert not {"Koop", "gratis", "klik hier"} & set((mail.subject + mail.text).split())


def test_a_slip_does_not_use_up_the_tries(
    browser: Browser, session: Session, elzendonk: Organisation
) -> None:
    for _ in range(12):
        browser.post("/account-aanmaken", filled(password="kort"), status=422)
    sign_up(browser)


def test_who_is_signed_in_needs_no_account(browser: Browser, session: Session) -> None:
    browser.sign_in(make_account(session))
    browser.get("/account-aanmaken?next=/modules", status=303)
    assert browser.location == "/modules"
