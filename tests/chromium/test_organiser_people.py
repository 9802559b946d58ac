"""An organiser and the people of a day, in a real browser: with and without JavaScript, by keyboard, and on a phone."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.chromium.conftest import SCRIPT
from tests.chromium.test_axe import SIZES, examine, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.node]
PASSWORD = "lerend-netwerk"
DAY = "/organisatie/demo-elzendonk-terugblik"
PAGES = ("", "/cijfers", "/schrijven", "/behoeften", "/geschiedenis", "/toevoegen", "/helpers", "/inchecken",
         "/aanwezigheidslijst", "/naamkaartjes")  # fmt: skip


def organiser(chromium: Browser, site: str, *, script: bool, width: int = 1280) -> BrowserContext:
    context = chromium.new_context(
        base_url=site, java_script_enabled=script, viewport={"width": width, "height": 844}, locale="nl-BE"
    )
    context.set_default_timeout(8000)
    page = context.new_page()
    page.goto("/aanmelden")
    page.fill("[name=email]", "organisator@demo.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site}/")
    page.close()
    return context


@pytest.mark.parametrize("script", SCRIPT)
def test_the_list_is_searched_and_written_to(chromium: Browser, site: str, *, script: bool) -> None:
    context = organiser(chromium, site, script=script)
    page = context.new_page()
    page.goto(DAY)
    page.get_by_label("Zoek", exact=True).fill("Demo 1")
    if not script:
        page.get_by_role("button", name="Toon").click()
    expect(page).to_have_url(re.compile(r"zoek=Demo(\+|%20)1"))
    rows = page.locator(".desk-table tbody tr")
    assert rows.count() > 0 and all("Demo 1" in text for text in rows.all_inner_texts())
    page.get_by_role("link", name="Schrijf naar deze lijst").click()
    page.get_by_label("Onderwerp").fill(f"Dank je wel {script}")
    page.get_by_label("Tekst").fill("Dag {naam}, bedankt om erbij te zijn.")
    page.get_by_role("button", name="Toon wat ze lezen").click()
    expect(page.locator("#voorbeeld")).to_contain_text("Dag Demo 1")
    page.get_by_role("button", name=re.compile("^Verstuur naar")).click()
    expect(page.locator(".flashes")).to_contain_text("De mail vertrekt naar")
    context.close()


def test_somebody_is_cancelled_by_keyboard_on_a_phone(chromium: Browser, site: str) -> None:
    context = organiser(chromium, site, script=True, width=390)
    page = context.new_page()
    page.goto(f"{DAY}?volgorde=laatst")
    page.locator(".desk-table .row-title").first.focus()
    page.keyboard.press("Enter")
    page.locator("summary", has_text="Annuleren voor deze persoon").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Ziek gemeld")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".history")).to_contain_text("Reden: Ziek gemeld")
    context.close()


@pytest.mark.deep
@pytest.mark.parametrize(("scheme", "width"), SIZES)
def test_axe_finds_nothing(chromium: Browser, site: str, scheme: str, width: int) -> None:
    context = signed_in(chromium, site, "organisator", scheme, width)
    page, found = context.new_page(), []
    for path in PAGES:
        answer = page.goto(f"{site}{DAY}{path}")
        assert answer is not None and answer.status == 200, path
        found += examine(page)
    assert found == []
    context.close()
