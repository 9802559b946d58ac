"""Publishing a draft: what changes for the people who are under way, worked out first and then done."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Account, Viewer
from backend.authoring import drafts
from backend.authoring.changes import Changes, QuestionChange, compare
from backend.authoring.models import CourseDraft, Publication, Way
from backend.authoring.service import CourseDesk, course_desk, require_author
from backend.courses import course_files
from backend.courses import service as courses
from backend.courses.block_types import Frozen
from backend.courses.documents import CourseDocument
from backend.courses.models import Course, CourseVersion
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.language import short_date
from backend.learning import versions
from backend.learning.models import Attempt, Enrolment, Response


class Effect(Frozen):
    """What grading again does, as it is kept with a publication."""

    answered: int = 0  # answers to questions that changed
    better: int = 0
    worse: int = 0
    asked_again: int = 0  # answers that no longer fit
    improves: int = 0  # people for whom a lesson is done or a test passed that was not


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing this draft means. `answers`: how many there are, by lesson, check and question."""

    desk: CourseDesk
    draft: CourseDraft
    document: CourseDocument
    changes: Changes
    answers: Mapping[tuple[str, str, str], int]
    effect: Effect | None  # of a small fix; None when this is none

    @property
    def before_id(self) -> int:
        """The version that the draft is compared with; 0 for none."""
        return self.desk.published.version_id if self.desk.published else 0

    @property
    def carried(self) -> int:
        """Who is under way in that version, and would go along with a small fix."""
        return sum(each.under_way for each in self.desk.versions if each.id == self.before_id)

    def answers_to(self, question: QuestionChange) -> int:
        return self.answers.get((question.lesson_key, question.check_key, question.key), 0)


@dataclass(frozen=True, slots=True)
class Published:
    """A publication as it is shown afterwards."""

    publication: Publication
    number: int
    by: str
    document: CourseDocument
    changes: Changes
    effect: Effect


# ── beforehand ──


def plan(session: Session, viewer: Viewer, course_key: str) -> Plan:
    """Only reads. Raises NotFound without a draft, Conflict while it has errors."""
    desk = course_desk(session, viewer, course_key)
    if desk.draft is None:
        raise NotFound(_("Van deze module is er geen concept."))
    document = drafts.document_of(desk.draft)
    before = desk.published.document if desk.published else None
    changes = compare(before, document)
    course_id = desk.published.course_id if desk.published else None
    answers = _answers(session, course_id) if changes.questions else {}
    effect = _effect(session, before, document) if before is not None and changes.keeps_keys else None
    return Plan(desk, desk.draft, document, changes, answers, effect)


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


def _effect(session: Session, before: CourseDocument, after: CourseDocument) -> Effect | None:
    """None when answers would be lost: then it is no small fix."""
    found = versions.regrade_preview(session, before, after)
    if found.lost:
        return None
    return Effect(
        answered=sum(each.answered for each in found.questions),
        better=sum(each.better for each in found.questions),
        worse=sum(each.worse for each in found.questions),
        asked_again=sum(each.asked_again for each in found.questions),
        improves=found.improves,
    )


# ── doing it ──


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody decided, about the draft and the published version that they had before them."""

    revision: UUID
    before_id: int  # 0: nothing was published
    way: Way


def publish(session: Session, viewer: Viewer, course_key: str, wish: Wish, now: datetime) -> int | None:
    """Publish the draft. Gives the number of the version, None when it says the same as what is published.

    The same person twice is once. Raises Conflict when somebody else was there first, or when it is no small fix.
    """
    require_author(viewer, course_key)
    draft = drafts.locked(session, course_key)
    if draft is None or draft.revision != wish.revision:
        return _done_before(session, viewer, wish, draft)
    session.execute(select(col(Course.id)).where(col(Course.key) == course_key).with_for_update())
    planned = plan(session, viewer, course_key)
    _require_as_seen(planned, wish)
    files = course_files.read_all(session, json.loads(draft.manifest))
    number = courses.publish(session, planned.document, now, files)
    if number is not None:
        _note(session, viewer, planned, wish, now)
    session.delete(draft)
    record(
        session, viewer.id, "authoring.published", kind="course", key=course_key, version=number, way=wish.way,
        people=planned.desk.under_way,
    )  # fmt: skip
    session.flush()
    return number


def _require_as_seen(planned: Plan, wish: Wish) -> None:
    if planned.before_id != wish.before_id:
        raise Conflict(
            _("Intussen is versie %(n)s gepubliceerd. Kijk opnieuw na wat er verandert.")
            % {"n": planned.desk.published.number if planned.desk.published else 0}
        )
    if wish.way == Way.FIX and planned.effect is None:
        raise Conflict(
            _("Dit is geen kleine verbetering: lessen, vragen of keuzes bleven niet dezelfde. Maak er een nieuwe versie van.")
        )  # fmt: skip


def _note(session: Session, viewer: Viewer, planned: Plan, wish: Wish, now: datetime) -> None:
    published = courses.find(session, planned.desk.key)
    told = 0
    if wish.way == Way.FIX:
        told = versions.carry_over(session, planned.before_id, published.version_id, now)
    effect = planned.effect if wish.way == Way.FIX and planned.effect else Effect()
    session.add(
        Publication(
            revision=wish.revision, course_id=published.course_id, version_id=published.version_id,
            before_id=planned.before_id or None, way=wish.way, by_id=viewer.id, at=now,
            people_count=planned.carried if wish.way == Way.FIX else planned.desk.under_way,
            changes=planned.changes.model_dump(mode="json"), effect=effect.model_dump(), told_count=told,
        )
    )  # fmt: skip


def _done_before(session: Session, viewer: Viewer, wish: Wish, draft: CourseDraft | None) -> int | None:
    """The draft is not there any more: published by this very wish, or something else happened to it."""
    row = session.execute(
        select(Publication, col(CourseVersion.number), col(Account.name))
        .join(CourseVersion, col(CourseVersion.id) == Publication.version_id)
        .join(Account, col(Account.id) == Publication.by_id)
        .where(col(Publication.revision) == wish.revision)
    ).first()
    if row is None and draft is not None:
        raise drafts.taken(session, draft)
    if row is None:
        raise Conflict(_("Dit concept is er niet meer. Misschien gooide een collega het weg."))
    publication, number, by = row
    if publication.by_id == viewer.id and publication.way == wish.way:
        return int(number)
    way = _("kleine verbetering") if publication.way == Way.FIX else _("nieuwe versie")
    raise Conflict(
        _("%(who)s publiceerde dit concept al op %(date)s: versie %(n)s, als %(way)s.")
        % {"who": by, "date": short_date(publication.at), "n": number, "way": way}
    )


# ── afterwards ──


def find(session: Session, viewer: Viewer, course_key: str, number: int) -> Published:
    """What was published, and what it did. Raises NotFound, also for a version that did not come from the desk."""
    require_author(viewer, course_key)
    row = session.execute(
        select(Publication, col(Account.name))
        .join(CourseVersion, col(CourseVersion.id) == Publication.version_id)
        .join(Course, col(Course.id) == CourseVersion.course_id)
        .join(Account, col(Account.id) == Publication.by_id)
        .where(col(Course.key) == course_key, col(CourseVersion.number) == number)
    ).first()
    if row is None:
        raise NotFound(_("Van deze versie weten we niet wat er veranderde: ze kwam niet van de redactie."))
    publication: Publication = row[0]
    return Published(
        publication,
        number,
        row[1],
        courses.version_document(session, publication.version_id),
        Changes.model_validate(publication.changes),
        Effect.model_validate(publication.effect),
    )
