"""Kinds of files that people may download, and proof by their content that they are what their name says."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

from backend.fields import CONTROL

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Kind:
    """A kind of file: its type on the web, its limit in bytes, and whether some bytes are one."""

    media_type: str
    largest: int
    is_one: Callable[[bytes], bool]


def starts(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(beginnings)


def is_text(content: bytes) -> bool:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return not CONTROL.search(text)


def _office(member: str) -> Callable[[bytes], bool]:
    """A document that is a zip inside: it holds this member and no macros. Nothing of it is unpacked."""

    def is_one(content: bytes) -> bool:
        try:
            names = ZipFile(BytesIO(content)).namelist()
        except (BadZipFile, ValueError, NotImplementedError, OSError):
            return False
        return member in names and not any("vbaproject" in name.lower() for name in names)

    return is_one


def _open_document(kind: str) -> Kind:
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    return Kind(media_type, 10 * MEGABYTE, _office("content.xml"))


_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS = {
    "pdf": Kind("application/pdf", 10 * MEGABYTE, starts(b"%PDF-")),
    "docx": Kind(_OFFICE + "wordprocessingml.document", 10 * MEGABYTE, _office("word/document.xml")),
    "xlsx": Kind(_OFFICE + "spreadsheetml.sheet", 10 * MEGABYTE, _office("xl/workbook.xml")),
    "odt": _open_document("text"),
}
TEXTS = {
    "csv": Kind("text/csv", MEGABYTE, is_text),
    "txt": Kind("text/plain", MEGABYTE, is_text),
}
SLIDES = {
    "pptx": Kind(_OFFICE + "presentationml.presentation", 10 * MEGABYTE, _office("ppt/presentation.xml")),
    "odp": _open_document("presentation"),
}


def ending(path: str) -> str:
    return PurePath(path).suffix.lower().removeprefix(".")
