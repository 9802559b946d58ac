"""An offer ends after hours in which people are at work."""

from datetime import UTC, datetime

import pytest

from backend.events.office_hours import after, is_working_day
from backend.language import ZONE


def brussels(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("made", "hours", "ends"),
    [
        ("2026-11-24T10:00", 4, "2026-11-24T14:00"),  # within a day
        ("2026-11-24T10:00", 7, "2026-11-24T17:00"),  # until the very end of it
        ("2026-11-24T16:00", 2, "2026-11-25T10:00"),  # over the night
        ("2026-11-24T06:00", 1, "2026-11-24T10:00"),  # before the day begins
        ("2026-11-24T22:00", 1, "2026-11-25T10:00"),  # after it ended
        ("2026-11-27T16:00", 8, "2026-11-30T16:00"),  # over the weekend
        ("2026-11-28T03:00", 16, "2026-12-01T17:00"),  # made in the weekend
        ("2026-12-24T16:00", 2, "2026-12-28T10:00"),  # Christmas is a Friday
        ("2027-03-26T16:30", 1, "2027-03-30T09:30"),  # Easter Monday, and the clock goes forward
        ("2027-10-29T16:00", 2, "2027-11-02T10:00"),  # All Saints, and the clock goes back
        ("2027-07-20T16:00", 8, "2027-07-22T16:00"),  # the national day
        ("2026-12-31T16:00", 2, "2027-01-04T10:00"),  # the new year has other holidays
    ],
)
def test_only_office_hours_count(made: str, hours: int, ends: str) -> None:
    moment = brussels(made).astimezone(UTC)
    assert after(moment, hours) == brussels(ends)
    assert after(moment, hours).tzinfo is UTC


def test_weekends_and_holidays_are_free() -> None:
    days = ["2026-11-24", "2026-11-28", "2026-12-25", "2027-05-06", "2027-05-17"]
    assert [is_working_day(brussels(day).date()) for day in days] == [True, False, False, False, False]
