"""What JavaScript adds to the lesson player: only the question changes, nothing typed is lost, no mouse is needed."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

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
    sign_in(visitor)
    return visitor


def sign_in(page: Page) -> None:
    page.get_by_label("E-mailadres").fill("coordinator@demo.example")
    page.get_by_label("Wachtwoord", exact=True).fill("lerend-netwerk")
    page.locator("#sign_in_form button[type=submit]").click()
    page.wait_for_url(lambda url: "/aanmelden" not in url)


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


def posts_of(page: Page) -> list[str]:
    """What is sent from now on, as the body of each form."""
    sent: list[str] = []
    page.context.on(
        "request", lambda each: sent.append(each.post_data or "") if each.method == "POST" else None
    )
    return sent


def form_id(body: str) -> str:
    return parse_qs(body)["form_id"][0]


def test_what_cannot_be_sent_is_said_not_to_be_kept_and_goes_out_by_itself_later(member: Page) -> None:
    question = open_blank(member, CHOICE)
    sent = posts_of(member)
    question.locator("label.choice").first.click()
    member.context.set_offline(True)
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_contain_text(
        "Niet bewaard: geen verbinding. We sturen het zodra"
    )
    expect(member.locator("#les-bewaard")).to_have_text("Niet bewaard")
    expect(question.locator("input:checked")).to_have_count(1)
    member.context.set_offline(False)
    expect(question.locator("[data-feedback]")).to_be_focused()
    expect(member.locator("#les-bewaard")).to_contain_text("Bewaard om")
    expect(question.get_by_role("alert")).to_have_count(0)
    assert len({form_id(body) for body in sent}) == 1, "the same form, however often it was tried"


def test_a_server_that_does_not_answer_is_tried_again_until_it_does(member: Page) -> None:
    question = open_blank(member, CHOICE)
    sent = posts_of(member)
    refuse = f"**{TALK}/{CHOICE}"
    member.route(refuse, lambda route: route.fulfill(status=503, body="even niet"))
    question.locator("label.choice").first.click()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_contain_text("de site antwoordt niet")
    member.unroute(refuse)
    expect(question.locator("[data-feedback]")).to_be_visible(timeout=10_000)
    expect(member.locator("#les-bewaard")).to_contain_text("Bewaard om")
    assert len(sent) > 1
    assert len({form_id(body) for body in sent}) == 1


def test_an_answer_whose_receipt_got_lost_counts_once(member: Page) -> None:
    """It arrived, the way back broke; the page sends it again and gets the same answer."""
    question = open_blank(member, CHOICE)
    lost = f"**{TALK}/{CHOICE}"

    def arrive_and_break(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    sent = posts_of(member)
    member.route(lost, arrive_and_break, times=1)
    question.locator("label.choice").first.click()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_contain_text("geen verbinding")
    expect(question.locator("[data-feedback]")).to_be_visible(timeout=10_000)
    assert len(sent) > 1
    assert len(set(sent)) == 1, "word for word the same, so that the server counts it once"


def test_what_waits_survives_a_reload_and_another_lesson(member: Page) -> None:
    question = open_blank(member, CHOICE)
    sent = posts_of(member)
    member.route(f"**{TALK}/{CHOICE}", lambda route: route.abort())
    question.locator("label.choice").nth(1).click()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_contain_text("Niet bewaard")
    member.goto(f"{TALK}?opnieuw={CHOICE}")
    expect(question.get_by_role("alert")).to_contain_text("Niet bewaard")
    expect(question.locator("[name=keuze]").nth(1)).to_be_checked()
    member.unroute(f"**{TALK}/{CHOICE}")
    with member.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 303):
        member.goto(FIRST)  # its form is not on this page
    wait_until_gone(member, "onverstuurd")
    assert len({form_id(body) for body in sent}) == 1


def test_who_changes_an_answer_that_waits_sends_it_anew(member: Page) -> None:
    question = open_blank(member, CHOICE)
    member.context.set_offline(True)
    question.locator("label.choice").first.click()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_contain_text("geen verbinding")
    question.locator("label.choice").nth(1).click()
    expect(question.get_by_role("alert")).to_contain_text("Verstuur het opnieuw")
    sent = posts_of(member)
    member.context.set_offline(False)
    member.wait_for_timeout(3000)
    assert not sent, "nothing goes out by itself now"
    question.get_by_role("button", name="Kijk na").click()
    expect(question.locator("[data-feedback]")).to_be_focused()


def test_a_note_written_without_a_connection_is_saved_later_without_calling_one_away(member: Page) -> None:
    member.goto(TALK)
    note, status = member.locator(f"[id={NOTE}-tekst]"), member.locator(f"[id={NOTE}-stand]")
    member.context.set_offline(True)
    note.fill("In de trein geschreven")
    expect(member.locator(f"[id={NOTE}]").get_by_role("alert")).to_contain_text("geen verbinding")
    note.press_sequentially(", zonder net")
    member.context.set_offline(False)
    expect(status).to_contain_text("Bewaard om")
    expect(note).to_be_focused()
    expect(member.locator(".unsaved")).to_have_count(0)
    wait_until_gone(member, "-tekst")
    member.reload()
    expect(note).to_have_value("In de trein geschreven, zonder net")


def test_an_expired_sign_in_loses_nothing(member: Page) -> None:
    """Also what was typed after the request that found out."""
    member.goto(TALK)
    member.context.add_cookies(
        [
            {**cookie, "value": "verlopen"}
            for cookie in member.context.cookies()
            if "session" in cookie["name"]
        ]
    )
    member.locator(f"[id={NOTE}-tekst]").fill("Geschreven na het afmelden")
    member.wait_for_url("**/aanmelden**")
    sign_in(member)
    member.goto(TALK)
    expect(member.locator(f"[id={NOTE}-tekst]")).to_have_value("Geschreven na het afmelden")
    expect(member.locator(f"[id={NOTE}-stand]")).to_contain_text("Bewaard om")
    wait_until_gone(member, "-tekst")


def test_drafts_of_somebody_else_are_not_shown(member: Page) -> None:
    member.goto(TALK)
    member.evaluate("sessionStorage.setItem('concept:iemand:/leren/x:y', 'Geheim')")
    member.reload()
    wait_until_gone(member, "iemand")
