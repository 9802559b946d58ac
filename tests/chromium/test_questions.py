"""Every newer kind of question with the keyboard: chosen, sent, and what it says then; and what a script adds to it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.chromium.test_axe import SIZES, examine
from tests.learning.documents import MORE

pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture
def lesson(member: Page, every_question: str) -> Page:
    member.goto(f"{every_question}/vragen")
    return member


def blank(page: Page, key: str) -> Locator:
    """The question as if it was never answered, whatever others did with this account."""
    page.goto(f"{page.url.partition('?')[0].partition('#')[0]}?opnieuw={key}")
    return page.locator(f"[id={key}]")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_triage_with_the_keyboard(lesson: Page) -> None:
    question = blank(lesson, "triage")
    rows = question.locator(".judge-row")
    rows.first.get_by_role("radio").first.focus()
    press(lesson, "Space", "Tab", "Space", "Tab", "Space", "ArrowRight", "Tab")  # laten, laten, then melden
    expect(question.get_by_role("button", name="Kijk na")).to_be_focused()
    press(lesson, "Enter")
    expect(question.locator(".verdict")).to_be_focused()
    expect(question.locator(".verdict")).to_contain_text("2 van de 3")
    expect(question).to_contain_text("1 van de 2 gelijkaardige berichten (kritiek)")
    expect(rows.nth(2)).to_contain_text("Reden voor r3")
    expect(rows.first.get_by_role("radio").first).to_be_disabled()  # what is right stays
    rows.nth(2).get_by_role("radio", name="Verbergen").check()
    question.get_by_role("button", name="Probeer opnieuw").click()
    expect(question.locator(".verdict")).to_contain_text("Juist")


def test_columns_of_a_triage_have_words_for_who_hears_them(lesson: Page) -> None:
    question = blank(lesson, "triage")
    expect(question.get_by_role("group", name="Ding r1").get_by_role("radio", name="Laten")).to_be_visible()
    lesson.set_viewport_size({"width": 390, "height": 900})
    expect(question.locator(".judge-head")).to_be_hidden()
    for words in question.locator(".judge-row").first.locator("label span").all():
        assert words.bounding_box()["width"] > 20, "on a phone everybody reads them"


def test_more_than_one_choice_a_line(lesson: Page) -> None:
    question = blank(lesson, "meer-triage")
    for name, places in {"r1": ["Laten"], "r2": ["Laten", "Melden"], "r3": ["Verbergen"]}.items():
        for place in places:
            question.get_by_role("group", name=f"Ding {name}").get_by_role("checkbox", name=place).check()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.locator(".verdict")).to_contain_text("Juist")


@pytest.mark.parametrize(
    ("key", "wrong", "said", "right"),
    [("getal", "50", "Het was 66", "65,5"), ("woord-kort", "polarisatie", "Uitleg bij w2", "WIJ ZIJDENKEN")],
)
def test_a_number_and_a_few_words(lesson: Page, key: str, wrong: str, said: str, right: str) -> None:
    question = blank(lesson, key)
    field = question.get_by_role("textbox")
    field.focus()
    press(lesson, "Enter")
    expect(question.get_by_role("alert")).to_be_focused()
    field.fill(wrong)
    press(lesson, "Enter")
    expect(question.locator("[data-feedback]")).to_be_focused()
    expect(question.locator("[data-feedback]")).to_contain_text(said)
    expect(field).to_have_value(wrong)
    field.fill(right)
    press(lesson, "Enter")
    expect(question.locator("[data-feedback]")).to_contain_text("Juist")


def test_points_are_counted_while_one_chooses(lesson: Page) -> None:
    question = blank(lesson, "budget")
    left = question.locator("output")
    expect(left).to_have_text("Nog 10 van 10 over")
    question.locator("[value=d1]").focus()
    press(lesson, "Space", "Tab", "Space")
    expect(left).to_have_text("Nog 0 van 10 over")
    press(lesson, "Tab", "Space")
    expect(left).to_have_text("3 te veel")
    question.get_by_role("button", name="Kijk na").click()
    expect(question.get_by_role("alert")).to_be_focused()
    expect(question.locator(":checked")).to_have_count(3)
    expect(left).to_have_text("3 te veel")
    question.locator("[value=d3]").uncheck()
    question.get_by_role("button", name="Kijk na").click()
    expect(question.locator(".verdict")).to_contain_text("goed besteed")


def test_a_text_is_kept_while_one_writes_and_then_laid_beside_an_example(lesson: Page) -> None:
    question = blank(lesson, "vergelijk")
    first, second = question.get_by_label("Wat zie je?"), question.get_by_label("Wat doe je?")
    first.fill("x" * 281)
    expect(question.locator("[data-count]").first).to_have_text("1 te veel.")
    first.fill("Twee mensen roepen")
    expect(question.locator("[data-count]").first).to_have_text("Nog 262.")
    expect(question.locator("#vergelijk-stand")).to_contain_text("Bewaard om")
    expect(first).to_be_focused()
    lesson.reload()
    expect(question.get_by_label("Wat zie je?")).to_have_value("Twee mensen roepen")
    assert "Uitleg bij het voorbeeld" not in lesson.content(), "not before one wrote it oneself"
    second.fill("Twee mensen roepen")
    question.get_by_role("button", name="Leg een voorbeeld ernaast").click()
    expect(question.locator("[data-feedback]")).to_be_focused()
    expect(question).to_contain_text("Uitleg bij het voorbeeld")
    expect(question.locator(".gaps")).to_contain_text("Twee keer hetzelfde: Wat zie je?, Wat doe je?")
    with lesson.expect_response(lambda answer: answer.request.method == "POST"):
        question.get_by_role("checkbox").check()
    lesson.goto(lesson.url.partition("?")[0])
    expect(question.get_by_role("checkbox")).to_be_checked()


def test_a_poll_and_a_self_rating(lesson: Page, every_question: str) -> None:
    poll = blank(lesson, "peiling")
    poll.get_by_role("radio").first.focus()
    press(lesson, "ArrowDown", "Tab", "Enter")
    expect(poll).to_contain_text("vanaf tien antwoorden")
    expect(poll).to_contain_text("Iets")
    rating = lesson.locator("[id=voor]")
    rating.get_by_role("group", name="Ik herken het.").get_by_role("radio", name="Nog niet").check()
    rating.get_by_role("group", name="Ik durf het.").get_by_role("radio", name="Een beetje").check()
    rating.get_by_role("button").click()
    expect(rating).to_contain_text("Bewaard om")
    lesson.goto(f"{every_question}/gevoelig")
    after = lesson.locator("[id=na]")
    after.get_by_role("group", name="Ik herken het.").get_by_role("radio", name="Goed").check()
    after.get_by_role("group", name="Ik durf het.").get_by_role("radio", name="Een beetje").check()
    after.get_by_role("button").click()
    row = after.get_by_role("row", name="Ik herken het.")
    expect(row.get_by_role("cell")).to_have_text(["nog niet", "goed"])


def test_of_use_is_one_click(lesson: Page) -> None:
    lesson.get_by_role("button", name="Een beetje").click()
    expect(lesson.locator("#les-bruikbaar")).to_contain_text("Dank je")
    expect(lesson.get_by_role("button", name="Een beetje")).to_have_attribute("aria-pressed", "true")
    lesson.reload()
    expect(lesson.get_by_role("button", name="Een beetje")).to_have_attribute("aria-pressed", "true")


def test_a_double_click_on_any_question_is_one_answer(lesson: Page) -> None:
    question = blank(lesson, "getal")
    posts: list[str] = []
    lesson.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    question.get_by_role("textbox").fill("12")
    question.get_by_role("button", name="Kijk na").dblclick()
    expect(question.locator("[data-feedback]")).to_be_focused()
    assert len(posts) == 1


@pytest.mark.deep
@pytest.mark.parametrize(("scheme", "width"), SIZES)
def test_axe_finds_nothing_before_and_after_answering(
    member: Page, every_question: str, width: int, scheme: str
) -> None:
    member.emulate_media(color_scheme=scheme)
    member.set_viewport_size({"width": width, "height": 900})
    found = []
    for path in ("vragen", "vragen?" + "&".join(f"opnieuw={q.key}" for q in MORE[:1]), "gevoelig"):
        member.goto(f"{every_question}/{path}")
        member.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        found += examine(member)
    assert not found, "\n".join(found)


# ── hurtful words, and the way out ──


@pytest.fixture
def sensitive(member: Page, every_question: str) -> Page:
    member.goto("/modules/alle-vragen")
    member.goto(f"{every_question}/gevoelig")
    return member


def no_network(page: Page) -> None:
    """The page that the way out leads to, without asking the world for it."""
    page.context.route(
        "https://www.kmi.be/**",
        lambda route: route.fulfill(body="<h1>Het weer</h1>", content_type="text/html"),
    )


def test_hurtful_words_come_when_asked_and_can_be_skipped(sensitive: Page) -> None:
    message = sensitive.get_by_text("Een hatelijk bericht.").first
    expect(message).to_be_hidden()
    sensitive.get_by_role("link", name="Sla dit over").click()
    expect(sensitive.locator("[id=deel-meenemen]")).to_be_in_viewport()
    expect(message).to_be_hidden()
    sensitive.get_by_text("Toon dit deel").click()
    expect(message).to_be_visible()
    sensitive.get_by_text("Een hatelijk bericht.").nth(50).scroll_into_view_if_needed()
    expect(sensitive.get_by_role("link", name="Verlaat deze bladzijde").last).to_be_in_viewport()


def test_the_way_out_leaves_nothing_to_go_back_to(sensitive: Page) -> None:
    no_network(sensitive)
    sensitive.get_by_role("link", name="Verlaat deze bladzijde").first.click()
    sensitive.wait_for_url("https://www.kmi.be/")
    sensitive.go_back()
    expect(sensitive).to_have_url(re.compile("/modules/alle-vragen$"))


def test_escape_twice_is_the_way_out_once_is_not(sensitive: Page) -> None:
    no_network(sensitive)
    press(sensitive, "Escape")
    sensitive.wait_for_timeout(1700)
    press(sensitive, "Escape")
    sensitive.wait_for_timeout(300)
    assert sensitive.url.endswith("/gevoelig")
    press(sensitive, "Escape")
    sensitive.wait_for_url("https://www.kmi.be/")


def test_a_private_card_says_what_is_missing(sensitive: Page) -> None:
    card = sensitive.locator("[id=kaart]")
    card.get_by_label("Wie belt?").fill("Ikzelf")
    card.get_by_role("button", name="Wat ontbreekt er nog?").click()
    expect(card.get_by_role("status")).to_have_text("Nog leeg: Wie beslist?")
    card.get_by_label("Wie beslist?").fill(" ikzelf")
    card.get_by_role("button", name="Wat ontbreekt er nog?").click()
    expect(card.get_by_role("status")).to_have_text("Twee keer hetzelfde: Wie belt?, Wie beslist?")
    card.get_by_label("Wie beslist?").fill("De directeur")
    card.get_by_role("button", name="Wat ontbreekt er nog?").click()
    expect(card.get_by_role("status")).to_contain_text("Alles is ingevuld")


def test_only_the_card_is_printed(sensitive: Page) -> None:
    sensitive.evaluate("window.print = () => {}")
    sensitive.locator("[id=kaart]").get_by_role("button", name="Druk dit af").click()
    sensitive.emulate_media(media="print")
    expect(sensitive.get_by_label("Wie belt?")).to_be_visible()
    expect(sensitive.get_by_role("heading", level=1)).to_be_hidden()
    sensitive.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(sensitive.get_by_role("heading", level=1)).to_be_visible()
    expect(sensitive.get_by_text("Een hatelijk bericht.").first).to_be_hidden()  # nor on paper, unasked
