"""What a person is told about a registration, in their language, with an entry for their calendar."""

from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from backend import mail
from backend.events import calendar
from backend.events.models import ActionDay, Registration
from backend.events.service import place_in_words
from backend.language import speaking
from backend.templating import absolute_url


class Reader(Protocol):
    """An Account or a Viewer."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def language(self) -> str: ...


def send_confirmed(
    session: Session, reader: Reader, day: ActionDay, registration: Registration, now: datetime
) -> None:
    entry = calendar.invitation(day, registration, reader.name, reader.email, now)
    _send(session, reader, "registration_confirmed", day, attachments=[entry])


def send_waiting(session: Session, reader: Reader, day: ActionDay, place: int) -> None:
    with speaking(reader.language):
        words = place_in_words(place)
    _send(session, reader, "registration_waiting", day, place=words)


def send_promoted(
    session: Session, reader: Reader, day: ActionDay, registration: Registration, now: datetime
) -> None:
    entry = calendar.invitation(day, registration, reader.name, reader.email, now)
    _send(session, reader, "registration_promoted", day, attachments=[entry])


def send_cancelled(
    session: Session,
    reader: Reader,
    day: ActionDay,
    registration: Registration,
    now: datetime,
    *,
    had_seat: bool,
) -> None:
    """Who only waited has nothing in the calendar to take out."""
    entry = calendar.cancellation(day, registration, reader.name, reader.email, now)
    _send(
        session,
        reader,
        "registration_cancelled",
        day,
        attachments=[entry] if had_seat else [],
        had_seat=had_seat,
    )


def _send(session: Session, reader: Reader, template: str, day: ActionDay, **context: Any) -> None:
    mail.send(
        session,
        reader.email,
        template,
        language=reader.language,
        name=reader.name,
        day=day,
        address=absolute_url("events.show", day=day.slug),
        cancel_address=absolute_url("events.confirm_cancel", day=day.slug),
        **context,
    )
