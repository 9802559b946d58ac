"""What learners shared and a mentor has yet to answer, and the rubric that an author set for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from backend.courses.block_types import Reflection
from backend.courses.documents import CourseDocument
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning.models import SharedReflection
from backend.mentoring.messages import About
from backend.mentoring.models import Message, MessageKind
from backend.mentoring.reach import AnySelect
from backend.mentoring.signals import days_between


@dataclass(frozen=True, slots=True)
class Waiting:
    """A shared reflection that nobody said anything about since it was shared."""

    account_id: UUID
    about: About
    shared_at: datetime

    def days(self, now: datetime) -> int:
        return days_between(self.shared_at, now)


@dataclass(frozen=True, slots=True)
class Shown:
    """A shared reflection with its question and the rubric. `lesson` is "1.3"; both are empty when the lesson is gone."""

    about: About
    course: str
    lesson: str
    prompt_html: str
    text: str
    rubric: tuple[str, ...]


def judgements() -> list[tuple[str, str]]:
    return [("", _("–")), ("begin", _("nog aan te werken")), ("weg", _("op weg")), ("goed", _("zit goed"))]


def unanswered(session: Session, ids: AnySelect) -> list[Waiting]:
    """Of these people (a select of ids), who waits longest first. One query."""
    shared, said = SharedReflection, Message
    answered = (
        select(func.max(col(said.sent_at)))
        .where(
            and_(
                col(said.account_id) == col(shared.account_id), col(said.kind) == MessageKind.FEEDBACK,
                col(said.course_key) == col(shared.course_key), col(said.lesson_key) == col(shared.lesson_key),
                col(said.block_key) == col(shared.block_key),
            )
        )
        .correlate(shared)
        .scalar_subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            col(shared.account_id), col(shared.course_key), col(shared.lesson_key), col(shared.block_key), col(shared.shared_at)
        )
        .where(col(shared.account_id).in_(ids), (answered.is_(None)) | (answered < col(shared.shared_at)))
        .order_by(col(shared.shared_at))
    )  # fmt: skip
    return [Waiting(r.account_id, About(r.course_key, r.lesson_key, r.block_key), r.shared_at) for r in rows]


def find(session: Session, account_id: UUID, about: About, published: Iterable[CourseDocument]) -> Shown:
    """Raises NotFound for what is not shared (any more). One query."""
    row = session.get(SharedReflection, (account_id, about.course_key, about.lesson_key, about.block_key))
    if row is None:
        raise NotFound(_("Deze reflectie is niet gedeeld, of niet meer."))
    course = next((each for each in published if each.key == about.course_key), None)
    lesson = course.lesson(about.lesson_key) if course else None
    block = lesson.blocks.get(about.block_key) if lesson else None
    return Shown(
        about,
        course.title if course else about.course_key,
        lesson.number if lesson else "",
        block.prompt_html if isinstance(block, Reflection) else "",
        row.text,
        block.rubric if isinstance(block, Reflection) else (),
    )
