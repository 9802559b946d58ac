"""What a mentor sees: an overview of the scope, one person of it, and where many stumble. Never what anyone answered."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Account, Viewer
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson
from backend.errors import NotFound
from backend.events.models import LIVE, ActionDay, Registration
from backend.language import gettext as _
from backend.learning import reflections
from backend.learning.models import Enrolment, LessonProgress
from backend.mentoring import cohorts
from backend.mentoring.judging import Judge
from backend.mentoring.participants import (
    Column,
    Participant,
    columns_of,
    ids_in,
    people_in,
    people_with_finished,
)
from backend.mentoring.policy import scope_of
from backend.mentoring.signals import Rules, Signal, SignalKind, Standing, State
from backend.network.service import fold

PAGE_SIZE = 200
NEEDS_SHOWN, ASIDE_SHOWN = 8, 50


class Filter(BaseModel):
    """What a mentor asked to see. The aliases are the names in the address."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    region: str = Field(default="", alias="regio", max_length=80)
    municipality: str = Field(default="", alias="gemeente", max_length=20)
    group: str = Field(default="", alias="groep", max_length=36)
    search: str = Field(default="", alias="zoek", max_length=100)
    show: Literal["alle", "woord", "schema", "klaar"] = Field(default="alle", alias="toon")
    order: Literal["vast", "naam", "actief"] = Field(default="vast", alias="volgorde")
    page: int = Field(default=1, alias="pagina", ge=1, le=10_000)

    def query(self, **changes: Any) -> dict[str, Any]:
        """For a link to the same list with something changed."""
        return self.model_copy(update=changes).model_dump(by_alias=True, exclude_defaults=True)


@dataclass(frozen=True, slots=True)
class Choices:
    """The regions and municipalities of the scope, as (key, name), by name."""

    regions: list[tuple[str, str]]
    municipalities: list[tuple[str, str]]  # of the chosen region


