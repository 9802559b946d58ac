"""A mistake in a lesson: reported once, told to who writes it, answered by mail."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from backend import mail
from backend.audit.models import AuditEntry
from backend.auth.models import Account, Role, ScopeKind
from backend.db import now
from backend.learning import reports
from backend.learning import service as learning
from backend.learning.models import LessonReport
from tests.browser import Browser
from tests.factories import give_role, make_account, viewer_of
from tests.learning.documents import CHOICE, make_course, make_lesson, publish

HERE = "/leren/proef/een/fout"
TEXT = "In de tweede zin staat een tikfout: “polarisatei”."


@pytest.fixture
def learner(session: Session) -> Account:
    publish(session, make_course())
    return make_account(session, "Lien Lerend")


def make_author(session: Session, name: str = "Ann Auteur", course: str = "proef") -> Account:
    author = make_account(session, name)
    give_role(session, author, Role.AUTHOR, ScopeKind.COURSE, course)
    return author


def letters(session: Session) -> list[mail.OutgoingMail]:
    return list(session.exec(select(mail.OutgoingMail)))


def report(
    browser: Browser, learner: Account, text: str = TEXT, *, block: str = "", status: int = 303
) -> str:
    browser.sign_in(learner)
    page = browser.get(f"{HERE}?blok={block}")
    return browser.submit(page, "#fout_form", tekst=text, status=status).text


def test_every_lesson_has_the_link(browser: Browser, learner: Account) -> None:
    browser.sign_in(learner)
    assert browser.get("/leren/proef/een").select_one(f"a[href='{HERE}']")
    assert "Meld een fout in deze les" in browser.get(HERE).text


def test_who_writes_the_module_gets_a_mail_and_nobody_else(
    browser: Browser, session: Session, learner: Account
) -> None:
    author, other = make_author(session), make_author(session, "Oscar", "ander")
    administrator = make_account(session, "Bea")
    give_role(session, administrator, Role.ADMINISTRATOR)
    past = make_author(session, "Piet")
    for grant in session.exec(select(reports.holders.RoleGrant)):
        if grant.account_id == past.id:
            grant.ends_at = now() - timedelta(days=1)
    report(browser, learner, block="kies")
    assert "Dank je." in browser.follow().text
    (letter,) = letters(session)
    assert letter.to == author.email != other.email
    assert letter.subject == "Fout gemeld in les 1.1: een"
    assert TEXT in letter.text
    kept = session.exec(select(LessonReport)).one()
    assert f"/redactie/meldingen/{kept.id}" in letter.text
    assert (kept.lesson_key, kept.block_key, kept.text) == ("een", "kies", TEXT)


def test_without_an_author_the_administrators_hear_it(
    browser: Browser, session: Session, learner: Account
) -> None:
    administrator = make_account(session, "Bea")
    give_role(session, administrator, Role.ADMINISTRATOR)
    report(browser, learner)
    assert [letter.to for letter in letters(session)] == [administrator.email]


def test_a_double_click_reports_once(browser: Browser, session: Session, learner: Account) -> None:
    make_author(session)
    browser.sign_in(learner)
    page = browser.get(HERE)
    browser.submit(page, "#fout_form", tekst=TEXT)
    browser.submit(page, "#fout_form", tekst=TEXT)
    assert len(session.exec(select(LessonReport)).all()) == len(letters(session)) == 1
    browser.submit(browser.get(HERE), "#fout_form", tekst=TEXT)
    assert len(session.exec(select(LessonReport)).all()) == 2, "another form is another report"


def test_what_may_tell_who_somebody_is_is_sent_after_a_second_look(
    browser: Browser, session: Session, learner: Account
) -> None:
    text = "Bel mevrouw Peeters op 0470 12 34 56 om dit na te vragen."
    browser.sign_in(learner)
    page = browser.submit(browser.get(HERE), "#fout_form", tekst=text, status=422)
    assert "0470 12 34 56" in page.select_one("[role=alert]").text  # type: ignore[union-attr]
    assert page.textarea is not None
    assert page.textarea.text.strip() == text, "and what was typed is still there"
    assert not session.exec(select(LessonReport)).all()
    browser.submit(page, "#fout_form", toch="true")
    assert session.exec(select(LessonReport)).one().text == text


@pytest.mark.parametrize("text", ["", "kort", "x" * 2001, "\u200b" * 30])
def test_what_says_nothing_or_too_much_is_asked_again(
    text: str, browser: Browser, session: Session, learner: Account
) -> None:
    report(browser, learner, text, status=422)
    assert not session.exec(select(LessonReport)).all()


def test_a_block_that_is_not_in_the_lesson_counts_as_none(
    browser: Browser, session: Session, learner: Account
) -> None:
    browser.sign_in(learner)
    page = browser.get(f"{HERE}?blok=<script>")
    browser.submit(page, "#fout_form", tekst=TEXT, blok="niets-van-hier")
    assert session.exec(select(LessonReport)).one().block_key == ""
    assert browser.location == "/leren/proef/een"


def test_it_is_about_the_version_that_one_follows(
    browser: Browser, session: Session, learner: Account
) -> None:
    viewer = viewer_of(session, learner)
    learning.start(session, viewer, "proef", now())
    publish(session, make_course(lessons=(make_lesson("twee", "1.1", CHOICE),)))
    report(browser, learner)
    kept = session.exec(select(LessonReport)).one()
    assert reports.find(session, kept.id).place.lesson.key == "een", "a lesson that is gone from the newest"
    somebody_else = make_account(session, "Rik")
    browser.sign_in(somebody_else).get(HERE, status=404)


def test_a_visitor_is_asked_to_sign_in(browser: Browser, learner: Account) -> None:
    browser.get(HERE, status=303)
    assert browser.location == "/aanmelden?next=%2Fleren%2Fproef%2Feen%2Ffout"


def test_not_more_than_ten_an_hour(session: Session, learner: Account) -> None:
    viewer = viewer_of(session, learner)
    place = reports.place_of(session, viewer, "proef", "een")
    moment = now()
    for number in range(10):
        assert reports.send(session, viewer, place, "", f"{TEXT} {number}", f"{number:032x}", moment)
    assert not reports.send(session, viewer, place, "", f"{TEXT} 3", f"{3:032x}", moment), (
        "a repeat is no new one"
    )
    with pytest.raises(reports.TooMany):
        reports.send(session, viewer, place, "", TEXT, "f" * 32, moment)
    assert reports.send(session, viewer, place, "", TEXT, "f" * 32, moment + timedelta(hours=2))


# ── the answer ──


def test_an_author_answers_and_the_reporter_gets_a_mail(
    browser: Browser, session: Session, learner: Account
) -> None:
    author = make_author(session)
    report(browser, learner)
    kept = session.exec(select(LessonReport)).one()
    report_id = kept.id
    browser.sign_in(author)
    assert TEXT[:40] in browser.get("/redactie").text
    page = browser.get(f"/redactie/meldingen/{report_id}")
    assert "Lien Lerend" in page.text
    browser.submit(page, "#antwoord_form", antwoord="Dank je, het is verbeterd.")
    answered = session.get(LessonReport, report_id)
    assert answered is not None
    assert answered.handled_by_id == author.id
    letter = letters(session)[-1]
    assert letter.to == learner.email
    assert "Dank je, het is verbeterd." in letter.text
    assert "Geen enkele melding wacht" in browser.get("/redactie").text
    assert "Ann Auteur" in browser.get("/redactie/meldingen").text
    assert session.exec(select(AuditEntry).where(AuditEntry.action == "authoring.report_answered")).one()
    browser.submit(page, "#antwoord_form", antwoord="Dank je, het is verbeterd.")  # a second click
    assert len(letters(session)) == 2


def test_a_colleague_who_comes_second_is_told_and_loses_no_words(
    browser: Browser, session: Session, learner: Account
) -> None:
    report(browser, learner)
    kept = session.exec(select(LessonReport)).one()
    report_id = kept.id
    browser.sign_in(make_author(session, "Cas"))
    page = browser.get(f"/redactie/meldingen/{report_id}")
    browser.sign_in(make_author(session))
    browser.submit(page, "#antwoord_form", antwoord="Is verbeterd.")
    browser.sign_in(make_author(session, "Eva"))
    late = browser.submit(page, "#antwoord_form", antwoord="Dat klopt zo.", status=409)
    assert "Ann Auteur antwoordde al" in late.text
    assert "Dat klopt zo." in late.text
    assert len(letters(session)) == 1
    browser.submit(page, "#antwoord_form", antwoord="", status=422)


def test_a_report_about_another_module_does_not_exist(
    browser: Browser, session: Session, learner: Account
) -> None:
    report(browser, learner)
    report_id = session.exec(select(LessonReport)).one().id
    browser.sign_in(make_author(session, "Oscar", "ander"))
    browser.get(f"/redactie/meldingen/{report_id}", status=404)
    browser.post(f"/redactie/meldingen/{report_id}", {"antwoord": "Dat klopt zo."}, status=404)
    assert TEXT[:40] not in browser.get("/redactie/meldingen").text


def test_ones_own_reports_go_along_and_can_be_erased(session: Session, learner: Account) -> None:
    viewer = viewer_of(session, learner)
    place = reports.place_of(session, viewer, "proef", "een")
    reports.send(session, viewer, place, "", TEXT, "0" * 32, now())
    (mine,) = reports.export_of(session, learner.id)
    assert mine["text"] == TEXT
    assert "account_id" not in mine
    reports.erase(session, learner.id)
    assert reports.export_of(session, learner.id) == []
