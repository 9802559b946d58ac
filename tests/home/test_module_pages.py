"""The catalogue and the page of a module, as a visitor, an applicant and a member see them."""

import pytest
from sqlmodel import Session

from backend.auth.models import AccountStatus
from backend.courses import service as courses
from tests.browser import Browser
from tests.factories import make_account
from tests.learning.documents import make_course, publish


@pytest.fixture(autouse=True)
def _nothing_in_memory() -> None:
    courses.forget_documents()


def hrefs(page, selector: str) -> list[str]:
    return [link["href"] for link in page.select(selector)]


def test_without_modules_the_catalogue_says_so_and_shows_a_way_on(browser: Browser) -> None:
    page = browser.get("/modules")
    assert page.select_one(".empty h2").text == "Er staat nog geen module klaar"
    assert "/actiedagen" in hrefs(page, ".empty a")


def test_the_catalogue_leads_to_every_module(browser: Browser, session: Session) -> None:
    publish(session, make_course("proef"))
    publish(session, make_course("ander", number=2, title="Andere module"))
    browser.get("/modules")  # the documents are in memory after the first time
    page = browser.get("/modules")
    assert hrefs(page, ".catalogue .hit") == ["/modules/proef", "/modules/ander"]
    assert "/leren/proef/een" in hrefs(page, "aside a")
    assert len(browser.queries) == 1


def test_a_visitor_may_look_at_the_first_lesson_and_take_part(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    page = browser.get("/modules/proef")
    assert page.h1.text == "Proefmodule: om te proberen"
    assert hrefs(page, ".module-head .btn") == [
        "/account-aanmaken?next=%2Fmodules%2Fproef",
        "/leren/proef/een",
    ]
    assert hrefs(page, ".lesson-rows .hit") == ["/leren/proef/een"]  # the others are for members
    assert len(page.select(".lesson-rows > li")) == 3
    assert "Open voor iedereen" in page.select_one(".lesson-rows > li").text
    assert len(page.select(".lesson-rows .label")) == 3
    assert len(browser.queries) == 1


def test_an_applicant_reads_that_the_rest_opens_later(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    browser.sign_in(make_account(session, status=AccountStatus.APPLICANT))
    page = browser.get("/modules/proef")
    assert hrefs(page, ".module-head .btn") == ["/leren/proef/een"]
    assert "zodra een mentor je toelaat" in page.select_one(".module-head").text
    assert hrefs(page, ".lesson-rows .hit") == ["/leren/proef/een"]


def test_a_member_begins_with_one_button(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    browser.sign_in(make_account(session))
    page = browser.get("/modules/proef")
    assert not page.select(".ring")
    browser.submit(page, ".module-head form")
    assert browser.location.startswith("/leren/proef/een")


def test_a_member_sees_how_far_they_are_and_goes_on(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    account = make_account(session)
    browser.sign_in(account)
    browser.submit(browser.get("/modules/proef"), ".module-head form")
    page = browser.get("/modules/proef")
    assert page.select_one(".module-head .ring")["aria-label"] == "0 van 3 lessen klaar"
    assert hrefs(page, ".module-head .btn")[0].startswith("/leren/proef/een")
    assert len(page.select(".lesson-rows .hit")) == 3
    catalogue = browser.get("/modules")
    assert "0 van 3 lessen klaar" in catalogue.select_one(".catalogue").text


def test_a_module_tells_who_made_it_when_and_whether_experts_read_it(
    browser: Browser, session: Session
) -> None:
    publish(session, make_course(made_by=("Het Instituut",), goals=("iets kennen",)))
    page = browser.get("/modules/proef")
    facts = page.select_one(".facts").text
    assert "Het Instituut" in facts
    assert "1, " in facts
    assert (
        page.select_one(".note[data-tone=warn]")
        .text.strip()
        .startswith("De inhoud van deze module is nog niet nagelezen")
    )
    assert "iets kennen" in page.select_one(".checks").text
    publish(session, make_course(review_by=("AgII", "HAI")))
    page = browser.get("/modules/proef")
    assert "Nagelezen door AgII, HAI." in page.select_one(".note[data-tone=ok]").text
    assert not page.select(".note[data-tone=warn]")


def test_a_module_that_does_not_exist_is_not_found(browser: Browser) -> None:
    page = browser.get("/modules/bestaat-niet", status=404)
    assert "Deze module bestaat niet" in page.text
