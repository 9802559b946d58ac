"""What an organiser fills in about a day. Moments are typed as the clock in Brussels shows them."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from backend.errors import Conflict
from backend.events import moments
from backend.events.details import QuestionKind
from backend.events.models import DayFormat
from backend.fields import EMAIL, FormId, FormModel, Line, Text
from backend.language import gettext as _

YEARS = range(2020, 2100)


def _on(value: Any) -> date:
    try:
        on = date.fromisoformat(str(value).strip())
    except ValueError:
        on = date.min
    if on.year not in YEARS:
        raise PydanticCustomError("said", _("Dit is geen datum. Schrijf ze zoals 2027-03-16."))
    return on


def _at(value: Any) -> time:
    text = str(value).strip().replace(".", ":").replace("u", ":")
    try:
        hours, _colon, minutes = text.partition(":")
        return time(int(hours), int((minutes or "0")[:2]))
    except ValueError:
        raise PydanticCustomError("said", _("Dit is geen uur. Schrijf het zoals 9:30."))  # noqa: B904


def _moment(value: Any) -> datetime:
    day, _sep, clock = str(value).strip().replace(" ", "T").partition("T")
    try:
        return moments.moment(_on(day), _at(clock))
    except Conflict as wrong:
        raise PydanticCustomError("said", wrong.message) from wrong


def moment_of(on: date, at: time) -> datetime:
    """In UTC. Raises Conflict for a time that the clock skips."""
    return moments.moment(on, at)


def lines(text: str) -> list[str]:
    """One a line, each once."""
    return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


def is_address_or_domain(text: str) -> bool:
    return EMAIL.fullmatch(text if "@" in text else f"x@{text}") is not None


def _several(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _secure(value: str) -> str:
    if not value.startswith("https://") or " " in value or len(value) < 12:
        raise PydanticCustomError("said", _("Plak hier het hele adres. Het begint met https://"))
    return value


On = Annotated[date, BeforeValidator(_on)]
At = Annotated[time, BeforeValidator(_at)]
LocalMoment = Annotated[datetime, BeforeValidator(_moment)]
Address = Annotated[Line, Field(max_length=500), AfterValidator(_secure)]
Regions = Annotated[list[Line], BeforeValidator(_several), Field(max_length=30)]
Days = Annotated[list[UUID], BeforeValidator(_several), Field(max_length=200)]
Capacity = Annotated[int, Field(ge=0, le=10_000)]


class WhenForm(FormModel):
    title: Annotated[Line, Field(min_length=3)]
    summary: Annotated[Text, Field(max_length=1000)] = ""
    speakers: Annotated[Text, Field(max_length=1000)] = ""
    regions: Regions = []
    on: On
    start: At
    end: At


class NewForm(WhenForm):
    form_id: FormId


class WhereForm(FormModel):
    format: DayFormat
    host: Line = ""
    town: Annotated[Line, Field(max_length=100)] = ""
    place: Annotated[Line, Field(max_length=300)] = ""
    travel: Annotated[Text, Field(max_length=500)] = ""
    access: Annotated[Text, Field(max_length=500)] = ""
    online_url: Address = ""
    online_opens_minutes: Annotated[int, Field(ge=0, le=240)] = 15


class PlacesForm(FormModel):
    capacity: Capacity
    opens: LocalMoment | None = None
    closes: LocalMoment
    cancel_until: LocalMoment
    offer_hours: Annotated[int, Field(ge=0, le=200)] = 0
    spread_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    spread_until: LocalMoment | None = None


class ForWhomForm(FormModel):
    functions: Text = ""
    organisations: Text = ""
    listed: Text = ""
    only_invited: Line = ""
    needs_approval: Line = ""


class QuestionForm(FormModel):
    text: Annotated[Line, Field(min_length=3)]
    kind: QuestionKind
    options: Text = ""
    is_required: Line = ""
    is_personal: Line = ""
    when: Line = ""  # question=answer


class MaterialForm(FormModel):
    title: Annotated[Line, Field(min_length=2)]
    url: Address


class FileForm(FormModel):
    file_title: Annotated[Line, Field(min_length=2)]


class SeriesForm(FormModel):
    name: Annotated[Line, Field(max_length=80)] = ""
    was: Days = []
    days: Days = []


class MomentForm(FormModel):
    title: Annotated[Line, Field(min_length=2)]
    start: At
    end: At | None = None
    detail: Annotated[Text, Field(max_length=500)] = ""
    is_round: Line = ""
    is_required: Line = ""


class SessionForm(FormModel):
    title: Annotated[Line, Field(min_length=2)]
    detail: Annotated[Text, Field(max_length=500)] = ""
    speakers: Annotated[Line, Field(max_length=300)] = ""
    room: Annotated[Line, Field(max_length=120)] = ""
    start: At
    end: At
    capacity: Capacity
    form_id: FormId


class CopyForm(FormModel):
    on: On
    form_id: FormId


class MailForm(FormModel):
    subject: Annotated[Line, Field(max_length=150)] = ""
    extra: Annotated[Text, Field(max_length=1500)] = ""


class ReasonForm(FormModel):
    reason: Annotated[Text, Field(max_length=500)] = ""
    to: Line
