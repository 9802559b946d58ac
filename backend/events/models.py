"""Action days and who registered for them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from backend.db import refers_to, related, text_enum
from backend.network.models import Edition, Region


class DayFormat(StrEnum):
    ON_SITE = "on_site"
    ONLINE = "online"
    HYBRID = "hybrid"


class DayStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class RegistrationStatus(StrEnum):
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class ActionDay(SQLModel, table=True):
    """A day for one region (or for all: `region_key` None). `taken` counts the confirmed places and never exceeds `capacity`."""

    __tablename__ = "action_day"
    __table_args__ = (CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str = Field(unique=True, max_length=120)
    title: str = Field(max_length=200)
    summary: str = Field(default="", max_length=1000)
    edition_id: UUID = refers_to("edition.id")
    region_key: str | None = Field(default=None, foreign_key="region.key", index=True)
    format: DayFormat = Field(sa_type=text_enum(DayFormat))
    status: DayStatus = Field(default=DayStatus.DRAFT, sa_type=text_enum(DayStatus))
    starts_at: datetime = Field(index=True)
    ends_at: datetime
    town: str = Field(default="", max_length=100)
    place: str = Field(default="", max_length=300)  # building, room, address
    travel: str = Field(default="", max_length=500)
    access: str = Field(default="", max_length=500)  # for people with a disability
    capacity: int
    taken: int = 0
    waiting_count: int = 0
    registration_closes_at: datetime
    cancel_until: datetime
    is_fictional: bool = False
    edition: Edition = related()
    region: Region | None = related()

    @property
    def seats_left(self) -> int:
        return self.capacity - self.taken

    @property
    def is_full(self) -> bool:
        """Whoever asks now goes to the waiting list. A place that others wait for is not free."""
        return self.taken >= self.capacity or self.waiting_count > 0

    @property
    def percent_taken(self) -> int:
        return 100 * self.taken // self.capacity if self.capacity else 100

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now

    def is_open(self, now: datetime) -> bool:
        """One may register, for a place or for the waiting list."""
        return self.status == DayStatus.PUBLISHED and now < self.registration_closes_at


class ProgrammeItem(SQLModel, table=True):
    __tablename__ = "programme_item"
    id: int | None = Field(default=None, primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    starts_at: datetime
    title: str = Field(max_length=200)
    detail: str = Field(default="", max_length=500)


class Registration(SQLModel, table=True):
    """A person's place on a day. Registering again after cancelling uses the same row, with a higher `sequence` for calendars."""

    __table_args__ = (UniqueConstraint("day_id", "account_id"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    account_id: UUID = refers_to("account.id")
    status: RegistrationStatus = Field(sa_type=text_enum(RegistrationStatus))
    needs: str = Field(default="", max_length=500)  # only the organiser sees this
    sequence: int = 0
    asked_at: datetime  # the order of the waiting list
    changed_at: datetime
    day: ActionDay = related()
