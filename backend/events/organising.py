"""What an organiser does with a whole day: publish, confirm, change, call off, resize, copy. Who is told is known beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend import jobs
from backend.audit.service import record
from backend.auth.models import Account, Viewer
from backend.errors import Conflict, NotFound
from backend.events import ledger, mails, places, policy, programme, promotion, workshops
from backend.events.mails import Letter
from backend.events.models import (
    LIVE,
    ActionDay,
    ActionDayRegion,
    DayStatus,
    EventKind,
    Registration,
    RegistrationNeed,
    Workshop,
)
from backend.events.moments import same_clock
from backend.language import gettext as _

MOST_PLACES = 10_000
# What a participant has in the calendar: a change of these is told; the rest is not.
TOLD = frozenset(
    {"title", "starts_at", "ends_at", "town", "place", "travel", "access", "format", "online_url"}
)
TOLD_OF_SESSION = frozenset({"title", "starts_at", "ends_at", "room"})
# What copy() takes over; the rest begins anew.
COPIED = (
    "title", "summary", "edition_id", "series", "host_nis", "format", "town", "place", "travel", "access", "online_url",
    "online_opens_minutes", "capacity", "offer_hours", "is_listed", "spread_limit", "audience", "questions", "speakers",
    "mail_texts", "needs_kept_days", "is_fictional",
)  # fmt: skip
MOMENTS = ("ends_at", "registration_opens_at", "registration_closes_at", "cancel_until", "spread_until")


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who would get a mail, and which: for a preview before anything is sent."""

    account: Account
    registration: Registration


@dataclass(frozen=True, slots=True)
class Telling:
    """How people are told of a change. `note`: what the organiser says about it; whom no mail goes to, has it in the calendar.

    `subjects`: of the mails that could be left out, filled in while telling.
    """

    note: str = ""
    reason: str = ""  # why a day does not go ahead
    by_mail: bool = True
    not_to: frozenset[str] = frozenset()  # addresses
    subjects: set[str] = field(default_factory=set)


def may(session: Session, viewer: Viewer, day_id: UUID) -> bool:
    keys = session.scalars(
        select(col(ActionDayRegion.region_key)).where(col(ActionDayRegion.day_id) == day_id)
    ).all()
    return policy.may_organise(viewer, keys)


def find(session: Session, viewer: Viewer, slug: str) -> ActionDay:
    """A day that this person organises, also a draft, locked. Raises NotFound for every other."""
    day_id = session.scalar(select(col(ActionDay.id)).where(col(ActionDay.slug) == slug))
    if day_id is None or not may(session, viewer, day_id):
        raise NotFound(_("Deze actiedag bestaat niet, of je mag ze niet beheren."))
    (day,) = places.lock_each(session, day_id)
    return day


def who_is_told(session: Session, day_id: UUID) -> list[Told]:
    """Everybody with a registration that lives, in the order of coming."""
    rows = session.execute(
        select(Account, Registration)
        .join(Registration, col(Registration.account_id) == Account.id)
        .where(col(Registration.day_id) == day_id, col(Registration.status).in_(LIVE))
        .order_by(col(Registration.asked_at), col(Registration.id))
    )
    return [Told(row[0], row[1]) for row in rows]


def publish(session: Session, viewer: Viewer, slug: str, now: datetime) -> ActionDay:
    """A draft is there for the public. Again changes nothing."""
    day = find(session, viewer, slug)
    if day.status == DayStatus.DRAFT:
        if day.is_over(now):
            raise Conflict(_("Deze dag is voorbij: kies eerst een andere datum."))
        day.status = DayStatus.PUBLISHED
        _plan_spread(session, day)
        record(session, viewer.id, "events.publish", kind="action_day", key=day.slug)
        session.flush()
    return day


def confirm(session: Session, viewer: Viewer, slug: str, now: datetime) -> int:
    """The day goes ahead for certain: calendars say so. Gives how many are told; again tells nobody."""
    day = find(session, viewer, slug)
    if day.status == DayStatus.CONFIRMED:
        return 0
    if day.status != DayStatus.PUBLISHED:
        raise Conflict(_("Alleen een dag die bekendgemaakt is, kun je bevestigen."))
    day.status = DayStatus.CONFIRMED
    record(session, viewer.id, "events.confirm", kind="action_day", key=day.slug)
    return _tell_everybody(session, day, EventKind.DAY_CONFIRMED, now, viewer.id)


