"""The fifteen reference regions as tiles, more or less where they lie, or the municipalities of one; and what there is to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, sqrt

from sqlalchemy import select
from sqlmodel import Session, col

from backend.events.models import ActionDay
from backend.network.models import Municipality

# In rows from the north-west; the column is that of a grid of six. The short name breaks at the soft hyphen.
PLACES = (
    ("regio-oostende", 1, "Oostende", "OOS"),
    ("regio-brugge", 2, "Brugge", "BRU"),
    ("waasland", 4, "Waasland", "WAA"),
    ("regio-antwerpen", 5, "Antwerpen", "ANT"),
    ("kempen", 6, "Kempen", "KEM"),
    ("westhoek", 1, "Westhoek", "WES"),
    ("midwest", 2, "Midwest", "MID"),
    ("regio-gent", 3, "Gent", "GEN"),
    ("denderregio", 4, "Dender\u00adregio", "DEN"),
    ("rivierenland", 5, "Rivieren\u00adland", "RIV"),
    ("limburg", 6, "Limburg", "LIM"),
    ("zuid-west-vlaanderen", 2, "Zuid-West-Vl.", "ZWV"),
    ("vlaamse-ardennen", 3, "Vlaamse Ardennen", "VLA"),
    ("halle-vilvoorde", 4, "Halle-Vilvoorde", "HAL"),
    ("oost-brabant", 5, "Oost-Brabant", "OOB"),
)

MOST_ACROSS = 6  # tiles in a row, as the grid has columns


@dataclass(frozen=True)
class Tile:
    """`state`: open (places free), full (a waiting list), closed (one cannot register any more) or none (no day)."""

    key: str
    column: int
    short_name: str
    code: str
    name: str
    count: int
    state: str


def tiles(names: Mapping[str, str], days: Sequence[ActionDay], now: datetime) -> list[Tile]:
    """`names`: region key → full name. Days for all regions stand on no tile."""
    here: dict[str, list[ActionDay]] = {}
    for day in days:
        for key in day.region_keys if day.goes_on else ():
            here.setdefault(key, []).append(day)
    return [
        Tile(key, column, short, code, names[key], len(here.get(key, [])), _state(here.get(key, []), now))
        for key, column, short, code in PLACES
        if key in names
    ]


def municipality_tiles(
    session: Session, region: str, days: Sequence[ActionDay], now: datetime
) -> list[list[Tile]]:
    """The municipalities of a region in rows from north to south, each from west to east. One query."""
    places = session.execute(
        select(col(Municipality.nis_code), col(Municipality.name), col(Municipality.longitude))
        .where(col(Municipality.region_key) == region, col(Municipality.in_2025))
        .order_by(col(Municipality.latitude).desc(), col(Municipality.nis_code))
    ).all()
    here: dict[str | None, list[ActionDay]] = {}
    for day in days:
        if day.goes_on:
            here.setdefault(day.host_nis, []).append(day)
    width = min(MOST_ACROSS, ceil(sqrt(len(places) * 1.2)) or 1)
    rows = [
        sorted(places[start : start + width], key=lambda place: place.longitude)
        for start in range(0, len(places), width)
    ]
    return [
        [
            Tile(place.nis_code, column, place.name.replace("-", "-\u200b"), place.name[:3].upper(), place.name,
                 len(here.get(place.nis_code, [])), _state(here.get(place.nis_code, []), now))
            for column, place in enumerate(row, 1)
        ]
        for row in rows
    ]  # fmt: skip


def _state(days: Sequence[ActionDay], now: datetime) -> str:
    if not days:
        return "none"
    open_days = [day for day in days if day.is_open(now)]
    if not open_days:
        return "closed"
    return "full" if all(day.is_full for day in open_days) else "open"
