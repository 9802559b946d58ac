"""What a person is told when something happens to a registration: one mail a change, with an entry for their calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from backend import mail
from backend.events import calendar, details, links
from backend.events.links import Purpose
from backend.events.models import (
    ActionDay,
    ChoiceStatus,
    DayFormat,
    EventKind,
    LetterKind,
    Registration,
    RegistrationStatus,
    Workshop,
)
from backend.events.people import Reader
from backend.language import gettext as _
from backend.language import speaking
from backend.templating import absolute_url

K = EventKind
S = RegistrationStatus
# The file in templates/email/ for what happened; for some it depends on what the registration has become.
TEMPLATES: dict[K | LetterKind, str | dict[S, str]] = {
    K.REGISTERED: {S.CONFIRMED: "registration_confirmed", S.WAITING: "registration_waiting"},
    K.INVITED: {S.OFFERED: "registration_invited", S.WAITING: "registration_invited"},
    K.REQUESTED: "registration_requested",
    K.APPROVED: {
        S.CONFIRMED: "registration_confirmed",
        S.WAITING: "registration_waiting",
        S.OFFERED: "registration_invited",
    },
    K.REFUSED: "registration_refused",
    K.PROMOTED: "registration_promoted",
    K.OFFERED: "registration_offered",
    K.ACCEPTED: "registration_confirmed",
    K.DECLINED: "registration_cancelled",
    K.EXPIRED: "registration_expired",
    K.CANCELLED: "registration_cancelled",
    K.GIVEN: "registration_given",
    K.RECEIVED: "registration_received",
    K.LEFT: "registration_left",
    K.ARRIVED: "registration_confirmed",
    K.CHANGED: "registration_changed",
    K.MOVED_UP: "registration_moved_up",
    K.DAY_CHANGED: "registration_day_changed",
    K.DAY_CONFIRMED: "registration_day_confirmed",
    K.DAY_CANCELLED: "registration_day_cancelled",
    LetterKind.REMINDER: "registration_reminder",
    LetterKind.PRACTICAL: "registration_practical",
    LetterKind.THANKS: "registration_thanks",
}
# What people do themselves, and hear of at once; the rest waits for the morning.
ANSWERS = frozenset(
    {K.REGISTERED, K.REQUESTED, K.ACCEPTED, K.DECLINED, K.CANCELLED, K.GIVEN, K.LEFT, K.ARRIVED, K.CHANGED}
)
_ENDS = frozenset({K.DECLINED, K.EXPIRED, K.GIVEN, K.LEFT})


@dataclass(frozen=True)
class Letter:
    """What a mail is made of: also for a preview, before anything happened."""

    kind: EventKind | LetterKind
    reader: Reader
    day: ActionDay
    registration: Registration
    sessions: Sequence[tuple[Workshop, ChoiceStatus]] = ()

    @property
    def template(self) -> str:
        name = TEMPLATES[self.kind]
        return name if isinstance(name, str) else name[self.registration.status]

    def own_text(self, what: str) -> str:
        """What the organiser wrote for this mail: its "subject", or a paragraph "extra"."""
        return self.day.mail_texts.get(self.template, {}).get(what, "")

    def context(self) -> dict[str, Any]:
        """What every template of these mails may use; what only some are told is empty for the others."""
        key = self.registration.id
        return dict.fromkeys(("place", "invited_by", "giver", "receiver", "reason", "note", "waited"), "") | {
            "name": self.reader.name,
            "day": self.day,
            "registration": self.registration,
            "sessions": self.sessions,
            "extra": self.own_text("extra"),
            "materials": details.materials_of(self.day.materials) if self.kind == LetterKind.THANKS else [],
            "address": absolute_url("events.show", day=self.day.slug),
            "accept_address": links.address(Purpose.ACCEPT, key),
            "decline_address": links.address(Purpose.DECLINE, key),
            "cancel_address": links.address(Purpose.CANCEL, key),
            "change_address": links.address(Purpose.CHANGE, key),
            "join_address": links.address(Purpose.JOIN, key) if self._is_online else "",
        }

    @property
    def _is_online(self) -> bool:
        return (
            self.day.format != DayFormat.ON_SITE
            and bool(self.day.online_url)
            and self.registration.status == S.CONFIRMED
        )


def tell(
    session: Session,
    letter: Letter,
    now: datetime,
    *,
    had_seat: bool = True,
    asked: bool | None = None,
    **more: Any,
) -> mail.OutgoingMail:
    """Queue the mail about what just happened.

    `had_seat`: whether there is something in their calendar to take out. `asked`: whether the reader did it themself, where
    the kind does not tell.
    """
    registration = letter.registration
    how = mail.Sending(
        at_once=letter.kind in ANSWERS if asked is None else asked,
        matters_at=letter.day.starts_at,
        about=registration.id,
        is_first=registration.sequence == 0,
    )
    sent = mail.send(
        session,
        letter.reader.email,
        letter.template,
        language=letter.reader.language,
        attachments=_entries(letter, now, had_seat=had_seat),
        how=how,
        **letter.context() | {"had_seat": had_seat} | more,
    )
    if subject := letter.own_text("subject"):
        sent.subject = mail.plain_line(subject)
    return sent


def _entries(letter: Letter, now: datetime, *, had_seat: bool) -> list[dict[str, str]]:
    entry = calendar.Entry(letter.day, letter.registration, letter.sessions)
    if letter.kind in _ENDS or (letter.kind == K.CANCELLED and had_seat):
        return [calendar.cancellation(entry, letter.reader, now)]
    if not letter.registration.is_seated:
        return []
    write = calendar.cancellation if letter.kind == K.DAY_CANCELLED else calendar.invitation
    return [write(entry, letter.reader, now)]


def place_in_words(place: int, language: str | None = None) -> str:
    """eerste, tweede, derde … nummer 11: what comes after "je bent"."""
    if language is not None:
        with speaking(language):
            return place_in_words(place)
    words = [_("eerste"), _("tweede"), _("derde"), _("vierde"), _("vijfde")]
    words += [_("zesde"), _("zevende"), _("achtste"), _("negende"), _("tiende")]
    return words[place - 1] if 0 < place <= len(words) else _("nummer %(place)s") % {"place": place}
