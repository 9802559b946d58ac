"""Office hours: a mentor opens slots, whoever they follow books one. One slot is for one person: a conditional change decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, or_, select, union, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend import mail
from backend.auth.models import Account, Role, RoleGrant, ScopeKind, Substitution, Viewer
from backend.errors import Conflict, Forbidden, NotFound
from backend.events import calendar
from backend.events.calendar import Appointment
from backend.events.models import LIVE, ActionDay, Registration
from backend.events.office_hours import is_working_day
from backend.language import ZONE
from backend.language import gettext as _
from backend.mentoring.models import OfficeSlot
from backend.mentoring.reach import gave_away, took_over, who_follow_still
from backend.network.models import Edition

MOST_BOOKED = 2  # of one person, still to come
MOST_SLOTS = 40  # at once
FARTHEST = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot with the names of both; `member` is "" while it is free."""

    slot: OfficeSlot
    mentor: str
    member: str


_MEMBER = aliased(Account)


def _slots(session: Session, *where: ColumnElement[bool]) -> list[Slot]:
    rows = session.execute(
        select(OfficeSlot, col(Account.name), col(_MEMBER.name))
        .join(Account, col(Account.id) == OfficeSlot.mentor_id)
        .outerjoin(_MEMBER, col(_MEMBER.id) == OfficeSlot.booked_by_id)
        .where(*where)
        .order_by(col(OfficeSlot.starts_at), col(Account.name))
        .limit(400)
    )
    return [Slot(slot, mentor, member or "") for slot, mentor, member in rows]


# ── the mentor ──


def of_mentor(session: Session, viewer: Viewer, now: datetime) -> list[Slot]:
    """One's own slots still to come. One query."""
    return _slots(session, col(OfficeSlot.mentor_id) == viewer.id, col(OfficeSlot.ends_at) > now)


def times(on: date, begins: time, ends: time, minutes: int) -> list[tuple[datetime, datetime]]:
    """The slots that fit between two times in Brussels, each as (start, end)."""
    at, until = datetime.combine(on, begins, ZONE), datetime.combine(on, ends, ZONE)
    step = timedelta(minutes=minutes)
    found = []
    while at + step <= until:
        found.append((at, at + step))
        at += step
    return found


def why_not(found: Sequence[tuple[datetime, datetime]], on: date, now: datetime) -> dict[str, str]:
    """What is wrong with such a row of slots, one sentence a field."""
    if not found:
        return {"tot": _("Tussen deze uren past geen gesprek.")}
    if len(found) > MOST_SLOTS:
        return {
            "tot": _("Dat zijn meer dan %(n)s gesprekken. Maak ze langer, of open minder uren.")
            % {"n": MOST_SLOTS}
        }
    if found[0][0] <= now:
        return {"dag": _("Dit moment is al voorbij.")}
    if found[0][0] > now + FARTHEST:
        return {"dag": _("Open hoogstens een half jaar vooruit.")}
    if not is_working_day(on):
        return {"dag": _("Dit is een weekend of een feestdag. Kies een werkdag.")}
    return {}  # fmt: skip


def open_slots(
    session: Session, viewer: Viewer, found: Sequence[tuple[datetime, datetime]], place: str
) -> int:
    """How many are new; a slot that is there already, or overlaps one's own, stays as it is."""
    if not found:
        return 0
    mine = session.execute(
        select(col(OfficeSlot.starts_at), col(OfficeSlot.ends_at)).where(
            col(OfficeSlot.mentor_id) == viewer.id, col(OfficeSlot.ends_at) > found[0][0],
            col(OfficeSlot.starts_at) < found[-1][1],
        )
    ).all()  # fmt: skip
    new = [(a, b) for a, b in found if not any(a < row.ends_at and row.starts_at < b for row in mine)]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for begins, ends in new:
        session.execute(
            insert(OfficeSlot)
            .values(id=uuid4(), mentor_id=viewer.id, starts_at=begins, ends_at=ends, place=place, topic="")
            .on_conflict_do_nothing()
        )
    return len(new)


def close(session: Session, viewer: Viewer, slot_id: UUID, now: datetime) -> None:
    """A mentor withdraws a slot; who had booked it gets a mail. Closing twice is once."""
    slot = session.scalars(
        select(OfficeSlot).where(col(OfficeSlot.id) == slot_id).with_for_update()
    ).one_or_none()
    if slot is None:
        return
    if slot.mentor_id != viewer.id:
        raise NotFound(_("Dit gesprek bestaat niet, of niet meer."))
    if slot.booked_by_id is not None and slot.ends_at > now:
        _tell_both(session, slot, now, is_off=True)
    session.delete(slot)


# ── the member ──


def _mentors_of(viewer: Viewer, now: datetime) -> Any:
    """A select of the ids of those who follow this person: by their role or taken over, not handed on; and their substitutes."""
    kind, key = col(RoleGrant.scope_kind), col(RoleGrant.scope_key)
    editions = (
        select(col(Edition.key))
        .join(ActionDay, col(ActionDay.edition_id) == Edition.id)
        .join(Registration, col(Registration.day_id) == ActionDay.id)
        .where(col(Registration.account_id) == viewer.id, col(Registration.status).in_(LIVE))
    )
    mentors = select(col(RoleGrant.account_id)).where(
        col(RoleGrant.role) == Role.MENTOR,
        or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now),
        or_(
            kind == ScopeKind.ALL,
            and_(kind == ScopeKind.REGION, key == (viewer.region_key or "-")),
            and_(kind == ScopeKind.MUNICIPALITY, key == (viewer.municipality_nis or "-")),
            and_(kind == ScopeKind.EDITION, key.in_(editions)),
            col(RoleGrant.account_id).in_(took_over(viewer.id)),
        ),
        col(RoleGrant.account_id).not_in(gave_away(viewer.id)),
        col(RoleGrant.account_id).in_(who_follow_still()),
    )
    substitutes = select(col(Substitution.substitute_id)).where(
        col(Substitution.mentor_id).in_(mentors),
        col(Substitution.starts_at) <= now,
        col(Substitution.ends_at) > now,
        col(Substitution.substitute_id).in_(who_follow_still()),
    )
    return union(mentors, substitutes)


