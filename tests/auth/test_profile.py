"""One's own account."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from backend.audit.models import AuditEntry
from backend.auth import passwords, sessions
from backend.auth.access import COOKIE
from backend.auth.models import Account, AccountStatus, Admission, AuthSession, EmailToken, Membership, Role
from backend.db import now
from backend.network.models import OrganisationDomain
from tests.auth.mailbox import mails_to, path_in
from tests.auth.people import PASSWORD, make_member
from tests.browser import Browser
from tests.factories import give_role, make_municipality

NEW = "vier gele fietsen"


def account_of(session: Session, account_id: object) -> Account:
    session.expire_all()
    return session.get_one(Account, account_id)


# ── name and place of work ──


def test_a_name_can_change_and_nothing_else_does(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    page = browser.get("/mijn/profiel")
    assert len(browser.queries) <= 4
    browser.submit(page, "#profile_form", name="Noor Claes-Peeters")
    assert account_of(session, account_id).name == "Noor Claes-Peeters"
    assert len(session.exec(select(Membership).where(Membership.account_id == account_id)).all()) == 1
    assert session.exec(select(AuditEntry).where(AuditEntry.action == "auth.change_organisation")).all() == []


def test_another_municipality_is_a_new_membership_and_is_noted(browser: Browser, session: Session) -> None:
    noor, there = make_member(session), make_municipality(session, "Wolvenberg")
    account_id, there_id = noor.id, there.id
    browser.sign_in(noor)
    browser.submit(
        browser.get("/mijn/profiel"), "#profile_form", municipality_search="Wolvenberg", municipality=None
    )
    rows = session.exec(
        select(Membership).where(Membership.account_id == account_id).order_by(col(Membership.started_at))
    ).all()
    assert [(m.organisation_id == there_id, m.ended_at is None) for m in rows] == [
        (False, False),
        (True, True),
    ]
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "auth.change_organisation")).one()
    assert entry.detail["new"] == str(there_id)
    assert account_of(session, account_id).status == AccountStatus.MEMBER
    assert "Wolvenberg" in str(browser.get("/mijn/profiel"))


def test_another_function_keeps_the_old_one_as_history(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    browser.submit(browser.get("/mijn/profiel"), "#profile_form", function="burgemeester")
    rows = session.exec(select(Membership).where(Membership.account_id == account_id)).all()
    assert {(m.function, m.ended_at is None) for m in rows} == {
        ("deskundige samenleven", False),
        ("burgemeester", True),
    }


def test_all_can_change_at_once_in_few_queries(browser: Browser, session: Session) -> None:
    browser.sign_in(make_member(session))
    page = browser.get("/mijn/profiel")
    values = {"name": "Noor Peeters", "kind": "other", "organisation": "Vzw De Brug", "language": "en"}
    browser.submit(page, "#profile_form", **values)
    assert len(browser.queries) <= Browser.max_queries
    again = browser.follow()
    assert [again.select_one(f"[name={name}]")["value"] for name in ("name", "organisation")] == [
        "Noor Peeters",
        "Vzw De Brug",
    ]


def test_the_language_is_that_of_site_and_mails(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    browser.submit(browser.get("/mijn/profiel"), "#profile_form", language="en")
    assert account_of(session, account_id).language == "en"
    assert browser.follow().html["lang"] == "en"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "www.evil.example"),
        ("function", "x" * 200),
        ("language", "xx"),
        ("municipality_search", "xyzzy"),
    ],
)
def test_a_mistake_keeps_what_was_typed(browser: Browser, session: Session, field: str, value: str) -> None:
    browser.sign_in(make_member(session))
    page = browser.get("/mijn/profiel")
    again = browser.submit(
        page, "#profile_form", status=422, **{"municipality": None, "name": "Noor Nieuw", field: value}
    )
    assert again.select_one("[role=alert]")


def test_role_status_and_address_cannot_be_sent_along(browser: Browser, session: Session) -> None:
    noor = make_member(session, status=AccountStatus.APPLICANT)
    account_id, email = noor.id, noor.email
    browser.sign_in(noor)
    page = browser.get("/mijn/profiel")
    values = {f["name"]: f.get("value", "") for f in page.select("#profile_form input")}
    extra = {"status": "member", "email": "x@y.be", "role": "administrator", "id": str(uuid4())}
    browser.post("/mijn/profiel", values | {"kind": "municipality", "language": "nl"} | extra)
    account = account_of(session, account_id)
    assert (account.status, account.email) == (AccountStatus.APPLICANT, email)


# ── waiting and refused ──


def test_an_applicant_reads_that_a_mentor_will_look(browser: Browser, session: Session) -> None:
    browser.sign_in(make_member(session, status=AccountStatus.APPLICANT))
    assert "wacht op een mentor" in browser.get("/mijn/profiel").text
    browser.sign_in(make_member(session))
    assert "wacht op een mentor" not in browser.get("/mijn/profiel").text


def test_who_was_refused_reads_why_and_asks_again_once(browser: Browser, session: Session) -> None:
    gus, mentor = make_member(session, "Gus", status=AccountStatus.REFUSED), make_member(session, "Mo")
    give_role(session, mentor, Role.MENTOR)
    session.add(Admission(account_id=gus.id, is_admitted=False, reason="Te weinig uitleg.", decided_at=now()))
    gus_id, to = gus.id, mentor.email
    browser.sign_in(gus)
    page = browser.get("/mijn/profiel")
    assert "Te weinig uitleg." in page.text
    browser.submit(page, "#again_form", motivation="kort", status=422)
    for _ in range(2):
        browser.post("/mijn/profiel/opnieuw-aanvragen", {"motivation": "Ik werk met jongeren op straat."})
    assert account_of(session, gus_id).status == AccountStatus.APPLICANT
    assert len(mails_to(session, to)) == 1


def test_a_member_cannot_ask_to_be_an_applicant(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    browser.post("/mijn/profiel/opnieuw-aanvragen", {"motivation": "Ik werk met jongeren."}, status=409)
    assert account_of(session, account_id).status == AccountStatus.MEMBER


# ── password ──


def test_changing_the_password_ends_every_other_session(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    email, account_id = noor.email, noor.id
    elsewhere = sessions.begin(session, noor.id, "elders", now())
    browser.sign_in(noor)
    browser.submit(browser.get("/mijn/profiel/wachtwoord"), "#password_form", current=PASSWORD, password=NEW)
    browser.get("/mijn/profiel")
    assert passwords.verify(NEW, account_of(session, account_id).password_hash)
    assert "gewijzigd" in mails_to(session, email)[-1].subject
    browser.client.cookies.clear()
    browser.client.cookies.set(COOKIE, elsewhere)
    browser.get("/mijn/profiel", status=303)


@pytest.mark.parametrize(
    ("current", "password", "wrong"),
    [
        ("fout", NEW, "current"),
        (PASSWORD.upper(), NEW, "current"),
        ("", NEW, "current"),
        (PASSWORD, "kort", "password"),
        (PASSWORD, "noorclaes1", "password"),
    ],
)
def test_the_old_password_must_be_right_and_the_new_one_strong(
    browser: Browser, session: Session, current: str, password: str, wrong: str
) -> None:
    noor = make_member(session)
    account_id = noor.id
    browser.sign_in(noor)
    page = browser.post("/mijn/profiel/wachtwoord", {"current": current, "password": password}, status=422)
    assert page.select_one(f"#{wrong}_error")
    assert passwords.verify(PASSWORD, account_of(session, account_id).password_hash)


# ── e-mail address ──


def ask(
    browser: Browser, email: str, current: str = PASSWORD, *, form_id: str = "", status: int = 303
) -> None:
    browser.post(
        "/mijn/profiel/e-mail",
        {"email": email, "current": current, "form_id": form_id or uuid4().hex},
        status=status,
    )


def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_warned(
    browser: Browser, session: Session
) -> None:
    noor = make_member(session)
    old, account_id = noor.email, noor.id
    browser.sign_in(noor)
    browser.get("/mijn/profiel/e-mail")
    form_id = uuid4().hex
    ask(browser, "nieuw@test.example", form_id=form_id)
    ask(browser, "nieuw@test.example", form_id=form_id)
    [warning], [mail] = mails_to(session, old), mails_to(session, "nieuw@test.example")
    assert "wijzigen" in warning.subject and "nieuw@test.example" not in warning.text
    assert account_of(session, account_id).email == old
    link = path_in(mail, "/bevestigen/")
    browser.submit(browser.get(link), "#confirm_form")
    assert browser.location == "/mijn/profiel"
    assert account_of(session, account_id).email == "nieuw@test.example"
    browser.post(link, status=410)


def test_the_link_works_only_for_who_asked(browser: Browser, session: Session) -> None:
    """A typo in the new address must not hand the account to whoever reads that mailbox."""
    noor, other = make_member(session), make_member(session, "Een Ander")
    old, account_id = noor.email, noor.id
    browser.sign_in(noor)
    ask(browser, "tikfout@test.example")
    link = path_in(mails_to(session, "tikfout@test.example")[0], "/bevestigen/")
    browser.sign_out()
    browser.get(link, status=303)
    browser.post(link)
    assert browser.location.startswith("/aanmelden")
    browser.sign_in(other)
    browser.post(link)
    assert account_of(session, account_id).email == old


def test_an_address_that_is_taken_is_not_given_away_and_not_told(browser: Browser, session: Session) -> None:
    noor, other = make_member(session), make_member(session, "Een Ander")
    taken, account_id = other.email, noor.id
    browser.sign_in(noor)
    ask(browser, "vrij@test.example")
    free_answer = browser.location, browser.follow().text
    ask(browser, taken)
    assert (browser.location, browser.follow().text) == free_answer
    [mail] = mails_to(session, taken)
    assert "al bij een account" in mail.subject and "/bevestigen/" not in mail.text
    # Taken only after the link was mailed: the database decides.
    make_member(session, "Te Laat", email="vrij@test.example")
    browser.post(path_in(mails_to(session, "vrij@test.example")[0], "/bevestigen/"), status=409)
    assert account_of(session, account_id).email != "vrij@test.example"


@pytest.mark.parametrize(
    ("email", "current"), [("nieuw@test.example", "fout"), ("a@b", PASSWORD), ("a@x.be,b@y.be", PASSWORD)]
)
def test_without_the_password_or_with_two_addresses_nothing_is_mailed(
    browser: Browser, session: Session, email: str, current: str
) -> None:
    browser.sign_in(make_member(session))
    ask(browser, email, current, status=422)
    assert session.exec(select(EmailToken)).all() == []


def test_ones_own_address_is_no_change(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    email = noor.email
    browser.sign_in(noor)
    ask(browser, email, status=422)


def test_an_applicant_is_let_in_by_an_address_of_a_listed_domain(browser: Browser, session: Session) -> None:
    kim = make_member(session, "Kim", status=AccountStatus.APPLICANT)
    home = make_municipality(session, "Wolvenberg")
    session.add(OrganisationDomain(domain="wolvenberg.example", organisation_id=home.id))
    account_id = kim.id
    browser.sign_in(kim)
    ask(browser, "kim@wolvenberg.example")
    browser.post(path_in(mails_to(session, "kim@wolvenberg.example")[0], "/bevestigen/"))
    assert account_of(session, account_id).status == AccountStatus.MEMBER
    assert "Wolvenberg" in str(browser.get("/mijn/profiel"))


# ── sessions ──


def test_one_sees_and_ends_ones_own_sessions(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    phone = sessions.begin(session, noor.id, "Safari · iPhone", now() - timedelta(hours=1))
    browser.sign_in(noor)
    page = browser.get("/mijn/profiel/sessies")
    assert len(page.select("ul.rows li")) == 2 and "Safari · iPhone" in page.text
    row = next(li for li in page.select("ul.rows li") if "iPhone" in li.text)
    session_id = row.select_one("[name=session_id]")["value"]
    for _ in range(2):
        browser.post("/mijn/profiel/sessies", {"session_id": session_id})
    assert "iPhone" not in browser.get("/mijn/profiel/sessies").select_one("ul.rows").text
    browser.client.cookies.clear()
    browser.client.cookies.set(COOKIE, phone)
    browser.get("/mijn/profiel", status=303)


def test_the_list_of_sessions_takes_as_many_queries_for_one_as_for_many(
    browser: Browser, session: Session
) -> None:
    noor = make_member(session)
    browser.sign_in(noor)
    for number in range(20):
        sessions.begin(session, noor.id, f"toestel {number}", now())
    browser.get("/mijn/profiel/sessies")
    assert len(browser.queries) <= 2


def test_signing_out_everywhere_ends_this_one_too(browser: Browser, session: Session) -> None:
    noor = make_member(session)
    account_id = noor.id
    sessions.begin(session, noor.id, "elders", now())
    browser.sign_in(noor)
    browser.submit(browser.get("/mijn/profiel/sessies"), "form[action$='/overal']")
    session.expire_all()
    rows = session.exec(select(AuthSession).where(AuthSession.account_id == account_id)).all()
    assert len(rows) == 2 and all(row.ended_at for row in rows)
    browser.get("/mijn/profiel", status=303)


def test_a_session_of_somebody_else_does_not_exist(browser: Browser, session: Session) -> None:
    noor, other = make_member(session), make_member(session, "Een Ander")
    sessions.begin(session, other.id, "van een ander", now())
    session.flush()
    foreign = session.exec(select(AuthSession).where(AuthSession.account_id == other.id)).one().id
    browser.sign_in(noor)
    for session_id in (str(foreign), str(uuid4()), "x", ""):
        browser.post("/mijn/profiel/sessies", {"session_id": session_id}, status=404)
    session.expire_all()
    assert session.get_one(AuthSession, foreign).ended_at is None


@pytest.mark.parametrize("path", ["", "/wachtwoord", "/e-mail", "/sessies"])
def test_a_visitor_signs_in_first_and_comes_back(browser: Browser, path: str) -> None:
    browser.get(f"/mijn/profiel{path}", status=303)
    assert browser.location == "/aanmelden?next=" + f"/mijn/profiel{path}".replace("/", "%2F")
