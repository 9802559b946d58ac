"""Somebody who knows the right answers, and gives them in a real browser: with and without JavaScript."""

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from backend.courses import block_types as doc
from backend.courses.documents import Lesson
from backend.learning.grading import as_submitted, right_answer
from tests.chromium.lessons import decide, go_on

Asked = doc.Question | doc.Check | doc.Reflection | doc.SelfRating | doc.ScenarioBlock


def finish_lesson(page: Page, lesson: Lesson, address: str) -> None:
    """From the first click in this lesson to "Les 1.1 is klaar"."""
    page.goto(address)
    finish(page, lesson)


def finish(page: Page, lesson: Lesson, *, but: tuple[str, ...] = ()) -> None:
    """What is left of the lesson on this page; `but`: the keys of what is answered already."""
    for block in lesson.blocks.values():
        if isinstance(block, Asked) and block.key not in but:
            give(page, block)
    read = page.get_by_role("button", name="Ik las deze les")
    if read.count():
        read.click()
    expect(page.locator("#les-klaar")).to_have_text(f"Les {lesson.number} is klaar")


def give(page: Page, block: Asked) -> None:
    """The best that one can do with this block, and its receipt."""
    place = page.locator(f"[id='{block.key}']")
    place.wait_for(state="attached")  # what is in it is counted, which does not wait
    if isinstance(block, doc.ScenarioBlock):
        play(page, place)
    elif isinstance(block, doc.Check):
        take(page, place, block)
    elif isinstance(block, doc.Reflection):
        place.get_by_role("textbox").fill("Ik bel volgende week eerst de wijkwerker.")
        place.get_by_role("button", name="Bewaar je notitie").click()
        expect(page.locator(f"[id='{block.key}-stand']")).to_contain_text("Bewaard om")
    elif isinstance(block, doc.SelfRating):
        fill(place, as_submitted({"ratings": {statement.key: "2" for statement in block.statements}}))
        place.get_by_role("button", name="Bewaar hoe je het ziet").click()
        expect(place).to_contain_text("Bewaard om")
    else:
        _send_answer(page, place, block)


def _send_answer(page: Page, place: Locator, block: doc.Question) -> None:
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


def answer(place: Locator, block: doc.Question, prefix: str = "") -> None:
    """The right answer, filled in and not sent."""
    fields = as_submitted(right_answer(block))
    if isinstance(block, doc.Order) and place.locator("[data-move]").first.is_visible():
        _move(place, sorted(fields, key=lambda name: int(fields[name][0])), prefix)
    elif isinstance(block, doc.Sort) and place.locator("[data-put]").count():
        _put(place, {prefix + name: values[0] for name, values in fields.items()})
    else:
        fill(place, fields, prefix)


def fill(place: Locator, fields: Mapping[str, list[str]], prefix: str = "") -> None:
    """Form fields as anybody would: what one writes, picks from a list or clicks."""
    for name, values in fields.items():
        for value in values:
            named = f"[name='{prefix}{name}']"
            if place.locator(f"select{named}").count():
                place.locator(f"select{named}").select_option(value)
            elif place.locator(f"label:has({named}[value='{value}'])").count():
                place.locator(f"label:has({named}[value='{value}'])").click()
            else:
                place.locator(named).fill(value)


def _move(place: Locator, names: list[str], prefix: str) -> None:
    """Lines into this order, with the arrows."""
    for wanted, name in enumerate(names):
        line = place.locator(f"ol.order > li:has([name='{prefix}{name}'])")
        now = [each.inner_text() for each in place.locator("ol.order > li").all()].index(line.inner_text())
        for _ in range(now - wanted):
            line.locator("[data-move='-1']").click()


def _put(place: Locator, places: Mapping[str, str]) -> None:
    """One thing at a time, whatever comes up."""
    for _ in places:
        thing = place.locator(".sort-item:visible")
        name = thing.locator("input").first.get_attribute("name") or ""
        thing.locator(f"[data-put='{places[name]}']").click()


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
        page.wait_for_selector("form[data-scenario]")
        decide(page)
        go_on(page)
        if page.locator(".timeline").count():
            break
    page.get_by_role("link", name="Terug naar de les").click()
    expect(page.locator(".scenario-block")).to_contain_text("Zo liep het af")
