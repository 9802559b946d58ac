"""Drafts: a package is checked, kept with what is wrong with it, downloaded byte for byte, and thrown away."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Account, Viewer
from backend.authoring.models import CourseDraft
from backend.authoring.service import require_author
from backend.courses import course_files, packages
from backend.courses import service as courses
from backend.courses.documents import CourseDocument
from backend.courses.fences import is_key
from backend.courses.files import COURSE
from backend.courses.models import Course
from backend.courses.packages import WrongPackage
from backend.courses.problems import Problem
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.learning.records import add_once

PACKAGE = "pakket"  # as the check calls it; pages leave it out
MOST_PROBLEMS = 200  # that are kept
LARGEST = 25_000_000  # bytes of a package that is sent by a form


@dataclass(frozen=True, slots=True)
class Checked:
    """A package that was read and looked at, not kept yet. `document` is None when it has errors."""

    course_key: str
    files: Mapping[str, bytes]
    document: CourseDocument | None
    problems: Sequence[Problem]


def check(published: Sequence[CourseDocument], data: bytes) -> Checked:
    """Read a zip as if a stranger made it. Raises WrongPackage or TooLarge. Takes a while: not with a database locked."""
    if not data:
        raise WrongPackage(_("Kies eerst een bestand: het pakket van de module, als zip."))
    files = packages.read_zip(data)
    key = next(path.removesuffix(f"/{COURSE}") for path in sorted(files) if path.endswith(f"/{COURSE}"))
    if not is_key(key):
        raise WrongPackage(
            _(
                "De map van de module heeft een naam die niet kan. Gebruik kleine letters, cijfers en streepjes."
            )
        )
    found, problems = courses.check(files, published, name=PACKAGE)
    has_errors = any(not problem.is_warning for problem in problems)
    return Checked(key, files, found[0] if found and not has_errors else None, problems)


def keep(session: Session, viewer: Viewer, checked: Checked, seen: UUID | None, now: datetime) -> CourseDraft:
    """Keep this as the draft of its module. The very same package again changes nothing.

    `seen`: the draft that the person had before them, None for none. Raises Conflict when somebody else was there first.
    """
    require_author(viewer, checked.course_key)
    draft = locked(session, checked.course_key)
    media = [file for lesson in checked.document.lessons for file in lesson.media] if checked.document else []
    manifest = json.dumps(course_files.keep(session, checked.files, media), sort_keys=True)
    if draft is not None and draft.manifest == manifest and draft.uploaded_by_id == viewer.id:
        _fill(session, draft, checked)  # what is published may have changed since, and with it the problems
        return draft
    if draft is not None and draft.revision != seen and draft.uploaded_by_id != viewer.id:
        raise taken(session, draft)
    if draft is None:
        draft = CourseDraft(
            course_key=checked.course_key, manifest=manifest, uploaded_by_id=viewer.id, uploaded_at=now
        )
        _fill(session, draft, checked)
        if not add_once(session, draft):
            return keep(session, viewer, checked, seen, now)  # somebody else was just ahead
    else:
        before = draft.manifest
        draft.revision, draft.manifest = uuid4(), manifest
        draft.uploaded_by_id, draft.uploaded_at = viewer.id, now
        _fill(session, draft, checked)
        session.flush()
        _forget_files(session, before)
    record(
        session, viewer.id, "authoring.draft_kept", kind="course", key=checked.course_key, errors=draft.error_count
    )  # fmt: skip
    session.flush()
    return draft


def locked(session: Session, course_key: str) -> CourseDraft | None:
    """Nobody else changes it until the transaction ends."""
    return session.scalars(
        select(CourseDraft)
        .where(col(CourseDraft.course_key) == course_key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _fill(session: Session, draft: CourseDraft, checked: Checked) -> None:
    wrong = sorted(checked.problems, key=lambda problem: (problem.is_warning, problem))
    draft.title = checked.document.title[:200] if checked.document else ""
    draft.document = checked.document.model_dump_json() if checked.document else ""
    draft.error_count = sum(not problem.is_warning for problem in wrong)
    draft.warning_count = len(wrong) - draft.error_count
    draft.problems = [
        asdict(problem) | {"file": problem.file.removeprefix(f"{PACKAGE}/")}
        for problem in wrong[:MOST_PROBLEMS]
    ]
    draft.base_version_id = session.execute(
        select(col(Course.published_id)).where(col(Course.key) == draft.course_key)
    ).scalar()


def taken(session: Session, draft: CourseDraft) -> Conflict:
    """Somebody else's draft stands where another one was seen."""
    by = session.get(Account, draft.uploaded_by_id)
    return Conflict(
        _(
            "%(who)s stuurde intussen een ander concept van deze module. Dat is bewaard, het jouwe niet. Bekijk het eerst."
        )
        % {"who": by.name if by else _("Een ander")}
    )


# ── reading ──


def find(session: Session, viewer: Viewer, course_key: str) -> CourseDraft:
    """Raises NotFound."""
    require_author(viewer, course_key)
    draft = session.get(CourseDraft, course_key)
    if draft is None:
        raise NotFound(_("Van deze module is er geen concept."))
    return draft


def document_of(draft: CourseDraft) -> CourseDocument:
    """What the draft holds. Raises Conflict while it has errors."""
    if not draft.document:
        raise Conflict(_("Dit concept heeft nog fouten. Verbeter ze en stuur het pakket opnieuw."))
    return CourseDocument.model_validate_json(draft.document)


def problems_of(draft: CourseDraft) -> list[Problem]:
    return [Problem(**problem) for problem in draft.problems]


def first_lesson(draft: CourseDraft) -> str:
    """Where a preview begins; "" while the draft has errors."""
    return document_of(draft).lessons[0].key if draft.document else ""


def as_zip(session: Session, viewer: Viewer, course_key: str) -> bytes:
    """The package as it was sent, file by file."""
    draft = find(session, viewer, course_key)
    return packages.write_zip(course_files.read_all(session, json.loads(draft.manifest)))


# ── throwing away ──


def discard(session: Session, viewer: Viewer, course_key: str, revision: UUID) -> bool:
    """Throw away the draft that this person looked at. False when it is gone already. Raises Conflict for another one."""
    require_author(viewer, course_key)
    draft = locked(session, course_key)
    if draft is None:
        return False
    if draft.revision != revision:
        raise taken(session, draft)
    forget(session, draft)
    record(session, viewer.id, "authoring.draft_discarded", kind="course", key=course_key)
    return True


def forget(session: Session, draft: CourseDraft) -> None:
    """The draft, and the files that nothing else has."""
    manifest = draft.manifest
    session.delete(draft)
    session.flush()
    _forget_files(session, manifest)


def _forget_files(session: Session, manifest: str) -> None:
    course_files.forget_unused(session, json.loads(manifest), select(col(CourseDraft.manifest)))
