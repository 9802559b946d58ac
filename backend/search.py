"""Search: entries that parts write when something is published or kept, found by Dutch word stems.

The stems are made here, in Python, so that both databases find the same: SQLite keeps them in FTS5, PostgreSQL in a tsvector
of its `simple` configuration. A title is also found when it is spelled a little wrong.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import snowballstemmer
from sqlalchemy import (
    JSON,
    Connection,
    Table,
    Text,
    and_,
    column,
    delete,
    event,
    false,
    insert,
    or_,
    select,
    table,
)
from sqlalchemy import text as sql
from sqlmodel import Field, Index, Session, SQLModel, col

from backend.db import text_enum

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LONGEST_QUERY, MOST_WORDS, LONGEST_WORD = 200, 12, 40
ALIKE = 78  # of 100: how much a title must look like what was typed
FEW = 3  # with fewer found, titles that look alike are shown too
SNIPPET = 170  # characters
# Too common to say anything; left out of a question unless it has nothing else.
_COMMON = (
    "de het een en of van in op te met voor aan is zijn dat die dit deze er ook als bij naar om uit je jij ik we wij ze zij "
    "hij haar hun ons niet wel maar dan nog door over tot wat wie hoe waar"
)
COMMON = frozenset(_COMMON.split())


class Audience(StrEnum):
    EVERYONE = "everyone"
    MEMBERS = "members"
    OWNER = "owner"


class SearchEntry(SQLModel, table=True):
    """One thing that can be found; `route`, `address` and `anchor` say where.

    `source` groups what is written together ("course:polarisatie").
    """

    __tablename__ = "search_entry"
    __table_args__ = (Index("ix_search_entry_source", "source", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=120)
    key: str = Field(max_length=200)
    kind: str = Field(max_length=20)  # lesson, term, note …
    audience: Audience = Field(sa_type=text_enum(Audience))
    owner_id: UUID | None = Field(default=None, index=True)  # no foreign key: accounts are above
    title: str = Field(max_length=300)
    route: str = Field(max_length=80)
    address: dict[str, str] = Field(sa_type=JSON)  # the values of the route
    anchor: str = Field(default="", max_length=80)
    text: str = Field(sa_type=Text)
    title_stems: str = Field(sa_type=Text)
    stems: str = Field(sa_type=Text)


# What the two databases need beside the table. A migration makes the same.
SQLITE = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(title_stems, stems, content='search_entry', content_rowid='id')",
    "CREATE TRIGGER search_entry_ai AFTER INSERT ON search_entry BEGIN INSERT INTO search_fts(rowid, title_stems, stems) "
    "VALUES (new.id, new.title_stems, new.stems); END",
    "CREATE TRIGGER search_entry_ad AFTER DELETE ON search_entry BEGIN INSERT INTO search_fts(search_fts, rowid, title_stems, "
    "stems) VALUES ('delete', old.id, old.title_stems, old.stems); END",
)
VECTOR = (
    "(setweight(to_tsvector('simple', title_stems), 'A') || setweight(to_tsvector('simple', stems), 'B'))"
)
POSTGRESQL = (f"CREATE INDEX search_fts ON search_entry USING gin ({VECTOR})",)


def create_index(connection: Connection) -> None:
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop_index(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":  # PostgreSQL drops it with its table
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_fts")


_FTS = table("search_fts", column("rowid"))
_table: Table = SearchEntry.__table__  # type: ignore[attr-defined]
event.listen(_table, "after_create", lambda _target, connection, **_: create_index(connection))
event.listen(_table, "before_drop", lambda _target, connection, **_: drop_index(connection))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a part offers to be found."""

    key: str
    kind: str
    title: str
    text: str
    route: str
    address: Mapping[str, str]
    anchor: str = ""
    audience: Audience = Audience.MEMBERS


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    title: str
    route: str
    address: Mapping[str, str]
    anchor: str
    snippet: tuple[tuple[str, bool], ...]  # pieces of text, and whether it is what was looked for


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks: None for a visitor."""

    id: UUID | None
    is_member: bool


def replace(session: Session, source: str, entries: Iterable[Entry], owner_id: UUID | None = None) -> None:
    """Everything of this source (and owner), anew."""
    forget(session, source, owner_id)
    rows = [_row(source, entry, owner_id) for entry in entries]
    if rows:
        session.execute(insert(SearchEntry), rows)


def put(session: Session, source: str, entry: Entry, owner_id: UUID) -> None:
    """One entry of somebody's own."""
    session.execute(
        delete(SearchEntry).where(
            col(SearchEntry.source) == source,
            col(SearchEntry.key) == entry.key,
            col(SearchEntry.owner_id) == owner_id,
        )
    )
    if entry.text.strip():
        session.execute(insert(SearchEntry), [_row(source, entry, owner_id)])


def has(session: Session, source: str) -> bool:
    return (
        session.scalar(select(col(SearchEntry.id)).where(col(SearchEntry.source) == source).limit(1))
        is not None
    )


def forget(session: Session, source: str, owner_id: UUID | None = None) -> None:
    mine = col(SearchEntry.owner_id) == owner_id if owner_id else col(SearchEntry.owner_id).is_(None)
    session.execute(delete(SearchEntry).where(col(SearchEntry.source) == source, mine))


def forget_person(session: Session, owner_id: UUID) -> None:
    session.execute(delete(SearchEntry).where(col(SearchEntry.owner_id) == owner_id))


