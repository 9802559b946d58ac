"""What one person does with a course: enrolment, attempts, answers that are only ever added, and what follows from them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from backend.courses.documents import PASS_PERCENT
from backend.db import refers_to, text_enum

PASS = (
    PASS_PERCENT / 100
)  # the average of the best answers that is enough, where a lesson does not say otherwise


class Enrolment(SQLModel, table=True):
    """A person in a course, at a version, and where they were."""

    __table_args__ = (UniqueConstraint("account_id", "course_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    course_id: int = refers_to("course.id")
    version_id: int = refers_to("course_version.id")
    declined_version_id: int | None = Field(
        default=None, foreign_key="course_version.id"
    )  # newer, and not wanted
    started_at: datetime
    completed_at: datetime | None = None
    attended_on: date | None = None  # the action day that the course asks for
    last_active_at: datetime
    lesson_key: str = Field(default="", max_length=80)  # resume here
    block_key: str = Field(default="", max_length=80)


class Attempt(SQLModel, table=True):
    """The practice of a lesson (one a person and lesson, it never ends) or one go at a check."""

    __table_args__ = (
        UniqueConstraint("enrolment_id", "lesson_key", "check_key", "number"),
        # The goes at checks are few among those at practice.
        Index(
            "ix_attempt_check", "enrolment_id",
            sqlite_where=text("check_key != ''"), postgresql_where=text("check_key != ''"),
        ),
    )  # fmt: skip
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    enrolment_id: UUID = refers_to("enrolment.id", index=False)  # the constraint begins with it
    version_id: int = Field(foreign_key="course_version.id")  # whose questions these are
    lesson_key: str = Field(max_length=80)
    check_key: str = Field(default="", max_length=80)  # "": practice
    number: int = 1
    seed: int = 0  # what was drawn, and in which order; in practice that follows from the person
    frozen: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # see shuffling.Drawn
    started_at: datetime
    deadline_at: datetime | None = None
    handed_in_at: datetime | None = None
    score: float | None = None  # 0 to 1
    is_passed: bool = False
    receipt: str = Field(default="", max_length=20)


class Response(SQLModel, table=True):
    """The answer to one block in one attempt: the last one given, the best score, how many tries. Follows from the events."""

    attempt_id: UUID = Field(foreign_key="attempt.id", primary_key=True)
    block_key: str = Field(primary_key=True, max_length=80)
    given: dict[str, Any] = Field(sa_type=JSON)
    last_score: float | None = None  # None for what is not graded, or not yet
    best_score: float | None = None
    tries: int = 0
    answered_at: datetime


class EventKind(StrEnum):
    ANSWERED = "answered"  # and graded, where there is something to grade
    SAVED = "saved"  # kept as it is: a note, or an answer in a check that is not handed in yet
    HANDED_IN = "handed_in"
    REGRADED = "regraded"  # the key of the question was wrong, or another version has another one


class ResponseEvent(SQLModel, table=True):
    """Something that happened to an answer. Never changed, never deleted while the person is a member.

    `submission` makes a repeat harmless.
    """

    __tablename__ = "response_event"
    __table_args__ = (UniqueConstraint("attempt_id", "submission"),)
    id: int | None = Field(default=None, primary_key=True)
    attempt_id: UUID = refers_to("attempt.id", index=False)
    version_id: int = Field(foreign_key="course_version.id")
    block_key: str = Field(max_length=80)
    kind: EventKind = Field(sa_type=text_enum(EventKind))
    submission: str = Field(max_length=32)
    given: dict[str, Any] = Field(sa_type=JSON)
    score: float | None = None  # 0 to 1; None for what is not graded
    at: datetime


class LessonProgress(SQLModel, table=True):
    """Where one person stands with one lesson, so that overviews need not read the answers. See completion.py."""

    __tablename__ = "lesson_progress"
    # What a cockpit of thousands reads of each: which lessons are done, and which are not.
    __table_args__ = (Index("ix_lesson_progress_done", "enrolment_id", "done_at", "lesson_key"),)
    enrolment_id: UUID = Field(foreign_key="enrolment.id", primary_key=True)
    lesson_key: str = Field(primary_key=True, max_length=80)
    question_count: int  # that count
    answered_count: int = 0
    score_sum: float = 0.0  # of the best scores
    tries_below: int = 0  # wrong answers since the last right one: a sign that somebody is stuck
    share: float = 0.0  # 0 to 1, and 1 only when done
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)  # see completion.Reason
    read_at: datetime | None = None
    useful: int | None = None  # for one's work: 1 to 4
    started_at: datetime
    last_active_at: datetime
    done_at: datetime | None = None  # never taken away


class Attendance(SQLModel, table=True):
    """Who was at which day of a series of action days, as events reported it."""

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    series: str = Field(primary_key=True, max_length=80)
    attended_on: date = Field(primary_key=True)


class Allowance(SQLModel, table=True):
    """More attempts or time for one person in the checks of a course. Several add up; `submission` makes a repeat harmless."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    course_id: int = Field(foreign_key="course.id")
    check_key: str = Field(default="", max_length=80)  # "": every check of the course
    extra_attempts: int = 0
    extra_percent: int = 0  # of the minutes; the most generous one holds
    reason: str = Field(max_length=1000)
    by_id: UUID | None = Field(default=None, foreign_key="account.id")  # None when that account was erased
    given_at: datetime
    submission: str = Field(unique=True, max_length=32)


