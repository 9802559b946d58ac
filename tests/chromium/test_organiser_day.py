"""An organiser prepares a day from nothing, and the next one from a copy: with and without JavaScript, by keyboard."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium.conftest import SCRIPT
from tests.chromium.test_axe import examine

pytestmark = [pytest.mark.browser, pytest.mark.node]
LATER = date.today() + timedelta(days=60)  # noqa: DTZ011 - any day that is to come


def save(page: Page) -> None:
    """By keyboard: Enter in a field of one line sends the form."""
    page.locator("main form [name=title], main form [name=place], main form [name=capacity]").first.press(
        "Enter"
    )


@pytest.mark.parametrize("script", SCRIPT)
@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), pytest.param("dark", 320, marks=pytest.mark.deep)]
)
def test_a_day_from_nothing_and_the_next_from_a_copy(
    chromium: Browser, site: str, scheme: str, width: int, *, script: bool
) -> None:
    context = chromium.new_context(
        base_url=site,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        java_script_enabled=script,
    )
    context.set_default_timeout(8000)
    page, found = context.new_page(), []
    title = f"Aan tafel {scheme} {script}"

    def look() -> None:
        if script:
            page.wait_for_load_state("networkidle")
            found.extend(examine(page))

    page.goto("/aanmelden")
    page.get_by_role("button", name="Organisator").click()
    page.goto("/organisatie")
    look()
    page.get_by_role("link", name="Nieuwe actiedag").click()
    page.get_by_label("Titel").fill(title)
    page.get_by_label("In het kort").fill("We eten en oefenen samen.")
    page.get_by_label("Datum").fill(LATER.isoformat())
    page.get_by_label("Waasland").focus()
    page.keyboard.press("Space")
    look()
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("main")).to_contain_text("Concept")
    look()

    page.get_by_role("link", name="Waar", exact=True).click()
    page.get_by_label("Zaal en adres").fill("De Zaal, Markt 1")
    look()
    save(page)
    expect(page.locator("main")).to_contain_text("De Zaal, Markt 1")

    page.get_by_role("link", name="Programma", exact=True).click()
    page.get_by_role("button", name="Begin met een voorbeeld").press("Enter")
    for number in (0, 1):
        for name in ("Oefenen", "Luisteren"):
            page.get_by_role("link", name="Voeg een sessie toe").nth(number).click()
            page.get_by_label("Titel").fill(f"{name} {number + 1}")
            page.get_by_label("Aantal plaatsen").fill("12")
            save(page)
            expect(page.locator("main")).to_contain_text(f"{name} {number + 1}")
    look()
    page.get_by_role("link", name="Terug naar de dag").click()
    expect(page.locator("main")).to_contain_text("2 rondes, 4 sessies")

    page.get_by_role("link", name="Maak bekend").click()
    look()
    page.get_by_role("button", name="Maak bekend").press("Enter")
    expect(page.locator("main")).to_contain_text("Open")
    page.get_by_role("link", name="De mails van deze dag").click()
    page.get_by_role("link", name="Bevestiging", exact=True).click()
    expect(page.locator(".mail-text")).to_contain_text("Noor Voorbeeld")
    look()

    page.goto("/organisatie")
    page.get_by_role("link", name=f"Kopieer {title}").first.click()
    page.get_by_label("Nieuwe datum").fill((LATER + timedelta(days=28)).isoformat())
    look()
    page.get_by_role("button", name="Maak de kopie").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator("main")).to_contain_text("Concept")
    expect(page.locator("main")).to_contain_text("2 rondes, 4 sessies")
    expect(page).to_have_url(re.compile(r"/organisatie/.*/bewerken"))
    context.close()
    assert not found, "\n".join(found)
