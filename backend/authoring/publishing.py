"""Publishing a draft: what changes for the people who are under way, worked out first and then done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.authoring import drafts
from backend.authoring.changes import Changes, QuestionChange, compare
from backend.authoring.models import CourseDraft
from backend.authoring.service import CourseDesk, course_desk
from backend.courses.documents import CourseDocument
from backend.learning.models import Attempt, Enrolment, Response


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing this draft means. `answers`: how many there are, by lesson, check and question."""

    desk: CourseDesk
    draft: CourseDraft
    document: CourseDocument
    changes: Changes
    answers: Mapping[tuple[str, str, str], int]

    @property
    def under_way(self) -> int:
        return self.desk.under_way

    def answers_to(self, question: QuestionChange) -> int:
        return self.answers.get((question.lesson_key, question.check_key, question.key), 0)


def plan(session: Session, viewer: Viewer, course_key: str) -> Plan:
    """Only reads. Raises NotFound without a draft, Conflict while it has errors."""
    draft = drafts.find(session, viewer, course_key)
    document = drafts.document_of(draft)
    desk = course_desk(session, viewer, course_key)
    before = desk.published.document if desk.published else None
    changes = compare(before, document)
    course_id = desk.published.course_id if desk.published else None
    return Plan(desk, draft, document, changes, _answers(session, course_id) if changes.questions else {})


def _answers(session: Session, course_id: int | None) -> dict[tuple[str, str, str], int]:
    """How many answers are kept of each question. One query."""
    columns: tuple[Any, ...] = (col(Attempt.lesson_key), col(Attempt.check_key), col(Response.block_key))
    rows = session.execute(
        select(*columns, func.count())
        .join(Attempt, col(Attempt.id) == Response.attempt_id)
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .where(col(Enrolment.course_id) == course_id)
        .group_by(*columns)
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}
