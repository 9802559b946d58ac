"""Two tabs, two devices, a double click, a killed server, a job at the same moment: a check counts once, with all of it."""

import signal
import subprocess
import sys
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.routing import Route

from backend import templating
from backend.auth.models import Viewer
from backend.config import ROOT
from backend.db import Database, now
from backend.errors import Conflict
from backend.jobs import Job
from backend.learning import checks, pages
from backend.learning.attendance import attended
from backend.learning.models import (
    Attempt,
    Attendance,
    Enrolment,
    EventKind,
    LessonProgress,
    Response,
    ResponseEvent,
    Tally,
)
from backend.learning.recount import differences
from backend.learning.service import Address, answer, enrol
from backend.learning.versions import carry_over, switch
from backend.mail import OutgoingMail
from tests.factories import make_account
from tests.learning.documents import CHECK, CHOICE, POLL, make_course, make_lesson, publish
from tests.learning.killed import GO, answers
from tests.learning.test_races import DEVICES, at_once, count
from tests.learning.test_service import viewer_for
from tests.learning.test_versions import MENDED

HERE = Address("proef", "een", "eindtoets")
PEOPLE = 8


@pytest.fixture
def viewer(own_engine: Engine) -> Viewer:
    with Session(own_engine) as session, session.begin():
        check = CHECK.model_copy(update={"minutes": 15})
        publish(
            session, make_course(lessons=(make_lesson("een", "1.1", POLL, CHOICE, check),), attended="dag")
        )
        return viewer_for(make_account(session))


def know_routes() -> None:
    """Mails carry addresses of pages; the application fills this in where there is one."""
    templating.ROUTES.update(
        {route.name: route.path for route in pages.router.routes if isinstance(route, Route)}
    )


def start(engine: Engine, viewer: Viewer) -> int:
    with Database(engine).session() as session:
        return checks.start(session, viewer, HERE, now())


def keys(engine: Engine, viewer: Viewer) -> list[str]:
    with Session(engine) as session:
        return list(checks.check_state(session, viewer, GO).paper.questions)


def save(engine: Engine, viewer: Viewer, key: str, option: str) -> None:
    with Database(engine).session() as session:
        checks.save(session, viewer, GO, key, {f"{key}.keuze": [option]}, now())


def hand_in(engine: Engine, viewer: Viewer, sent: dict[str, list[str]]) -> str:
    with Database(engine).session() as session:
        return checks.hand_in(session, viewer, GO, sent, now()).receipt


def all_is_well(engine: Engine) -> bool:
    with Session(engine) as session:
        return list(differences(session)) == []


def test_a_double_click_begins_one_attempt(own_engine: Engine, viewer: Viewer) -> None:
    """Also when it is the very first thing that somebody does in the module."""
    numbers: list[int] = []
    at_once(*[lambda: numbers.append(start(own_engine, viewer))] * DEVICES)
    with Session(own_engine) as session:
        assert numbers == [1] * DEVICES
        assert count(session, Attempt) == count(session, Enrolment) == count(session, Job) == 1


def test_every_question_that_a_tab_keeps_is_kept(own_engine: Engine, viewer: Viewer) -> None:
    start(own_engine, viewer)

    def tab(key: str) -> None:
        for option in ("a", "c", "b"):
            save(own_engine, viewer, key, option)

    at_once(*[lambda key=key: tab(key) for key in keys(own_engine, viewer)])
    with Session(own_engine) as session:
        assert [r.given for r in session.exec(select(Response))] == [{"options": ["b"]}] * CHECK.draw
        assert count(session, ResponseEvent) == 3 * CHECK.draw


