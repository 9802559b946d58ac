"""The cockpit in a real browser: with and without JavaScript, by keyboard, narrow and wide, light and dark."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium.conftest import SCRIPT, sign_in
from tests.chromium.test_axe import SIZES, examine

pytestmark = [pytest.mark.browser, pytest.mark.node]
PAGES = (
    "/begeleiding",
    "/begeleiding/regels",
    "/begeleiding/groepen",
    "/begeleiding/vragen",
    "/begeleiding/aanvragen",
)


@pytest.fixture(params=SCRIPT)
def mentor(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=request.param)
    sign_in(context, site, "mentor")
    yield context.new_page()
    context.close()


def test_done_by_keyboard_and_set_back(mentor: Page, site: str) -> None:
    mentor.goto(f"{site}/begeleiding")
    first = mentor.locator(".need > li").first
    name = first.locator(".who").inner_text()
    button = first.get_by_role("button", name=re.compile("Gedaan"))
    button.focus()
    mentor.keyboard.press("Enter")
    expect(mentor.locator(".need .who", has_text=re.compile(f"^{name}$"))).to_have_count(0)
    mentor.locator("summary", has_text="Opzijgezet").click()
    mentor.get_by_role("button", name=re.compile(f"Zet terug ?: {name}$")).first.click()
    expect(mentor.locator(".need .who", has_text=re.compile(f"^{name}$"))).to_have_count(1)


def test_a_group_is_made_and_filters(mentor: Page, site: str) -> None:
    mentor.goto(f"{site}/begeleiding/groepen")
    mentor.get_by_label("Naam van de groep").fill("Kerngroep")
    mentor.get_by_role("button", name="Maak een groep").click()
    expect(mentor.get_by_role("heading", level=1)).to_have_text("Kerngroep")
    mentor.locator("input[name=lid]").first.check()
    mentor.get_by_role("button", name="Bewaar de groep").click()
    mentor.get_by_text("De groep is bewaard.").first.wait_for()
    mentor.get_by_role("link", name="Toon hun voortgang").click()
    expect(mentor.locator(".heat tbody tr")).to_have_count(1)


def test_the_learner_reads_who_looked(chromium: Browser, site: str) -> None:
    context = chromium.new_context()
    sign_in(context, site, "mentor")
    page = context.new_page()
    page.goto(f"{site}/begeleiding?zoek=Demo+deelnemer")
    page.locator(".heat tbody th a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Demo deelnemer")
    context.close()
    context = chromium.new_context()
    sign_in(context, site, "deelnemer")
    page = context.new_page()
    page.goto(f"{site}/mijn/bekeken")
    expect(page.get_by_role("cell", name=re.compile("bekeek je voortgang")).first).to_be_visible()
    context.close()


@pytest.mark.deep
@pytest.mark.parametrize(("scheme", "width"), SIZES)
def test_axe_finds_nothing_in_the_cockpit(chromium: Browser, site: str, width: int, scheme: str) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    sign_in(context, site, "mentor")
    page = context.new_page()
    page.goto(f"{site}/begeleiding")
    person = page.locator(".need .who").first.get_attribute("href") or ""
    found = []
    for path in (*PAGES, person, f"{person}/tijdlijn", f"{person}/overdragen"):
        page.goto(site + path)
        found += examine(page)
    context.close()
    assert not found, "\n".join(found)
