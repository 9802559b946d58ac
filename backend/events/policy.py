"""What one person may do with one action day now. Pure rules: yes, no, or the step that is open."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from backend.auth.models import Role, ScopeKind, Viewer
from backend.events.details import audience_of
from backend.events.models import (
    ActionDay,
    DayFormat,
    DayStatus,
    Registration,
    RegistrationStatus,
)

S = RegistrationStatus


class Step(StrEnum):
    """Where someone stands with a day, and so what its page offers."""

    CALLED_OFF = "called_off"
    OVER = "over"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    REQUESTED = "requested"
    NOT_YET = "not_yet"  # registration has not opened
    CLOSED = "closed"
    SIGN_IN = "sign_in"  # a visitor
    ADMISSION = "admission"  # signed in, not admitted yet
    FULL = "full"  # the waiting list is open
    OPEN = "open"


def step(day: ActionDay, registration: Registration | None, viewer: Viewer | None, now: datetime) -> Step:
    if not day.goes_on:
        return Step.CALLED_OFF
    if day.is_over(now):
        return Step.OVER
    if registration is not None and registration.is_live:
        return Step(registration.status.value)
    if not day.is_open(now):
        opens = day.registration_opens_at
        return Step.NOT_YET if opens is not None and now < opens else Step.CLOSED
    if viewer is None:
        return Step.SIGN_IN
    if not viewer.is_member:
        return Step.ADMISSION
    return Step.FULL if day.is_full else Step.OPEN


def may_register(day: ActionDay, email: str, function: str, organisation_id: UUID | None) -> bool:
    """Whether somebody is of the audience."""
    return audience_of(day.audience).admits(
        email=email, function=function, organisation_id=organisation_id, only_listed=not day.is_listed
    )


def may_see(day: ActionDay, viewer: Viewer | None, *, is_registered: bool) -> bool:
    """A day that is not listed is there for who is invited, who is registered and who organises."""
    if day.status == DayStatus.DRAFT:
        return False
    if day.is_listed or is_registered:
        return True
    if viewer is None:
        return False
    return audience_of(day.audience).lists(viewer.email) or may_organise(viewer, day.region_keys)


def can_cancel(day: ActionDay, registration: Registration, now: datetime) -> bool:
    """A place until `cancel_until`, so that the organiser can count on it; what is no certain place until the day is over."""
    if registration.status == S.CONFIRMED:
        return now < day.cancel_until
    return registration.is_live and not day.is_over(now)


def can_change(day: ActionDay, registration: Registration, now: datetime) -> bool:
    return registration.is_live and day.goes_on and now < day.starts_at


def can_pass_on(day: ActionDay, registration: Registration, now: datetime) -> bool:
    """Also after `cancel_until`: a place that a colleague takes is not lost. Not where the organiser chooses who comes."""
    return (
        registration.status == S.CONFIRMED
        and can_change(day, registration, now)
        and not audience_of(day.audience).needs_approval
    )


def can_move(day: ActionDay, registration: Registration, now: datetime) -> bool:
    """To another day of the series."""
    return bool(day.series) and registration.status == S.CONFIRMED and now < day.cancel_until and day.goes_on


def can_accept(registration: Registration, now: datetime) -> bool:
    return (
        registration.status == S.OFFERED
        and registration.offered_until is not None
        and now < registration.offered_until
    )


def online_opens_at(day: ActionDay) -> datetime:
    return day.starts_at - timedelta(minutes=day.online_opens_minutes)


def can_join(day: ActionDay, registration: Registration, now: datetime) -> bool:
    """The online link works from a little before the day until its end, for who has a place."""
    return (
        day.goes_on
        and day.format != DayFormat.ON_SITE
        and registration.status == S.CONFIRMED
        and online_opens_at(day) <= now < day.ends_at
    )


def may_register_colleagues(viewer: Viewer) -> bool:
    return viewer.is_member and viewer.organisation_id is not None


def may_check_in(viewer: Viewer, day_id: UUID, region_keys: Collection[str]) -> bool:
    """Who organises the day, and who helps at its door."""
    return may_organise(viewer, region_keys) or any(
        grant.scope_kind == ScopeKind.DAY and grant.scope_key == str(day_id)
        for grant in viewer.grants_of(Role.HELPER)
    )


def may_organise(viewer: Viewer, region_keys: Collection[str]) -> bool:
    """An organiser of one of the regions of a day, or of all; a day for all regions belongs to every organiser."""
    if viewer.has(Role.ADMINISTRATOR):
        return True
    return any(
        grant.scope_kind == ScopeKind.ALL
        or (grant.scope_kind == ScopeKind.REGION and (not region_keys or grant.scope_key in region_keys))
        for grant in viewer.grants_of(Role.ORGANISER)
    )
