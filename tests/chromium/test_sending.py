"""Nothing that was chosen or written gets lost: no connection, no answer, a receipt that got lost, a sign-in that ended."""

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Route, expect

from backend.auth.access import COOKIE
from tests.chromium.lessons import CHOICE, FIRST, NOTE, TALK, open_blank, wait_until_gone

pytestmark = [pytest.mark.browser, pytest.mark.node]


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


def test_what_tells_who_somebody_is_waits_for_a_second_look(member: Page) -> None:
    member.goto(TALK)
    ask, note = member.locator(f"[id={NOTE}]"), member.locator(f"[id={NOTE}-tekst]")
    note.fill("Bel an.peeters@example.be")
    expect(ask).to_contain_text("staat hier iets over een persoon in?")
    expect(note).to_be_focused()
    with member.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 303):
        ask.get_by_role("checkbox").press("Space")
    expect(ask).to_contain_text("Bewaard om")
    expect(ask).to_be_focused()
    note.fill("Bel iemand van de dienst")
    expect(ask.get_by_role("checkbox")).to_have_count(0)


def test_an_expired_sign_in_loses_nothing(member: Page) -> None:
    """Also what was typed after the request that found out."""
    member.goto(TALK)
    member.context.clear_cookies(name=COOKIE)
    member.locator(f"[id={NOTE}-tekst]").fill("Geschreven na het afmelden")
    member.wait_for_url("**/aanmelden**")
    member.get_by_label("E-mailadres").fill("coordinator@demo.example")
    member.get_by_label("Wachtwoord", exact=True).fill("lerend-netwerk")
    member.locator("#sign_in_form button[type=submit]").click()
    member.wait_for_url(lambda url: "/aanmelden" not in url)
    member.goto(TALK)
    expect(member.locator(f"[id={NOTE}-tekst]")).to_have_value("Geschreven na het afmelden")
    expect(member.locator(f"[id={NOTE}-stand]")).to_contain_text("Bewaard om")
    wait_until_gone(member, "-tekst")


def test_drafts_of_somebody_else_are_not_shown(member: Page) -> None:
    member.goto(TALK)
    member.evaluate("sessionStorage.setItem('concept:iemand:/leren/x:y', 'Geheim')")
    member.reload()
    wait_until_gone(member, "iemand")


def test_a_page_that_cannot_come_says_so_and_everything_stays(member: Page) -> None:
    member.goto(TALK)
    member.context.set_offline(True)
    member.locator(".pair a").last.click()
    expect(member.get_by_role("alert")).to_contain_text("Geen verbinding. Er is niets verstuurd")
    expect(member).to_have_url(re.compile(f"{TALK}$"))
    member.context.set_offline(False)
    member.locator(".pair a").last.click()
    expect(member).not_to_have_url(re.compile(f"{TALK}$"))
    expect(member.locator(".offline")).to_have_count(0)


def test_a_check_without_a_connection_keeps_what_was_chosen(member: Page, every_question: str) -> None:
    member.goto(f"{every_question}/vragen")
    member.locator("[id=eindtoets] button[type=submit]").click()
    member.wait_for_url("**/toets/eindtoets/*")
    ask = member.locator(".ask").first
    member.context.set_offline(True)
    ask.locator("label.choice").nth(1).click()
    expect(ask.get_by_role("alert")).to_contain_text("Niet bewaard: geen verbinding")
    ask.locator("label.choice").nth(2).click()
    member.context.set_offline(False)
    expect(ask).to_contain_text("Bewaard om")
    expect(ask.get_by_role("alert")).to_have_count(0)
    wait_until_gone(member, "onverstuurd")
    member.reload()
    expect(ask.get_by_role("radio").nth(2)).to_be_checked()


def test_handing_in_comes_after_the_save_that_is_under_way(member: Page, every_question: str) -> None:
    member.goto(f"{every_question}/vragen")
    member.locator("[id=eindtoets] button[type=submit]").click()
    member.wait_for_url("**/toets/eindtoets/*")
    slow: list[Route] = []
    member.route(
        "**/toets/eindtoets/*/*", lambda route: slow.append(route), times=1
    )  # the save, which stays on its way
    member.locator(".ask label.choice").first.click()
    member.wait_for_timeout(700)  # longer than a save waits
    assert slow
    member.get_by_role("button", name="Dien in").click()
    slow[0].continue_()
    expect(member.locator("#toets-uitslag")).to_be_visible()
