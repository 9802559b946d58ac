"""Practice cards: what a municipality did, on one page, and who took it over."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from backend.db import refers_to, text_enum


class Tension(StrEnum):
    """What a tension is about."""

    TRAFFIC = "verkeer"
    SHELTER = "opvang"
    LIVING_TOGETHER = "samenleven"
    RELIGION = "levensbeschouwing"
    SPACE = "ruimte"
    YOUTH = "jongeren"
    DISINFORMATION = "desinformatie"
    HATE = "haatspraak"
    TRUST = "bestuur"
    WORLD = "wereld"


class Size(StrEnum):
    """Inhabitants of the municipality."""

    SMALL = "klein"  # fewer than 15,000
    MIDDLE = "midden"  # up to 35,000
    LARGE = "groot"  # up to 100,000
    CITY = "stad"


class CardStatus(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"  # a mentor reads it
    PUBLISHED = "published"


class PracticeCard(SQLModel, table=True):
    __tablename__ = "practice_card"
    __table_args__ = (UniqueConstraint("submission"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID = refers_to("organisation.id")
    author_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)  # None: gone
    status: CardStatus = Field(sa_type=text_enum(CardStatus), index=True)
    title: str = Field(max_length=120)
    tension: Tension = Field(sa_type=text_enum(Tension), index=True)
    size: Size = Field(sa_type=text_enum(Size))
    context: str = Field(max_length=1500)
    action: str = Field(max_length=1500)
    cost: str = Field(max_length=600)
    effect: str = Field(max_length=1500)
    pitfalls: str = Field(max_length=1500)
    contact: str = Field(max_length=300)
    note: str = Field(default="", max_length=1000)  # of the mentor who sent it back
    reviewed_by_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    revision: int = 0  # one more with every change: a mentor publishes what they read
    changed_at: datetime
    published_at: datetime | None = None
    is_fictional: bool = False
    submission: str = Field(max_length=64)  # the same form sent twice is one card


class Adoption(SQLModel, table=True):
    """A municipality took an approach over; once, whoever of them says so."""

    __tablename__ = "practice_adoption"
    card_id: UUID = Field(foreign_key="practice_card.id", primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    at: datetime
