"""Somebody who knows the right answers, and gives them in a real browser: with and without JavaScript."""

import re
from itertools import combinations

from playwright.sync_api import Locator, Page, expect

from backend.courses import block_types as doc
from backend.courses.documents import Lesson

TAGS = re.compile("<[^>]*>")


def finish_lesson(page: Page, lesson: Lesson, address: str) -> None:
    """From the first click in this lesson to "Les 1.1 is klaar"."""
    page.goto(address)
    for block in lesson.blocks.values():
        if isinstance(block, doc.Question | doc.Check | doc.Reflection | doc.SelfRating | doc.ScenarioBlock):
            give(page, block)
    read = page.get_by_role("button", name="Ik las deze les")
    if read.count():
        read.click()
    expect(page.locator("#les-klaar")).to_have_text(f"Les {lesson.number} is klaar")


def give(page: Page, block: doc.AnyBlock) -> None:
    """The best that one can do with this block, and its receipt."""
    place = page.locator(f"[id='{block.key}']")
    if isinstance(block, doc.ScenarioBlock):
        play(page, place)
    elif isinstance(block, doc.Check):
        take(page, place, block)
    elif isinstance(block, doc.Reflection):
        place.get_by_role("textbox").fill("Ik bel volgende week eerst de wijkwerker.")
        place.get_by_role("button", name="Bewaar je notitie").click()
        expect(page.locator(f"[id='{block.key}-stand']")).to_contain_text("Bewaard om")
    elif isinstance(block, doc.SelfRating):
        for statement in block.statements:
            place.locator(f"label:has(input[name='stelling.{statement.key}'][value='2'])").click()
        place.get_by_role("button", name="Bewaar hoe je het ziet").click()
        expect(place).to_contain_text("Bewaard om")
    else:
        _send_answer(page, place, block)


def _send_answer(page: Page, place: Locator, block: doc.AnyBlock) -> None:
    folded = page.locator("details.warned-part:not([open])", has=place)
    if folded.count():
        folded.locator("summary").first.click()
    answer(place, block)
    if isinstance(block, doc.Compare):
        place.get_by_role("button", name="Leg een voorbeeld ernaast").click()
        return expect(place).to_contain_text("Zo kan het ook")
    place.get_by_role("button", name="Kijk na").click()
    expect(place.get_by_role("button", name=re.compile("Kijk na|Probeer opnieuw"))).to_have_count(0)
    return expect(place.locator("[data-result=bad]")).to_have_count(0)


def answer(place: Locator, block: doc.AnyBlock, prefix: str = "") -> None:
    """The right answer, filled in and not sent."""
    if isinstance(block, doc.Choice | doc.Multiple | doc.TrueFalse | doc.Budget):
        for option in _right_options(block):
            place.locator(f"label.choice:has(input[name='{prefix}keuze'][value='{option.key}'])").click()
    elif isinstance(block, doc.Number | doc.Short | doc.Compare):
        for field in place.get_by_role("textbox").all():
            field.fill(_words(block))
    else:
        _put_in_place(place, block, prefix)


def _words(block: doc.Number | doc.Short | doc.Compare) -> str:
    if isinstance(block, doc.Number):
        return f"{block.answer:g}".replace(".", ",")
    if isinstance(block, doc.Short):
        return TAGS.sub("", next(option.html for option in block.options if option.is_right))
    return "Eerst luisteren, dan pas antwoorden."


def _put_in_place(place: Locator, block: doc.AnyBlock, prefix: str) -> None:
    if isinstance(block, doc.Order):
        _put_in_order(place, block, prefix)
    elif isinstance(block, doc.Sort):
        _sort(place, block, prefix)
    elif isinstance(block, doc.Match):
        for item in block.items:
            place.locator(f"select[name='{prefix}plaats.{item.key}']").select_option(item.place)
    elif isinstance(block, doc.Triage):
        for thing in block.items:
            for key in thing.places if block.several else thing.places[:1]:
                place.locator(f"label:has(input[name='{prefix}plaats.{thing.key}'][value='{key}'])").click()


