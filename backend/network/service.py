"""Municipalities, regions, partners and editions: load them, look them up. Nothing fictional comes from here."""

import csv
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func

from backend.language import gettext as _
from backend.network.models import (
    DataRelease,
    Edition,
    EditionPartner,
    Municipality,
    Organisation,
    OrganisationKind,
    Region,
)

FILE = Path(__file__).parent / "data" / "gemeenten.csv"
FIRST_EDITION = "2022-2024"
SEPARATORS = re.compile(r"[\W_]+")
MENTOR_NIS = "46021"  # Sint-Niklaas
PARTNERS = {  # short name: (name, what it brings to the first edition)
    "AgII": (
        "Agentschap Integratie en Inburgering",
        "Ondersteunt lokale besturen bij de opmaak en de uitrol van een actieplan polarisatie.",
    ),
    "HAI": (
        "Hannah Arendt Instituut",
        "Leidt het programma PolarProf: een online leerpad als basis, en regionale dagen.",
    ),
    "VVSG": (
        "Vereniging van Vlaamse Steden en Gemeenten",
        "Bevraagt de lokale besturen om de twee jaar over wat zij zien.",
    ),
}
WIJ_ZIJ = (  # members of the Wij-Zij Netwerk that are no partner yet and no municipality; sources S29 and S30
    "Kazerne Dossin",
    "Vlaams Vredesinstituut",
    "UGent",
    "Democratische Dialoog",
    "Fonds Aurore Ruyffelaere",
    "Geïntegreerde Politie",
    "Katholiek Onderwijs Vlaanderen",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A municipality of today. `note` says why another name led here."""

    nis_code: str
    name: str
    region_key: str
    region_name: str
    organisation_id: UUID
    is_fictional: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class RegionRow:
    key: str
    name: str
    municipality_count: int  # of today, fictional ones left out


@dataclass(frozen=True, slots=True)
class Partner:
    name: str
    short_name: str
    contribution: str


@dataclass(frozen=True, slots=True)
class EditionView:
    key: str
    name: str
    mentor: str
    partners: list[Partner]


# ── loading ──


def load_municipalities(session: Session, now: datetime) -> bool:
    """Bring regions, municipalities and their organisations to the state of the file. False when it was loaded already."""
    sha256 = hashlib.sha256(FILE.read_bytes()).hexdigest()
    release = session.get(DataRelease, "municipalities")
    if release is not None and release.sha256 == sha256:
        return False
    rows = _rows()
    known_regions = set(session.scalars(select(col(Region.key))))
    if new_regions := [
        {"key": key, "name": name}
        for key, name in {r["region_key"]: r["region_name"] for r in rows}.items()
        if key not in known_regions
    ]:
        session.execute(insert(Region), new_regions)
    known = set(session.scalars(select(col(Municipality.nis_code))))
    columns = [{k: v for k, v in row.items() if k != "region_name"} for row in rows]
    if new := [c for c in columns if c["nis_code"] not in known]:
        session.execute(insert(Municipality), new)
    if changed := [c for c in columns if c["nis_code"] in known]:
        session.execute(update(Municipality), changed)
    at_work = set(session.scalars(select(col(Organisation.municipality_nis))))
    if organisations := [
        {
            "id": uuid4(),
            "kind": OrganisationKind.MUNICIPALITY,
            "name": c["name"],
            "short_name": "",
            "municipality_nis": c["nis_code"],
            "is_fictional": False,
        }
        for c in columns
        if c["in_2025"] and c["nis_code"] not in at_work
    ]:
        session.execute(insert(Organisation), organisations)
    session.merge(DataRelease(name="municipalities", sha256=sha256, loaded_at=now))
    session.flush()
    return True


def load_network(session: Session, now: datetime) -> bool:
    """The partners and the first edition, as they were. False when they are there already."""
    load_municipalities(session, now)
    if session.scalar(select(col(Edition.id)).where(col(Edition.key) == FIRST_EDITION)) is not None:
        return False
    mentor = session.scalars(
        select(Organisation).where(col(Organisation.municipality_nis) == MENTOR_NIS)
    ).one()
    edition = Edition(
        key=FIRST_EDITION,
        name="Lerend netwerk polarisatie 2022–2024",
        starts_on=date(2022, 1, 1),
        ends_on=date(2024, 12, 31),
        mentor_organisation_id=mentor.id,
    )
    partners = {
        short: Organisation(kind=OrganisationKind.PARTNER, name=name, short_name=short)
        for short, (name, _contribution) in PARTNERS.items()
    }
    others = [Organisation(kind=OrganisationKind.PARTNER, name=name) for name in WIJ_ZIJ]
    session.add_all([edition, *partners.values(), *others])
    session.flush()
    session.add_all(
        EditionPartner(edition_id=edition.id, organisation_id=partners[short].id, contribution=contribution)
        for short, (_name, contribution) in PARTNERS.items()
    )
    session.flush()
    return True


@cache
def _rows() -> list[dict[str, Any]]:
    """The file as columns of Municipality, plus the region's name. Those that others merged into come first."""
    with FILE.open(newline="", encoding="utf-8") as source:
        rows = [
            {
                "nis_code": row["nis_code"],
                "name": row["name_nl"],
                "province": row["province"],
                "region_key": slug(row["reference_region"]),
                "region_name": row["reference_region"],
                "latitude": float(row["lat"]),
                "longitude": float(row["lon"]),
                "in_2024": row["in_2024"] == "1",
                "in_2025": row["in_2025"] == "1",
                "merged_into_nis": row["merged_into_nis"] or None,
                "language_facilities": row["language_facilities"] == "1",
                "is_fictional": False,
            }
            for row in csv.DictReader(source)
        ]
    return sorted(rows, key=lambda row: (row["merged_into_nis"] is not None, row["nis_code"]))


def points() -> list[tuple[str, float, float]]:
    """Region key, latitude and longitude of every municipality of today, straight from the file: for drawing."""
    return [(r["region_key"], r["latitude"], r["longitude"]) for r in _rows() if r["in_2025"]]


# ── looking up ──


def slug(name: str) -> str:
    """Zuid-West-Vlaanderen → zuid-west-vlaanderen"""
    return fold(name).replace(" ", "-")


def fold(text: str) -> str:
    """Lower case without accents; hyphens, apostrophes and runs of spaces count as one space."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return SEPARATORS.sub(" ", plain).strip()


def find_municipalities(session: Session, text: str, limit: int = 8) -> list[Found]:
    """Municipalities of today that match what somebody is typing: a name, an old name or a NIS code. Best first."""
    wanted = fold(text)
    if not wanted:
        return []
    best: dict[str, tuple[tuple[int, bool, str], Found]] = {}
    for row in session.execute(_NAMES):
        rank = _rank(wanted, row.typed_name, row.typed_nis)
        if rank is None:
            continue
        other_name = row.typed_name != row.name
        order = (rank, other_name, fold(row.name))
        if row.nis_code not in best or order < best[row.nis_code][0]:
            best[row.nis_code] = (order, _found(row, old_name=row.typed_name if other_name else ""))
    return [found for _order, found in sorted(best.values(), key=lambda pair: pair[0])[:limit]]


def municipality_of(session: Session, text: str) -> Found | None:
    """The municipality that somebody named in full, by (old) name or NIS code; None when there is not exactly one."""
    wanted = fold(text)
    matches = {
        r.nis_code: r for r in session.execute(_NAMES) if wanted in (fold(r.typed_name), fold(r.typed_nis))
    }
    if len(matches) != 1:
        return None
    row = next(iter(matches.values()))
    return _found(row, old_name=row.typed_name if row.typed_name != row.name else "")


def regions(session: Session) -> list[RegionRow]:
    """The reference regions by name."""
    rows = session.execute(
        select(col(Region.key), col(Region.name), func.count(col(Municipality.nis_code)))
        .outerjoin(
            Municipality,
            (col(Municipality.region_key) == Region.key)
            & col(Municipality.in_2025).is_(True)
            & col(Municipality.is_fictional).is_(False),
        )
        .group_by(col(Region.key), col(Region.name))
    )
    return sorted((RegionRow(*row) for row in rows), key=lambda region: fold(region.name))


_Typed = aliased(Municipality)
# Every name of both states, with the municipality of today it leads to: a few hundred rows.
_NAMES: Select[*tuple[Any, ...]] = (
    select(
        col(_Typed.nis_code).label("typed_nis"),
        col(_Typed.name).label("typed_name"),
        col(Municipality.nis_code),
        col(Municipality.name),
        col(Municipality.region_key),
        col(Region.name).label("region_name"),
        col(Organisation.id).label("organisation_id"),
        col(Municipality.is_fictional),
    )
    .join(Municipality, col(Municipality.nis_code) == func.coalesce(_Typed.merged_into_nis, _Typed.nis_code))
    .join(Region, col(Region.key) == Municipality.region_key)
    .join(Organisation, col(Organisation.municipality_nis) == Municipality.nis_code)
    .where(col(Municipality.in_2025).is_(True))
)


def _rank(wanted: str, name: str, nis_code: str) -> int | None:
    """0 the very name or code, 1 starts with it, 2 a word in it does, 3 contains it, None does not match."""
    folded = fold(name)
    if wanted in (folded, fold(nis_code)):
        return 0
    if folded.startswith(wanted):
        return 1
    if f" {wanted}" in folded:
        return 2
    return 3 if wanted in folded else None


def _found(row: Any, old_name: str = "") -> Found:
    note = ""
    if old_name:
        note = _("%(old)s is sinds 1 januari 2025 deel van %(new)s.") % {"old": old_name, "new": row.name}
    return Found(
        row.nis_code, row.name, row.region_key, row.region_name, row.organisation_id, row.is_fictional, note
    )


# ── the programme ──


def editions(session: Session) -> list[EditionView]:
    """Real editions, the newest first, with who leads them and who helps. One query."""
    mentor, partner = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(
            col(Edition.key),
            col(Edition.name),
            col(mentor.name).label("mentor"),
            col(partner.name).label("partner"),
            col(partner.short_name),
            col(EditionPartner.contribution),
        )
        .join(mentor, col(mentor.id) == Edition.mentor_organisation_id)
        .outerjoin(EditionPartner, col(EditionPartner.edition_id) == Edition.id)
        .outerjoin(partner, col(partner.id) == EditionPartner.organisation_id)
        .where(col(Edition.is_fictional).is_(False))
        .order_by(col(Edition.starts_on).desc(), col(partner.name))
    )
    found: dict[str, EditionView] = {}
    for row in rows:
        edition = found.setdefault(row.key, EditionView(row.key, row.name, row.mentor, []))
        if row.partner is not None:
            edition.partners.append(Partner(row.partner, row.short_name, row.contribution))
    return list(found.values())
