"""Calendar entries (RFC 5545, 5546): for a mail, for a download, and the feed of all days.

A registration has its own UID, and a SEQUENCE that grows with every change, so that a calendar can follow. A mail asks
(REQUEST) or withdraws (CANCEL) and names one attendee; a download and a feed tell (PUBLISH), and name nobody. The timezone
is written out, as clients without a database of zones need it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText
from icalendar.enums import STATUS

from backend.config import settings
from backend.events.models import (
    ActionDay,
    ChoiceStatus,
    DayFormat,
    DayStatus,
    Registration,
    RegistrationStatus,
    Workshop,
)
from backend.events.people import Reader
from backend.language import ZONE, clock
from backend.language import gettext as _
from backend.templating import absolute_url

PRODUCT = "-//Lerend netwerk//Actiedagen//NL"
FILE_NAME = "actiedag.ics"
STATES = {DayStatus.CONFIRMED: STATUS.CONFIRMED, DayStatus.CANCELLED: STATUS.CANCELLED}
# Written out once: icalendar can make this, but needs 3 ms and 2 kB each time, and has the spring change an hour late.
# A test compares it with zoneinfo.
BRUSSELS = """BEGIN:VTIMEZONE
TZID:Europe/Brussels
BEGIN:DAYLIGHT
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")


@dataclass(frozen=True)
class Entry:
    """What one person has in the calendar: the day, as their registration makes it."""

    day: ActionDay
    registration: Registration
    sessions: Sequence[tuple[Workshop, ChoiceStatus]] = ()


def invitation(entry: Entry, reader: Reader, now: datetime) -> dict[str, str]:
    """The attachment of the mail to someone who has a place, or to whom one is offered."""
    is_sure = entry.registration.status == RegistrationStatus.CONFIRMED
    event = _personal(entry, now)
    event.attendees = [_attendee(reader, "ACCEPTED" if is_sure else "NEEDS-ACTION")]
    return _attachment("REQUEST", event)


def cancellation(entry: Entry, reader: Reader, now: datetime) -> dict[str, str]:
    """The attachment that takes the invitation out of the calendar again."""
    event = _personal(entry, now)
    event.attendees = [_attendee(reader, "DECLINED")]
    event.status = STATUS.CANCELLED
    return _attachment("CANCEL", event)


@dataclass(frozen=True)
class Appointment:
    """A talk of one person with another. `sequence`: 0 when it is made, 1 when it is taken back."""

    key: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: str
    text: str
    place: str


def appointment(what: Appointment, reader: Reader, now: datetime) -> dict[str, str]:
    """The attachment of a mail: an invitation, or once it is taken back the cancellation."""
    is_off = what.sequence > 0
    event = Event.new(
        uid=f"{what.key}@{urlsplit(settings.base_url).hostname}", sequence=what.sequence, stamp=now,
        start=what.starts_at.astimezone(ZONE), end=what.ends_at.astimezone(ZONE), summary=what.title,
        description=what.text or None, location=what.place,
        status=STATUS.CANCELLED if is_off else STATUS.CONFIRMED,
    )  # fmt: skip
    sender, mailbox = parseaddr(settings.mail_from)
    event.organizer = vCalAddress.new(mailbox, cn=_parameter(sender))
    event.attendees = [_attendee(reader, "DECLINED" if is_off else "ACCEPTED")]
    return _attachment("CANCEL" if is_off else "REQUEST", event) | {"name": "gesprek.ics"}


def for_everyone(day: ActionDay, now: datetime) -> str:
    """A file to download: the day, and nothing about persons."""
    return _text("PUBLISH", [_public(day, now)])


def for_participant(entry: Entry, now: datetime) -> str:
    """The same entry as in the mail, so that a calendar keeps one of them."""
    return _text("PUBLISH", [_personal(entry, now)])


def feed(days: Sequence[ActionDay], now: datetime) -> str:
    """All days as one calendar to follow."""
    return _text("PUBLISH", [_public(day, now) for day in days], name=_("Actiedagen · Lerend netwerk"))


def own_feed(entries: Sequence[Entry], now: datetime) -> str:
    """One's own days as a calendar to follow; what was cancelled stays, marked so, or a calendar would keep it."""
    events = [_personal(entry, now) for entry in entries]
    return _text("PUBLISH", events, name=_("Mijn actiedagen · Lerend netwerk"))


def _personal(entry: Entry, now: datetime) -> Event:
    event = _event(entry.day, entry.registration.id, entry.registration.sequence, now)
    if lines := [_session_line(workshop) for workshop, status in entry.sessions if status == "chosen"]:
        event["DESCRIPTION"] = vText("\n".join([*lines, "", str(event["DESCRIPTION"])]))
    if not entry.registration.is_seated:
        event.status = STATUS.CANCELLED
    elif entry.registration.status == RegistrationStatus.OFFERED and entry.day.goes_on:
        event.status = STATUS.TENTATIVE
    return event


def _session_line(workshop: Workshop) -> str:
    where = f" ({workshop.room})" if workshop.room else ""
    return f"{clock(workshop.starts_at)} {workshop.title}{where}"


def _public(day: ActionDay, now: datetime) -> Event:
    return _event(day, day.id, day.sequence, now)


def _event(day: ActionDay, key: UUID, sequence: int, now: datetime) -> Event:
    address = absolute_url("events.show", day=day.slug)
    event = Event.new(
        uid=f"{key}@{urlsplit(settings.base_url).hostname}",
        sequence=sequence,
        stamp=now,
        start=day.starts_at.astimezone(ZONE),
        end=day.ends_at.astimezone(ZONE),
        summary=day.title,
        description="\n\n".join(part for part in (day.summary, address) if part),
        location=", ".join(part for part in (day.place, day.town) if part)
        or ("Online" if day.format == DayFormat.ONLINE else None),
        url=address,
        status=STATES.get(day.status, STATUS.TENTATIVE),
    )
    sender, mailbox = parseaddr(settings.mail_from)
    event.organizer = vCalAddress.new(mailbox, cn=_parameter(sender))
    return event


def _attendee(reader: Reader, answer: str) -> vCalAddress:
    return vCalAddress.new(
        reader.email, cn=_parameter(reader.name), role="REQ-PARTICIPANT", partstat=answer, rsvp=False
    )


def _attachment(method: str, event: Event) -> dict[str, str]:
    return {"name": FILE_NAME, "type": f"text/calendar; method={method}", "content": _text(method, [event])}


def _text(method: str, events: Sequence[Event], *, name: str | None = None) -> str:
    calendar = Calendar.new(
        prodid=PRODUCT,
        method=method,
        name=name,
        refresh_interval=timedelta(hours=12) if name else None,
        subcomponents=events,
    )
    head, begin, rest = str(calendar.to_ical().decode()).partition("BEGIN:VEVENT\r\n")
    return head + (BRUSSELS + begin if begin else "") + rest


def _parameter(text: str) -> str:
    """A quotation mark cannot stand in a parameter."""
    return text.replace('"', "’")
