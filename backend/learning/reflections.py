"""Reflections: private until their writer shares one with the mentor, entry by entry; sharing can be taken back.

Each may name a field of the action plan that it prepares, so that the plan can pick it up (`for_plan`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.block_types import Reflection
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.models import Course
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.learning.enrolments import Address
from backend.learning.models import Attempt, Enrolment, Response, SharedReflection


@dataclass(frozen=True, slots=True)
class Written:
    """A reflection with something in it."""

    course: CourseDocument
    lesson: Lesson
    block: Reflection
    text: str
    written_at: datetime
    shared_text: str = ""
    shared_at: datetime | None = None

    @property
    def address(self) -> Address:
        return Address(self.course.key, self.lesson.key, self.block.key)

    @property
    def changed_since(self) -> bool:
        """Its writer went on writing after sharing it: the mentor sees the earlier text."""
        return self.shared_at is not None and self.shared_text != self.text


def mine(session: Session, viewer: Viewer) -> list[Written]:
    """In the order of modules and lessons. Two queries, once the documents are in memory."""
    return _written(session, viewer.id)


def _written(session: Session, person: UUID) -> list[Written]:
    shared = {
        (row.course_key, row.lesson_key, row.block_key): row
        for row in session.scalars(select(SharedReflection).where(col(SharedReflection.account_id) == person))
    }
    rows = session.execute(
        select(
            col(Course.key), col(Enrolment.version_id), col(Attempt.lesson_key), col(Response.block_key),
            col(Response.given), col(Response.answered_at),
        )
        .join(Attempt, col(Attempt.id) == Response.attempt_id)
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .join(Course, col(Course.id) == Enrolment.course_id)
        .where(col(Enrolment.account_id) == person, col(Attempt.check_key) == "", col(Response.last_score).is_(None))
    )  # fmt: skip
    found = []
    for key, version_id, lesson_key, block_key, given, at in rows:
        course = courses.version_document(session, version_id)
        lesson = course.lesson(lesson_key)
        block = lesson.blocks.get(block_key) if lesson else None
        if lesson is None or not isinstance(block, Reflection) or not given.get("text"):
            continue
        share = shared.get((key, lesson_key, block_key))
        found.append(
            Written(
                course, lesson, block, given["text"], at,
                share.text if share else "", share.shared_at if share else None,
            )
        )  # fmt: skip
    return sorted(
        found, key=lambda w: (w.course.number, w.course.lessons.index(w.lesson), list(w.lesson.blocks).index(w.block.key))
    )  # fmt: skip


def find(session: Session, viewer: Viewer, address: Address) -> Written:
    """Raises NotFound."""
    found = next((each for each in _written(session, viewer.id) if each.address == address), None)
    if found is None:
        raise NotFound(_("Hier staat nog geen reflectie van jou."))
    return found


def share(session: Session, viewer: Viewer, address: Address, text: str, now: datetime) -> None:
    """Show it to the mentor as it is now. `text` is what the writer saw when deciding: something newer is not shared unseen."""
    written = find(session, viewer, address)
    if written.text != text:
        raise Conflict(_("Je tekst veranderde intussen. Lees hem nog eens na en deel hem dan."))
    session.merge(
        SharedReflection(
            account_id=viewer.id, course_key=address.course_key, lesson_key=address.lesson_key,
            block_key=address.block_key, text=text, shared_at=now,
        )
    )  # fmt: skip


def unshare(session: Session, viewer: Viewer, address: Address) -> None:
    """Taking back what was not shared changes nothing."""
    session.execute(
        delete(SharedReflection).where(
            col(SharedReflection.account_id) == viewer.id,
            col(SharedReflection.course_key) == address.course_key,
            col(SharedReflection.lesson_key) == address.lesson_key,
            col(SharedReflection.block_key) == address.block_key,
        )
    )


@dataclass(frozen=True, slots=True)
class Shared:
    """A reflection as a mentor sees it."""

    course_title: str
    lesson_number: str
    lesson_title: str
    prompt_html: str
    text: str
    shared_at: datetime
    course_key: str
    lesson_key: str
    block_key: str


def shared_by(session: Session, person: UUID, published: Iterable[CourseDocument] = ()) -> list[Shared]:
    """What this person shared, the newest first; only what they shared. For whoever may follow them (mentoring.policy).

    `published`: the modules, for the titles. One query.
    """
    rows = session.scalars(
        select(SharedReflection)
        .where(col(SharedReflection.account_id) == person)
        .order_by(col(SharedReflection.shared_at).desc())
    ).all()
    documents = {document.key: document for document in published}
    found = []
    for row in rows:
        course = documents.get(row.course_key)
        lesson = course.lesson(row.lesson_key) if course else None
        block = lesson.blocks.get(row.block_key) if lesson else None
        prompt = block.prompt_html if isinstance(block, Reflection) else ""
        found.append(
            Shared(
                course.title if course else row.course_key, lesson.number if lesson else "",
                lesson.title if lesson else "", prompt, row.text, row.shared_at,
                row.course_key, row.lesson_key, row.block_key,
            )
        )  # fmt: skip
    return found


def for_plan(session: Session, person: UUID, field: str) -> list[Written]:
    """What this person wrote for one field of the action plan, such as "analyse.spanningsvelden"."""
    return [each for each in _written(session, person) if each.block.plan == field]


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    """What was shared; the texts themselves are among the answers."""
    rows = session.scalars(select(SharedReflection).where(col(SharedReflection.account_id) == person))
    return [row.model_dump(mode="json", exclude={"account_id"}) for row in rows]


def erase(session: Session, person: UUID) -> None:
    session.execute(delete(SharedReflection).where(col(SharedReflection.account_id) == person))
