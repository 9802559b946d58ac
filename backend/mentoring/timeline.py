"""A participant's line of time: lessons, tests, days, what was shared and what was written, the newest first. Never an answer."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import literal, literal_column, select, union_all
from sqlmodel import Session, col

from backend.auth.models import Account
from backend.courses.documents import CourseDocument
from backend.courses.models import Course
from backend.events.models import ActionDay, Registration
from backend.language import ZONE
from backend.learning.models import Attempt, Attendance, Enrolment, LessonProgress, SharedReflection
from backend.mentoring.models import Message

MOST = 200


class Kind(StrEnum):
    ADMITTED = "admitted"
    BEGUN = "begun"
    DONE = "done"
    PASSED = "passed"
    FAILED = "failed"
    SHARED = "shared"
    DAY = "day"
    ATTENDED = "attended"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    kind: Kind
    about: str  # "1.3 De titel", the title of a day, the kind of a message


def timeline(session: Session, account_id: UUID, published: list[tuple[int, CourseDocument]]) -> list[Moment]:
    """The last ones. Two queries. Whoever calls has looked whether this person is followed."""
    numbers = {
        (document.key, lesson.key): f"{lesson.number} {lesson.short}"
        for _id, document in published
        for lesson in document.lessons
    }
    rows = session.execute(_moments(account_id))
    found = [
        Moment(
            row.at,
            Kind(row.kind),
            numbers.get((row.course_key, row.about), "") if row.course_key else row.about,
        )
        for row in rows
    ]
    days = session.execute(
        select(col(Attendance.attended_on)).where(col(Attendance.account_id) == account_id)
    )
    found += [Moment(datetime.combine(row.attended_on, time(12), ZONE), Kind.ATTENDED, "") for row in days]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:MOST]


def _moments(account_id: UUID) -> Any:
    def line(kind: Kind, course: Any, about: Any, at: Any) -> Any:
        return select(
            literal_column(f"'{kind}'").label("kind"),
            course.label("course_key"),
            about.label("about"),
            at.label("at"),
        )

    none = literal("")
    lessons = [
        line(kind, col(Course.key), col(LessonProgress.lesson_key), at)
        .select_from(LessonProgress)
        .join(Enrolment, col(Enrolment.id) == LessonProgress.enrolment_id)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(col(Enrolment.account_id) == account_id, at.is_not(None))
        for kind, at in (
            (Kind.BEGUN, col(LessonProgress.started_at)),
            (Kind.DONE, col(LessonProgress.done_at)),
        )
    ]
    tests = [
        line(kind, col(Course.key), col(Attempt.lesson_key), col(Attempt.handed_in_at))
        .select_from(Attempt)
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(
            col(Enrolment.account_id) == account_id,
            col(Attempt.check_key) != "",
            col(Attempt.handed_in_at).is_not(None),
            col(Attempt.is_passed).is_(is_passed),
        )
        for kind, is_passed in ((Kind.PASSED, True), (Kind.FAILED, False))
    ]
    shared = line(
        Kind.SHARED,
        col(SharedReflection.course_key),
        col(SharedReflection.lesson_key),
        col(SharedReflection.shared_at),
    ).where(col(SharedReflection.account_id) == account_id)
    days = (
        line(Kind.DAY, none, col(ActionDay.title), col(Registration.asked_at))
        .select_from(Registration)
        .join(ActionDay, col(ActionDay.id) == Registration.day_id)
        .where(col(Registration.account_id) == account_id)
    )
    messages = line(Kind.MESSAGE, none, col(Message.kind), col(Message.sent_at)).where(
        col(Message.account_id) == account_id
    )
    admitted = line(Kind.ADMITTED, none, none, col(Account.admitted_at)).where(
        col(Account.id) == account_id, col(Account.admitted_at).is_not(None)
    )
    return union_all(*lessons, *tests, shared, days, messages, admitted)
