"""A day that was attended counts as a unit of the modules that ask for its series."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.courses import service as courses
from backend.courses.documents import CourseDocument
from backend.learning.evidence import days_of, series_of
from backend.learning.judging import bring_up_to_date
from backend.learning.models import Attendance, Enrolment
from backend.learning.records import add_once


def attended(session: Session, account_id: UUID, series: str, on: date, now: datetime) -> None:
    """Somebody was at a day. Told twice, it counts once; whoever enrols later takes it along."""
    if not add_once(session, Attendance(account_id=account_id, series=series, attended_on=on)):
        return
    mine = select(Enrolment).where(col(Enrolment.account_id) == account_id).with_for_update()
    for enrolment in session.scalars(mine.order_by(col(Enrolment.id))).all():
        look_back(session, enrolment, courses.version_document(session, enrolment.version_id), now)


def look_back(session: Session, enrolment: Enrolment, course: CourseDocument, now: datetime) -> bool:
    """Count the days that were attended, also before somebody enrolled; gives whether there were any.

    No query for a course that asks for none.
    """
    asked = {lesson.key: series_of(lesson) for lesson in course.lessons}
    wanted = set().union(*asked.values(), {course.attended} if course.attended else set())
    if not wanted:
        return False
    days = days_of(session, enrolment, wanted)
    if course.attended in days:
        enrolment.attended_on = days[course.attended].date()
    lessons = [lesson for lesson in course.lessons if asked[lesson.key] & days.keys()]
    if days:
        bring_up_to_date(session, [enrolment], course, lessons, now)
    return bool(days)
