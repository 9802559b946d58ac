"""Walking through a case: what is kept, what a repeat does, and where one stands afterwards."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, func, select

from backend.auth.models import AccountStatus, Viewer
from backend.courses.scenarios import WrongPick
from backend.errors import Conflict, Forbidden, NotFound, SignInNeeded
from backend.learning import scenario_runs as runs
from backend.learning.models import Enrolment, LessonProgress, ScenarioRun, ScenarioStep
from backend.learning.scenario_runs import NotHere, Run, start_of
from backend.learning.scenario_standing import ScenarioView, views_of
from backend.learning.service import Address, enrol, mark_read
from tests.browser import counted_queries
from tests.factories import make_account
from tests.learning.documents import make_course, publish
from tests.learning.scenarios import (
    CASE,
    LESSON,
    PLAYGROUND,
    POST,
    WALK,
    case_lesson,
    make_case_course,
    publish_case,
)
from tests.learning.test_service import viewer_for

HERE = Address("proef", LESSON, CASE)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def viewer(session: Session) -> Viewer:
    publish_case(session)
    return viewer_for(make_account(session))


def begin(session: Session, viewer: Viewer, form_id: str = "a" * 32) -> UUID:
    return runs.begin(session, viewer, HERE, form_id, NOW)


def choose(session: Session, viewer: Viewer, run_id: UUID, place: int, node: str, *keys: str) -> None:
    runs.choose(session, viewer, HERE, (run_id, place, node), {"keuze": keys}, NOW + timedelta(minutes=place))


def walk(session: Session, viewer: Viewer, run_id: UUID, steps: int = len(WALK)) -> Run:
    for place, (node, sent) in enumerate(WALK[:steps]):
        runs.choose(session, viewer, HERE, (run_id, place, node), sent, NOW)
    return run(session, viewer, run_id)


def run(session: Session, viewer: Viewer, run_id: UUID) -> Run:
    session.flush()
    return runs.run_of(session, viewer, HERE, run_id)


def runs_at_the_end(session: Session, viewer: Viewer, run_id: UUID) -> Run:
    done = walk(session, viewer, run_id)
    assert done.ended_at is not None
    return done


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def view(session: Session, viewer: Viewer) -> ScenarioView:
    return start_of(session, viewer, HERE, NOW).view


def test_a_walk_from_the_first_node_to_an_ending(session: Session, viewer: Viewer) -> None:
    done = walk(session, viewer, begin(session, viewer))
    assert done.open is None
    assert done.ending.key == "samen"
    assert dict(done.walk.meters) == {"vertrouwen": 9, "spanning": 3, "bescherming": 7.5}
    assert [turn.node.key for turn in done.turns] == ["post", "zaal", "geld", "reacties"]
    kept = session.get_one(ScenarioRun, done.id)
    assert (kept.ending, kept.ended_at) == ("samen", NOW)


def test_where_one_stands_follows_from_what_is_kept(session: Session, viewer: Viewer) -> None:
    half = walk(session, viewer, begin(session, viewer), 2)
    assert half.open.node.key == "geld"
    assert half.open.place == 2
    assert half.ended_at is None
    assert half.turns[1].before == half.turns[0].after
    assert [road.key for road in half.turns[1].chosen] == ["regels", "verslag"]
    assert [road.key for road in half.turns[1].left] == ["micro"]


def test_what_was_chosen_decides_which_lines_one_reads(session: Session, viewer: Viewer) -> None:
    first = begin(session, viewer)
    choose(session, viewer, first, 0, "post", "wacht")
    assert run(session, viewer, first).open.notes == ("Je bent laat.",)
    choose(session, viewer, first, 1, "wachten", "bel")
    assert run(session, viewer, first).open.notes == ("Mensen zijn wantrouwig.",)
    assert walk(session, viewer, begin(session, viewer, "b" * 32), 1).open.notes == ()


def test_a_case_may_end_early_and_the_overriding_ending_goes_first(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    choose(session, viewer, run_id, 0, "post", "sluit")
    assert run(session, viewer, run_id).ending.key == "onveilig"


def test_the_same_choice_sent_again_counts_once(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    for _ in range(3):
        choose(session, viewer, run_id, 0, "post", "antwoord")
    walk(session, viewer, run_id)
    walk(session, viewer, run_id)  # also after the ending
    assert count(session, ScenarioStep) == len(WALK)


def test_another_choice_for_a_place_that_is_taken_changes_nothing(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    choose(session, viewer, run_id, 0, "post", "antwoord")
    with pytest.raises(NotHere) as refused:
        choose(session, viewer, run_id, 0, "post", "wacht")
    assert refused.value.place == 0
    assert [road.key for road in run(session, viewer, run_id).turns[0].chosen] == ["antwoord"]


@pytest.mark.parametrize(
    ("place", "node"), [(1, "zaal"), (7, "post"), (0, "zaal"), (0, "bestaat-niet"), (0, "end"), (0, "")]
)
def test_a_forged_place_or_node_is_refused(session: Session, viewer: Viewer, place: int, node: str) -> None:
    run_id = begin(session, viewer)
    with pytest.raises(NotHere) as refused:
        choose(session, viewer, run_id, place, node, "antwoord")
    assert refused.value.place == 0
    assert count(session, ScenarioStep) == 0


def test_nothing_can_be_chosen_after_the_ending(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    walk(session, viewer, run_id)
    with pytest.raises(NotHere):
        choose(session, viewer, run_id, len(WALK), "post", "antwoord")


@pytest.mark.parametrize("keys", [(), ("bestaat-niet",), ("wacht", "antwoord"), ("wacht", "wacht")])
def test_a_choice_that_is_not_possible_is_refused(
    session: Session, viewer: Viewer, keys: tuple[str, ...]
) -> None:
    run_id = begin(session, viewer)
    with pytest.raises(WrongPick):
        choose(session, viewer, run_id, 0, "post", *keys)
    assert count(session, ScenarioStep) == 0


def test_more_points_than_there_are_cannot_be_spent(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    walk(session, viewer, run_id, 2)
    for keys in (("toezicht", "feest"), ()):
        with pytest.raises(WrongPick):
            choose(session, viewer, run_id, 2, "geld", *keys)
    choose(session, viewer, run_id, 2, "geld", "toezicht", "overleg")
    assert run(session, viewer, run_id).turns[2].spent == 10


def test_the_same_form_begins_one_run(session: Session, viewer: Viewer) -> None:
    first = begin(session, viewer)
    choose(session, viewer, first, 0, "post", "antwoord")
    assert begin(session, viewer) == first
    assert begin(session, viewer, "b" * 32) != first
    assert count(session, ScenarioRun) == 2


def test_a_run_in_which_nothing_was_chosen_is_taken_up_again(session: Session, viewer: Viewer) -> None:
    assert begin(session, viewer, "a" * 32) == begin(session, viewer, "b" * 32)
    assert count(session, ScenarioRun) == 1


def test_again_from_a_point_repeats_what_came_before_it(session: Session, viewer: Viewer) -> None:
    old = walk(session, viewer, begin(session, viewer))
    new_id = runs.begin_again(session, viewer, HERE, (old.id, 2), "c" * 32, NOW + timedelta(days=1))
    new = run(session, viewer, new_id)
    assert new.open.node.key == "geld"
    assert new.turns == old.turns[:2]
    assert session.get_one(ScenarioRun, new_id).from_id == old.id
    assert run(session, viewer, old.id).turns == old.turns, "the old one stays as it was"
    assert runs.begin_again(session, viewer, HERE, (old.id, 2), "c" * 32, NOW) == new_id
    assert count(session, ScenarioStep) == len(WALK) + 2
    choose(session, viewer, new_id, 2, "geld", "feest")
    assert run(session, viewer, new_id).turns[2].chosen[0].key == "feest"


def test_again_from_a_point_where_one_never_was_is_refused(session: Session, viewer: Viewer) -> None:
    old = walk(session, viewer, begin(session, viewer), 2)
    with pytest.raises(NotHere):
        runs.begin_again(session, viewer, HERE, (old.id, 2), "c" * 32, NOW)
    assert count(session, ScenarioRun) == 1


def test_a_run_stays_at_its_version(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    walk(session, viewer, run_id, 1)
    changed = POST.model_copy(update={"title": "Anders", "roads": POST.roads[:1]})
    newer = PLAYGROUND.model_copy(update={"nodes": (changed, *PLAYGROUND.nodes[1:])})
    session.exec(select(Enrolment)).one().version_id = publish_case(session, newer)
    old = walk(session, viewer, run_id)
    assert old.turns[0].node.title == "Veertig reacties"
    assert old.ending.key == "samen"
    fresh = run(session, viewer, begin(session, viewer, "b" * 32))
    assert fresh.open.node.title == "Anders"
    again = runs.begin_again(session, viewer, HERE, (run_id, 1), "c" * 32, NOW)
    assert run(session, viewer, again).turns[0].node.title == "Veertig reacties"


def test_a_run_outlives_the_scenario_in_a_new_version(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    session.exec(select(Enrolment)).one().version_id = publish(session, make_course())
    assert walk(session, viewer, run_id).ending.key == "samen"
    with pytest.raises(NotFound):
        view(session, viewer)


def test_a_run_of_somebody_else_does_not_exist(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    walk(session, viewer, run_id, 1)
    other = viewer_for(make_account(session))
    with pytest.raises(NotFound):
        run(session, other, run_id)
    with pytest.raises(NotFound):
        choose(session, other, run_id, 1, "zaal", "regels")
    with pytest.raises(NotFound):
        runs.begin_again(session, other, HERE, (run_id, 0), "c" * 32, NOW)
    assert count(session, Enrolment) == 1, "trying leaves nothing behind"


@pytest.mark.parametrize(
    "address",
    [
        Address("proef", LESSON, "iets-anders"),
        Address("proef", "een", CASE),
        Address("ander", LESSON, CASE),
        Address("proef", "weg", CASE),
    ],
)
def test_a_run_stands_at_one_address(session: Session, viewer: Viewer, address: Address) -> None:
    publish(session, make_case_course("ander"))
    run_id = begin(session, viewer)
    with pytest.raises(NotFound):
        runs.run_of(session, viewer, address, run_id)
    with pytest.raises(NotFound):
        runs.choose(session, viewer, address, (run_id, 0, "post"), {"keuze": ("antwoord",)}, NOW)


def test_one_resumes_at_the_scenario(session: Session, viewer: Viewer) -> None:
    walk(session, viewer, begin(session, viewer), 1)
    enrolment = session.exec(select(Enrolment)).one()
    assert (enrolment.lesson_key, enrolment.block_key) == (LESSON, CASE)
    assert enrolment.last_active_at == NOW


def test_the_start_knows_the_runs_and_the_endings_so_far(session: Session, viewer: Viewer) -> None:
    assert view(session, viewer).runs == ()
    first = begin(session, viewer)
    assert view(session, viewer).under_way.id == first
    choose(session, viewer, first, 0, "post", "sluit")
    second = runs.begin(session, viewer, HERE, "b" * 32, NOW + timedelta(hours=1))
    walk(session, viewer, second, 3)
    session.flush()
    seen = view(session, viewer)
    assert [row.id for row in seen.runs] == [second, first]
    assert (seen.under_way.id, seen.under_way.step_count) == (second, 3)
    assert [ending.key for ending in seen.endings_seen] == ["onveilig"]
    walk(session, viewer, second)
    session.flush()
    seen = view(session, viewer)
    assert seen.under_way is None
    assert [ending.key for ending in seen.endings_seen] == ["onveilig", "samen"]
    assert seen.last_ended.ending.title == "Samen verder"
    assert runs.endings_seen(session, run(session, viewer, first)) == seen.endings_seen


def test_an_ending_that_a_new_version_no_longer_has_is_not_counted(session: Session, viewer: Viewer) -> None:
    walk(session, viewer, begin(session, viewer))
    shorter = PLAYGROUND.model_copy(update={"endings": PLAYGROUND.endings[2:]})
    session.exec(select(Enrolment)).one().version_id = publish_case(session, shorter)
    session.flush()
    seen = view(session, viewer)
    assert seen.endings_seen == ()
    assert seen.last_ended.ending is None


def test_visitors_and_applicants_see_only_what_is_open(session: Session, viewer: Viewer) -> None:
    applicant = viewer_for(make_account(session, status=AccountStatus.APPLICANT))
    with pytest.raises(SignInNeeded):
        start_of(session, None, HERE, NOW)
    with pytest.raises(Forbidden):
        start_of(session, applicant, HERE, NOW)
    with pytest.raises(Forbidden):
        begin(session, applicant)
    publish(session, make_course("open", lessons=(case_lesson(),)))
    opened = Address("open", LESSON, CASE)
    assert start_of(session, None, opened, NOW).view.runs == ()
    assert start_of(session, applicant, opened, NOW).view.runs == ()


def test_an_ending_makes_the_lesson_done_in_the_same_transaction(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    half = session.exec(select(LessonProgress)).one()
    assert (half.lesson_key, half.done_at) == (LESSON, None), "begun is begun"
    done = runs_at_the_end(session, viewer, run_id)
    progress = session.exec(select(LessonProgress)).one()
    assert progress.done_at == done.ended_at
    assert progress.reasons[0]["have"] == 1


def test_a_run_that_is_under_way_makes_nothing_done(session: Session, viewer: Viewer) -> None:
    walk(session, viewer, begin(session, viewer), 3)
    assert session.exec(select(LessonProgress)).one().done_at is None


def test_an_ending_in_an_older_version_counts_as_well(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)
    newer = PLAYGROUND.model_copy(update={"title": "Anders"})
    session.exec(select(Enrolment)).one().version_id = publish_case(session, newer)
    runs_at_the_end(session, viewer, run_id)
    assert session.exec(select(LessonProgress)).one().done_at == NOW


CLOSES: list[tuple[dict[str, Any], str]] = [
    ({"closes_on": date(2026, 11, 23)}, "Dit liep tot 23 november 2026"),
    ({"opens_on": date(2026, 11, 25)}, "Dit gaat open op 25 november 2026"),
]


@pytest.mark.parametrize(("values", "said"), CLOSES)
def test_a_lesson_that_is_not_open_takes_no_choices(
    session: Session, viewer: Viewer, values: dict[str, Any], said: str
) -> None:
    run_id = begin(session, viewer)
    walk(session, viewer, run_id, 1)
    course = make_case_course()
    lesson = course.lessons[-1].model_copy(update=values)
    closed = course.model_copy(update={"lessons": (*course.lessons[:-1], lesson)})
    session.exec(select(Enrolment)).one().version_id = publish(session, closed)
    session.flush()
    choose(session, viewer, run_id, 0, "post", "antwoord")  # a repeat of what is kept
    with pytest.raises(NotHere, match=said):
        choose(session, viewer, run_id, 1, "zaal", "regels")
    with pytest.raises(NotHere, match=said):
        runs.begin_again(session, viewer, HERE, (run_id, 0), "c" * 32, NOW)
    with pytest.raises(Conflict, match=said):
        begin(session, viewer, "b" * 32)
    start = start_of(session, viewer, HERE, NOW)
    assert start.closed.text.startswith(said)
    assert start.is_hidden == ("opens_on" in values)
    assert count(session, ScenarioStep) == 1


def test_a_lesson_that_comes_after_another_begins_when_that_is_done(session: Session) -> None:
    course = make_case_course()
    lesson = course.lessons[-1].model_copy(update={"after": ("drie",)})
    publish(session, course.model_copy(update={"lessons": (*course.lessons[:-1], lesson)}))
    viewer = viewer_for(make_account(session))
    assert start_of(session, viewer, HERE, NOW).is_hidden
    with pytest.raises(Conflict):
        begin(session, viewer)
    mark_read(session, viewer, "proef", "drie", NOW)
    session.flush()
    assert not start_of(session, viewer, HERE, NOW).is_hidden
    assert runs_at_the_end(session, viewer, begin(session, viewer)).ended_at == NOW


def test_a_lesson_knows_its_scenarios_in_one_query(session: Session, viewer: Viewer) -> None:
    course, lesson = make_case_course(), case_lesson()
    begin(session, viewer)
    walk(session, viewer, begin(session, viewer, "b" * 32))
    enrolment = enrol(session, viewer, "proef", NOW)
    session.flush()
    with counted_queries(session) as queries:
        views = views_of(session, course, lesson, enrolment.id)
    assert len(queries) == 1
    assert views[CASE].last_ended.ending.key == "samen"
    with counted_queries(session) as queries:
        assert views_of(session, course, lesson, None)[CASE].runs == ()
        assert views_of(session, course, course.lessons[0], enrolment.id) == {}
    assert queries == []


def test_queries_do_not_grow_with_steps_or_runs(session: Session, viewer: Viewer) -> None:
    run_id = begin(session, viewer)

    def queries_of() -> tuple[int, int, int]:
        counts = []
        for look in (
            lambda: view(session, viewer),
            lambda: runs.run_of(session, viewer, HERE, run_id),
            lambda: runs.endings_seen(session, runs.run_of(session, viewer, HERE, run_id)),
        ):
            session.flush()
            with counted_queries(session) as queries:
                look()
            counts.append(len(queries))
        return counts[0], counts[1], counts[2]

    before = queries_of()
    walk(session, viewer, run_id)
    for _ in range(5):
        walk(session, viewer, begin(session, viewer, uuid4().hex))
    assert queries_of() == before == (3, 1, 2)
