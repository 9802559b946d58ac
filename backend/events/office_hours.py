"""Hours in which people of a local government are at work: Monday to Friday, 9 to 17 in Brussels, no holidays."""

from datetime import date, datetime, time, timedelta

from backend.language import ZONE
from backend.quiet_hours import is_holiday

OPENS, CLOSES = time(9), time(17)


def after(moment: datetime, hours: int) -> datetime:
    """The moment (in UTC terms equal to `moment` plus so many office hours) at which an offer made now ends."""
    left = timedelta(hours=hours)
    at = moment.astimezone(ZONE)
    while True:
        closes = datetime.combine(at.date(), CLOSES, ZONE)
        begins = max(at, datetime.combine(at.date(), OPENS, ZONE))
        if is_working_day(at.date()) and begins < closes:
            if left <= closes - begins:
                return (begins + left).astimezone(moment.tzinfo)
            left -= closes - begins
        at = datetime.combine(at.date() + timedelta(days=1), OPENS, ZONE)


def is_working_day(on: date) -> bool:
    return on.weekday() < 5 and not is_holiday(on)
