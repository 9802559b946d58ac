"""Dates and times as people write them, in Brussels, to moments and back. On two nights a year not every time exists once."""

from datetime import UTC, date, datetime, time

from backend.errors import Conflict
from backend.language import ZONE
from backend.language import gettext as _


def moment(on: date, at: time) -> datetime:
    """In UTC. A time that comes twice (the clock goes back) is the first one; one that never comes is a Conflict."""
    local = datetime.combine(on, at, ZONE)
    utc = local.astimezone(UTC)
    if utc.astimezone(ZONE).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Conflict(
            _("Dit uur bestaat niet: in die nacht gaat de klok een uur vooruit. Kies een ander uur.")
        )
    return utc


def comes_twice(at: datetime) -> bool:
    """Whether the clock in Brussels shows this time twice that night: it goes back an hour."""
    local = at.astimezone(ZONE)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def same_clock(at: datetime) -> datetime:
    """As the clock in Brussels shows it: adding days to this keeps the hour."""
    return at.astimezone(ZONE)
