"""The overview: who is in it, what it says about each, and what it costs."""

import re
from datetime import timedelta
from time import perf_counter

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session

from backend.auth.models import AccountStatus, Role, ScopeKind
from backend.db import now
from backend.learning.models import Enrolment
from backend.mentoring import service
from tests.browser import Browser
from tests.factories import give_role, make_account, make_municipality
from tests.mentoring.people import (
    add_progress,
    add_result,
    make_learner,
    make_many,
    make_mentor,
    make_module,
    two_regions,
)


def words(tag) -> str:
    return " ".join(tag.get_text(" ").split())


def row_of(page: BeautifulSoup, name: str):
    [row] = [row for row in page.select(".heat tbody tr") if name in row.th.text]
    return row


def names(page: BeautifulSoup) -> list[str]:
    return [link.text for link in page.select(".heat tbody th a")]


def cells(row) -> list[str]:
    return [cell["data-is"] for cell in row.select("td[data-is]")]


@pytest.fixture
def waasland(browser: Browser, session: Session):
    """A mentor of Waasland, signed in, with four people who stand in four places."""
    make_module(session)
    here, there = two_regions(session)
    make_learner(
        session, "Stan Stuk", here, done=3, tries=3, silent=timedelta(days=12), function="wijkinspecteur"
    )
    make_learner(session, "Stille Sara", here, done=1, busy=True, silent=timedelta(days=20))
    make_learner(session, "Nele Nieuw", here, admitted=timedelta(days=11))
    make_learner(session, "Bezige Bert", here, done=2, busy=True, silent=timedelta(hours=1))
    make_learner(session, "Klare Karel", here, done=7, silent=timedelta(days=40))
    make_learner(session, "Verre Vera", there, done=7)
    return browser.sign_in(make_mentor(session))


def test_each_cell_has_its_state_as_a_word(waasland: Browser):
    page = waasland.get("/begeleiding")
    assert cells(row_of(page, "Stan Stuk")) == ["done", "done", "done", "stuck", "new", "new", "new"]
    assert cells(row_of(page, "Bezige Bert")) == ["done", "done", "busy", "new", "new", "new", "new"]
    assert cells(row_of(page, "Nele Nieuw")) == ["new"] * 7
    assert [i.text for i in row_of(page, "Stan Stuk").select("td i")][:5] == ["klaar"] * 3 + [
        "vast",
        "nog niet",
    ]


def test_a_row_says_function_municipality_and_last_active(waasland: Browser):
    page = waasland.get("/begeleiding")
    assert "wijkinspecteur" in words(row_of(page, "Stan Stuk"))
    assert "Elzendonk" in words(row_of(page, "Stan Stuk"))
    assert words(row_of(page, "Stan Stuk")).endswith("12 dagen")
    assert words(row_of(page, "Nele Nieuw")).endswith("nooit")


def test_the_totals_count_who_is_done(waasland: Browser):
    total = waasland.get("/begeleiding").select_one(".heat tfoot tr")
    assert words(total) == "Klaar, van 5 4 3 2 1 1 1 1"


def test_who_needs_a_word_comes_with_the_reason_most_telling_first(waasland: Browser):
    page = waasland.get("/begeleiding")
    said = [words(item) for item in page.select(".need > li")]
    assert [re.search(r"Stan Stuk|Stille Sara|Nele Nieuw", one)[0] for one in said] == [
        "Stan Stuk",
        "Stille Sara",
        "Nele Nieuw",
    ]
    assert "3 keer na elkaar fout in les 1.4, en daarna 12 dagen stil" in said[0]
    assert "5 deelnemers" in words(page.header) + words(page.main)
    assert "3 vragen een woord" in words(page.main)


@pytest.mark.parametrize(
    ("pill", "expected"),
    [
        ("alle", {"Stan Stuk", "Stille Sara", "Nele Nieuw", "Bezige Bert", "Klare Karel"}),
        ("woord", {"Stan Stuk", "Stille Sara", "Nele Nieuw"}),
        ("schema", {"Bezige Bert"}),
        ("klaar", {"Klare Karel"}),
    ],
)
def test_a_pill_shows_one_group_and_its_number_is_right(waasland: Browser, pill: str, expected: set[str]):
    page = waasland.get(f"/begeleiding?toon={pill}")
    assert set(names(page)) == expected
    chosen = page.select_one(".pill:has(input[checked])")
    assert words(chosen).endswith(str(len(expected)))


