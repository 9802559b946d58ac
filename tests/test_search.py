"""Search: Dutch words in every form, titles with a mistake, and never what the seeker may not see."""

from time import perf_counter
from uuid import uuid4

import pytest
from sqlmodel import Session

from backend import search
from backend.search import Audience, Entry, Seeker
from tests.browser import Browser, counted_queries
from tests.factories import make_account
from tests.learning.documents import make_course, publish

VISITOR = Seeker(None, is_member=False)
MEMBER = Seeker(uuid4(), is_member=True)


def entry(key: str, title: str, text: str, **values: object) -> Entry:
    return Entry(key, "lesson", title, text, "courses.show", {"module": key}, **values)


@pytest.fixture
def filled(session: Session) -> Session:
    search.replace(
        session, "proef",
        [
            entry("a", "Polarisatie in je gemeente", "De bewoners maken ruzie over het nieuwe verkeersplan.",
                  audience=Audience.EVERYONE),
            entry("b", "Haatspraak begrenzen", "Gemeenten modereren hun kanalen. Een bewoner klaagt over censuur."),
            entry("c", "Geruchten", "Het zwembad blijft open. Polarisatie komt hier ook voor."),
        ],
    )  # fmt: skip
    return session


def keys(found: list[search.Found]) -> list[str]:
    return [each.address["module"] for each in found]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("bewoner", "b"), ("gemeenten", "a"), ("VERKEERSPLAN", "a"), ("kanaal", "b"), ("zwembaden", "c"),
        ("ruzie over plan het verkeersplan", "a"), ("zwem", "c"),
    ],
)  # fmt: skip
def test_a_word_is_found_in_whatever_form(filled: Session, query: str, first: str) -> None:
    assert first in keys(search.find(filled, query, MEMBER)), query


def test_a_title_counts_more_than_the_text(filled: Session) -> None:
    assert keys(search.find(filled, "polarisatie", MEMBER))[:2] == ["a", "c"]


@pytest.mark.parametrize("query", ["polarizatie", "haatspraka", "gerugten"])
def test_a_title_is_found_with_a_spelling_mistake(filled: Session, query: str) -> None:
    assert search.find(filled, query, MEMBER), query


def test_nonsense_finds_nothing(filled: Session) -> None:
    assert search.find(filled, "xqzwv", MEMBER) == []


def test_a_visitor_finds_only_what_is_public(filled: Session) -> None:
    assert keys(search.find(filled, "gemeente", VISITOR)) == ["a"]
    assert search.find(filled, "haatspraak", VISITOR) == []
    assert set(keys(search.find(filled, "gemeente", MEMBER))) == {"a", "b"}


def test_ones_own_notes_are_found_by_nobody_else(filled: Session) -> None:
    owner, other = uuid4(), uuid4()
    note = Entry("n", "note", "Les 1", "Het kerkplein ligt stil.", "courses.show", {"module": "n"})
    search.put(filled, "note", note, owner)
    assert keys(search.find(filled, "kerkplein", Seeker(owner, is_member=True))) == ["n"]
    assert search.find(filled, "kerkplein", Seeker(other, is_member=True)) == []
    assert search.find(filled, "kerkplein", VISITOR) == []
    search.forget_person(filled, owner)
    assert search.find(filled, "kerkplein", Seeker(owner, is_member=True)) == []


def test_what_is_written_anew_replaces_what_was_there(filled: Session) -> None:
    search.replace(filled, "proef", [entry("d", "Iets anders", "Niets over ruzies.")])
    assert search.find(filled, "zwembad", MEMBER) == []
    assert keys(search.find(filled, "ruzie", MEMBER)) == ["d"]


HOSTILE = [
    '"', "'; DROP TABLE search_entry; --", "NEAR(", "a AND", "* OR *", "&|!:*()", "col:x", "é" * 500, "woord " * 300,
    "\u202e\u200f", "👩‍👩‍👧", "-x", "^a", "{", "\\",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_anything_may_be_typed(filled: Session, query: str) -> None:
    search.find(filled, query, MEMBER)


def test_the_snippet_shows_the_word_where_it_stands() -> None:
    text = "woord " * 80 + "Het zwembad is open. " + "woord " * 80
    pieces = search.snippet(text, [search.stem("zwembaden")])
    assert [piece for piece, is_match in pieces if is_match] == ["zwembad"]
    assert sum(len(piece) for piece, _m in pieces) < 200


def test_few_queries_however_much_there_is(session: Session) -> None:
    many = [entry(f"k{n}", f"Les over onderwerp {n}", f"De burgemeester spreekt {n}.") for n in range(500)]
    search.replace(session, "veel", many)
    with counted_queries(session) as queries:
        began = perf_counter()
        assert len(search.find(session, "burgemeester", MEMBER)) == 20
        search.find(session, "onderwrep", MEMBER)
        assert perf_counter() - began < 2, "no measurement, only: it does not hang"
    assert len(queries) <= 4


def test_a_published_lesson_is_found_and_its_answers_are_not(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    page = browser.get("/zoeken?q=welke+zin")
    assert page.select_one(".results a")["href"] == "/leren/proef/een"
    assert browser.get("/zoeken?q=uitleg").select(".results a") == [], "feedback tells which answer is right"


def test_the_page_asks_what_was_not_found_in_words(browser: Browser) -> None:
    assert "Niets gevonden" in browser.get("/zoeken?q=onvindbaar").text
    assert browser.get("/zoeken").select_one("#q").has_attr("autofocus")


def test_what_was_typed_is_shown_as_text(browser: Browser) -> None:
    page = browser.get("/zoeken?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.select_one("#q")["value"] == "<script>alert(1)</script>"


def test_glossary_lists_every_word_with_its_lessons(browser: Browser, session: Session) -> None:
    publish(session, make_course())
    page = browser.get("/begrippen")
    assert page.select(".terms dt")
    assert page.select_one(".terms a")["href"].startswith("/leren/proef/")


def test_an_applicant_finds_what_a_visitor_finds(browser: Browser, session: Session) -> None:
    from backend.auth.models import AccountStatus

    publish(session, make_course())
    browser.sign_in(make_account(session, status=AccountStatus.APPLICANT))
    found = [a["href"] for a in browser.get("/zoeken?q=les").select(".results a")]
    assert not any("/leren/proef/twee" in href for href in found)
