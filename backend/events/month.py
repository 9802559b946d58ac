"""A month as a calendar on the wall: weeks from Monday to Sunday, with the days that take place."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.events.models import ActionDay
from backend.language import ZONE


@dataclass(frozen=True, slots=True)
class Cell:
    """`number` is 0 for what belongs to another month."""

    number: int
    days: Sequence[ActionDay] = ()


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: Sequence[Sequence[Cell]]


def month(period: str, days: Sequence[ActionDay]) -> Month | None:
    """`period` is "2026-12", or "" for the month of the first day. None when there is nothing to show."""
    first = _first(period) if period else (_on(days[0]).replace(day=1) if days else None)
    if first is None:
        return None
    here: dict[date, list[ActionDay]] = {}
    for day in days:
        here.setdefault(_on(day), []).append(day)
    weeks = [
        [Cell(n, here.get(first.replace(day=n), [])) if n else Cell(0) for n in week]
        for week in calendar.Calendar().monthdayscalendar(first.year, first.month)
    ]
    return Month(first, weeks)


def _first(period: str) -> date | None:
    try:
        return date.fromisoformat(f"{period}-01")
    except ValueError:
        return None


def _on(day: ActionDay) -> date:
    return day.starts_at.astimezone(ZONE).date()
