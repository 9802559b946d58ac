"""A check: start an attempt, keep what is written, hand it in. The questions and their order are frozen at the start.

The server keeps the time. After the deadline and a minute of grace nothing more is taken; what was kept by then counts,
and whoever comes along first closes the attempt: the next request, or a job.
"""

import hashlib
import json
import secrets
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from backend import jobs
from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.block_types import Check, Question
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.errors import AppError, Conflict, NotFound
from backend.language import gettext as _
from backend.learning import enrolments
from backend.learning.check_standing import GRACE, CheckStanding, is_overdue, standings_of
from backend.learning.enrolments import Address, find_place, require_open
from backend.learning.grading import Incomplete, Submitted, grade, nothing, read_answer
from backend.learning.judging import bring_up_to_date, progress_changed
from backend.learning.models import Attempt, Enrolment, EventKind, Response, ResponseEvent
from backend.learning.records import Sheet, add_events, fingerprint
from backend.learning.shuffling import draw

CLOSE = "learning.close_check"  # the job that closes an attempt whose time is over
SOON = timedelta(seconds=2)  # after the grace, so that the job does not come too early
NEARLY = 1e-9


class GoAddress(NamedTuple):
    """An attempt of the viewer."""

    course_key: str
    lesson_key: str
    check_key: str
    number: int