class Tally(SQLModel, table=True):
    """How many people chose what: in a poll, or as first answer to a question that shows it. Names nobody."""

    course_id: int = Field(foreign_key="course.id", primary_key=True)
    lesson_key: str = Field(primary_key=True, max_length=80)
    block_key: str = Field(primary_key=True, max_length=80)
    choice: str = Field(
        primary_key=True, max_length=170
    )  # an option, "item/place", or "" for everybody who answered
    people: int = 0


class ScenarioRun(SQLModel, table=True):
    """One walk through a branching case. `ending` is "" while under way.

    Begun again from a point of another one: `from_id` names it, and its steps up to there are repeated here.
    """

    __tablename__ = "scenario_run"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    enrolment_id: UUID = refers_to("enrolment.id")
    version_id: int = Field(foreign_key="course_version.id")
    lesson_key: str = Field(max_length=80)
    scenario_key: str = Field(max_length=80)
    from_id: UUID | None = Field(default=None, foreign_key="scenario_run.id")
    started_at: datetime
    ended_at: datetime | None = None
    ending: str = Field(default="", max_length=80)


class ScenarioStep(SQLModel, table=True):
    """What was chosen at one node of a run. Only ever added; the place makes a repeat harmless."""

    __tablename__ = "scenario_step"
    run_id: UUID = Field(foreign_key="scenario_run.id", primary_key=True)
    place: int = Field(primary_key=True)  # 0, 1 …
    node_key: str = Field(max_length=80)
    picks: dict[str, list[str]] = Field(sa_type=JSON)  # see courses.scenarios.Picks
    at: datetime


class BlockNote(SQLModel, table=True):
    """What somebody wrote at a block for themself, or that they marked it. By course, not enrolment: it outlives versions."""

    __tablename__ = "block_note"
    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    course_key: str = Field(primary_key=True, max_length=80)
    lesson_key: str = Field(primary_key=True, max_length=80)
    block_key: str = Field(primary_key=True, max_length=80)
    text: str = Field(default="", max_length=5000)
    is_bookmarked: bool = False
    updated_at: datetime


class SharedReflection(SQLModel, table=True):
    """A reflection that its writer showed to their mentor, as it was then. What they write afterwards is private again."""

    __tablename__ = "shared_reflection"
    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    course_key: str = Field(primary_key=True, max_length=80)
    lesson_key: str = Field(primary_key=True, max_length=80)
    block_key: str = Field(primary_key=True, max_length=80)
    text: str = Field(max_length=5000)
    shared_at: datetime


class LessonReport(SQLModel, table=True):
    """A mistake that somebody saw in a lesson, in the version they had before them, and what an author answered."""

    __tablename__ = "lesson_report"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    course_id: int = refers_to("course.id")
    version_id: int = Field(foreign_key="course_version.id")
    lesson_key: str = Field(max_length=80)
    block_key: str = Field(default="", max_length=80)  # "": the lesson as a whole
    text: str = Field(max_length=2000)
    at: datetime
    submission: str = Field(unique=True, max_length=32)  # makes a repeat harmless
    answer: str = Field(default="", max_length=2000)
    handled_at: datetime | None = None
    handled_by_id: UUID | None = Field(default=None, foreign_key="account.id")


class Rhythm(SQLModel, table=True):
    """The day of the week on which somebody wants a reminder. No row: none."""

    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    weekday: int  # 0 for Monday
    stop_code: str = Field(unique=True, max_length=64)  # in the link of the mail
    reminded_on: date | None = None
