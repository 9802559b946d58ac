"""What progress tells a mentor: the state of each lesson, and who needs a word today, with the rule and the evidence.

Pure rules, and no score: facts go in, sentences come out. Each rule can be set otherwise, or off (rules.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from backend.language import ZONE, ngettext, short_date
from backend.language import gettext as _


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
    FAILED = "failed"
    REFLECTION = "reflection"
    SILENT = "silent"
    NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a signal is given: after so many days, and for some after so many times."""

    kind: SignalKind
    days: int
    times: int = 0  # 0: it does not count times
    is_on: bool = True

    @property
    def span(self) -> timedelta:
        return timedelta(days=self.days)

    @property
    def sentence(self) -> str:
        told = {
            SignalKind.STUCK: _("Minstens %(times)d keer na elkaar fout in een les, en daarna %(days)d dagen niets."),
            SignalKind.FAILED: _("Minstens %(times)d keer gezakt voor een toets, en nog niet geslaagd."),
            SignalKind.REFLECTION: _("Een gedeelde reflectie wacht %(days)d dagen op een antwoord."),
            SignalKind.SILENT: _("Begonnen, nog niet klaar, en %(days)d dagen stil."),
            SignalKind.NOT_BEGUN: _("%(days)d dagen toegelaten, en nog geen les begonnen."),
        }  # fmt: skip
        return told[self.kind] % {"times": self.times, "days": self.days}


Rules = Mapping[SignalKind, Rule]
USUAL: Rules = {
    rule.kind: rule
    for rule in (
        Rule(SignalKind.STUCK, days=3, times=3),
        Rule(SignalKind.FAILED, days=0, times=2),
        Rule(SignalKind.REFLECTION, days=3),
        Rule(SignalKind.SILENT, days=14),
        Rule(SignalKind.NOT_BEGUN, days=10),
    )
}


@dataclass(frozen=True, slots=True)
class Step:
    """One person in one lesson: the facts that the rules need, and no answers."""

    number: str  # of the lesson: "1.4"
    tries_below: int
    last_active_at: datetime
    is_done: bool
    share: float = 0.0  # 0 to 1


@dataclass(frozen=True, slots=True)
class Failed:
    """A test of a lesson that somebody did not pass yet."""

    number: str
    times: int
    at: datetime  # the last time


@dataclass(frozen=True, slots=True)
class Shared:
    """A reflection that was shared and that nobody answered since."""

    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one person."""

    admitted_at: datetime
    last_active_at: datetime | None = None  # None: nothing was begun
    is_done: bool = False  # nothing that was begun is unfinished
    steps: tuple[Step, ...] = ()  # lessons that are not done, in the order of the course
    reached: str = ""  # the last lesson that is done
    failed: tuple[Failed, ...] = ()
    shared: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    kind: SignalKind
    days: int  # since the last thing that happened, as the calendar counts
    lesson: str = ""
    tries: int = 0
    share: float = 0.0
    since: datetime | None = field(default=None, compare=False)  # when what it tells of happened

    @property
    def reason(self) -> str:
        """One sentence for the mentor."""
        days = ngettext("%(n)d dag", "%(n)d dagen", self.days) % {"n": self.days}
        facts = {"tries": self.tries, "lesson": self.lesson, "days": days}
        if self.kind == SignalKind.STUCK:
            return _("%(tries)d keer na elkaar fout in les %(lesson)s, en daarna %(days)s stil") % facts
        if self.kind == SignalKind.FAILED:
            return _("%(tries)d keer gezakt voor de toets van les %(lesson)s") % facts
        if self.kind == SignalKind.REFLECTION:
            return _("Reflectie bij les %(lesson)s wacht al %(days)s op antwoord") % facts
        if self.kind == SignalKind.SILENT:
            return _("Sinds %(days)s niets") % facts + self._where()
        since = short_date(self.since) if self.since else ""
        return _("Toegelaten op %(date)s, nog geen les begonnen") % {"date": since}

    def _where(self) -> str:
        if not self.lesson:
            return ""
        if self.share >= 1:
            said = _(", na les %(lesson)s")
        elif self.share >= 0.75:
            said = _(", bijna klaar met les %(lesson)s")
        elif self.share >= 0.25:
            said = _(", halverwege les %(lesson)s")
        else:
            said = _(", pas begonnen aan les %(lesson)s")
        return said % {"lesson": self.lesson}


def is_stuck(step: Step, last_active_at: datetime, now: datetime, rules: Rules = USUAL) -> bool:
    """Several wrong answers in a row in this lesson, and since then the person did nothing, here or elsewhere."""
    rule = rules[SignalKind.STUCK]
    return not step.is_done and step.tries_below >= rule.times and now - last_active_at >= rule.span


def state_of(step: Step, last_active_at: datetime, now: datetime, rules: Rules = USUAL) -> State:
    if step.is_done:
        return State.DONE
    return State.STUCK if is_stuck(step, last_active_at, now, rules) else State.BUSY


def signals_of(evidence: Evidence, rules: Rules, now: datetime) -> list[Signal]:
    """Every reason to write to this person, at most one of a kind, the most telling one first."""
    found: dict[SignalKind, Signal] = {}
    for signal in (*_about_words(evidence, rules, now), *_about_pace(evidence, rules, now)):
        if rules[signal.kind].is_on:
            found.setdefault(signal.kind, signal)
    return [found[kind] for kind in SignalKind if kind in found]


def _about_words(evidence: Evidence, rules: Rules, now: datetime) -> Iterator[Signal]:
    """Tests that were failed and reflections that wait; the longest first."""
    for test in sorted(evidence.failed, key=lambda each: (-each.times, each.at)):
        if test.times >= rules[SignalKind.FAILED].times:
            days = days_between(test.at, now)
            yield Signal(SignalKind.FAILED, days, test.number, test.times, since=test.at)
    for shared in sorted(evidence.shared, key=lambda each: each.at):
        if now - shared.at >= rules[SignalKind.REFLECTION].span:
            yield Signal(SignalKind.REFLECTION, days_between(shared.at, now), shared.number, since=shared.at)


def _about_pace(evidence: Evidence, rules: Rules, now: datetime) -> Iterator[Signal]:
    last = evidence.last_active_at
    if last is None:
        if now - evidence.admitted_at >= rules[SignalKind.NOT_BEGUN].span:
            days = days_between(evidence.admitted_at, now)
            yield Signal(SignalKind.NOT_BEGUN, days, since=evidence.admitted_at)
        return
    if evidence.is_done:
        return
    days = days_between(last, now)
    stuck = next((step for step in evidence.steps if is_stuck(step, last, now, rules)), None)
    if stuck is not None:
        yield Signal(SignalKind.STUCK, days, stuck.number, stuck.tries_below, since=last)
        if rules[SignalKind.STUCK].is_on:
            return  # it says that they are silent, too
    if now - last >= rules[SignalKind.SILENT].span:
        where = _latest(evidence.steps)
        lesson, share = (where.number, where.share) if where else (evidence.reached, 1.0)
        yield Signal(SignalKind.SILENT, days, lesson, share=share, since=last)


def _latest(steps: Iterable[Step]) -> Step | None:
    return max((s for s in steps if not s.is_done), key=lambda step: step.last_active_at, default=None)


def days_between(moment: datetime, now: datetime) -> int:
    """As people count: nights in between."""
    return (now.astimezone(ZONE).date() - moment.astimezone(ZONE).date()).days


def standing_of(signal: Signal | None, *, is_done: bool) -> Standing:
    if signal is not None:
        return Standing.NEEDS_WORD
    return Standing.DONE if is_done else Standing.ON_TRACK
