"""The short true pages, the header and footer, the language, and the pages that say what went wrong."""

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from backend.auth.models import Account, AccountStatus, Role
from backend.config import settings
from backend.db import now
from backend.home import service
from backend.network import service as network
from backend.security import Guard
from tests.browser import Browser
from tests.factories import give_role, make_account, make_day
from tests.learning.documents import make_course, publish

SHORT_PAGES = ["/netwerk", "/huisregels", "/privacy", "/toegankelijkheid", "/contact", "/hulp"]


@pytest.mark.parametrize("path", SHORT_PAGES)
@pytest.mark.parametrize("who", ["visitor", "applicant", "member"])
def test_everybody_may_read_the_short_pages(browser: Browser, session: Session, path: str, who: str) -> None:
    if who != "visitor":
        status = AccountStatus.MEMBER if who == "member" else AccountStatus.APPLICANT
        browser.sign_in(make_account(session, status=status))
    page = browser.get(path)
    assert page.main.h1.text
    assert len(browser.queries) <= 3


def test_the_network_page_tells_the_real_edition_and_every_region(browser: Browser, session: Session) -> None:
    network.load_network(session, now())
    page = browser.get("/netwerk")
    assert "Lerend netwerk polarisatie 2022–2024" in page.text
    rows = {row.th.text: row.td.text for row in page.select(".region-table tbody tr")}
    assert (len(rows), rows["Waasland"], rows["Limburg"]) == (15, "7", "38")
    assert page.select_one(".region-table tfoot td").text == "285"
    assert page.select_one("tbody .count path")["d"].count("h0") == int(page.select_one("tbody td").text)


def test_the_network_page_holds_before_any_data_is_loaded(browser: Browser) -> None:
    assert not browser.get("/netwerk").select(".region-table tbody tr")


