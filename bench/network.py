"""Fill a database for measurements: the real module, and as many fictional members and answers as asked."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert, select, text, update
from sqlmodel import Session, SQLModel, col

from backend import main  # noqa: F401 - every table
from backend.auth import sessions
from backend.auth.models import Account, AccountStatus, AuthSession, Membership
from backend.config import ROOT
from backend.courses import loading
from backend.courses import service as courses
from backend.courses.documents import Lesson
from backend.db import make_engine, now
from backend.learning.grading import right_answer
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, Response, ResponseEvent
from backend.network.models import Organisation
from backend.network.service import load_municipalities
from tests.learning.documents import EVERY, NOTE, POLL, RATING, make_course, make_lesson, publish

COURSE = "polarisatie"
CHUNK = 20_000
RICH = "/leren/alles/rijk"  # a lesson with so many blocks
BLOCKS = 40


def fresh(url: str) -> Engine:
    """An empty database with today's tables."""
    engine = make_engine(url)
    SQLModel.metadata.drop_all(engine)
    SQLModel.metadata.create_all(engine)
    return engine


def rich_lesson() -> Lesson:
    """Every kind of question, again and again, with a note, a poll and a self-rating."""
    kinds = (*EVERY, POLL, RATING, NOTE)
    blocks = [kinds[n % len(kinds)].model_copy(update={"key": f"blok-{n}"}) for n in range(BLOCKS)]
    return make_lesson("rijk", "1.1", *blocks)


def fill(engine: Engine, members: int, answers: int) -> list[str]:
    """Members spread over the municipalities, enrolled in the module, with so many answers; gives 20 session tokens."""
    moment = now()
    with Session(engine) as session, session.begin():
        load_municipalities(session, moment)
        loading.load(session, ROOT / "content", moment)
        publish(session, make_course("alles", lessons=(rich_lesson(),)))
        course_id, version_id, document = courses.published_version(session, COURSE)
        places = list(session.scalars(select(col(Organisation.id))))
        people = [uuid4() for _ in range(members)]
        _add(session, Account, [_account(n, who, moment) for n, who in enumerate(people)])
        _add(session, Membership, [
            {"id": uuid4(), "account_id": who, "organisation_id": places[n % len(places)], "function": "deskundige",
             "started_at": moment, "ended_at": None} for n, who in enumerate(people)
        ])  # fmt: skip
        enrolled = {who: uuid4() for who in people}
        _add(session, Enrolment, [
            {"id": mine, "account_id": who, "course_id": course_id, "version_id": version_id, "started_at": moment,
             "completed_at": None, "last_active_at": moment, "lesson_key": document.lessons[0].key, "block_key": ""}
            for who, mine in enrolled.items()
        ])  # fmt: skip
        questions = [(lesson, key) for lesson in document.lessons for key in lesson.questions]
        each = max(1, answers // members)
        for start in range(0, members, 2000):
            chosen = [enrolled[who] for who in people[start : start + 2000]]
            _answers(session, chosen, questions, each, version_id, moment)
        tokens = [sessions.begin(session, who, "bench", moment) for who in people[:20]]
        # nobody is "seen" for the first time during a measurement
        session.execute(update(AuthSession).values(last_seen_at=moment + timedelta(hours=1)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return tokens


def _account(number: int, who: UUID, moment: object) -> dict[str, object]:
    return {
        "id": who, "email": f"lid{number}@bench.example", "name": f"Lid {number}", "password_hash": None,
        "status": AccountStatus.MEMBER, "language": "nl", "created_at": moment, "confirmed_at": moment,
        "admitted_at": moment, "last_seen_at": moment, "motivation": "", "is_fictional": True,
    }  # fmt: skip


def _answers(
    session: Session,
    enrolments: list[UUID],
    questions: list[tuple[Lesson, str]],
    each: int,
    version: int,
    moment: object,
) -> None:
    events: list[dict[str, object]] = []
    responses: list[dict[str, object]] = []
    attempts: dict[tuple[UUID, str], UUID] = {}
    lessons: dict[tuple[UUID, str], list[Any]] = {}
    given = {block: right_answer(lesson.questions[block]) for lesson, block in questions}
    for mine in enrolments:
        for n in range(each):
            lesson, block = questions[n % len(questions)]
            attempt = attempts.setdefault((mine, lesson.key), uuid4())
            events.append(
                {"attempt_id": attempt, "version_id": version, "block_key": block, "kind": EventKind.ANSWERED,
                 "submission": uuid4().hex, "given": given[block], "score": 1.0, "at": moment}
            )  # fmt: skip
            if n < len(questions):
                responses.append(
                    {"attempt_id": attempt, "block_key": block, "given": given[block], "last_score": 1.0,
                     "best_score": 1.0, "tries": 1, "answered_at": moment}
                )  # fmt: skip
                done = lessons.setdefault((mine, lesson.key), [lesson, 0])
                done[1] += 1
    _add(session, Attempt, [
        {"id": attempt, "enrolment_id": mine, "version_id": version, "lesson_key": key, "started_at": moment}
        for (mine, key), attempt in attempts.items()
    ])  # fmt: skip
    _add(session, ResponseEvent, events)
    _add(session, Response, responses)
    _add(session, LessonProgress, [
        {"enrolment_id": mine, "lesson_key": key, "question_count": len(lesson.questions), "answered_count": count,
         "score_sum": float(count), "tries_below": 0, "started_at": moment, "last_active_at": moment,
         "share": min(1.0, count / len(lesson.questions)), "done_at": moment if count >= len(lesson.questions) else None}
        for (mine, key), (lesson, count) in lessons.items()
    ])  # fmt: skip


def _add(session: Session, table: type[SQLModel], rows: list[dict[str, object]]) -> None:
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(table), rows[start : start + CHUNK])


def database_urls(folder: Path) -> dict[str, str]:
    """SQLite always; PostgreSQL when LN_BENCH_POSTGRES has an address (`make bench` starts one)."""
    urls = {"SQLite": f"sqlite:///{folder / 'bench.db'}"}
    if address := os.environ.get("LN_BENCH_POSTGRES"):
        urls["PostgreSQL"] = address
    else:
        print("NIET GEMETEN: PostgreSQL (LN_BENCH_POSTGRES is leeg)", file=sys.stderr)
    return urls
