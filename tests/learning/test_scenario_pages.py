"""A case as people meet it: without JavaScript, as member, applicant and visitor."""

import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, func, select

from backend.auth.models import AccountStatus
from backend.courses.models import Course
from backend.learning.models import Enrolment, ScenarioRun, ScenarioStep
from tests.browser import Browser
from tests.factories import make_account
from tests.learning.documents import make_course, publish
from tests.learning.scenarios import LESSON, PLAYGROUND, START, WALK, case_lesson, publish_case

FORM = "form[data-scenario]"


@pytest.fixture
def member(browser: Browser, session: Session) -> Browser:
    publish_case(session)
    return browser.sign_in(make_account(session))


def words(tag: Any) -> str:
    return " ".join(tag.text.split())


def begin(browser: Browser) -> BeautifulSoup:
    browser.submit(browser.get(START), f"form[action='{START}']")
    return browser.follow()


def choose(browser: Browser, page: BeautifulSoup, *, status: int = 303, **sent: Any) -> BeautifulSoup:
    answered = browser.submit(page, FORM, status=status, **sent)
    return browser.follow() if status == 303 else answered


def go_on(browser: Browser, page: BeautifulSoup) -> BeautifulSoup:
    return browser.get(page.select_one(".outcome a.btn")["href"])


def walk(browser: Browser, steps: int = len(WALK)) -> BeautifulSoup:
    """The page after so many choices, the consequence of the last one read."""
    page = begin(browser)
    for _node, sent in WALK[:steps]:
        page = go_on(browser, choose(browser, page, **sent))
    return page


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def run_path(session: Session) -> str:
    return f"{START}/{session.exec(select(ScenarioRun.id).order_by(ScenarioRun.started_at)).first()}"


# ── begin ──


def test_the_start_says_who_one_is_how_long_it_takes_and_what_the_meters_mean(member: Browser):
    page = member.get(START)
    text = words(page.main)
    assert page.h1.text == "De speeltuin"
    for said in (
        "Jouw rol: deskundige samenleven",
        "9 minuten",
        "1 tot 5 beslissingen",
        "Elzendonk is verzonnen",
        "Hoe scherp staan groepen tegenover elkaar?",
        "Elke keuze wordt meteen bewaard",
    ):
        assert said in text
    assert words(page.select_one(f"form[action='{START}'] button")) == "Begin"
    assert "einde" not in words(page.select_one(".duo > .stack"))


def test_reading_the_start_begins_nothing(member: Browser, session: Session):
    member.get(START)
    assert count(session, Enrolment) == count(session, ScenarioRun) == 0


def test_a_begun_case_is_gone_on_with_where_one_was(member: Browser):
    walk(member, 2)
    page = member.get(START)
    go_on_link = page.select_one("a.btn")
    assert words(go_on_link) == "Ga verder met beslissing 3"
    assert member.get(go_on_link["href"]).h1.text == "Tien punten"
    assert "Onderweg, bij beslissing 3" in words(page.main)


def test_the_start_lists_what_one_walked_and_only_the_endings_one_saw(member: Browser):
    walk(member)
    page = member.get(START)
    assert "Je zag 1 van de 3 eindes" in words(page.main)
    assert "Samen verder" in words(page.main)
    assert "Broze rust" not in page.text
    assert "Onveilig" not in page.text
    assert words(page.select_one(f"form[action='{START}'] button")) == "Begin opnieuw"


# ── decide ──


def test_a_node_says_when_who_and_what(member: Browser):
    page = begin(member)
    text = words(page.main)
    assert page.h1.text == "Veertig reacties"
    assert page.title.text.startswith("Veertig reacties · De speeltuin")
    for said in (
        "maandag, 08.55 uur",
        "Nadia, algemeen directeur",
        "Wat doe je eerst?",
        "beslissing 1 van 1 tot 5",
    ):
        assert said in text
    assert not page.select("[checked], .outcome")


def test_nothing_of_what_follows_is_in_the_page_before_one_chose(member: Browser):
    text = str(begin(member))
    for told in ("Gevolg van", "Praktijk over", "Wat pleit", "−2", "Broze rust", "Drie versies"):
        assert told not in text


