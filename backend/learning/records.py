"""What is written about answers: an event that is only ever added, and the state of the answer that follows from it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col

from backend.learning.grading import Given
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, Response, ResponseEvent

PRACTICE = ""  # the check_key of practice


@dataclass(slots=True)
class Sheet:
    """An attempt with its answers by block key."""

    attempt: Attempt
    responses: dict[str, Response]

    def note(
        self, block_key: str, kind: EventKind, given: Given, score: float | None, now: datetime
    ) -> ResponseEvent:
        """An event, not kept yet."""
        return ResponseEvent(
            attempt_id=self.attempt.id, version_id=self.attempt.version_id, block_key=block_key, kind=kind,
            submission=uuid4().hex, given=given, score=score, at=now,
        )  # fmt: skip

    def follow(self, session: Session, event: ResponseEvent) -> Response:
        """Bring the state of the answer up to date with an event."""
        response = self.responses.get(event.block_key)
        if response is None:
            response = Response(
                attempt_id=self.attempt.id, block_key=event.block_key, given={}, tries=0, answered_at=event.at
            )
            session.add(response)
            self.responses[event.block_key] = response
        response.given, response.answered_at = event.given, event.at
        if event.kind in (EventKind.ANSWERED, EventKind.HANDED_IN):
            response.tries += 1
            response.last_score = event.score
            if event.score is not None:
                response.best_score = max(response.best_score or 0.0, event.score)
        return response


@dataclass(slots=True)
class Kept:
    """What is kept of somebody in a course: every lesson that was begun, by key, and the practice of one of them."""

    rows: dict[str, LessonProgress]
    practice: Sheet | None


def kept_of(session: Session, enrolment_id: UUID, lesson_key: str) -> Kept:
    """One query. A lesson without progress has no practice either."""
    found = session.execute(
        select(LessonProgress, Attempt, Response)
        .outerjoin(
            Attempt,
            (col(Attempt.enrolment_id) == LessonProgress.enrolment_id)
            & (col(Attempt.lesson_key) == LessonProgress.lesson_key)
            & (col(Attempt.lesson_key) == lesson_key)
            & (col(Attempt.check_key) == PRACTICE),
        )
        .outerjoin(Response, col(Response.attempt_id) == Attempt.id)
        .where(col(LessonProgress.enrolment_id) == enrolment_id)
    ).all()
    attempt = next((attempt for _row, attempt, _response in found if attempt is not None), None)
    responses = {response.block_key: response for _row, _attempt, response in found if response is not None}
    return Kept(
        {row.lesson_key: row for row, _attempt, _response in found},
        Sheet(attempt, responses) if attempt is not None else None,
    )


def new_practice(session: Session, enrolment: Enrolment, lesson_key: str, now: datetime) -> Sheet:
    """Of a lesson that was not begun. The enrolment is locked."""
    attempt = Attempt(
        enrolment_id=enrolment.id, version_id=enrolment.version_id, lesson_key=lesson_key, started_at=now
    )
    if add_once(session, attempt):
        return Sheet(attempt, {})
    mine = (
        col(Attempt.enrolment_id) == enrolment.id,
        col(Attempt.lesson_key) == lesson_key,
        col(Attempt.check_key) == PRACTICE,
    )
    attempt = session.scalars(select(Attempt).where(*mine)).one()
    responses = session.scalars(select(Response).where(col(Response.attempt_id) == attempt.id))
    return Sheet(attempt, {response.block_key: response for response in responses})


def progress_rows(session: Session, enrolment_id: UUID) -> dict[str, LessonProgress]:
    """Every lesson that was begun, by key."""
    rows = session.scalars(select(LessonProgress).where(col(LessonProgress.enrolment_id) == enrolment_id))
    return {row.lesson_key: row for row in rows}


def fingerprint(submission: str, lesson_key: str, block_key: str, given: Given) -> str:
    """A form sent again from the browser's history with another answer is another answer."""
    content = json.dumps([submission, lesson_key, block_key, given], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def add_events(session: Session, events: Sequence[ResponseEvent]) -> None:
    """Many in one statement."""
    if events:
        session.execute(insert(ResponseEvent), [event.model_dump(exclude={"id"}) for event in events])


def add_once(session: Session, row: SQLModel) -> bool:
    """False when a unique constraint says that it is there already."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True
