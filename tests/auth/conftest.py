"""A browser for this part: a page takes few queries, a form that writes accounts, mails and sessions some more."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.browser import Browser


class AccountBrowser(Browser):
    def post(
        self, path: str, data: dict[str, Any] | None = None, *, status: int = 303, htmx: bool = False
    ) -> BeautifulSoup:
        self.max_queries = 16
        try:
            return super().post(path, data, status=status, htmx=htmx)
        finally:
            self.max_queries = Browser.max_queries


@pytest.fixture
def browser(browser: Browser) -> AccountBrowser:
    return AccountBrowser(browser.client, browser.session)
