"""When a lesson or a module is open: after others, from a day, until a day. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from backend.courses.documents import CourseDocument, Lesson
from backend.language import ZONE, short_date
from backend.language import gettext as _


@dataclass(frozen=True, slots=True)
class Closed:
    """Why something is not open. `first`: what must be done before, key → title."""

    why: Literal["from", "until", "after"]
    on: date | None = None
    first: Mapping[str, str] = field(default_factory=dict)

    @property
    def hides(self) -> bool:
        """What is over may still be read."""
        return self.why != "until"

    @property
    def text(self) -> str:
        if self.why == "after":
            return _("Dit gaat open als je eerst dit klaar hebt: %(titles)s.") % {
                "titles": ", ".join(self.first.values())
            }
        day = short_date(self.on) if self.on else ""
        if self.why == "from":
            return _("Dit gaat open op %(date)s.") % {"date": day}
        return _("Dit liep tot %(date)s. Lezen kan nog, antwoorden niet meer.") % {"date": day}


def today(now: datetime) -> date:
    """As the calendar on the wall says."""
    return now.astimezone(ZONE).date()


def lesson_closed(
    course: CourseDocument,
    lesson: Lesson,
    begun: Collection[str],
    done: Collection[str],
    now: datetime,
) -> Closed | None:
    """None when it is open. `begun` and `done`: keys of lessons; who began is not shut out by a lesson that must come first."""
    closed = _by_day(lesson, now) or _by_day(course, now)
    if closed is not None:
        return closed
    first = {key: found.title for key in lesson.after if key not in done and (found := course.lesson(key))}
    return Closed("after", first=first) if first and lesson.key not in begun else None


def course_closed(course: CourseDocument, first: Mapping[str, str], now: datetime) -> Closed | None:
    """For who did not begin yet. `first`: the modules of `course.after` that are not finished, key → title."""
    return _by_day(course, now) or (Closed("after", first=first) if first else None)


def _by_day(what: Lesson | CourseDocument, now: datetime) -> Closed | None:
    if what.opens_on is not None and today(now) < what.opens_on:
        return Closed("from", what.opens_on)
    if what.closes_on is not None and today(now) > what.closes_on:
        return Closed("until", what.closes_on)
    return None
