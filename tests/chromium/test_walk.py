"""The path a member walks, from account to action day, in a real browser: with and without JavaScript, and on a phone."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.node]
PASSWORD = "een-lange-wandeling-2026"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RIGHT = "Groepen vertrouwen elkaar steeds minder"
WRONG = "Honderd inwoners betogen"


@pytest.fixture
def trouble() -> Iterator[list[str]]:
    """What browsers complained about. A 422 is a mistake of the person's, not ours."""
    said: list[str] = []
    yield said
    assert [line for line in said if "422" not in line] == []


def new_browser(
    chromium: Browser, trouble: list[str], *, script: bool, phone: bool = False
) -> BrowserContext:
    context = chromium.new_context(
        viewport=PHONE if phone else DESKTOP, java_script_enabled=script, locale="nl-BE"
    )
    context.set_default_timeout(10_000)
    context.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: trouble.append(str(error.error)))
    return context


def sign_in(page: Page, site: str, email: str, password: str) -> None:
    page.goto(f"{site}/aanmelden")
    page.get_by_label("E-mailadres").fill(email)
    page.get_by_label("Wachtwoord", exact=True).fill(password)
    page.locator("#sign_in_form button[type=submit]").click()
    page.wait_for_url(lambda url: "/aanmelden" not in url)


def read_newest_mail(page: Page, site: str, to: str) -> None:
    page.goto(f"{site}/postvak")
    page.locator("li", has_text=to).locator("a.hit").first.click()


def test_a_new_member_walks_the_whole_path(
    chromium: Browser, site: str, trouble: list[str], script: bool
) -> None:
    email = f"wandelaar-{uuid4().hex[:8]}@demo.example"
    context = new_browser(chromium, trouble, script=script)
    page = context.new_page()

    # A visitor tries the first question, and nothing is kept.
    page.goto(f"{site}/")
    page.get_by_role("link", name="Doe mee").click()

    # Signs up, with a mistake that keeps what was typed.
    page.get_by_label("Je naam").fill("Wandelaar Peeters")
    page.get_by_label("Je functie").fill("deskundige samenleven")
    page.get_by_label("E-mailadres van je werk").fill("wandelaar")
    form = page.locator("#sign_up_form")
    form.evaluate("form => form.noValidate = true") if script else None
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("radio", name=re.compile("andere organisatie", re.IGNORECASE)).check()
    page.locator("[name=organisation]").fill("Proefbestuur")
    page.get_by_role("checkbox", name=re.compile("huisregels")).check()
    if script:
        page.get_by_role("button", name="Maak mijn account").click()
        expect(page.get_by_role("alert")).to_contain_text("E-mailadres")
        expect(page.get_by_label("Je naam")).to_have_value("Wandelaar Peeters")
        page.locator("[name=password]").fill(PASSWORD)
    page.get_by_label("E-mailadres van je werk").fill(email)
    page.get_by_role("button", name="Maak mijn account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kijk in je mailbox")

    # Reads the mail and confirms; the domain is known, so this is a member at once.
    read_newest_mail(page, site, email)
    page.locator(".mail-text a").first.click()
    page.get_by_role("button", name="Ja, dit ben ik").click()
    page.wait_for_url(f"{site}/")

    # Does lesson 1.1 with a mistake and a correction.
    page.goto(f"{site}/modules/polarisatie")
    page.locator("main .btn", has_text="Begin").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wat is polarisatie")
    question = page.locator("#schadelijke-polarisatie")
    wrong = question.locator("label.choice").filter(has_not_text=RIGHT).first
    wrong.click()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.locator("[data-result=bad]")).to_be_visible()
    question.locator("label.choice").filter(has_text=RIGHT).click()
    question.get_by_role("button", name="Probeer opnieuw").click()
    expect(question.locator("[data-result=ok]")).to_be_visible()
    context.close()

    # Resumes on a phone: the answer is there.
    context = new_browser(chromium, trouble, script=script, phone=True)
    page = context.new_page()
    sign_in(page, site, email, PASSWORD)
    page.get_by_role("link", name=re.compile("Ga verder met les 1.1")).first.click()
    expect(page.locator("#schadelijke-polarisatie [data-result=ok]")).to_be_visible()

    # Registers for a day, twice over does no harm, adds it to a calendar, and cancels.
    page.goto(f"{site}/actiedagen")
    page.locator(".rows a.hit").nth(1).click()
    page.get_by_role("button", name="Schrijf me in").click()
    expect(page.locator("main")).to_contain_text("Ronde 2: Kies één sessie")
    page.get_by_role("radio", name="Vroeg signalen zien").check()
    page.get_by_role("radio", name="Aan tafel met je eigen situatie").check()
    page.get_by_role("button", name="Schrijf me in").click()
    expect(page.locator("main")).to_contain_text("Je bent ingeschreven")
    day = page.url.partition("#")[0]
    with page.expect_download() as download:
        page.get_by_role("link", name="Zet in agenda").first.click()
    assert "BEGIN:VCALENDAR" in download.value.path().read_text()
    read_newest_mail(page, site, email)
    expect(page.get_by_role("link", name=re.compile(r"\.ics"))).to_be_visible()
    page.goto(day)
    page.get_by_role("link", name="Ik kan niet komen").click()
    page.get_by_role("button", name="Annuleer mijn inschrijving").click()
    expect(page.locator("main")).not_to_contain_text("Annuleer mijn inschrijving")
    page.goto(day)
    expect(page.get_by_role("button", name="Schrijf me in")).to_be_visible()
    context.close()

    # The administrator, who sees everybody, sees it all.
    context = new_browser(chromium, trouble, script=script)
    page = context.new_page()
    sign_in(page, site, "beheerder@demo.example", "lerend-netwerk")
    page.goto(f"{site}/begeleiding?zoek=Wandelaar")
    expect(page.locator("table.heat")).to_contain_text("Wandelaar Peeters")
    context.close()


def test_one_click_signs_in_as_a_mentor_who_sees_the_own_regions(
    chromium: Browser, site: str, trouble: list[str], script: bool
) -> None:
    context = new_browser(chromium, trouble, script=script)
    page = context.new_page()
    page.goto(f"{site}/aanmelden")
    page.get_by_role("button", name="Mentor", exact=True).click()
    page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name="Begeleiding").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Begeleiding")
    expect(page.locator("table.heat tbody tr").first).to_be_visible()
    page.goto(f"{site}/begeleiding/aanvragen")
    expect(page.locator("main")).to_contain_text("fictief")
    context.close()
