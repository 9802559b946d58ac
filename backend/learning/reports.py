"""A mistake in a lesson: reported by a learner, told to its authors, answered by one of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth import holders
from backend.auth.models import Account, Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.errors import Conflict, NotFound, TooMany
from backend.language import gettext as _
from backend.learning.models import Enrolment, LessonReport
from backend.learning.records import add_once, fingerprint

MOST_AN_HOUR = 10  # of one person


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """A lesson as the person who reports sees it: in their own version, or else in the published one."""

    course_id: int
    version_id: int
    course: CourseDocument
    lesson: Lesson

    def title_of(self, block_key: str) -> str:
        """The part that a block stands in; "" for the lesson as a whole."""
        return next(
            (
                part.title
                for part in self.lesson.parts
                if block_key and (block_key == part.key or any(b.key == block_key for b in part.blocks))
            ),
            "",
        )


@dataclass(frozen=True, slots=True)
class Report:
    """A report with where it belongs. `by`: who reported; `handled_by`: who answered, "" while nobody did."""

    report: LessonReport
    place: ReportPlace
    by: str
    email: str
    language: str
    handled_by: str

    @property
    def part(self) -> str:
        return self.place.title_of(self.report.block_key)


# ── reporting ──


def place_of(session: Session, viewer: Viewer, course_key: str, lesson_key: str) -> ReportPlace:
    """Raises NotFound. One query, once the document is in memory."""
    row = session.execute(
        select(col(Course.id), col(Course.published_id), col(Enrolment.version_id))
        .outerjoin(
            Enrolment, (col(Enrolment.course_id) == Course.id) & (col(Enrolment.account_id) == viewer.id)
        )
        .where(col(Course.key) == course_key)
    ).first()
    version_id = (row.version_id or row.published_id) if row else None
    course = courses.version_document(session, version_id) if version_id else None
    lesson = course.lesson(lesson_key) if course else None
    if row is None or version_id is None or course is None or lesson is None:
        raise NotFound(_("Deze les bestaat niet, of niet meer."))
    return ReportPlace(row.id, version_id, course, lesson)


def send(
    session: Session, viewer: Viewer, place: ReportPlace, block_key: str, text: str, form_id: str, now: datetime
) -> bool:  # fmt: skip
    """Tell the authors of the course, or the administrators when it has none. False when this form was sent before.

    A block that the lesson does not have counts as none. Raises TooMany.
    """
    submission = fingerprint(f"{viewer.id} {form_id}", place.lesson.key, block_key, {"text": text})
    sent_before = select(LessonReport).where(col(LessonReport.submission) == submission)
    if session.scalars(sent_before).first() is not None:
        return False
    recently = select(func.count()).where(
        col(LessonReport.account_id) == viewer.id, col(LessonReport.at) > now - timedelta(hours=1)
    )
    if session.execute(recently).scalar_one() >= MOST_AN_HOUR:
        raise TooMany(_("Je meldde al veel fouten dit uur. Probeer het over een uur opnieuw."), 3600)
    report = LessonReport(
        account_id=viewer.id, course_id=place.course_id, version_id=place.version_id, lesson_key=place.lesson.key,
        block_key=block_key if place.title_of(block_key) else "", text=text, at=now, submission=submission,
    )  # fmt: skip
    if not add_once(session, report):
        return False
    for author in holders.authors_of(session, place.course.key, now):
        mail.send(
            session, author.email, "learning_mistake", language=author.language, name=author.name,
            course=place.course, lesson=place.lesson, part=place.title_of(block_key), text=text, report_id=report.id,
        )  # fmt: skip
    return True


# ── answering ──

_OTHER = aliased(Account)


def reports(
    session: Session, course_keys: Collection[str] | None, *, handled: bool, most: int = 200
) -> list[Report]:
    """Those of these courses (None: of all), the oldest first; of what was handled the newest. One query.

    The caller gives only courses that the viewer writes.
    """
    asked = _REPORT.where(
        col(LessonReport.handled_at).is_not(None) if handled else col(LessonReport.handled_at).is_(None)
    )
    if course_keys is not None:
        asked = asked.where(col(Course.key).in_(course_keys))
    order = col(LessonReport.handled_at).desc() if handled else col(LessonReport.at)
    return [_read(session, row) for row in session.execute(asked.order_by(order).limit(most)).all()]


_REPORT: Select[*tuple[Any, ...]] = (
    select(
        LessonReport,
        col(Account.name),
        col(Account.email),
        col(Account.language),
        col(_OTHER.name).label("handled_by"),
    )
    .join(Course, col(Course.id) == LessonReport.course_id)
    .join(Account, col(Account.id) == LessonReport.account_id)
    .outerjoin(_OTHER, col(_OTHER.id) == LessonReport.handled_by_id)
)


def find(session: Session, report_id: UUID) -> Report:
    """One report; its `place.course.key` says whose desk it belongs to. Raises NotFound."""
    row = session.execute(_REPORT.where(col(LessonReport.id) == report_id)).first()
    if row is None:
        raise not_there()
    return _read(session, row)


def not_there() -> NotFound:
    return NotFound(_("Deze melding bestaat niet, of ze gaat over een module die je niet schrijft."))


def _read(session: Session, row: Row[Any]) -> Report:
    report: LessonReport = row[0]
    course = courses.version_document(session, report.version_id)
    lesson = course.lesson(report.lesson_key)
    assert lesson is not None  # noqa: S101 - a version never changes
    place = ReportPlace(report.course_id, report.version_id, course, lesson)
    return Report(report, place, row.name, row.email, row.language, row.handled_by or "")


def open_counts(session: Session) -> dict[int, int]:
    """How many wait for an answer, by course id. One query."""
    rows = session.execute(
        select(col(LessonReport.course_id), func.count())
        .where(col(LessonReport.handled_at).is_(None))
        .group_by(col(LessonReport.course_id))
    )
    return {row[0]: row[1] for row in rows}


def answer(session: Session, viewer: Viewer, report: Report, text: str, now: datetime) -> None:
    """Answer who reported it, by mail. Again with the same words changes nothing; somebody else's answer is a Conflict.

    The caller makes sure that the viewer writes this course.
    """
    taken = session.execute(
        update(LessonReport)
        .where(col(LessonReport.id) == report.report.id, col(LessonReport.handled_at).is_(None))
        .values(answer=text, handled_at=now, handled_by_id=viewer.id)
        .returning(col(LessonReport.id))
    ).first()
    if taken is None:
        found = find(session, report.report.id)
        session.refresh(found.report)
        if found.report.handled_by_id == viewer.id and found.report.answer == text:
            return
        who = found.handled_by or _("Een ander")
        raise Conflict(
            _("%(who)s antwoordde al op deze melding. Jouw antwoord is niet verstuurd.") % {"who": who}
        )
    record(session, viewer.id, "authoring.report_answered", kind="lesson_report", key=report.report.id)
    mail.send(
        session, report.email, "learning_mistake_answered", language=report.language, name=report.by,
        course=report.place.course, lesson=report.place.lesson, text=report.report.text, answer=text,
    )  # fmt: skip


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    rows = session.scalars(select(LessonReport).where(col(LessonReport.account_id) == person))
    hidden = {"account_id", "submission", "handled_by_id"}
    return [row.model_dump(mode="json", exclude=hidden) for row in rows]


def erase(session: Session, person: UUID) -> None:
    session.execute(delete(LessonReport).where(col(LessonReport.account_id) == person))
    session.execute(
        update(LessonReport).where(col(LessonReport.handled_by_id) == person).values(handled_by_id=None)
    )