def test_after_choosing_one_reads_what_follows_and_how_the_meters_moved(member: Browser):
    member.submit(begin(member), FORM, keuze="antwoord")
    assert re.search(r"\?stap=1#gevolg$", member.location)
    page = member.follow()
    outcome = page.find(id="gevolg")
    text = words(outcome)
    assert "Gevolg van antwoord." in text
    assert "Wat zegt de praktijk? Praktijk over antwoord." in text
    assert [words(tag) for tag in outcome.select(".moves .tag")] == ["vertrouwen +2", "spanning −1"]
    assert "Vertrouwen 7 van 10, 2 hoger" in words(page.aside)
    assert "Bescherming 5 van 10 onveilig" in words(page.aside)
    assert page.select_one("input[value=antwoord]").has_attr("checked")
    assert page.select_one("fieldset").has_attr("disabled")
    assert "dinsdag, 19 uur" in text
    assert "Wat pleit" not in page.text, "that is for the end"


def test_a_move_that_the_limit_stops_is_told_as_it_was(member: Browser, session: Session):
    nodes = tuple(
        node.model_copy(update={"roads": tuple(r.model_copy(update={"to": "end"}) for r in node.roads)})
        for node in PLAYGROUND.nodes
    )
    publish_case(
        session,
        PLAYGROUND.model_copy(update={"nodes": nodes, "meters": {**PLAYGROUND.meters, "spanning": 9}}),
    )
    page = choose(member, begin(member), keuze="wacht")
    assert [words(tag) for tag in page.select(".moves .tag")] == ["vertrouwen −2", "spanning +1"]


def test_several_of_which_no_more_than_two(member: Browser, session: Session):
    page = walk(member, 1)
    assert "Kies er minstens 1 en hoogstens 2." in words(page.main)
    refused = choose(member, page, keuze=["regels", "micro", "verslag"], status=422)
    assert "Kies er minstens 1 en hoogstens 2." in words(refused.select_one("[role=alert]"))
    assert len(refused.select("input[checked]")) == 3, "what was chosen is still there"
    assert words(choose(member, page, status=422).select_one("[role=alert]")) == "Kies eerst iets."
    chosen = choose(member, refused, keuze=["micro", "verslag"])
    assert "Gevolg van micro." in words(chosen.find(id="gevolg"))
    assert "Gevolg van verslag." in words(chosen.find(id="gevolg"))
    assert "vertrouwen +0,5" in words(chosen.find(id="gevolg"))
    assert count(session, ScenarioStep) == 2


def test_points_to_spend(member: Browser):
    page = walk(member, 2)
    assert "Je hebt 10 punten." in words(page.main)
    assert [words(tag) for tag in page.select(".choice .tag")] == ["6 punten", "5 punten", "4 punten"]
    refused = choose(member, page, keuze=["toezicht", "feest"], status=422)
    assert "Dat is meer dan je hebt" in words(refused.select_one("[role=alert]"))
    assert len(refused.select("input[checked]")) == 2
    assert "Gevolg van overleg." in words(choose(member, refused, keuze=["overleg"]).find(id="gevolg"))


def test_things_to_judge_one_by_one(member: Browser):
    page = walk(member, 3)
    sent = dict(WALK[3][1])
    refused = choose(member, page, **{**sent, "plaats.lelijk": None}, status=422)
    assert words(refused.select_one("[role=alert]")) == "Geef elk punt een keuze."
    assert len(refused.select("input[checked]")) == 2
    outcome = choose(member, refused, **sent).find(id="gevolg")
    assert "2 van de 3" in words(outcome)
    assert "Verbergen → Laten staan. Uitleg bij lelijk." in words(outcome)
    assert "Wat zegt de praktijk?" not in outcome.text


def test_lines_that_depend_on_what_came_before(member: Browser):
    page = go_on(member, choose(member, begin(member), keuze="wacht"))
    assert "Je bent laat." in page.text
    assert "Er is ruzie." not in page.text
    assert "Wat eraan voorafging" in page.text, "who comes back later knows where it stood"


def test_earlier_nodes_can_be_looked_at_again(member: Browser):
    page = walk(member, 2)
    first = page.select_one(".path a")
    assert words(first) == "Veertig reacties"
    assert "Gevolg van antwoord." in member.get(first["href"]).text
    assert member.get(f"{first['href'].partition('?')[0]}?stap=9").h1.text == "Tien punten"


