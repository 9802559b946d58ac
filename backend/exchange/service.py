"""Practice cards: written by members, read by a mentor, found by tension, size and region, and taken over."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend import mail, search
from backend.audit.service import record
from backend.auth.models import Account, Viewer
from backend.errors import Conflict, Forbidden, NotFound
from backend.exchange import policy
from backend.exchange.models import Adoption, CardStatus, PracticeCard, Size, Tension
from backend.language import gettext as _
from backend.network.models import Municipality, Organisation, Region

SHOWN = 100
PEERS = 6


class Filter(BaseModel):
    """What somebody looks for. The aliases are the names in the address; what cannot be counts as nothing."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    tension: Tension | Literal[""] = Field(default="", alias="spanning")
    size: Size | Literal[""] = Field(default="", alias="grootte")
    region: str = Field(default="", alias="regio", max_length=80)
    search: str = Field(default="", alias="zoek", max_length=200)


@dataclass(frozen=True, slots=True)
class Card:
    """A card with where it comes from, and how many took it over."""

    card: PracticeCard
    organisation: str
    nis_code: str
    region_key: str
    region: str
    author: str
    adopted: int


@dataclass(frozen=True, slots=True)
class Peer:
    """A municipality that works at the same tension; `did`: wrote about it, or took something over."""

    organisation: str
    region: str
    is_near: bool
    title: str
    card_id: UUID


