"""Authors, and a module that is published."""

import pytest
from sqlmodel import Session

from backend.auth.models import Account, Role, ScopeKind
from backend.courses import service as courses
from backend.db import now
from tests.authoring.packages import Files, package
from tests.browser import Browser
from tests.factories import give_role, make_account, make_municipality

MANY = 60  # statements: a package is kept file by file


@pytest.fixture
def author(session: Session) -> Account:
    """Writes the module "proef" and no other."""
    return make_author(session, "Ann Auteur")


def make_author(session: Session, name: str, course: str = "proef") -> Account:
    account = make_account(session, name, organisation=make_municipality(session))
    give_role(session, account, Role.AUTHOR, ScopeKind.COURSE, course)
    return account


@pytest.fixture
def administrator(session: Session) -> Account:
    account = make_account(session, "Bea Beheer")
    give_role(session, account, Role.ADMINISTRATOR)
    return account


def publish(session: Session, files: Files | None = None) -> int:
    """A version of the module in this package, as if the program loaded it. Gives its id."""
    courses.forget_documents()  # a test that was rolled back gave its version numbers away again
    documents, problems = courses.check(files or package())
    assert not [problem for problem in problems if not problem.is_warning], problems
    courses.publish(session, documents[0], now(), files or package())
    return courses.find(session, documents[0].key).version_id


@pytest.fixture
def desk(browser: Browser, session: Session, author: Account) -> Browser:
    """The author's browser; the module is published."""
    publish(session)
    browser.sign_in(author)
    return browser


def send(
    browser: Browser, content: bytes, module: str = "proef", *, seen: str = "", status: int = 303
) -> None:
    """Send a package for a module."""
    before, browser.max_queries = browser.max_queries, MANY
    browser.upload(f"/redactie/modules/{module}/concept?gezien={seen}", "pakket", content, status=status)
    browser.max_queries = before
