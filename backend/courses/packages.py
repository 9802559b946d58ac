"""A module as one zip: written so that the same module gives the same bytes, and read as if a stranger made it."""

import json
import re
import stat
import struct
import zlib
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.courses import course_files, service
from backend.courses.files import (
    COURSE,
    LARGEST_FILE,
    LARGEST_PACKAGE,
    MOST_FILES,
    SOURCES,
    TERMS,
    is_path,
    sources_of,
)
from backend.courses.media import is_archive
from backend.courses.models import CourseVersion
from backend.courses.problems import Problem
from backend.errors import AppError, NotFound, TooLarge
from backend.language import gettext as _

DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
MOST_SAID = 50  # problems in one message
MOST_PACKED = 200  # a file that unpacks to more than so many times its size is a bomb
HIDDEN = re.compile(r"(?:^|/)\.[A-Za-z0-9_]")
ENCRYPTED = 0x1 | 0x40 | 0x2000


class WrongPackage(AppError):
    """This zip is no package of a module. `problems`: what is wrong in its files."""

    status = 422

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        self.problems = problems or []
        super().__init__("\n".join([message, *map(str, self.problems[:MOST_SAID])]))


# ── out ──


def export_zip(session: Session, version_id: int) -> bytes:
    """The package that a version was made of. The same version always gives the same bytes. Raises NotFound."""
    manifest = session.execute(
        select(col(CourseVersion.manifest)).where(col(CourseVersion.id) == version_id)
    ).scalar()
    if manifest is None:
        raise NotFound(_("Deze versie van de module bestaat niet."))
    files = course_files.read_all(session, json.loads(manifest))
    if not files:
        raise NotFound(_("Van deze versie zijn de bestanden niet bewaard. Publiceer de module opnieuw."))
    return write_zip(files)


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Sorted, uncompressed and without dates, so that it depends on nothing but the files."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for path in sorted(files):
            entry = ZipInfo(path, DATE)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[path])
    return out.getvalue()


# ── in ──