_adopted = (
    select(func.count())
    .where(col(Adoption.card_id) == col(PracticeCard.id))
    .correlate(PracticeCard)
    .scalar_subquery()
)
_CARD: Select[*tuple[Any, ...]] = (
    select(
        PracticeCard, col(Organisation.name), col(Organisation.municipality_nis), col(Region.key),
        col(Region.name), col(Account.name), _adopted,
    )
    .join(Organisation, col(Organisation.id) == PracticeCard.organisation_id)
    .join(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
    .join(Region, col(Region.key) == Municipality.region_key)
    .outerjoin(Account, col(Account.id) == PracticeCard.author_id)
)  # fmt: skip


def _read(session: Session, *where: ColumnElement[bool], most: int = SHOWN) -> list[Card]:
    order = (_adopted.desc(), col(PracticeCard.published_at).desc(), col(PracticeCard.id))
    rows = session.execute(_CARD.where(*where).order_by(*order).limit(most))
    return [
        Card(card, place, nis or "", key, region, author or "", count)
        for card, place, nis, key, region, author, count in rows
    ]


# ── finding ──


def cards(session: Session, viewer: Viewer, wanted: Filter) -> list[Card]:
    """What is published and fits; of a search the best first. At most five queries."""
    where = [col(PracticeCard.status) == CardStatus.PUBLISHED]
    if wanted.tension:
        where.append(col(PracticeCard.tension) == wanted.tension)
    if wanted.size:
        where.append(col(PracticeCard.size) == wanted.size)
    if wanted.region:
        where.append(col(Region.key) == wanted.region)
    if not wanted.search.strip():
        return _read(session, *where)
    seeker = search.Seeker(viewer.id, viewer.is_member)
    hits = search.find(session, wanted.search, seeker, limit=SHOWN)
    ids = [UUID(hit.address["card_id"]) for hit in hits if hit.kind == "practice"]
    if not ids:
        return []
    return sorted(_read(session, *where, col(PracticeCard.id).in_(ids)), key=lambda c: ids.index(c.card.id))


def regions(session: Session) -> list[tuple[str, str]]:
    """Those with a published card, by name. One query."""
    rows = session.execute(
        select(col(Region.key), col(Region.name))
        .join(Municipality, col(Municipality.region_key) == Region.key)
        .join(Organisation, col(Organisation.municipality_nis) == Municipality.nis_code)
        .join(PracticeCard, col(PracticeCard.organisation_id) == Organisation.id)
        .where(col(PracticeCard.status) == CardStatus.PUBLISHED)
        .distinct()
        .order_by(col(Region.name))
    )
    return [(row.key, row.name) for row in rows]


def own(session: Session, viewer: Viewer) -> list[Card]:
    """One's own, that are not published. One query."""
    return _read(
        session, col(PracticeCard.author_id) == viewer.id, col(PracticeCard.status) != CardStatus.PUBLISHED
    )


def to_review(session: Session, viewer: Viewer) -> list[Card]:
    """What waits for this mentor. One query."""
    if not policy.is_reviewer(viewer):
        return []
    waiting = _read(session, col(PracticeCard.status) == CardStatus.REVIEW)
    return [c for c in waiting if policy.can_review(viewer, c.card, c.nis_code, c.region_key)]


def find(session: Session, viewer: Viewer, card_id: UUID) -> Card:
    """Raises NotFound for what this person may not see. One query."""
    found = next(iter(_read(session, col(PracticeCard.id) == card_id)), None)
    if found is None or not policy.can_see(viewer, found.card, found.nis_code, found.region_key):
        raise NotFound(_("Deze praktijkkaart bestaat niet, of niet meer."))
    return found


def adopters(session: Session, card_id: UUID) -> list[str]:
    """The municipalities that took it over, by name. One query."""
    return list(
        session.scalars(
            select(col(Organisation.name))
            .join(Adoption, col(Adoption.organisation_id) == Organisation.id)
            .where(col(Adoption.card_id) == card_id)
            .order_by(col(Organisation.name))
        )
    )


def peers(session: Session, viewer: Viewer, card: Card) -> list[Peer]:
    """Municipalities with the same tension: those that wrote about it or took something over; near and alike first. One query."""
    took = aliased(Organisation)
    town = aliased(Municipality)
    by_adoption: Select[*tuple[Any, ...]] = (
        select(
            col(took.id), col(took.name), col(Region.key), col(Region.name).label("region"), col(PracticeCard.title),
            col(PracticeCard.id).label("card_id"), col(PracticeCard.size),
        )
        .select_from(Adoption)
        .join(PracticeCard, col(PracticeCard.id) == Adoption.card_id)
        .join(took, col(took.id) == Adoption.organisation_id)
    )  # fmt: skip
    by_card: Select[*tuple[Any, ...]] = (
        select(
            col(took.id), col(took.name), col(Region.key), col(Region.name).label("region"), col(PracticeCard.title),
            col(PracticeCard.id).label("card_id"), col(PracticeCard.size),
        )
        .select_from(PracticeCard)
        .join(took, col(took.id) == PracticeCard.organisation_id)
    )  # fmt: skip
    both = [
        each.join(town, col(town.nis_code) == col(took.municipality_nis))
        .join(Region, col(Region.key) == col(town.region_key))
        .where(
            col(PracticeCard.status) == CardStatus.PUBLISHED,
            col(PracticeCard.tension) == card.card.tension,
            col(took.id).not_in([card.card.organisation_id, viewer.organisation_id]),
        )
        for each in (by_card, by_adoption)
    ]
    best: dict[UUID, tuple[tuple[bool, bool, str], Peer]] = {}
    for row in session.execute(both[0].union_all(both[1])):
        near = row.key in (viewer.region_key, card.region_key)
        rank = (not near, row.size != card.card.size, row.name)
        if row.id not in best or rank < best[row.id][0]:
            best[row.id] = (rank, Peer(row.name, row.region, near, row.title, row.card_id))
    return [peer for _rank, peer in sorted(best.values(), key=lambda pair: pair[0])[:PEERS]]


# ── writing ──


def write(session: Session, viewer: Viewer, fields: dict[str, Any], form_id: str, now: datetime) -> UUID:
    """A new card, on its way to a mentor. The same form twice is one card. Raises Forbidden outside a municipality."""
    if viewer.organisation_id is None or viewer.municipality_nis is None:
        raise Forbidden(_("Een praktijkkaart komt van een gemeente. Vul in je profiel in waar je werkt."))
    submission = hashlib.sha256(f"{viewer.id} {form_id}".encode()).hexdigest()
    had = session.scalar(select(col(PracticeCard.id)).where(col(PracticeCard.submission) == submission))
    if had is not None:
        return had
    is_fictional = bool(
        session.scalar(
            select(col(Organisation.is_fictional)).where(col(Organisation.id) == viewer.organisation_id)
        )
    )
    card = PracticeCard(
        organisation_id=viewer.organisation_id, author_id=viewer.id, status=CardStatus.REVIEW, changed_at=now,
        submission=submission, is_fictional=is_fictional, **fields,
    )  # fmt: skip
    session.add(card)
    session.flush()
    return card.id  # fmt: skip


def change(session: Session, viewer: Viewer, card_id: UUID, fields: dict[str, Any], now: datetime) -> None:
    """By its author; it goes to a mentor (again), and is not public meanwhile. The same text twice changes nothing."""
    card = _locked(session, card_id)
    if not policy.can_edit(viewer, card):
        raise NotFound(_("Deze praktijkkaart bestaat niet, of niet meer."))
    if all(getattr(card, name) == value for name, value in fields.items()) and not card.note:
        return
    for name, value in fields.items():
        setattr(card, name, value)
    card.status, card.changed_at, card.note, card.revision = CardStatus.REVIEW, now, "", card.revision + 1
    search.forget(session, _source(card))


def review(
    session: Session, viewer: Viewer, card_id: UUID, revision: int, note: str | None, now: datetime
) -> PracticeCard:
    """Publish it (`note` None) or send it back with a note. Raises Conflict when it changed or was decided meanwhile."""
    card = _locked(session, card_id)
    found = find(session, viewer, card_id)
    if not policy.can_review(viewer, card, found.nis_code, found.region_key):
        raise NotFound(_("Deze praktijkkaart bestaat niet, of niet meer."))
    if card.status != CardStatus.REVIEW or card.revision != revision:
        raise Conflict(_("Deze kaart veranderde intussen. Lees ze nog eens na."))
    card.reviewed_by_id = viewer.id
    if note is None:
        card.status, card.published_at, card.note = CardStatus.PUBLISHED, now, ""
        search.replace(session, _source(card), [_entry(card, found.organisation)])
    else:
        card.status, card.note = CardStatus.DRAFT, note
    record(session, viewer.id, "exchange.reviewed", kind="practice_card", key=card.id, published=note is None)
    if card.author_id and (author := session.get(Account, card.author_id)):
        mail.send(
            session, author.email, "exchange_reviewed", language=author.language, name=author.name, by=viewer.name,
            card=card, is_public=note is None,
        )  # fmt: skip
    return card


def _locked(session: Session, card_id: UUID) -> PracticeCard:
    card = session.scalars(
        select(PracticeCard).where(col(PracticeCard.id) == card_id).with_for_update()
    ).one_or_none()
    if card is None:
        raise NotFound(_("Deze praktijkkaart bestaat niet, of niet meer."))
    return card


def _source(card: PracticeCard) -> str:
    return f"practice:{card.id}"


def _entry(card: PracticeCard, organisation: str) -> search.Entry:
    text = "\n".join(
        (card.context, card.action, card.cost, card.effect, card.pitfalls, card.tension, organisation)
    )
    return search.Entry(
        str(card.id), "practice", card.title, text, "exchange.card", {"card_id": str(card.id)}
    )


# ── taking over ──


def adopt(session: Session, viewer: Viewer, card_id: UUID, now: datetime) -> None:
    """One's municipality took it over: once, whoever says so. Raises NotFound and Forbidden."""
    card = find(session, viewer, card_id).card
    if not policy.can_adopt(viewer, card):
        raise Forbidden(_("Alleen een andere gemeente kan deze aanpak overnemen."))
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(Adoption)
        .values(card_id=card_id, organisation_id=viewer.organisation_id, account_id=viewer.id, at=now)
        .on_conflict_do_nothing()
    )


