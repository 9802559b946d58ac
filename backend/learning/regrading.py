"""When the key of a question changes: what that does to the answers that were given. Worked out first, then done.

The same calculation serves the preview and the doing: `outcome_of` only reads.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.courses.block_types import Graded, Question
from backend.courses.documents import CourseDocument, Lesson
from backend.learning.grading import Given, Incomplete, as_submitted, grade, nothing, read_answer
from backend.learning.models import Attempt, EventKind, Response, ResponseEvent
from backend.learning.records import PRACTICE

NEARLY = 1e-9


@dataclass(frozen=True, slots=True)
class Where:
    """A question: in a lesson, or (`check_key`) in the bank of a check."""

    lesson_key: str
    check_key: str
    question_key: str


@dataclass(frozen=True, slots=True)
class Regraded:
    """One answer whose score changes. A score of None: it does not fit the question any more, and is asked again."""

    attempt: Attempt
    response: Response
    last: float | None
    best: float | None


@dataclass(frozen=True, slots=True)
class NewResult:
    """A check that was handed in and gets another score."""

    attempt: Attempt
    score: float
    is_passed: bool


@dataclass(slots=True)
class Outcome:
    answers: dict[Where, list[Regraded]] = field(default_factory=dict)
    answered: dict[Where, int] = field(default_factory=dict)  # how many there are, changed or not
    results: list[NewResult] = field(default_factory=list)

    @property
    def all(self) -> Iterator[Regraded]:
        for changed in self.answers.values():
            yield from changed


def outcome_of(session: Session, whose: Any, old: CourseDocument, new: CourseDocument) -> Outcome:
    """`whose`: a condition on Attempt. Two queries for each question that changed, one for the checks."""
    outcome = Outcome()
    for where, question in changed_questions(old, new).items():
        events = _events(session, whose, where)
        changed, count = [], 0
        for attempt, response in _answers(session, whose, where):
            count += 1
            regraded = _regrade(question, attempt, response, events.get(attempt.id, []))
            if (regraded.last, regraded.best) != (response.last_score, response.best_score):
                changed.append(regraded)
        outcome.answered[where] = count
        if changed:
            outcome.answers[where] = changed
    outcome.results = list(_new_results(session, outcome, new))
    return outcome


def changed_questions(old: CourseDocument, new: CourseDocument) -> dict[Where, Graded]:
    """The graded questions that are in both and are not the same, as they are now."""
    before = dict(_questions(old))
    return {
        where: question
        for where, question in _questions(new)
        if where in before and before[where] != question
    }


def _questions(course: CourseDocument) -> Iterator[tuple[Where, Graded]]:
    for lesson in course.lessons:
        for key, question in lesson.questions.items():
            if isinstance(question, Graded):
                yield Where(lesson.key, PRACTICE, key), question
        for check in lesson.checks.values():
            for question in check.questions:
                yield Where(lesson.key, check.key, question.key), question


def _at(whose: Any, where: Where) -> tuple[Any, ...]:
    return whose, col(Attempt.lesson_key) == where.lesson_key, col(Attempt.check_key) == where.check_key


def _answers(session: Session, whose: Any, where: Where) -> Iterable[tuple[Attempt, Response]]:
    """Those that were graded: not an answer in a check that is not handed in yet."""
    rows = session.execute(
        select(Attempt, Response)
        .join(Response, col(Response.attempt_id) == Attempt.id)
        .where(*_at(whose, where), col(Response.block_key) == where.question_key, col(Response.tries) > 0)
    )
    return [(attempt, response) for attempt, response in rows]


def _events(session: Session, whose: Any, where: Where) -> Mapping[UUID, list[Given]]:
    """Every answer that was ever given to it, by attempt."""
    rows = session.execute(
        select(col(ResponseEvent.attempt_id), col(ResponseEvent.given))
        .join(Attempt, col(Attempt.id) == ResponseEvent.attempt_id)
        .where(
            *_at(whose, where),
            col(ResponseEvent.block_key) == where.question_key,
            col(ResponseEvent.kind).in_((EventKind.ANSWERED, EventKind.HANDED_IN)),
        )
    )
    found: dict[UUID, list[Given]] = {}
    for attempt_id, given in rows:
        found.setdefault(attempt_id, []).append(given)
    return found


def _regrade(question: Graded, attempt: Attempt, response: Response, given: Iterable[Given]) -> Regraded:
    scores = [score for score in (score_of(question, each) for each in given) if score is not None]
    last = score_of(question, response.given)
    return Regraded(attempt, response, last, max(scores, default=last))


def score_of(question: Question, given: Given) -> float | None:
    """What an answer earns in this version of the question; None when it does not fit it any more."""
    try:
        read = read_answer(question, as_submitted(given))
    except Incomplete as problem:
        if not problem.is_partial or problem.given == nothing(question):
            return None
        read = problem.given
    return grade(question, read)


def _new_results(session: Session, outcome: Outcome, new: CourseDocument) -> Iterator[NewResult]:
    """Of the checks that were handed in and in which an answer changed."""
    changed = {
        (regraded.attempt.id, regraded.response.block_key): regraded
        for regraded in outcome.all
        if regraded.attempt.check_key != PRACTICE and regraded.attempt.handed_in_at is not None
    }
    attempts = {regraded.attempt.id: regraded.attempt for regraded in changed.values()}
    scores: dict[UUID, float] = dict.fromkeys(attempts, 0.0)
    for response in session.scalars(select(Response).where(col(Response.attempt_id).in_(attempts))):
        found = changed.get((response.attempt_id, response.block_key))
        scores[response.attempt_id] += (found.last if found else response.last_score) or 0.0
    for attempt in attempts.values():
        lesson: Lesson | None = new.lesson(attempt.lesson_key)
        check = lesson.checks.get(attempt.check_key) if lesson else None
        if check is not None:
            score = scores[attempt.id] / max(1, len(attempt.frozen["questions"]))
            enough = score >= check.pass_percent / 100 - NEARLY
            yield NewResult(attempt, score, attempt.is_passed or enough)