def test_handing_in_from_every_device_counts_once(own_engine: Engine, viewer: Viewer) -> None:
    start(own_engine, viewer)
    right = {f"{key}.keuze": ["b"] for key in keys(own_engine, viewer)}
    receipts: list[str] = []
    at_once(*[lambda: receipts.append(hand_in(own_engine, viewer, right))] * DEVICES)
    with Session(own_engine) as session:
        attempt = session.exec(select(Attempt)).one()
        assert set(receipts) == {attempt.receipt}
        assert (attempt.score, attempt.is_passed) == (1, True)
        kinds = [e.kind for e in session.exec(select(ResponseEvent))]
        assert kinds.count(EventKind.HANDED_IN) == kinds.count(EventKind.SAVED) == CHECK.draw
        assert session.exec(select(LessonProgress)).one().reasons
    assert all_is_well(own_engine)


def test_what_was_kept_before_it_was_handed_in_counts_and_what_comes_after_is_told(
    own_engine: Engine, viewer: Viewer
) -> None:
    start(own_engine, viewer)
    first, *_rest = keys(own_engine, viewer)
    told: list[str] = []

    def tab() -> None:
        for option in ("a", "b", "a", "b", "c"):
            try:
                save(own_engine, viewer, first, option)
            except Conflict as closed:
                told.append(closed.message)

    at_once(tab, lambda: hand_in(own_engine, viewer, {}))
    with Session(own_engine) as session:
        attempt = session.exec(select(Attempt)).one()
        kept = session.exec(select(Response)).all()
        given = [r.given["options"] == ["b"] for r in kept]
        assert attempt.score == sum(given) / CHECK.draw, "graded is what was kept"
        assert all(r.last_score == float(right) for r, right in zip(kept, given, strict=True))
        assert all("al ingediend" in message for message in told)
    assert all_is_well(own_engine)


def test_a_job_and_a_person_at_the_deadline_close_it_once(own_engine: Engine, viewer: Viewer) -> None:
    start(own_engine, viewer)
    right = {f"{key}.keuze": ["b"] for key in keys(own_engine, viewer)}
    with Session(own_engine) as session, session.begin():
        attempt = session.exec(select(Attempt)).one()
        attempt_id, attempt.deadline_at = attempt.id, now() - timedelta(minutes=2)

    def job() -> None:
        with Database(own_engine).session() as session:
            checks.close_overdue(session, attempt_id, now())

    at_once(job, job, lambda: hand_in(own_engine, viewer, right), lambda: start(own_engine, viewer))
    with Session(own_engine) as session:
        first = session.exec(select(Attempt).where(Attempt.number == 1)).one()
        assert (first.score, first.handed_in_at) == (0, first.deadline_at), "too late: what was kept, nothing"
        assert count(session, ResponseEvent) == 0
        assert count(session, Attempt) == 2
    assert all_is_well(own_engine)


