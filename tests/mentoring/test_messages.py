"""Words between a mentor and a learner: once within a week, answered on the site, and about what was shared."""

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from backend import mail
from backend.auth.models import Account, RoleGrant, ScopeKind
from backend.db import now
from backend.learning.models import SharedReflection
from backend.mentoring import feedback, messages
from backend.mentoring.models import LastNudge, Message
from backend.mentoring.participants import ids_in
from backend.mentoring.policy import Scope
from tests.browser import Browser
from tests.factories import viewer_of
from tests.learning.documents import make_course, make_lesson, publish
from tests.mentoring.people import make_learner, make_mentor, two_regions

TEXT = "Dag {naam}, hoe loopt het met de module?"


@pytest.fixture
def noor(session: Session) -> Account:
    here, _there = two_regions(session)
    return make_learner(session, "Noor Claes", here)


def nudge(browser: Browser, *people: Account, text: str = TEXT, step: str = "stuur") -> BeautifulSoup:
    page = browser.get("/begeleiding/woord?" + "&".join(f"wie={person.id}" for person in people))
    form_id = page.select_one("[name=form_id]")
    assert form_id
    browser.max_queries = 40  # a mail, a log line and a message for each
    body = {"wie": [str(p.id) for p in people], "tekst": text, "stap": step, "form_id": str(form_id["value"])}
    return browser.post("/begeleiding/woord", body, status=303 if step == "stuur" else 200)


def letters(session: Session) -> list[mail.OutgoingMail]:
    return list(session.exec(select(mail.OutgoingMail)).all())


def test_a_mentor_sees_first_what_the_learner_will_read(
    browser: Browser, session: Session, noor: Account
) -> None:
    browser.sign_in(make_mentor(session))
    assert "Dag Noor, hoe loopt het" in nudge(browser, noor, step="").text
    assert not letters(session)


def test_a_word_is_on_the_site_and_in_the_mail_and_is_answered(
    browser: Browser, session: Session, noor: Account
) -> None:
    mentor = make_mentor(session)
    browser.sign_in(mentor)
    nudge(browser, noor)
    assert [letter.to for letter in letters(session)] == [noor.email]
    assert "Dag Noor, hoe loopt het" in letters(session)[0].text

    browser.sign_out().sign_in(noor)
    assert "Je mentor schreef je" in browser.get("/").text
    page = browser.get("/mijn/berichten")
    assert "nieuw" in page.select(".thread li")[0].text
    assert "nieuw" not in browser.get("/mijn/berichten").select(".thread li")[0].text
    browser.submit(page, "#word_form", tekst="Ik had geen tijd, morgen weer.")
    assert letters(session)[-1].to == mentor.email
    assert "geen tijd" not in letters(session)[-1].text  # read on the site, behind a sign-in

    elsewhere = make_mentor(session, key="limburg")
    browser.sign_out().sign_in(elsewhere)
    assert "nieuw antwoord" not in browser.get("/").text
    browser.sign_out().sign_in(mentor)
    assert "1 nieuw antwoord van een deelnemer" in browser.get("/").text
    assert "1 nieuw" in browser.get("/begeleiding").select_one("main header").text
    assert "1 nieuw" in browser.get("/begeleiding/gesprekken").text
    page = browser.get(f"/begeleiding/deelnemer/{noor.id}/gesprek")
    browser.submit(page, "#word_form", tekst="Fijn!")
    assert [line.message.kind for line in messages.conversation(session, noor.id)] == [
        "nudge",
        "reply",
        "answer",
    ]


@pytest.mark.parametrize("is_erased", [False, True])
def test_a_reply_is_kept_when_who_wrote_is_gone_or_no_mentor_any_more(
    browser: Browser, session: Session, noor: Account, is_erased: bool
) -> None:
    """Whoever follows now reads it; who lost the role hears nothing of it."""
    mentor = make_mentor(session)
    browser.sign_in(mentor)
    nudge(browser, noor)
    browser.sign_out().sign_in(noor)
    page = browser.get("/mijn/berichten")
    if is_erased:
        messages.erase(session, mentor.id)
    else:
        [role] = session.exec(select(RoleGrant).where(RoleGrant.account_id == mentor.id)).all()
        role.ends_at = now()
        session.flush()
    browser.submit(page, "#word_form", tekst="Ik had geen tijd, morgen weer.")
    assert messages.conversation(session, noor.id)[-1].message.text == "Ik had geen tijd, morgen weer."
    assert [letter.to for letter in letters(session)] == [noor.email]


def test_nobody_is_nudged_twice_within_a_week(browser: Browser, session: Session, noor: Account) -> None:
    browser.sign_in(make_mentor(session))
    nudge(browser, noor)
    browser.sign_out().sign_in(make_mentor(session, name="Otto Mentor"))
    nudge(browser, noor, text="En nu van mij, hoe gaat het?")
    assert "Niet verstuurd naar Noor Claes" in browser.follow().text
    assert len(letters(session)) == 1
    session.get_one(LastNudge, noor.id).at = now() - messages.QUIET
    session.flush()
    nudge(browser, noor)
    assert len(letters(session)) == 2


