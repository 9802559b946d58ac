"""A draft of a module, and what was published: by whom, for how many people, and what changed for them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from backend.db import refers_to, text_enum


class CourseDraft(SQLModel, table=True):
    """The package that somebody sent last for a module, one a module. With errors it is kept too, and cannot be published."""

    __tablename__ = "course_draft"
    course_key: str = Field(primary_key=True, max_length=80)  # of a module that may not exist yet
    revision: UUID = Field(default_factory=uuid4, unique=True)  # another one with each package
    title: str = Field(default="", max_length=200)  # "" while it cannot be read
    manifest: str = Field(sa_type=Text)  # JSON: path → CourseFile.sha256
    document: str = Field(default="", sa_type=Text)  # CourseDocument as JSON; "" while there are errors
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)  # Problem as dict
    error_count: int = 0
    warning_count: int = 0
    base_version_id: int | None = Field(
        default=None, foreign_key="course_version.id"
    )  # published at that moment
    uploaded_by_id: UUID = refers_to("account.id")
    uploaded_at: datetime


class Way(StrEnum):
    FIX = "fix"  # same keys: everybody under way goes along, and is graded again
    NEW = "new"  # a new version: who is under way chooses


class Publication(SQLModel, table=True):
    """A draft that was published. Never changed; `revision` makes a repeat harmless."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    revision: UUID = Field(unique=True)  # CourseDraft.revision
    course_id: int = refers_to("course.id")
    version_id: int = Field(foreign_key="course_version.id", unique=True)
    before_id: int | None = Field(default=None, foreign_key="course_version.id")
    way: Way = Field(sa_type=text_enum(Way))
    by_id: UUID = refers_to("account.id")
    at: datetime
    people_count: int  # under way at that moment
    changes: dict[str, Any] = Field(sa_type=JSON)  # changes.Changes
    effect: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON
    )  # what grading again did, see publishing.Effect
    told_count: int = 0  # mails about it
