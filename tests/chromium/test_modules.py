"""The modules as published, from the first click to the certificate, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session

from backend.courses import service as courses
from backend.courses.documents import CourseDocument
from backend.db import make_engine
from tests.chromium.answering import finish_lesson

pytestmark = [pytest.mark.browser, pytest.mark.node]

@pytest.fixture
def database(site: str, site_settings: dict[str, str]) -> str:
    return f"sqlite:///{Path(site_settings['LN_DATA_DIR']) / 'app.db'}"


def published(database: str, key: str) -> CourseDocument:
    with Session(make_engine(database)) as session:
        return courses.published_version(session, key)[2]


def walk(page: Page, course: CourseDocument) -> None:
    """The whole module, to the certificate and the page where anybody can check it."""
    page.goto(f"/modules/{course.key}")
    for lesson in course.lessons:
        finish_lesson(page, lesson, f"/leren/{course.key}/{lesson.key}")
    expect(page.locator(".ending")).to_contain_text("Daarmee is de hele module klaar")
    check_certificate(page, course)


def check_certificate(page: Page, course: CourseDocument) -> None:
    page.goto("/mijn/getuigschriften")
    mine = page.locator(".certificates > li", has_text=course.title)
    with page.expect_download() as download:
        mine.get_by_role("link", name="Download als PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    address = mine.get_by_role("link", name="Controlepagina").get_attribute("href") or ""
    page.context.clear_cookies()  # as anybody else
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Dit getuigschrift is echt en geldig.")
    expect(page.locator("main")).to_contain_text(course.title)


@pytest.fixture
def walker(chromium: Browser, site: str, script: bool) -> Iterator[Page]:
    """A demo member who began none of the modules."""
    context = chromium.new_context(base_url=site, java_script_enabled=script, locale="nl-BE")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/aanmelden")
    page.locator("form:has(input[value='partner@demo.example']) button").first.click()
    page.wait_for_url(lambda url: "/aanmelden" not in url)
    yield page
    context.close()


@pytest.mark.parametrize("script", [True], ids=["with JavaScript"])
def test_a_module_from_the_first_click_to_the_certificate(walker: Page, database: str) -> None:
    walk(walker, published(database, "actieplan"))


@pytest.mark.deep
@pytest.mark.parametrize(
    ("key", "script"),
    [("polarisatie", True), ("desinformatie", False), ("haatspraak", True)],
    ids=["polarisatie", "desinformatie, without JavaScript", "haatspraak"],
)
def test_every_module_from_the_first_click_to_the_certificate(walker: Page, database: str, key: str) -> None:
    walk(walker, published(database, key))
