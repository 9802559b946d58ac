"""One's notes and reflections as a document to take along: Markdown or Word."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from sqlmodel import Session

from backend.auth.models import Viewer
from backend.language import gettext as _
from backend.language import short_date
from backend.learning import notes, reflections

TAG = re.compile(r"<[^>]+>")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+!|~-])")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Piece:
    lesson: str  # "1.1 Wat is polarisatie?"
    about: str  # the question, or where the note stands
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notebook:
    owner: str
    made_at: datetime
    modules: dict[str, list[Piece]]  # by title of the module, in order


def of(session: Session, viewer: Viewer, now: datetime) -> Notebook:
    modules: dict[str, list[Piece]] = {}
    for written in reflections.mine(session, viewer):
        title = f"{written.lesson.number} {written.lesson.title}"
        prompt = unescape(TAG.sub("", written.block.prompt_html))
        modules.setdefault(written.course.title, []).append(
            Piece(title, prompt, written.text, written.written_at)
        )
    for each in notes.mine(session, viewer):
        if not each.note.text:
            continue
        course = each.place.course.title if each.place else _("Lessen die er niet meer zijn")
        title = (
            f"{each.place.lesson.number} {each.place.lesson.title}" if each.place else each.note.lesson_key
        )
        about = _("Notitie bij “%(part)s”") % {"part": each.place.title} if each.place else _("Notitie")
        modules.setdefault(course, []).append(Piece(title, about, each.note.text, each.note.updated_at))
    for pieces in modules.values():
        pieces.sort(key=lambda piece: piece.lesson)
    return Notebook(viewer.name, now, modules)


def _lines(book: Notebook) -> str:
    return _("%(name)s, %(date)s") % {"name": book.owner, "date": short_date(book.made_at)}


def as_markdown(book: Notebook) -> str:
    def told() -> Iterator[str]:
        yield f"# {_('Mijn notities en reflecties')}\n"
        yield f"{_plain(_lines(book))}\n"
        for module, pieces in book.modules.items():
            yield f"## {_plain(module)}\n"
            for piece in pieces:
                yield f"### {_plain(piece.lesson)}\n"
                yield f"*{_plain(piece.about)}* ({short_date(piece.at)})\n"
                yield (
                    "\n".join(f"> {_plain(line)}" if line else ">" for line in piece.text.split("\n")) + "\n"
                )

    return "\n".join(told())


def _plain(text: str) -> str:
    """So that what somebody wrote is never read as Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", text)


def as_docx(book: Notebook) -> bytes:
    from docx import Document  # here: it takes memory that most processes never need

    document = Document()
    document.core_properties.title = _("Mijn notities en reflecties")
    document.core_properties.author = NOT_IN_XML.sub("", book.owner)
    document.core_properties.language = "nl-BE"
    document.add_heading(_("Mijn notities en reflecties"), 0)
    document.add_paragraph(NOT_IN_XML.sub("", _lines(book)))
    for module, pieces in book.modules.items():
        document.add_heading(NOT_IN_XML.sub("", module), 1)
        for piece in pieces:
            document.add_heading(NOT_IN_XML.sub("", piece.lesson), 2)
            document.add_paragraph(
                NOT_IN_XML.sub("", f"{piece.about} ({short_date(piece.at)})"), style="Intense Quote"
            )
            for line in piece.text.split("\n"):
                document.add_paragraph(NOT_IN_XML.sub("", line))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
