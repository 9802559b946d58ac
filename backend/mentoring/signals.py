"""What progress tells a mentor: the state of each lesson, and who needs a word today, with the reason. Pure rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.language import ZONE, ngettext, short_date
from backend.language import gettext as _

STUCK_TRIES = 3  # so many wrong answers in a row …
STUCK_SILENCE = timedelta(days=3)  # … and then nothing for so long
SILENCE = timedelta(days=14)
NOT_BEGUN = timedelta(days=10)


class State(StrEnum):
    """Of one person in one lesson."""

    DONE = "done"
    BUSY = "busy"
    STUCK = "stuck"
    NEW = "new"


class Standing(StrEnum):
    """Of one person as a whole; everyone has exactly one."""

    NEEDS_WORD = "woord"
    ON_TRACK = "schema"
    DONE = "klaar"


class SignalKind(StrEnum):
    """In the order in which a mentor looks at them."""

    STUCK = "stuck"
    SILENT = "silent"
    NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True)
class Step:
    """One person in one lesson: the facts that the rules need, and no answers."""

    number: str  # of the lesson: "1.4"
    tries_below: int
    last_active_at: datetime
    is_done: bool


@dataclass(frozen=True, slots=True)
class Signal:
    kind: SignalKind
    days: int  # since the last thing that happened, as the calendar counts
    lesson: str = ""
    tries: int = 0
    since: datetime | None = None

    @property
    def reason(self) -> str:
        """One sentence for the mentor."""
        silent = ngettext("%(n)d dag stil", "%(n)d dagen stil", self.days) % {"n": self.days}
        if self.kind == SignalKind.STUCK:
            return _("%(tries)d keer na elkaar fout in les %(lesson)s, en daarna %(silent)s") % {
                "tries": self.tries, "lesson": self.lesson, "silent": silent,
            }  # fmt: skip
        if self.kind == SignalKind.SILENT and not self.lesson:
            return _("Begon aan de module en is nu %(silent)s") % {"silent": silent}
        if self.kind == SignalKind.SILENT:
            return _("Begon aan de module, kwam tot les %(lesson)s en is nu %(silent)s") % {
                "lesson": self.lesson, "silent": silent,
            }  # fmt: skip
        since = short_date(self.since) if self.since else ""
        return _("Toegelaten op %(date)s, nog geen les begonnen") % {"date": since}


def is_stuck(step: Step, last_active_at: datetime, now: datetime) -> bool:
    """Several wrong answers in a row in this lesson, and since then the person did nothing, here or elsewhere."""
    return not step.is_done and step.tries_below >= STUCK_TRIES and now - last_active_at >= STUCK_SILENCE


def state_of(step: Step, last_active_at: datetime, now: datetime) -> State:
    if step.is_done:
        return State.DONE
    return State.STUCK if is_stuck(step, last_active_at, now) else State.BUSY


def signal_of(
    steps: Iterable[Step],
    *,
    admitted_at: datetime,
    last_active_at: datetime | None,
    is_done: bool,
    now: datetime,
) -> Signal | None:
    """The one most telling reason to write to this person, or None.

    `steps` are in the order of the course; `is_done`: nothing that was begun is unfinished.
    """
    if last_active_at is None:
        waited = now - admitted_at
        if waited < NOT_BEGUN:
            return None
        return Signal(SignalKind.NOT_BEGUN, _days_between(admitted_at, now), since=admitted_at)
    if is_done:
        return None
    steps = list(steps)
    days = _days_between(last_active_at, now)
    for step in steps:
        if is_stuck(step, last_active_at, now):
            return Signal(SignalKind.STUCK, days, step.number, step.tries_below)
    if now - last_active_at < SILENCE:
        return None
    reached = max(steps, key=lambda step: step.last_active_at, default=None)
    return Signal(SignalKind.SILENT, days, reached.number if reached else "")


def _days_between(moment: datetime, now: datetime) -> int:
    """As people count: nights in between."""
    return (now.astimezone(ZONE).date() - moment.astimezone(ZONE).date()).days


def standing_of(signal: Signal | None, *, is_done: bool) -> Standing:
    if signal is not None:
        return Standing.NEEDS_WORD
    return Standing.DONE if is_done else Standing.ON_TRACK
