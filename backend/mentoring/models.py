"""What mentors and those they follow write to each other, and the hours in which they meet."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel, col

from backend.db import refers_to, text_enum


class Cohort(SQLModel, table=True):
    """A named group of participants. It lets nobody see more; handing it over does."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=120)
    by_id: UUID = refers_to("account.id")
    made_at: datetime
    submission: str = Field(unique=True, max_length=64)


class CohortMember(SQLModel, table=True):
    __tablename__ = "cohort_member"
    cohort_id: UUID = Field(foreign_key="cohort.id", primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", primary_key=True, index=True)
    added_at: datetime


class Handover(SQLModel, table=True):
    """A group or one person that a mentor gave to another one, with the reason. Over when it is given back."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    cohort_id: UUID | None = Field(default=None, foreign_key="cohort.id", index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)  # one of the two
    from_id: UUID = refers_to("account.id")
    to_id: UUID = refers_to("account.id")
    reason: str = Field(max_length=500)
    at: datetime
    ended_at: datetime | None = None
    submission: str = Field(unique=True, max_length=64)


class SignalMark(SQLModel, table=True):
    """A signal that a mentor set aside until a moment: later, or done. Whoever follows this person sees it so."""

    __tablename__ = "signal_mark"
    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    kind: str = Field(primary_key=True, max_length=20)  # signals.SignalKind
    by_id: UUID = refers_to("account.id")
    is_done: bool
    at: datetime
    until: datetime


class SignalRule(SQLModel, table=True):
    """When a signal is given, where it is not as usual: for one mentor, or for the network ("")."""

    __tablename__ = "signal_rule"
    owner: str = Field(primary_key=True, max_length=36)  # the id of an account, or ""
    kind: str = Field(primary_key=True, max_length=20)
    is_on: bool
    days: int
    times: int


class AdmissionQuestion(SQLModel, table=True):
    """What a mentor asked an applicant before deciding, and the answer."""

    __tablename__ = "admission_question"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")
    by_id: UUID = refers_to("account.id")
    text: str = Field(max_length=1000)
    asked_at: datetime
    answer: str = Field(default="", max_length=2000)
    answered_at: datetime | None = None
    submission: str = Field(unique=True, max_length=64)


class MessageKind(StrEnum):
    NUDGE = "nudge"  # unasked for: never twice within `messages.QUIET`
    ANSWER = "answer"  # a mentor, in a conversation that goes on
    REPLY = "reply"  # the learner
    FEEDBACK = "feedback"  # a mentor, about a reflection that was shared


class Message(SQLModel, table=True):
    """One message in the conversation of a learner with those who follow them; every learner has one conversation."""

    __tablename__ = "mentor_message"
    __table_args__ = (UniqueConstraint("submission"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = refers_to("account.id")  # the learner
    author_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)  # None: gone
    kind: MessageKind = Field(sa_type=text_enum(MessageKind))
    text: str = Field(max_length=5000)
    course_key: str = Field(default="", max_length=80)  # with lesson and block: what feedback is about
    lesson_key: str = Field(default="", max_length=80)
    block_key: str = Field(default="", max_length=80)
    # Criterion and judgement, in the words of that moment.
    rubric: list[list[str]] = Field(default_factory=list, sa_type=JSON)
    sent_at: datetime = Field(index=True)
    read_at: datetime | None = None  # by the other side
    submission: str = Field(max_length=64)  # the same form sent twice is one message


UNREAD_REPLY = (col(Message.kind) == MessageKind.REPLY) & col(Message.read_at).is_(None)


class LastNudge(SQLModel, table=True):
    """When somebody was last nudged, by whomever: the one row that two mentors at the same moment both want to change."""

    __tablename__ = "last_nudge"
    account_id: UUID = Field(foreign_key="account.id", primary_key=True)
    at: datetime


class OfficeSlot(SQLModel, table=True):
    """A quarter or half an hour of a mentor, for one person. `booking` is new with every booking: a calendar knows it by that."""

    __tablename__ = "office_slot"
    __table_args__ = (UniqueConstraint("mentor_id", "starts_at"),)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    mentor_id: UUID = refers_to("account.id")
    starts_at: datetime = Field(index=True)
    ends_at: datetime
    place: str = Field(max_length=200)  # a room, a telephone number or a link
    booked_by_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    booking: UUID | None = None
    topic: str = Field(default="", max_length=500)
