"""Which version of a course somebody follows: stay, go on to the newest, or be carried over by a small fix.

Answers belong to keys, so those to questions that are still there come along; what is done stays done.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from markupsafe import Markup
from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from backend import mail
from backend.auth.models import Account, Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course, CourseVersion
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.learning import enrolments
from backend.learning.attendance import look_back
from backend.learning.completion import complete
from backend.learning.evidence import gather
from backend.learning.judging import bring_up_to_date
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, ResponseEvent
from backend.learning.records import PRACTICE, add_events
from backend.learning.regrading import Outcome, keys_lost, outcome_of

# ── one person ──


def switch(session: Session, viewer: Viewer, course_key: str, now: datetime, *, version_id: int = 0) -> None:
    """Go on in the newest version. Twice is once. `version_id`: the one that was offered, when that is known.

    Attempts at checks stay in the version in which they were started. Raises NotFound, or Conflict when a newer one came out.
    """
    enrolment, newest = _mine(session, viewer, course_key, version_id)
    if enrolment.version_id == newest:
        return
    old = courses.version_document(session, enrolment.version_id)
    new = courses.version_document(session, newest)
    practice = (col(Attempt.enrolment_id) == enrolment.id) & (col(Attempt.check_key) == PRACTICE)
    _regrade(session, outcome_of(session, practice, old, new), newest, now)
    session.execute(update(Attempt).where(practice).values(version_id=newest))
    enrolment.version_id, enrolment.declined_version_id = newest, None
    enrolment.last_active_at = now
    look_back(session, enrolment, new, now)
    bring_up_to_date(session, [enrolment], new, _changed(old, new), now)


def keep(session: Session, viewer: Viewer, course_key: str, *, version_id: int = 0) -> None:
    """Stay at the present version, and do not be asked again until another one comes out."""
    enrolment, newest = _mine(session, viewer, course_key, version_id)
    if enrolment.version_id != newest:
        enrolment.declined_version_id = newest


def _mine(session: Session, viewer: Viewer, course_key: str, version_id: int) -> tuple[Enrolment, int]:
    enrolment = enrolments.lock(session, viewer, course_key)
    newest = session.scalar(select(col(Course.published_id)).where(col(Course.key) == course_key))
    if enrolment is None or newest is None:
        raise NotFound(_("Aan deze module ben je nog niet begonnen."))
    if version_id and version_id != newest:
        raise Conflict(_("Intussen kwam er nog een andere versie uit. Kijk in de les welke dat is."))
    return enrolment, newest


def _changed(old: CourseDocument, new: CourseDocument) -> list[Lesson]:
    return [lesson for lesson in new.lessons if lesson != old.lesson(lesson.key)]


# ── everybody: a small fix ──


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """What a new key does to the answers to one question. `check_key` is "" for a question of the lesson itself."""

    lesson: Lesson
    check_key: str
    question_key: str
    answered: int  # by how many people
    better: int
    worse: int
    asked_again: int  # it no longer fits


@dataclass(frozen=True, slots=True)
class Preview:
    people: int  # who are busy in this version
    questions: list[QuestionChange]
    improves: int  # people for whom a lesson is done or a check passed that was not
    lost: list[str]  # what people may have answered and is gone: then it is no small fix


def regrade_preview(session: Session, old: CourseDocument, new: CourseDocument) -> Preview:
    """What carry_over() would do. Only reads, and a number of queries that does not grow with the people."""
    versions = _versions_of(session, old)
    outcome = outcome_of(session, col(Attempt.version_id).in_(versions), old, new)
    busy = session.scalars(
        select(col(Enrolment.id)).where(
            col(Enrolment.version_id).in_(versions), col(Enrolment.completed_at).is_(None)
        )
    ).all()
    passed = {
        result.attempt.enrolment_id
        for result in outcome.results
        if result.is_passed and not result.attempt.is_passed
    }
    improves = passed | _become_done(session, versions, outcome, _changed(old, new))
    questions = []
    for where, answered in outcome.answered.items():
        lesson = new.lesson(where.lesson_key)
        if lesson is not None:
            changes = [each.way for each in outcome.answers.get(where, ())]
            questions.append(
                QuestionChange(
                    lesson,
                    where.check_key,
                    where.question_key,
                    answered,
                    changes.count("better"),
                    changes.count("worse"),
                    changes.count("gone"),
                )
            )
    return Preview(len(busy), questions, len(improves), keys_lost(old, new))


def _versions_of(session: Session, document: CourseDocument) -> list[int]:
    """The published versions that hold just this."""
    sha256 = hashlib.sha256(document.model_dump_json().encode()).hexdigest()
    return list(
        session.scalars(
            select(col(CourseVersion.id))
            .join(Course, col(Course.id) == CourseVersion.course_id)
            .where(col(Course.key) == document.key, col(CourseVersion.sha256) == sha256)
        )
    )


def _become_done(
    session: Session, versions: Collection[int], outcome: Outcome, lessons: Iterable[Lesson]
) -> set[UUID]:
    """For whom a lesson would be done that is not."""
    whose, found = col(Enrolment.version_id).in_(versions), set()
    for lesson in lessons:
        done = set(
            session.scalars(
                select(col(LessonProgress.enrolment_id))
                .join(Enrolment, col(Enrolment.id) == LessonProgress.enrolment_id)
                .where(
                    whose,
                    col(LessonProgress.lesson_key) == lesson.key,
                    col(LessonProgress.done_at).is_not(None),
                )
            )
        )
        after = outcome.applied_to(lesson, gather(session, whose, lesson))
        found |= {
            enrolment_id
            for enrolment_id, evidence in after.items()
            if enrolment_id not in done and complete(lesson, evidence).state == "done"
        }
    return found


def carry_over(session: Session, from_version: int, to_version: int, now: datetime) -> int:
    """Take everybody who follows a version along to another one with the same keys, and grade again what its keys change.

    Nobody loses what is done. Whose score changes gets a mail; gives how many. Raises Conflict when keys are gone.
    """
    old, new = courses.version_document(session, from_version), courses.version_document(session, to_version)
    if lost := keys_lost(old, new):
        raise Conflict(
            _("Dit is geen kleine verbetering: mensen antwoordden op wat er niet meer staat (%(what)s).")
            % {"what": ", ".join(lost[:5])}
        )
    with_attempts = select(col(Attempt.enrolment_id)).where(col(Attempt.version_id) == from_version)
    concerned = session.scalars(
        select(Enrolment)
        .where(or_(col(Enrolment.version_id) == from_version, col(Enrolment.id).in_(with_attempts)))
        .order_by(col(Enrolment.id))  # always in this order: nobody waits in a ring
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    outcome = outcome_of(session, col(Attempt.version_id) == from_version, old, new)
    _regrade(session, outcome, to_version, now)
    session.execute(
        update(Attempt).where(col(Attempt.version_id) == from_version).values(version_id=to_version)
    )
    moved = [enrolment for enrolment in concerned if enrolment.version_id == from_version]
    for enrolment in moved:
        enrolment.version_id = to_version
    bring_up_to_date(session, moved, new, _changed(old, new), now)
    _bring_others_up_to_date(session, [e for e in concerned if e not in moved], outcome, now)
    return _tell(session, concerned, outcome, new)


def _bring_others_up_to_date(
    session: Session, others: Iterable[Enrolment], outcome: Outcome, now: datetime
) -> None:
    """Who went on to another version after a check in this one: its new result counts there too."""
    keys = {result.attempt.lesson_key for result in outcome.results}
    by_version: dict[int, list[Enrolment]] = {}
    for enrolment in others:
        by_version.setdefault(enrolment.version_id, []).append(enrolment)
    for version_id, theirs in by_version.items():
        course = courses.version_document(session, version_id)
        lessons = [lesson for lesson in course.lessons if lesson.key in keys]
        bring_up_to_date(session, theirs, course, lessons, now)


def _regrade(session: Session, outcome: Outcome, version_id: int, now: datetime) -> None:
    """Note it as something that happened to each answer, and let the state follow."""
    events = [
        ResponseEvent(
            attempt_id=each.attempt.id,
            version_id=version_id,
            block_key=each.response.block_key,
            kind=EventKind.REGRADED,
            submission=uuid4().hex,
            given=each.response.given,
            score=each.last,
            at=now,
        )
        for each in outcome.all
    ]
    add_events(session, events)
    for each in outcome.all:
        each.response.last_score, each.response.best_score = each.last, each.best
    for result in outcome.results:
        result.attempt.score, result.attempt.is_passed = result.score, result.is_passed
    session.flush()


@dataclass(frozen=True, slots=True)
class Line:
    """What changed for one person at one question. `way`: better, worse or gone."""

    lesson: Lesson
    question: str
    way: str


def _tell(session: Session, concerned: Iterable[Enrolment], outcome: Outcome, course: CourseDocument) -> int:
    """One mail a person, with everything that changed for them."""
    lines: dict[UUID, list[Line]] = {}
    for each in outcome.all:
        lesson = course.lesson(each.attempt.lesson_key)
        if lesson is not None and each.way != "same":
            check = lesson.checks.get(each.attempt.check_key)
            question = check.title if check else lesson.questions[each.response.block_key].question_html
            line = Line(lesson, str(Markup(question).striptags()), each.way)  # noqa: S704 - for a mail in plain text
            mine = lines.setdefault(each.attempt.enrolment_id, [])
            mine += [line] if line not in mine else []
    people = {e.account_id: lines[e.id] for e in concerned if e.id in lines}
    for account in session.scalars(select(Account).where(col(Account.id).in_(people))):
        mail.send(
            session,
            account.email,
            "learning_regraded",
            language=account.language,
            name=account.name,
            course=course,
            lines=people[account.id],
        )
    return len(people)