def _row(source: str, entry: Entry, owner_id: UUID | None) -> dict[str, Any]:
    return {
        "source": source,
        "key": entry.key,
        "kind": entry.kind,
        "audience": Audience.OWNER if owner_id else entry.audience,
        "owner_id": owner_id,
        "title": entry.title[:300],
        "route": entry.route,
        "address": dict(entry.address),
        "anchor": entry.anchor,
        "text": entry.text,
        "title_stems": " ".join(stems(entry.title)),
        "stems": " ".join(stems(entry.text)),
    }


def find(session: Session, query: str, seeker: Seeker, limit: int = 20) -> list[Found]:
    """What fits best first; without anything that has every word, what has some; with few results also titles that look alike.

    At most four queries.
    """
    wanted = _wanted(query)
    if not wanted:
        return []
    rows = list(session.execute(_matching(session, wanted, seeker, limit)))
    if not rows and len(wanted) > 1:
        rows = list(session.execute(_matching(session, wanted, seeker, limit, is_any=True)))
    if len(rows) < FEW:
        rows += _alike(session, query, seeker, {row.id for row in rows}, limit - len(rows))
    return [
        Found(row.kind, row.title, row.route, row.address, row.anchor, snippet(row.text, wanted))
        for row in rows
    ]


def _wanted(query: str) -> list[str]:
    """The stems of a question, without what is too common; a long one is cut."""
    words = WORD.findall(fold(query[:LONGEST_QUERY]))[:MOST_WORDS]
    telling = [word for word in words if word not in COMMON] or words
    return list(dict.fromkeys(stem(word[:LONGEST_WORD]) for word in telling))


SHOWN = ("id", "kind", "title", "route", "address", "anchor", "text")
_COLUMNS = [col(getattr(SearchEntry, name)) for name in SHOWN]


def _matching(
    session: Session, wanted: Sequence[str], seeker: Seeker, limit: int, *, is_any: bool = False
) -> Any:
    """Every word must be there (or any), the last one perhaps unfinished. Stems are letters and digits: no quoting."""
    visible = _visible(seeker)
    if session.get_bind().dialect.name == "sqlite":
        match = (" OR " if is_any else " ").join([*(f'"{word}"' for word in wanted[:-1]), f'"{wanted[-1]}"*'])
        statement = (
            select(*_COLUMNS)
            .join(_FTS, _FTS.c.rowid == col(SearchEntry.id))
            .where(sql("search_fts MATCH :match").bindparams(match=match), visible)
            .order_by(sql("bm25(search_fts, 6.0, 1.0)"))
        )
    else:
        match = (" | " if is_any else " & ").join([*wanted[:-1], f"{wanted[-1]}:*"])
        question = "to_tsquery('simple', :match)"
        statement = (
            select(*_COLUMNS)
            .where(sql(f"{VECTOR} @@ {question}").bindparams(match=match), visible)
            .order_by(sql(f"ts_rank_cd({VECTOR}, {question}) DESC").bindparams(match=match))
        )
    return statement.limit(limit)


def _visible(seeker: Seeker) -> Any:
    allowed = [Audience.EVERYONE, *([Audience.MEMBERS] if seeker.is_member else [])]
    return or_(
        and_(col(SearchEntry.owner_id).is_(None), col(SearchEntry.audience).in_(allowed)),
        col(SearchEntry.owner_id) == seeker.id if seeker.id else false(),
    )


def _alike(session: Session, query: str, seeker: Seeker, found: set[int], limit: int) -> list[Any]:
    """Published titles that look like what was typed."""
    from rapidfuzz import fuzz, process  # here: it takes memory that most processes never need

    published = select(col(SearchEntry.id), col(SearchEntry.title)).where(
        col(SearchEntry.owner_id).is_(None), _visible(seeker)
    )
    titles = {row.id: fold(row.title) for row in session.execute(published) if row.id not in found}
    best = [
        key
        for _title, _score, key in process.extract(
            fold(query[:LONGEST_QUERY]), titles, scorer=fuzz.WRatio, score_cutoff=ALIKE, limit=limit
        )
    ]
    if not best:
        return []
    rows = session.execute(select(*_COLUMNS).where(col(SearchEntry.id).in_(best)))
    return sorted(rows, key=lambda row: best.index(row.id))


# ── words ──


def fold(text: str) -> str:
    """Lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("’", "'")


def stems(text: str) -> list[str]:
    return [stem(word[:LONGEST_WORD]) for word in WORD.findall(fold(text))]


_stemmer = snowballstemmer.stemmer("dutch_porter")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Letters and digits only."""
    return str(_stemmer.stemWord(word)).replace("'", "")


def snippet(text: str, wanted: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """The piece of the text around the first word that was looked for, with those words marked."""
    flat = " ".join(text.split())
    first = next((m.start() for m in WORD.finditer(flat) if _is_wanted(m[0], wanted)), 0)
    start = flat.rfind(" ", 0, max(0, first - SNIPPET // 3)) + 1
    end = len(flat) if start + SNIPPET >= len(flat) else flat.rfind(" ", 0, start + SNIPPET)
    end = end if end > start else start + SNIPPET
    hits = [m.span() for m in WORD.finditer(flat, start, end) if _is_wanted(m[0], wanted)]
    pieces: list[tuple[str, bool]] = [("… ", False)] if start else []
    at = start
    for left, right in hits:
        if left < at or right > end:
            continue
        pieces += [(flat[at:left], False), (flat[left:right], True)]
        at = right
    pieces.append((flat[at:end] + (" …" if end < len(flat) else ""), False))
    return tuple(piece for piece in pieces if piece[0])


def _is_wanted(word: str, wanted: Sequence[str]) -> bool:
    own = stem(fold(word)[:LONGEST_WORD])
    return own in wanted or own.startswith(wanted[-1] if wanted else "\0")