def test_three_orders(waasland: Browser):
    assert names(waasland.get("/begeleiding"))[:3] == ["Stan Stuk", "Stille Sara", "Nele Nieuw"]
    assert names(waasland.get("/begeleiding?volgorde=naam")) == sorted(names(waasland.get("/begeleiding")))
    by_last = names(waasland.get("/begeleiding?volgorde=actief"))
    assert by_last == ["Bezige Bert", "Stan Stuk", "Stille Sara", "Klare Karel", "Nele Nieuw"]


def test_search_finds_names_functions_and_municipalities_without_accents_or_case(
    waasland: Browser, session: Session
):
    make_learner(
        session, "Éloïse Müller", make_municipality(session, "Wilgenrode"), function="bibliothecaris"
    )
    for wanted in ("eloise", "MULLER", "biblio", "wilgen", "muller wilgenrode"):
        assert names(waasland.get(f"/begeleiding?zoek={wanted}")) == ["Éloïse Müller"], wanted
    # No wildcard: nothing but letters and digits counts.
    assert names(waasland.get("/begeleiding?zoek=%25")) != []
    assert "Niemand gevonden" in words(waasland.get("/begeleiding?zoek=xyz").main)


def test_municipalities_to_choose_are_those_of_the_scope(waasland: Browser, session: Session):
    other = make_municipality(session, "Wilgenrode")
    make_learner(session, "Wim Wilg", other)
    page = waasland.get("/begeleiding")
    assert [option.text for option in page.select("#gemeente option")] == [
        "Alle gemeenten",
        "Elzendonk",
        "Wilgenrode",
    ]
    assert page.select_one("#regio") is None  # one region is no choice
    page = waasland.get(f"/begeleiding?gemeente={other.municipality_nis}")
    assert names(page) == ["Wim Wilg"]
    assert page.select_one("#gemeente option[selected]").text == "Wilgenrode"


def test_a_mentor_of_two_regions_chooses_a_region_and_then_its_municipalities(
    waasland: Browser, session: Session
):
    page = waasland.sign_in(make_mentor(session, ScopeKind.ALL, "", "Alle Alma")).get(
        "/begeleiding?regio=limburg"
    )
    assert names(page) == ["Verre Vera"]
    assert [option.text for option in page.select("#gemeente option")] == []  # one left: no choice
    page = waasland.get("/begeleiding")
    assert [option.text for option in page.select("#regio option")] == ["Alle regio’s", "Limburg", "Waasland"]


@pytest.mark.parametrize(
    "query", ["toon=alles", "volgorde=omgekeerd", "pagina=0", "pagina=x", "zoek=" + "a" * 101]
)
def test_an_address_that_cannot_be_right_is_404(waasland: Browser, query: str):
    waasland.get(f"/begeleiding?{query}", status=404)


def test_htmx_gets_only_the_block_with_the_same_people(waasland: Browser):
    whole = waasland.get("/begeleiding?toon=woord")
    block = waasland.get("/begeleiding?toon=woord", part="progress")
    assert block.h1 is None
    assert names(block) == names(whole)
    assert block.select_one("#progress form[hx-get='/begeleiding'][hx-target='#progress']")
    assert "Wie heeft vandaag" not in block.text


def test_the_filter_is_a_form_that_works_without_javascript(waasland: Browser):
    form = waasland.get("/begeleiding?toon=woord&zoek=stan").select_one("form[role=search]")
    assert form["method"] == "get"
    assert form["action"] == "/begeleiding"
    assert form.select_one("input[name=toon][value=woord]").has_attr("checked")
    assert form.select_one("input[name=zoek]")["value"] == "stan"
    assert form.select_one("button")


def test_two_modules_stand_side_by_side(waasland: Browser, session: Session):
    make_module(session, "desinformatie", 2, lessons=3)
    add_progress(
        session,
        make_account(session, "Iemand"),
        done=1,
        busy=False,
        tries=0,
        last=now(),
        module="desinformatie",
    )
    page = waasland.get("/begeleiding")
    assert [(th.text, th["colspan"]) for th in page.select(".groups th[colspan]")[:-1]] == [
        ("Polarisatie", "7"),
        ("Desinformatie", "3"),
    ]
    assert len(cells(row_of(page, "Stan Stuk"))) == 10
    assert row_of(page, "Klare Karel").has_attr("data-need") is False  # done with all that was begun


def test_people_who_follow_others_are_not_followed(waasland: Browser, session: Session):
    here = make_municipality(session, "Wilgenrode")
    for role in (Role.MENTOR, Role.AUTHOR, Role.ORGANISER, Role.PARTNER, Role.ADMINISTRATOR):
        give_role(session, make_account(session, f"Staf {role}", organisation=here), role)
    give_role(session, make_account(session, "Cor Coördinator", organisation=here), Role.COORDINATOR)
    former = make_account(session, "Fien Vroeger", organisation=here)
    give_role(session, former, Role.MENTOR, ends_at=now() - timedelta(days=1))
    page = waasland.get("/begeleiding?zoek=wilgenrode")
    assert set(names(page)) == {"Cor Coördinator", "Fien Vroeger"}


