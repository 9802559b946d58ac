"""What stands around every page: theme, focus after a page came in by htmx, the account menu, the language."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    context = chromium.new_context(color_scheme="light", base_url=site)
    context.set_default_timeout(5000)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/hulp")
    yield page
    assert not said, said
    context.close()


def follow(page: Page, name: str) -> None:
    """A link of the main menu, by htmx: the page is not loaded again."""
    page.evaluate("window.stays = true")
    page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert page.evaluate("window.stays"), "the page was loaded again"


def test_the_theme_can_be_switched_and_stays(page: Page) -> None:
    def theme() -> str:
        return str(page.evaluate("document.documentElement.dataset.theme ?? ''"))

    switch = page.get_by_role("button", name="Wissel tussen licht en donker")
    assert theme() == ""
    switch.click()
    assert theme() == "dark"
    follow(page, "Netwerk")
    assert theme() == "dark"
    switch.click()  # the button of the page that came in
    assert theme() == "light"
    page.reload()
    assert theme() == "light"


def test_focus_goes_to_the_title_of_the_page_that_came_in(page: Page) -> None:
    follow(page, "Netwerk")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title("Netwerk · Lerend netwerk")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hulp")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_next_tab_after_a_page_came_in_is_inside_the_page(page: Page) -> None:
    follow(page, "Netwerk")
    page.goto("/contact")
    follow(page, "Netwerk")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main, footer') !== null")


def test_english_changes_the_language_of_the_whole_document(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".site-nav a").nth(3).click()
    expect(page).to_have_url("/netwerk")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl-BE")
    expect(page).to_have_url("/netwerk")


def test_signing_in_brings_the_language_of_the_account_to_the_whole_document(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    page.goto("/aanmelden")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Participant").click()
    expect(page.get_by_role("link", name="Overzicht")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "nl-BE")


def test_the_account_menu_opens_closes_and_signs_out(page: Page) -> None:
    page.goto("/aanmelden")
    page.fill("[name=email]", "deelnemer@demo.example")
    page.fill("[name=password]", "lerend-netwerk")
    page.press("[name=password]", "Enter")
    summary = page.locator("details.menu > summary")
    leave = page.get_by_role("button", name="Meld je af")
    expect(leave).to_be_hidden()
    summary.click()
    expect(leave).to_be_visible()
    page.keyboard.press("Escape")
    expect(leave).to_be_hidden()
    expect(summary).to_be_focused()
    summary.press("Enter")
    page.get_by_role("heading", level=1).click()
    expect(leave).to_be_hidden()
    summary.click()
    leave.click()
    expect(page.get_by_role("link", name="Meld je aan")).to_be_visible()


def test_without_javascript_the_switch_is_away_and_the_menu_works(chromium: Browser, site: str) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/aanmelden")
    expect(page.get_by_role("button", name="Wissel tussen licht en donker")).to_be_hidden()
    page.fill("[name=email]", "deelnemer@demo.example")
    page.fill("[name=password]", "lerend-netwerk")
    page.press("[name=password]", "Enter")
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Meld je af").click()
    expect(page.get_by_role("link", name="Meld je aan").first).to_be_visible()
    context.close()
