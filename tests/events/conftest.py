"""Mails carry addresses of pages, so the routes must be known in tests of services too."""

import pytest
from fastapi import FastAPI


@pytest.fixture(autouse=True)
def routes_are_known(api: FastAPI) -> None:
    pass
