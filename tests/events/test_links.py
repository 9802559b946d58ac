"""Links in mails: looking changes nothing, the button does; and a place in an online day."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from backend.config import settings
from backend.db import now
from backend.events import links
from backend.events.links import Purpose
from backend.events.models import DayFormat, EventKind, Registration, RegistrationEvent, RegistrationStatus
from backend.jobs import Job
from tests.browser import Browser
from tests.events.acts import accept, cancel, mails_to, make_member, register
from tests.factories import make_account, make_day, make_round

CONFIRMED, WAITING, OFFERED, CANCELLED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.CANCELLED,
)


def addresses(session: Session, email: str) -> list[str]:
    """The links of the newest mail to somebody, as paths."""
    text = mails_to(session, email)[-1].text
    return [
        path.removeprefix(settings.base_url)
        for path in re.findall(r"http\S+/(?:inschrijving|meedoen)/\S+", text)
    ]


def text(page) -> str:
    return " ".join(page.select_one("main").text.split())


def status(session: Session, key) -> RegistrationStatus:
    session.expire_all()
    return session.get_one(Registration, key).status


def test_opening_a_link_changes_nothing_and_its_button_does(browser: Browser, session: Session) -> None:
    """As a scanner would: every link of the mail, twice, without signing in."""
    day, noor = make_day(session), make_member(session)
    key, email = register(session, noor, day).id, noor.email
    change, cancel_ = addresses(session, email)
    for path in (change, cancel_) * 2:
        browser.get(path)
    assert status(session, key) == CONFIRMED
    browser.submit(browser.get(cancel_), "main form")
    assert status(session, key) == CANCELLED
    assert (
        "niet meer ingeschreven" in text(browser.follow())
        and browser.follow().select_one("main form") is None
    )
    browser.post(cancel_)  # sent twice
    assert len(mails_to(session, email)) == 2


def test_an_offer_by_mail_is_taken_or_declined(browser: Browser, session: Session) -> None:
    day = make_day(session, capacity=1, offer_hours=8)
    people = [make_member(session, name) for name in ("Noor", "Ali", "Lies")]
    keys = [register(session, who, day).id for who in people]
    cancel(session, people[0], day)
    _yes, no = addresses(session, people[1].email)
    browser.submit(browser.get(no), "main form")
    assert (status(session, keys[1]), status(session, keys[2])) == (CANCELLED, OFFERED)
    yes, _no = addresses(session, people[2].email)
    browser.submit(browser.get(yes), "main form")
    assert status(session, keys[2]) == CONFIRMED and "Je bent ingeschreven" in text(browser.follow())
    browser.post(yes)
    assert len(mails_to(session, people[2].email)) == 3


def test_who_waits_leaves_the_list_by_the_link(browser: Browser, session: Session) -> None:
    day, noor = make_day(session, capacity=0), make_member(session)
    key = register(session, noor, day).id
    (leave,) = addresses(session, noor.email)
    page = browser.get(leave)
    assert "Van de wachtlijst gaan?" in text(page) and "Je bent nu eerste" in text(page)
    browser.submit(page, "main form")
    assert status(session, key) == CANCELLED


def test_sessions_are_changed_by_the_link_without_showing_what_one_needs(
    browser: Browser, session: Session
) -> None:
    day, noor = make_day(session), make_member(session)
    a, b = make_round(session, day, 2, 2)
    key, chosen = register(session, noor, day, chosen=[a], note="geen noten").id, str(b.id)
    change, _cancel = addresses(session, noor.email)
    page = browser.get(change)
    assert "noten" not in page.text and page.select_one("input[checked]")["value"] == str(a.id)
    browser.submit(page, "main form", ronde_1=chosen)
    assert [str(k) for k in session.exec(select(RegistrationEvent.choices).where(
        RegistrationEvent.kind == EventKind.CHANGED)).one()] == [chosen]  # fmt: skip
    browser.submit(browser.get(change), "main form", ronde_1="geen-sessie", status=422)
    assert status(session, key) == CONFIRMED
    own = browser.session.get_one(Registration, key)
    assert own.sequence == 1


def test_a_code_of_another_purpose_person_or_making_does_not_work(browser: Browser, session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    key = register(session, noor, day).id
    good = links.code(Purpose.CANCEL, key)
    other = links.code(Purpose.CANCEL, day.id)  # signed, but no registration
    bad = [
        good[:-1],
        good + "a",
        good.upper(),
        "d" + good[1:],
        "x",
        "",
        "é" * 47,
        good[:10] + "!" + good[11:],
        other,
    ]
    for code in bad:
        path = f"/inschrijving/{code}"
        browser.get(path, status=404)
        if code:
            browser.post(path, status=404)
    browser.get(f"/meedoen/{good}", status=404)
    browser.get(f"/inschrijving/{links.code(Purpose.JOIN, key)}", status=404)
    browser.get(f"/inschrijving/{links.code(Purpose.CALENDAR, noor.id)}", status=404)
    assert status(session, key) == CONFIRMED
    browser.get(f"/inschrijving/{good}")


def test_links_of_what_is_over_say_so(browser: Browser, session: Session) -> None:
    day = make_day(session, capacity=1, offer_hours=8)
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day)
    late = register(session, ali, day)
    cancel(session, noor, day)
    yes, _no = addresses(session, ali.email)
    late.offered_until = now() - timedelta(seconds=1)
    session.flush()
    page = browser.get(yes)
    assert "houden we niet meer voor je vrij" in text(page) and page.select_one("main form") is None
    browser.post(yes, status=409)


def test_too_late_to_cancel_by_the_link_tells_whom_to_ask(browser: Browser, session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    key = register(session, noor, day).id
    day.cancel_until = now() - timedelta(seconds=1)
    session.flush()
    _change, cancel_ = addresses(session, noor.email)
    page = browser.get(cancel_)
    assert "Laat het weten" in text(page) and page.select_one("main form") is None
    browser.post(cancel_, status=409)
    assert status(session, key) == CONFIRMED


# ── an online day ──


@pytest.fixture
def online(session: Session):
    day = make_day(
        session, format=DayFormat.ONLINE, starts_at=now() + timedelta(minutes=10), online_url="https://meet.example/geheim",
        online_opens_minutes=15, registration_closes_at=now() + timedelta(hours=1), cancel_until=now() + timedelta(hours=1),
        series="reeks",
    )  # fmt: skip
    noor = make_member(session)
    return day, noor, register(session, noor, day).id


def test_taking_part_is_noted_once_and_told_to_the_module(browser: Browser, session: Session, online) -> None:
    _day, noor, key = online
    join = next(path for path in addresses(session, noor.email) if path.startswith("/meedoen/"))
    page = browser.get(join)
    assert "meet.example" not in page.text and session.get_one(Registration, key).attended_at is None
    for _ in range(2):
        browser.submit(page, "main form")
    link = browser.follow().select_one('main a[href="https://meet.example/geheim"]')
    assert link is not None and "noreferrer" in link["rel"]
    session.expire_all()
    assert session.get_one(Registration, key).attended_at is not None
    told = session.exec(select(Job).where(Job.name == "learning.attended")).all()
    assert [(job.payload["account_id"], job.payload["series"]) for job in told] == [(str(noor.id), "reeks")]


def test_before_it_opens_and_without_a_place_there_is_no_link(
    browser: Browser, session: Session, online
) -> None:
    day, noor, key = online
    join = f"/meedoen/{links.code(Purpose.JOIN, key)}"
    day.starts_at, day.ends_at = now() + timedelta(hours=1), now() + timedelta(hours=2)
    session.flush()
    page = browser.get(join)
    assert "Nog even geduld" in text(page) and page.select_one("main form") is None
    browser.post(join, status=409)
    day = session.merge(day)
    day.starts_at = now() + timedelta(minutes=5)
    session.flush()
    cancel(session, noor, day)
    assert "geen plaats" in text(browser.get(join))
    browser.post(join, status=409)
    assert session.exec(select(Job).where(Job.name == "learning.attended")).all() == []


def test_the_link_stands_nowhere_else(browser: Browser, session: Session, online) -> None:
    day, noor, _key = online
    pages = [browser.get(f"/actiedagen/{day.slug}"), browser.get("/actiedagen")]
    pages.append(browser.sign_in(make_account(session, "Lies")).get(f"/actiedagen/{day.slug}"))
    assert not [page for page in pages if "meet.example" in page.text or "/meedoen/" in page.text]
    feed = browser.client.get("/actiedagen.ics").text
    assert "meet.example" not in feed and noor.email not in feed


def test_who_accepted_an_offer_of_an_online_day_gets_the_link(session: Session) -> None:
    day = make_day(
        session, format=DayFormat.HYBRID, capacity=1, offer_hours=8, online_url="https://meet.example/x"
    )
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day), register(session, ali, day)
    cancel(session, noor, day)
    assert not [path for path in addresses(session, ali.email) if path.startswith("/meedoen/")]
    accept(session, ali, day)
    assert [path for path in addresses(session, ali.email) if path.startswith("/meedoen/")]
