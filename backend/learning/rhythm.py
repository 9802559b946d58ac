"""A weekly reminder to go on: off until one chooses a day, silent for who was here this week, stopped with one click."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlmodel import Session, col

from backend import jobs, mail
from backend.auth.models import Account, AccountStatus, Viewer
from backend.courses import service as courses
from backend.language import ZONE
from backend.learning import progress
from backend.learning.models import Enrolment, Rhythm
from backend.learning.records import add_once
from backend.templating import absolute_url

ACTIVE = timedelta(days=5)  # who was here since then needs no reminder
WORKDAYS = range(5)


def find(session: Session, viewer: Viewer) -> Rhythm | None:
    return session.get(Rhythm, viewer.id)


def choose(session: Session, viewer: Viewer, weekday: int | None) -> None:
    """`weekday`: 0 for Monday to 4 for Friday; None for no reminders."""
    rhythm = session.get(Rhythm, viewer.id)
    if weekday is None:
        if rhythm is not None:
            session.delete(rhythm)
    elif rhythm is not None:
        rhythm.weekday = weekday
    else:
        add_once(session, Rhythm(account_id=viewer.id, weekday=weekday, stop_code=secrets.token_urlsafe(24)))


def stop(session: Session, code: str) -> None:
    """By the link in a mail. Stopping twice is stopping once; an unknown code says nothing."""
    session.execute(delete(Rhythm).where(col(Rhythm.stop_code) == code))


def plan(session: Session, now: datetime) -> int:
    """Enqueue a reminder for everybody whose day it is. Called once a day; a second call the same day changes nothing."""
    today = now.astimezone(ZONE).date()
    due = session.scalars(
        select(Rhythm)
        .where(
            col(Rhythm.weekday) == today.weekday(),
            or_(col(Rhythm.reminded_on).is_(None), col(Rhythm.reminded_on) < today),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for rhythm in due:
        rhythm.reminded_on = today
        jobs.enqueue(session, "learning.remind", account_id=str(rhythm.account_id))
    return len(due)


def remind(session: Session, account_id: UUID, now: datetime) -> bool:
    """Mail the one next step, unless there is none or they were here lately. Says whether a mail went."""
    account, rhythm = session.get(Account, account_id), session.get(Rhythm, account_id)
    if account is None or rhythm is None or account.status != AccountStatus.MEMBER:
        return False
    enrolment = session.scalars(
        select(Enrolment)
        .where(col(Enrolment.account_id) == account_id, col(Enrolment.completed_at).is_(None))
        .order_by(col(Enrolment.last_active_at).desc())
        .limit(1)
    ).first()
    if enrolment is None or enrolment.last_active_at > now - ACTIVE:
        return False
    course = courses.version_document(session, enrolment.version_id)
    standing = progress.overview(session, account_id)[course.key]
    lesson = course.lesson(standing.resume_lesson) or course.lessons[0]
    mail.send(
        session, account.email, "learning_reminder", language=account.language,
        unsubscribe=absolute_url("learning.stop_reminders", code=rhythm.stop_code),
        name=account.name, course=course, lesson=lesson, minutes=standing.lessons[lesson.key].minutes_left,
        code=rhythm.stop_code,
    )  # fmt: skip
    return True


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    """The day that was chosen; the code that stops the mails stays out of it."""
    rows = session.scalars(select(Rhythm).where(col(Rhythm.account_id) == person))
    return [row.model_dump(mode="json", include={"weekday", "reminded_on"}) for row in rows]


def erase(session: Session, person: UUID) -> None:
    session.execute(delete(Rhythm).where(col(Rhythm.account_id) == person))
