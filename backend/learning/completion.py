"""When a lesson or a course is done: what its rules ask, held against what somebody did. Pure: no database, no clock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from backend.courses.documents import (
    Answered,
    AnyOf,
    Attended,
    CheckPassed,
    CourseDocument,
    Lesson,
    Passed,
    Read,
    ReflectionWritten,
    Rule,
    ScenarioWalked,
    SingleRule,
)

State = Literal["new", "busy", "done"]
ALMOST = 0.9  # the share of what is finished, but not well enough to be done
NEARLY = 1e-9  # sums of floats


@dataclass(frozen=True, slots=True)
class Answer:
    """The best score of a question (None where there is nothing to grade), and when it was answered last."""

    score: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Where somebody stands with a check: the best attempt that was handed in, and when."""

    score: float
    is_passed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What somebody did in one lesson, by key of the block; `days` by key of the series."""

    answers: Mapping[str, Answer] = field(
        default_factory=dict
    )  # of all questions, also those that do not count
    read_at: datetime | None = None
    notes: Mapping[str, datetime] = field(default_factory=dict)  # reflections that hold something
    scenarios: Mapping[str, datetime] = field(default_factory=dict)  # walked to an ending
    checks: Mapping[str, CheckResult] = field(default_factory=dict)
    days: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.answers or self.read_at or self.notes or self.scenarios or self.checks or self.days)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule: whether it is met, how far one is (`have` of `need`, in the rule's own unit), and since when.

    answered: questions · passed and check: per cent · any: rules · the others: 0 or 1 of 1.
    """

    rule: Rule
    is_met: bool
    have: int
    need: int
    at: datetime | None = None
    of: tuple["Reason", ...] = ()

    @property
    def share(self) -> float:
        if self.is_met:
            return 1.0
        if self.of:
            best = sorted((each.share for each in self.of), reverse=True)[: self.need]
            return sum(best) / self.need
        return min(ALMOST, self.have / self.need) if self.need else 0.0


@dataclass(frozen=True, slots=True)
class Completion:
    state: State
    reasons: tuple[Reason, ...]
    share: float  # 0 to 1, and 1 only when done


def complete(lesson: Lesson, evidence: Evidence) -> Completion:
    """Where somebody stands with a lesson."""
    reasons = tuple(_judge(rule, lesson, evidence) for rule in lesson.rules)
    if all(reason.is_met for reason in reasons):
        return Completion("done", reasons, 1.0)
    # Good answers are the same work as answers: they do not count twice for how far one is.
    work = [r for r in reasons if not isinstance(r.rule, Passed)] or list(reasons)
    share = min(ALMOST, sum(reason.share for reason in work) / len(work))
    return Completion("new" if evidence.is_empty else "busy", reasons, share)


def _judge(rule: Rule, lesson: Lesson, evidence: Evidence) -> Reason:
    if isinstance(rule, Answered):
        return _answered(rule, lesson, evidence)
    if isinstance(rule, Passed):
        return _passed(rule, lesson, evidence)
    if isinstance(rule, CheckPassed):
        return _check_passed(rule, lesson, evidence)
    if isinstance(rule, AnyOf):
        return _any_of(rule, lesson, evidence)
    at = _happened(rule, evidence)
    return Reason(rule, at is not None, int(at is not None), 1, at)


def _happened(
    rule: Read | ScenarioWalked | ReflectionWritten | Attended, evidence: Evidence
) -> datetime | None:
    if isinstance(rule, Read):
        return evidence.read_at
    if isinstance(rule, ScenarioWalked):
        return evidence.scenarios.get(rule.key)
    if isinstance(rule, ReflectionWritten):
        return evidence.notes.get(rule.key)
    return evidence.days.get(rule.key)


def _answered(rule: Answered, lesson: Lesson, evidence: Evidence) -> Reason:
    given = [evidence.answers[key].at for key in lesson.counted if key in evidence.answers]
    need = len(lesson.counted)
    return Reason(rule, len(given) == need, len(given), need, max(given, default=None))


def _passed(rule: Passed, lesson: Lesson, evidence: Evidence) -> Reason:
    given = [evidence.answers[key] for key in lesson.graded if key in evidence.answers]
    average = sum(each.score or 0.0 for each in given) / len(lesson.graded) if lesson.graded else 1.0
    is_met = average >= rule.percent / 100 - NEARLY
    have = max(rule.percent if is_met else 0, int(100 * average + NEARLY))
    return Reason(rule, is_met, have, rule.percent, max((each.at for each in given), default=None))


def _check_passed(rule: CheckPassed, lesson: Lesson, evidence: Evidence) -> Reason:
    check, tested = lesson.checks.get(rule.key), evidence.checks.get(rule.key)
    need = check.pass_percent if check else 100
    if tested is None:
        return Reason(rule, is_met=False, have=0, need=need)
    percent = int(100 * tested.score + NEARLY)
    return Reason(
        rule, tested.is_passed, max(need, percent) if tested.is_passed else percent, need, tested.at
    )


def _any_of(rule: AnyOf, lesson: Lesson, evidence: Evidence) -> Reason:
    of = tuple(_judge(each, lesson, evidence) for each in rule.of)
    met = sorted(each.at for each in of if each.is_met and each.at is not None)
    have = min(sum(each.is_met for each in of), rule.least)
    at = met[:have][-1] if met[:have] else None
    return Reason(rule, have == rule.least, have, rule.least, at, of)


def single_rules(lesson: Lesson) -> list[SingleRule]:
    """Its rules, with those of which only some are needed taken apart."""
    return [each for rule in lesson.rules for each in (rule.of if isinstance(rule, AnyOf) else (rule,))]


def asks_to_read(lesson: Lesson) -> bool:
    """Whether reading it counts."""
    return any(isinstance(rule, Read) for rule in single_rules(lesson))


def pass_percent(lesson: Lesson) -> int:
    """What the best answers must reach; 0 when no rule asks that."""
    return next((rule.percent for rule in single_rules(lesson) if isinstance(rule, Passed)), 0)


# ── the course ──


@dataclass(frozen=True, slots=True)
class CourseCompletion:
    """`lessons_done` counts no more than are needed."""

    is_complete: bool
    lessons_done: int
    lessons_needed: int


def complete_course(
    course: CourseDocument, done: Collection[str], attended_on: date | None
) -> CourseCompletion:
    """`done`: the keys of lessons that are; `attended_on`: a day of the series that the course asks for."""
    needed = lessons_needed(course)
    have = min(sum(lesson.key in done for lesson in course.lessons), needed)
    has_day = not course.attended or attended_on is not None
    return CourseCompletion(have == needed and has_day, have, needed)


def lessons_needed(course: CourseDocument) -> int:
    return min(course.lessons_needed or len(course.lessons), len(course.lessons))


# ── as it is kept ──

_kept: TypeAdapter[tuple[Reason, ...]] = TypeAdapter(tuple[Reason, ...])


def as_kept(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """JSON for LessonProgress.reasons."""
    return list(_kept.dump_python(reasons, mode="json"))


def from_kept(kept: list[dict[str, Any]]) -> tuple[Reason, ...]:
    return _kept.validate_python(kept)
