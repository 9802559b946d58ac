"""The desk: which modules somebody writes, how each of them stands, and one of them in full."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session, col

from backend.auth.models import Account, Viewer
from backend.authoring import review_list
from backend.authoring.models import CourseDraft, Publication
from backend.authoring.policy import can_write, course_keys, writes_everything
from backend.courses import service as courses
from backend.courses.documents import CourseDocument
from backend.courses.models import Course, CourseVersion
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning import reports
from backend.learning.models import Enrolment


@dataclass(frozen=True, slots=True)
class DraftState:
    """A draft without what is in it."""

    course_key: str
    title: str
    error_count: int
    warning_count: int
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class DeskCourse:
    """A module on the desk. `published` is None for one that is only a draft yet."""

    key: str
    published: courses.Published | None
    draft: DraftState | None
    under_way: int = 0
    reports: int = 0  # that wait for an answer
    to_review: int = 0  # lessons

    @property
    def title(self) -> str:
        return (
            self.published.document.title if self.published else (self.draft and self.draft.title) or self.key
        )


@dataclass(frozen=True, slots=True)
class Version:
    """`by` is "" for one that did not come from the desk."""

    id: int
    number: int
    published_at: datetime
    under_way: int
    by: str
    has_publication: bool


@dataclass(frozen=True, slots=True)
class CourseDesk:
    """Everything about one module. `draft` with who sent it."""

    key: str
    published: courses.Published | None
    draft: CourseDraft | None
    draft_by: str
    versions: Sequence[Version]  # the newest first
    reports: int

    @property
    def title(self) -> str:
        return (
            self.published.document.title if self.published else (self.draft and self.draft.title) or self.key
        )

    @property
    def under_way(self) -> int:
        return sum(version.under_way for version in self.versions)

    @property
    def published_since(self) -> Version | None:
        """What was published after the draft came in, and that the draft does not know."""
        if self.draft is None or self.published is None:
            return None
        newest = self.versions[0]
        return newest if newest.id != self.draft.base_version_id else None


def desk(session: Session, viewer: Viewer, today: date) -> list[DeskCourse]:
    """The modules that this person writes, in the order of the catalogue; then what is only a draft. Five queries."""
    rows = session.execute(courses.current_versions().order_by(col(Course.position), col(Course.key))).all()
    mine = [_published(session, row) for row in rows if can_write(viewer, row.key)]
    drafts = {draft.course_key: draft for draft in _drafts(session) if can_write(viewer, draft.course_key)}
    under_way, waiting = _under_way(session), reports.open_counts(session)
    found = [
        DeskCourse(
            each.key, each, drafts.pop(each.key, None), under_way[each.course_id], waiting.get(each.course_id, 0),
            sum(1 for _lesson in review_list.lessons_due([each.document], today)),
        )
        for each in mine
    ]  # fmt: skip
    return found + [DeskCourse(key, None, draft) for key, draft in sorted(drafts.items())]


def scope_of(viewer: Viewer) -> list[str] | None:
    """The keys of the modules that this person writes; None for all of them."""
    return None if writes_everything(viewer) else course_keys(viewer)


def documents(session: Session, viewer: Viewer) -> list[CourseDocument]:
    """What is published of the modules that this person writes."""
    return [document for _id, document in courses.published(session) if can_write(viewer, document.key)]


def _published(session: Session, row: Row[Any]) -> courses.Published:
    return courses.Published(**row._mapping, document=courses.version_document(session, row.version_id))


def _drafts(session: Session) -> list[DraftState]:
    rows = session.execute(
        select(
            col(CourseDraft.course_key),
            col(CourseDraft.title),
            col(CourseDraft.error_count),
            col(CourseDraft.warning_count),
            col(Account.name),
            col(CourseDraft.uploaded_at),
        ).join(Account, col(Account.id) == CourseDraft.uploaded_by_id)
    )
    return [DraftState(*row) for row in rows]


def _under_way(session: Session) -> Counter[int]:
    """Who began and is not done, by course id."""
    rows = session.execute(
        select(col(Enrolment.course_id), func.count())
        .where(col(Enrolment.completed_at).is_(None))
        .group_by(col(Enrolment.course_id))
    )
    return Counter({row[0]: row[1] for row in rows})


def require_author(viewer: Viewer, course_key: str) -> None:
    """For everybody else there is no such desk. Raises NotFound."""
    if not can_write(viewer, course_key):
        raise not_there()


def not_there() -> NotFound:
    return NotFound(_("Deze module bestaat niet, of je schrijft er niet aan mee."))


def course_desk(session: Session, viewer: Viewer, course_key: str) -> CourseDesk:
    """One module. Raises NotFound when this person does not write it, or when there is nothing of it. Five queries."""
    require_author(viewer, course_key)
    row = session.execute(courses.current_versions().where(col(Course.key) == course_key)).first()
    published = _published(session, row) if row else None
    drafted = session.execute(
        select(CourseDraft, col(Account.name))
        .join(Account, col(Account.id) == CourseDraft.uploaded_by_id)
        .where(col(CourseDraft.course_key) == course_key)
    ).first()
    if published is None and drafted is None:
        raise not_there()
    draft, draft_by = (drafted[0], drafted[1]) if drafted else (None, "")
    if published is None:
        return CourseDesk(course_key, None, draft, draft_by, (), 0)
    waiting = reports.open_counts(session).get(published.course_id, 0)
    return CourseDesk(
        course_key, published, draft, draft_by, _versions(session, published.course_id), waiting
    )


def _versions(session: Session, course_id: int) -> list[Version]:
    under_way = (
        select(func.count())
        .where(col(Enrolment.version_id) == CourseVersion.id, col(Enrolment.completed_at).is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            col(CourseVersion.id),
            col(CourseVersion.number),
            col(CourseVersion.published_at),
            under_way.label("under_way"),
            func.coalesce(col(Account.name), "").label("by"),
            col(Publication.id).is_not(None).label("has_publication"),
        )
        .outerjoin(Publication, col(Publication.version_id) == CourseVersion.id)
        .outerjoin(Account, col(Account.id) == Publication.by_id)
        .where(col(CourseVersion.course_id) == course_id)
        .order_by(col(CourseVersion.number).desc())
    )
    return [Version(*row) for row in rows]


def version_of(session: Session, viewer: Viewer, course_key: str, number: int) -> int:
    """The id of a version by its number. Raises NotFound."""
    require_author(viewer, course_key)
    version_id: int | None = session.execute(
        select(col(CourseVersion.id))
        .join(Course, col(Course.id) == CourseVersion.course_id)
        .where(col(Course.key) == course_key, col(CourseVersion.number) == number)
    ).scalar()
    if version_id is None:
        raise NotFound(_("Deze versie van de module bestaat niet."))
    return version_id
