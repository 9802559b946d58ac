"""Where many stumble: questions that at least a third got wrong first. Counts only, nobody named."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.auth.scope import scope_of
from backend.courses import service as courses
from backend.courses.block_types import Question
from backend.courses.documents import CourseDocument, Lesson
from backend.learning.models import Attempt, Enrolment, Response
from backend.mentoring.participants import ids_in

HARD_PEOPLE = 5  # fewer answers say more about those people than about the question
HARD_SHARE = 1 / 3  # "many"
HARD_SHOWN = 20


@dataclass(frozen=True, slots=True)
class HardQuestion:
    """A question that many got wrong first: counted, nobody named."""

    course: CourseDocument
    lesson: Lesson
    block_key: str
    number: int  # its place in the lesson
    question_html: str
    wrong: int
    answered: int


def hard_questions(session: Session, viewer: Viewer, now: datetime) -> list[HardQuestion]:
    """Questions that at least a third got wrong first, worst first, of no fewer than five people. Two queries."""
    scope, published = scope_of(viewer), courses.published(session)
    wrong = func.sum(case((or_(col(Response.tries) > 1, col(Response.last_score) < 1), 1), else_=0))
    answered = func.count()
    counted = session.execute(
        select(col(Enrolment.course_id), col(Attempt.lesson_key), col(Response.block_key), wrong, answered)
        .select_from(Response)
        .join(Attempt, col(Attempt.id) == Response.attempt_id)
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .where(
            col(Attempt.check_key) == "",  # practice
            col(Response.last_score).is_not(None),
            col(Enrolment.account_id).in_(ids_in(scope, now)),
        )
        .group_by(col(Enrolment.course_id), col(Attempt.lesson_key), col(Response.block_key))
        .having(answered >= HARD_PEOPLE)
    )
    documents = dict(published)
    hard = []
    for course_id, lesson_key, block_key, wrong_count, answered_count in counted:
        document = documents.get(course_id)
        lesson = document.lesson(lesson_key) if document else None
        question: Question | None = lesson.questions.get(block_key) if lesson else None
        if document and lesson and question and wrong_count / answered_count >= HARD_SHARE:
            number = list(lesson.questions).index(block_key) + 1
            hard.append(
                HardQuestion(
                    document, lesson, block_key, number, question.question_html, wrong_count, answered_count
                )
            )
    return sorted(hard, key=lambda q: (-q.wrong / q.answered, q.lesson.number, q.number))[:HARD_SHOWN]
