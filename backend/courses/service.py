"""What can be learned: check a folder of modules, publish it, and find what is published."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.courses import course_files, finding
from backend.courses.documents import CourseDocument, Lesson, Term
from backend.courses.files import Files, Folder
from backend.courses.kept_keys import lost_keys, never_open
from backend.courses.models import Course, CourseVersion
from backend.courses.package import read_package
from backend.courses.problems import Problem
from backend.errors import NotFound
from backend.language import gettext as _

MOST_KEPT = 64  # documents in memory; one of 110 kB takes about 0.5 MB

# By version: a version never changes, so neither does what it holds.
_documents: dict[int, CourseDocument] = {}


@dataclass(frozen=True)
class Published:
    """A course as it is published now."""

    course_id: int
    key: str
    version_id: int
    number: int  # of the version
    published_at: datetime
    document: CourseDocument


def check(
    package: Path | Files,
    published: Sequence[CourseDocument] = (),
    *,
    name: str = "pakket",
    today: date | None = None,
) -> tuple[list[CourseDocument], list[Problem]]:
    """The modules in a folder, or in files in memory that problems call `name`; and what is wrong with them.

    Also against what is published, and against `today` when that is given. Changes nothing.
    """
    if isinstance(package, Path):
        name = package.name
        package = Folder(package)
    documents, problems = read_package(package, name, today)
    before = {document.key: document for document in published}
    problems += never_open({**before, **{document.key: document for document in documents}}, documents, name)
    for document in documents:
        if document.key in before:
            problems += lost_keys(before[document.key], document, name)
    return documents, sorted(problems)


def publish(
    session: Session, document: CourseDocument, now: datetime, sources: Files | None = None
) -> int | None:
    """Make this the published version, unless it is already. Returns its number, or None when nothing changed.

    `sources`: the package that the document was made of. What makes the same document, such as another comment, is no
    new version: the published one then keeps the new sources.

    Two processes may do this at once: they queue at the row of the course, and the second finds nothing to do.
    """
    text = document.model_dump_json()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    course = _locked_course(session, document)
    media = [file for lesson in document.lessons for file in lesson.media]
    manifest = json.dumps(course_files.keep(session, sources or {}, media), sort_keys=True)
    current = session.get(CourseVersion, course.published_id) if course.published_id else None
    if current is not None and current.sha256 == sha256:
        if sources and current.manifest != manifest:
            current.manifest = manifest
            session.flush()
        return None
    newest = select(func.max(col(CourseVersion.number))).where(col(CourseVersion.course_id) == course.id)
    version = CourseVersion(
        course=course,
        number=(session.execute(newest).scalar() or 0) + 1,
        document=text,
        sha256=sha256,
        manifest=manifest,
        published_at=now,
    )
    session.add(version)
    session.flush()
    course.published_id, course.position = version.id, document.number
    finding.index(session, document)
    session.flush()
    return version.number


def _locked_course(session: Session, document: CourseDocument) -> Course:
    mine = select(Course).where(col(Course.key) == document.key).with_for_update()
    course: Course | None = session.execute(mine).scalar_one_or_none()
    if course is None:
        try:
            with session.begin_nested():
                session.add(Course(key=document.key, position=document.number))
        except IntegrityError:
            pass  # another process was first
        made: Course = session.execute(mine.execution_options(populate_existing=True)).scalar_one()
        return made
    return course


def current_versions() -> Select[Any]:
    """The columns that say what is published: course_id, key, version_id, number, published_at. Join or filter as needed."""
    columns: tuple[Any, ...] = (
        col(Course.id).label("course_id"),
        col(Course.key).label("key"),
        col(CourseVersion.id).label("version_id"),
        col(CourseVersion.number).label("number"),
        col(CourseVersion.published_at).label("published_at"),
    )
    return select(*columns).join(CourseVersion, col(CourseVersion.id) == Course.published_id)


def published(session: Session) -> list[tuple[int, CourseDocument]]:
    """Course id and document of every published course, in catalogue order. One query once documents are in memory."""
    rows = session.execute(current_versions().order_by(col(Course.position), col(Course.key))).all()
    return [(row.course_id, version_document(session, row.version_id)) for row in rows]


def terms(session: Session) -> list[tuple[Term, list[tuple[CourseDocument, Lesson]]]]:
    """Every word that a published lesson explains, with the lessons that do, by alphabet."""
    found: dict[str, tuple[Term, list[tuple[CourseDocument, Lesson]]]] = {}
    for _id, document in published(session):
        for lesson in document.lessons:
            for term in lesson.terms:
                found.setdefault(term.key, (term, []))[1].append((document, lesson))
    return sorted(found.values(), key=lambda each: each[0].word.casefold())


def find(session: Session, key: str) -> Published:
    """A published course by key. One query once its document is in memory."""
    row = session.execute(current_versions().where(col(Course.key) == key)).first()
    if row is None:
        raise NotFound(_("Deze module bestaat niet, of niet meer. Kijk bij de modules wat er wel is."))
    return Published(**row._mapping, document=version_document(session, row.version_id))


def published_manifest(session: Session, key: str) -> dict[str, str] | None:
    """The files that the published version was made of: path → SHA-256. None when there is no such course."""
    mine = select(col(CourseVersion.manifest)).join(Course, col(Course.published_id) == CourseVersion.id)
    text = session.scalar(mine.where(col(Course.key) == key))
    return None if text is None else dict(json.loads(text))


def published_version(session: Session, key: str) -> tuple[int, int, CourseDocument]:
    """Course id, version id and document of a published course."""
    found = find(session, key)
    return found.course_id, found.version_id, found.document


def is_open(session: Session, sha256: str) -> bool:
    """Is this a file of a lesson that is open to everyone: the first of a published module?"""
    return any(
        file.sha256 == sha256 for _id, document in published(session) for file in document.lessons[0].media
    )


def version_document(session: Session, version_id: int) -> CourseDocument:
    """What a version holds. Parsed once per process; after that no query."""
    document = _documents.get(version_id)
    if document is None:
        text = session.execute(
            select(col(CourseVersion.document)).where(col(CourseVersion.id) == version_id)
        ).scalar()
        if text is None:
            raise NotFound(_("Deze versie van de module bestaat niet."))
        document = CourseDocument.model_validate_json(text)
        while len(_documents) >= MOST_KEPT:
            _documents.pop(next(iter(_documents)), None)
        _documents[version_id] = document
    return document


def forget_documents() -> None:
    """For tests and a restored database, where an id may come to mean another version."""
    _documents.clear()
