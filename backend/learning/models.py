"""What one person does with a course: enrolment, answers that are only ever added, and what follows from them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel, UniqueConstraint

from backend.db import refers_to

PASS = 0.7  # a lesson is done when every question is answered and the best answers reach this average


class Enrolment(SQLModel, table=True):
    """A person in a course, at a version, and where they were."""

    __table_args__ = (UniqueConstraint("account_id", "course_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    course_id: int = refers_to("course.id")
    version_id: int = refers_to("course_version.id")
    started_at: datetime
    completed_at: datetime | None = None
    last_active_at: datetime
    lesson_key: str = Field(default="", max_length=80)  # resume here
    block_key: str = Field(default="", max_length=80)


class Response(SQLModel, table=True):
    """One answer, as given. Never changed, never deleted while the person is a member. `submission` makes a repeat harmless."""

    __table_args__ = (UniqueConstraint("enrolment_id", "submission"),)
    id: int | None = Field(default=None, primary_key=True)
    enrolment_id: UUID = refers_to("enrolment.id")
    version_id: int = Field(foreign_key="course_version.id")
    lesson_key: str = Field(max_length=80)
    block_key: str = Field(max_length=80)
    submission: str = Field(max_length=32)
    given: dict[str, Any] = Field(sa_type=JSON)
    score: float | None = None  # 0 to 1; None for what is not graded
    answered_at: datetime


class BlockResult(SQLModel, table=True):
    """Where one person stands with one block: the last answer, the best score, how many tries. Follows from the responses."""

    __tablename__ = "block_result"
    enrolment_id: UUID = Field(foreign_key="enrolment.id", primary_key=True)
    lesson_key: str = Field(primary_key=True, max_length=80)
    block_key: str = Field(primary_key=True, max_length=80)
    given: dict[str, Any] = Field(sa_type=JSON)
    last_score: float | None = None
    best_score: float | None = None
    attempts: int = 1
    answered_at: datetime


class LessonProgress(SQLModel, table=True):
    """Where one person stands with one lesson, so that overviews need not read the answers."""

    __tablename__ = "lesson_progress"
    enrolment_id: UUID = Field(foreign_key="enrolment.id", primary_key=True)
    lesson_key: str = Field(primary_key=True, max_length=80)
    question_count: int
    answered_count: int = 0
    score_sum: float = 0.0  # of the best scores
    tries_below: int = 0  # wrong answers since the last right one: a sign that somebody is stuck
    started_at: datetime
    last_active_at: datetime
    done_at: datetime | None = None


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
