"""Every mail of a day as an example person would get it: for the organiser, before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend import mail, mail_html
from backend.events.mails import Letter, place_in_words
from backend.events.models import (
    ActionDay,
    ChoiceStatus,
    EventKind,
    LetterKind,
    Registration,
    RegistrationStatus,
    Workshop,
)
from backend.language import gettext as _

K, S = EventKind, RegistrationStatus
NOBODY = UUID(int=0)  # no link of an example does anything


@dataclass(frozen=True, slots=True)
class Example:
    """The Reader of a preview."""

    name: str = "Noor Voorbeeld"
    email: str = "noor@voorbeeld.example"
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Preview:
    """`key` is the kind of mail, `when` says in words what sends it."""

    key: str
    when: str
    subject: str
    text: str
    html: str


def previews(
    day: ActionDay, sessions: Sequence[Workshop], now: datetime, language: str = "nl"
) -> list[Preview]:
    """All of them, in the order in which somebody may get them. `sessions`: those the example person chose."""
    return [preview(day, kind, sessions, now, language=language) for kind in _when() if _can_come(day, kind)]


def preview(
    day: ActionDay,
    kind: EventKind | LetterKind,
    sessions: Sequence[Workshop],
    now: datetime,
    *,
    language: str = "nl",
    note: str = "",
) -> Preview:
    """One of them; `note` is what the organiser adds to a change, or the reason of a cancellation."""
    status = _STATUS.get(kind, S.CONFIRMED)
    chosen = [(each, ChoiceStatus.CHOSEN) for each in sessions] if status in (S.CONFIRMED, S.OFFERED) else []
    registration = Registration(
        id=NOBODY, day_id=day.id, account_id=NOBODY, status=status, asked_at=now, changed_at=now,
        offered_until=now + timedelta(days=2),
    )  # fmt: skip
    letter = Letter(kind, Example(language=language), day, registration, chosen)
    example = {
        "had_seat": True, "invited_by": _("Collega Voorbeeld"), "giver": _("Collega Voorbeeld"),
        "receiver": _("Collega Voorbeeld"), "place": place_in_words(3, language), "note": note,
        "reason": note or _("(hier staat je reden)"),
    }  # fmt: skip
    subject, text = mail.written(letter.template, language, **letter.context() | example)
    return Preview(str(kind), _when()[kind], subject, text, mail_html.page(subject, text, language))


_STATUS: dict[EventKind | LetterKind, RegistrationStatus] = {
    K.INVITED: S.OFFERED, K.REQUESTED: S.REQUESTED, K.REFUSED: S.REFUSED, K.OFFERED: S.OFFERED, K.EXPIRED: S.CANCELLED,
    K.CANCELLED: S.CANCELLED, K.GIVEN: S.CANCELLED, K.LEFT: S.CANCELLED,
}  # fmt: skip


def _can_come(day: ActionDay, kind: EventKind | LetterKind) -> bool:
    if kind == K.OFFERED:
        return day.offer_hours > 0
    if kind == K.PROMOTED:
        return day.offer_hours == 0
    if kind in (K.REQUESTED, K.REFUSED):
        return bool(day.audience.get("needs_approval"))
    return kind != K.LEFT or bool(day.series)


def _when() -> dict[EventKind | LetterKind, str]:
    return {
        K.REGISTERED: _("Wie zich inschrijft en een plaats heeft"),
        K.INVITED: _("Wie door een collega ingeschreven is"),
        K.REQUESTED: _("Wie een plaats aanvraagt"),
        K.REFUSED: _("Wie geen plaats krijgt van jou"),
        K.OFFERED: _("Wie van de wachtlijst aan de beurt is"),
        K.PROMOTED: _("Wie van de wachtlijst een plaats krijgt"),
        K.EXPIRED: _("Wie niet op tijd ja zei"),
        K.CHANGED: _("Wie andere sessies kiest"),
        K.MOVED_UP: _("Wie een plaats krijgt in een volzette sessie"),
        K.GIVEN: _("Wie zijn plaats doorgeeft"),
        K.RECEIVED: _("Wie een plaats krijgt van een collega"),
        K.LEFT: _("Wie een andere dag van de reeks kiest"),
        K.CANCELLED: _("Wie annuleert"),
        K.DAY_CONFIRMED: _("Iedereen, als je de dag bevestigt"),
        K.DAY_CHANGED: _("Iedereen, als je uur of plaats wijzigt"),
        K.DAY_CANCELLED: _("Iedereen, als je de dag afgelast"),
        LetterKind.REMINDER: _("Wie een plaats heeft, een week vooraf"),
        LetterKind.PRACTICAL: _("Wie een plaats heeft, de werkdag ervoor"),
        LetterKind.THANKS: _("Wie erbij was, de dag erna"),
    }
