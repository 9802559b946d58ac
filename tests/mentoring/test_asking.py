"""Before deciding: what is known of an applicant, a question, an answer; and never outside the scope."""

import pytest
from sqlalchemy import select
from sqlmodel import Session

from backend.auth.models import Account, AccountStatus
from backend.mentoring.models import AdmissionQuestion
from tests.browser import Browser
from tests.factories import make_account
from tests.mentoring.people import make_mentor, two_regions

FORM = "0123456789abcdef0123456789abcdef"
ASKED = {"vraag": "Bij welke dienst werk je?", "form_id": FORM}


@pytest.fixture
def wout(browser: Browser, session: Session) -> Account:
    here, _there = two_regions(session)
    make_account(session, "Collega", organisation=here)
    browser.sign_in(make_mentor(session))
    return make_account(session, "Wout Wacht", organisation=here, status=AccountStatus.APPLICANT)


def test_the_queue_says_what_is_known(wout: Account, browser: Browser):
    text = " ".join(browser.get("/begeleiding/aanvragen").main.text.split())
    assert "1 collega van deze organisatie is al lid" in text
    assert "test.example: dat staat niet op onze lijst" in text


def test_a_question_goes_once_and_its_answer_comes_back(wout: Account, browser: Browser, session: Session):
    path = f"/begeleiding/aanvragen/{wout.id}/vraag"
    browser.post(path, ASKED)
    browser.post(path, ASKED)
    question = session.scalars(select(AdmissionQuestion)).one()
    browser.sign_in(wout)
    page = browser.get("/aanvraag")
    assert "Bij welke dienst werk je?" in page.main.text
    browser.post(f"/aanvraag/{question.id}", {"antwoord": ""}, status=422)
    browser.post(f"/aanvraag/{question.id}", {"antwoord": "Bij samenleven."})
    browser.post(f"/aanvraag/{question.id}", {"antwoord": "Bij samenleven."})
    browser.post(f"/aanvraag/{question.id}", {"antwoord": "Iets anders."}, status=409)
    browser.sign_in(make_mentor(session, name="Collega-mentor"))
    assert "Bij samenleven." in browser.get("/begeleiding/aanvragen").main.text


def test_neither_queue_nor_question_leaves_the_scope(wout: Account, browser: Browser, session: Session):
    browser.sign_in(make_mentor(session, key="limburg", name="Verre Mentor"))
    assert "Wout" not in browser.get("/begeleiding/aanvragen").text
    browser.post(f"/begeleiding/aanvragen/{wout.id}/vraag", ASKED, status=404)
    assert session.scalars(select(AdmissionQuestion)).all() == []


def test_another_applicant_answers_no_question_of_wout(wout: Account, browser: Browser, session: Session):
    browser.post(f"/begeleiding/aanvragen/{wout.id}/vraag", ASKED)
    question = session.scalars(select(AdmissionQuestion)).one()
    browser.sign_in(make_account(session, "Ander", status=AccountStatus.APPLICANT))
    browser.post(f"/aanvraag/{question.id}", {"antwoord": "Ik ben Wout."}, status=404)
    assert "dienst" not in browser.get("/aanvraag").main.text


def test_three_questions_at_once_are_enough(wout: Account, browser: Browser):
    for number in range(3):
        browser.post(f"/begeleiding/aanvragen/{wout.id}/vraag", ASKED | {"form_id": str(number) * 32})
    browser.post(f"/begeleiding/aanvragen/{wout.id}/vraag", ASKED | {"form_id": "9" * 32}, status=409)
