"""Who asks for a place, whether signed in, named by a colleague, or known by account only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Membership, Viewer
from backend.events import places, workshops
from backend.events.models import (
    ActionDay,
    DayLetter,
    DayMailed,
    Registration,
    RegistrationEvent,
    RegistrationNeed,
    RegistrationStatus,
    WorkshopChoice,
)
from backend.network.models import Organisation

S = RegistrationStatus


class Reader(Protocol):
    """Whoever gets a mail: an Account or a Viewer."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    email: str
    organisation_id: UUID | None
    municipality_nis: str | None
    function: str


_PERSON: Select[*tuple[Any, ...]] = (
    select(
        col(Account.id),
        col(Account.email),
        col(Membership.function),
        col(Organisation.id).label("organisation_id"),
        col(Organisation.municipality_nis),
    )
    .outerjoin(Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None))
    .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
)


def person(session: Session, account_id: UUID) -> Person:
    row = session.execute(_PERSON.where(col(Account.id) == account_id).limit(1)).one()
    return Person(row.id, row.email, row.organisation_id, row.municipality_nis, row.function or "")


def who_asks(session: Session, viewer: Viewer, *, with_function: bool) -> Person:
    """A signed-in person; the function costs a query, so only where it matters."""
    if with_function:
        return person(session, viewer.id)
    return Person(viewer.id, viewer.email, viewer.organisation_id, viewer.municipality_nis, "")


def accounts(session: Session, ids: Iterable[UUID]) -> dict[UUID, Account]:
    found = session.scalars(select(Account).where(col(Account.id).in_(list(ids))))
    return {account.id: account for account in found}


def forget_strangers(session: Session, now: datetime) -> None:
    """Who was registered by a colleague and never said yes: nothing of them stays once the day is over."""
    strangers = (
        select(
            col(Registration.id), col(Registration.day_id), col(Registration.account_id), col(Registration.status)
        )
        .join(Account, col(Account.id) == Registration.account_id)
        .join(ActionDay, col(ActionDay.id) == Registration.day_id)
        .where(
            col(Account.status) == AccountStatus.UNCONFIRMED,
            col(Registration.status) != S.CONFIRMED,
            col(ActionDay.ends_at) < now,
        )
    )  # fmt: skip
    days = places.lock_each(session, *{row.day_id for row in session.execute(strangers)})
    found = session.execute(strangers.where(col(Registration.day_id).in_([day.id for day in days]))).all()
    for day in days:
        rounds = workshops.rounds_of(session, day.id)
        for row in found:
            if row.day_id == day.id:  # an offer for a day that was called off stays one
                offered, waits = row.status == S.OFFERED, row.status == S.WAITING
                places.count(session, day, taken=-offered, waiting=-waits)
                workshops.release(session, row.id, rounds, now)
    ids = [row.id for row in found]
    for table in (WorkshopChoice, RegistrationNeed, RegistrationEvent, DayLetter):
        session.execute(delete(table).where(col(table.registration_id).in_(ids)))
    session.execute(delete(Registration).where(col(Registration.id).in_(ids)))
    people = {row.account_id for row in found}
    session.execute(
        delete(DayMailed).where(
            col(DayMailed.account_id).in_(people), col(DayMailed.day_id).in_([day.id for day in days])
        )
    )