def import_zip(session: Session, data: bytes, now: datetime) -> tuple[str, int | None]:
    """Publish the module in a package. Returns its key and the number of the version, None when nothing changed.

    Raises WrongPackage or TooLarge, with all that is wrong; then nothing is published.
    """
    files = read_zip(data)
    documents, problems = service.check(files, [document for _id, document in service.published(session)])
    errors = [problem for problem in problems if not problem.is_warning]
    if errors:
        raise WrongPackage(_("De module in dit pakket heeft fouten. Er is niets ingeladen."), errors)
    (document,) = documents
    return document.key, service.publish(session, document, now, sources_of(files, document.key))


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of a package by path. Believes nothing that the zip says of itself. Raises WrongPackage or TooLarge."""
    if len(data) > LARGEST_PACKAGE:
        raise _too_large()
    try:
        archive = ZipFile(BytesIO(data))
    except (
        BadZipFile,
        ValueError,
        NotImplementedError,
        OSError,
        OverflowError,
        struct.error,
        EOFError,
    ) as error:
        raise WrongPackage(_("Dit is geen zip, of hij is beschadigd. Maak het pakket opnieuw.")) from error
    entries = [entry for entry in archive.infolist() if not _is_left_out(entry)]
    if len(entries) > MOST_FILES:
        raise TooLarge(_("Er zitten te veel bestanden in dit pakket: hoogstens %(n)s.") % {"n": MOST_FILES})
    _check_entries(entries)
    _check_places(data, entries, archive.start_dir)
    files = {entry.filename: _content(data, entry) for entry in entries}
    _check_layout(files)
    return files


def _too_large() -> TooLarge:
    return TooLarge(
        _("Dit pakket is te groot: hoogstens %(n)s MB. Maak filmpjes en beelden kleiner.")
        % {"n": LARGEST_PACKAGE // 1_000_000}
    )


def _is_left_out(entry: ZipInfo) -> bool:
    """Folders, and what computers add by themselves."""
    return entry.is_dir() or entry.filename.startswith("__MACOSX/") or bool(HIDDEN.search(entry.filename))


def _check_entries(entries: list[ZipInfo]) -> None:
    """What can be judged by the list at the end of the zip."""
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        if name != entry.filename or not is_path(name):
            raise _wrong(_("Deze naam kan niet in een pakket: %(name)s"), name)
        if name.lower() in seen:
            raise _wrong(_("Dit bestand zit er twee keer in: %(name)s"), name)
        seen.add(name.lower())
        _check_entry(entry)
    if sum(entry.file_size for entry in entries) > LARGEST_PACKAGE:
        raise _too_large()


def _check_entry(entry: ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & ENCRYPTED:
        raise _wrong(_("Dit bestand is versleuteld: %(name)s"), name)
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise _wrong(_("Dit is een verwijzing en geen bestand: %(name)s"), name)
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _wrong(_("Dit bestand is ingepakt op een manier die we niet lezen: %(name)s"), name)
    if entry.file_size > LARGEST_FILE:
        raise TooLarge(_("Dit bestand is te groot: %(name)s") % {"name": name})
    if entry.file_size > MOST_PACKED * max(entry.compress_size, 5000):
        raise _wrong(_("Dit bestand pakt uit tot iets veel groters: %(name)s"), name)


def _wrong(message: str, name: str) -> WrongPackage:
    shown = re.sub(r"[^\x20-\x7e]", "?", name)[:100]
    return WrongPackage(message % {"name": shown})


def _start(data: bytes, entry: ZipInfo) -> int:
    """Where the content begins, behind the header that stands before it; that must be about the same file."""
    header = data[entry.header_offset : entry.header_offset + LOCAL_HEADER.size]
    if entry.header_offset < 0 or len(header) < LOCAL_HEADER.size:
        raise _damaged(entry)
    signature, *_rest, name_length, extra_length = LOCAL_HEADER.unpack(header)
    begin = entry.header_offset + LOCAL_HEADER.size
    if signature != b"PK\x03\x04" or data[begin : begin + name_length] != entry.filename.encode():
        raise _damaged(entry)
    return begin + int(name_length) + int(extra_length)


def _damaged(entry: ZipInfo) -> WrongPackage:
    return _wrong(_("Dit bestand is beschadigd: %(name)s"), entry.filename)


def _check_places(data: bytes, entries: list[ZipInfo], directory: int) -> None:
    """No two files share bytes."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    starts = [*(entry.header_offset for entry in ordered), directory]
    for entry, following in zip(ordered, starts[1:], strict=True):
        if _start(data, entry) + entry.compress_size > following:
            raise _wrong(_("Bestanden liggen over elkaar in deze zip: %(name)s"), entry.filename)


def _content(data: bytes, entry: ZipInfo) -> bytes:
    """Unpacked to what the zip says and not a byte further."""
    start = _start(data, entry)
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == ZIP_STORED:
        content = packed
    else:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = unpacker.decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            raise _damaged(entry) from error
        if not unpacker.eof and len(content) <= entry.file_size:
            raise _damaged(entry)
    if len(content) > entry.file_size:
        raise _wrong(_("Dit bestand is groter dan de zip zegt: %(name)s"), entry.filename)
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise _damaged(entry)
    if is_archive(entry.filename, content):
        raise _wrong(_("Er zit een ander pakket in dit pakket: %(name)s"), entry.filename)
    return content


def _check_layout(files: Mapping[str, bytes]) -> None:
    """The words, the sources, and the folder of one module."""
    folders = {path.partition("/")[0] for path in files if "/" in path}
    loose = {path for path in files if "/" not in path}
    has_course = len(folders) == 1 and f"{min(folders)}/{COURSE}" in files
    if not has_course or loose != {TERMS, SOURCES}:
        raise WrongPackage(
            _(
                "In een pakket zitten begrippen.yaml, bronnen.yaml en de map van één module, met daarin course.yaml."
            )
        )
