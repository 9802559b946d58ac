"""The weekly reminder: only for who chose it, on that day, when it helps; stopped with one click."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import Session, select

from backend import mail
from backend.auth.models import Account, Viewer
from backend.jobs import Job
from backend.learning import rhythm
from backend.learning.enrolments import Address
from backend.learning.models import Rhythm
from backend.learning.service import answer
from backend.mail import OutgoingMail
from tests.browser import Browser
from tests.factories import make_account, viewer_of
from tests.learning.documents import RIGHT, make_course, publish

WEDNESDAY = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
LONG_AGO = WEDNESDAY - timedelta(days=9)


@pytest.fixture
def account(session: Session) -> Account:
    publish(session, make_course())
    return make_account(session)


@pytest.fixture
def viewer(session: Session, account: Account) -> Viewer:
    viewer = viewer_of(session, account)
    answer(session, viewer, Address("proef", "een", "kies"), RIGHT["kies"], "a" * 32, LONG_AGO)
    return viewer


def planned(session: Session) -> list[str]:
    return [
        job.payload["account_id"] for job in session.exec(select(Job).where(Job.name == "learning.remind"))
    ]


def mails(session: Session) -> list[OutgoingMail]:
    return list(session.exec(select(OutgoingMail)))


def test_nobody_is_reminded_who_did_not_choose_it(session: Session, viewer: Viewer) -> None:
    assert rhythm.plan(session, WEDNESDAY) == 0
    assert not rhythm.remind(session, viewer.id, WEDNESDAY)


def test_on_the_chosen_day_once(session: Session, viewer: Viewer) -> None:
    rhythm.choose(session, viewer, 2)
    assert rhythm.plan(session, WEDNESDAY - timedelta(days=1)) == 0
    assert rhythm.plan(session, WEDNESDAY) == 1
    assert rhythm.plan(session, WEDNESDAY) == 0, "another worker, the same day"
    assert planned(session) == [str(viewer.id)]


def test_the_mail_names_the_next_step_and_how_to_stop(session: Session, viewer: Viewer) -> None:
    rhythm.choose(session, viewer, 2)
    assert rhythm.remind(session, viewer.id, WEDNESDAY)
    (sent,) = mails(session)
    assert "/leren/proef/een" in sent.text
    assert "omdat je een wekelijkse herinnering koos" in sent.text
    message: EmailMessage = mail.as_message(sent)
    assert message["List-Unsubscribe"].startswith("<http")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_who_was_here_lately_is_left_in_peace(session: Session, viewer: Viewer) -> None:
    rhythm.choose(session, viewer, 2)
    answer(
        session,
        viewer,
        Address("proef", "een", "meer"),
        RIGHT["meer"],
        "b" * 32,
        WEDNESDAY - timedelta(days=2),
    )
    assert not rhythm.remind(session, viewer.id, WEDNESDAY)


def test_a_look_at_the_link_changes_nothing_and_the_button_stops_it(
    browser: Browser, session: Session, viewer: Viewer
) -> None:
    rhythm.choose(session, viewer, 2)
    code = session.exec(select(Rhythm.stop_code)).one()
    page = browser.get(f"/uitschrijven/{code}")
    assert session.exec(select(Rhythm)).first() is not None, "programs open links too"
    browser.submit(page, "main form")
    browser.post(f"/uitschrijven/{code}")
    assert session.exec(select(Rhythm)).first() is None


def test_a_mail_program_stops_it_without_a_browser(
    browser: Browser, session: Session, viewer: Viewer
) -> None:
    rhythm.choose(session, viewer, 2)
    code = session.exec(select(Rhythm.stop_code)).one()
    answer = browser.client.post(f"/uitschrijven/{code}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 303
    assert session.exec(select(Rhythm)).first() is None


def test_a_strange_code_says_nothing(browser: Browser) -> None:
    browser.post("/uitschrijven/onbekend")


@pytest.mark.parametrize("day", ["5", "-1", "x", ""])
def test_no_day_is_no_reminder(
    browser: Browser, session: Session, account: Account, viewer: Viewer, day: str
) -> None:
    rhythm.choose(session, viewer, 2)
    browser.sign_in(account)
    browser.post("/mijn/ritme", {"dag": day})
    assert session.exec(select(Rhythm)).first() is None


def test_a_day_is_chosen_and_changed(browser: Browser, session: Session, account: Account) -> None:
    browser.sign_in(account)
    for day in (0, 4):
        browser.submit(browser.get("/mijn/ritme"), "main form", dag=str(day))
    assert session.exec(select(Rhythm.weekday)).one() == 4
