"""Modules from a folder: published when the folder changed, and only then.

A module that authors published since keeps what they made: the folder comes back only when somebody changes the folder.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from backend.courses import finding, service
from backend.courses.files import COURSE, Files, Folder, sources_of
from backend.courses.models import Course
from backend.courses.problems import WrongContent
from backend.language import gettext as _


def load(session: Session, folder: Path, now: datetime) -> list[str]:
    """Publish what changed and say what that was. All or nothing: raises WrongContent with the problems.

    A folder that was loaded before by this program costs a few milliseconds: nothing of it is read as a module.
    """
    files = Folder(folder)
    prints = {key: _fingerprint(sources_of(files, key)) for key in _courses(files)}
    rows = session.scalars(select(Course).where(col(Course.key).in_(prints))).all()
    before = {course.key: (course.loaded_files, course.loaded_by) for course in rows}
    if prints and before == {key: (each, _reader()) for key, each in prints.items()}:
        return []
    documents, problems = service.check(folder, [document for _id, document in service.published(session)])
    if any(not problem.is_warning for problem in problems):
        raise WrongContent(problems)
    changed = []
    for document in documents:
        sources = sources_of(files, document.key)
        is_same = before.get(document.key, ("", ""))[0] == prints[document.key]
        if not (is_same and _is_authored(session, document.key, sources)):
            number = service.publish(session, document, now, sources)
            if number is not None:
                said = _("%(title)s: versie %(number)d gepubliceerd")
                changed.append(said % {"title": document.title, "number": number})
            elif not finding.is_indexed(
                session, document
            ):  # published by a program that could not search yet
                finding.index(session, document)
        course = session.scalars(select(Course).where(col(Course.key) == document.key)).one()
        course.loaded_files, course.loaded_by = prints[document.key], _reader()
    return changed


def _courses(files: Files) -> list[str]:
    return [path.split("/")[0] for path in files if path.count("/") == 1 and path.endswith(f"/{COURSE}")]


def _is_authored(session: Session, key: str, sources: Mapping[str, bytes]) -> bool:
    """What is published now was made of other files than those of the folder: by an author, since."""
    manifest = service.published_manifest(session, key)
    return manifest is not None and manifest != _hashes(sources)


def _fingerprint(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(json.dumps(_hashes(files), sort_keys=True).encode()).hexdigest()


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


@cache
def _reader() -> str:
    """Of the program that reads modules: another one may make another document of the same files."""
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(code).hexdigest()
