"""What one person may do with one action day now. Pure rules: yes, no, or the step that is open."""

from datetime import datetime
from enum import StrEnum

from backend.auth.models import Viewer
from backend.events.models import ActionDay, DayStatus, Registration, RegistrationStatus


class Step(StrEnum):
    """Where someone stands with a day, and so what its page offers."""

    CALLED_OFF = "called_off"
    OVER = "over"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CLOSED = "closed"
    SIGN_IN = "sign_in"  # a visitor
    ADMISSION = "admission"  # signed in, not admitted yet
    FULL = "full"  # the waiting list is open
    OPEN = "open"


def step(day: ActionDay, registration: Registration | None, viewer: Viewer | None, now: datetime) -> Step:
    status = registration.status if registration else RegistrationStatus.CANCELLED
    if day.status != DayStatus.PUBLISHED:
        return Step.CALLED_OFF
    if day.is_over(now):
        return Step.OVER
    if status != RegistrationStatus.CANCELLED:
        return Step(status.value)
    if not day.is_open(now):
        return Step.CLOSED
    if viewer is None:
        return Step.SIGN_IN
    if not viewer.is_member:
        return Step.ADMISSION
    return Step.FULL if day.is_full else Step.OPEN


def can_cancel(day: ActionDay, registration: Registration, now: datetime) -> bool:
    """A place until `cancel_until`, so that the organiser can count on it; the waiting list until the day is over."""
    if registration.status == RegistrationStatus.WAITING:
        return not day.is_over(now)
    return registration.status == RegistrationStatus.CONFIRMED and now < day.cancel_until
