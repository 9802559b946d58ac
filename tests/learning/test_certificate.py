"""A certificate is there at the moment the module is finished, and only then."""

from uuid import uuid4

import pytest
from sqlalchemy import func
from sqlmodel import Session, select

from backend.auth.models import Account
from backend.courses.documents import CourseDocument
from backend.db import now
from backend.learning.enrolments import Address
from backend.learning.service import answer
from backend.recognition.models import Certificate
from tests.browser import Browser
from tests.factories import make_account, viewer_of
from tests.learning.documents import CHOICE, RIGHT, make_course, make_lesson, publish


@pytest.fixture
def account(session: Session) -> Account:
    return make_account(session)


def finish(session: Session, account: Account, lesson: str) -> None:
    viewer = viewer_of(session, account)
    answer(session, viewer, Address("proef", lesson, "kies"), RIGHT["kies"], uuid4().hex, now())


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Certificate)) or 0


def short_course(hours: float) -> CourseDocument:
    lessons = (make_lesson("een", "1.1", CHOICE), make_lesson("twee", "1.2", CHOICE))
    return make_course(lessons=lessons, certificate_hours=hours)


def test_the_last_lesson_brings_the_certificate_once(
    browser: Browser, session: Session, account: Account
) -> None:
    publish(session, short_course(1.5))
    finish(session, account, "een")
    assert count(session) == 0
    finish(session, account, "twee")
    finish(session, account, "twee")
    assert count(session) == 1
    browser.sign_in(account)
    page = browser.get("/mijn/getuigschriften")
    browser.get(page.select_one("a[href^='/getuigschrift/']:not([download])")["href"])
    assert browser.client.get(page.select_one("a[download]")["href"]).content.startswith(b"%PDF")


def test_a_module_without_hours_gives_none(session: Session, account: Account) -> None:
    publish(session, short_course(0))
    finish(session, account, "een")
    finish(session, account, "twee")
    assert count(session) == 0
