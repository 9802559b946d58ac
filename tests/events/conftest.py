"""For every test here, those of services too."""

import pytest

from tests.events import races


@pytest.fixture(autouse=True)
def routes_are_known() -> None:
    races.know_routes()
