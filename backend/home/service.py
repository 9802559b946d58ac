"""What the start page shows: the landing of a visitor, the overview of whoever is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session

from backend.auth import admission
from backend.auth.models import Role, Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.events import door
from backend.events import service as events
from backend.events.door import HelpedDay
from backend.events.models import ActionDay, Registration, RegistrationStatus
from backend.language import ZONE
from backend.learning import progress
from backend.learning.progress import CourseProgress, LessonStanding
from backend.mentoring import messages

DAYS_SHOWN = 3
DAYS_ON_MAP = 100  # more are never planned


@dataclass(frozen=True, slots=True)
class Landing:
    courses: list[CourseDocument]
    days: Sequence[ActionDay]  # the first ones
    regions: dict[str, str]  # with a day to come: key and name


@dataclass(frozen=True, slots=True)
class NextLesson:
    """The one thing to go on with. `standing` is None in a course that was not begun."""

    course: CourseDocument
    lesson: Lesson
    standing: LessonStanding | None = None
    block_key: str = ""  # where one was in it

    @property
    def percent(self) -> int:
        return int(100 * self.standing.share) if self.standing else 0


@dataclass(frozen=True, slots=True)
class Overview:
    next_lesson: NextLesson | None  # None when everything is done, or nothing is published
    courses: list[tuple[CourseDocument, CourseProgress | None]]
    my_day: ActionDay | None  # the first one with a place; without any, the first one waited for
    is_waiting: bool  # for a place on my_day
    day_nearby: ActionDay | None  # for who has none: the next one in the region, else anywhere
    days_until: int  # to one of those two
    waiting_count: int  # applicants this person may decide on
    doors: Sequence[HelpedDay]  # of days where they help
    words: int = 0  # of mentors to this person, not opened yet
    replies: int = 0  # to words of mentors, that nobody opened yet; for a mentor

    @property
    def lessons(self) -> list[tuple[Lesson, LessonStanding | None]]:
        """Those of the course to go on with; None where it was not begun."""
        if self.next_lesson is None:
            return []
        course = self.next_lesson.course
        standing = next(progress for of, progress in self.courses if of is course)
        return [(lesson, standing.lessons.get(lesson.key) if standing else None) for lesson in course.lessons]

    @property
    def all_done(self) -> bool:
        return bool(self.courses) and self.next_lesson is None


def landing(session: Session, now: datetime) -> Landing:
    """Two queries."""
    days = events.next_days(session, now, DAYS_ON_MAP)
    regions = {region.key: region.name for day in days for region in day.regions}
    return Landing(_published(session), days[:DAYS_SHOWN], regions)


def overview(session: Session, viewer: Viewer, now: datetime) -> Overview:
    """Six queries at most, one more for a helper at a door. Who waits for admission has no progress and no places yet."""
    published = _published(session)
    standing = progress.overview(session, viewer.id) if viewer.is_member else {}
    mine = _my_next(events.mine(session, viewer, now).coming) if viewer.is_member else None
    nearby = None if mine else _nearby(events.next_days(session, now, DAYS_ON_MAP), viewer, now)
    day = mine.day if mine else nearby
    words, waiting, replies = _waiting_for(session, viewer, now)
    return Overview(
        next_lesson=_next_lesson(published, standing),
        courses=[(course, standing.get(course.key)) for course in published],
        my_day=mine.day if mine else None,
        is_waiting=mine is not None and mine.status == RegistrationStatus.WAITING,
        day_nearby=nearby,
        days_until=(day.starts_at.astimezone(ZONE).date() - now.astimezone(ZONE).date()).days if day else 0,
        waiting_count=waiting,
        doors=door.helped_by(session, viewer, now),
        words=words,
        replies=replies,
    )


def _waiting_for(session: Session, viewer: Viewer, now: datetime) -> tuple[int, int, int]:
    """Words to this member that they did not open; for a mentor also applicants, and replies that nobody opened. One query."""
    if not viewer.is_member:
        return 0, 0, 0
    counts = [messages.unread_words(viewer)]
    if viewer.has(Role.MENTOR, Role.ADMINISTRATOR):
        counts += [admission.waiting_count(viewer), messages.unread_replies(viewer, now)]
    found = [*session.execute(select(*counts)).one(), 0, 0]
    return found[0], found[1], found[2]


def _published(session: Session) -> list[CourseDocument]:
    return [document for _id, document in courses.published(session)]


def _next_lesson(published: list[CourseDocument], standing: dict[str, CourseProgress]) -> NextLesson | None:
    """In the course one was last busy with; else in the first one that was not begun."""
    busy = [course for course in published if course.key in standing and not _is_done(standing[course.key])]
    new = [course for course in published if course.key not in standing]
    if busy:
        course = max(busy, key=lambda c: standing[c.key].last_active_at or datetime.min.replace(tzinfo=UTC))
        at = standing[course.key]
        lesson = course.lesson(at.resume_lesson) or course.lessons[0]
        return NextLesson(course, lesson, at.lessons.get(lesson.key), at.resume_block)
    return NextLesson(new[0], new[0].lessons[0]) if new else None


def _is_done(course: CourseProgress) -> bool:
    return course.lessons_done == course.lesson_count


def _my_next(registrations: Sequence[Registration]) -> Registration | None:
    coming = [r for r in registrations if r.day.goes_on]
    order = (RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED, RegistrationStatus.WAITING)
    return next((r for status in order for r in coming if r.status == status), None)


def _nearby(days: Sequence[ActionDay], viewer: Viewer, now: datetime) -> ActionDay | None:
    """The first day to register for in one's own region or for all, else the first one anywhere."""
    open_days = [day for day in days if day.is_open(now)]
    own = [day for day in open_days if day.is_for(viewer.region_key)]
    return next(iter(own or open_days), None)
