"""The start page: a landing for visitors, "Mijn overzicht" for whoever is signed in."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from backend.auth.models import AccountStatus, Role
from backend.db import now
from backend.events.models import ActionDay, DayStatus, Registration, RegistrationStatus
from backend.home.dots import flanders
from backend.network import service as network
from tests.browser import Browser
from tests.factories import give_role, make_account, make_day, make_municipality
from tests.learning.documents import RIGHT, make_course, publish


@pytest.fixture(autouse=True)
def _network(session: Session) -> None:
    network.load_network(session, now())


def plan_day(
    session: Session, region: str | None = "waasland", in_days: int = 18, **values: Any
) -> ActionDay:
    starts = now() + timedelta(days=in_days)
    title = values.pop("title", f"Actiedag {region}")
    return make_day(session, title, region=region, starts_at=starts, registration_closes_at=starts, **values)


def register(session: Session, day: ActionDay, account: Any, status: RegistrationStatus) -> None:
    session.add(
        Registration(day_id=day.id, account_id=account.id, status=status, asked_at=now(), changed_at=now())
    )
    session.flush()


# ── the landing ──


def test_a_visitor_reads_what_it_is_who_carries_it_and_how_to_take_part(browser: Browser) -> None:
    page = browser.get("/")
    assert page.h1.text.split() == ["Tussen", "wij", "en", "zij", "ligt", "ruimte."]
    text = page.main.text
    for said in (
        "Gratis",
        "Sint-Niklaas",
        "AgII",
        "HAI",
        "VVSG",
        "58",
        "2 op 3",
        "lees ze niet als één lijn",
    ):
        assert said in text
    assert page.select_one('.hero a.btn[href="/account-aanmaken"]')
    assert len(browser.queries) <= 2


def test_the_landing_shows_the_first_three_days_and_marks_their_regions(
    browser: Browser, session: Session
) -> None:
    for number, region in enumerate(["waasland", "midwest", "kempen", "limburg"]):
        plan_day(session, region, in_days=10 + number)
    page = browser.get("/")
    assert [a.text for a in page.select("#actiedagen .hit")] == [
        f"Actiedag {r}" for r in ("waasland", "midwest", "kempen")
    ]
    label = page.select_one(".span-map svg")["aria-label"]
    assert all(name in label for name in ("Waasland", "Midwest", "Kempen", "Limburg")) and "Gent" not in label
    assert page.select_one(".dots.here")["d"].count("h0") == 7 + 15 + 27 + 38
    assert page.select_one(".dots:not(.here)")["d"].count("h0") == 285 - 87


def test_without_days_or_modules_the_landing_promises_none(browser: Browser) -> None:
    page = browser.get("/")
    assert not page.select("#actiedagen, #modules, .dots.here")
    assert page.select_one(".dots")["d"].count("h0") == 285


def test_drafts_cancelled_and_past_days_are_not_on_the_landing(browser: Browser, session: Session) -> None:
    plan_day(session, "waasland", 5, status=DayStatus.DRAFT)
    plan_day(session, "midwest", 5, status=DayStatus.CANCELLED)
    plan_day(session, "kempen", -5)
    assert not browser.get("/").select("#actiedagen, .dots.here")


def test_a_day_for_all_regions_colours_no_region(browser: Browser, session: Session) -> None:
    plan_day(session, None, 5, title="Online dag")
    page = browser.get("/")
    assert page.select_one("#actiedagen .hit").text == "Online dag"
    assert not page.select(".dots.here")


def test_every_dot_lies_inside_the_drawing() -> None:
    outside, inside = flanders(frozenset({"waasland"}))
    dots = [dot.removesuffix("h0").split() for dot in (outside + inside).split("M")[1:]]
    assert len(dots) == 285
    assert all(20 <= int(x) <= 970 and 20 <= int(y) <= 380 for x, y in dots)


# ── the overview ──


def test_a_member_sees_the_own_day_with_its_calendar(browser: Browser, session: Session) -> None:
    account = make_account(session, organisation=make_municipality(session, "Elzendonk", "waasland"))
    register(session, plan_day(session, "midwest", 3), account, RegistrationStatus.CANCELLED)
    register(session, plan_day(session, "kempen", 5), account, RegistrationStatus.WAITING)
    register(session, plan_day(session, "waasland", 18), account, RegistrationStatus.CONFIRMED)
    panel = browser.sign_in(account).get("/").select_one("aside .panel")
    assert panel.h2.text == "Actiedag waasland"
    assert "Je volgende actiedag · over 18 dagen" in " ".join(panel.text.split())
    assert panel.select_one('a[download][href$="/agenda.ics"]')
    assert len(browser.queries) <= 6


def test_who_waits_for_a_place_reads_so(browser: Browser, session: Session) -> None:
    account = make_account(session)
    register(session, plan_day(session, "kempen", 1), account, RegistrationStatus.WAITING)
    panel = browser.sign_in(account).get("/").select_one("aside .panel")
    assert "Je staat op de wachtlijst · morgen" in " ".join(panel.text.split())
    assert not panel.select("a[download]")


def test_who_has_no_day_is_shown_the_next_one_in_the_own_region(browser: Browser, session: Session) -> None:
    account = make_account(session, organisation=make_municipality(session, "Elzendonk", "kempen"))
    plan_day(session, "waasland", 3)
    plan_day(session, "kempen", 30)
    panel = browser.sign_in(account).get("/").select_one("aside .panel")
    assert panel.h2.text == "Actiedag kempen"
    assert "Een actiedag in jouw regio" in panel.text


def test_an_applicant_reads_calmly_that_a_mentor_decides(browser: Browser, session: Session) -> None:
    account = make_account(session, status=AccountStatus.APPLICANT, admitted_at=None)
    page = browser.sign_in(account).get("/")
    assert page.h1.text == "Je aanvraag ligt bij een mentor"
    assert "Je hoeft niets te doen" in page.main.text
    assert not page.select('form[action^="/leren"]')


def test_who_was_refused_reads_where_the_reason_is(browser: Browser, session: Session) -> None:
    account = make_account(session, status=AccountStatus.REFUSED, admitted_at=None)
    page = browser.sign_in(account).get("/")
    assert page.h1.text == "Je aanvraag werd niet aanvaard"
    assert page.select_one('main a.btn[href="/mijn/profiel"]')


def test_a_mentor_sees_how_many_wait_in_the_own_region_only(browser: Browser, session: Session) -> None:
    mentor = make_account(session, "Samira Maes")
    give_role(session, mentor, Role.MENTOR)
    home = make_municipality(session, "Elzendonk", "waasland")
    for _number in range(2):
        make_account(session, organisation=home, status=AccountStatus.APPLICANT, admitted_at=None)
    page = browser.sign_in(mentor).get("/")
    assert page.select_one('a.hit[href="/begeleiding/aanvragen"]').text == "2 mensen wachten op toelating"
    assert len(browser.queries) <= 6


def test_a_member_does_not_see_who_waits(browser: Browser, session: Session) -> None:
    make_account(session, status=AccountStatus.APPLICANT, admitted_at=None)
    page = browser.sign_in(make_account(session)).get("/")
    assert not page.select('a[href="/begeleiding/aanvragen"]')


# ── what somebody learns ──


@pytest.fixture
def member(browser: Browser, session: Session) -> Browser:
    publish(session, make_course())
    return browser.sign_in(make_account(session))


def answer_all(browser: Browser, path: str, *, but: str = "") -> None:
    """Every question of a lesson, right at once."""
    for block in [form["action"].rpartition("/")[2] for form in browser.get(path).select("main form")]:
        if block in RIGHT and block != but:
            browser.submit(browser.get(path), f"[id={block}] form", **RIGHT[block])


def words(tag: Any) -> str:
    return " ".join(tag.text.split())


def test_a_visitor_may_look_at_the_first_lesson(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    page = browser.get("/")
    assert words(page.select_one("#modules h2")) == "De module"
    assert page.select_one('#modules .hit[href="/modules/proef"]')
    assert words(page.select_one('#modules a.btn[href="/leren/proef/een"]')) == "Bekijk les 1.1"


def test_who_is_new_begins_with_one_button(member: Browser) -> None:
    page = member.get("/")
    assert page.h1.text == "Les over een"
    assert words(page.select_one(".next button")) == "Begin met les 1.1"
    member.submit(page, ".next form")
    assert member.location.startswith("/leren/proef/een")
    assert [words(li.a) for li in page.select("#lessen ~ ol li")] == [
        "1.1 Les over een",
        "1.2 Les over twee",
        "1.3 Les over drie",
    ]


def test_who_left_in_the_middle_goes_on_there(member: Browser) -> None:
    answer_all(member, "/leren/proef/een", but="sorteer")
    page = member.get("/")
    assert "Eén vraag staat nog open in:" in page.select_one(".next").text
    button = page.select_one(".next a.btn")
    assert words(button) == "Ga verder met les 1.1"
    assert button["href"].startswith("/leren/proef/een")
    assert "nog 2 minuten" in words(page.select_one(".next"))
    assert "83%" in page.select_one(".next-ring").text
    assert "0 van 3 lessen klaar" in page.select_one(".rings").text
    assert len(member.queries) <= 6


def test_after_a_lesson_the_next_one_is_offered(member: Browser) -> None:
    answer_all(member, "/leren/proef/een")
    page = member.get("/")
    assert page.h1.text == "Les over twee"
    assert words(page.select_one(".next a.btn")) == "Begin les 1.2"
    assert [words(li.select_one(".label")) for li in page.select("#lessen ~ ol li")] == [
        "klaar",
        "8 min",
        "8 min",
    ]


def test_a_new_module_waits_until_the_one_under_way_is_done(member: Browser, session: Session) -> None:
    publish(session, make_course("tweede", number=2, title="Tweede module"))
    answer_all(member, "/leren/proef/een", but="sorteer")
    page = member.get("/")
    assert words(page.select_one(".next a.btn")) == "Ga verder met les 1.1"
    assert words(page.select_one("#mods")) == "Je modules"
    assert len(page.select(".rings li")) == 2


def test_an_applicant_may_read_the_first_lesson(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    browser.sign_in(make_account(session, status=AccountStatus.APPLICANT, admitted_at=None))
    page = browser.get("/")
    assert page.select_one('.next a.btn[href="/leren/proef/een"]')
    assert not page.select("#lessen, .next form")
