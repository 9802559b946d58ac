"""The admission queue: who waits, the two decisions, and two mentors at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from backend.auth import admission
from backend.auth.models import Account, AccountStatus, Admission, Grant, Role, ScopeKind, Viewer
from backend.db import Database, now
from backend.errors import Conflict
from backend.mail import OutgoingMail
from tests.browser import Browser
from tests.factories import make_account, make_municipality
from tests.mentoring.people import make_mentor, make_module

QUEUE = "/begeleiding/aanvragen"


@pytest.fixture
def alex(session: Session) -> Account:
    return make_account(
        session,
        "Alex Aanvrager",
        organisation=make_municipality(session, "Elzendonk"),
        status=AccountStatus.APPLICANT,
        function="opvoeder",
        motivation="Ik begeleid jongeren.",
        admitted_at=None,
        confirmed_at=now() - timedelta(days=4),
    )


def text_of(page) -> str:
    return " ".join(page.main.get_text(" ").split())


def status(session: Session, account: Account) -> AccountStatus:
    session.expire_all()
    return AccountStatus(session.exec(select(Account.status).where(col(Account.id) == account.id)).one())


def mails_to(session: Session, account: Account) -> list[str]:
    return list(session.exec(select(OutgoingMail.text).where(col(OutgoingMail.to) == account.email)))


def test_the_queue_says_who_waits_since_when_and_why(alex: Account, browser: Browser, session: Session):
    page = browser.sign_in(make_mentor(session)).get(QUEUE)
    said = text_of(page)
    for words in (
        "Alex Aanvrager",
        "opvoeder",
        "Elzendonk",
        alex.email,
        "Ik begeleid jongeren.",
        "wacht al 4 dagen",
    ):
        assert words in said
    assert "1 persoon wacht" in said


def test_the_overview_says_how_many_wait(alex: Account, browser: Browser, session: Session):
    make_module(session)
    make_account(session, "Noor", organisation=make_municipality(session, "Wilgenrode"))
    link = browser.sign_in(make_mentor(session)).get("/begeleiding").select_one(f"header a[href='{QUEUE}']")
    assert " ".join(link.text.split()) == "Aanvragen 1 wachten"


def test_admitting_lets_in_and_tells_both(alex: Account, browser: Browser, session: Session):
    mentor = make_mentor(session)
    page = browser.sign_in(mentor).get(QUEUE)
    browser.submit(page, "form[action$='/toelaten']")
    assert browser.location == QUEUE
    after = browser.follow()
    assert "Alex Aanvrager is toegelaten" in after.select_one("[role=status]").text
    assert "Niemand wacht" in text_of(after)
    assert status(session, alex) == AccountStatus.MEMBER
    assert len(mails_to(session, alex)) == 1


def test_refusing_asks_for_a_reason_that_the_applicant_reads(
    alex: Account, browser: Browser, session: Session
):
    page = browser.sign_in(make_mentor(session)).get(QUEUE)
    confirm = browser.get(page.select_one("a[href$='/weigeren']")["href"])
    assert "Alex Aanvrager" in text_of(confirm)
    assert status(session, alex) == AccountStatus.APPLICANT  # looking decides nothing
    browser.submit(
        confirm, "#refuse_form", reason="Dit netwerk is voor lokale besturen. Kijk eens bij de VVSG."
    )
    assert "is geweigerd" in browser.follow().select_one("[role=status]").text
    assert status(session, alex) == AccountStatus.REFUSED
    assert "Kijk eens bij de VVSG." in mails_to(session, alex)[0]


@pytest.mark.parametrize("reason", ["", "nee", "a" * 1001])
def test_a_refusal_without_a_real_reason_is_asked_again(
    alex: Account, browser: Browser, session: Session, reason: str
):
    browser.sign_in(make_mentor(session))
    page = browser.post(f"{QUEUE}/{alex.id}/weigeren", {"reason": reason}, status=422)
    assert page.select_one("#reason")["aria-invalid"] == "true"
    assert page.select_one("#reason").text.strip() == reason
    assert status(session, alex) == AccountStatus.APPLICANT
    block = browser.post(f"{QUEUE}/{alex.id}/weigeren", {"reason": reason}, status=422, htmx=True)
    assert block.h1 is None
    assert browser.headers["HX-Retarget"] == "#refuse_form"


def decide(browser: Browser, account: Account, how: str) -> None:
    browser.post(f"{QUEUE}/{account.id}/{how}", {"reason": "Dit is voor lokale besturen."})


@pytest.mark.parametrize("first", ["toelaten", "weigeren"])
@pytest.mark.parametrize("second", ["toelaten", "weigeren"])
def test_of_two_mentors_at_once_the_second_hears_who_decided(
    alex: Account, browser: Browser, session: Session, first: str, second: str
):
    one, two = make_mentor(session, name="Mia Mentor"), make_mentor(session, name="Tom Tweede")
    browser.sign_in(one)
    decide(browser, alex, first)
    decided = status(session, alex)
    browser.client.cookies.clear()
    browser.sign_in(two)
    decide(browser, alex, second)
    told = browser.follow().select_one("[role=status]").text
    assert "Mia Mentor" in told
    assert ("liet" if first == "toelaten" else "weigerde") in told
    assert status(session, alex) == decided
    assert len(mails_to(session, alex)) == 1
    assert len(session.exec(select(Admission).where(col(Admission.account_id) == alex.id)).all()) == 1


@pytest.mark.parametrize("how", ["toelaten", "weigeren"])
def test_a_button_pressed_twice_counts_once(alex: Account, browser: Browser, session: Session, how: str):
    browser.sign_in(make_mentor(session))
    decide(browser, alex, how)
    decide(browser, alex, how)
    assert len(mails_to(session, alex)) == 1


def test_an_applicant_of_another_region_does_not_exist(alex: Account, browser: Browser, session: Session):
    browser.sign_in(make_mentor(session, key="limburg"))
    assert "Alex" not in browser.get(QUEUE).text
    browser.get(f"{QUEUE}/{alex.id}/weigeren", status=404)
    browser.post(f"{QUEUE}/{alex.id}/toelaten", status=404)
    browser.post(f"{QUEUE}/{alex.id}/weigeren", {"reason": "Dit is voor lokale besturen."}, status=404)
    browser.post(f"{QUEUE}/{alex.id}/weigeren", {"reason": ""}, status=404)
    assert status(session, alex) == AccountStatus.APPLICANT


def test_a_member_cannot_decide(alex: Account, browser: Browser, session: Session):
    browser.sign_in(make_account(session, "Noor Claes"))
    browser.post(f"{QUEUE}/{alex.id}/toelaten", status=403)
    browser.sign_in(alex).post(f"{QUEUE}/{alex.id}/toelaten", status=403)
    assert status(session, alex) == AccountStatus.APPLICANT


def test_the_page_of_somebody_who_was_decided_on_meanwhile_says_so(
    alex: Account, browser: Browser, session: Session
):
    browser.sign_in(make_mentor(session))
    decide(browser, alex, "toelaten")
    page = browser.get(f"{QUEUE}/{alex.id}/weigeren", status=404)
    assert "besliste" in text_of(page)


def test_of_two_decisions_at_the_same_moment_one_counts(own_engine: Engine, api: FastAPI):
    """Two connections, let go together: on each database one decides, the other hears who did."""
    database = Database(own_engine)
    with database.session() as session:
        organisation = make_municipality(session)
        alex = make_account(
            session, organisation=organisation, status=AccountStatus.APPLICANT, admitted_at=None
        )
        mentors = [viewer_of(make_mentor(session, name=name)) for name in ("Mia Mentor", "Tom Tweede")]
        alex_id = alex.id
    together = Barrier(2)

    def decide_as(mentor: Viewer) -> str:
        together.wait()
        try:
            with database.session() as session:
                if mentor.name == "Mia Mentor":
                    admission.admit(session, mentor, alex_id, now())
                else:
                    admission.refuse(session, mentor, alex_id, "Dit is voor lokale besturen.", now())
        except Conflict as conflict:
            return conflict.message
        return ""

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(decide_as, mentors)
    with database.session(reading=True) as session:
        [decision] = session.exec(select(Admission)).all()
        decided = session.get(Account, alex_id)
        assert decided
        assert (decided.status == AccountStatus.MEMBER) == decision.is_admitted
        assert len(session.exec(select(OutgoingMail)).all()) == 1
    assert (first, second) in (
        ("", "Mia Mentor liet deze persoon al toe."),
        ("Tom Tweede weigerde deze aanvraag al.", ""),
    )


def viewer_of(account: Account) -> Viewer:
    return Viewer(
        id=account.id, session_id=uuid4(), name=account.name, email=account.email, status=account.status, language="nl",
        organisation_id=None, organisation_name="", municipality_nis=None, region_key=None,
        grants=(Grant(Role.MENTOR, ScopeKind.REGION, "waasland"),), seen_at=now(),
    )  # fmt: skip
