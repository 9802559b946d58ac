"""The door of a day: who is there, ticked by whoever organises or helps, and people who come unannounced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Account, AccountStatus, Membership, Role, RoleGrant, ScopeKind, Viewer
from backend.errors import Conflict, NotFound
from backend.events import attendance, by_hand, holding, ledger, organising, places, selecting
from backend.events.holding import Chosen, Held
from backend.events.models import GOES_ON, ActionDay, EventKind, Registration, RegistrationStatus
from backend.events.selecting import Desk
from backend.language import gettext as _
from backend.network.models import Organisation
from backend.search import fold

FOUND = 30  # names shown at once
OPENS = timedelta(hours=3)  # before the day begins
CLOSES = timedelta(
    hours=12
)  # after it ends; then others may count on who was there, as nobody can undo it any more
S = RegistrationStatus


@dataclass(frozen=True, slots=True)
class Counters:
    there: int
    expected: int


def counters(session: Session, day_id: UUID) -> Counters:
    row = session.execute(
        select(func.count(col(Registration.attended_at)), func.count()).where(
            col(Registration.day_id) == day_id, col(Registration.status) == S.CONFIRMED
        )
    ).one()
    return Counters(row[0], row[1])


def search(session: Session, day_id: UUID, text: str) -> Sequence[Any]:
    """Who has a place, by a part of the name or of where they work: id, name, organisation, attended_at. No address, no needs.

    Without regard to accents, which nobody types at a door.
    """
    asked: Select[*tuple[Any, ...]] = (
        select(
            col(Registration.id), col(Account.name), col(Registration.attended_at),
            col(Organisation.name).label("organisation"),
        )
        .join(Account, col(Account.id) == Registration.account_id)
        .outerjoin(Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None))
        .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(col(Registration.day_id) == day_id, col(Registration.status) == S.CONFIRMED)
        .order_by(col(Registration.attended_at).is_not(None), col(Account.name), col(Registration.id))
    )  # fmt: skip
    words = [fold(word) for word in text.split()[:6]]
    found = (
        row
        for row in session.execute(asked)
        if all(word in fold(f"{row.name} {row.organisation or ''}") for word in words)
    )
    return list(islice(found, FOUND + 1))


def why_closed(day: Desk, now: datetime) -> str:
    """In words for who stands at the door; "" when one can check in."""
    if day.status not in GOES_ON:
        return _("Deze dag gaat niet door.")
    if not day.starts_at - OPENS <= now < day.ends_at + CLOSES:
        return _("Inchecken kan op de dag zelf, vanaf drie uur voor het begin.")
    return ""


def tick(session: Session, viewer: Viewer, slug: str, registration_id: UUID, now: datetime) -> Held:
    """They are there. Again, or by two at once, changes nothing. Raises Conflict for whoever has no place, or too early."""
    day = selecting.desk(session, viewer, slug, at_door=True)
    held = _held(session, viewer, day, registration_id)
    if held.registration.status != S.CONFIRMED:
        raise Conflict(_("%(name)s heeft geen plaats op deze dag.") % {"name": held.account.name})
    _check_open(day, now)
    attendance.attend(session, held, now, told_at=day.ends_at + CLOSES)
    return held


def untick(session: Session, viewer: Viewer, slug: str, registration_id: UUID, now: datetime) -> Held:
    """Ticked by mistake. Again changes nothing."""
    day = selecting.desk(session, viewer, slug, at_door=True)
    held = _held(session, viewer, day, registration_id)
    _check_open(day, now)
    if held.registration.attended_at is not None:
        held.registration.attended_at = None
        ledger.note(session, held.registration, EventKind.NOT_ATTENDED, now, by=viewer.id)
        session.flush()
    return held


def walk_in(session: Session, viewer: Viewer, slug: str, email: str, now: datetime) -> Held:
    """A member who was not registered: a free place, and there. Raises Conflict when none is free, or for who waits already."""
    day = selecting.desk(session, viewer, slug, at_door=True)
    _check_open(day, now)
    (locked,) = places.lock_each(session, day.id)
    if not locked.goes_on:
        raise Conflict(_("Deze dag gaat niet door."))
    registration = by_hand.seat(session, viewer, locked, email, _("kwam zonder inschrijving"), now)
    if registration.status != S.CONFIRMED:
        raise Conflict(
            _("Deze persoon staat al op de lijst, maar heeft nog geen plaats. Vraag het de organisator.")
        )
    held = _held(session, viewer, day, registration.id)
    attendance.attend(session, held, now, told_at=day.ends_at + CLOSES)
    return held


def _check_open(day: Desk, now: datetime) -> None:
    if why := why_closed(day, now):
        raise Conflict(why)


def _held(session: Session, viewer: Viewer, day: Desk, registration_id: UUID) -> Held:
    held = holding.find(session, Chosen(registration_id, viewer.id))
    if held is None or held.day.id != day.id:
        raise NotFound(_("We vinden deze inschrijving niet."))
    return held


# ── who helps ──


@dataclass(frozen=True, slots=True)
class HelpedDay:
    slug: str
    title: str
    town: str
    starts_at: datetime


def helped_by(session: Session, viewer: Viewer, now: datetime) -> list[HelpedDay]:
    """The days at whose door this person helps, the first one first. No query for who helps nowhere."""
    keys = [
        UUID(grant.scope_key) for grant in viewer.grants_of(Role.HELPER) if grant.scope_kind == ScopeKind.DAY
    ]
    if not keys:
        return []
    rows = session.execute(
        select(col(ActionDay.slug), col(ActionDay.title), col(ActionDay.town), col(ActionDay.starts_at))
        .where(
            col(ActionDay.id).in_(keys),
            col(ActionDay.status).in_(GOES_ON),
            col(ActionDay.ends_at) > now - CLOSES,
        )
        .order_by(col(ActionDay.starts_at), col(ActionDay.id))
    )
    return [HelpedDay(*row) for row in rows]


def helpers(session: Session, day_id: UUID, now: datetime) -> Sequence[Any]:
    """Who helps at the door of this day, with until when: id of the grant, name, email, ends_at."""
    return session.execute(
        select(col(RoleGrant.id), col(Account.name), col(Account.email), col(RoleGrant.ends_at))
        .join(Account, col(Account.id) == RoleGrant.account_id)
        .where(*_is_helper(day_id, now))
        .order_by(col(Account.name), col(RoleGrant.id))
    ).all()


def ask_helper(session: Session, viewer: Viewer, slug: str, email: str, now: datetime) -> Account:
    """A member may check people in on this day, until it is over. Again changes nothing."""
    day = organising.find(session, viewer, slug)
    account = session.scalar(
        select(Account).where(col(Account.email) == email, col(Account.status) == AccountStatus.MEMBER)
    )
    if account is None:
        raise Conflict(_("We kennen geen lid met dit adres. Laat die persoon eerst een account maken."))
    until = day.ends_at + CLOSES
    if until <= now:
        raise Conflict(_("Deze dag is voorbij."))
    mine = session.scalar(
        select(col(RoleGrant.id)).where(*_is_helper(day.id, now), col(RoleGrant.account_id) == account.id)
    )
    if mine is None:
        session.add(
            RoleGrant(
                account_id=account.id, role=Role.HELPER, scope_kind=ScopeKind.DAY, scope_key=str(day.id),
                granted_at=now, ends_at=until,
            )
        )  # fmt: skip
        record(
            session, viewer.id, "events.helper_asked", kind="action_day", key=slug, account=str(account.id)
        )
    session.flush()
    return account


def end_help(session: Session, viewer: Viewer, slug: str, grant_id: UUID, now: datetime) -> None:
    """From now on. Again changes nothing."""
    day = organising.find(session, viewer, slug)
    done = session.execute(
        update(RoleGrant)
        .where(*_is_helper(day.id, now), col(RoleGrant.id) == grant_id)
        .values(ends_at=now)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount:  # type: ignore[attr-defined]
        record(session, viewer.id, "events.helper_ended", kind="action_day", key=slug)


def _is_helper(day_id: UUID, now: datetime) -> tuple[Any, ...]:
    return (
        col(RoleGrant.role) == Role.HELPER,
        col(RoleGrant.scope_kind) == ScopeKind.DAY,
        col(RoleGrant.scope_key) == str(day_id),
        col(RoleGrant.ends_at) > now,
    )
