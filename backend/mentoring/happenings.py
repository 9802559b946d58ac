"""The facts about many people at once: what they finished, where they are busy, what waits, and what was set aside."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, exists, func, literal, literal_column, null, select, union_all
from sqlmodel import Session, col

from backend.auth import admission
from backend.auth.models import Viewer
from backend.courses.models import Course
from backend.learning.models import Attempt, Enrolment, LessonProgress, SharedReflection
from backend.mentoring.models import UNREAD_REPLY, Message, MessageKind, SignalMark, SignalRule
from backend.mentoring.reach import AnySelect
from backend.mentoring.rules import rule_of, with_rules
from backend.mentoring.signals import USUAL, Failed, Rule, Rules, Shared, Signal, Step

Done = frozenset[tuple[int, str]]  # course and lesson
Places = dict[
    tuple[int, str], tuple[int, str]
]  # course and lesson → the column, and the number of the lesson


# Said literally: so that the database knows the index of these few among a million attempts.
IS_CHECK = col(Attempt.check_key) != literal_column("''")


@dataclass(slots=True)
class Happened:
    """Of one person."""

    done: Done = frozenset()
    enrolments: list[Row[Any]] = field(default_factory=list)
    steps: dict[int, Step] = field(default_factory=dict)  # by column; lessons that are not done
    failed: list[Failed] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    waits: frozenset[int] = frozenset()  # their columns
    marks: list[Row[Any]] = field(default_factory=list)

    @property
    def last_active_at(self) -> datetime | None:
        return max((row.seen_at for row in self.enrolments), default=None)

    def set_aside(self, signal: Signal, now: datetime) -> Row[Any] | None:
        """The mark that hides this signal, as long as nothing new happened."""
        for mark in self.marks:
            if mark.key == signal.kind and mark.until > now and (signal.since or mark.at) <= mark.at:
                return mark
        return None


@dataclass(slots=True)
class Facts:
    """About the people asked for, with what the mentor who asks needs beside it."""

    people: dict[UUID, Happened]
    rules: Rules
    applicants: int = 0  # who wait for a decision of this mentor
    replies: int = 0  # of these people, that no mentor opened yet


def happened(
    session: Session,
    ids: AnySelect,
    places: Places,
    viewer: Viewer,
    finished: Iterable[Any] | None = None,
    *,
    closely: bool = True,
) -> Facts:
    """Two queries, however many they are; one when the caller has what is finished.

    Not closely: of the lessons in which somebody is busy, only those in which the last answer was wrong.
    """
    found: dict[UUID, Happened] = defaultdict(Happened)
    read: dict[tuple[int, str], Done] = {}  # many people finished the same lessons
    for row in session.execute(_finished(ids)).all() if finished is None else finished:
        person = found[row.account_id]
        person.enrolments.append(row)
        if row.done:
            key = (row.course_id, row.done)
            if key not in read:
                read[key] = frozenset((row.course_id, lesson) for lesson in row.done.split(","))
            person.done = person.done | read[key] if person.done else read[key]
    set_rules: list[tuple[str, Rule]] = []
    facts = Facts(found, USUAL)
    people = ids.cte("people")  # found once for all the parts
    open_ends = _open_ends(select(people.c.id), closely=closely)
    replies = select(func.count()).where(UNREAD_REPLY, col(Message.account_id).in_(select(people.c.id)))
    counts = [
        _count("applicants", admission.waiting_count(viewer)), _count("replies", replies.scalar_subquery()),
    ]  # fmt: skip
    for row in session.execute(union_all(*open_ends, _rules(viewer.id), *counts)).all():
        if row.what == "rule":
            set_rules.append((row.about, rule_of(row.key, row.course_id, row.times, is_on=bool(row.share))))
        elif row.what == "applicants":
            facts.applicants = row.times
        elif row.what == "replies":
            facts.replies = row.times
        else:
            _add(found[row.account_id], row, places)
    facts.rules = with_rules(set_rules)
    return facts


def _add(person: Happened, row: Row[Any], places: Places) -> None:
    if row.what == "mark":
        person.marks.append(row)
        return
    place = places.get((row.course_id, row.key))
    if place is None:  # a lesson that is no longer in the module
        return
    column, number = place
    if row.what == "busy":
        person.steps[column] = Step(number, row.times, row.at, is_done=False, share=row.share)
    elif row.what == "failed":
        person.failed.append(Failed(number, row.times, row.at))
    else:
        person.shared.append(Shared(number, row.at))
        person.waits |= {column}


def steps_of(session: Session, ids: Collection[UUID], places: Places) -> dict[UUID, dict[int, Step]]:
    """Every lesson in which these people are busy, by column. One query."""
    found: dict[UUID, Happened] = defaultdict(Happened)
    for row in session.execute(_busy(ids)):
        _add(found[row.account_id], row, places)
    return {account_id: person.steps for account_id, person in found.items()}


def finished_of() -> tuple[Any, ...]:
    """What a query with an enrolment selects for `finished`, with the keys of the lessons that are done in one text:
    26 times fewer rows than a row a lesson."""
    done = (
        select(func.aggregate_strings(col(LessonProgress.lesson_key), ","))
        .where(col(LessonProgress.enrolment_id) == Enrolment.id, col(LessonProgress.done_at).is_not(None))
        .correlate(Enrolment)
        .scalar_subquery()
    )
    return (
        col(Enrolment.course_id),
        col(Enrolment.completed_at).is_not(None).label("is_completed"),
        col(Enrolment.last_active_at).label("seen_at"),
        done.label("done"),
    )


def _finished(ids: AnySelect) -> AnySelect:
    return select(col(Enrolment.account_id), *finished_of()).where(col(Enrolment.account_id).in_(ids))


def _busy(ids: Any) -> AnySelect:
    return (
        select(
            literal("busy").label("what"), col(Enrolment.account_id).label("account_id"),
            col(Enrolment.course_id).label("course_id"), col(LessonProgress.lesson_key).label("key"),
            col(LessonProgress.tries_below).label("times"), col(LessonProgress.share).label("share"),
            col(LessonProgress.last_active_at).label("at"), null(), literal(""),
        )
        .select_from(LessonProgress)
        .join(Enrolment, col(Enrolment.id) == LessonProgress.enrolment_id)
        .where(col(LessonProgress.done_at).is_(None), col(Enrolment.account_id).in_(ids))
    )  # fmt: skip


def _open_ends(ids: AnySelect, *, closely: bool = True) -> list[Any]:
    busy = _busy(ids) if closely else _busy(ids).where(col(LessonProgress.tries_below) > 0)
    failed = (
        select(
            literal("failed"), col(Enrolment.account_id), col(Enrolment.course_id), col(Attempt.lesson_key), func.count(),
            literal(0.0), func.max(col(Attempt.handed_in_at)), null(), literal(""),
        )
        .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
        .where(
            IS_CHECK,
            col(Attempt.handed_in_at).is_not(None),
            col(Enrolment.account_id).in_(ids),
        )
        .group_by(
            col(Enrolment.account_id), col(Enrolment.course_id), col(Attempt.lesson_key), col(Attempt.check_key)
        )
        .having(func.sum(case((col(Attempt.is_passed), 1), else_=0)) == 0)
    )  # fmt: skip
    answered = exists().where(
        col(Message.account_id) == SharedReflection.account_id,
        col(Message.kind) == MessageKind.FEEDBACK,
        col(Message.course_key) == SharedReflection.course_key,
        col(Message.lesson_key) == SharedReflection.lesson_key,
        col(Message.block_key) == SharedReflection.block_key,
        col(Message.sent_at) >= SharedReflection.shared_at,
    )
    shared = (
        select(
            literal("shared"), col(SharedReflection.account_id), col(Course.id), col(SharedReflection.lesson_key),
            literal(0), literal(0.0), col(SharedReflection.shared_at), null(), literal(""),
        )
        .join(Course, col(Course.key) == SharedReflection.course_key)
        .where(~answered, col(SharedReflection.account_id).in_(ids))
    )  # fmt: skip
    marks = select(
        literal("mark").label("what"),
        col(SignalMark.account_id).label("account_id"),
        literal(0).label("course_id"),
        col(SignalMark.kind).label("key"),
        case((col(SignalMark.is_done), 1), else_=0).label("times"),
        literal(0.0).label("share"),
        col(SignalMark.at).label("at"),
        col(SignalMark.until).label("until"),
        literal("").label("about"),
    ).where(col(SignalMark.account_id).in_(ids))
    return [marks, busy, failed, shared]


def _rules(mentor_id: UUID) -> Any:
    return select(
        literal("rule"), null(), col(SignalRule.days), col(SignalRule.kind), col(SignalRule.times),
        case((col(SignalRule.is_on), 1.0), else_=0.0), null(), null(), col(SignalRule.owner),
    ).where(col(SignalRule.owner).in_(("", str(mentor_id))))  # fmt: skip


def _count(what: str, count: Any) -> Any:
    return select(
        literal(what), null(), literal(0), literal(""), count, literal(0.0), null(), null(), literal("")
    )
