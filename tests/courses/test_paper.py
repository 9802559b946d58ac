"""Paper: every lesson of the product becomes an accessible PDF, and the answers are on it only for who finished."""

import re
from zlib import decompress, error

import pytest
from sqlmodel import Session

from backend.auth.models import Account
from backend.config import CONTENT
from backend.courses import paper, service
from backend.courses.documents import CourseDocument
from backend.courses.paper import tree
from tests.browser import Browser
from tests.factories import make_account
from tests.learning.documents import make_course, publish


@pytest.fixture(scope="module")
def modules() -> list[CourseDocument]:
    return service.check(CONTENT)[0]


@pytest.mark.once
@pytest.mark.usefixtures("api")  # addresses need the routes
def test_every_module_and_every_guide_can_be_printed(modules: list[CourseDocument]) -> None:
    """typst refuses a picture without words and a heading that skips a level."""
    for course in modules:
        assert b"pdfuaid" in paper.course_pdf(course)
        for lesson in course.lessons:
            for block in lesson.scenarios.values():
                assert paper.guide_pdf(course, block.scenario).startswith(b"%PDF")


@pytest.mark.once
@pytest.mark.usefixtures("api")
def test_a_lesson_with_every_kind_of_question_can_be_printed() -> None:
    from tests.learning.documents import EVERY, POLL, RATING, make_lesson

    lesson = make_lesson("alles", "1.1", *EVERY, POLL, RATING)
    course = make_course(lessons=(lesson,))
    plain = paper.lesson_pdf(course, lesson, with_answers=False)
    told = paper.lesson_pdf(course, lesson, with_answers=True)
    assert pages(told) > pages(plain)


def pages(pdf: bytes) -> int:
    opened = pdf
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            opened += decompress(part)
        except error:
            continue
    return len(re.findall(rb"/Type\s*/Page\b", opened))


def test_answers_are_printed_only_for_who_finished_the_lesson(
    browser: Browser, session: Session, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    real = paper.lesson_pdf

    def noted(course: CourseDocument, lesson: object, *, with_answers: bool) -> bytes:
        asked.append(with_answers)
        return real(course, lesson, with_answers=with_answers)

    monkeypatch.setattr(paper, "lesson_pdf", noted)
    publish(session, make_course())
    browser.get("/leren/proef/een/pdf")
    browser.sign_in(account)
    browser.get("/leren/proef/twee/pdf")
    browser.post("/leren/proef/twee/kies", {"keuze": "b", "form_id": "0" * 32})
    browser.get("/leren/proef/twee/pdf")
    assert asked == [False, False, True]


@pytest.fixture
def account(session: Session) -> Account:
    return make_account(session)


def test_a_lesson_for_members_is_not_printed_for_visitors(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    browser.get("/leren/proef/twee/pdf", status=303)
    browser.get("/modules/proef/pdf", status=303)


def test_html_becomes_elements_and_nothing_else() -> None:
    assert tree('<p>Een <strong>woord</strong> &amp; <a href="javascript:x">link</a></p>\n<p>Twee</p>') == [
        {"t": "p", "c": ["Een ", {"t": "strong", "c": ["woord"]}, " & ", {"t": "a", "c": ["link"]}]},
        {"t": "p", "c": ["Twee"]},
    ]
