"""Places in the real lessons, and small moves that several tests make."""

import pytest
from playwright.sync_api import Locator, Page

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
