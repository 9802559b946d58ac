"""Learners in bulk, and learners whose history matters to one test."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert, select
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Membership, Role, ScopeKind
from backend.courses.documents import CourseDocument
from backend.courses.models import Course
from backend.db import now
from backend.learning.models import Attempt, Enrolment, LessonProgress, Response
from backend.network.models import Organisation
from tests.factories import give_role, make_account, make_municipality
from tests.learning.documents import CHOICE, MULTIPLE, ORDER, make_course, make_lesson, publish

QUESTIONS = (CHOICE, MULTIPLE, ORDER)
LESSONS = 7


def make_module(
    session: Session, key: str = "polarisatie", number: int = 1, lessons: int = LESSONS
) -> CourseDocument:
    """A published module whose lessons have three questions each."""
    document = make_course(
        key,
        number=number,
        title=key.capitalize(),
        lessons=tuple(make_lesson(f"les-{n}", f"{number}.{n}", *QUESTIONS) for n in range(1, lessons + 1)),
    )
    publish(session, document)
    return document


def make_mentor(
    session: Session, kind: ScopeKind = ScopeKind.REGION, key: str = "waasland", name: str = "Mia Mentor"
) -> Account:
    mentor = make_account(session, name)
    give_role(session, mentor, Role.MENTOR, kind, key)
    return mentor


def make_learner(
    session: Session,
    name: str,
    organisation: Organisation,
    *,
    done: int = 0,
    busy: bool = False,
    tries: int = 0,
    silent: timedelta = timedelta(0),
    admitted: timedelta = timedelta(days=60),
    module: str = "polarisatie",
    function: str = "jeugdwerker",
) -> Account:
    """`done` lessons, and with `busy` or `tries` a part of the next one; nothing at all when all are left out."""
    account = make_account(
        session, name, organisation=organisation, function=function, admitted_at=now() - admitted
    )
    if done or busy or tries:
        add_progress(
            session,
            account,
            done=done,
            busy=busy or bool(tries),
            tries=tries,
            last=now() - silent,
            module=module,
        )
    return account


def add_progress(
    session: Session,
    account: Account,
    *,
    done: int,
    busy: bool,
    tries: int,
    last: datetime,
    module: str = "polarisatie",
) -> Enrolment:
    course = session.scalars(select(Course).where(col(Course.key) == module)).one()
    enrolment = Enrolment(
        account_id=account.id,
        course_id=course.id,
        version_id=course.published_id,
        started_at=last - timedelta(days=5),
        last_active_at=last,
    )
    session.add(enrolment)
    session.flush()
    for number in range(1, done + 1 + busy):
        is_done = number <= done
        session.add(
            LessonProgress(
                enrolment_id=enrolment.id,
                lesson_key=f"les-{number}",
                question_count=len(QUESTIONS),
                answered_count=len(QUESTIONS) if is_done else 1,
                score_sum=3.0 if is_done else 0.0,
                tries_below=0 if is_done else tries,
                started_at=last - timedelta(days=5),
                last_active_at=last,
                done_at=last if is_done else None,
            )
        )
    session.flush()
    return enrolment


def add_result(
    session: Session, enrolment: Enrolment, lesson: str, block: str, *, tries: int, last: float = 1.0
) -> None:
    session.add(
        Response(
            attempt_id=practice_of(session, enrolment, lesson).id,
            block_key=block,
            given={"options": ["geheim-antwoord"]},
            last_score=last,
            best_score=last,
            tries=tries,
            answered_at=now(),
        )
    )


def practice_of(session: Session, enrolment: Enrolment, lesson: str) -> Attempt:
    """The attempt that the answers of a lesson belong to."""
    mine = select(Attempt).where(col(Attempt.enrolment_id) == enrolment.id, col(Attempt.lesson_key) == lesson)
    attempt = session.scalars(mine).one_or_none()
    if attempt is None:
        attempt = Attempt(
            enrolment_id=enrolment.id, version_id=enrolment.version_id, lesson_key=lesson, started_at=now()
        )
        session.add(attempt)
        session.flush()
    return attempt


def make_many(session: Session, organisation: Organisation, count: int, lessons: int = LESSONS) -> None:
    """`count` learners with progress and results in every lesson, in four statements."""
    course = session.scalars(select(Course).where(col(Course.key) == "polarisatie")).one()
    moment = now() - timedelta(days=2)
    accounts, memberships, enrolments, progress, attempts, results = [], [], [], [], [], []
    for number in range(count):
        account_id, enrolment_id = uuid4(), uuid4()
        accounts.append(
            {"id": account_id, "email": f"m{account_id.hex}@test.example", "name": f"Lid {number:03d}",
             "status": AccountStatus.MEMBER, "language": "nl", "created_at": moment, "admitted_at": moment,
             "motivation": "", "is_fictional": False}
        )  # fmt: skip
        memberships.append(
            {"id": uuid4(), "account_id": account_id, "organisation_id": organisation.id,
             "function": "jeugdwerker", "started_at": moment}
        )  # fmt: skip
        enrolments.append(
            {"id": enrolment_id, "account_id": account_id, "course_id": course.id, "version_id": course.published_id,
             "started_at": moment, "last_active_at": moment, "lesson_key": "", "block_key": ""}
        )  # fmt: skip
        for lesson in range(1, lessons + 1):
            key = {"enrolment_id": enrolment_id, "lesson_key": f"les-{lesson}"}
            progress.append(
                key | {"question_count": 3, "answered_count": 3, "score_sum": 3.0, "tries_below": 0, "started_at": moment,
                       "last_active_at": moment, "done_at": moment if (number + lesson) % 3 else None}
            )  # fmt: skip
            attempts.append(key | {"id": uuid4(), "version_id": course.published_id, "started_at": moment})
            results += [
                {"attempt_id": attempts[-1]["id"], "block_key": question.key, "given": {}, "last_score": 1.0,
                 "best_score": 1.0, "tries": 1 + number % 2, "answered_at": moment}
                for question in QUESTIONS
            ]  # fmt: skip
    session.execute(insert(Account), accounts)
    session.execute(insert(Membership), memberships)
    session.execute(insert(Enrolment), enrolments)
    session.execute(insert(LessonProgress), progress)
    session.execute(insert(Attempt), attempts)
    session.execute(insert(Response), results)


def two_regions(session: Session) -> tuple[Organisation, Organisation]:
    """Elzendonk in Waasland, where the mentor works, and Hazelbergen in Limburg, which is none of the mentor's business."""
    return make_municipality(session, "Elzendonk", "waasland"), make_municipality(
        session, "Hazelbergen", "limburg"
    )