def _right_options(block: doc.Choice | doc.Multiple | doc.TrueFalse | doc.Budget) -> tuple[doc.Option, ...]:
    right = tuple(option for option in block.options if option.is_right)
    if not isinstance(block, doc.Budget):
        return right
    return next(
        some
        for size in range(len(right), 0, -1)
        for some in combinations(right, size)
        if sum(option.cost for option in some) == block.best
    )


def _put_in_order(place: Locator, block: doc.Order, prefix: str) -> None:
    """With the arrows where there are arrows, else with the lists of places."""
    by_arrows = place.locator("[data-move='-1']").first.is_visible()
    for wanted, item in enumerate(sorted(block.items, key=lambda item: int(item.place))):
        select = f"select[name='{prefix}plaats.{item.key}']"
        if not by_arrows:
            place.locator(select).select_option(item.place)
            continue
        line = place.locator(f"ol.order > li:has({select})")
        now = [line.inner_text() for line in place.locator("ol.order > li").all()].index(line.inner_text())
        for _ in range(now - wanted):
            line.locator("[data-move='-1']").click()


def _sort(place: Locator, block: doc.Sort, prefix: str) -> None:
    """One by one with a script (whatever comes up), all at once without."""
    right = {item.key: item.place for item in block.items}
    for _ in block.items:
        left = place.locator(".sort-item:visible:not(:has(input:checked))").first
        name = left.locator("input").first.get_attribute("name") or ""
        key = name.removeprefix(f"{prefix}plaats.")
        label = next(each.label for each in block.places if each.key == right[key])
        one_by_one = left.get_by_role("button")
        if one_by_one.count():
            one_by_one.filter(has_text=re.compile(rf"^\s*{re.escape(label)}\s*$", re.IGNORECASE)).click()
        else:
            left.locator(f"label.pill:has(input[value='{right[key]}'])").click()


def take(page: Page, place: Locator, block: doc.Check) -> None:
    """The test, and back in the lesson."""
    bank = {question.key: question for question in block.questions}
    place.get_by_role("button", name="Begin").click()
    page.wait_for_selector("#toets-blad")
    for ask in page.locator("#toets-blad .ask").all():
        key = ask.get_attribute("id") or ""
        answer(ask, bank[key], f"{key}.")
    page.get_by_role("button", name="Dien in").click()
    expect(page.locator("#toets-uitslag")).to_have_text("Geslaagd: 100 %")
    page.get_by_role("link", name="Terug naar de les").click()


def play(page: Page, place: Locator) -> None:
    """The scenario to one of its endings, and back in the lesson."""
    place.locator("a.btn").click()
    page.locator("form[method=post][action*='/scenario/'] button").first.click()
    for _ in range(30):
        _decide(page)
        title = page.locator("h1").inner_text()
        page.locator(".outcome a.btn").click()
        expect(page.locator("h1")).not_to_have_text(title)
        if page.locator(".timeline").count():
            break
    page.get_by_role("link", name="Terug naar de les").click()
    expect(page.locator(".scenario-block")).to_contain_text("Zo liep het af")


def _decide(page: Page) -> None:
    """The first road; where several have to be chosen, as many as it takes."""
    page.wait_for_selector("form[data-scenario]")
    items = page.locator(".sort-item, .judge-row")
    for item in items.all():
        item.locator("label").first.click()
    for choice in page.locator("label.choice").all():
        choice.click()
        page.get_by_role("button", name="Dit doe ik").click()
        page.wait_for_selector("#gevolg, [role=alert]")
        if page.locator("#gevolg").count():
            return
    if items.count():
        page.get_by_role("button", name="Dit doe ik").click()
    expect(page.locator("#gevolg")).to_be_visible()
