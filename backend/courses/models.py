"""Courses and their published versions. What a version holds is a document (documents.py)."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from backend.db import refers_to, related


class Course(SQLModel, table=True):
    """A module. `published_id` is the version that new learners get."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=80)
    position: int = 0
    published_id: int | None = Field(default=None)  # no foreign key: the version points here already


class CourseVersion(SQLModel, table=True):
    """An immutable published state. Never changed, so it may be cached for ever."""

    __tablename__ = "course_version"
    __table_args__ = (UniqueConstraint("course_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    course_id: int = refers_to("course.id")
    number: int
    document: str = Field(sa_type=Text)  # CourseDocument as JSON
    sha256: str = Field(max_length=64)
    published_at: datetime
    course: Course = related()
