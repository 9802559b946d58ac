"""More attempts or time for one participant: with a reason, in the log, and they see it."""

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from backend import mail
from backend.audit.models import AuditEntry
from backend.auth.models import Account
from backend.db import now
from backend.learning.models import Allowance
from backend.learning.service import lesson_state, start
from tests.browser import Browser
from tests.factories import viewer_of
from tests.learning.documents import CHECK, make_course, make_lesson, publish
from tests.mentoring.people import make_learner, make_mentor, two_regions


@pytest.fixture
def noor(session: Session) -> Account:
    lesson = make_lesson("een", "1.1")
    part = lesson.parts[1].model_copy(update={"blocks": (CHECK,)})
    publish(session, make_course(lessons=(lesson.model_copy(update={"parts": (lesson.parts[0], part)}),)))
    here, _there = two_regions(session)
    learner = make_learner(session, "Noor Claes", here)
    start(session, viewer_of(session, learner), "proef", now())
    return learner


def give(browser: Browser, page: BeautifulSoup, **sent: str) -> None:
    """What is given, logged and told takes some statements more than a page may: always as many."""
    before, browser.max_queries = browser.max_queries, 11
    browser.submit(page, "#extra_form", **sent)
    browser.max_queries = before


def path(account: Account) -> str:
    return f"/begeleiding/deelnemer/{account.id}/toetsen"


def test_a_mentor_gives_more_and_the_participant_sees_it(
    browser: Browser, session: Session, noor: Account
) -> None:
    browser.sign_in(make_mentor(session))
    assert browser.get(f"/begeleiding/deelnemer/{noor.id}").select_one(f"a[href='{path(noor)}']")
    page = browser.get(path(noor))
    give(browser, page, pogingen="2", procent="50", reden="Door ziekte te laat begonnen.")
    assert "Noor Claes krijgt dit" in browser.follow().text
    text = browser.get(path(noor)).text
    assert "2 pogingen" in text
    assert "Mia Mentor: Door ziekte te laat begonnen." in text
    standing = lesson_state(session, viewer_of(session, noor), "proef", "een").checks[CHECK.key]
    assert standing.allowed == CHECK.attempts + 2
    assert standing.extra_percent == 50
    letter = session.exec(select(mail.OutgoingMail)).one()
    assert letter.to == noor.email
    assert "- 2 pogingen\n- 50 % meer tijd" in letter.text
    assert "Door ziekte te laat begonnen." in letter.text
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "mentoring.allowed")).one()
    assert entry.detail == {"course": "proef", "check": CHECK.key, "attempts": 2, "percent": 50}
    browser.sign_in(noor)
    assert "2 pogingen, 50 % meer tijd" in " ".join(browser.get("/leren/proef/een").text.split())


def test_a_double_click_gives_once(browser: Browser, session: Session, noor: Account) -> None:
    browser.sign_in(make_mentor(session))
    page = browser.get(path(noor))
    for _ in range(2):
        give(browser, page, pogingen="1", reden="Door ziekte.")
    assert len(session.exec(select(Allowance)).all()) == 1
    assert len(session.exec(select(mail.OutgoingMail)).all()) == 1


WRONG = {
    "nothing": ({"pogingen": "0", "procent": "0"}, "pogingen"),
    "no reason": ({"reden": ""}, "reden"),
    "too many": ({"pogingen": "11"}, "pogingen"),
    "below nothing": ({"pogingen": "-1"}, "pogingen"),
    "no number": ({"pogingen": "veel"}, "pogingen"),
    "too much time": ({"procent": "9999"}, "procent"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_asked_again_and_what_was_typed_stays(
    name: str, browser: Browser, session: Session, noor: Account
) -> None:
    changes, field = WRONG[name]
    browser.sign_in(make_mentor(session))
    sent = {"pogingen": "1", "procent": "25", "reden": "Door ziekte."} | changes
    page = browser.submit(browser.get(path(noor)), "#extra_form", status=422, **sent)
    assert page.select_one(f"#{field}_error")
    assert page.textarea is not None
    assert page.textarea.text.strip() == sent["reden"]
    assert not session.exec(select(Allowance)).all()


def test_a_test_that_is_not_there_is_refused(browser: Browser, session: Session, noor: Account) -> None:
    browser.sign_in(make_mentor(session))
    page = browser.get(path(noor))
    browser.submit(page, "#extra_form", toets="proef/niets", pogingen="1", reden="Door ziekte.", status=404)


def test_nobody_is_given_anything_outside_the_region(
    browser: Browser, session: Session, noor: Account
) -> None:
    browser.sign_in(make_mentor(session, key="westhoek"))
    browser.get(path(noor), status=404)
    fields = {"toets": f"proef/{CHECK.key}", "pogingen": "1", "reden": "Door ziekte.", "form_id": "0" * 32}
    browser.post(path(noor), fields, status=404)
    browser.sign_in(noor).post(path(noor), fields, status=403)
    assert not session.exec(select(Allowance)).all()
