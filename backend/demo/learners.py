"""Sixty members at all stages of the module, and the demo participant halfway the first lesson.

The members' rows are made in one go, because sixty people answering through the service would take seconds. They follow from
their answers just as the service would have it: a test answers the same again through the service and compares.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session

from backend.auth.models import Account, Membership, Viewer
from backend.courses import service as courses
from backend.courses.block_types import (
    Budget,
    Compare,
    Match,
    Multiple,
    Number,
    Order,
    Question,
    Short,
    Sort,
    Triage,
)
from backend.courses.documents import CourseDocument, Lesson
from backend.demo import milestones
from backend.demo.milestones import Rows
from backend.demo.people import COURSE, new_account, new_membership
from backend.demo.places import DOMAIN
from backend.learning import service as learning
from backend.learning.completion import Answer, CheckResult, Evidence, complete
from backend.learning.grading import Given, as_submitted, grade, read_answer, right_answer
from backend.learning.judging import facts
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, Response, ResponseEvent
from backend.network.models import Organisation

MEMBERS = 60
# In the demo mentor's regions; with participant and coordinator the mentor follows 24.
NEAR_MEMBERS, NEAR_PLACES = 22, 3
FUNCTIONS = (
    "jeugdwerker",
    "preventieambtenaar",
    "deskundige samenleven",
    "wijkinspecteur",
    "brugfiguur",
    "communicatieambtenaar",
    "integratieambtenaar",
    "bibliothecaris",
    "onthaalmedewerker",
    "straathoekwerker",
)
STAGES = ("stuck", "busy", "none", "busy", "done", "busy", "silent", "busy", "done", "busy")
HARD = {(1, 0), (3, 1), (5, 2)}  # places of lesson and question that many get wrong first
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Answered:
    """One answer to one question, graded."""

    lesson: Lesson
    question: Question
    given: Given
    score: float | None
    at: datetime


@dataclass(frozen=True)
class Finished:
    """And then the checks and the cases of a lesson, until it is done."""

    lesson: Lesson
    at: datetime


def begin_lesson(session: Session, viewer: Viewer, now: datetime) -> None:
    """Answer half of lesson 1.1 yesterday, through the service: one mistake, its correction, and on."""
    lesson = courses.published_version(session, COURSE)[2].lessons[0]
    questions = list(lesson.questions.values())[: max(1, len(lesson.questions) // 2)]
    answers = [
        (questions[0], _wrong_answer(questions[0])),
        *((each, right_answer(each)) for each in questions),
    ]
    for number, (question, given) in enumerate(answers):
        address = learning.Address(COURSE, lesson.key, question.key)
        moment = now - DAY + 2 * MINUTE * number
        learning.answer(session, viewer, address, as_submitted(given), f"{number:032x}", moment)


def make_members(
    session: Session, organisations: list[Organisation], random: Random, now: datetime
) -> list[UUID]:
    """Gives their ids, the longest member first."""
    course_id, version_id, document = courses.published_version(session, COURSE)
    rows = Rows()
    for number in range(1, MEMBERS + 1):
        stage = STAGES[(number - 1) % len(STAGES)]
        silent = {
            "stuck": 4 + number // 10 * 4 % 11,
            "silent": 15 + number * 3 % 26,
            "done": number % 20,
            "busy": number % 7,
        }
        last = now - DAY * silent.get(stage, 0) - MINUTE * random.randrange(5, 240)
        since = last - DAY * (40 + number % 30) if stage in silent else now - DAY * (4 + number % 3 * 9)
        account = new_account(f"Demo {number:02d}", f"lid{number:02d}@{DOMAIN}", since, id=_uuid(random))
        rows.add(Account, **account.model_dump() | {"last_seen_at": last if stage in silent else since})
        near = number <= NEAR_MEMBERS
        organisation = (
            organisations[:NEAR_PLACES][number % NEAR_PLACES] if near else _far(organisations, number)
        )
        function = FUNCTIONS[(number * 7 + number // 10 * 3) % len(FUNCTIONS)]
        rows.add(Membership, **new_membership(account, organisation, function, since).model_dump())
        if stage not in silent:
            continue
        enrolment = rows.add(
            Enrolment,
            id=_uuid(random),
            account_id=account.id,
            course_id=course_id,
            version_id=version_id,
            started_at=since + DAY,
            completed_at=None,
            last_active_at=last,
        )
        with_questions = [place for place, lesson in enumerate(document.lessons) if len(lesson.graded) > 1]
        done = len(document.lessons) if stage == "done" else random.choice(with_questions)
        _follow(rows, enrolment, document, _answers(document, stage, done, enrolment, random))
    rows.insert(session)
    return [row["id"] for row in sorted(rows.tables[Account], key=lambda row: row["admitted_at"])]


def _far(organisations: list[Organisation], number: int) -> Organisation:
    others = organisations[NEAR_PLACES:]
    return others[number % len(others)]


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


# ── answers ──


def _answers(
    document: CourseDocument, stage: str, done: int, enrolment: dict[str, Any], random: Random
) -> Iterator[Answered | Finished]:
    """In order of time: all of the lessons that are done, then a part of the next one."""
    lessons = document.lessons[: done if stage == "done" else done + 1]
    span = enrolment["last_active_at"] - enrolment["started_at"]
    for place, lesson in enumerate(lessons):
        tries = list(_tries(lesson, place, random))
        if place == done:
            first, second = (lesson.questions[key] for key in lesson.graded[:2])
            wrong = [(second, False)] * random.choice((3, 4))
            tries = (
                [(first, True), *wrong] if stage == "stuck" else tries[: max(1, len(lesson.questions) // 2)]
            )
        end = enrolment["started_at"] + span * (place + 1) / len(lessons)
        for number, (question, right) in enumerate(tries, start=1):
            answer = right_answer(question) if right else _wrong_answer(question)
            given = read_answer(question, as_submitted(answer))
            yield Answered(
                lesson, question, given, grade(question, given), end - MINUTE * (len(tries) - number + 2)
            )
        if place < done:
            yield Finished(lesson, end)


def _tries(lesson: Lesson, place: int, random: Random) -> Iterator[tuple[Question, bool]]:
    """Every question until it is right: mostly at once, sometimes after a mistake."""
    for number, question in enumerate(lesson.questions.values()):
        if random.random() < (0.55 if (place, number) in HARD else 0.12):
            yield question, False
        yield question, True


def _wrong_answer(question: Question) -> Given:
    if isinstance(question, Order):
        return {"places": {key: str(place) for place, key in enumerate(question.shown, start=1)}}
    if isinstance(question, Match | Sort | Triage):
        return {"places": {item.key: question.places[0].key for item in question.items}}
    if isinstance(question, Number | Short):
        return {"text": "0" if right_answer(question)["text"] != "0" else "1"}
    if isinstance(question, Compare):  # never wrong
        return right_answer(question)
    wrong = [option.key for option in question.options if not option.is_right]
    if (
        isinstance(question, Multiple | Budget) and not wrong
    ):  # all are right: then choosing one is not enough
        wrong = [question.options[0].key]
    return {"options": wrong[:1]}


@dataclass
class _Lesson:
    """What is kept of one lesson while its answers come in."""

    lesson: Lesson
    attempt: dict[str, Any]
    progress: dict[str, Any]
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: dict[str, CheckResult] = field(default_factory=dict)
    scenarios: dict[str, datetime] = field(default_factory=dict)


def _follow(
    rows: Rows, enrolment: dict[str, Any], document: CourseDocument, moves: Iterator[Answered | Finished]
) -> None:
    """What the learning service would have kept after all this."""
    lessons: dict[str, _Lesson] = {}
    for number, move in enumerate(moves):
        key = move.lesson.key
        if key not in lessons:
            lessons[key] = _begin(rows, enrolment, move)
        if isinstance(move, Answered):
            _keep(rows, lessons[key], move, number)
            enrolment |= {"lesson_key": key, "block_key": move.question.key, "last_active_at": move.at}
        else:
            _finish(rows, lessons[key], enrolment, move)
    done = [kept.progress["done_at"] for kept in lessons.values()]
    if None not in done and len(done) == len(document.lessons):
        enrolment["completed_at"] = max(done)


def _begin(rows: Rows, enrolment: dict[str, Any], first: Answered | Finished) -> _Lesson:
    where = {"enrolment_id": enrolment["id"], "lesson_key": first.lesson.key}
    attempt = rows.add(
        Attempt,
        **where,
        id=uuid5(enrolment["id"], first.lesson.key),
        version_id=enrolment["version_id"],
        started_at=first.at,
    )
    progress = rows.add(LessonProgress, **where, started_at=first.at, tries_below=0, done_at=None)
    return _Lesson(first.lesson, attempt, progress)


def _finish(rows: Rows, kept: _Lesson, enrolment: dict[str, Any], finished: Finished) -> None:
    """Checks that count are passed, cases are walked to an ending, one after the other."""
    lesson, at = finished.lesson, finished.at
    where = {
        "enrolment_id": enrolment["id"], "version_id": enrolment["version_id"], "lesson_key": lesson.key,
    }  # fmt: skip
    for check in lesson.checks.values():
        if check.counts:
            kept.checks[check.key] = milestones.pass_check(rows, where, check, at)
            enrolment |= {"lesson_key": lesson.key, "block_key": check.key, "last_active_at": at}
            _judge(kept, at, None)
    for block in lesson.scenarios.values():
        if block.counts:
            kept.scenarios[block.key] = milestones.walk(rows, where, block.scenario, at)
            enrolment |= {"lesson_key": lesson.key, "block_key": block.key, "last_active_at": at}
            _judge(kept, at, None)


def _keep(rows: Rows, kept: _Lesson, answer: Answered, number: int) -> None:
    where = {"attempt_id": kept.attempt["id"], "block_key": answer.question.key, "given": answer.given}
    rows.add(
        ResponseEvent,
        **where,
        version_id=kept.attempt["version_id"],
        kind=EventKind.ANSWERED,
        submission=f"{number:032x}",
        score=answer.score,
        at=answer.at,
    )
    if answer.question.key not in kept.responses:
        kept.responses[answer.question.key] = rows.add(Response, **where, tries=0, best_score=None)
    response = kept.responses[answer.question.key]
    response |= {
        "given": answer.given,
        "answered_at": answer.at,
        "last_score": answer.score,
        "tries": response["tries"] + 1,
    }
    if answer.score is not None:
        response["best_score"] = max(response["best_score"] or 0.0, answer.score)
    _judge(kept, answer.at, answer.score)


def _judge(kept: _Lesson, at: datetime, score: float | None) -> None:
    row = kept.progress
    evidence = Evidence(
        {key: Answer(each["best_score"], each["answered_at"]) for key, each in kept.responses.items()},
        checks=kept.checks,
        scenarios=kept.scenarios,
    )
    found = complete(kept.lesson, evidence)
    row |= {**facts(kept.lesson, evidence, found), "last_active_at": at}
    if score is not None:
        row["tries_below"] = 0 if score == 1 else row["tries_below"] + 1
    if found.state == "done" and row["done_at"] is None:
        row["done_at"] = at
    if row["done_at"] is not None:
        row |= {"tries_below": 0, "share": 1.0}