@dataclass(frozen=True, slots=True)
class Overview:
    everyone: list[Participant]  # of the scope
    needs: list[Participant]  # of the scope, who needs a word; the most telling reason first
    found: list[Participant]  # what the filter leaves, in order, all pages
    columns: list[Column]
    courses: list[CourseDocument]
    standings: Counter[Standing]  # of the scope
    placed: Counter[Standing]  # of what region, municipality and search leave
    choices: Choices
    filter: Filter
    rules: Rules
    applicants: int  # who wait for the viewer
    replies: int  # that no mentor opened yet
    groups: list[tuple[str, str]]  # those the viewer may choose: id and name

    @property
    def top(self) -> list[Participant]:
        """Who needs a word first."""
        return self.needs[:NEEDS_SHOWN]

    @property
    def aside(self) -> list[Participant]:
        """Those of whom somebody set a signal aside."""
        return [person for person in self.everyone if person.aside]

    @property
    def rows(self) -> list[Participant]:
        """Those on the page asked for."""
        return self.found[(self.filter.page - 1) * PAGE_SIZE : self.filter.page * PAGE_SIZE]

    @property
    def page_count(self) -> int:
        return max(1, -(-len(self.found) // PAGE_SIZE))

    @property
    def done_counts(self) -> list[int]:
        """How many of those found are done with each lesson."""
        sets = Counter(person.done for person in self.found)  # many people finished the same lessons
        return [sum(count for done, count in sets.items() if column.key in done) for column in self.columns]


@dataclass(frozen=True, slots=True)
class LessonStanding:
    """One lesson of one person: a state, counts and dates. `facts` is None when it was not begun."""

    lesson: Lesson
    state: State
    facts: LessonProgress | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a mentor sees of one person."""

    person: Participant
    modules: list[tuple[CourseDocument, list[LessonStanding]]]
    registrations: list[tuple[ActionDay, Registration]]
    shared: list[reflections.Shared]  # what this person chose to share, and only that


def overview(
    session: Session, viewer: Viewer, wanted: Filter, now: datetime, *, all_pages: bool = False
) -> Overview:
    """Everyone in the viewer's scope, filtered and in order. Six queries, however many they are.

    Everyone has a standing. Reasons and states are complete for who is shown: on the page asked for, or on all of them.
    """
    scope = scope_of(viewer)
    published = courses.published(session)
    columns = columns_of(published)
    judge = Judge(columns, viewer, now)
    people, finished = people_with_finished(session, scope, now)
    judge.judge(session, people, ids_in(scope, now), finished, closely=False)
    groups = cohorts.to_choose(session, viewer, scope)
    everyone = list(people.values())
    choices, chosen = _offer(everyone, wanted)
    if wanted.group and wanted.group not in groups:
        chosen = chosen.model_copy(update={"group": ""})
    members = groups[chosen.group].members if chosen.group else None
    placed = [p for p in everyone if _fits(p, chosen) and (members is None or p.id in members)]
    seen = Overview(
        everyone=everyone,
        needs=sorted((person for person in everyone if person.signals), key=_by_need),
        found=sorted((p for p in placed if chosen.show in ("alle", p.standing)), key=ORDERS[chosen.order]),
        columns=columns,
        courses=[document for _id, document in published],
        standings=Counter(person.standing for person in everyone),
        placed=Counter(person.standing for person in placed),
        choices=choices,
        filter=chosen,
        rules=judge.facts.rules,
        applicants=judge.facts.applicants,
        replies=judge.facts.replies,
        groups=[(key, group.name) for key, group in groups.items()],
    )
    shown = [*seen.top, *seen.aside[:ASIDE_SHOWN], *(seen.found if all_pages else seen.rows)]
    judge.look_closer(session, list({person.id: person for person in shown}.values()))
    return seen


def participant(session: Session, viewer: Viewer, account_id: UUID, now: datetime) -> Dossier:
    """One person of the viewer's scope. Anyone else does not exist."""
    only = col(Account.id) == account_id
    people = people_in(session, scope_of(viewer), now, only)
    if account_id not in people:
        raise NotFound(_("Deze deelnemer bestaat niet, of hoort niet bij de gemeenten die je begeleidt."))
    published = courses.published(session)
    columns = columns_of(published)
    kept = session.execute(
        select(Enrolment, LessonProgress)
        .outerjoin(LessonProgress, col(Enrolment.id) == LessonProgress.enrolment_id)
        .where(col(Enrolment.account_id) == account_id)
    ).all()
    facts = {
        (enrolment.course_id, progress.lesson_key): progress
        for enrolment, progress in kept
        if progress is not None
    }
    finished = [
        _finished(enrolment, facts) for enrolment in {each.id: each for each, _progress in kept}.values()
    ]
    Judge(columns, viewer, now).judge(session, people, select(col(Account.id)).where(only), finished)
    person = people[account_id]
    standings = [
        (
            column.course_id,
            LessonStanding(column.lesson, state, facts.get((column.course_id, column.lesson.key))),
        )
        for column, state in zip(columns, person.cells, strict=True)
    ]
    registrations = session.execute(
        select(ActionDay, Registration)
        .join(Registration, col(Registration.day_id) == ActionDay.id)
        .where(col(Registration.account_id) == account_id)
        .order_by(
            col(ActionDay.starts_at).desc(),
            col(Registration.status).in_(LIVE).desc(),
            col(Registration.asked_at).desc(),
        )
    )
    days: dict[UUID, tuple[ActionDay, Registration]] = {}  # of each day what lives, else what was last
    for day, registration in registrations:
        days.setdefault(day.id, (day, registration))
    return Dossier(
        person,
        [(document, [s for of, s in standings if of == course_id]) for course_id, document in published],
        list(days.values()),
        reflections.shared_by(session, account_id, [document for _id, document in published]),
    )


@dataclass(frozen=True, slots=True)
class Finished:
    """What happenings.happened() asks of an enrolment."""

    account_id: UUID
    course_id: int
    is_completed: bool
    seen_at: datetime
    done: str


def _finished(enrolment: Enrolment, facts: dict[tuple[int, str], LessonProgress]) -> Finished:
    done = [key for (of, key), progress in facts.items() if of == enrolment.course_id and progress.done_at]
    return Finished(
        enrolment.account_id, enrolment.course_id, enrolment.completed_at is not None, enrolment.last_active_at, ",".join(done)
    )  # fmt: skip


# ── filter and order ──


def _offer(everyone: Iterable[Participant], wanted: Filter) -> tuple[Choices, Filter]:
    """What there is to choose, and the filter without a region or municipality that is not there."""
    regions = {p.region_key: p.region for p in everyone if p.region_key}
    region = wanted.region if wanted.region in regions else ""
    municipalities = {
        p.municipality_nis: p.organisation
        for p in everyone
        if p.municipality_nis and region in ("", p.region_key)
    }
    municipality = wanted.municipality if wanted.municipality in municipalities else ""
    chosen = wanted.model_copy(update={"region": region, "municipality": municipality})
    return Choices(_by_name(regions), _by_name(municipalities)), chosen


def _by_name(names: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda item: fold(item[1]))


def _fits(person: Participant, chosen: Filter) -> bool:
    if chosen.region not in ("", person.region_key) or chosen.municipality not in (
        "",
        person.municipality_nis,
    ):
        return False
    if not chosen.search:
        return True
    text = fold(f"{person.name} {person.function} {person.organisation}")
    return all(word in text for word in fold(chosen.search).split())


URGENCY = {kind: place for place, kind in enumerate(SignalKind)}


def _by_need(person: Participant) -> tuple[int, int, str]:
    signal: Signal | None = person.signal
    if signal is None:
        return len(URGENCY), 0, person.sort_name
    return URGENCY[signal.kind], -signal.days, person.sort_name


def _by_last_active(person: Participant) -> tuple[float, str]:
    return -(person.last_active_at.timestamp() if person.last_active_at else 0), person.sort_name


ORDERS: dict[str, Any] = {
    "vast": _by_need,
    "naam": lambda person: person.sort_name,
    "actief": _by_last_active,
}
