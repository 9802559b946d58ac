"""Action days, their programme, and who registered for them. The rules here are pure: `now` is passed in."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from backend.db import refers_to, related, text_enum
from backend.network.models import Edition, Municipality, Region


class DayFormat(StrEnum):
    ON_SITE = "on_site"
    ONLINE = "online"
    HYBRID = "hybrid"


class DayStatus(StrEnum):
    """What the organiser decided. Whether a day is full or over follows from this and the numbers: DayState."""

    DRAFT = "draft"
    PUBLISHED = "published"  # open to register; may still not go ahead: calendars say "tentative"
    CONFIRMED = "confirmed"  # goes ahead for certain
    CANCELLED = "cancelled"


GOES_ON = (DayStatus.PUBLISHED, DayStatus.CONFIRMED)


class DayState(StrEnum):
    CONCEPT = "concept"
    OPEN = "open"
    FULL = "full"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    PAST = "past"


class RegistrationStatus(StrEnum):
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    OFFERED = "offered"  # a place is held until `offered_until`
    REQUESTED = "requested"  # the organiser decides
    REFUSED = "refused"


SEATED = (RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED)  # these count in `taken`
LIVE = (*SEATED, RegistrationStatus.WAITING, RegistrationStatus.REQUESTED)
_IS_LIVE = "status NOT IN ('cancelled', 'refused')"


class ActionDayRegion(SQLModel, table=True):
    """The regions that a day is for. None at all: for every region."""

    __tablename__ = "action_day_region"
    day_id: UUID = Field(foreign_key="action_day.id", primary_key=True)
    region_key: str = Field(foreign_key="region.key", primary_key=True, index=True)


class ActionDay(SQLModel, table=True):
    """`taken` counts the places that are given or held, and never exceeds `capacity`; events/places.py counts."""

    __tablename__ = "action_day"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
        CheckConstraint("waiting_count >= 0", name="waiting_not_negative"),
        CheckConstraint("starts_at < ends_at", name="begins_before_it_ends"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str = Field(unique=True, max_length=120)
    title: str = Field(max_length=200)
    summary: str = Field(default="", max_length=1000)
    edition_id: UUID = refers_to("edition.id")
    series: str = Field(default="", max_length=80, index=True)  # the days of one series share this key
    host_nis: str | None = Field(default=None, foreign_key="municipality.nis_code", max_length=8)
    format: DayFormat = Field(sa_type=text_enum(DayFormat))
    status: DayStatus = Field(default=DayStatus.DRAFT, sa_type=text_enum(DayStatus))
    sequence: int = 0  # of the day in public calendars
    starts_at: datetime = Field(index=True)
    ends_at: datetime
    town: str = Field(default="", max_length=100)
    place: str = Field(default="", max_length=300)  # building, room, address
    travel: str = Field(default="", max_length=500)
    access: str = Field(default="", max_length=500)  # for people with a disability
    online_url: str = Field(default="", max_length=500)  # only for who has a place, behind their own link
    online_opens_minutes: int = 15
    capacity: int
    taken: int = 0
    waiting_count: int = 0
    registration_opens_at: datetime | None = None
    registration_closes_at: datetime
    cancel_until: datetime
    offer_hours: int = 0  # office hours that a place stays offered to who waited; 0: it is theirs at once
    is_listed: bool = True  # False: only who is invited knows of it
    spread_limit: int | None = None  # so many from one municipality, until …
    spread_until: datetime | None = None
    # What details.py describes: an Audience, Questions and Materials.
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    questions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    materials: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    speakers: str = Field(default="", max_length=1000)
    # What the organiser wrote in the mails of this day, by template: a subject and a paragraph more.
    mail_texts: dict[str, dict[str, str]] = Field(default_factory=dict, sa_type=JSON)
    needs_kept_days: int = 7  # after the day; then what people need is wiped
    is_fictional: bool = False
    edition: Edition = related()
    host: Municipality | None = related()
    regions: list[Region] = related(secondary="action_day_region", order_by="Region.name")

    @property
    def region_keys(self) -> list[str]:
        return [region.key for region in self.regions]

    @property
    def seats_left(self) -> int:
        return self.capacity - self.taken

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity

    @property
    def percent_taken(self) -> int:
        return 100 * self.taken // self.capacity if self.capacity else 100

    @property
    def goes_on(self) -> bool:
        return self.status in GOES_ON

    def is_for(self, region_key: str | None) -> bool:
        return not self.regions or region_key in self.region_keys

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now

    def is_open(self, now: datetime) -> bool:
        """One may register, for a place or for the waiting list."""
        return (
            self.goes_on
            and (self.registration_opens_at or now) <= now < self.registration_closes_at
            and now < self.ends_at
        )

    def state(self, now: datetime) -> DayState:
        if self.status in (DayStatus.DRAFT, DayStatus.CANCELLED):
            return DayState.CONCEPT if self.status == DayStatus.DRAFT else DayState.CANCELLED
        if self.is_over(now):
            return DayState.PAST
        if self.is_full:
            return DayState.FULL
        return DayState.CONFIRMED if self.status == DayStatus.CONFIRMED else DayState.OPEN


class DayFile(SQLModel, table=True):
    """A file among the materials of a day: for who has a registration, and who organises."""

    __tablename__ = "day_file"
    __table_args__ = (UniqueConstraint("day_id", "sha256"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    sha256: str = Field(max_length=64)
    name: str = Field(max_length=120)  # plain ASCII, to save it under
    media_type: str = Field(max_length=100)
    size: int  # bytes
    content: bytes = Field(sa_type=LargeBinary)


class ProgrammeItem(SQLModel, table=True):
    """A moment of the day. In a round (`is_round`) one chooses a Workshop."""

    __tablename__ = "programme_item"
    id: int | None = Field(default=None, primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    starts_at: datetime
    ends_at: datetime | None = None
    title: str = Field(max_length=200)
    detail: str = Field(default="", max_length=500)
    is_round: bool = False
    is_required: bool = True  # of a round: one must choose


class Workshop(SQLModel, table=True):
    """A session of a round, with its own places. May last longer than the round it begins in."""

    __table_args__ = (
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
        CheckConstraint("waiting_count >= 0", name="waiting_not_negative"),
        CheckConstraint("starts_at < ends_at", name="begins_before_it_ends"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    round_id: int = refers_to("programme_item.id")
    position: int = 0
    starts_at: datetime
    ends_at: datetime
    title: str = Field(max_length=200)
    detail: str = Field(default="", max_length=500)
    speakers: str = Field(default="", max_length=300)
    room: str = Field(default="", max_length=120)
    capacity: int
    taken: int = 0
    waiting_count: int = 0

    @property
    def seats_left(self) -> int:
        return self.capacity - self.taken

    def clashes_with(self, other: "Workshop") -> bool:
        """They overlap, and are of two rounds: of one round one has one anyway."""
        return (
            self.round_id != other.round_id
            and self.starts_at < other.ends_at
            and other.starts_at < self.ends_at
        )


class Registration(SQLModel, table=True):
    """A person's place on a day, or the wish for one. Once cancelled it stays so: registering again makes a new one."""

    __table_args__ = (
        Index(
            "uq_registration_live",
            "day_id",
            "account_id",
            unique=True,
            sqlite_where=text(_IS_LIVE),
            postgresql_where=text(_IS_LIVE),
        ),
        Index("ix_registration_line", "day_id", "status", "asked_at"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    account_id: UUID = refers_to("account.id")
    status: RegistrationStatus = Field(sa_type=text_enum(RegistrationStatus))
    sequence: int = 0  # one more with every change, for calendars; the ledger has an event for each
    municipality_nis: str | None = Field(default=None, foreign_key="municipality.nis_code", max_length=8)
    registered_by_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    must_confirm: bool = False  # a colleague registered them: a place is only offered
    offered_until: datetime | None = None
    asked_at: datetime  # the order of the waiting list
    changed_at: datetime
    attended_at: datetime | None = None
    answers: dict[str, str] = Field(
        default_factory=dict, sa_type=JSON
    )  # to the questions that are not personal
    day: ActionDay = related()

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_seated(self) -> bool:
        return self.status in SEATED


class ChoiceStatus(StrEnum):
    CHOSEN = "chosen"  # counts in Workshop.taken
    WAITING = "waiting"  # for a place in this workshop, beside what was chosen
    WISHED = "wished"  # has no place on the day yet


class WorkshopChoice(SQLModel, table=True):
    """Rows go when a place is given back; the ledger remembers."""

    __tablename__ = "workshop_choice"
    __table_args__ = tuple(
        Index(
            f"uq_workshop_choice_{status}",
            "registration_id",
            "round_id",
            unique=True,
            sqlite_where=text(f"status = '{status}'"),
            postgresql_where=text(f"status = '{status}'"),
        )
        for status in ("chosen", "waiting")
    )
    registration_id: UUID = Field(foreign_key="registration.id", primary_key=True)
    workshop_id: UUID = Field(foreign_key="workshop.id", primary_key=True, index=True)
    round_id: int = refers_to("programme_item.id")
    status: ChoiceStatus = Field(sa_type=text_enum(ChoiceStatus))
    asked_at: datetime


class RegistrationNeed(SQLModel, table=True):
    """What a person eats and needs, and the answers to personal questions. Wiped some days after the day."""

    __tablename__ = "registration_need"
    registration_id: UUID = Field(foreign_key="registration.id", primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    diets: list[str] = Field(default_factory=list, sa_type=JSON)
    access: list[str] = Field(default_factory=list, sa_type=JSON)
    note: str = Field(default="", max_length=500)  # only the organiser sees this
    answers: dict[str, str] = Field(default_factory=dict, sa_type=JSON)


class EventKind(StrEnum):
    """What happened to a registration; ledger.py says from where to where each leads."""

    CARRIED_OVER = "carried_over"  # it was there before the ledger
    REGISTERED = "registered"
    INVITED = "invited"  # by a colleague
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    PROMOTED = "promoted"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    GIVEN = "given"  # the place went to a colleague
    RECEIVED = "received"
    LEFT = "left"  # for another day of the series
    ARRIVED = "arrived"
    CHANGED = "changed"  # other sessions or answers
    MOVED_UP = "moved_up"  # in a session, from its waiting list
    SHIFTED = "shifted"  # by an organiser's hand, in the line
    DAY_CHANGED = "day_changed"
    DAY_CONFIRMED = "day_confirmed"
    DAY_CANCELLED = "day_cancelled"
    ATTENDED = "attended"
    NOT_ATTENDED = "not_attended"  # ticked by mistake


class RegistrationEvent(SQLModel, table=True):
    """The ledger: only added to. Keeps the id of who did it, without a foreign key, so that it outlives them."""

    __tablename__ = "registration_event"
    __table_args__ = (UniqueConstraint("registration_id", "sequence"),)
    id: int | None = Field(default=None, primary_key=True)
    registration_id: UUID = refers_to("registration.id")
    day_id: UUID = refers_to("action_day.id")
    at: datetime
    actor_id: UUID | None = None  # None: by itself
    kind: EventKind = Field(sa_type=text_enum(EventKind))
    status: RegistrationStatus = Field(sa_type=text_enum(RegistrationStatus))  # afterwards
    sequence: int  # of the registration afterwards: 0, 1, 2 …
    offered_until: datetime | None = None
    choices: dict[str, str] | None = Field(default=None, sa_type=JSON)  # workshop → status; None: as before
    other_id: UUID | None = None  # the registration that took or gave the place
    reason: str = Field(default="", max_length=500)


class DayMailing(SQLModel, table=True):
    """A mail that an organiser wrote to a selection of the people of a day. Sent once to each: see mailings.py."""

    __tablename__ = "day_mailing"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    day_id: UUID = refers_to("action_day.id")
    fingerprint: str = Field(max_length=64)  # of subject and text: the same words reach nobody twice
    subject: str = Field(max_length=150)
    text: str
    selection: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    by_id: UUID
    at: datetime
    people_count: int


class DayMailed(SQLModel, table=True):
    """Who got a mailing. The key refuses a second one with the same words on the same day."""

    __tablename__ = "day_mailed"
    day_id: UUID = Field(foreign_key="action_day.id", primary_key=True)
    fingerprint: str = Field(max_length=64, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", primary_key=True, index=True)


class CalendarAddress(SQLModel, table=True):
    """Which number of secret calendar address of a person works; a new number ends the one before."""

    __tablename__ = "calendar_address"
    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    version: int


class LetterKind(StrEnum):
    """What everybody with a place is told without anything having happened; each once."""

    REMINDER = "reminder"
    PRACTICAL = "practical"
    THANKS = "thanks"


class DayLetter(SQLModel, table=True):
    """Which of these a person was sent: written in the transaction of the mail, so that nobody gets one twice."""

    __tablename__ = "day_letter"
    registration_id: UUID = Field(foreign_key="registration.id", primary_key=True)
    kind: LetterKind = Field(sa_type=text_enum(LetterKind), primary_key=True)
    queued_at: datetime
