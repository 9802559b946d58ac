"""A mentor writes, the learner answers, both meet; a card is written, read and taken over; the report is there.

With and without JavaScript, with the keyboard, and axe on every page.
"""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.chromium.conftest import SCRIPT
from tests.chromium.test_axe import SIZES, examine, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.node]
PASSWORD = "lerend-netwerk"
LONG = "Genoeg woorden om te vertellen wat er speelde in onze gemeente."


def enter(chromium: Browser, site: str, who: str, *, scripts: bool) -> BrowserContext:
    context = chromium.new_context(java_script_enabled=scripts)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{site}/aanmelden")
    page.fill("[name=email]", f"{who}@demo.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site}/")
    return context


def said(page: Page) -> str:
    return page.inner_text("body")


def send(page: Page, button: str) -> None:
    """With the keyboard."""
    page.get_by_role("button", name=button).first.focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("scripts", "learner"),
    [(True, "deelnemer"), pytest.param(False, "coordinator", marks=pytest.mark.deep)],
    ids=["with JavaScript", "without JavaScript"],
)
def test_a_word_is_written_looked_at_sent_and_answered(
    chromium: Browser, site: str, scripts: bool, learner: str
) -> None:
    mentor = enter(chromium, site, "mentor", scripts=scripts).pages[0]
    mentor.goto(f"{site}/begeleiding?toon=alle&volgorde=naam&zoek=Demo+{learner[:8]}")
    mentor.locator(".heat tbody a").first.click()
    mentor.get_by_role("link", name="Gesprek", exact=True).click()
    mentor.get_by_role("link", name="Stuur ").first.click()
    word = f"Dag {{naam}}, hoe gaat het? {uuid4().hex[:6]}"
    mentor.fill("[name=tekst]", word)
    send(mentor, "Bekijk eerst")
    mentor.get_by_text("Zo leest").first.wait_for()
    send(mentor, "Verstuur")
    mentor.get_by_text("1 deelnemer kreeg je bericht.").first.wait_for()

    member = enter(chromium, site, learner, scripts=scripts).pages[0]
    member.goto(f"{site}/mijn/berichten")
    assert word.replace("{naam}", "Demo") in said(member)
    member.fill("[name=tekst]", "Goed, ik werk verder.")
    send(member, "Verstuur")
    member.get_by_text("Wie jouw gemeente begeleidt, leest dit.").first.wait_for()

    mentor.goto(f"{site}/begeleiding/gesprekken")
    mentor.get_by_text("1 nieuw").first.wait_for()
    mentor.locator(".duo li", has_text="1 nieuw").first.locator("a").click()
    mentor.get_by_text("Goed, ik werk verder.").first.wait_for()
    mentor.context.close()
    member.context.close()


@pytest.mark.parametrize("scripts", SCRIPT)
def test_a_member_books_a_talk_and_takes_it_back(chromium: Browser, site: str, scripts: bool) -> None:
    page = enter(chromium, site, "deelnemer", scripts=scripts).pages[0]
    page.goto(f"{site}/begeleiding/spreekuur")
    page.locator("#vrij ~ ul summary").first.focus()
    page.keyboard.press("Enter")
    page.locator("#vrij ~ ul [name=onderwerp]").first.fill("Hoe begin ik eraan?")
    page.locator("#vrij ~ ul [name=onderwerp]").first.press("Enter")
    page.get_by_text("Jouw gesprekken").first.wait_for()
    assert "Hoe begin ik eraan?" in said(page)
    send(page, "Zeg af")
    page.get_by_text("Afgezegd.").first.wait_for()
    page.context.close()


@pytest.mark.parametrize("scripts", SCRIPT)
def test_a_card_is_written_read_and_taken_over(chromium: Browser, site: str, scripts: bool) -> None:
    title = f"Tafels van tien {uuid4().hex[:6]}"
    writer = enter(chromium, site, "deelnemer", scripts=scripts).pages[0]
    writer.goto(f"{site}/uitwisseling/praktijk/nieuw")
    writer.fill("[name=titel]", title)
    writer.select_option("[name=spanning]", "opvang")
    writer.select_option("[name=grootte]", "klein")
    for field in ("actie", "kost", "effect", "valkuilen", "contact"):
        writer.fill(f"[name={field}]", LONG)
    send(writer, "Geef aan een mentor")
    writer.locator(".error").first.wait_for()  # the context is missing
    assert writer.input_value("[name=titel]") == title
    writer.fill("[name=context]", LONG)
    send(writer, "Geef aan een mentor")
    writer.get_by_text("Een mentor leest je kaart na").first.wait_for()

    mentor = enter(chromium, site, "mentor", scripts=scripts).pages[0]
    mentor.goto(f"{site}/uitwisseling/praktijk")
    mentor.get_by_role("link", name=title).click()
    send(mentor, "Zet in het netwerk")
    mentor.get_by_text("De kaart staat in het netwerk.").first.wait_for()

    writer.goto(f"{site}/uitwisseling/praktijk?zoek={title.replace(' ', '+')}")
    writer.get_by_role("link", name=title).wait_for()
    writer.goto(f"{site}/uitwisseling/praktijk?spanning=verkeer&zoek=meetpunt")  # of another municipality
    writer.locator("#found .hit").first.click()
    send(writer, "Wij namen dit over")
    writer.get_by_text("Overgenomen door 1 bestuur").first.wait_for()
    send(writer, "Toch niet overgenomen")
    writer.get_by_text("Nog door niemand overgenomen").first.wait_for()
    for page in (writer, mentor):
        page.context.close()


def test_a_partner_takes_the_report_along(chromium: Browser, site: str) -> None:
    page = enter(chromium, site, "partner", scripts=True).pages[0]
    page.goto(f"{site}/begeleiding/verslag")
    for kind in ("PDF", "Excel"):
        with page.expect_download() as started:
            page.get_by_role("link", name=kind).click()
        assert started.value.path().stat().st_size > 4000
    page.context.close()


PAGES = {
    "deelnemer": ["/mijn/berichten", "/begeleiding/spreekuur", "/uitwisseling/praktijk", "/uitwisseling/praktijk/nieuw"],
    "mentor": ["/begeleiding/gesprekken", "/begeleiding/spreekuur", "/begeleiding/verslag"],
}  # fmt: skip


@pytest.mark.deep
@pytest.mark.parametrize(("scheme", "width"), SIZES)
@pytest.mark.parametrize("role", PAGES)
def test_axe_finds_nothing(chromium: Browser, site: str, role: str, scheme: str, width: int) -> None:
    context = signed_in(chromium, site, role, scheme, width)
    page = context.new_page()
    found = []
    for path in PAGES[role]:
        page.goto(site + path)
        found += examine(page)
    if role == "deelnemer":
        page.goto(f"{site}/uitwisseling/praktijk")
        page.locator("#found .hit").first.click()
        page.wait_for_url("**/praktijk/*-*")
        found += examine(page)
    else:
        page.goto(f"{site}/begeleiding?volgorde=naam")
        page.locator(".need .btn").first.click()
        page.wait_for_url("**/woord?*")
        found += examine(page)
    context.close()
    assert not found, "\n".join(found)
