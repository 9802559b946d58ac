"""The path map for mentors: counts of their own people, and nothing from which anyone could be recognised."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session

from backend.auth.models import Account, Role, ScopeKind, Viewer
from backend.courses.scenarios import END
from backend.db import now
from backend.errors import NotFound
from backend.learning import scenario_runs
from backend.learning.service import Address
from backend.mentoring.paths import Cell, Flow, PathMap, path_map
from backend.network.models import Organisation
from tests.browser import Browser, counted_queries
from tests.factories import give_role, make_account, viewer_of
from tests.learning.scenarios import CASE, LESSON, PLAYGROUND, WALK, publish_case
from tests.mentoring.people import make_mentor, two_regions

HERE = Address("proef", LESSON, CASE)
PAGE = f"/begeleiding/scenario/proef/{CASE}"
Step = tuple[str, dict[str, list[str]]]
WAITS: tuple[Step, ...] = (("post", {"keuze": ["wacht"]}),)
CLOSES: tuple[Step, ...] = (("post", {"keuze": ["sluit"]}),)


@pytest.fixture
def here(session: Session) -> Organisation:
    publish_case(session)
    return two_regions(session)[0]


@pytest.fixture
def mentor(session: Session, here: Organisation) -> Viewer:
    return viewer_of(session, make_mentor(session))


def walk(session: Session, who: Account | Viewer, steps: Iterable[Step] = WALK) -> None:
    viewer = who if isinstance(who, Viewer) else viewer_of(session, who)
    run_id = scenario_runs.begin(session, viewer, HERE, uuid4().hex, now())
    for place, (node, sent) in enumerate(steps):
        scenario_runs.choose(session, viewer, HERE, (run_id, place, node), sent, now())
    session.flush()


def make_walkers(
    session: Session, organisation: Organisation, count: int, steps: Iterable[Step] = WALK
) -> list[Viewer]:
    made = [
        viewer_of(session, make_account(session, f"Lid {n}", organisation=organisation)) for n in range(count)
    ]
    for viewer in made:
        walk(session, viewer, steps)
    return made


def look(session: Session, viewer: Viewer) -> PathMap:
    return path_map(session, viewer, "proef", CASE, now())


def words(tag: Any) -> str:
    return " ".join(tag.text.split())


def test_what_people_chose_is_counted(session: Session, here: Organisation, mentor: Viewer) -> None:
    make_walkers(session, here, 6)
    make_walkers(session, here, 5, WAITS)
    seen = look(session, mentor)
    assert (seen.run_count, seen.people_count, seen.left_out) == (11, 11, 0)
    assert seen.ended == Cell(6, 6 / 11)
    assert seen.options["post", "antwoord"] == Cell(6, 6 / 11)
    assert seen.options["post", "wacht"] == Cell(5, 5 / 11)
    assert seen.options["zaal", "regels"] == Cell(6, 1)
    assert seen.options["geld", "overleg"] == Cell(6, 1)
    assert seen.options["reacties", "duur"] == Cell(6, 1)
    assert not seen.options["reacties", "lelijk"].is_shown, "nobody judged it right"
    assert seen.endings["samen"] == Cell(6, 1)
    assert seen.flows == {
        Flow("post", "antwoord", "zaal"): 6 / 11,
        Flow("post", "wacht", "wachten"): 5 / 11,
        Flow("zaal", "", "geld"): 6 / 11,
        Flow("geld", "", "reacties"): 6 / 11,
        Flow("reacties", "", END, "samen"): 6 / 11,
    }


def test_less_than_five_people_show_nothing_at_all(
    session: Session, here: Organisation, mentor: Viewer
) -> None:
    people = make_walkers(session, here, 4)
    for _ in range(3):
        walk(session, people[0], WAITS)  # more runs of one person are no more people
    assert look(session, mentor) == PathMap(
        look(session, mentor).course, look(session, mentor).lesson, PLAYGROUND
    )
    make_walkers(session, here, 1)
    assert look(session, mentor).is_enough


def test_a_choice_of_less_than_five_people_is_not_shown(
    session: Session, here: Organisation, mentor: Viewer
) -> None:
    make_walkers(session, here, 8)
    few = make_walkers(session, here, 2, WAITS)
    for _ in range(6):
        walk(session, few[0], WAITS)
    seen = look(session, mentor)
    assert not seen.options["post", "wacht"].is_shown
    assert not seen.options["post", "verbied"].is_shown, "none looks the same as few"
    assert seen.options["post", "antwoord"].count == 8
    assert not [flow for flow in seen.flows if flow.option == "wacht"]


def test_what_could_be_worked_out_from_the_rest_is_not_shown_either(
    session: Session, here: Organisation, mentor: Viewer
) -> None:
    """Three of four options have enough people: the fourth would be what is left. The smallest of the three goes with it."""
    for count, option in ((7, "antwoord"), (6, "verbied"), (5, "sluit"), (2, "wacht")):
        make_walkers(session, here, count, [("post", {"keuze": [option]})])
    options = {
        key: cell.count for (node, key), cell in look(session, mentor).options.items() if node == "post"
    }
    assert options == {"wacht": None, "antwoord": 7, "verbied": 6, "sluit": None}


def test_of_two_endings_shown_the_third_cannot_be_worked_out(
    session: Session, here: Organisation, mentor: Viewer
) -> None:
    make_walkers(session, here, 6)
    make_walkers(session, here, 5, CLOSES)
    calm = (("post", {"keuze": ["wacht"]}), ("wachten", {"keuze": ["mail"]}), *WALK[1:])
    make_walkers(session, here, 1, calm)
    seen = look(session, mentor)
    assert {key: cell.count for key, cell in seen.endings.items()} == {
        "samen": 6, "onveilig": None, "rust": None,
    }  # fmt: skip
    assert not [flow for flow in seen.flows if flow.ending == "onveilig"]


def test_who_begins_again_from_a_point_counts_again_but_is_one_person(
    session: Session, here: Organisation, mentor: Viewer
) -> None:
    for viewer in make_walkers(session, here, 5):
        run_id = scenario_runs.begin(session, viewer, HERE, uuid4().hex, now())
        scenario_runs.choose(session, viewer, HERE, (run_id, 0, "post"), {"keuze": ["antwoord"]}, now())
        again = scenario_runs.begin_again(session, viewer, HERE, (run_id, 0), uuid4().hex, now())
        scenario_runs.choose(session, viewer, HERE, (again, 0, "post"), {"keuze": ["wacht"]}, now())
        session.flush()
    seen = look(session, mentor)
    assert (seen.run_count, seen.people_count) == (15, 5)
    assert seen.options["post", "antwoord"].count == 10


def test_runs_in_which_nothing_was_chosen_do_not_count(
    session: Session, here: Organisation, mentor: Viewer
) -> None:
    make_walkers(session, here, 5)
    make_walkers(session, here, 3, ())
    assert look(session, mentor).run_count == 5


def test_runs_of_an_older_version_count_where_they_still_fit(
    session: Session, here: Organisation, mentor: Viewer
) -> None:
    make_walkers(session, here, 6)
    make_walkers(session, here, 6, WAITS)
    post = PLAYGROUND.nodes[0]
    without = post.model_copy(update={"roads": tuple(road for road in post.roads if road.key != "wacht")})
    publish_case(session, PLAYGROUND.model_copy(update={"nodes": (without, *PLAYGROUND.nodes[1:])}))
    seen = look(session, mentor)
    assert (seen.run_count, seen.left_out) == (6, 6)
    assert seen.options["post", "antwoord"].share == 1


def test_a_mentor_sees_the_own_region_only(session: Session, here: Organisation, mentor: Viewer) -> None:
    elsewhere = two_regions(session)[1]
    make_walkers(session, elsewhere, 9, WAITS)
    make_walkers(session, here, 5)
    staff = make_account(session, "Ook mentor", organisation=here)
    give_role(session, staff, Role.MENTOR, ScopeKind.REGION, "limburg")
    walk(session, staff, WAITS)
    seen = look(session, mentor)
    assert seen.run_count == 5
    assert not seen.options["post", "wacht"].is_shown
    administrator = make_account(session)
    give_role(session, administrator, Role.ADMINISTRATOR)
    assert look(session, viewer_of(session, administrator)).run_count == 14


def test_queries_do_not_grow_with_people(session: Session, here: Organisation, mentor: Viewer) -> None:
    def queries() -> int:
        with counted_queries(session) as counted:
            look(session, mentor)
        return len(counted)

    make_walkers(session, here, 5)
    assert queries() == 2
    make_walkers(session, here, 9)
    assert queries() == 2


@pytest.mark.parametrize(("module", "scenario"), [("proef", "iets"), ("iets", CASE), ("proef", LESSON)])
def test_what_is_not_there(session: Session, mentor: Viewer, module: str, scenario: str) -> None:
    with pytest.raises(NotFound):
        path_map(session, mentor, module, scenario, now())


# ── the page ──


@pytest.fixture
def page(browser: Browser, session: Session, here: Organisation) -> BeautifulSoup:
    make_walkers(session, here, 6)
    make_walkers(session, here, 2, WAITS)
    return browser.sign_in(make_mentor(session)).get(PAGE)


def test_the_picture_says_what_it_is_and_where_its_numbers_are(page: BeautifulSoup) -> None:
    assert page.h1.text == "Wegenkaart: De speeltuin"
    assert "8 doorlopen van 8 mensen, 6 tot aan een einde." in words(page.main)
    picture = page.select_one("svg.path-map")
    assert picture["role"] == "img"
    assert "tabel hieronder" in picture["aria-label"]
    assert picture.parent["tabindex"] == "0"
    assert picture.parent["aria-label"]
    assert "75 %" in picture.text
    assert "< 5" in picture.text


def test_the_table_has_every_option_and_ending(page: BeautifulSoup) -> None:
    cells = [[words(cell) for cell in row.select("td")] for row in page.select(".paths-table tr:has(td)")]
    rows = {row[1]: [row[0], *row[2:]] for row in cells}
    options = sum(len(node.roads) + len(node.items) for node in PLAYGROUND.nodes)
    assert len(rows) == options + len(PLAYGROUND.endings)
    assert rows["Kies antwoord."] == ["b", "6", "75 %"]
    assert rows["Kies wacht."] == ["a", "minder dan 5"]
    assert rows["Samen verder"] == ["", "6", "100 %"]


def test_nobody_is_named(page: BeautifulSoup) -> None:
    assert "Lid" not in page.main.text


def test_too_few_people_is_said(browser: Browser, session: Session, here: Organisation) -> None:
    make_walkers(session, here, 4)
    page = browser.sign_in(make_mentor(session)).get(PAGE)
    assert "nog geen 5 mensen" in words(page.main)
    assert not page.select("table, svg.path-map")


def test_the_overview_leads_to_it(browser: Browser, session: Session, here: Organisation) -> None:
    make_walkers(session, here, 1)
    page = browser.sign_in(make_mentor(session)).get("/begeleiding")
    assert page.select_one(f"a[href='{PAGE}']")


def test_a_member_does_not_see_it(browser: Browser, session: Session, here: Organisation) -> None:
    browser.sign_in(make_account(session)).get(PAGE, status=403)
