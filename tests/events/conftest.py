"""For every test here: mails carry addresses of pages; and a form that registers writes more than a page reads."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from bs4 import BeautifulSoup

from backend.auth.models import Account, Role, ScopeKind
from tests.browser import Browser
from tests.events import races
from tests.factories import give_role, make_account


class EventBrowser(Browser):
    """A registration is a place, sessions, needs, an event, a mail and its job, and who moves up because of it."""

    max_changes = 24

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, status: int = 303, htmx: bool = False
    ) -> BeautifulSoup:
        self.max_queries = self.max_changes
        try:
            return super().post(path, data, status=status, htmx=htmx)
        finally:
            self.max_queries = Browser.max_queries


@pytest.fixture
def browser(browser: Browser) -> EventBrowser:
    return EventBrowser(browser.client, browser.session)


@pytest.fixture
def organiser(browser: EventBrowser) -> Account:
    """Of Waasland, signed in."""
    account = make_account(browser.session, "Orla")
    give_role(browser.session, account, Role.ORGANISER, ScopeKind.REGION, "waasland")
    browser.sign_in(account)
    return account


@pytest.fixture(autouse=True)
def routes_are_known() -> None:
    races.know_routes()


@pytest.fixture(scope="session")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Real processes for all races here: starting them takes longer than a race."""
    with races.processes(races.PROCESSES) as pool:
        yield pool
