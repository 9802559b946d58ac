"""One's own notes and bookmarks at the blocks of a lesson: kept for nobody else, found again, taken along."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend import search
from backend.auth.models import Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning.answers import look_twice
from backend.learning.enrolments import Address
from backend.learning.models import BlockNote

SOURCE = "notes"


@dataclass(frozen=True, slots=True)
class NotePlace:
    """A block that one may write a note at, in the published version of its course."""

    course: CourseDocument
    lesson: Lesson
    block_key: str
    title: str  # the part or section it stands in


@dataclass(frozen=True, slots=True)
class NoteAt:
    """A note with where it belongs. `place` is None when its block is gone from the course."""

    note: BlockNote
    place: NotePlace | None


def place_of(session: Session, address: Address) -> NotePlace:
    """Raises NotFound."""
    _course_id, _version_id, course = courses.published_version(session, address.course_key)
    place = _place(course, address.lesson_key, address.block_key)
    if place is None:
        raise NotFound(_("Dit stuk van de les bestaat niet, of niet meer."))
    return place


def _place(course: CourseDocument, lesson_key: str, block_key: str) -> NotePlace | None:
    lesson = course.lesson(lesson_key)
    for part in lesson.parts if lesson else ():
        if block_key == part.key or any(block.key == block_key for block in part.blocks):
            assert lesson is not None  # noqa: S101 - it has parts
            return NotePlace(course, lesson, block_key, part.title)
    return None


def find(session: Session, viewer: Viewer, address: Address) -> BlockNote | None:
    return session.get(BlockNote, (viewer.id, *address))


def keys_in(session: Session, person: UUID, course_key: str, lesson_key: str) -> frozenset[str]:
    """The blocks of a lesson where somebody has one. One query."""
    return frozenset(
        session.execute(
            select(col(BlockNote.block_key)).where(
                col(BlockNote.account_id) == person,
                col(BlockNote.course_key) == course_key,
                col(BlockNote.lesson_key) == lesson_key,
            )
        ).scalars()
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to keep at a block. `is_meant`: also what may tell who somebody is."""

    text: str
    is_bookmarked: bool
    is_meant: bool = False


def keep(session: Session, viewer: Viewer, address: Address, wish: Wish, now: datetime) -> None:
    """Write it down, or throw it away when nothing is left of it. Doing it twice is doing it once. Raises MayTell."""
    place = place_of(session, address)
    note = find(session, viewer, address)
    text, is_bookmarked = wish.text, wish.is_bookmarked
    if not wish.is_meant:
        look_twice(text, note.text if note else "", {"text": text})
    if not text and not is_bookmarked:
        if note is not None:
            session.delete(note)
    elif note is not None:
        note.text, note.is_bookmarked, note.updated_at = text, is_bookmarked, now
    else:
        note = BlockNote(
            account_id=viewer.id, course_key=address.course_key, lesson_key=address.lesson_key,
            block_key=address.block_key, text=text, is_bookmarked=is_bookmarked, updated_at=now,
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(note)
                session.flush()
        except IntegrityError:  # another tab was just ahead: its row takes this text
            other = session.get(BlockNote, (viewer.id, *address), populate_existing=True)
            assert other is not None  # noqa: S101 - the constraint refused because it is there
            other.text, other.is_bookmarked, other.updated_at = text, is_bookmarked, now
    _make_findable(session, viewer.id, address, place, text)


def _make_findable(session: Session, owner: UUID, address: Address, place: NotePlace, text: str) -> None:
    search.put(
        session,
        SOURCE,
        search.Entry(
            key="/".join(address), kind="note", title=f"{place.lesson.number} {place.title}", text=text,
            route="learning.lesson", address={"module": address.course_key, "lesson": address.lesson_key},
            anchor=address.block_key,
        ),
        owner,
    )  # fmt: skip


def mine(session: Session, viewer: Viewer) -> list[NoteAt]:
    """In the order of modules and lessons. One query, once the documents are in memory."""
    rows = session.scalars(select(BlockNote).where(col(BlockNote.account_id) == viewer.id)).all()
    documents = {document.key: document for _id, document in courses.published(session)} if rows else {}
    found = [
        NoteAt(note, _place(documents[note.course_key], note.lesson_key, note.block_key))
        if note.course_key in documents
        else NoteAt(note, None)
        for note in rows
    ]
    return sorted(found, key=_order)


def _order(each: NoteAt) -> tuple[Any, ...]:
    if each.place is None:
        return (1, each.note.course_key, each.note.lesson_key, 0)
    blocks = [b.key for part in each.place.lesson.parts for b in part.blocks]
    at = blocks.index(each.note.block_key) if each.note.block_key in blocks else -1
    return (0, each.place.course.number, each.place.course.lessons.index(each.place.lesson), at)


def matching(notes: list[NoteAt], query: str) -> list[NoteAt]:
    """Those in which every word of the question stands, in whatever form."""
    wanted = set(search.stems(query))
    return [each for each in notes if wanted <= set(search.stems(each.note.text + " " + _about(each)))]


def _about(each: NoteAt) -> str:
    return f"{each.place.course.title} {each.place.lesson.title} {each.place.title}" if each.place else ""


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    rows = session.scalars(select(BlockNote).where(col(BlockNote.account_id) == person))
    return [row.model_dump(mode="json", exclude={"account_id"}) for row in rows]


def erase(session: Session, person: UUID) -> None:
    session.execute(delete(BlockNote).where(col(BlockNote.account_id) == person))
    search.forget(session, SOURCE, person)