class NotReadable(AppError):
    """Some of what was sent cannot be kept. The rest is. By key of the question."""

    status = 422

    def __init__(self, problems: Mapping[str, Incomplete]) -> None:
        super().__init__(next(iter(problems.values())).message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Paper:
    """What an attempt asks, in the version in which it was started."""

    course: CourseDocument
    lesson: Lesson
    check: Check
    attempt: Attempt

    @property
    def questions(self) -> dict[str, Question]:
        """Those that were drawn, in their order."""
        bank = {question.key: question for question in self.check.questions}
        return {key: bank[key] for key in self.attempt.frozen["questions"] if key in bank}

    def is_over(self, now: datetime) -> bool:
        return self.attempt.handed_in_at is None and is_overdue(self.attempt.deadline_at, now)


@dataclass(frozen=True, slots=True)
class CheckState:
    """All that the page of an attempt shows."""

    paper: Paper
    responses: Mapping[str, Response]
    standing: CheckStanding


# ── reading ──


def check_state(session: Session, viewer: Viewer, address: GoAddress) -> CheckState:
    """One's own attempt; anybody else's does not exist. Four queries."""
    rows = session.execute(_own(viewer, address)).all()
    if not rows:
        raise _not_there()
    paper = _paper(session, rows[0][0])
    standing = standings_of(session, paper.attempt.enrolment_id, paper.lesson)[address.check_key]
    return CheckState(paper, {row[1].block_key: row[1] for row in rows if row[1]}, standing)


def last_number(session: Session, viewer: Viewer, address: Address) -> int | None:
    """The newest attempt of this person; None when there is none."""
    return session.scalar(
        select(func.max(col(Attempt.number)))
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(
            col(Course.key) == address.course_key,
            col(Enrolment.account_id) == viewer.id,
            col(Attempt.lesson_key) == address.lesson_key,
            col(Attempt.check_key) == address.block_key,
        )
    )


def _own(viewer: Viewer, address: GoAddress) -> Select[Attempt, Response]:
    return (
        select(Attempt, Response)
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .outerjoin(Response, col(Response.attempt_id) == Attempt.id)
        .where(
            col(Course.key) == address.course_key,
            col(Enrolment.account_id) == viewer.id,
            col(Attempt.lesson_key) == address.lesson_key,
            col(Attempt.check_key) == address.check_key,
            col(Attempt.number) == address.number,
        )
    )


def _paper(session: Session, attempt: Attempt) -> Paper:
    course = courses.version_document(session, attempt.version_id)
    lesson = course.lesson(attempt.lesson_key)
    check = lesson.checks.get(attempt.check_key) if lesson else None
    if lesson is None or check is None:
        raise _not_there()
    return Paper(course, lesson, check, attempt)


def _not_there() -> NotFound:
    return NotFound(_("Deze toets bestaat niet, of hij is niet van jou."))


# ── changing ──


def start(session: Session, viewer: Viewer, address: Address, now: datetime) -> int:
    """Begin an attempt and give its number; who is busy with one goes on with that. Raises Conflict when there is none left."""
    place = find_place(session, viewer, address, now)
    check = place.lesson.checks.get(address.block_key)
    if check is None:
        raise _not_there()
    _close_what_is_over(session, place.enrolment, check.key, now)
    standing = standings_of(session, place.enrolment.id, place.lesson)[check.key]
    last = standing.goes[-1] if standing.goes else None
    if last is not None and (last.handed_in_at is None or standing.is_passed):
        return last.number
    require_open(place, now)
    if not standing.may_start(now):
        raise Conflict(_("Je deed deze toets al zo vaak als mag. Vraag je mentor om een extra poging."))
    seed = secrets.randbits(31)
    deadline_at = now + timedelta(minutes=standing.minutes) if check.minutes else None
    attempt = Attempt(
        enrolment_id=place.enrolment.id, version_id=place.enrolment.version_id, lesson_key=place.lesson.key,
        check_key=check.key, number=len(standing.goes) + 1, seed=seed, frozen=dict(draw(check, seed)),
        started_at=now, deadline_at=deadline_at,
    )  # fmt: skip
    session.add(attempt)
    if deadline_at is not None:
        jobs.enqueue(session, CLOSE, at=deadline_at + GRACE + SOON, attempt_id=str(attempt.id))
    place.enrolment.lesson_key, place.enrolment.block_key = place.lesson.key, check.key
    place.enrolment.last_active_at = now
    session.flush()
    return attempt.number


def save(
    session: Session, viewer: Viewer, address: GoAddress, question: str, sent: Submitted, now: datetime
) -> None:
    """Keep what was filled in so far, of this question and of every other one that was sent along.

    Raises NotReadable when something cannot be kept (the rest is), Conflict when the attempt is closed.
    """
    _enrolment, sheet, paper = _lock(session, viewer, address)
    if paper.attempt.handed_in_at is not None:
        raise Conflict(_("Deze toets is al ingediend. Wat je nu nog verandert, telt niet meer."))
    if paper.is_over(now):
        raise Conflict(_("De tijd van deze toets is om. Wat tot dan bewaard was, telt."))
    events, problems = _write(session, sheet, paper, {question: {}, **_by_question(sent)}, now)
    add_events(session, events)
    if problems:
        raise NotReadable(problems)


def hand_in(session: Session, viewer: Viewer, address: GoAddress, sent: Submitted, now: datetime) -> Attempt:
    """Keep what was filled in, grade everything and close the attempt. A second time nothing happens.

    Too late, what was sent along is left out. Raises NotReadable when something of it cannot be kept: nothing is graded then.
    """
    enrolment, sheet, paper = _lock(session, viewer, address)
    if paper.attempt.handed_in_at is not None:
        return paper.attempt
    events: list[ResponseEvent] = []
    if not paper.is_over(now):
        events, problems = _write(session, sheet, paper, _by_question(sent), now)
        if problems:
            add_events(session, events)
            raise NotReadable(problems)
    _close(session, enrolment, sheet, paper, now, events)
    return paper.attempt


def close_overdue(session: Session, attempt_id: UUID, now: datetime) -> None:
    """Close an attempt whose time is over; when it got more time meanwhile, look again then."""
    found = session.get(Attempt, attempt_id)
    if found is None or found.check_key == "":
        return
    mine = select(Enrolment).where(col(Enrolment.id) == found.enrolment_id).with_for_update()
    enrolment = session.scalars(mine).one()
    session.refresh(found)  # as it is now that nobody else can change it
    if found.handed_in_at is not None or found.deadline_at is None:
        return
    paper = _paper(session, found)
    if paper.is_over(now):
        _close(session, enrolment, _sheet(session, found), paper, now, [])
    else:
        jobs.enqueue(session, CLOSE, at=found.deadline_at + GRACE + SOON, attempt_id=str(attempt_id))


def _close_what_is_over(session: Session, enrolment: Enrolment, check_key: str, now: datetime) -> None:
    open_ = select(col(Attempt.id)).where(
        col(Attempt.enrolment_id) == enrolment.id,
        col(Attempt.check_key) == check_key,
        col(Attempt.handed_in_at).is_(None),
        col(Attempt.deadline_at) < now - GRACE,
    )
    for attempt_id in session.scalars(open_).all():
        close_overdue(session, attempt_id, now)


def _lock(session: Session, viewer: Viewer, address: GoAddress) -> tuple[Enrolment, Sheet, Paper]:
    """One's own attempt, with nobody else changing it until the transaction ends."""
    enrolment = enrolments.lock(session, viewer, address.course_key)
    rows = session.execute(_own(viewer, address)).all() if enrolment is not None else []
    if enrolment is None or not rows:
        raise _not_there()
    attempt: Attempt = rows[0][0]
    sheet = Sheet(attempt, {row[1].block_key: row[1] for row in rows if row[1]})
    return enrolment, sheet, _paper(session, attempt)


def _sheet(session: Session, attempt: Attempt) -> Sheet:
    responses = session.scalars(select(Response).where(col(Response.attempt_id) == attempt.id))
    return Sheet(attempt, {response.block_key: response for response in responses})


def _by_question(sent: Submitted) -> dict[str, Submitted]:
    """The fields of a form with many questions: each begins with the key of its question and a point."""
    found: dict[str, dict[str, Any]] = {}
    for name, values in sent.items():
        key, point, field = name.partition(".")
        if point:
            found.setdefault(key, {})[field] = values
    return dict(found)


def _write(
    session: Session, sheet: Sheet, paper: Paper, sent: Mapping[str, Submitted], now: datetime
) -> tuple[list[ResponseEvent], dict[str, Incomplete]]:
    """What changes, and what of it cannot be kept."""
    if sent.keys() - paper.questions.keys():
        raise NotFound(_("Deze vraag hoort niet bij deze toets."))
    problems: dict[str, Incomplete] = {}
    events = []
    for key in sent:
        question = paper.questions[key]
        try:
            given = read_answer(question, sent[key])
        except Incomplete as incomplete:
            if not incomplete.is_partial:
                problems[key] = incomplete
                continue
            given = incomplete.given
        before = sheet.responses[key].given if key in sheet.responses else nothing(question)
        if given != before:
            events.append(sheet.note(key, EventKind.SAVED, given, None, now))
            sheet.follow(session, events[-1])
    return events, problems


def _close(
    session: Session,
    enrolment: Enrolment,
    sheet: Sheet,
    paper: Paper,
    now: datetime,
    events: list[ResponseEvent],
) -> None:
    """Grade what was kept. Who is too late handed in at the deadline. `events`: what was written just before."""
    attempt, is_over = paper.attempt, paper.is_over(now)
    at = attempt.deadline_at if is_over and attempt.deadline_at is not None else now
    with session.no_autoflush:
        scores, graded = _grade_all(session, sheet, paper, at)
        add_events(session, [*events, *graded])
    attempt.handed_in_at = at
    attempt.score = sum(scores) / len(scores) if scores else 0.0
    attempt.is_passed = attempt.score >= paper.check.pass_percent / 100 - NEARLY
    attempt.receipt = receipt_of(attempt, sheet.responses)
    session.flush()
    course = courses.version_document(session, enrolment.version_id)
    lesson = course.lesson(attempt.lesson_key)  # None when a version without it was chosen meanwhile
    if lesson is not None and is_over:
        bring_up_to_date(session, [enrolment], course, [lesson], now)
    elif lesson is not None:
        progress_changed(session, enrolment, course, lesson, now)


def _grade_all(
    session: Session, sheet: Sheet, paper: Paper, at: datetime
) -> tuple[list[float], list[ResponseEvent]]:
    """The score of each question; what was not answered earns nothing."""
    scores, events = [], []
    for key, question in paper.questions.items():
        response = sheet.responses.get(key)
        score = (grade(question, response.given) or 0.0) if response else 0.0
        scores.append(score)
        if response is not None:
            event = sheet.note(key, EventKind.HANDED_IN, response.given, score, at)
            event.submission = fingerprint("handed in", paper.lesson.key, key, {})  # once, whatever happens
            events.append(event)
            sheet.follow(session, event)
    return scores, events


def receipt_of(attempt: Attempt, responses: Mapping[str, Response]) -> str:
    """A code that follows from what was handed in and when: who has it can show what it was."""
    given = {key: response.given for key, response in responses.items()}
    at = int(attempt.handed_in_at.timestamp()) if attempt.handed_in_at else 0
    content = json.dumps([str(attempt.id), at, given], sort_keys=True)
    code = b32encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"{code[:4]}-{code[4:8]}-{code[8:12]}"
