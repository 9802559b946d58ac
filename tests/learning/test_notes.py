"""Notes and bookmarks: one's own, found again, taken along; what may tell who somebody is, is kept after a second look."""

import io
import re

import pytest
from docx import Document
from sqlalchemy import func
from sqlmodel import Session, select

from backend import search
from backend.auth.models import Account, Viewer
from backend.db import now
from backend.errors import NotFound
from backend.learning import notebook, notes, reflections
from backend.learning.answers import MayTell
from backend.learning.enrolments import Address
from backend.learning.models import BlockNote
from backend.learning.service import save_note
from tests.browser import Browser
from tests.factories import make_account, viewer_of
from tests.learning.documents import make_course, publish

HERE = Address("proef", "een", "kies")


@pytest.fixture
def account(session: Session) -> Account:
    publish(session, make_course())
    return make_account(session)


@pytest.fixture
def viewer(session: Session, account: Account) -> Viewer:
    return viewer_of(session, account)


def keep(session: Session, viewer: Viewer, text: str, *, marked: bool = False, at: Address = HERE) -> None:
    notes.keep(session, viewer, at, notes.Wish(text, marked), now())


def test_a_note_is_written_changed_and_thrown_away(session: Session, viewer: Viewer) -> None:
    keep(session, viewer, "Navragen bij de bib")
    keep(session, viewer, "Navragen bij de balie", marked=True)
    (only,) = notes.mine(session, viewer)
    assert (only.note.text, only.note.is_bookmarked) == ("Navragen bij de balie", True)
    keep(session, viewer, "")
    assert notes.mine(session, viewer) == []


def test_the_form_sent_twice_leaves_one_note(browser: Browser, session: Session, account: Account) -> None:
    browser.sign_in(account)
    for _ in range(2):
        browser.post("/leren/proef/een/notitie/kies", {"tekst": "Eén keer", "bladwijzer": "true"})
    assert session.scalar(select(func.count()).select_from(BlockNote)) == 1
    assert browser.location == "/leren/proef/een#kies"


def test_a_note_stands_in_the_order_of_the_lessons(session: Session, viewer: Viewer) -> None:
    keep(session, viewer, "later", at=Address("proef", "twee", "kies"))
    keep(session, viewer, "eerst")
    assert [each.note.text for each in notes.mine(session, viewer)] == ["eerst", "later"]


def test_a_note_outlives_its_block(session: Session, viewer: Viewer) -> None:
    keep(session, viewer, "blijft")
    session.exec(select(BlockNote)).one().block_key = "weg"
    session.flush()
    (only,) = notes.mine(session, viewer)
    assert only.place is None
    assert only.note.text == "blijft"


@pytest.mark.parametrize(
    "path", ["/leren/proef/een/notitie/geen", "/leren/geen/een/notitie/kies", "/leren/proef/x/notitie/kies"]
)
def test_a_place_that_does_not_exist_is_told(browser: Browser, account: Account, path: str) -> None:
    browser.sign_in(account)
    browser.get(path, status=404)
    browser.post(path, {"tekst": "x"}, status=404)


def test_nobody_else_sees_it(browser: Browser, session: Session, viewer: Viewer) -> None:
    keep(session, viewer, "Alleen van mij, over het kerkplein")
    browser.sign_in(make_account(session, "Iemand anders"))
    for path in ("/mijn/notities", "/leren/proef/een/notitie/kies", "/mijn/notities/uitvoer.md"):
        assert "kerkplein" not in browser.get(path).text
    assert browser.get("/zoeken?q=kerkplein").select(".results li") == []


def test_ones_own_note_is_found_by_search_until_it_is_gone(
    browser: Browser, session: Session, account: Account, viewer: Viewer
) -> None:
    keep(session, viewer, "Over het kerkplein")
    browser.sign_in(account)
    assert browser.get("/zoeken?q=kerkpleinen").select_one(".results a")["href"] == "/leren/proef/een#kies"
    keep(session, viewer, "")
    assert browser.get("/zoeken?q=kerkpleinen").select(".results li") == []