# ── the same twice, something else, something forged ──


def test_the_same_form_sent_twice_counts_once(member: Browser, session: Session):
    page = begin(member)
    first = choose(member, page, keuze="antwoord")
    assert words(choose(member, page, keuze="antwoord").main) == words(first.main)
    assert count(session, ScenarioStep) == 1


def test_another_tab_that_chooses_otherwise_sees_what_is_kept(member: Browser, session: Session):
    page = begin(member)
    choose(member, page, keuze="antwoord")
    told = choose(member, page, keuze="wacht", status=409)
    alert = words(told.select_one("[role=alert]"))
    assert "koos je al" in alert
    assert "Wat je nu koos, is niet bewaard: Kies wacht." in alert
    assert told.select_one("input[value=antwoord]").has_attr("checked")
    assert "Gevolg van antwoord." in told.text
    assert count(session, ScenarioStep) == 1
    member.submit(told, ".outcome form")  # choose again: nothing is lost
    again = choose(member, member.follow(), keuze="wacht")
    assert "Gevolg van wacht." in again.text
    assert count(session, ScenarioRun) == 2


FORGED: list[tuple[dict[str, Any], int]] = [
    ({"keuze": "bestaat-niet"}, 422),
    ({"keuze": ["wacht", "antwoord"]}, 422),
    ({"keuze": "x" * 5000}, 422),
    ({"keuze": "wacht", "stap": "4"}, 409),
    ({"keuze": "wacht", "stap": "0"}, 409),
    ({"keuze": "wacht", "stap": "nul"}, 409),
    ({"keuze": "wacht", "stap": None}, 409),
    ({"keuze": "wacht", "stap": "99999999999999999999"}, 409),
    ({"keuze": "wacht", "node": "zaal"}, 409),
    ({"keuze": "wacht", "node": "end"}, 409),
    ({"keuze": "wacht", "node": "\u202e\U0001f600"}, 409),
    ({"plaats.duur": "laten"}, 422),
]


@pytest.mark.parametrize(("sent", "status"), FORGED)
def test_what_is_forged_is_refused_with_the_page(
    member: Browser, session: Session, sent: dict[str, Any], status: int
):
    page = choose(member, begin(member), **sent, status=status)
    assert page.h1.text == "Veertig reacties"
    assert words(page.select_one("[role=alert]"))
    assert page.select_one(FORM)
    assert count(session, ScenarioStep) == 0
    if sent.get("keuze") == "wacht" and "node" not in sent:
        assert page.select_one("input[value=wacht]").has_attr("checked"), "what was chosen is kept"


def test_nothing_can_be_added_after_the_end(member: Browser, session: Session):
    walk(member)
    path = run_path(session)
    page = member.post(path, {"stap": "5", "node": "post", "keuze": "wacht"}, status=409)
    assert "hoort bij een andere stap" in words(page.select_one("[role=alert]"))
    assert count(session, ScenarioStep) == len(WALK)


@pytest.mark.parametrize("tail", ["", "/opnieuw"])
def test_a_form_that_no_page_of_ours_sends(member: Browser, session: Session, tail: str):
    walk(member, 1)
    path = run_path(session) + tail if tail else START
    for sent in ({}, {"form_id": "kort", "stap": "1"}, {"form_id": "g" * 32, "stap": "1"}):
        member.post(path, sent, status=404)
    assert count(session, ScenarioRun) == 1


def test_again_from_a_point_that_was_never_reached(member: Browser, session: Session):
    walk(member, 1)
    page = member.post(f"{run_path(session)}/opnieuw", {"form_id": "a" * 32, "stap": "3"}, status=409)
    assert "Zover kwam je" in page.text


@pytest.mark.parametrize("name", ["bestaat-niet", str(UUID(int=7)), "groep/x"])
def test_a_run_that_is_not_there(member: Browser, name: str):
    begin(member)
    member.get(f"{START}/{name}", status=404)
    member.post(f"{START}/{name}", {"stap": "1"}, status=404)


