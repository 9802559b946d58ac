"""When the key of a question changes: what that does to the answers that were given. Worked out first, then done.

The same calculation serves the preview and the doing: `outcome_of` only reads.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from backend.courses.block_types import (
    Check,
    Graded,
    Poll,
    Question,
    Reflection,
    ScenarioBlock,
    SelfRating,
)
from backend.courses.documents import CourseDocument, Lesson
from backend.learning.completion import Answer, CheckResult, Evidence
from backend.learning.evidence import better
from backend.learning.grading import Given, Incomplete, as_submitted, grade, nothing, read_answer
from backend.learning.models import Attempt, EventKind, Response, ResponseEvent
from backend.learning.records import PRACTICE

NEARLY = 1e-9
Whose = ColumnElement[bool]
Kept = Question | Poll | SelfRating | Reflection | Check | ScenarioBlock  # blocks of which something is kept


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
    before: float | None  # the best so far

    @property
    def way(self) -> Literal["better", "worse", "gone", "same"]:
        """gone: it no longer fits; same: only the last of several answers changed."""
        if self.best is None:
            return "gone"
        before = self.before or 0.0
        return "better" if self.best > before else "worse" if self.best < before else "same"


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
    def all(self) -> list[Regraded]:
        return [regraded for changed in self.answers.values() for regraded in changed]

    def applied_to(self, lesson: Lesson, found: Mapping[UUID, Evidence]) -> dict[UUID, Evidence]:
        """What people did in a lesson as it would count then."""
        after = dict(found)
        for each in self.all:
            mine = after.get(each.attempt.enrolment_id)
            if mine is not None and each.attempt.lesson_key == lesson.key and not each.attempt.check_key:
                key = each.response.block_key
                answers = {k: answer for k, answer in mine.answers.items() if k != key}
                if each.best is not None:
                    answers[key] = Answer(each.best, each.response.answered_at)
                after[each.attempt.enrolment_id] = replace(mine, answers=answers)
        for result in self.results:
            mine, at = after.get(result.attempt.enrolment_id), result.attempt.handed_in_at
            if mine is not None and at is not None and result.attempt.lesson_key == lesson.key:
                key, tested = result.attempt.check_key, CheckResult(result.score, result.is_passed, at)
                checks = {**mine.checks, key: better(mine.checks.get(key), tested)}
                after[result.attempt.enrolment_id] = replace(mine, checks=checks)
        return after


def outcome_of(session: Session, whose: Whose, old: CourseDocument, new: CourseDocument) -> Outcome:
    """`whose`: a condition on Attempt. Three queries at most, however many people and questions."""
    outcome, changed = Outcome(), changed_questions(old, new)
    if not changed:
        return outcome
    events = _events(session, whose, changed)
    for attempt, response in _answers(session, whose, changed):
        where = Where(attempt.lesson_key, attempt.check_key, response.block_key)
        if where not in changed:
            continue
        outcome.answered[where] = outcome.answered.get(where, 0) + 1
        given = events.get((attempt.id, response.block_key), [])
        regraded = _regrade(changed[where], attempt, response, given)
        if (regraded.last, regraded.best) != (response.last_score, response.best_score):
            outcome.answers.setdefault(where, []).append(regraded)
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


def _at(whose: Whose, changed: Collection[Where]) -> tuple[Whose, Whose]:
    return whose, col(Attempt.lesson_key).in_({where.lesson_key for where in changed})


def _answers(
    session: Session, whose: Whose, changed: Collection[Where]
) -> Iterable[tuple[Attempt, Response]]:
    """Those that were graded: not an answer in a check that is not handed in yet."""
    rows = session.execute(
        select(Attempt, Response)
        .join(Response, col(Response.attempt_id) == Attempt.id)
        .where(
            *_at(whose, changed),
            col(Response.block_key).in_({where.question_key for where in changed}),
            col(Response.tries) > 0,
        )
    )
    return [(attempt, response) for attempt, response in rows]


def _events(
    session: Session, whose: Whose, changed: Collection[Where]
) -> Mapping[tuple[UUID, str], list[Given]]:
    """Every answer that was ever given, by attempt and question."""
    rows = session.execute(
        select(col(ResponseEvent.attempt_id), col(ResponseEvent.block_key), col(ResponseEvent.given))
        .join(Attempt, col(Attempt.id) == ResponseEvent.attempt_id)
        .where(
            *_at(whose, changed),
            col(ResponseEvent.block_key).in_({where.question_key for where in changed}),
            col(ResponseEvent.kind).in_((EventKind.ANSWERED, EventKind.HANDED_IN)),
        )
    )
    found: dict[tuple[UUID, str], list[Given]] = {}
    for attempt_id, block_key, given in rows:
        found.setdefault((attempt_id, block_key), []).append(given)
    return found


def _regrade(question: Graded, attempt: Attempt, response: Response, given: Iterable[Given]) -> Regraded:
    scores = [score for score in (score_of(question, each) for each in given) if score is not None]
    last = score_of(question, response.given)
    return Regraded(attempt, response, last, max(scores, default=last), response.best_score)


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


def keys_lost(old: CourseDocument, new: CourseDocument) -> list[str]:
    """Where something that people may have answered is gone or became something else: then it is no small fix."""
    lost = []
    for lesson in old.lessons:
        now = new.lesson(lesson.key)
        if now is None:
            lost.append(lesson.title)
            continue
        for key, block in lesson.blocks.items():
            if isinstance(block, Kept) and not _is_still(block, now.blocks.get(key)):
                lost.append(f"{lesson.number}: {key}")
    return lost


def _is_still(before: Kept, now: object) -> bool:
    """The same kind of block, with at least the same options, items, places and questions of a bank."""
    if not isinstance(now, type(before)):
        return False
    if isinstance(before, Check) and isinstance(now, Check):
        bank = {question.key: question for question in now.questions}
        return all(_is_still(question, bank.get(question.key)) for question in before.questions)
    return all(
        {thing.key for thing in getattr(before, name, ())} <= {thing.key for thing in getattr(now, name, ())}
        for name in ("options", "items", "places", "statements")
    )
