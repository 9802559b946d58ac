"""Whose registration is meant, and how it is fetched to be changed: with its day locked."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from backend.auth.models import Account, Viewer
from backend.errors import Conflict, NotFound
from backend.events import places
from backend.events.models import LIVE, ActionDay, Registration
from backend.language import gettext as _


@dataclass(frozen=True, slots=True)
class Mine:
    """Of somebody signed in, on the day with this slug."""

    viewer: Viewer
    slug: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Of whoever opened a mailed link: the signature proved it."""

    registration_id: UUID


@dataclass(frozen=True, slots=True)
class Chosen:
    """By an organiser; the caller asked policy whether they may."""

    registration_id: UUID
    by: UUID


Whose = Mine | Linked | Chosen


@dataclass(frozen=True, slots=True)
class Held:
    """A registration with its day, which nobody else changes until this transaction ends, and its person."""

    day: ActionDay
    registration: Registration
    account: Account
    by: UUID  # who acts


def find(session: Session, whose: Whose) -> Held | None:
    """The live one, else the last one there was. Raises NotFound for a day that does not exist."""
    if isinstance(whose, Mine):
        day = places.lock(session, whose.slug)
        own: ColumnElement[bool] = (col(Registration.day_id) == day.id) & (
            col(Registration.account_id) == whose.viewer.id
        )
    else:
        own = col(Registration.id) == whose.registration_id
        day_id = session.scalar(select(col(Registration.day_id)).where(own))
        if day_id is None:
            return None
        (day,) = places.lock_each(session, day_id)
    found = registration_where(session, own)
    if found is None:
        return None
    registration, account = found
    return Held(day, registration, account, whose.by if isinstance(whose, Chosen) else account.id)


def get(session: Session, whose: Whose) -> Held:
    """Like find(). Raises Conflict for who has none on this day, NotFound for an id that does not exist."""
    held = find(session, whose)
    if held is None:
        if isinstance(whose, Mine):
            raise Conflict(_("Je bent niet ingeschreven voor deze dag."))
        raise NotFound(_("We vinden je inschrijving niet."))
    return held


def registration_where(session: Session, own: ColumnElement[bool]) -> tuple[Registration, Account] | None:
    """With its person, as the database has it now."""
    row = session.execute(
        select(Registration, Account)
        .join(Account, col(Account.id) == Registration.account_id)
        .where(own)
        .order_by(col(Registration.status).in_(LIVE).desc(), col(Registration.asked_at).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    return (row[0], row[1]) if row else None
