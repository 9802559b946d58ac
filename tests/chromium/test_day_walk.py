"""The life of a place in a real browser: two want the last one, the list moves, a link in a mail, a colleague, another day.

With and without JavaScript; Noor by keyboard on a desktop, Ali on a phone; what each has in the calendar is right at the end.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.config import ROOT
from tests.chromium.days import address
from tests.chromium.test_axe import SIZES, examine
from tests.chromium.test_walk import new_browser

pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture
def trouble() -> Iterator[list[str]]:
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def key(site: str, site_settings: dict[str, str]) -> str:
    made = uuid4().hex[:6]
    subprocess.run(
        [sys.executable, "-m", "tests.chromium.days", made], cwd=ROOT, env=site_settings, check=True
    )
    return made


class Person:
    """Somebody with a browser and a mailbox. Their pages have nothing that axe finds."""

    def __init__(self, context: BrowserContext, site: str, key: str, name: str, *, script: bool) -> None:
        self.site, self.email, self.script = site, address(key, name), script
        context.add_cookies([{"name": "ln_session", "value": f"{key}-{name}", "url": site}])
        self.page: Page = context.new_page()

    def goes(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.site + path)
        if self.script:
            assert examine(self.page) == []

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def presses_by_keyboard(self, name: str) -> None:
        """Tab until it is there, then Enter: every control on the way can be reached and left."""
        button = self.page.get_by_role("button", name=name).first
        for _step in range(120):
            self.page.keyboard.press("Tab")
            if button.evaluate("element => element === document.activeElement") if self.script else False:
                break
        button.press("Enter", no_wait_after=True)

    def mails(self) -> list[str]:
        """The addresses of their mails in the mailbox, the newest first."""
        self.page.goto(f"{self.site}/postvak")
        links = self.page.locator("li", has_text=self.email).locator("a.hit")
        return [f"{self.site}{links.nth(n).get_attribute('href')}" for n in range(links.count())]

    def reads_newest(self, subject: str) -> list[str]:
        """Gives the links of the mail about a registration."""
        newest = self.page.locator("li", has_text=self.email).locator("a.hit").first
        for _look in range(20):  # whoever caused it has just pressed the button
            self.mails()
            if newest.count() and subject in newest.inner_text():
                break
            self.page.wait_for_timeout(250)
        newest.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(subject)
        expect(self.page.frame_locator("iframe.mail-frame").locator("body")).to_contain_text("Lerend netwerk")
        links = self.page.locator(".mail-text a")
        found = [str(links.nth(n).get_attribute("href")) for n in range(links.count())]
        return [link for link in found if "/inschrijving/" in link]

    def scanner_opens(self, links: list[str]) -> None:
        """As a mail scanner does: every link, without a person."""
        for link in links:
            assert self.page.request.get(self.site + link, headers={"Cookie": ""}).ok

    def calendar(self) -> list[tuple[str, str, int, str]]:
        """What the mails told the calendar, the oldest first: method, UID, SEQUENCE, STATUS."""
        told = []
        for mail in reversed(self.mails()):
            text = self.page.request.get(f"{mail}/bijlage/0")
            if text.ok:
                calendar = Calendar.from_ical(text.text())
                (event,) = calendar.events
                told.append(
                    (str(calendar["METHOD"]), str(event["UID"]), int(event.sequence), str(event["STATUS"]))
                )
        return told


def test_a_place_goes_from_hand_to_hand(
    chromium: Browser, site: str, key: str, trouble: list[str], script: bool
) -> None:
    contexts = [new_browser(chromium, trouble, script=script, phone=phone) for phone in (False, True, False)]
    noor, ali, lies = (
        Person(context, site, key, name, script=script)
        for context, name in zip(contexts, ("noor", "ali", "lies"), strict=True)
    )
    day, later = f"/actiedagen/wandeldag-{key}", f"/actiedagen/later-{key}"

    # Two press for the last place at the same moment; one gets it, the other comes on the list.
    for person in (noor, ali):
        person.goes(day)
        person.page.locator("#register_form input[type=radio]").first.check()
    noor.presses_by_keyboard("Schrijf me in")
    ali.page.get_by_role("button", name="Schrijf me in").first.click(no_wait_after=True)
    outcome = re.compile("Je bent ingeschreven|Je staat op de wachtlijst")
    for person in (noor, ali):
        expect(person.page.locator("main")).to_contain_text(outcome)
    if "Je staat op de wachtlijst" in noor.page.locator("main").inner_text():
        noor, ali = ali, noor  # from here on Noor is who was first
    noor.sees("Je bent ingeschreven")
    ali.sees("Je staat op de wachtlijst")
    ali.sees("eerste")

    # A scanner opens every link in her mail and nothing happens; then she cannot come.
    links = noor.reads_newest("Je bent ingeschreven")
    noor.scanner_opens(links)
    noor.goes(day)
    noor.sees("Je bent ingeschreven")
    noor.goes(next(link for link in links if "/inschrijving/c" in link))
    noor.presses("Ik kan niet komen")
    noor.sees("Je bent niet meer ingeschreven")

    # The list moves by itself: the place is held for Ali, until an hour at which people work.
    links = ali.reads_newest("Er is een plaats voor je")
    held = re.search(r"tot [^.]*?, (\d+)[.:]\d+ uur", ali.page.locator(".mail-text").inner_text())
    assert held is not None and 9 <= int(held[1]) <= 17
    ali.scanner_opens(links)
    ali.goes(day)
    ali.sees("Er is een plaats voor je")
    ali.goes(next(link for link in links if "/inschrijving/a" in link))
    ali.presses("Ja, ik kom")
    ali.sees("Je bent ingeschreven")

    # Lies takes the place over; nobody else can come between.
    ali.goes(day)
    ali.page.get_by_role("link", name="Geef je plaats door").click()
    ali.page.get_by_label("Naam").fill("Lies")
    ali.page.get_by_label("E-mailadres op het werk").fill(lies.email)
    ali.presses("Geef mijn plaats door")
    links = lies.reads_newest("Een collega geeft je een plaats")
    lies.scanner_opens(links)
    noor.goes(day)
    expect(noor.page.get_by_role("button", name="Zet me op de wachtlijst")).to_be_visible()
    lies.goes(next(link for link in links if "/inschrijving/a" in link))
    lies.presses("Ja, ik kom")
    lies.sees("Je bent ingeschreven")

    # And moves to a later day of the series.
    lies.goes(day)
    lies.page.get_by_role("link", name="Geef je plaats door").click()
    lies.presses("Verzet naar deze dag")
    expect(lies.page).to_have_url(re.compile(later))
    lies.sees("Je bent ingeschreven")
    lies.goes(later)
    noor.goes(day)
    expect(noor.page.get_by_role("button", name="Schrijf me in")).to_be_visible()

    # What each has in the calendar: the last word of every entry counts.
    assert [last(person.calendar()) for person in (noor, ali)] == [["CANCELLED"], ["CANCELLED"]]
    assert sorted(last(lies.calendar())) == ["CANCELLED", "TENTATIVE"]
    assert len(lies.mails()) == len(set(lies.mails())) == 4
    for context in contexts:
        context.close()


def last(told: list[tuple[str, str, int, str]]) -> list[str]:
    """The status of each entry as a calendar program keeps it: the highest SEQUENCE wins, whatever came when."""
    kept: dict[str, tuple[int, str]] = {}
    for _method, uid, sequence, status in told:
        assert sequence not in [kept[uid][0]] if uid in kept else True, "each message has a number of its own"
        kept[uid] = max(kept.get(uid, (-1, "")), (sequence, status))
    return [status for _sequence, status in kept.values()]


@pytest.mark.deep
@pytest.mark.parametrize(("scheme", "width"), SIZES)
def test_map_month_and_mail_have_nothing_that_axe_finds(
    chromium: Browser, site: str, key: str, scheme: str, width: int
) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page, found = context.new_page(), []
    context.add_cookies([{"name": "ln_session", "value": f"{key}-noor", "url": site}])
    for path in ("/actiedagen?regio=waasland", f"/actiedagen/wandeldag-{key}"):
        page.goto(site + path)
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        found += examine(page)
    page.locator("#register_form input[type=radio]").first.check()
    page.get_by_role("button", name="Schrijf me in").click()
    expect(page.locator("main")).to_contain_text("Je bent ingeschreven")
    page.goto(f"{site}/postvak")
    found += examine(page)
    page.locator("a.hit").first.click()
    expect(page.locator(".mail-frame")).to_be_visible()
    found += examine(page)
    letter = page.request.get(f"{page.url}/opmaak").text()  # at its own address no script runs, not even axe
    page.goto("about:blank")
    page.set_content(letter)
    of_pages = ("landmark", "region", "page-has-heading-one")
    found += [each for each in examine(page) if not any(rule in each for rule in of_pages)]
    assert found == []
    context.close()
