"""The evidence held against the rules, and the result kept in the transaction of the evidence itself."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import CourseVersion
from backend.learning.completion import Completion, Evidence, as_kept, complete, complete_course
from backend.learning.evidence import Gathered, add_the_rest, evidence_of, gather
from backend.learning.models import Enrolment, LessonProgress
from backend.learning.records import Kept, progress_rows
from backend.recognition import service as recognition
from backend.recognition.service import Award

CHUNK = 500  # people at once

Rows = dict[str, LessonProgress]  # of one person, by key of the lesson


def progress_changed(
    session: Session, enrolment: Enrolment, course: CourseDocument, lesson: Lesson, now: datetime
) -> None:
    """Somebody did something in a lesson: call this in the same transaction, with their enrolment locked."""
    rows = progress_rows(session, enrolment.id)
    person_moved(session, enrolment, course, rows, (lesson, evidence_of(session, enrolment, lesson)), now)


def kept_moved(
    session: Session, enrolment: Enrolment, course: CourseDocument, lesson: Lesson, kept: Kept, now: datetime
) -> LessonProgress:
    """The same, for who read records.kept_of() already."""
    mine = Gathered(list(kept.practice.responses.values()) if kept.practice else [])
    add_the_rest(session, col(Enrolment.id) == enrolment.id, lesson, {enrolment.id: mine})
    return person_moved(session, enrolment, course, kept.rows, (lesson, mine.evidence(lesson)), now)


def person_moved(
    session: Session,
    enrolment: Enrolment,
    course: CourseDocument,
    rows: Rows,
    where: tuple[Lesson, Evidence],
    now: datetime,
) -> LessonProgress:
    """The same, for who knows already what is kept."""
    lesson, evidence = where
    row = rows.get(lesson.key) or _begin(session, enrolment, lesson, now)
    rows[lesson.key] = row
    enrolment.last_active_at = row.last_active_at = now
    _judge(row, lesson, evidence, now)
    _judge_course(session, enrolment, course, rows, now)
    return row


def begin_lesson(session: Session, enrolment: Enrolment, lesson: Lesson, now: datetime) -> LessonProgress:
    """The progress of a lesson, to note something in before progress_changed()."""
    return session.get(LessonProgress, (enrolment.id, lesson.key)) or _begin(session, enrolment, lesson, now)


def bring_up_to_date(
    session: Session,
    enrolments: Sequence[Enrolment],
    course: CourseDocument,
    lessons: Collection[Lesson],
    now: datetime,
) -> dict[UUID, set[str]]:
    """When it was not the person who did something: a day, another version. The enrolments are locked.

    Gives which lessons became done, by enrolment. The number of queries does not grow with the people, but for chunks.
    """
    become_done: dict[UUID, set[str]] = {}
    for start in range(0, len(enrolments), CHUNK):
        chunk = enrolments[start : start + CHUNK]
        ids = [enrolment.id for enrolment in chunk]
        whose = col(Enrolment.id).in_(ids)
        kept: dict[UUID, Rows] = {enrolment_id: {} for enrolment_id in ids}
        for row in session.scalars(select(LessonProgress).where(col(LessonProgress.enrolment_id).in_(ids))):
            kept[row.enrolment_id][row.lesson_key] = row
        for lesson in lessons:
            found = gather(session, whose, lesson)
            for enrolment in chunk:
                evidence = found.get(enrolment.id, Evidence())
                if _judge_again(session, enrolment, kept[enrolment.id], (lesson, evidence), now):
                    become_done.setdefault(enrolment.id, set()).add(lesson.key)
        for enrolment in chunk:
            _judge_course(session, enrolment, course, kept[enrolment.id], now)
    return become_done


def _judge_again(
    session: Session,
    enrolment: Enrolment,
    rows: Rows,
    where: tuple[Lesson, Evidence],
    now: datetime,
) -> bool:
    lesson, evidence = where
    if lesson.key not in rows:
        if evidence.is_empty:
            return False
        rows[lesson.key] = _begin(session, enrolment, lesson, now)
    return _judge(rows[lesson.key], lesson, evidence, now)


def _begin(session: Session, enrolment: Enrolment, lesson: Lesson, now: datetime) -> LessonProgress:
    row = LessonProgress(
        enrolment_id=enrolment.id,
        lesson_key=lesson.key,
        question_count=len(lesson.counted),
        started_at=now,
        last_active_at=now,
    )
    session.add(row)
    return row


def _judge(row: LessonProgress, lesson: Lesson, evidence: Evidence, now: datetime) -> bool:
    """Gives whether the lesson became done. What is done stays done."""
    found = complete(lesson, evidence)
    for name, value in facts(lesson, evidence, found).items():
        setattr(row, name, value)
    becomes_done = row.done_at is None and found.state == "done"
    if becomes_done:
        row.done_at = now
    if row.done_at is not None:
        row.share, row.tries_below = 1.0, 0  # who finished is not stuck
    return becomes_done


def facts(lesson: Lesson, evidence: Evidence, found: Completion) -> dict[str, object]:
    """What a LessonProgress says of it, beside when it was done."""
    best = [evidence.answers[key].score for key in lesson.counted if key in evidence.answers]
    return {
        "question_count": len(lesson.counted),
        "answered_count": len(best),
        "score_sum": sum((score for score in best if score is not None), 0.0),
        "share": found.share,
        "reasons": as_kept(found.reasons),
    }


def _judge_course(
    session: Session,
    enrolment: Enrolment,
    course: CourseDocument,
    rows: Mapping[str, LessonProgress],
    now: datetime,
) -> None:
    done = {key for key, row in rows.items() if row.done_at is not None}
    if enrolment.completed_at is None and complete_course(course, done, enrolment.attended_on).is_complete:
        enrolment.completed_at = now
        _completed(session, enrolment, course, now)


def _completed(session: Session, enrolment: Enrolment, course: CourseDocument, now: datetime) -> None:
    """What follows when a course becomes complete: once, and in the same transaction."""
    if not course.certificate_hours:
        return
    number = session.scalar(
        select(col(CourseVersion.number)).where(col(CourseVersion.id) == enrolment.version_id)
    )
    title = (
        f"{course.title}: {course.subtitle[:1].lower()}{course.subtitle[1:]}"
        if course.subtitle
        else course.title
    )
    award = Award(course.key, title, course.summary, number or 1, course.certificate_hours)
    recognition.issue(session, enrolment.account_id, award, now)
