"""Drafts: sent, checked, kept with what is wrong with them, taken home byte for byte, thrown away."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlmodel import Session, select

from backend.audit.models import AuditEntry
from backend.auth.models import Account
from backend.authoring import drafts
from backend.authoring.models import CourseDraft
from backend.courses import service as courses
from backend.courses.models import CourseFile, CourseVersion
from backend.courses.packages import export_zip
from tests.authoring.conftest import MANY, make_author, publish, send
from tests.authoring.packages import COURSE, lesson, package, packed, wrong, zipped
from tests.browser import Browser

CHANGED = package(een=lesson("een", right="a"))


def draft(session: Session) -> CourseDraft | None:
    return session.exec(select(CourseDraft)).one_or_none()


def test_a_package_without_errors_becomes_a_draft_that_can_be_published(
    desk: Browser, session: Session
) -> None:
    send(desk, packed(CHANGED))
    page = desk.follow()
    assert "Er staan geen fouten in" in page.text
    assert page.select_one("a[href='/redactie/modules/proef/publiceren']")
    assert "Ann Auteur" in page.select_one("#concept").text
    assert session.exec(select(AuditEntry).where(AuditEntry.action == "authoring.draft_kept")).one()
    assert courses.find(session, "proef").number == 1, "nothing is published by it"


def test_a_package_with_errors_is_kept_with_file_and_line_and_cannot_be_published(
    desk: Browser, session: Session
) -> None:
    send(desk, packed(wrong()))
    page = desk.follow()
    problem = page.select_one(".problems li")
    assert problem is not None
    assert problem.code is not None
    assert problem.code.text == "proef/een.md:15"
    assert "Bron S9 staat niet in bronnen.yaml." in problem.text
    assert "Voeg de bron toe" in problem.text
    assert "proef/een.md:8" in page.select(".fold .problems li")[0].text, "what does not stop it stands apart"
    assert "Wat verandert er?" not in page.text
    desk.get("/redactie/modules/proef/publiceren", status=409)
    desk.get("/redactie/modules/proef/voorbeeld/een", status=409)


def test_the_draft_and_the_published_version_come_back_byte_for_byte(desk: Browser, session: Session) -> None:
    send(desk, packed(CHANGED))
    sent = desk.client.get("/redactie/modules/proef/concept.zip")
    assert sent.headers["content-type"] == "application/zip"
    with ZipFile(BytesIO(sent.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == CHANGED
    version = session.exec(select(CourseVersion)).one()
    assert version.id is not None
    exported = desk.client.get("/redactie/modules/proef/versie-1.zip").content
    assert exported == export_zip(session, version.id) == zipped(package())
    desk.get("/redactie/modules/proef/versie-2.zip", status=404)


def test_the_same_package_twice_is_one_draft(desk: Browser, session: Session) -> None:
    send(desk, packed(CHANGED))
    first = draft(session)
    assert first is not None
    revision = first.revision
    send(desk, packed(CHANGED))
    again = draft(session)
    assert again is not None
    assert again.revision == revision
    send(desk, packed(package(een=lesson("een", Kern="Waarom"))), seen=str(revision))
    other = draft(session)
    assert other is not None
    assert other.revision != revision


def test_a_colleague_does_not_overwrite_what_they_did_not_see(desk: Browser, session: Session) -> None:
    send(desk, packed(CHANGED))
    mine = draft(session)
    assert mine is not None
    revision = str(mine.revision)
    desk.sign_in(make_author(session, "Cas Collega"))
    send(desk, packed(wrong()), status=409)
    kept = draft(session)
    assert kept is not None
    assert str(kept.revision) == revision
    send(desk, packed(wrong()), seen=revision)
    kept = draft(session)
    assert kept is not None
    assert kept.error_count == 1


def test_a_draft_that_is_thrown_away_leaves_no_files(desk: Browser, session: Session) -> None:
    before = set(session.exec(select(CourseFile.sha256)))
    send(desk, packed(CHANGED))
    assert set(session.exec(select(CourseFile.sha256))) > before
    page = desk.get("/redactie/modules/proef/concept/weg")
    desk.submit(page, "main form")
    assert draft(session) is None
    assert set(session.exec(select(CourseFile.sha256))) == before, "and what is published keeps its own"
    desk.submit(page, "main form")  # a second click
    assert "Het concept is weg" in desk.follow().text


def test_a_draft_that_was_replaced_leaves_no_files_either(desk: Browser, session: Session) -> None:
    send(desk, packed(CHANGED))
    with_change = set(session.exec(select(CourseFile.sha256)))
    send(desk, packed(package()))
    assert set(session.exec(select(CourseFile.sha256))) < with_change


def test_one_throws_away_only_the_draft_that_one_looked_at(desk: Browser, session: Session) -> None:
    send(desk, packed(CHANGED))
    page = desk.get("/redactie/modules/proef/concept/weg")
    send(desk, packed(wrong()))
    desk.submit(page, "main form", status=409)
    assert draft(session) is not None


WRONG_FILES = {
    "nothing": (b"", "Kies eerst een bestand"),
    "no zip": (b"hallo", "Dit is geen zip"),
    "a zip without a module": (packed({"lees.txt": b"dag"}), "In een pakket zitten begrippen.yaml"),
    "another module": (packed(package("ander")), "In dit pakket zit de module “ander”"),
    "a folder that climbs out": (packed({**package(), "../proef/een.md": b"x"}), "Deze naam kan niet"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_what_is_no_package_of_this_module_is_refused_with_a_reason(
    name: str, desk: Browser, session: Session
) -> None:
    content, said = WRONG_FILES[name]
    page = desk.upload("/redactie/modules/proef/concept", "pakket", content, status=422)
    alert = page.select_one("#opladen [role=alert]")
    assert alert is not None
    assert said in alert.text
    assert draft(session) is None


def test_a_package_that_is_too_large_is_refused_before_it_is_read(desk: Browser, session: Session) -> None:
    page = desk.upload(
        "/redactie/modules/proef/concept", "pakket", b"0" * (drafts.LARGEST + 20_000), status=413
    )
    assert "hoogstens 25 MB" in page.text
    assert draft(session) is None


def test_only_who_writes_the_module_may_send_that_much(
    browser: Browser, session: Session, author: Account
) -> None:
    publish(session)
    browser.sign_in(make_author(session, "Oscar Ander", "ander"))
    browser.upload("/redactie/modules/proef/concept", "pakket", b"0" * 2_000_000, status=404)
    browser.sign_in(author)
    browser.upload("/redactie/modules/proef/concept", "pakket", b"0" * 2_000_000, status=422)
    browser.sign_out()
    browser.upload("/redactie/modules/proef/concept", "pakket", b"0" * 2_000_000)
    assert browser.location.startswith("/aanmelden"), "a visitor is asked to sign in, whatever was sent"


def test_the_draft_of_somebody_who_missed_a_version_says_so(desk: Browser, session: Session) -> None:
    send(desk, packed(CHANGED))
    assert "Intussen is er een nieuwere versie" not in desk.get("/redactie/modules/proef").text
    publish(session, package(twee=lesson("twee", Kern="Waarom")))
    assert "Na dit concept kwam versie 2" in desk.get("/redactie/modules/proef").text


# ── a new module ──


def test_an_administrator_begins_a_new_module(
    browser: Browser, session: Session, administrator: Account
) -> None:
    browser.sign_in(administrator)
    browser.get("/redactie/nieuw")
    browser.max_queries = MANY
    browser.upload(
        "/redactie/nieuw", "pakket", packed(package("fris", course=COURSE.replace("proef", "fris")))
    )
    page = browser.follow()
    assert "Nog niet gepubliceerd." in page.text
    assert "Proefmodule" in browser.get("/redactie").text


def test_who_writes_one_module_begins_no_other(desk: Browser) -> None:
    assert "Begin een nieuwe module" not in desk.get("/redactie").text
    desk.get("/redactie/nieuw", status=404)
    desk.upload("/redactie/nieuw", "pakket", packed(package("fris")), status=404)


# ── a preview ──


def test_a_lesson_of_the_draft_is_seen_as_a_learner_would_and_nothing_is_kept(
    desk: Browser, session: Session
) -> None:
    send(desk, packed(package(een=lesson("een", **{"Dit is waar": "Dit is nieuw"}))))
    page = desk.get("/redactie/modules/proef/voorbeeld/een")
    assert "Dit is nieuw" in page.text
    assert "Dit is een concept" in page.text
    assert "de uitleg bij" not in page.text, "feedback comes after an answer, here too"
    tried = desk.get("/redactie/modules/proef/voorbeeld/een?vraag=kies&keuze=a")
    assert "Dit is de uitleg bij de ene." in tried.text
    desk.get("/redactie/modules/proef/voorbeeld/een?vraag=kies", status=422)
    desk.get("/redactie/modules/proef/voorbeeld/twee")
    desk.get("/redactie/modules/proef/voorbeeld/drie", status=404)
    assert "Dit is nieuw" not in desk.get("/leren/proef/een").text