def call_off(session: Session, viewer: Viewer, slug: str, reason: str, now: datetime) -> int:
    """The day does not go ahead; `reason` is what people read. Gives how many are told; again tells nobody."""
    day = find(session, viewer, slug)
    if day.status == DayStatus.CANCELLED:
        return 0
    was_public = day.goes_on
    day.status = DayStatus.CANCELLED
    session.execute(delete(RegistrationNeed).where(col(RegistrationNeed.day_id) == day.id))
    record(session, viewer.id, "events.call_off", kind="action_day", key=day.slug)
    if not was_public:
        session.flush()
        return 0
    return _tell_everybody(session, day, EventKind.DAY_CANCELLED, now, viewer.id, how=Telling(reason=reason))


def change(
    session: Session,
    viewer: Viewer,
    slug: str,
    values: Mapping[str, Any],
    now: datetime,
    how: Telling | None = None,
) -> int:
    """Set these columns (not the counters, not the status). Gives how many are told: nobody, unless their calendar changes.

    Raises Conflict when the moments do not fit each other.
    """
    day = find(session, viewer, slug)
    if unknown := values.keys() - set(CHANGEABLE):
        raise ValueError(f"these are not changed here: {sorted(unknown)}")
    changed = {name for name, value in values.items() if getattr(day, name) != value}
    for name in changed:
        setattr(day, name, values[name])
    check(day)
    if not changed:
        return 0
    _plan_spread(session, day)
    record(session, viewer.id, "events.change", kind="action_day", key=day.slug, fields=sorted(changed))
    if changed & {"offer_hours", "spread_limit", "spread_until"}:
        promotion.promote(session, day, workshops.rounds_of(session, day.id), now)
    if not changed & TOLD or not day.goes_on:
        session.flush()
        return 0
    return _tell_everybody(session, day, EventKind.DAY_CHANGED, now, viewer.id, how=how)


def change_session(
    session: Session,
    viewer: Viewer,
    where: tuple[str, UUID],
    values: Mapping[str, Any],
    now: datetime,
    how: Telling | None = None,
) -> int:
    """Other values for the session `where` (day, session), its number of places too.

    Who goes to it is told when their calendar changes.
    """
    slug, workshop_id = where
    day = find(session, viewer, slug)
    rest = {name: value for name, value in values.items() if name != "capacity"}
    workshop = workshops.rounds_of(session, day.id).workshops.get(workshop_id)
    if workshop is None:
        raise NotFound(_("Deze sessie bestaat niet meer."))
    changed = {name for name, value in rest.items() if getattr(workshop, name) != value}
    programme.save_workshop(session, day.id, workshop_id, rest)
    if changed:
        record(
            session,
            viewer.id,
            "events.change_session",
            kind="workshop",
            key=workshop_id,
            fields=sorted(changed),
        )
    if "capacity" in values and values["capacity"] != workshop.capacity:
        resize_workshop(session, viewer, slug, workshop_id, values["capacity"], now)
    if not changed & TOLD_OF_SESSION or not day.goes_on:
        return 0
    return _tell_everybody(session, day, EventKind.DAY_CHANGED, now, viewer.id, at=workshop_id, how=how)


def check(day: ActionDay) -> None:
    """Raises Conflict, in words, for moments and numbers that cannot be together."""
    if day.ends_at <= day.starts_at:
        raise Conflict(_("Het einde moet na het begin komen."))
    if not 0 <= day.capacity <= MOST_PLACES:
        raise Conflict(_("Kies tussen 0 en %(n)s plaatsen.") % {"n": MOST_PLACES})
    if day.registration_closes_at > day.ends_at or day.cancel_until > day.ends_at:
        raise Conflict(_("Inschrijven en annuleren kan niet tot na het einde van de dag."))
    if day.registration_opens_at and day.registration_opens_at >= day.registration_closes_at:
        raise Conflict(_("Inschrijven moet openen voor het sluit."))
    if (day.spread_limit is None) != (day.spread_until is None):
        raise Conflict(_("Een spreiding heeft een aantal per gemeente en een datum tot wanneer."))
    if day.spread_limit is not None and day.spread_limit < 1:
        raise Conflict(_("Laat minstens één persoon per gemeente toe."))


