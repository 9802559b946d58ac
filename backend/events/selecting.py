"""The people of a day as its organisers see them: one selection for the list, the files, the paper and the mails."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend.auth.models import Account, Membership, Viewer
from backend.errors import NotFound
from backend.events import policy
from backend.events.details import audience_of
from backend.events.models import (
    LIVE,
    ActionDay,
    ActionDayRegion,
    ChoiceStatus,
    DayStatus,
    EventKind,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)
from backend.fields import FormModel, Text, is_blank
from backend.language import gettext as _
from backend.network.models import Municipality, Organisation

PAGE = 50
S = RegistrationStatus


def _or_none(value: Any) -> Any:
    return None if isinstance(value, str) and is_blank(value) else value


Key = Annotated[UUID | None, BeforeValidator(_or_none)]


class Selection(FormModel):
    """What an address asks for: `?staat=waiting&gemeente=…`. `na`: the last one of the page before."""

    staat: Literal["", "live", "confirmed", "waiting", "offered", "requested", "cancelled", "refused"] = (
        "live"
    )
    sessie: Key = None
    gemeente: Annotated[str, Field(max_length=8)] = ""
    functie: Annotated[str, Field(max_length=120)] = ""
    besluit: Literal["", "ja", "nee"] = ""
    zoek: Annotated[Text, Field(max_length=100)] = ""
    volgorde: Literal["naam", "eerst", "laatst"] = "naam"
    na: Key = None

    def query(self, **other: Any) -> dict[str, Any]:
        """For an address: only what differs from the whole list."""
        wanted = self.model_dump(mode="json", exclude={"na"}, exclude_defaults=True) | other
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Row:
    """One registration. What a person eats or needs is not in it."""

    id: UUID
    account_id: UUID
    status: RegistrationStatus
    asked_at: datetime
    offered_until: datetime | None
    attended_at: datetime | None
    name: str
    email: str
    language: str
    function: str
    organisation: str
    municipality: str
    sessions: tuple[str, ...] = ()


_COLUMNS: Select[*tuple[Any, ...]] = (
    select(
        col(Registration.id), col(Registration.account_id), col(Registration.status), col(Registration.asked_at),
        col(Registration.offered_until), col(Registration.attended_at), col(Account.name), col(Account.email),
        col(Account.language), col(Membership.function), col(Organisation.name).label("organisation"),
        col(Municipality.name).label("municipality"),
    )
    .join(Account, col(Account.id) == Registration.account_id)
    .outerjoin(Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None))
    .outerjoin(Organisation, col(Organisation.id) == Membership.organisation_id)
    .outerjoin(Municipality, col(Municipality.nis_code) == Registration.municipality_nis)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """A day as its organisers need it on every page, without a lock."""

    id: UUID
    slug: str
    title: str
    status: DayStatus
    starts_at: datetime
    ends_at: datetime
    town: str
    place: str
    capacity: int
    taken: int
    waiting_count: int
    series: str
    needs_kept_days: int
    needs_approval: bool
    may_organise: bool

    @property
    def seats_left(self) -> int:
        return self.capacity - self.taken


def desk(session: Session, viewer: Viewer, slug: str, *, at_door: bool = False) -> Desk:
    """One query for the day, one for its regions. Raises NotFound for whoever does not organise it (or help at its door)."""
    row = session.execute(
        select(
            col(ActionDay.id), col(ActionDay.slug), col(ActionDay.title), col(ActionDay.status), col(ActionDay.starts_at),
            col(ActionDay.ends_at), col(ActionDay.town), col(ActionDay.place), col(ActionDay.capacity), col(ActionDay.taken),
            col(ActionDay.waiting_count), col(ActionDay.series), col(ActionDay.needs_kept_days), col(ActionDay.audience),
        ).where(col(ActionDay.slug) == slug)
    ).first()  # fmt: skip
    keys = session.scalars(
        select(col(ActionDayRegion.region_key))
        .join(ActionDay, col(ActionDay.id) == ActionDayRegion.day_id)
        .where(col(ActionDay.slug) == slug)
    ).all()
    organises = policy.may_organise(viewer, keys)
    if row is None or not (organises or (at_door and policy.may_check_in(viewer, row.id, keys))):
        raise NotFound(_("Deze actiedag bestaat niet, of je mag ze niet beheren."))
    known = dict(row._mapping)
    approves = audience_of(known.pop("audience")).needs_approval
    return Desk(**known, needs_approval=approves, may_organise=organises)


def rows(session: Session, day_id: UUID, wanted: Selection) -> tuple[list[Row], bool]:
    """One page with the sessions of each, and whether more come. Two queries."""
    found = list(session.execute(_ordered(_where(day_id, wanted), wanted).limit(PAGE + 1)).all())
    more, found = len(found) > PAGE, found[:PAGE]
    return with_sessions(session, found), more


def each(session: Session, day_id: UUID, wanted: Selection, at_once: int = 500) -> Iterator[Row]:
    """Everybody selected, in order, in pieces: memory stays flat however many they are."""
    asked = _ordered(_where(day_id, wanted), wanted)
    for piece in session.execute(asked, execution_options={"yield_per": at_once}).partitions():
        yield from with_sessions(session, list(piece))


def with_sessions(session: Session, found: list[Any]) -> list[Row]:
    titles: dict[UUID, list[str]] = {}
    chosen = session.execute(
        select(col(WorkshopChoice.registration_id), col(Workshop.title), col(WorkshopChoice.status))
        .join(Workshop, col(Workshop.id) == WorkshopChoice.workshop_id)
        .where(col(WorkshopChoice.registration_id).in_([row.id for row in found]))
        .order_by(col(Workshop.starts_at), col(Workshop.title))
    ).all()
    for key, title, status in chosen:
        said = title if status == ChoiceStatus.CHOSEN else _("%(title)s (wacht)") % {"title": title}
        titles.setdefault(key, []).append(said)
    return [
        Row(**{**row._mapping, **{n: row._mapping[n] or "" for n in ("function", "organisation", "municipality")}},
            sessions=tuple(titles.get(row.id, ())))
        for row in found
    ]  # fmt: skip


def one(session: Session, day_id: UUID, registration_id: UUID) -> Row:
    """Raises NotFound for a registration of another day."""
    found = session.execute(
        _COLUMNS.where(col(Registration.day_id) == day_id, col(Registration.id) == registration_id).limit(1)
    ).all()
    if not found:
        raise NotFound(_("We vinden deze inschrijving niet."))
    return with_sessions(session, list(found))[0]


def _where(day_id: UUID, wanted: Selection) -> Select[*tuple[Any, ...]]:
    asked = _COLUMNS.where(col(Registration.day_id) == day_id)
    if wanted.staat:
        states = LIVE if wanted.staat == "live" else (S(wanted.staat),)
        asked = asked.where(col(Registration.status).in_(states))
    if wanted.sessie:
        in_session = exists().where(
            col(WorkshopChoice.registration_id) == Registration.id,
            col(WorkshopChoice.workshop_id) == wanted.sessie,
        )
        asked = asked.where(in_session)
    if wanted.gemeente:
        asked = asked.where(col(Registration.municipality_nis) == wanted.gemeente)
    if wanted.functie:
        asked = asked.where(col(Membership.function) == wanted.functie)
    if wanted.besluit:
        approved = exists().where(
            col(RegistrationEvent.registration_id) == Registration.id,
            col(RegistrationEvent.kind) == EventKind.APPROVED,
        )
        asked = asked.where(approved if wanted.besluit == "ja" else ~approved)
    if wanted.zoek:
        found_in = (Account.name, Account.email, Organisation.name)
        asked = asked.where(or_(*(col(each).icontains(wanted.zoek, autoescape=True) for each in found_in)))
    return asked


def _ordered(asked: Select[*tuple[Any, ...]], wanted: Selection) -> Select[*tuple[Any, ...]]:
    down = wanted.volgorde == "laatst"
    by: Any = col(Account.name) if wanted.volgorde == "naam" else col(Registration.asked_at)
    key: Any = col(Registration.id)
    if wanted.na:
        asked = asked.where(_after(wanted.na, by, key, down=down))
    return asked.order_by(by.desc() if down else by, key.desc() if down else key)


def _after(last: UUID, by: Any, key: Any, *, down: bool) -> ColumnElement[bool]:
    """Beyond the last one of the page before, in this order."""
    registration, account = aliased(Registration), aliased(Account)
    of_last: Any = account.name if by.key == "name" else registration.asked_at
    there = (
        select(of_last)
        .select_from(registration)
        .join(account, col(account.id) == registration.account_id)
        .where(col(registration.id) == last)
        .scalar_subquery()
    )
    if down:
        return or_(by < there, and_(by == there, key < last))
    return or_(by > there, and_(by == there, key > last))
