"""Feedback, handing over, standing in and the report, in a browser: with and without JavaScript, by keyboard, with axe."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.db import now
from tests.chromium.test_axe import SIZES, examine, signed_in
from tests.chromium.test_mentor_words import enter, send

pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def mentor(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Page]:
    page = enter(chromium, site, "mentor", scripts=request.param).pages[0]
    yield page
    page.context.close()


def test_a_reflection_that_waits_is_found_and_answered(mentor: Page, site: str) -> None:
    """Twice the same one: the second time from the conversations, as it is shared no more than once."""
    mentor.goto(f"{site}/begeleiding")
    waiting = mentor.locator(".need > li", has_text="wacht al")
    if waiting.count():
        waiting.get_by_role("link", name="Antwoord").click()
        mentor.get_by_role("link", name=re.compile("feedback", re.IGNORECASE)).first.click()
        expect(mentor.get_by_role("heading", level=1)).to_contain_text("Feedback voor")
        send(mentor, "Geef feedback")  # nothing was said
        mentor.locator(".error").first.wait_for()
        mentor.locator("select[name=oordeel]").first.select_option(label="zit goed")
        mentor.fill("[name=tekst]", "Sterk dat je ook de stille groep ziet.")
        send(mentor, "Geef feedback")
        mentor.get_by_text("Je feedback is bij").first.wait_for()
    else:
        mentor.goto(f"{site}/begeleiding/gesprekken")
        mentor.locator(".duo a.hit", has_text="Demo 17").first.click()
    expect(mentor.locator(".thread")).to_contain_text("Sterk dat je ook de stille groep ziet.")
    expect(mentor.locator(".thread dd")).to_have_text("zit goed")


def test_a_person_is_handed_over_and_comes_back(mentor: Page, site: str) -> None:
    mentor.goto(f"{site}/begeleiding?zoek=Demo+22")
    mentor.locator(".heat tbody th a").first.click()
    mentor.get_by_role("link", name="Draag over").click()
    mentor.select_option("[name=naar]", label="Demo mentor 2")
    send(mentor, "Draag over")
    mentor.locator(".error").first.wait_for()  # why?
    mentor.fill("[name=reden]", "Zij kent deze gemeente.")
    send(mentor, "Draag over")
    mentor.get_by_role("button", name="Draag over").wait_for(state="detached")
    mentor.goto(f"{site}/begeleiding?zoek=Demo+22")
    expect(mentor.locator(".heat tbody tr")).to_have_count(0)

    other = enter(mentor.context.browser, site, "mentor2", scripts=True).pages[0]
    other.goto(f"{site}/begeleiding?zoek=Demo+22")
    expect(other.locator(".heat tbody tr")).to_have_count(1)
    other.context.close()

    mentor.goto(f"{site}/begeleiding/groepen")
    mentor.get_by_role("button", name=re.compile("^Draai terug")).first.click()
    expect(mentor.get_by_role("button", name=re.compile("^Draai terug"))).to_have_count(0)
    mentor.goto(f"{site}/begeleiding?zoek=Demo+22")
    expect(mentor.locator(".heat tbody tr")).to_have_count(1)


def test_a_substitute_follows_as_long_as_they_stand_in(mentor: Page, site: str) -> None:
    mentor.goto(f"{site}/begeleiding/groepen")
    form = mentor.locator("#substitute_form")
    form.locator("[name=naar]").select_option(label="Demo mentor 2")
    form.locator("[name=tot]").fill((now() + timedelta(days=5)).date().isoformat())
    form.locator("[name=reden]").fill("Ik ben een week weg.")
    form.get_by_role("button").click()
    expect(mentor.get_by_role("button", name=re.compile("^Stop"))).to_have_count(1)
    substitute = enter(mentor.context.browser, site, "mentor2", scripts=True).pages[0]
    substitute.goto(f"{site}/begeleiding?zoek=Demo+21")
    expect(substitute.locator(".heat tbody tr")).to_have_count(1)
    mentor.get_by_role("button", name=re.compile("^Stop")).first.click()
    expect(mentor.get_by_role("button", name=re.compile("^Stop"))).to_have_count(0)
    substitute.goto(f"{site}/begeleiding?zoek=Demo+21")
    expect(substitute.locator(".heat tbody tr")).to_have_count(0)
    substitute.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_partner_reads_the_report_by_region_municipality_and_function(
    chromium: Browser, site: str, scripts: bool
) -> None:
    page = enter(chromium, site, "partner", scripts=scripts).pages[0]
    page.goto(f"{site}/begeleiding/verslag")
    for by, first in (("Per gemeente", "Gemeente"), ("Per functie", "Functie"), ("Per regio", "Regio")):
        page.select_option("[name=per]", label=by)
        send(page, "Toon")
        expect(page.locator(".steering-table thead th").first).to_have_text(first)
    page.goto(f"{site}/begeleiding")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Begeleiding")
    page.context.close()


@pytest.mark.parametrize(("scheme", "width"), SIZES)
def test_axe_finds_nothing(chromium: Browser, site: str, scheme: str, width: int) -> None:
    context = signed_in(chromium, site, "mentor", scheme, width)
    page = context.new_page()
    page.goto(f"{site}/begeleiding/verslag?per=gemeente")
    found = examine(page)
    page.goto(f"{site}/begeleiding/verslag?per=functie")
    found += examine(page)
    page.goto(f"{site}/begeleiding/aanvragen")
    page.goto(site + (page.get_by_role("link", name=re.compile("^Weiger")).first.get_attribute("href") or ""))
    found += examine(page)
    page.goto(f"{site}/begeleiding?zoek=Demo+17")
    person = page.locator(".heat tbody th a").first.get_attribute("href") or ""
    for path in (
        f"{person}/gesprek",
        f"{person}/reflecties/polarisatie/wat-is-polarisatie/tegenstellingen",
        "/begeleiding/gemeente/X0001",
    ):
        page.goto(site + path)
        found += examine(page)
    context.close()
    assert not found, "\n".join(found)
