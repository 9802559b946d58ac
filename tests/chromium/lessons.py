"""Places in the real lessons, and small moves that several tests make."""

import pytest
from playwright.sync_api import Locator, Page, expect

FIRST = "/leren/polarisatie/wat-is-polarisatie"
TALK = "/leren/polarisatie/in-gesprek-onder-spanning"
CHOICE, ORDER, REASON, NOTE = (
    "alles-voor-hen",
    "stappen-gesprek",
    "erkennen-is-gelijk-geven",
    "gespreksvormen",
)


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


def decide(page: Page, option: int = 0) -> None:
    """Whatever this moment of a scenario asks: for every thing the choice at this place, or the option there, and as many
    after it as have to be chosen.
    """
    for thing in page.locator(".sort-item, .judge-row").all():
        thing.locator("label").nth(option).click()
    choices = page.locator("label.choice").all()[option:]
    for n in range(max(1, len(choices))):
        for choice in choices[n : n + 1]:
            choice.click()
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.get_by_role("button", name="Dit doe ik").click()
        if sent.value.status != 422:
            break
    expect(page.locator("#gevolg")).to_be_visible()


def go_on(page: Page) -> None:
    """From what followed to the next moment, or to the end."""
    title = page.locator("h1").inner_text()
    page.locator(".outcome a.btn").click()
    expect(page.locator("h1")).not_to_have_text(title)