def test_only_admitted_members_are_followed(waasland: Browser, session: Session):
    here = make_municipality(session, "Wilgenrode")
    for status in set(AccountStatus) - {AccountStatus.MEMBER}:
        make_account(session, f"Wacht {status}", organisation=here, status=status)
    assert "Wacht" not in waasland.get("/begeleiding").text


def test_somebody_without_any_learner_is_told_what_to_do(browser: Browser, session: Session):
    make_module(session)
    page = browser.sign_in(make_mentor(session, ScopeKind.REGION, "westhoek")).get("/begeleiding")
    assert "nog geen deelnemers" in words(page.main)
    assert page.select_one(".empty a[href='/begeleiding/aanvragen']")


# ── where many stumble ──


def stumble(session: Session, people: int, wrong: int, block: str = "kies") -> list[Enrolment]:
    """So many people of Elzendonk answered a question of lesson 1.1, of whom so many wrong first."""
    make_module(session)
    here, _there = two_regions(session)
    enrolments = []
    for number in range(people):
        learner = make_account(session, f"Lid {number}", organisation=here)
        enrolments.append(add_progress(session, learner, done=0, busy=True, tries=0, last=now()))
        add_result(session, enrolments[-1], "les-1", block, tries=2 if number < wrong else 1)
    return enrolments


def test_a_question_that_many_get_wrong_first_is_named_with_counts(browser: Browser, session: Session):
    stumble(session, people=6, wrong=3, block="meer")
    page = browser.sign_in(make_mentor(session)).get("/begeleiding/vragen")
    assert words(page.select_one(".hard li")) == "3 van 6 Les 1.1, vraag 2: Wat past er? eerst fout"
    assert page.select_one(".hard a")["href"] == "/leren/polarisatie/les-1"


@pytest.mark.parametrize(("people", "wrong"), [(4, 4), (9, 2), (6, 0)])
def test_few_people_or_few_mistakes_are_not_shown(
    browser: Browser, session: Session, people: int, wrong: int
):
    stumble(session, people=people, wrong=wrong)
    assert browser.sign_in(make_mentor(session)).get("/begeleiding/vragen").select_one(".hard") is None


def test_a_last_answer_that_is_not_right_counts_as_wrong(browser: Browser, session: Session):
    enrolments = stumble(session, people=5, wrong=0)
    for enrolment in enrolments:
        add_result(session, enrolment, "les-2", "kies", tries=1, last=0.0)
    page = browser.sign_in(make_mentor(session)).get("/begeleiding/vragen")
    assert words(page.select_one(".hard li")).startswith("5 van 5 Les 1.2, vraag 1")


def test_what_people_answered_is_nowhere(browser: Browser, session: Session):
    stumble(session, people=6, wrong=6)
    assert "geheim-antwoord" not in browser.sign_in(make_mentor(session)).get("/begeleiding/vragen").text


# ── cost ──


def test_500_people_take_six_queries_like_five_people(browser: Browser, session: Session):
    make_module(session)
    here = make_municipality(session, "Elzendonk")
    browser.sign_in(make_mentor(session))
    make_many(session, here, 5)
    browser.get("/begeleiding")  # now the module is in the cache
    browser.get("/begeleiding")
    few = len(browser.queries)
    make_many(session, here, 495)
    page = browser.get("/begeleiding")
    assert few == len(browser.queries) <= 6, browser.queries
    assert "500 deelnemers" in words(page.main)
    assert len(names(page)) == service.PAGE_SIZE
    assert "Bladzijde 1 van 3" in words(page.main)
    third = browser.get(page.select_one("a[rel=next]")["href"].replace("pagina=2", "pagina=3"))
    assert len(names(third)) == 100
    assert third.select_one("a[rel=next]") is None
    assert words(third.select_one(".heat tfoot th")) == "Klaar, van 500"


def test_a_page_with_500_people_is_ready_at_once(browser: Browser, session: Session):
    """Generous, so that a busy machine does not fail it: the figure itself is measured in bench/."""
    make_module(session)
    make_many(session, make_municipality(session, "Elzendonk"), 500)
    browser.sign_in(make_mentor(session))
    browser.get("/begeleiding")
    began = perf_counter()
    browser.client.get("/begeleiding")
    assert perf_counter() - began < 1.5
