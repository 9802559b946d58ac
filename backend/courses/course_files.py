"""The files of published modules, kept once by their content: what lessons show or offer, and the sources of versions."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, select, text, union_all, update
from sqlmodel import Session, col

from backend.courses.block_types import MediaFile
from backend.courses.files import Files
from backend.courses.models import CourseFile, CourseVersion, FilePiece
from backend.errors import NotFound, OperatorError
from backend.language import gettext as _

PIECE = 262_144  # bytes
# Two modules that are published at once may share a file: who is second finds it there.
_KEEP = text(
    "INSERT INTO course_file (sha256, media_type, size) VALUES (:sha256, :media_type, :size) "
    "ON CONFLICT (sha256) DO NOTHING RETURNING sha256"
)


class Kept(NamedTuple):
    media_type: str
    size: int  # bytes


def keep(session: Session, files: Files, media: Iterable[MediaFile]) -> dict[str, str]:
    """Store what is not there yet. Returns path → sha256. `media`: those of them that pages may show."""
    types = {file.sha256: file.media_type for file in media}
    manifest = {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)}
    if files and not types.keys() <= set(manifest.values()):
        raise OperatorError("bestanden van een module veranderden tijdens het inladen. Laad opnieuw.")
    known = select(col(CourseFile.sha256), col(CourseFile.media_type))
    rows = session.execute(
        known.where(col(CourseFile.sha256).in_(set(manifest.values())))
        .order_by(col(CourseFile.sha256))
        .with_for_update(read=True, key_share=True)  # nobody throws them away meanwhile
    )
    there = {row.sha256: row.media_type for row in rows}
    for path, sha256 in manifest.items():
        if sha256 not in there:
            there[sha256] = types.get(sha256, "")
            _store(session, sha256, there[sha256], files[path])
    for sha256, media_type in types.items():
        if there.get(sha256, media_type) != media_type:
            mine = update(CourseFile).where(col(CourseFile.sha256) == sha256)
            session.execute(mine.values(media_type=media_type))
    return manifest


def _store(session: Session, sha256: str, media_type: str, content: bytes) -> None:
    row = {"sha256": sha256, "media_type": media_type, "size": len(content)}
    if session.execute(_KEEP, row).first() is None:
        return  # another process was first
    for number, start in enumerate(range(0, len(content), PIECE)):
        session.add(FilePiece(sha256=sha256, number=number, content=content[start : start + PIECE]))
    session.flush()


def find(session: Session, sha256: str) -> Kept:
    """A file that pages may show. Raises NotFound."""
    row = session.execute(
        select(col(CourseFile.media_type), col(CourseFile.size)).where(
            col(CourseFile.sha256) == sha256, col(CourseFile.media_type) != ""
        )
    ).first()
    if row is None:
        raise NotFound(_("Dit bestand bestaat niet, of niet meer."))
    return Kept(row.media_type, row.size)


def read(session: Session, sha256: str, start: int, end: int) -> bytes:
    """The bytes from `start` up to `end`; no more than these pieces come into memory."""
    first, last = start // PIECE, (end - 1) // PIECE
    pieces = (
        select(col(FilePiece.content))
        .where(col(FilePiece.sha256) == sha256, col(FilePiece.number).between(first, last))
        .order_by(col(FilePiece.number))
    )
    found = b"".join(session.execute(pieces).scalars())
    return found[start - first * PIECE : end - first * PIECE]


def read_all(session: Session, manifest: Mapping[str, str]) -> dict[str, bytes]:
    """The files of a package, by path."""
    wanted = set(manifest.values())
    rows = session.execute(
        select(col(FilePiece.sha256), col(FilePiece.content))
        .where(col(FilePiece.sha256).in_(wanted))
        .order_by(col(FilePiece.sha256), col(FilePiece.number))
    )
    pieces: dict[str, list[bytes]] = {sha256: [] for sha256 in wanted}
    for row in rows:
        pieces[row.sha256].append(row.content)
    return {path: b"".join(pieces[sha256]) for path, sha256 in manifest.items()}


def forget_unused(session: Session, manifest: Mapping[str, str], others: Select[Any]) -> None:
    """Throw away the files of a manifest that no version has. `others`: a query for more manifests that keep theirs."""
    candidates = set(manifest.values())
    mine = select(col(CourseFile.sha256)).where(col(CourseFile.sha256).in_(candidates))
    # First lock, then look: whoever published with one of these files meanwhile is seen, whoever comes later waits.
    session.execute(mine.order_by(col(CourseFile.sha256)).with_for_update()).all()
    used: set[str] = set()
    for kept in session.scalars(union_all(select(col(CourseVersion.manifest)), others)):
        used |= set(json.loads(kept).values())
    unused = candidates - used
    session.execute(delete(FilePiece).where(col(FilePiece.sha256).in_(unused)))
    session.execute(delete(CourseFile).where(col(CourseFile.sha256).in_(unused)))
