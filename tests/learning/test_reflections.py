"""Reflections: private, until one is shared; what is shared is what the writer saw."""

import pytest
from sqlmodel import Session

from backend.auth.models import Account, Role, ScopeKind, Viewer
from backend.db import now
from backend.errors import Conflict, NotFound
from backend.learning import reflections
from backend.learning.enrolments import Address
from backend.learning.service import save_note
from tests.browser import Browser
from tests.factories import give_role, make_account, viewer_of
from tests.learning.documents import make_course, publish

HERE = Address("proef", "een", "notitie")
PATH = "/mijn/reflecties/proef/een/notitie"


@pytest.fixture
def account(session: Session) -> Account:
    publish(session, make_course())
    return make_account(session)


@pytest.fixture
def viewer(session: Session, account: Account) -> Viewer:
    viewer = viewer_of(session, account)
    save_note(session, viewer, HERE, "De spanning rond het plein", now())
    return viewer


def test_nothing_is_shared_by_itself(session: Session, viewer: Viewer) -> None:
    (mine,) = reflections.mine(session, viewer)
    assert mine.shared_at is None
    assert reflections.shared_by(session, viewer.id) == []


def test_one_entry_is_shared_and_taken_back(
    browser: Browser, session: Session, account: Account, viewer: Viewer
) -> None:
    browser.sign_in(account)
    browser.submit(browser.get("/mijn/reflecties"), f"form[action='{PATH}/delen']")
    browser.post(f"{PATH}/delen", {"tekst": "De spanning rond het plein"})  # a double click
    (shared,) = reflections.shared_by(session, viewer.id)
    assert shared.text == "De spanning rond het plein"
    browser.post(f"{PATH}/terugnemen")
    browser.post(f"{PATH}/terugnemen")
    assert reflections.shared_by(session, viewer.id) == []


def test_what_one_writes_after_sharing_is_private_again(session: Session, viewer: Viewer) -> None:
    reflections.share(session, viewer, HERE, "De spanning rond het plein", now())
    save_note(session, viewer, HERE, "En nog iets dat niemand hoeft te weten", now())
    (shared,) = reflections.shared_by(session, viewer.id)
    assert shared.text == "De spanning rond het plein"
    (mine,) = reflections.mine(session, viewer)
    assert mine.changed_since


def test_a_text_that_changed_in_another_tab_is_not_shared_unseen(session: Session, viewer: Viewer) -> None:
    save_note(session, viewer, HERE, "Een nieuwere tekst", now())
    with pytest.raises(Conflict):
        reflections.share(session, viewer, HERE, "De spanning rond het plein", now())
    assert reflections.shared_by(session, viewer.id) == []


def test_a_name_is_shared_only_after_a_second_look(
    browser: Browser, session: Session, account: Account, viewer: Viewer
) -> None:
    save_note(session, viewer, HERE, "Jan Peeters is boos", now(), is_meant=True)
    browser.sign_in(account)
    page = browser.post(f"{PATH}/delen", {"tekst": "Jan Peeters is boos"}, status=422)
    assert page.select_one("[role=alert] q").text == "Jan Peeters"
    assert reflections.shared_by(session, viewer.id) == []
    browser.submit(page, f"form[action='{PATH}/delen']", toch="true")
    assert len(reflections.shared_by(session, viewer.id)) == 1


def test_sharing_what_is_not_there_is_told(browser: Browser, session: Session, account: Account) -> None:
    browser.sign_in(account)
    browser.post(f"{PATH}/delen", {"tekst": ""}, status=404)
    browser.post("/mijn/reflecties/geen/een/notitie/delen", {"tekst": "x"}, status=404)


def test_somebody_elses_reflection_cannot_be_shared(session: Session, viewer: Viewer) -> None:
    other = viewer_of(session, make_account(session, "Ander"))
    with pytest.raises(NotFound):
        reflections.share(session, other, HERE, "De spanning rond het plein", now())


def test_a_mentor_sees_what_was_shared_and_nothing_else(
    browser: Browser, session: Session, account: Account, viewer: Viewer
) -> None:
    save_note(session, viewer, Address("proef", "twee", "notitie"), "Dit blijft van mij", now())
    reflections.share(session, viewer, HERE, "De spanning rond het plein", now())
    mentor = make_account(session, "Mentor")
    give_role(session, mentor, Role.MENTOR, ScopeKind.ALL)
    browser.sign_in(mentor)
    page = browser.get(f"/begeleiding/deelnemer/{account.id}")
    assert "De spanning rond het plein" in page.text
    assert "Dit blijft van mij" not in page.text


def test_the_plan_finds_what_was_written_for_its_fields(session: Session, viewer: Viewer) -> None:
    assert reflections.for_plan(session, viewer.id, "geen.veld") == []
    field = reflections.mine(session, viewer)[0].block.plan
    assert [w.text for w in reflections.for_plan(session, viewer.id, field)] == ["De spanning rond het plein"]


def test_sharing_is_erased_with_its_person(session: Session, viewer: Viewer) -> None:
    reflections.share(session, viewer, HERE, "De spanning rond het plein", now())
    assert reflections.export_of(session, viewer.id)[0]["text"] == "De spanning rond het plein"
    reflections.erase(session, viewer.id)
    assert reflections.shared_by(session, viewer.id) == []