def test_a_run_of_somebody_else_is_not_there(member: Browser, session: Session):
    walk(member, 1)
    path = run_path(session)
    member.sign_in(make_account(session))
    member.get(path, status=404)
    member.post(path, {"stap": "2", "node": "zaal", "keuze": "regels"}, status=404)
    member.post(f"{path}/opnieuw", {"stap": "1", "form_id": "a" * 32}, status=404)
    assert count(session, ScenarioStep) == 1


def test_a_version_that_is_published_meanwhile_changes_nothing(member: Browser, session: Session):
    page = walk(member, 1)
    publish_case(session, PLAYGROUND.model_copy(update={"title": "De nieuwe speeltuin"}))
    page = choose(member, page, keuze=["regels"])
    assert "De speeltuin" in page.title.text
    assert "Gevolg van regels." in page.text


# ── the end ──


def test_the_end_shows_the_way_and_what_spoke_for_the_other_one(member: Browser):
    page = walk(member)
    assert page.h1.text == "Samen verder"
    text = words(page.main)
    assert "Er wordt weer gespeeld." in text
    assert "Het overleg komt elke maand samen." in text
    assert "Wat had Elzendonk een jaar eerder klaar moeten hebben?" in text
    assert "Je zag 1 van de 3 eindes" in text
    assert "Broze rust" not in text
    assert "Vertrouwen 9 van 10, 4 hoger" in words(page.aside)
    steps = page.select(".timeline > li")
    assert [words(step.h3) for step in steps] == [
        "Veertig reacties",
        "In de zaal",
        "Tien punten",
        "Vijf reacties",
    ]
    first = words(steps[0])
    for said in (
        "maandag, 08.55 uur",
        "Je koos Kies antwoord.",
        "Gevolg van antwoord.",
        "vertrouwen +2",
        "Wat pleit voor wacht.",
    ):
        assert said in first
    assert "Wat pleit voor antwoord." not in first
    assert "Wat pleit voor micro." in words(steps[1])
    assert all(step.select_one("form button") for step in steps)


def test_lessons_to_read_again_are_those_that_exist(member: Browser):
    page = walk(member)
    assert page.select_one("a[href='/leren/proef/een']")
    assert "bestaat-niet" not in str(page)


def test_again_from_a_point_is_a_new_run_from_there(member: Browser, session: Session):
    page = walk(member)
    member.submit(page.select(".timeline > li")[1], "form")
    page = member.follow()
    assert page.h1.text == "In de zaal"
    assert not page.select("[checked]"), "one chooses afresh"
    assert len(page.select(".path a")) == 2
    assert count(session, ScenarioRun) == 2
    assert "vanaf een eerder punt" in words(member.get(START).main)


def test_endings_add_up_over_runs(member: Browser):
    walk(member)
    page = go_on(member, choose(member, begin(member), keuze="sluit"))
    assert page.h1.text == "Onveilig"
    assert "Je zag 2 van de 3 eindes" in words(page.main)


def test_words_and_sources_that_the_text_names_are_on_the_page(member: Browser):
    for page in (member.get(START), begin(member), walk(member), member.get(f"{START}/groep")):
        assert page.find(id="begrip-woord")
        assert page.find(id="bron-S1")


# ── in its lesson ──


def block(browser: Browser) -> Any:
    return browser.get(f"/leren/proef/{LESSON}").find(id="de-speeltuin")


def test_the_lesson_shows_the_case_where_one_stands_and_one_button(member: Browser):
    asked = block(member)
    assert "Jouw rol: deskundige samenleven." in words(asked)
    assert "Nog niet begonnen." in words(asked)
    assert asked.select_one("a.btn")["href"] == START
    walk(member, 2)
    asked = block(member)
    assert "Je bent onderweg, bij beslissing 3." in words(asked)
    assert member.get(asked.select_one("a.btn")["href"]).h1.text == "Tien punten"
    walk(member)
    asked = block(member)
    assert "Eerder liep je het al uit." in words(asked), "the other one is still under way"


def test_after_the_end_the_lesson_shows_how_it_ended(member: Browser):
    walk(member)
    assert "Zo liep het af: Samen verder. Je zag 1 van de 3 eindes." in words(block(member))
    assert "is klaar" in words(member.get(f"/leren/proef/{LESSON}").main)