def test_the_same_form_twice_is_one_word(session: Session, noor: Account) -> None:
    viewer = viewer_of(session, make_mentor(session))
    first = messages.nudge(session, viewer, [noor.id], TEXT, "a" * 32, now())
    again = messages.nudge(session, viewer, [noor.id], TEXT, "a" * 32, now())
    assert [p.id for p in first.sent] == [p.id for p in again.sent] == [noor.id]
    assert len(letters(session)) == 1


def test_a_mentor_of_another_region_or_whose_role_ended_writes_to_nobody(
    browser: Browser, session: Session, noor: Account
) -> None:
    far = make_mentor(session, ScopeKind.REGION, "westhoek")
    browser.sign_in(far)
    for path in (f"/begeleiding/woord?wie={noor.id}", f"/begeleiding/deelnemer/{noor.id}/gesprek"):
        assert "Noor" not in browser.get(path, status=404).text
    body = {"wie": str(noor.id), "tekst": TEXT, "stap": "stuur", "form_id": "a" * 32}
    browser.post("/begeleiding/woord", body, status=404)
    browser.sign_out()
    near = make_mentor(session)
    browser.sign_in(near)
    browser.get(f"/begeleiding/woord?wie={noor.id}")
    session.exec(select(RoleGrant).where(RoleGrant.account_id == near.id)).one().ends_at = now()
    session.flush()
    browser.post("/begeleiding/woord", body, status=403)  # in the middle of writing
    assert not session.exec(select(Message)).all()


def test_who_may_not_be_nudged_is_not_reached_as_an_answer(
    browser: Browser, session: Session, noor: Account
) -> None:
    browser.sign_in(make_mentor(session))
    path = f"/begeleiding/deelnemer/{noor.id}/gesprek"
    browser.post(path, {"tekst": "Nog eens.", "form_id": "a" * 32}, status=404)


@pytest.mark.parametrize("text", ["", "kort", "x" * 2001, "\u200b" * 30, "a\x07" * 20])
def test_a_text_that_cannot_be_is_refused_and_kept(
    text: str, browser: Browser, session: Session, noor: Account
) -> None:
    browser.sign_in(make_mentor(session))
    body = {"wie": str(noor.id), "tekst": text, "stap": "stuur", "form_id": "a" * 32}
    page = browser.post("/begeleiding/woord", body, status=422)
    assert page.select_one(".error")
    assert str(noor.id) in {str(field["value"]) for field in page.select("[name=wie]")}


def test_who_is_no_person_is_not_there(browser: Browser, session: Session, noor: Account) -> None:
    browser.sign_in(make_mentor(session))
    browser.post("/begeleiding/woord", {"wie": "x", "tekst": TEXT, "form_id": "a" * 32}, status=404)
    assert browser.get("/begeleiding/woord", status=303) is not None


# ── feedback ──


def share(session: Session, person: Account, text: str = "Wij kozen voor het midden.") -> None:
    key = make_lesson("een", "1.1")
    publish(session, make_course(lessons=(key,)))
    block = next((b.key for b in key.blocks.values() if b.type == "reflection"), "notitie")
    row = SharedReflection(
        account_id=person.id,
        course_key="proef",
        lesson_key="een",
        block_key=block,
        text=text,
        shared_at=now(),
    )
    session.merge(row)
    session.flush()


def waiting(session: Session) -> list[feedback.Waiting]:
    return feedback.unanswered(session, ids_in(Scope(True, (), (), ()), now()))


def test_what_is_shared_waits_until_somebody_says_something(
    browser: Browser, session: Session, noor: Account
) -> None:
    share(session, noor)
    [wait] = waiting(session)
    browser.sign_in(make_mentor(session))
    overview = browser.get("/begeleiding/gesprekken")
    link = overview.select_one("aside a.hit")
    assert link
    page = browser.get(str(link["href"]))
    assert "Wij kozen voor het midden." in page.text
    browser.max_queries = 12
    browser.submit(page, "#word_form", tekst="Sterk dat je beide kanten noemt.")
    assert not waiting(session)
    browser.sign_out().sign_in(noor)
    assert "Sterk dat je beide kanten noemt." in browser.get("/mijn/berichten").text
    session.get_one(SharedReflection, (noor.id, "proef", "een", wait.about.block_key)).shared_at = now()
    session.flush()
    assert len(waiting(session)) == 1  # shared anew: waits again


def test_what_was_taken_back_is_not_there_any_more(browser: Browser, session: Session, noor: Account) -> None:
    share(session, noor)
    [wait] = waiting(session)
    session.delete(session.get_one(SharedReflection, (noor.id, "proef", "een", wait.about.block_key)))
    session.flush()
    browser.sign_in(make_mentor(session))
    path = f"/begeleiding/deelnemer/{noor.id}/reflecties/proef/een/{wait.about.block_key}"
    browser.get(path, status=404)
    browser.post(path, {"tekst": "Toch iets.", "form_id": "a" * 32}, status=404)


def test_one_s_own_words_are_exported_and_erased(session: Session, noor: Account) -> None:
    mentor = make_mentor(session)
    messages.nudge(session, viewer_of(session, mentor), [noor.id], TEXT, "a" * 32, now())
    session.flush()
    assert messages.export_of(session, noor.id)[0]["text"].startswith("Dag Noor")
    messages.erase(session, mentor.id)
    assert messages.conversation(session, noor.id)[0].by == ""
    messages.erase(session, noor.id)
    assert not messages.conversation(session, noor.id)
