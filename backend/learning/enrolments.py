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
from backend.learning.models import Enrolment, LessonProgress
from backend.learning.records import Kept, Sheet, add_once, kept_of


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
    rows: dict[str, LessonProgress]  # of every lesson that was begun
    practice: Sheet | None  # None before the first answer

    def block(self, key: str) -> AnyBlock:
        found = self.lesson.blocks.get(key)
        if found is None:
            raise NotFound(_("Deze vraag bestaat niet, of niet meer."))
        return found


def enrol(
    session: Session, viewer: Viewer, course_key: str, now: datetime, *, at: tuple[str, str] = ("", "")
) -> Enrolment:
    """Begin a course at the version that is published now. Whoever began already keeps their version.

    The enrolment is locked. `at`: the lesson and block where somebody begins. Raises Conflict when the course is not open.
    """
    return _enrol(session, viewer, course_key, now, at)[0]


def _enrol(
    session: Session, viewer: Viewer, course_key: str, now: datetime, at: tuple[str, str]
) -> tuple[Enrolment, bool]:
    """And whether nothing is kept of it yet."""
    if not policy.can_learn(viewer):
        raise Forbidden(_("Dit is voor leden. Een mentor bekijkt je aanvraag nog."))
    found = lock(session, viewer, course_key)
    if found is not None:
        return found, False
    course_id, version_id, document = courses.published_version(session, course_key)
    closed = course_closed(document, _unfinished(session, viewer, document), now)
    if closed is not None:
        raise Conflict(closed.text)
    new = Enrolment(
        account_id=viewer.id, course_id=course_id, version_id=version_id, started_at=now, last_active_at=now,
        lesson_key=at[0], block_key=at[1],
    )  # fmt: skip
    if add_once(session, new):
        return new, not look_back(session, new, document, now)
    found = lock(session, viewer, course_key)  # another device was just ahead
    assert found is not None  # noqa: S101 - the constraint refused because it is there
    return found, False


def lock(session: Session, viewer: Viewer, course_key: str) -> Enrolment | None:
    """Waits for another device of the same person. (SQLite locks the whole database when a change begins.)"""
    return session.scalars(
        select(Enrolment)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(col(Course.key) == course_key, col(Enrolment.account_id) == viewer.id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).one_or_none()


def find_place(session: Session, viewer: Viewer, address: Address, now: datetime) -> Place:
    """A lesson to do something in; begins the course when that was not done yet."""
    enrolment, is_new = _enrol(session, viewer, address.course_key, now, address[1:])
    course = courses.version_document(session, enrolment.version_id)
    lesson = course.lesson(address.lesson_key)
    if lesson is None:
        raise NotFound(_("Deze les bestaat niet, of niet meer."))
    kept = Kept({}, None) if is_new else kept_of(session, enrolment.id, lesson.key)
    return Place(enrolment, course, lesson, kept.rows, kept.practice)


def closed_at(place: Place, now: datetime) -> Closed | None:
    """Why nothing can be sent here now; None when it can."""
    done = {key for key, row in place.rows.items() if row.done_at is not None}
    return lesson_closed(place.course, place.lesson, place.rows, done, now)


def require_open(place: Place, now: datetime) -> None:
    """Raises Conflict with the reason."""
    closed = closed_at(place, now)
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
