"""What JavaScript adds to the lesson player: only the question changes, nothing typed is lost, no mouse is needed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.node]
FIRST = "/leren/polarisatie/wat-is-polarisatie"
TALK = "/leren/polarisatie/in-gesprek-onder-spanning"
CHOICE, ORDER, REASON, NOTE = (
    "alles-voor-hen",
    "stappen-gesprek",
    "erkennen-is-gelijk-geven",
    "gespreksvormen",
)


@pytest.fixture
def visitor(chromium: Browser, site: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 900}, locale="nl-BE")
    context.set_default_timeout(5000)
    said: list[str] = []
    context.on("weberror", lambda error: said.append(str(error.error)))
    yield context.new_page()
    assert not said, said
    context.close()


@pytest.fixture
def member(visitor: Page) -> Page:
    visitor.goto("/aanmelden")
    visitor.get_by_label("E-mailadres").fill("coordinator@demo.example")
    visitor.get_by_label("Wachtwoord", exact=True).fill("lerend-netwerk")
    visitor.locator("#sign_in_form button[type=submit]").click()
    visitor.wait_for_url(lambda url: "/aanmelden" not in url)
    return visitor


def open_blank(page: Page, block: str) -> Locator:
    """The question as if it was never answered, whatever others did with this account."""
    page.goto(f"{TALK}?opnieuw={block}")
    return page.locator(f"[id={block}]")


def wait_until_gone(page: Page, name: str) -> None:
    """No draft with this in its name is left. (wait_for_function() needs eval, which our pages forbid.)"""
    for _ in range(50):
        if not any(name in key for key in page.evaluate("Object.keys(sessionStorage)")):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"a draft of {name} stayed")


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


def test_a_note_saves_itself_and_survives_a_reload_before_that(member: Page) -> None:
    member.goto(TALK)
    note, status = member.locator(f"[id={NOTE}-tekst]"), member.locator(f"[id={NOTE}-stand]")
    with member.expect_response(lambda answer: answer.request.method == "POST"):
        note.fill("Een opstelling in een kring")
    expect(status).to_contain_text("Bewaard om")
    expect(note).to_be_focused()
    note.press_sequentially(", met een verslag")
    member.reload()
    expect(note).to_have_value("Een opstelling in een kring, met een verslag")
    wait_until_gone(member, "-tekst")
    member.evaluate("sessionStorage.clear()")
    member.reload()
    expect(note).to_have_value("Een opstelling in een kring, met een verslag")


def test_a_private_field_stays_in_its_tab_until_signing_out(member: Page) -> None:
    member.goto(TALK)
    field = member.locator("[data-private]").first
    expect(member.locator("[data-private-kept]").first).to_contain_text("in dit tabblad")
    field.fill("Niets voor anderen")
    member.reload()
    expect(field).to_have_value("Niets voor anderen")
    other = member.context.new_page()
    other.goto(TALK)
    expect(other.locator("[data-private][data-restored]").first).to_have_value("")
    assert "anderen" not in member.evaluate("JSON.stringify(localStorage)")
    member.locator("form[action$='/afmelden']").first.evaluate("form => form.requestSubmit()")
    expect(member.locator(".flashes")).to_have_text("Je bent afgemeld.")
    wait_until_gone(member, "ln-private")


def test_without_a_connection_the_form_stays_and_says_so(member: Page) -> None:
    question = open_blank(member, CHOICE)
    question.locator("label.choice").first.click()
    member.context.set_offline(True)
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_contain_text("Wat je invulde, staat hier nog")
    expect(question.locator("input").nth(1)).to_be_checked()
    member.context.set_offline(False)
    question.get_by_role("button", name="Kijk na").click()
    expect(question.locator("[data-feedback]")).to_be_focused()


def test_drafts_of_somebody_else_are_not_shown(member: Page) -> None:
    member.goto(TALK)
    member.evaluate("sessionStorage.setItem('concept:iemand:/leren/x:y', 'Geheim')")
    member.reload()
    wait_until_gone(member, "iemand")
