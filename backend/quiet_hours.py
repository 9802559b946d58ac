"""When a mail may arrive: between 7 and 21 in Brussels, not on Sundays and holidays, unless somebody just asked for it."""

from datetime import date, datetime, time, timedelta
from functools import cache

from backend.language import ZONE

BEGINS, ENDS = time(7), time(21)


def next_moment(now: datetime) -> datetime:
    """`now`, or when the quiet after it ends."""
    at = now.astimezone(ZONE)
    if _is_mail_day(at.date()) and BEGINS <= at.time() < ENDS:
        return now
    on = at.date() if at.time() < BEGINS else at.date() + timedelta(days=1)
    while not _is_mail_day(on):
        on += timedelta(days=1)
    return datetime.combine(on, BEGINS, ZONE).astimezone(now.tzinfo)


def last_day_before(on: date) -> date:
    """The last day before this one on which a mail may arrive."""
    on -= timedelta(days=1)
    while not _is_mail_day(on):
        on -= timedelta(days=1)
    return on


def is_holiday(on: date) -> bool:
    return on in _holidays(on.year)


def _is_mail_day(on: date) -> bool:
    return on.weekday() < 6 and not is_holiday(on)


@cache
def _holidays(year: int) -> frozenset[date]:
    import holidays  # here: it takes memory that most processes never need

    return frozenset(holidays.country_holidays("BE", years=year))