def test_contact_shows_the_address_once_there_is_one(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not browser.get("/contact").select('a[href^="mailto:"]')
    monkeypatch.setattr(settings, "contact_email", "netwerk@gemeente.example")
    assert browser.get("/contact").select_one('a[href="mailto:netwerk@gemeente.example"]')


def test_privacy_names_every_cookie_that_is_set(browser: Browser, session: Session) -> None:
    said = {code.text for code in browser.get("/privacy").select("code")}
    assert {"ln_session", "ln_signup", "ln_known", "ln_flash", "taal"} <= said


@pytest.mark.parametrize("path", SHORT_PAGES)
def test_links_within_the_short_pages_lead_somewhere(browser: Browser, path: str) -> None:
    page = browser.get(path)
    for link in page.main.select('a[href^="/"]'):
        if str(link["href"]) in SHORT_PAGES:
            browser.get(str(link["href"]))
    for link in page.main.select('a[href^="#"]'):
        assert page.select_one(str(link["href"]))


# ── header and footer ──


def menu(browser: Browser, path: str = "/hulp") -> list[str]:
    return [" ".join(a.text.split()) for a in browser.get(path).select(".site-nav a")]


def test_a_visitor_is_offered_the_network_and_signing_in(browser: Browser) -> None:
    assert menu(browser) == ["Start", "Modules", "Actiedagen", "Netwerk"]
    page = browser.get("/hulp")
    assert page.select_one('.site-tools a[href="/aanmelden"]')
    assert not page.select('form[action="/afmelden"]')


def test_a_member_finds_the_own_things_and_the_way_out(browser: Browser, session: Session) -> None:
    browser.sign_in(make_account(session, "Noor Claes"))
    assert menu(browser) == ["Overzicht", "Modules", "Actiedagen", "Netwerk"]
    tools = browser.get("/hulp").select_one(".site-tools")
    assert tools.select_one("summary").text.split() == ["Menu", "van", "Noor", "ClaesNC"]
    assert tools.select_one('a[href="/mijn/profiel"]') and tools.select_one('form[action="/afmelden"] button')


def test_the_way_out_is_on_every_page_of_somebody_signed_in(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    browser.sign_in(make_account(session))
    for path in [
        *SHORT_PAGES,
        "/",
        "/modules",
        "/modules/proef",
        "/leren/proef/een",
        "/actiedagen",
        "/mijn/inschrijvingen",
    ]:
        assert browser.get(path).select_one('header form[action="/afmelden"] button'), path


@pytest.mark.parametrize("role", [Role.MENTOR, Role.ADMINISTRATOR])
def test_who_follows_participants_finds_them_in_the_menu(
    browser: Browser, session: Session, role: Role
) -> None:
    account = make_account(session)
    give_role(session, account, role)
    assert "Begeleiding" in menu(browser.sign_in(account))


def test_the_page_one_is_on_is_marked_and_no_other(browser: Browser) -> None:
    page = browser.get("/netwerk")
    assert [a.text.strip() for a in page.select(".site-nav [aria-current=page]")] == ["Netwerk"]
    assert not browser.get("/hulp").select(".site-nav [aria-current]")


# ── the language ──


def test_the_language_switch_keeps_the_page(browser: Browser) -> None:
    page = browser.get("/hulp?a=1&b=2")
    browser.submit(page, 'footer form[action="/taal"]', taal="en")
    assert browser.location == "/hulp?a=1&b=2"
    assert browser.follow().html["lang"] == "en"
    browser.post("/taal", {"taal": "nl", "next": "/hulp"})
    assert browser.get("/hulp").html["lang"] == "nl-BE"


def test_what_is_in_dutch_says_so_on_an_english_page(browser: Browser, session: Session) -> None:
    day = make_day(session, "In gesprek onder spanning")
    address = f"/actiedagen/{day.slug}"
    for path, where in (
        ("/", f'a[href="{address}"]'),
        ("/actiedagen", f'a[href="{address}"]'),
        (address, "h1"),
    ):
        assert "lang" not in browser.get(path).select_one(f"main {where}").attrs
    browser.post("/taal", {"taal": "en", "next": "/"})
    for path, where in (
        ("/", f'a[href="{address}"]'),
        ("/actiedagen", f'a[href="{address}"]'),
        (address, "h1"),
    ):
        page = browser.get(path)
        assert page.select_one(f"main {where}")["lang"] == "nl-BE"
        assert "lang" not in page.select_one("footer p").attrs  # control: what is translated is English


def test_a_member_keeps_the_chosen_language_on_another_device(browser: Browser, session: Session) -> None:
    account = make_account(session)
    browser.sign_in(account).post("/taal", {"taal": "en", "next": "/hulp"})
    session.expire_all()
    assert session.get_one(Account, account.id).language == "en"


@pytest.mark.parametrize(
    ("proposed", "lands"),
    [
        ("https://kwaad.example/x", "/x"),
        ("//kwaad.example/x", "/x"),
        ("http://testserver/hulp?a=1", "/hulp?a=1"),
        ("https://kwaad.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\kwaad.example", "/"),
    ],
)
def test_the_language_switch_never_leads_to_another_site(browser: Browser, proposed: str, lands: str) -> None:
    browser.post("/taal", {"taal": "en", "next": proposed})
    assert browser.location == lands


def test_an_unknown_language_changes_nothing(browser: Browser) -> None:
    browser.post("/taal", {"taal": "xx", "next": "/hulp"})
    assert "set-cookie" not in browser.headers
    assert browser.get("/hulp").html["lang"] == "nl-BE"


# ── what went wrong ──


def test_a_page_that_does_not_exist_says_so_and_leads_on(browser: Browser, session: Session) -> None:
    page = browser.get("/bestaat-niet", status=404)
    assert page.h1.text == "Hier is niets"
    assert "bestaat-niet" not in page.main.text
    assert {a["href"] for a in page.main.select("a.btn")} == {"/aanmelden", "/", "/hulp"}
    page = browser.sign_in(make_account(session)).get("/bestaat-niet", status=404)
    assert {a["href"] for a in page.main.select("a.btn")} == {"/", "/hulp"}


def test_a_page_of_a_role_one_does_not_have_says_so(browser: Browser, session: Session) -> None:
    page = browser.sign_in(make_account(session)).get("/begeleiding", status=403)
    assert page.h1.text == "Dit mag je niet zien"


def test_a_failure_gives_a_number_to_report_and_says_nothing_of_its_cause(
    browser: Browser, api: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(service, "landing", fail)
    response = TestClient(Guard(api), raise_server_exceptions=False).get("/")
    page = BeautifulSoup(response.text, "html.parser")
    assert (response.status_code, page.h1.text) == (500, "Dat ging mis")
    assert len(page.main.code.text) == 8
    assert "secret" not in response.text
    assert page.select_one('main a[href="/contact"]')


def test_every_page_has_one_full_button_at_most(browser: Browser) -> None:
    for path in [*SHORT_PAGES, "/"]:
        assert len(browser.get(path).select("main a.btn:not(.btn-quiet, .btn-text)")) <= 1, path
