"""Calendar entries (RFC 5545, 5546): for a mail, for a download, and the feed of all days.

A registration has its own UID, and a SEQUENCE that grows with every change, so that a calendar can follow: invitation,
cancellation, invitation again. The timezone is written out, as clients without a database of zones need it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress
from icalendar.enums import STATUS

from backend.config import settings
from backend.events.models import ActionDay, DayFormat, DayStatus, Registration
from backend.language import ZONE
from backend.templating import absolute_url

PRODUCT = "-//Lerend netwerk//Actiedagen//NL"
FILE_NAME = "actiedag.ics"
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


def invitation(
    day: ActionDay, registration: Registration, name: str, email: str, now: datetime
) -> dict[str, str]:
    """The attachment of the mail to someone who has a seat."""
    return _attachment("REQUEST", _personal(day, registration, name, email, now))


def cancellation(
    day: ActionDay, registration: Registration, name: str, email: str, now: datetime
) -> dict[str, str]:
    """The attachment that takes the invitation out of the calendar again."""
    event = _personal(day, registration, name, email, now)
    event.status = STATUS.CANCELLED
    return _attachment("CANCEL", event)


def for_everyone(day: ActionDay, now: datetime) -> str:
    """A file to download: the day, and nothing about persons."""
    return _text("PUBLISH", [_public(day, now)])


def for_participant(day: ActionDay, registration: Registration, name: str, email: str, now: datetime) -> str:
    """The same entry as in the mail, so that a calendar keeps one of them."""
    return _text("PUBLISH", [_personal(day, registration, name, email, now)])


def feed(days: Sequence[ActionDay], now: datetime) -> str:
    """All days as one calendar to follow."""
    return _text("PUBLISH", [_public(day, now) for day in days], name="Actiedagen · Lerend netwerk")


def _personal(day: ActionDay, registration: Registration, name: str, email: str, now: datetime) -> Event:
    sender, address = parseaddr(settings.mail_from)
    event = _event(day, registration.id, registration.sequence, now)
    event.organizer = vCalAddress.new(address, cn=_parameter(sender))
    event.attendees = [
        vCalAddress.new(email, cn=_parameter(name), role="REQ-PARTICIPANT", partstat="ACCEPTED", rsvp=False)
    ]
    return event


def _public(day: ActionDay, now: datetime) -> Event:
    return _event(day, day.id, 1 if day.status == DayStatus.CANCELLED else 0, now)


def _event(day: ActionDay, key: UUID, sequence: int, now: datetime) -> Event:
    address = absolute_url("events.show", day=day.slug)
    return Event.new(
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
        status=STATUS.CANCELLED if day.status == DayStatus.CANCELLED else STATUS.CONFIRMED,
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
