"""Where somebody stands with the checks of a lesson: attempts, the best one, what is left, extra time. Only reads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.courses.block_types import Check
from backend.courses.documents import Lesson
from backend.learning.models import Allowance, Attempt, Enrolment
from backend.learning.records import PRACTICE

GRACE = timedelta(seconds=60)  # after the deadline, for slow lines and slow fingers


@dataclass(frozen=True, slots=True)
class Go:
    """One attempt, without its answers."""

    number: int
    started_at: datetime
    deadline_at: datetime | None
    handed_in_at: datetime | None
    score: float | None
    is_passed: bool
    receipt: str

    def is_open(self, now: datetime) -> bool:
        return self.handed_in_at is None and not is_overdue(self.deadline_at, now)


@dataclass(frozen=True, slots=True)
class CheckStanding:
    check: Check
    goes: tuple[Go, ...]  # in order
    extra_attempts: int = 0
    extra_percent: int = 0  # of the minutes

    @property
    def allowed(self) -> int:
        return self.check.attempts + self.extra_attempts

    @property
    def left(self) -> int:
        return max(0, self.allowed - len(self.goes))

    @property
    def minutes(self) -> int:
        """0: no limit."""
        return -(-self.check.minutes * (100 + self.extra_percent) // 100)

    @property
    def is_passed(self) -> bool:
        return any(go.is_passed for go in self.goes)

    @property
    def best(self) -> Go | None:
        """The handed-in attempt with the highest score."""
        return max(
            (go for go in self.goes if go.score is not None), key=lambda go: go.score or 0, default=None
        )

    def open(self, now: datetime) -> Go | None:
        """The attempt one is busy with."""
        return next((go for go in self.goes if go.is_open(now)), None)

    def may_start(self, now: datetime) -> bool:
        return self.left > 0 and not self.is_passed and self.open(now) is None

    @property
    def shows_answers(self) -> bool:
        """The right answers may be seen once there is nothing left to win."""
        return self.is_passed or (self.left == 0 and all(go.handed_in_at is not None for go in self.goes))


def is_overdue(deadline_at: datetime | None, now: datetime) -> bool:
    return deadline_at is not None and now > deadline_at + GRACE


def standings_of(session: Session, enrolment_id: UUID, lesson: Lesson) -> dict[str, CheckStanding]:
    """For every check of the lesson, by key. Two queries."""
    goes: dict[str, list[Go]] = {key: [] for key in lesson.checks}
    for row in session.execute(
        select(
            col(Attempt.check_key),
            col(Attempt.number),
            col(Attempt.started_at),
            col(Attempt.deadline_at),
            col(Attempt.handed_in_at),
            col(Attempt.score),
            col(Attempt.is_passed),
            col(Attempt.receipt),
        )
        .where(
            col(Attempt.enrolment_id) == enrolment_id,
            col(Attempt.lesson_key) == lesson.key,
            col(Attempt.check_key) != PRACTICE,
        )
        .order_by(col(Attempt.number))
    ):
        if row.check_key in goes:
            goes[row.check_key].append(Go(*row[1:]))
    given = session.execute(
        select(col(Allowance.check_key), col(Allowance.extra_attempts), col(Allowance.extra_percent))
        .join(
            Enrolment,
            (col(Enrolment.account_id) == Allowance.account_id)
            & (col(Enrolment.course_id) == Allowance.course_id),
        )
        .where(col(Enrolment.id) == enrolment_id)
    ).all()
    return {
        key: CheckStanding(
            check,
            tuple(goes[key]),
            sum(row.extra_attempts for row in given if row.check_key in ("", key)),
            max((row.extra_percent for row in given if row.check_key in ("", key)), default=0),
        )
        for key, check in lesson.checks.items()
    }
