"""A check: what is drawn stays, what is written is kept, the server keeps the time, and nothing counts twice."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from backend import jobs
from backend.auth.models import AccountStatus, Grant, Role, ScopeKind, Viewer
from backend.courses.block_types import Check
from backend.db import now
from backend.errors import Conflict, Forbidden, NotFound
from backend.jobs import Job
from backend.learning import checks
from backend.learning.allowances import Extra, allow
from backend.learning.checks import GoAddress, NotReadable, check_state, close_overdue, hand_in, save, start
from backend.learning.models import Allowance, Attempt, EventKind, LessonProgress, Response, ResponseEvent
from backend.learning.service import Address, enrol, lesson_state
from tests.factories import make_account
from tests.learning.documents import BANK, CHECK, MATCH, NUMBER, make_course, make_lesson, publish
from tests.learning.test_service import count, viewer_for

MOMENT = now()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HERE = Address("proef", "een", "eindtoets")


def go(number: int = 1) -> GoAddress:
    return GoAddress("proef", "een", "eindtoets", number)


def course_with(check: Check, **values: Any):
    return make_course(lessons=(make_lesson("een", "1.1", check, **values),))


@pytest.fixture
def viewer(session: Session) -> Viewer:
    publish(session, course_with(CHECK))
    return viewer_for(make_account(session))


def drawn(session: Session, viewer: Viewer, number: int = 1) -> list[str]:
    return list(check_state(session, viewer, go(number)).paper.questions)


def filled(keys: list[str], right: int) -> dict[str, list[str]]:
    """So many right answers, the others wrong."""
    return {f"{key}.keuze": ["b" if n < right else "a"] for n, key in enumerate(keys)}


def progress(session: Session) -> LessonProgress:
    session.flush()
    return session.exec(select(LessonProgress)).one()


def events(session: Session) -> list[ResponseEvent]:
    session.flush()
    return list(session.exec(select(ResponseEvent).order_by(col(ResponseEvent.id))))


# ── starting ──


def test_starting_draws_and_freezes_and_a_double_click_starts_once(session: Session, viewer: Viewer):
    assert start(session, viewer, HERE, MOMENT) == start(session, viewer, HERE, MOMENT) == 1
    attempt = session.exec(select(Attempt)).one()
    assert (attempt.check_key, attempt.number, attempt.deadline_at) == ("eindtoets", 1, None)
    assert len(attempt.frozen["questions"]) == 4
    assert drawn(session, viewer) == drawn(session, viewer) == attempt.frozen["questions"]
    assert enrol(session, viewer, "proef", MOMENT).block_key == "eindtoets"


def test_another_attempt_draws_anew_until_there_are_none_left(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    hand_in(session, viewer, go(), {}, MOMENT)
    assert start(session, viewer, HERE, MOMENT) == 2
    hand_in(session, viewer, go(2), {}, MOMENT)
    with pytest.raises(Conflict, match="zo vaak als mag"):
        start(session, viewer, HERE, MOMENT)
    seeds = session.exec(select(Attempt.seed)).all()
    assert len(set(seeds)) == 2


def test_who_passed_does_not_begin_again(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    hand_in(session, viewer, go(), filled(drawn(session, viewer), 4), MOMENT)
    assert start(session, viewer, HERE, MOMENT) == 1
    assert count(session, Attempt) == 1


def test_a_check_that_is_not_there_or_not_open_cannot_be_started(session: Session, viewer: Viewer):
    for address in (
        HERE._replace(block_key="zz"),
        HERE._replace(block_key="kies"),
        HERE._replace(lesson_key="zz"),
    ):
        with pytest.raises(NotFound):
            start(session, viewer, address, MOMENT)
    tomorrow = (MOMENT + timedelta(days=1)).date()
    publish(session, course_with(CHECK, opens_on=tomorrow))
    with pytest.raises(Conflict, match="gaat open op"):
        start(session, viewer_for(make_account(session)), HERE, MOMENT)
    applicant = viewer_for(make_account(session, status=AccountStatus.APPLICANT))
    with pytest.raises(Forbidden):
        start(session, applicant, HERE, MOMENT)


# ── writing ──


def test_what_is_written_is_kept_every_time_it_changes(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    first = drawn(session, viewer)[0]
    for option in ("a", "a", "b", "a"):  # and back again: the last one stands
        save(session, viewer, go(), first, {f"{first}.keuze": [option]}, MOMENT)
    assert [e.given["options"] for e in events(session)] == [["a"], ["b"], ["a"]]
    assert {(e.kind, e.score) for e in events(session)} == {(EventKind.SAVED, None)}
    kept = session.exec(select(Response)).one()
    assert (kept.given, kept.last_score, kept.tries) == ({"options": ["a"]}, None, 0)
    assert count(session, LessonProgress) == 0, "nothing counts before it is handed in"


def test_an_answer_may_be_half_and_taken_back(session: Session, viewer: Viewer):
    publish(session, course_with(CHECK.model_copy(update={"questions": (MATCH, NUMBER), "draw": 2})))
    me = viewer_for(make_account(session))
    start(session, me, HERE, MOMENT)
    save(session, me, go(), "verbind", {"verbind.plaats.x": ["rood"]}, MOMENT)
    save(session, me, go(), "getal", {"getal.antwoord": ["onge"]}, MOMENT)
    kept = {r.block_key: r.given for r in session.exec(select(Response))}
    assert kept == {"verbind": {"places": {"x": "rood"}}, "getal": {"text": "onge"}}
    save(session, me, go(), "verbind", {}, MOMENT)
    assert session.exec(select(Response).where(Response.block_key == "verbind")).one().given == {"places": {}}
    attempt = hand_in(session, me, go(), {"verbind.plaats.x": ["rood"], "getal.antwoord": ["66 %"]}, MOMENT)
    assert attempt.score == pytest.approx((1 / 3 + 1) / 2), "what is there counts"


def test_everything_that_is_sent_along_is_kept(session: Session, viewer: Viewer):
    """Without JavaScript the whole form comes with any button."""
    start(session, viewer, HERE, MOMENT)
    keys = drawn(session, viewer)
    save(session, viewer, go(), keys[0], filled(keys, 2), MOMENT)
    assert count(session, Response) == 4


def test_what_cannot_be_kept_is_told_and_the_rest_is_kept(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    one, two, *_ = drawn(session, viewer)
    with pytest.raises(NotReadable) as caught:
        save(session, viewer, go(), one, {f"{one}.keuze": ["zz"], f"{two}.keuze": ["b"]}, MOMENT)
    assert caught.value.problems.keys() == {one}
    assert session.exec(select(Response.block_key)).all() == [two]
    with pytest.raises(NotReadable):
        hand_in(session, viewer, go(), {f"{one}.keuze": ["zz"]}, MOMENT)
    assert session.exec(select(Attempt)).one().handed_in_at is None


def test_a_question_that_was_not_drawn_is_refused(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    other = next(question.key for question in BANK if question.key not in drawn(session, viewer))
    for question, sent in (
        (other, {f"{other}.keuze": ["b"]}),
        (drawn(session, viewer)[0], {f"{other}.keuze": ["b"]}),
        ("kies", {"kies.keuze": ["b"]}),
        (drawn(session, viewer)[0], {"plaats.x": ["rood"]}),
    ):
        with pytest.raises(NotFound):
            save(session, viewer, go(), question, sent, MOMENT)
    with pytest.raises(NotFound):
        hand_in(session, viewer, go(), {f"{other}.keuze": ["b"]}, MOMENT)
    assert count(session, ResponseEvent) == 0


def test_nobody_elses_attempt_and_none_that_does_not_exist(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    first = drawn(session, viewer)[0]
    for who, address in (
        (viewer_for(make_account(session)), go()),
        (viewer, go(2)),
        (viewer, go()._replace(check_key="zz")),
        (viewer, go()._replace(check_key="")),
        (viewer, go()._replace(lesson_key="zz")),
        (viewer, go()._replace(course_key="zz")),
    ):
        with pytest.raises(NotFound):
            check_state(session, who, address)
        with pytest.raises(NotFound):
            save(session, who, address, first, {}, MOMENT)
        with pytest.raises(NotFound):
            hand_in(session, who, address, {}, MOMENT)


# ── handing in ──


def test_handing_in_grades_everything_and_finishes_the_lesson(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    keys = drawn(session, viewer)
    save(session, viewer, go(), keys[0], {f"{keys[0]}.keuze": ["a"]}, MOMENT)
    attempt = hand_in(session, viewer, go(), filled(keys, 3), MOMENT)
    assert (attempt.score, attempt.is_passed, attempt.handed_in_at) == (0.75, True, MOMENT)
    assert [e.kind for e in events(session)][-4:] == [EventKind.HANDED_IN] * 4
    assert sum(e.score or 0 for e in events(session)[-4:]) == 3
    row = progress(session)
    assert (row.done_at, row.share) == (MOMENT, 1)
    assert row.reasons[0]["have"] == 75


def test_handing_in_twice_is_handing_in_once(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    keys = drawn(session, viewer)
    first = hand_in(session, viewer, go(), filled(keys, 1), MOMENT)
    receipt, before = first.receipt, len(events(session))
    again = hand_in(session, viewer, go(), filled(keys, 4), MOMENT + MINUTE)
    assert (again.receipt, again.score, len(events(session))) == (receipt, 0.25, before)
    with pytest.raises(Conflict, match="al ingediend"):
        save(session, viewer, go(), keys[0], {f"{keys[0]}.keuze": ["b"]}, MOMENT)


def test_what_was_not_answered_counts_as_wrong(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    key = drawn(session, viewer)[0]
    attempt = hand_in(session, viewer, go(), {f"{key}.keuze": ["b"]}, MOMENT)
    assert (attempt.score, attempt.is_passed) == (0.25, False)
    row = progress(session)
    assert (row.done_at, row.reasons[0]["have"], row.reasons[0]["need"]) == (None, 25, 70)


def test_the_receipt_follows_from_what_was_handed_in(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    attempt = hand_in(session, viewer, go(), filled(drawn(session, viewer), 2), MOMENT)
    kept = {r.block_key: r for r in session.exec(select(Response))}
    assert attempt.receipt == checks.receipt_of(attempt, kept)
    assert len(attempt.receipt) == 14
    kept[next(iter(kept))].given = {"options": ["c"]}
    assert attempt.receipt != checks.receipt_of(attempt, kept)


def test_an_attempt_stays_in_the_version_in_which_it_was_started(session: Session, viewer: Viewer):
    start(session, viewer, HERE, MOMENT)
    keys = drawn(session, viewer)
    publish(session, make_course(lessons=(make_lesson("een", "1.1"),)))
    assert drawn(session, viewer) == keys
    assert hand_in(session, viewer, go(), filled(keys, 4), MOMENT).is_passed


# ── time ──


@pytest.fixture
def in_a_hurry(session: Session) -> Viewer:
    publish(session, course_with(CHECK.model_copy(update={"minutes": 15})))
    me = viewer_for(make_account(session))
    start(session, me, HERE, MOMENT)
    return me


def deadline(session: Session) -> Any:
    return session.exec(select(Attempt).order_by(col(Attempt.number).desc())).first().deadline_at


def test_a_little_too_late_still_counts(session: Session, in_a_hurry: Viewer):
    assert deadline(session) == MOMENT + 15 * MINUTE
    at = MOMENT + 16 * MINUTE  # a minute of grace
    keys = drawn(session, in_a_hurry)
    save(session, in_a_hurry, go(), keys[0], filled(keys, 4), at)
    attempt = hand_in(session, in_a_hurry, go(), filled(keys, 4), at)
    assert (attempt.score, attempt.handed_in_at) == (1, at)


def test_after_that_what_was_kept_counts_and_nothing_else(session: Session, in_a_hurry: Viewer):
    keys = drawn(session, in_a_hurry)
    save(session, in_a_hurry, go(), keys[0], {f"{keys[0]}.keuze": ["b"]}, MOMENT + MINUTE)
    late = MOMENT + 16 * MINUTE + SECOND
    with pytest.raises(Conflict, match="tijd van deze toets is om"):
        save(session, in_a_hurry, go(), keys[1], {f"{keys[1]}.keuze": ["b"]}, late)
    attempt = hand_in(session, in_a_hurry, go(), filled(keys, 4), late)
    assert attempt.score == 0.25
    assert attempt.handed_in_at == MOMENT + 15 * MINUTE, "when the time was over"
    assert progress(session).last_active_at == late


def test_a_job_closes_what_nobody_hands_in(session: Session, in_a_hurry: Viewer):
    session.flush()
    job = session.exec(select(Job).where(Job.name == checks.CLOSE)).one()
    assert job.run_at > MOMENT + 16 * MINUTE
    keys = drawn(session, in_a_hurry)
    save(session, in_a_hurry, go(), keys[0], filled(keys, 3), MOMENT)
    close_overdue(session, session.exec(select(Attempt.id)).one(), job.run_at)
    attempt = session.exec(select(Attempt)).one()
    assert (attempt.score, attempt.is_passed, attempt.handed_in_at) == (0.75, True, MOMENT + 15 * MINUTE)
    assert progress(session).done_at == job.run_at
    close_overdue(session, attempt.id, job.run_at + MINUTE)
    assert count(session, ResponseEvent) == 4 + 4, "twice is once"
    close_overdue(session, uuid4(), job.run_at)  # an attempt that is gone


def test_the_job_is_there_under_its_name(session: Session, in_a_hurry: Viewer):
    from backend.learning import jobs as _handlers  # noqa: F401

    session.exec(select(Attempt)).one().deadline_at = now() - timedelta(hours=1)
    jobs.HANDLERS[checks.CLOSE](session, {"attempt_id": str(session.exec(select(Attempt.id)).one())})
    assert session.exec(select(Attempt)).one().handed_in_at is not None


def test_starting_again_closes_what_is_over_first(session: Session, in_a_hurry: Viewer):
    assert start(session, in_a_hurry, HERE, MOMENT + 10 * MINUTE) == 1
    assert start(session, in_a_hurry, HERE, MOMENT + 20 * MINUTE) == 2
    first, second = session.exec(select(Attempt).order_by(col(Attempt.number))).all()
    assert (first.score, first.handed_in_at) == (0, MOMENT + 15 * MINUTE)
    assert second.deadline_at == MOMENT + 35 * MINUTE


# ── more attempts and more time ──


@pytest.fixture
def mentor(session: Session) -> Viewer:
    who = viewer_for(make_account(session))
    return Viewer(
        **{name: getattr(who, name) for name in who.__slots__}
        | {"grants": (Grant(Role.MENTOR, ScopeKind.ALL, ""),)}
    )


def give(session: Session, by: Viewer, who: Viewer, submission: str = "a" * 32, **values: Any) -> bool:
    extra = Extra(**{"attempts": 0, "percent": 0, "reason": "Dyslexie."} | values)
    return allow(session, by, who.id, "proef", extra, submission, MOMENT)


def test_an_extra_attempt_is_given_once_however_often_the_form_is_sent(
    session: Session, viewer: Viewer, mentor: Viewer
):
    for number in (1, 2):
        start(session, viewer, HERE, MOMENT)
        hand_in(session, viewer, go(number), {}, MOMENT)
    assert give(session, mentor, viewer, attempts=1)
    assert not give(session, mentor, viewer, attempts=1)
    assert start(session, viewer, HERE, MOMENT) == 3
    hand_in(session, viewer, go(3), {}, MOMENT)
    with pytest.raises(Conflict):
        start(session, viewer, HERE, MOMENT)
    given = session.exec(select(Allowance)).one()
    assert (given.by_id, given.reason, given.account_id) == (mentor.id, "Dyslexie.", viewer.id)


def test_extra_time_holds_for_new_attempts_and_for_one_that_is_open(
    session: Session, in_a_hurry: Viewer, mentor: Viewer
):
    give(session, mentor, in_a_hurry, percent=50)
    assert deadline(session) == MOMENT + timedelta(minutes=22, seconds=30)
    attempt_id = session.exec(select(Attempt.id)).one()
    close_overdue(session, attempt_id, MOMENT + 17 * MINUTE)  # the job of the first deadline comes too early
    assert session.exec(select(Attempt)).one().handed_in_at is None
    assert len(session.exec(select(Job).where(Job.name == checks.CLOSE)).all()) == 2, "and looks again later"
    hand_in(session, in_a_hurry, go(), {}, MOMENT)
    start(session, in_a_hurry, HERE, MOMENT)
    assert deadline(session) == MOMENT + 23 * MINUTE, "whole minutes, upwards"


def test_it_is_for_that_person_and_that_check(session: Session, in_a_hurry: Viewer, mentor: Viewer):
    give(session, mentor, viewer_for(make_account(session)), attempts=5, percent=100)
    give(session, mentor, in_a_hurry, "b" * 32, attempts=5, percent=100, check_key="andere")
    assert deadline(session) == MOMENT + 15 * MINUTE
    standing = lesson_state(session, in_a_hurry, "proef", "een").checks["eindtoets"]
    assert (standing.allowed, standing.minutes) == (2, 15)


def test_only_a_mentor_or_administrator_gives_it_and_within_reason(
    session: Session, viewer: Viewer, mentor: Viewer
):
    with pytest.raises(Forbidden):
        give(session, viewer, viewer, attempts=1)
    for values in ({"attempts": 11}, {"attempts": -1}, {"percent": 301}, {"percent": -10}, {"reason": ""}):
        with pytest.raises(Conflict):
            give(session, mentor, viewer, **values)
    with pytest.raises(NotFound):
        allow(session, mentor, viewer.id, "zz", Extra(1, 0, "x"), "c" * 32, MOMENT)
    assert count(session, Allowance) == 0


# ── what the lesson says of it ──


def test_the_lesson_tells_where_one_stands(session: Session, viewer: Viewer):
    enrol(session, viewer, "proef", MOMENT)
    standing = lesson_state(session, viewer, "proef", "een").checks["eindtoets"]
    assert (standing.left, standing.best, standing.may_start(MOMENT)) == (2, None, True)
    start(session, viewer, HERE, MOMENT)
    standing = lesson_state(session, viewer, "proef", "een").checks["eindtoets"]
    assert standing.open(MOMENT) and not standing.may_start(MOMENT)
    hand_in(session, viewer, go(), filled(drawn(session, viewer), 2), MOMENT)
    standing = lesson_state(session, viewer, "proef", "een").checks["eindtoets"]
    assert (standing.left, standing.best.score, standing.shows_answers) == (1, 0.5, False)
    start(session, viewer, HERE, MOMENT)
    hand_in(session, viewer, go(2), {}, MOMENT)
    standing = lesson_state(session, viewer, "proef", "een").checks["eindtoets"]
    assert (standing.left, standing.best.number, standing.shows_answers) == (0, 1, True)