def free_for(session: Session, viewer: Viewer, now: datetime) -> list[Slot]:
    """What this person may book: free, still to come, of who follows them. One query."""
    return _slots(
        session, col(OfficeSlot.booked_by_id).is_(None), col(OfficeSlot.starts_at) > now,
        col(OfficeSlot.mentor_id).in_(_mentors_of(viewer, now)), col(OfficeSlot.mentor_id) != viewer.id,
    )  # fmt: skip


def booked_by(session: Session, viewer: Viewer, now: datetime) -> list[Slot]:
    """One's own talks still to come. One query."""
    return _slots(session, col(OfficeSlot.booked_by_id) == viewer.id, col(OfficeSlot.ends_at) > now)


def book(session: Session, viewer: Viewer, slot_id: UUID, topic: str, now: datetime) -> OfficeSlot:
    """Booking what one has is once. Raises NotFound, Conflict when somebody was first, Forbidden with too many."""
    # The account's row first: two bookings of one person are counted one after the other.
    session.execute(select(col(Account.id)).where(col(Account.id) == viewer.id).with_for_update())
    mine = booked_by(session, viewer, now)
    if had := next((each.slot for each in mine if each.slot.id == slot_id), None):
        return had
    if len(mine) >= MOST_BOOKED:
        raise Forbidden(_("Je hebt al %(n)s gesprekken staan. Zeg er eerst een af.") % {"n": MOST_BOOKED})
    if not take(session, viewer, slot_id, topic, now):
        is_there = session.scalar(select(col(OfficeSlot.booked_by_id)).where(col(OfficeSlot.id) == slot_id))
        if is_there is None:
            raise NotFound(_("Dit gesprek kun je niet boeken, of niet meer."))
        raise Conflict(_("Iemand anders was net voor. Kies een ander moment."))
    slot = session.get_one(OfficeSlot, slot_id)
    session.refresh(slot)
    _tell_both(session, slot, now, is_off=False)
    return slot


def take(session: Session, viewer: Viewer, slot_id: UUID, topic: str, now: datetime) -> bool:
    """True for exactly one of all who want this slot."""
    taken = session.execute(
        update(OfficeSlot)
        .where(
            col(OfficeSlot.id) == slot_id, col(OfficeSlot.booked_by_id).is_(None), col(OfficeSlot.starts_at) > now,
            col(OfficeSlot.mentor_id).in_(_mentors_of(viewer, now)), col(OfficeSlot.mentor_id) != viewer.id,
        )
        .values(booked_by_id=viewer.id, booking=uuid4(), topic=topic)
        .returning(col(OfficeSlot.id))
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return taken.first() is not None


def give_back(session: Session, viewer: Viewer, slot_id: UUID, now: datetime) -> None:
    """The member cancels: the slot is free again. What is not booked by them stays as it is."""
    slot = session.scalars(
        select(OfficeSlot)
        .where(col(OfficeSlot.id) == slot_id, col(OfficeSlot.booked_by_id) == viewer.id)
        .with_for_update()
    ).one_or_none()
    if slot is None:
        return
    if slot.starts_at <= now:
        raise Conflict(_("Dit gesprek is al begonnen."))
    _tell_both(session, slot, now, is_off=True)
    slot.booked_by_id, slot.booking, slot.topic = None, None, ""


def _tell_both(session: Session, slot: OfficeSlot, now: datetime, *, is_off: bool) -> None:
    mentor, member = session.get_one(Account, slot.mentor_id), session.get_one(Account, slot.booked_by_id)
    for reader, other in ((member, mentor), (mentor, member)):
        what = Appointment(
            slot.booking or slot.id, 1 if is_off else 0, slot.starts_at, slot.ends_at,
            _("Gesprek met %(name)s") % {"name": other.name}, slot.topic, slot.place,
        )  # fmt: skip
        mail.send(
            session, reader.email, "mentoring_talk", language=reader.language, name=reader.name, other=other.name,
            slot=slot, is_off=is_off, attachments=[calendar.appointment(what, reader, now)],
        )  # fmt: skip


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    """Slots that one opened (without what others wrote in them), and talks that one booked."""
    rows = session.scalars(
        select(OfficeSlot).where(
            or_(col(OfficeSlot.mentor_id) == person, col(OfficeSlot.booked_by_id) == person)
        )
    )
    return [
        row.model_dump(mode="json", include={"starts_at", "ends_at", "place"})
        | ({"topic": row.topic} if row.booked_by_id == person else {})
        for row in rows
    ]


def erase(session: Session, person: UUID) -> None:
    session.execute(delete(OfficeSlot).where(col(OfficeSlot.mentor_id) == person))
    session.execute(
        update(OfficeSlot)
        .where(col(OfficeSlot.booked_by_id) == person)
        .values(booked_by_id=None, booking=None, topic="")
    )
