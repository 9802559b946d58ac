"""A scenario in a real browser: by keyboard, on a phone, without a connection, in two tabs, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.chromium.conftest import sign_in
from tests.chromium.lessons import decide, go_on
from tests.chromium.test_axe import SIZES, examine, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.node]
LESSON = "/leren/polarisatie/scenario-het-oude-rusthuis"
START = f"{LESSON}/scenario/het-oude-rusthuis"
PLAN = "/leren/haatspraak/scenario-het-regenboogzebrapad/scenario/het-regenboogzebrapad"


def begin(page: Page, start: str = START) -> None:
    page.goto(start)
    page.locator(f"form[action='{start}'] button").click()
    expect(page.locator("form[data-scenario]")).to_be_visible()


def test_from_the_lesson_to_an_ending_and_back(member: Page) -> None:
    member.goto(LESSON)
    member.locator(".scenario-block a.btn").click()
    expect(member.locator("h1")).to_have_text("Het oude rusthuis")
    begin(member)
    for _ in range(20):
        decide(member, 1)
        go_on(member)
        if member.locator(".timeline").count():
            break
    expect(member.locator(".timeline > li").first).to_be_visible()
    expect(member.locator(".endings")).to_contain_text("nog niet gezien")
    assert not examine(member)
    member.get_by_role("link", name="Terug naar de les").click()
    expect(member.locator(".scenario-block")).to_contain_text("Zo liep het af")


def test_after_choosing_one_is_led_to_what_followed(member: Page) -> None:
    begin(member)
    posts: list[str] = []
    member.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    member.locator("label.choice").nth(2).click()
    member.get_by_role("button", name="Dit doe ik").dblclick()
    expect(member.locator("#gevolg")).to_be_focused()
    expect(member.locator("#gevolg")).to_be_in_viewport()
    expect(member).to_have_url(re.compile(r"\?stap=1$"))
    expect(member.locator("aside .label", has_text="lager").first).to_be_visible()
    assert len(posts) == 1
    member.reload()
    expect(member.locator("#gevolg")).to_be_visible()
    go_on(member)
    expect(member.locator("h1")).to_be_focused()


def test_all_of_it_by_keyboard(member: Page) -> None:
    begin(member)
    member.locator("input[name=keuze]").first.focus()
    member.keyboard.press("ArrowDown")
    expect(member.locator("input[name=keuze]").nth(1)).to_be_checked()
    member.keyboard.press("Tab")
    expect(member.get_by_role("button", name="Dit doe ik")).to_be_focused()
    member.keyboard.press("Enter")
    expect(member.locator("#gevolg")).to_be_focused()
    member.keyboard.press("Tab")
    expect(member.locator(".outcome a.btn")).to_be_focused()
    member.keyboard.press("Enter")
    expect(member).to_have_url(re.compile(r"\?stap=2$"))


def test_nothing_chosen_is_said_where_one_is(member: Page) -> None:
    begin(member)
    member.get_by_role("button", name="Dit doe ik").click()
    expect(member.get_by_role("alert")).to_have_text("Kies eerst iets.")
    expect(member.get_by_role("alert")).to_be_focused()
    assert not examine(member)


def test_points_are_counted_while_choosing(member: Page) -> None:
    begin(member, PLAN)
    while not member.locator("[data-budget]").count():
        decide(member)
        go_on(member)
    left = member.locator(".budget-left")
    total = int(member.locator("[data-budget]").get_attribute("data-budget") or 0)
    expect(left).to_have_text(f"Nog {total} van {total} punten")
    box = member.locator("input[data-cost]").first
    member.locator("label.choice").first.click()
    expect(left).to_have_text(f"Nog {total - int(box.get_attribute('data-cost') or 0)} van {total} punten")
    for choice in member.locator("label.choice").all()[1:]:
        choice.click()
    expect(left).to_contain_text("punten te veel")
    member.get_by_role("button", name="Dit doe ik").click()
    expect(member.get_by_role("alert")).to_contain_text("Dat is meer dan je hebt")
    expect(left).to_contain_text("punten te veel")
    assert member.locator("input:checked").count() == member.locator("label.choice").count()


@pytest.mark.parametrize("broken", ["offline", "server"])
def test_a_choice_that_could_not_be_kept_stays_and_says_so(member: Page, broken: str) -> None:
    begin(member)
    member.locator("label.choice").nth(1).click()

    def fail(route: Route) -> None:
        route.abort() if broken == "offline" else route.fulfill(status=500, body="<h1>Kapot</h1>")

    member.route("**/scenario/**", fail)
    member.get_by_role("button", name="Dit doe ik").click()
    expect(member.get_by_role("alert")).to_contain_text("je keuze is nog niet bewaard")
    expect(member.locator("input[name=keuze]").nth(1)).to_be_checked()
    member.unroute("**/scenario/**", fail)
    expect(member.locator("#gevolg")).to_be_focused()  # it went again by itself


def test_what_waits_goes_as_soon_as_there_is_a_connection_and_counts_once(member: Page) -> None:
    begin(member)
    member.locator("label.choice").nth(1).click()
    arrived: list[int] = []

    def lose_the_receipt(route: Route) -> None:
        arrived.append(route.fetch(max_redirects=0).status)
        route.abort()

    member.route("**/scenario/**", lose_the_receipt, times=1)
    member.get_by_role("button", name="Dit doe ik").click()
    expect(member.get_by_role("alert")).to_contain_text("wordt vanzelf opnieuw verstuurd")
    member.evaluate("window.dispatchEvent(new Event('online'))")
    expect(member.locator("#gevolg")).to_be_focused(timeout=1500)  # before its first wait is over
    assert arrived == [303]


def test_who_changes_a_choice_that_waits_decides_anew(member: Page) -> None:
    begin(member)
    member.locator("label.choice").nth(1).click()
    member.route("**/scenario/**", lambda route: route.abort(), times=1)
    member.get_by_role("button", name="Dit doe ik").click()
    expect(member.get_by_role("alert")).to_contain_text("nog niet bewaard")
    member.locator("label.choice").first.click()
    expect(member.get_by_role("alert")).to_contain_text("Klik opnieuw")
    member.evaluate("window.dispatchEvent(new Event('online'))")
    member.wait_for_timeout(2500)  # longer than its first wait
    expect(member.locator("#gevolg")).to_have_count(0)
    member.get_by_role("button", name="Dit doe ik").click()
    expect(member.locator("#gevolg")).to_be_focused()


def test_another_tab_that_was_ahead(member: Page) -> None:
    begin(member)
    other = member.context.new_page()
    other.goto(member.url)
    decide(other, 0)
    member.locator("label.choice").nth(1).click()
    member.get_by_role("button", name="Dit doe ik").click()
    expect(member.get_by_role("alert")).to_contain_text("koos je al")
    expect(member.get_by_role("alert")).to_contain_text("is niet bewaard")
    expect(member.locator("input[name=keuze]").first).to_be_checked()
    assert not examine(member)
    member.get_by_role("button", name="Kies opnieuw").click()
    expect(member.locator("form[data-scenario]")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_without_javascript(chromium: Browser, site: str, width: int) -> None:
    context = chromium.new_context(
        base_url=site, viewport={"width": width, "height": 800}, java_script_enabled=False
    )
    sign_in(context, site, "coordinator")
    page = context.new_page()
    begin(page)
    page.locator("label.choice").first.click()
    page.get_by_role("button", name="Dit doe ik").click()
    expect(page).to_have_url(re.compile(r"\?stap=1#gevolg$"))
    expect(page.locator("#gevolg")).to_be_in_viewport()
    go_on(page)
    context.close()


@pytest.mark.deep
@pytest.mark.parametrize(("scheme", "width"), SIZES)
def test_axe_finds_nothing(chromium: Browser, site: str, width: int, scheme: str) -> None:
    page = signed_in(chromium, site, "beheerder", scheme, width).new_page()
    found = []
    for path in (START, f"{START}/groep", "/begeleiding/scenario/polarisatie/het-oude-rusthuis"):
        page.goto(site + path)
        found += examine(page)
    page.goto(site + PLAN)
    page.locator(f"form[action='{PLAN}'] button").click()
    for _ in range(3):
        found += examine(page)
        decide(page)
        found += examine(page)
        go_on(page)
    page.context.close()
    assert not found, "\n".join(found)