def test_a_server_that_is_killed_in_the_middle_lost_nothing(
    own_engine: Engine, own_url: str, viewer: Viewer
) -> None:
    """A real process, after its last write and before its commit. What was kept is there, and handing in again works."""
    start(own_engine, viewer)
    first, *_rest = keys(own_engine, viewer)
    save(own_engine, viewer, first, "a")
    command = [sys.executable, "-m", "tests.learning.killed", own_url, str(viewer.id)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    finally:
        process.kill()
        process.stdout.close()
    with Session(own_engine) as session:
        assert session.exec(select(Attempt)).one().handed_in_at is None
        assert [e.given for e in session.exec(select(ResponseEvent))] == [{"options": ["a"]}]
        sent = answers(session, viewer)
    hand_in(own_engine, viewer, sent)
    with Session(own_engine) as session:
        assert session.exec(select(Attempt.score)).one() == 1
    assert all_is_well(own_engine)


# ── many people, one row ──


def everybody(engine: Engine) -> list[Viewer]:
    with Session(engine) as session, session.begin():
        return [viewer_for(make_account(session)) for _ in range(PEOPLE)]


def test_a_poll_counts_everybody_and_nobody_waits_in_a_ring(own_engine: Engine, viewer: Viewer) -> None:
    people = everybody(own_engine)

    def vote(who: Viewer, choices: tuple[str, ...]) -> None:
        for choice in choices:  # changing one's mind touches two rows
            with Database(own_engine).session() as session:
                answer(
                    session, who, Address("proef", "een", "peiling"), {"keuze": [choice]}, uuid4().hex, now()
                )

    turns = (("p1", "p2", "p3"), ("p3", "p1", "p2"))
    at_once(*[lambda who=who, n=n: vote(who, turns[n % 2]) for n, who in enumerate(people)])
    with Session(own_engine) as session:
        counted = {t.choice: t.people for t in session.exec(select(Tally)) if t.people}
    assert counted == {"": PEOPLE, "p3": PEOPLE // 2, "p2": PEOPLE // 2}


def test_a_day_that_two_workers_tell_counts_once(own_engine: Engine, viewer: Viewer) -> None:
    def tell() -> None:
        with Database(own_engine).session() as session:
            attended(session, viewer.id, "dag", date(2026, 11, 25), now())

    def begin() -> None:
        with Database(own_engine).session() as session:
            enrol(session, viewer, "proef", now())

    begin()
    at_once(tell, tell, tell)
    with Session(own_engine) as session:
        assert count(session, Attendance) == 1
        assert session.exec(select(Enrolment)).one().attended_on == date(2026, 11, 25)


def test_a_small_fix_while_everybody_answers_loses_no_answer(own_engine: Engine, viewer: Viewer) -> None:
    know_routes()
    people = everybody(own_engine)
    with Session(own_engine) as session, session.begin():
        old = publish(session, make_course(lessons=(make_lesson("een", "1.1", CHOICE),)))

    def go_on(who: Viewer) -> None:
        for option in ("c", "a", "b"):
            with Database(own_engine).session() as session:
                answer(session, who, Address("proef", "een", "kies"), {"keuze": [option]}, uuid4().hex, now())

    def one(who: Viewer) -> None:
        with Database(own_engine).session() as session:
            answer(session, who, Address("proef", "een", "kies"), {"keuze": ["a"]}, uuid4().hex, now())

    for who in people:
        one(who)
    with Session(own_engine) as session, session.begin():
        new = publish(session, make_course(lessons=(make_lesson("een", "1.1", MENDED),)))

    def fix() -> None:
        with Database(own_engine).session() as session:
            carry_over(session, old, new, now())

    at_once(fix, *[lambda who=who: go_on(who) for who in people])
    with Session(own_engine) as session:
        assert set(session.exec(select(Enrolment.version_id))) == {new}
        kept = session.exec(select(Response)).all()
        assert [(r.given["options"], r.tries, r.last_score, r.best_score) for r in kept] == [
            (["b"], 4, 0, 1)
        ] * PEOPLE, "by the new key"
        assert count(session, OutgoingMail) <= PEOPLE, "nobody twice"
    assert all_is_well(own_engine)


def test_going_on_from_two_tabs_while_answering(own_engine: Engine, viewer: Viewer) -> None:
    with Session(own_engine) as session, session.begin():
        publish(session, make_course(lessons=(make_lesson("een", "1.1", CHOICE),)))
    answering = Address("proef", "een", "kies")

    def tab() -> None:
        for option in ("a", "b", "a"):
            with Database(own_engine).session() as session:
                answer(session, viewer, answering, {"keuze": [option]}, uuid4().hex, now())

    tab()
    with Session(own_engine) as session, session.begin():
        publish(session, make_course(lessons=(make_lesson("een", "1.1", MENDED),)))

    def go_on() -> None:
        with Database(own_engine).session() as session:
            switch(session, viewer, "proef", now())

    at_once(tab, go_on, go_on)
    with Session(own_engine) as session:
        kept = session.exec(select(Response)).one()
        assert (kept.given, kept.tries, kept.last_score, kept.best_score) == ({"options": ["a"]}, 6, 1, 1)
    assert all_is_well(own_engine)
