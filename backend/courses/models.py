"""Courses, their published versions and the files of these. What a version holds is a document (documents.py)."""

from datetime import datetime

from sqlalchemy import LargeBinary, Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from backend.db import refers_to, related


class Course(SQLModel, table=True):
    """A module. `published_id` is the version that new learners get."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=80)
    position: int = 0
    published_id: int | None = Field(default=None)  # no foreign key: the version points here already
    loaded_files: str = Field(
        default="", max_length=64
    )  # of the folder that it was loaded from last: see loading.py
    loaded_by: str = Field(default="", max_length=64)


class CourseVersion(SQLModel, table=True):
    """An immutable published state. Never changed, so it may be cached for ever."""

    __tablename__ = "course_version"
    __table_args__ = (UniqueConstraint("course_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    course_id: int = refers_to("course.id")
    number: int
    document: str = Field(sa_type=Text)  # CourseDocument as JSON
    sha256: str = Field(max_length=64)
    manifest: str = Field(
        default="{}", sa_type=Text
    )  # the package that it was made of, as JSON: path → CourseFile.sha256
    published_at: datetime
    course: Course = related()


class CourseFile(SQLModel, table=True):
    """A file of a package, kept once by its content."""

    __tablename__ = "course_file"
    sha256: str = Field(primary_key=True, max_length=64)
    media_type: str = Field(max_length=100)  # "" for sources, which hold the answers: those are never shown
    size: int  # bytes


class FilePiece(SQLModel, table=True):
    """A file in pieces of one size, so that a part of a video can be read without the rest."""

    __tablename__ = "course_file_piece"
    sha256: str = Field(primary_key=True, max_length=64, foreign_key="course_file.sha256")
    number: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)