def drop(session: Session, viewer: Viewer, card_id: UUID) -> None:
    """Taken back, by anyone of that municipality."""
    find(session, viewer, card_id)
    session.execute(
        delete(Adoption).where(
            col(Adoption.card_id) == card_id, col(Adoption.organisation_id) == viewer.organisation_id
        )
    )


def has_adopted(session: Session, viewer: Viewer, card_id: UUID) -> bool:
    return (
        viewer.organisation_id is not None
        and session.get(Adoption, (card_id, viewer.organisation_id)) is not None
    )


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    rows = session.scalars(select(PracticeCard).where(col(PracticeCard.author_id) == person))
    return [row.model_dump(mode="json", exclude={"submission"}) for row in rows]


def erase(session: Session, person: UUID) -> None:
    """Drafts go; what a municipality published stays, without the person."""
    unpublished = col(PracticeCard.status) != CardStatus.PUBLISHED
    session.execute(delete(PracticeCard).where(col(PracticeCard.author_id) == person, unpublished))
    session.execute(
        update(PracticeCard)
        .where(col(PracticeCard.author_id) == person)
        .values(author_id=None, contact=_("via het Lerend netwerk"))
    )
    session.execute(
        update(PracticeCard).where(col(PracticeCard.reviewed_by_id) == person).values(reviewed_by_id=None)
    )
    session.execute(update(Adoption).where(col(Adoption.account_id) == person).values(account_id=None))
