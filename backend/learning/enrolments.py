"""Who takes part in which course: begin it, and hold the enrolment while something changes.

Everything that changes locks the enrolment first, so that two devices at once count as one after the other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.block_types import AnyBlock
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.errors import Conflict, Forbidden, NotFound
from backend.language import gettext as _
from backend.learning import policy
from backend.learning.attendance import look_back
from backend.learning.availability import Closed, course_closed, lesson_closed
from backend.learning.models import Enrolment
from backend.learning.records import add_once, progress_rows


class Address(NamedTuple):
    """Where a block is: keys that are for ever."""

    course_key: str
    lesson_key: str
    block_key: str


@dataclass(frozen=True, slots=True)
class Place:
    """A lesson in the version that somebody follows. Their enrolment is locked until the transaction ends."""

    enrolment: Enrolment
    course: CourseDocument
    lesson: Lesson

    def block(self, key: str) -> AnyBlock:
        found = self.lesson.blocks.get(key)
        if found is None:
            raise NotFound(_("Deze vraag bestaat niet, of niet meer."))
        return found


def enrol(session: Session, viewer: Viewer, course_key: str, now: datetime) -> Enrolment:
    """Begin a course at the version that is published now. Whoever began already keeps their version.

    The enrolment is locked. Raises Conflict when the course is not open.
    """
    if not policy.can_learn(viewer):
        raise Forbidden(_("Dit is voor leden. Een mentor bekijkt je aanvraag nog."))
    found = lock(session, viewer, course_key)
    if found is not None:
        return found
    course_id, version_id, document = courses.published_version(session, course_key)
    closed = course_closed(document, _unfinished(session, viewer, document), now)
    if closed is not None:
        raise Conflict(closed.text)
    new = Enrolment(
        account_id=viewer.id, course_id=course_id, version_id=version_id, started_at=now, last_active_at=now
    )
    if add_once(session, new):
        look_back(session, new, document, now)
        return new
    found = lock(session, viewer, course_key)  # another device was just ahead
    assert found is not None  # noqa: S101 - the constraint refused because it is there
    return found


def lock(session: Session, viewer: Viewer, course_key: str) -> Enrolment | None:
    """Waits for another device of the same person. (SQLite locks the whole database when a change begins.)"""
    return session.scalars(
        select(Enrolment)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(col(Course.key) == course_key, col(Enrolment.account_id) == viewer.id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).one_or_none()


def find_place(session: Session, viewer: Viewer, course_key: str, lesson_key: str, now: datetime) -> Place:
    """A lesson to do something in; begins the course when that was not done yet."""
    enrolment = enrol(session, viewer, course_key, now)
    course = courses.version_document(session, enrolment.version_id)
    lesson = course.lesson(lesson_key)
    if lesson is None:
        raise NotFound(_("Deze les bestaat niet, of niet meer."))
    return Place(enrolment, course, lesson)


def closed_at(session: Session, place: Place, now: datetime) -> Closed | None:
    """Why nothing can be sent here now; None when it can."""
    rows = progress_rows(session, place.enrolment.id) if place.lesson.after else {}
    done = {key for key, row in rows.items() if row.done_at is not None}
    return lesson_closed(place.course, place.lesson, rows, done, now)


def require_open(session: Session, place: Place, now: datetime) -> None:
    """Raises Conflict with the reason."""
    closed = closed_at(session, place, now)
    if closed is not None:
        raise Conflict(closed.text)


def _unfinished(session: Session, viewer: Viewer, course: CourseDocument) -> dict[str, str]:
    """The modules that must be finished first and are not: key → title. No query when there are none to finish."""
    if not course.after:
        return {}
    finished = set(
        session.scalars(
            select(col(Course.key))
            .join(Enrolment, col(Enrolment.course_id) == Course.id)
            .where(col(Enrolment.account_id) == viewer.id, col(Enrolment.completed_at).is_not(None))
        )
    )
    titles = {document.key: document.title for _id, document in courses.published(session)}
    return {key: titles.get(key, key) for key in course.after if key not in finished}