def test_a_name_is_kept_only_after_a_second_look(
    browser: Browser, account: Account, session: Session
) -> None:
    browser.sign_in(account)
    sent = {"tekst": "Jan Peeters belde, 0475 12 34 56"}
    page = browser.post("/leren/proef/een/notitie/kies", sent, status=422)
    assert page.select_one("[role=alert]")
    assert {q.text for q in page.select("q")} == {"Jan Peeters", "0475 12 34 56"}
    assert page.select_one("textarea").text.strip() == sent["tekst"], "nothing typed is lost"
    assert session.scalar(select(func.count()).select_from(BlockNote)) == 0
    browser.submit(page, "#notitie", toch="true")
    assert session.scalar(select(func.count()).select_from(BlockNote)) == 1


def test_what_was_decided_once_is_not_asked_again(session: Session, viewer: Viewer) -> None:
    notes.keep(session, viewer, HERE, notes.Wish("Jan Peeters", False, is_meant=True), now())
    keep(session, viewer, "Jan Peeters en de bib")
    with pytest.raises(MayTell):
        keep(session, viewer, "Jan Peeters en An Claes")


def test_a_reflection_too(session: Session, viewer: Viewer) -> None:
    at = Address("proef", "een", "notitie")
    with pytest.raises(MayTell):
        save_note(session, viewer, at, "mail jan@gemeente.be", now())
    assert reflections.mine(session, viewer) == []
    save_note(session, viewer, at, "mail jan@gemeente.be", now(), is_meant=True)
    assert reflections.mine(session, viewer)[0].text == "mail jan@gemeente.be"


@pytest.mark.parametrize("text", ["x" * 5001, "a\x07b"])
def test_what_cannot_be_kept_is_told_and_stays(browser: Browser, account: Account, text: str) -> None:
    browser.sign_in(account)
    page = browser.post("/leren/proef/een/notitie/kies", {"tekst": text}, status=422)
    assert page.select_one("[data-invalid]")
    assert page.select_one("textarea").text.strip()[:1] == text[0]


def test_notes_are_searched_in_whatever_form(
    browser: Browser, session: Session, account: Account, viewer: Viewer
) -> None:
    keep(session, viewer, "Bewoners vragen licht")
    keep(session, viewer, "Iets anders", at=Address("proef", "twee", "kies"))
    browser.sign_in(account)
    page = browser.get("/mijn/notities?q=bewoner")
    assert [p.text for p in page.select(".written")] == ["Bewoners vragen licht"]
    assert "Geen notitie met" in browser.get("/mijn/notities?q=niks").text


def test_everything_goes_along_as_markdown_and_word(session: Session, viewer: Viewer) -> None:
    keep(session, viewer, "# geen kop <script>\n- *geen* lijst\x0b")
    save_note(session, viewer, Address("proef", "een", "notitie"), "Spanning rond 🚲 é", now())
    book = notebook.of(session, viewer, now())
    text = notebook.as_markdown(book)
    assert "Spanning rond 🚲 é" in text
    assert r"\# geen kop \<script\>" in text, "what one wrote is never read as Markdown"
    document = Document(io.BytesIO(notebook.as_docx(book)))
    words = "\n".join(p.text for p in document.paragraphs)
    assert "# geen kop <script>" in words
    assert "Spanning rond 🚲 é" in words
    assert re.search(r"Welke spanning hoor jij", words), "the question stands with the answer"


def test_ones_notes_can_be_exported_and_erased(session: Session, viewer: Viewer) -> None:
    keep(session, viewer, "Over het kerkplein")
    assert notes.export_of(session, viewer.id)[0]["text"] == "Over het kerkplein"
    notes.erase(session, viewer.id)
    assert notes.mine(session, viewer) == []
    assert search.find(session, "kerkplein", search.Seeker(viewer.id, is_member=True)) == []


def test_place_of_a_part_counts_too(session: Session, viewer: Viewer) -> None:
    with pytest.raises(NotFound):
        notes.place_of(session, Address("proef", "een", "deel-bestaat-niet"))