def resize(session: Session, viewer: Viewer, slug: str, capacity: int, now: datetime) -> ActionDay:
    """More places go to who waits; fewer than were given out is a Conflict."""
    day = find(session, viewer, slug)
    _set_capacity(day, capacity)
    record(session, viewer.id, "events.resize", kind="action_day", key=day.slug, capacity=capacity)
    session.flush()
    promotion.promote(session, day, workshops.rounds_of(session, day.id), now)
    session.flush()
    return day


def resize_workshop(
    session: Session, viewer: Viewer, slug: str, workshop_id: UUID, capacity: int, now: datetime
) -> Workshop:
    """As resize(), for one session."""
    day = find(session, viewer, slug)
    rounds = workshops.rounds_of(session, day.id)
    workshop = rounds.workshops.get(workshop_id)
    if workshop is None:
        raise NotFound(_("Deze sessie bestaat niet meer."))
    _set_capacity(workshop, capacity)
    record(session, viewer.id, "events.resize", kind="workshop", key=workshop.id, capacity=capacity)
    session.flush()
    promotion.give_back(session, day, rounds, {workshop.id}, now)
    session.flush()
    return workshop


def copy(
    session: Session, viewer: Viewer, slug: str, new_slug: str, on: date, *, day_id: UUID | None = None
) -> ActionDay:
    """A draft like this day, on another date: the same hours, programme, questions and rules; no people, no materials."""
    old = find(session, viewer, slug)
    days = on - same_clock(old.starts_at).date()
    values: dict[str, Any] = {name: later(getattr(old, name), days) for name in ("starts_at", *MOMENTS)}
    values |= {name: getattr(old, name) for name in COPIED}
    day = ActionDay(id=day_id or uuid4(), slug=new_slug, **values)
    session.add(day)
    session.flush()
    keys = session.scalars(
        select(col(ActionDayRegion.region_key)).where(col(ActionDayRegion.day_id) == old.id)
    ).all()
    session.add_all(ActionDayRegion(day_id=day.id, region_key=key) for key in keys)
    programme.copy(session, old.id, day.id, lambda moment: later(moment, days))
    record(session, viewer.id, "events.copy", kind="action_day", key=day.slug, copied=old.slug)
    session.flush()
    return day


def later(moment: datetime | None, by: timedelta) -> datetime | None:
    """So many days later at the same time by the clock, whatever happened to the clock in between."""
    return (same_clock(moment) + by).astimezone(moment.tzinfo) if moment else None


def _set_capacity(place: ActionDay | Workshop, capacity: int) -> None:
    if not 0 <= capacity <= MOST_PLACES:
        raise Conflict(_("Kies tussen 0 en %(n)s plaatsen.") % {"n": MOST_PLACES})
    if capacity < place.taken:
        raise Conflict(_("Er zijn al %(taken)s plaatsen gegeven: minder kan niet.") % {"taken": place.taken})
    place.capacity = capacity


def _tell_everybody(
    session: Session,
    day: ActionDay,
    kind: EventKind,
    now: datetime,
    by: UUID,
    *,
    at: UUID | None = None,
    how: Telling | None = None,
) -> int:
    """`at`: only who goes to this session, or waits for it."""
    how = how or Telling()
    said: dict[EventKind, dict[str, Any]] = {
        EventKind.DAY_CANCELLED: {"reason": how.reason},
        EventKind.DAY_CHANGED: {"note": how.note},
    }
    day.sequence += 1
    session.flush()
    rounds = workshops.rounds_of(session, day.id)
    told = who_is_told(session, day.id)
    choices = workshops.choices_of(session, [each.registration.id for each in told])
    if at is not None:
        told = [each for each in told if at in choices.get(each.registration.id, {})]
    mailed = 0
    for each in told:
        ledger.note(session, each.registration, kind, now, by=by, reason=how.reason)
        if how.by_mail and each.account.email not in how.not_to:
            sessions = workshops.picked(rounds, choices.get(each.registration.id, {}))
            letter = Letter(kind, each.account, day, each.registration, sessions)
            how.subjects.add(mails.tell(session, letter, now, **said.get(kind, {})).subject)
            mailed += 1
    session.flush()
    return mailed


def _plan_spread(session: Session, day: ActionDay) -> None:
    """When the fair spread ends, what is left goes to who waits."""
    if day.spread_until is not None and day.goes_on:
        jobs.enqueue(session, "events.promote", at=day.spread_until, day_id=str(day.id))


CHANGEABLE = frozenset(
    {*COPIED, *MOMENTS, "starts_at", "materials", "registration_closes_at"} - {"capacity", "is_fictional"}
)