def test_a_lesson_that_is_over_says_so_and_its_runs_can_be_read(member: Browser, session: Session):
    page = walk(member, 1)
    lesson = case_lesson().model_copy(update={"closes_on": date(2026, 1, 1)})
    publish(session, make_course(lessons=(lesson,)))
    session.exec(select(Enrolment)).one().version_id = session.exec(select(Course.published_id)).one()
    start = member.get(START)
    assert "Dit liep tot 1 januari 2026." in words(start.main)
    assert not start.select(f"form[action='{START}'], a.btn")
    told = choose(member, page, keuze=["regels"], status=409)
    assert "Dit liep tot 1 januari 2026." in words(told.select_one("[role=alert]"))
    assert told.select_one("input[value=regels]").has_attr("checked"), "what was chosen is kept"
    assert "Gevolg van antwoord." in member.get(f"{run_path(session)}?stap=1").text


def test_a_lesson_that_is_not_open_yet_shows_nothing_of_its_case(member: Browser, session: Session):
    lesson = case_lesson().model_copy(update={"opens_on": date(2999, 1, 1)})
    publish(session, make_course(lessons=(lesson,)))
    for path in (START, f"{START}/groep"):
        member.get(path, status=303)
        assert member.location == f"/leren/proef/{LESSON}"
    member.post(START, {"form_id": "a" * 32}, status=409)
    assert count(session, ScenarioRun) == 0


# ── for a group ──


def test_the_guide_has_every_node_with_what_follows_folded_away(member: Browser, session: Session):
    page = member.get(f"{START}/groep")
    text = words(page.main)
    for said in ("Reken op een uur met twaalf mensen.", "Tien punten", "Er is ruzie.", "6 punten"):
        assert said in text
    assert len(page.select(".card")) == len(PLAYGROUND.nodes) + 1
    for node in page.select(".card"):
        folded = words(node.details)
        node.details.extract()
        assert "Gevolg van" not in node.text
        assert folded
    assert "vertrouwen −2" in text
    assert count(session, ScenarioRun) == 0


# ── who may ──


def test_a_visitor_is_invited_where_the_lesson_is_open_to_all(browser: Browser, session: Session):
    publish(session, make_course(lessons=(case_lesson(number="1.1"),)))
    page = browser.get(START)
    assert "Elzendonk is verzonnen" in page.text
    assert not page.select_one(f"form[action='{START}']")
    assert page.select_one("main a.btn")["href"].startswith("/account-aanmaken?next=")
    browser.post(START, {"form_id": "a" * 32})
    assert browser.location.startswith("/aanmelden")
    browser.get(f"{START}/groep", status=303)
    assert count(session, ScenarioRun) == 0


def test_a_visitor_is_asked_to_sign_in_where_it_is_not(browser: Browser, session: Session):
    publish_case(session)
    browser.get(START, status=303)
    assert browser.location.startswith("/aanmelden?next=")


def test_an_applicant_reads_but_does_not_play(browser: Browser, session: Session):
    publish(session, make_course(lessons=(case_lesson(number="1.1"),)))
    browser.sign_in(make_account(session, status=AccountStatus.APPLICANT))
    assert "Een mentor bekijkt je aanvraag nog" in browser.get(START).text
    browser.post(START, {"form_id": "a" * 32}, status=403)
    publish_case(session)
    browser.get(START, status=403)


@pytest.mark.parametrize(
    "path",
    [
        "/leren/proef/een/scenario/de-speeltuin",
        f"/leren/proef/{LESSON}/scenario/iets",
        "/leren/niets/casus/scenario/x",
    ],
)
def test_a_scenario_that_is_not_there(member: Browser, path: str):
    member.get(path, status=404)
    member.get(f"{path}/groep", status=404)
    member.post(path, {"form_id": "a" * 32}, status=404)


def test_queries_do_not_grow(member: Browser, session: Session):
    """And are few."""
    paths = (START, f"{START}/groep")
    walk(member, 1)
    before = []
    for path in (*paths, run_path(session)):
        member.get(path)
        before.append(len(member.queries))
    for _ in range(3):
        walk(member)
    after = []
    for path in (*paths, run_path(session)):
        member.get(path)
        after.append(len(member.queries))
    assert after == before
    assert max(after) <= 4
