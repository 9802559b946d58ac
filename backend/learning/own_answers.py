"""One's own answers, attempts and progress: to take along, and to erase. What others counted of them names nobody and stays."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlmodel import Session, col

from backend.courses.models import Course
from backend.learning.models import (
    Allowance,
    Attempt,
    Attendance,
    Enrolment,
    LessonProgress,
    Response,
    ResponseEvent,
)


def export_of(session: Session, person: UUID) -> dict[str, list[dict[str, Any]]]:
    """Modules, lessons, attempts, every answer that was ever given, days and what was allowed, as JSON."""
    mine = _enrolments_of(person)
    keys = {row.id: row.key for row in session.execute(select(col(Course.id), col(Course.key)))}
    enrolments = session.scalars(select(Enrolment).where(col(Enrolment.account_id) == person)).all()
    attempts = session.scalars(select(Attempt).where(col(Attempt.enrolment_id).in_(mine))).all()
    lessons = session.scalars(select(LessonProgress).where(col(LessonProgress.enrolment_id).in_(mine)))
    events = session.scalars(
        select(ResponseEvent)
        .where(col(ResponseEvent.attempt_id).in_(_attempts_of(person)))
        .order_by(col(ResponseEvent.id))
    )
    days = session.scalars(select(Attendance).where(col(Attendance.account_id) == person))
    allowed = session.scalars(select(Allowance).where(col(Allowance.account_id) == person))
    return {
        "modules": [
            each.model_dump(mode="json", exclude={"account_id", "course_id"})
            | {"module": keys[each.course_id]}
            for each in enrolments
        ],
        "lessons": [each.model_dump(mode="json", exclude={"reasons"}) for each in lessons],
        "attempts": [each.model_dump(mode="json", exclude={"seed", "frozen"}) for each in attempts],
        "answers": [each.model_dump(mode="json", exclude={"submission"}) for each in events],
        "days": [each.model_dump(mode="json", exclude={"account_id"}) for each in days],
        "allowed": [
            each.model_dump(mode="json", exclude={"account_id", "by_id", "submission"}) for each in allowed
        ],
    }


def erase(session: Session, person: UUID) -> None:
    """After what hangs on the enrolments (scenario_runs.erase)."""
    session.execute(delete(ResponseEvent).where(col(ResponseEvent.attempt_id).in_(_attempts_of(person))))
    session.execute(delete(Response).where(col(Response.attempt_id).in_(_attempts_of(person))))
    session.execute(delete(Attempt).where(col(Attempt.enrolment_id).in_(_enrolments_of(person))))
    session.execute(
        delete(LessonProgress).where(col(LessonProgress.enrolment_id).in_(_enrolments_of(person)))
    )
    session.execute(delete(Enrolment).where(col(Enrolment.account_id) == person))
    session.execute(delete(Attendance).where(col(Attendance.account_id) == person))
    session.execute(delete(Allowance).where(col(Allowance.account_id) == person))
    session.execute(update(Allowance).where(col(Allowance.by_id) == person).values(by_id=None))


def _enrolments_of(person: UUID) -> Select[UUID]:
    return select(col(Enrolment.id)).where(col(Enrolment.account_id) == person)


def _attempts_of(person: UUID) -> Select[UUID]:
    return select(col(Attempt.id)).where(col(Attempt.enrolment_id).in_(_enrolments_of(person)))
