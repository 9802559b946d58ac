"""Certificates, and the keys that badges are signed with."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel, UniqueConstraint

from backend.db import refers_to


class Certificate(SQLModel, table=True):
    """Issued once for a person and a course, in the words of that moment: a later name or title does not touch it."""

    __table_args__ = (UniqueConstraint("account_id", "course_key"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    code: str = Field(unique=True, max_length=20)  # random; the public address
    account_id: UUID = refers_to("account.id")
    name: str = Field(max_length=120)
    course_key: str = Field(max_length=80)
    course_title: str = Field(max_length=200)
    course_summary: str = Field(max_length=1000)
    version: int  # of the course
    hours: float
    issued_at: datetime
    shows_name: bool = False  # on the public page; else only initials
    revoked_at: datetime | None = None
    revoked_because: str = Field(default="", max_length=500)
    revoked_by_id: UUID | None = Field(default=None, foreign_key="account.id")
    is_fictional: bool = False

    @property
    def serial(self) -> str:
        """LN-2026-K7QM-29XH-4TRB"""
        return f"LN-{self.issued_at.year}-{self.code.upper()}"

    @property
    def initials(self) -> str:
        return " ".join(f"{word[0].upper()}." for word in self.name.split() if word[:1].isalpha())


class IssuerKey(SQLModel, table=True):
    """A key to sign badges with. The newest one signs; the public half of older ones stays, for what they signed."""

    __tablename__ = "issuer_key"
    kid: str = Field(primary_key=True, max_length=64)
    public_jwk: str
    sealed_jwk: str  # the private key, encrypted with a key that follows from LN_SECRET_KEY
    created_at: datetime
