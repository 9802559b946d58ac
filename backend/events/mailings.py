"""A mail that an organiser writes to a selection: previewed with real people, sent once to each, kept with the day.

The same words reach nobody twice on one day: not by a double click, not by two organisers, not after the selection grew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth.models import Account, Viewer
from backend.events import organising, selecting
from backend.events.models import DayMailed, DayMailing
from backend.events.selecting import Desk, Row, Selection
from backend.language import clock, long_date, speaking
from backend.language import gettext as _
from backend.templating import absolute_url


@dataclass(frozen=True, slots=True)
class Words:
    """What the organiser wrote; `{naam}` and its like are filled in for each person."""

    subject: str
    text: str

    @property
    def fingerprint(self) -> str:
        return sha256(f"{self.subject}\0{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Preview:
    people: list[Row]
    had_it: int  # of the selection: they got these words before
    shown: list[tuple[Row, Words]]  # the mail as the first of them get it


def placeholders() -> dict[str, str]:
    """What may stand in the text, and what it becomes."""
    return {
        "{naam}": _("de naam van de persoon"),
        "{dag}": _("de titel van de dag"),
        "{datum}": _("de datum en het uur van het begin"),
        "{plaats}": _("de plaats en de gemeente"),
        "{sessies}": _("de sessies van de persoon"),
        "{link}": _("het adres van de dag op deze site"),
    }


def fill_in(words: Words, day: Desk, row: Row) -> Words:
    """One pass: what somebody is called is never read as a placeholder."""
    with speaking(row.language):
        values = {
            "{naam}": row.name,
            "{dag}": day.title,
            "{datum}": _("%(date)s om %(time)s uur")
            % {"date": long_date(day.starts_at), "time": clock(day.starts_at)},
            "{plaats}": ", ".join(part for part in (day.place, day.town) if part),
            "{sessies}": ", ".join(row.sessions) or _("geen sessies"),
            "{link}": absolute_url("events.show", day=day.slug),
        }
    return Words(_replace(words.subject, values)[:200], _replace(words.text, values))


def _replace(text: str, values: dict[str, str]) -> str:
    filled, rest = "", text
    while rest:
        before, brace, rest = rest.partition("{")
        filled += before
        if brace:
            known = next((key for key in values if (brace + rest).startswith(key)), None)
            filled += values[known] if known else brace
            rest = rest[len(known) - 1 :] if known else rest
    return filled


def preview(session: Session, day: Desk, wanted: Selection, words: Words, show: int = 2) -> Preview:
    people, had_it = _still_to_get(session, day, wanted, words)
    return Preview(people, had_it, [(row, fill_in(words, day, row)) for row in people[:show]])


def send(session: Session, viewer: Viewer, day: Desk, wanted: Selection, words: Words, now: datetime) -> int:
    """Gives how many got it: 0 when everybody had these words already. Who sends at the same moment waits for the day."""
    organising.find(session, viewer, day.slug)  # locked
    people, _had_it = _still_to_get(session, day, wanted, words)
    if not people:
        return 0
    mailing = DayMailing(
        day_id=day.id, fingerprint=words.fingerprint, subject=words.subject, text=words.text,
        selection=wanted.query(), by_id=viewer.id, at=now, people_count=len(people),
    )  # fmt: skip
    session.add(mailing)
    session.execute(
        insert(DayMailed),
        [
            {"day_id": day.id, "fingerprint": words.fingerprint, "account_id": row.account_id}
            for row in people
        ],
    )
    for row in people:
        filled = fill_in(words, day, row)
        mail.send(
            session, row.email, "day_mailing", language=row.language, subject=filled.subject, text=filled.text,
            sender=viewer.name, title=day.title,
        )  # fmt: skip
    record(session, viewer.id, "events.mailed", kind="action_day", key=day.slug, people=len(people))
    session.flush()
    return len(people)


def sent(session: Session, day_id: UUID) -> list[Any]:
    """What was mailed to people of this day, last first: with `by`, who wrote it."""
    return list(
        session.execute(
            select(
                col(DayMailing.id), col(DayMailing.subject), col(DayMailing.text), col(DayMailing.at),
                col(DayMailing.people_count), col(Account.name).label("by"),
            )
            .outerjoin(Account, col(Account.id) == DayMailing.by_id)
            .where(col(DayMailing.day_id) == day_id)
            .order_by(col(DayMailing.at).desc())
            .limit(50)
        )
    )  # fmt: skip


def _still_to_get(session: Session, day: Desk, wanted: Selection, words: Words) -> tuple[list[Row], int]:
    had = set(
        session.scalars(
            select(col(DayMailed.account_id)).where(
                col(DayMailed.day_id) == day.id, col(DayMailed.fingerprint) == words.fingerprint
            )
        )
    )
    found = _once(selecting.each(session, day.id, wanted, at_once=10_000))
    people = [row for row in found if row.account_id not in had]
    return people, len(found) - len(people)


def _once(rows: Iterable[Row]) -> list[Row]:
    """Who cancelled and came again has two registrations, and one mailbox."""
    return list({row.account_id: row for row in rows}.values())
