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
        return play(page, place)
    if isinstance(block, doc.Check):
        return take(page, place, block)
    if isinstance(block, doc.Reflection):
        place.get_by_role("textbox").fill("Ik bel volgende week eerst de wijkwerker.")
        place.get_by_role("button", name="Bewaar je notitie").click()
        return expect(page.locator(f"[id='{block.key}-stand']")).to_contain_text("Bewaard om")
    if isinstance(block, doc.SelfRating):
        for statement in block.statements:
            place.locator(f"label:has(input[name='stelling.{statement.key}'][value='2'])").click()
        place.get_by_role("button", name="Bewaar hoe je het ziet").click()
        return expect(place).to_contain_text("Bewaard om")
    folded = page.locator("details.warned-part:not([open])", has=place)
    if folded.count():
        folded.locator("summary").first.click()
    answer(place, block)
    button = "Leg een voorbeeld ernaast" if isinstance(block, doc.Compare) else "Kijk na"
    place.get_by_role("button", name=button).click()
    if isinstance(block, doc.Compare):
        return expect(place).to_contain_text("Zo kan het ook")
    expect(place.get_by_role("button", name=re.compile("Kijk na|Probeer opnieuw"))).to_have_count(0)
    return expect(place.locator("[data-result=bad]")).to_have_count(0)


def answer(place: Locator, block: doc.AnyBlock, prefix: str = "") -> None:
    """The right answer, filled in and not sent."""
    if isinstance(block, doc.Choice | doc.Multiple | doc.TrueFalse | doc.Budget):
        for option in _right_options(block):
            place.locator(f"label.choice:has(input[name='{prefix}keuze'][value='{option.key}'])").click()
    elif isinstance(block, doc.Number):
        place.get_by_role("textbox").fill(f"{block.answer:g}".replace(".", ","))
    elif isinstance(block, doc.Short):
        known = next(option for option in block.options if option.is_right)
        place.get_by_role("textbox").fill(TAGS.sub("", known.html))
    elif isinstance(block, doc.Compare):
        for field in place.get_by_role("textbox").all():
            field.fill("Eerst luisteren, dan pas antwoorden.")
    elif isinstance(block, doc.Triage):
        for thing in block.items:
            for key in thing.places if block.several else thing.places[:1]:
                place.locator(f"label:has(input[name='{prefix}plaats.{thing.key}'][value='{key}'])").click()
    elif isinstance(block, doc.Match):
        for item in block.items:
            place.locator(f"select[name='{prefix}plaats.{item.key}']").select_option(item.place)
    elif isinstance(block, doc.Order):
        _put_in_order(place, block, prefix)
    elif isinstance(block, doc.Sort):
        _sort(place, block, prefix)


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
