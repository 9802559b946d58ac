"""What JavaScript adds to the lesson player: only the question changes, and no mouse is needed."""

import pytest
from playwright.sync_api import Page, expect

from tests.chromium.lessons import CHOICE, FIRST, ORDER, REASON, TALK, open_blank, wait_until_gone

pytestmark = [pytest.mark.browser, pytest.mark.node]


def test_an_answer_changes_only_its_question(member: Page) -> None:
    question = open_blank(member, CHOICE)
    posts: list[str] = []
    member.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    reason = member.locator(f"[id={REASON}-reden]")
    if reason.count():
        reason.fill("Half getypt")
    question.locator("label.choice").first.click()
    before = member.evaluate("scrollY")
    question.get_by_role("button", name="Kijk na").dblclick()
    said = question.locator("[data-feedback]")
    expect(said).to_be_focused()
    expect(said).to_contain_text("Niet helemaal")
    expect(member.locator("#les-bewaard")).to_contain_text("Bewaard om")
    assert len(posts) == 1
    assert abs(member.evaluate("scrollY") - before) < 100
    assert member.url.endswith(f"{TALK}?opnieuw={CHOICE}"), "the address of the page stays"
    if reason.count():
        expect(reason).to_have_value("Half getypt")


def test_nothing_chosen_is_said_at_the_question(member: Page) -> None:
    question = open_blank(member, CHOICE)
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_have_text("Kies eerst een antwoord.")
    expect(question.get_by_role("alert")).to_be_focused()


def test_an_order_is_made_with_the_keyboard(member: Page) -> None:
    question = open_blank(member, ORDER)
    last = question.locator("li").last.locator(".order-text").inner_text()
    up = question.locator("li", has_text=last).locator("[data-move='-1']")
    up.focus()
    for _ in range(3):
        member.keyboard.press("Enter")
    expect(question.locator("li").first).to_contain_text(last)
    expect(question.locator("[role=status]")).to_have_text("Nu op plaats 1 van 4")
    expect(up).to_be_focused()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.locator(".verdict")).to_be_focused()
    expect(question.locator("li").first).to_contain_text(last)


def test_situations_come_one_by_one_and_can_be_moved(visitor: Page) -> None:
    visitor.goto(FIRST)
    key = visitor.locator(".ask", has=visitor.locator("[data-sort]")).get_attribute("id")
    question = visitor.locator(f"[id={key}]")
    now = question.locator(".sort-item:visible")
    expect(now).to_have_count(1)
    first = now.locator("legend").inner_text()
    count = question.locator(".sort-item").count()
    visitor.emulate_media(media="print")
    expect(now).to_have_count(count)  # on paper all of them
    visitor.emulate_media(media="screen")
    for n in range(count):
        expect(now).to_contain_text(f"{n + 1} van {count}")
        now.get_by_role("button").first.focus()
        visitor.keyboard.press("Enter")
    expect(question.get_by_role("button", name="Kijk na")).to_be_focused()
    question.get_by_role("button", name=first).click()
    expect(now.locator("legend")).to_have_text(first)
    now.get_by_role("button").nth(1).click()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.locator(".verdict")).to_contain_text(f"van de {count}")
    assert visitor.url.endswith(FIRST)


def test_a_private_field_stays_in_its_tab_until_signing_out(member: Page, every_question: str) -> None:
    card = f"{every_question}/gevoelig"
    member.goto(card)
    field = member.locator("[data-private]").first
    expect(member.locator("[data-private-kept]").first).to_contain_text("in dit tabblad")
    field.fill("Niets voor anderen")
    member.reload()
    expect(field).to_have_value("Niets voor anderen")
    other = member.context.new_page()
    other.goto(card)
    expect(other.locator("[data-private][data-restored]").first).to_have_value("")
    assert "anderen" not in member.evaluate("JSON.stringify(localStorage)")
    member.locator("form[action$='/afmelden']").first.evaluate("form => form.requestSubmit()")
    expect(member.locator(".flashes")).to_have_text("Je bent afgemeld.")
    wait_until_gone(member, "ln-private")
