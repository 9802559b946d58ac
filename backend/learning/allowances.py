"""More attempts or more time in a check, for one person and with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Role, Viewer
from backend.courses import service as courses
from backend.errors import Conflict, Forbidden
from backend.language import gettext as _
from backend.learning.check_standing import is_overdue
from backend.learning.models import Allowance, Attempt, Enrolment
from backend.learning.records import PRACTICE, add_once

MOST_ATTEMPTS, MOST_PERCENT = 10, 300


@dataclass(frozen=True, slots=True)
class Extra:
    """What is given: attempts that come on top, and time as a percentage of the minutes. `check_key` "": every check."""

    attempts: int
    percent: int
    reason: str
    check_key: str = ""


def allow(
    session: Session,
    by: Viewer,
    account_id: UUID,
    course_key: str,
    extra: Extra,
    submission: str,
    now: datetime,
) -> bool:
    """Give somebody more. False when this form was sent before. Raises Forbidden or Conflict.

    The caller makes sure that the person is in the scope of `by`. An attempt that is open gets the time as well.
    """
    if not by.has(Role.MENTOR, Role.ADMINISTRATOR):
        raise Forbidden(_("Alleen een mentor of een beheerder geeft extra pogingen of tijd."))
    if not (0 <= extra.attempts <= MOST_ATTEMPTS and 0 <= extra.percent <= MOST_PERCENT and extra.reason):
        raise Conflict(
            _("Geef hoogstens %(attempts)s pogingen en %(percent)s procent tijd extra, met een reden.")
            % {"attempts": MOST_ATTEMPTS, "percent": MOST_PERCENT}
        )
    course_id, _version_id, _document = courses.published_version(session, course_key)
    mine = select(Enrolment).where(
        col(Enrolment.account_id) == account_id, col(Enrolment.course_id) == course_id
    )
    enrolment = session.scalars(mine.with_for_update()).one_or_none()
    allowance = Allowance(
        account_id=account_id, course_id=course_id, check_key=extra.check_key, extra_attempts=extra.attempts,
        extra_percent=extra.percent, reason=extra.reason, by_id=by.id, given_at=now, submission=submission,
    )  # fmt: skip
    if not add_once(session, allowance):
        return False
    if enrolment is not None and extra.percent:
        _lengthen(session, enrolment, extra, now)
    return True


def _lengthen(session: Session, enrolment: Enrolment, extra: Extra, now: datetime) -> None:
    open_ = select(Attempt).where(
        col(Attempt.enrolment_id) == enrolment.id,
        col(Attempt.check_key) != PRACTICE,
        col(Attempt.handed_in_at).is_(None),
        col(Attempt.deadline_at).is_not(None),
    )
    for attempt in session.scalars(open_):
        lesson = courses.version_document(session, attempt.version_id).lesson(attempt.lesson_key)
        check = lesson.checks.get(attempt.check_key) if lesson else None
        is_meant = extra.check_key in ("", attempt.check_key)
        if check is not None and is_meant and not is_overdue(attempt.deadline_at, now):
            minutes = check.minutes * (100 + extra.percent) / 100
            later = attempt.started_at + timedelta(minutes=minutes)
            attempt.deadline_at = max(later, attempt.deadline_at or later)
