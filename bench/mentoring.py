"""What a mentor waits for: the cockpit of 2,000 people, the heat map of 500, and one person's line of time.

python -m bench.mentoring   (BENCH_MENTORING_ANSWERS=1000000 by default)
"""

import gc
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Engine, event, insert, select
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Grant, Membership, Role, ScopeKind, Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument
from backend.db import now
from backend.learning.models import Attempt, Enrolment, LessonProgress, Response
from backend.mentoring.service import Filter, overview
from backend.mentoring.timeline import timeline
from backend.network.models import Municipality, Organisation
from backend.network.service import load_municipalities
from bench import network
from tests.learning.documents import CHOICE, MULTIPLE, ORDER, make_course, make_lesson, publish

LESSONS = 26
PEOPLE, NEAR = 2000, 500  # of whom so many in one region
ANSWERS = int(os.environ.get("BENCH_MENTORING_ANSWERS", "1000000"))
CHUNK = 20_000
QUESTIONS = (CHOICE, MULTIPLE, ORDER)


def fill(engine: Engine) -> tuple[str, UUID]:
    """Gives the region of the five hundred, and one of them."""
    moment = now()
    with Session(engine) as session, session.begin():
        load_municipalities(session, moment)
        lessons = tuple(make_lesson(f"les-{n}", f"1.{n}", *QUESTIONS) for n in range(1, LESSONS + 1))
        publish(session, make_course("polarisatie", lessons=lessons))
        course_id, version_id, document = courses.published_version(session, "polarisatie")
        rows = session.execute(
            select(col(Organisation.id), col(Municipality.region_key))
            .join(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
            .order_by(col(Municipality.region_key))
        ).all()
        region = rows[0].region_key
        near = [row.id for row in rows if row.region_key == region]
        far = [row.id for row in rows if row.region_key != region]
        people = [uuid4() for _ in range(PEOPLE)]
        network._add(session, Account, [
            {"id": who, "email": f"b{n}@test.example", "name": f"Lid {n}", "status": AccountStatus.MEMBER, "language": "nl",
             "created_at": moment, "confirmed_at": moment, "admitted_at": moment - timedelta(days=60), "motivation": "",
             "is_fictional": True} for n, who in enumerate(people)
        ])  # fmt: skip
        network._add(session, Membership, [
            {"id": uuid4(), "account_id": who, "organisation_id": (near if n < NEAR else far)[n % len(near if n < NEAR else far)],
             "function": "deskundige", "started_at": moment} for n, who in enumerate(people)
        ])  # fmt: skip
        _learn(session, people, course_id, version_id, document)
    return region, people[0]


def _learn(
    session: Session, people: list[UUID], course_id: int, version_id: int, document: CourseDocument
) -> None:
    moment = now()
    each = max(1, ANSWERS // (PEOPLE * LESSONS))
    enrolled = [uuid4() for _ in people]
    network._add(session, Enrolment, [
        {"id": mine, "account_id": who, "course_id": course_id, "version_id": version_id, "started_at": moment,
         "last_active_at": moment - timedelta(days=n % 25), "lesson_key": "", "block_key": ""}
        for n, (who, mine) in enumerate(zip(people, enrolled, strict=True))
    ])  # fmt: skip
    answers = []
    for n, mine in enumerate(enrolled):
        progress, attempts = [], []
        for place, lesson in enumerate(document.lessons):
            key = {"enrolment_id": mine, "lesson_key": lesson.key}
            last = moment - timedelta(days=n % 25)
            progress.append(
                key | {"question_count": 3, "answered_count": 3, "score_sum": 3.0,
                       "tries_below": 4 * (place == 25 and n % 9 == 0), "share": 0.5, "reasons": [],
                       "started_at": last, "last_active_at": last,
                       "done_at": last if place < 24 else None}
            )  # fmt: skip
            attempts.append(key | {"id": uuid4(), "version_id": version_id, "check_key": "", "number": 1, "seed": 0, "frozen": {},
                                   "started_at": last, "is_passed": False, "receipt": ""})  # fmt: skip
            answers += [
                {"attempt_id": attempts[-1]["id"], "block_key": f"vraag-{q}", "given": {}, "last_score": 1.0, "best_score": 1.0,
                 "tries": 1, "answered_at": last} for q in range(each)
            ]  # fmt: skip
        session.execute(insert(LessonProgress), progress)
        session.execute(insert(Attempt), attempts)
        if len(answers) > CHUNK or n == len(enrolled) - 1:
            session.execute(insert(Response), answers)
            answers = []


def mentor(kind: ScopeKind, key: str = "") -> Viewer:
    return Viewer(
        id=uuid4(), session_id=uuid4(), name="Mia", email="", status=AccountStatus.MEMBER, language="nl",
        organisation_id=None, organisation_name="", municipality_nis=None, region_key=None,
        grants=(Grant(Role.MENTOR, kind, key),), seen_at=now(),
    )  # fmt: skip


def settle() -> None:
    """What was filled is no garbage to look through during a measurement; as a server does when it starts."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def measure(engine: Engine, what: Callable[[Session], object]) -> tuple[float, float, int]:
    """The median of nine, after the first, in ms; how much of it this process worked, at best; and the number of queries."""
    counted: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    took, worked = [], []
    for _ in range(10):
        counted.clear()
        with Session(engine) as session:
            began, at_work = time.perf_counter(), time.process_time()
            what(session)
            worked.append(1000 * (time.process_time() - at_work))
            took.append(1000 * (time.perf_counter() - began))
    return sorted(took[1:])[4], min(worked[1:]), len(counted)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, url in network.database_urls(Path(folder)).items():
            engine = network.fresh(url)
            region, who = fill(engine)
            if engine.dialect.name == "postgresql":
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("ANALYZE")
            settle()
            everyone, near = mentor(ScopeKind.ALL), mentor(ScopeKind.REGION, region)
            for title, what in (
                (f"cockpit, {PEOPLE} × {LESSONS}", lambda s: overview(s, everyone, Filter(), now())),  # noqa: B023
                (f"heat map, {NEAR} × {LESSONS}", lambda s: overview(s, near, Filter(), now())),  # noqa: B023
                ("line of time", lambda s: timeline(s, who, courses.published(s))),  # noqa: B023
            ):
                took, worked, queries = measure(engine, what)
                print(
                    f"{name}: {title}: {took:.1f} ms ({worked:.1f} ms of work), {queries} queries (session and signing in apart)",
                    flush=True,
                )
            engine.dispose()


if __name__ == "__main__":
    main()
