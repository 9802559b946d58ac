"""Notes and bookmarks: at a block of a lesson, and all of one's own with a search and two files to take along."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.auth.access import CurrentMember
from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.learning import notebook, notes
from backend.learning.answers import MayTell
from backend.learning.enrolments import Address
from backend.learning.forms import BlockNoteForm
from backend.privacy import Finding
from backend.web import Form, download, flash, form, go, page

router = APIRouter()
Kind = Literal["md", "docx"]
TYPES = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@router.get("/leren/{module}/{lesson}/notitie/{block}", name="learning.block_note")
def show(
    request: Request, session: DbSession, viewer: CurrentMember, module: str, lesson: str, block: str
) -> Response:
    return _show(request, session, viewer, Address(module, lesson, block), Form())


def _show(
    request: Request, session: Session, viewer: Viewer, address: Address, typed: Form[BlockNoteForm],
    found: tuple[Finding, ...] = (),
) -> Response:  # fmt: skip
    place = notes.place_of(session, address)
    is_wrong = bool(typed.errors or found)
    return page(
        request,
        "learning/block_note.html",
        status=422 if is_wrong else 200,
        block="notitie" if is_wrong else "",
        place=place,
        note=notes.find(session, viewer, address),
        form=typed,
        found=found,
    )


@router.post("/leren/{module}/{lesson}/notitie/{block}", name="learning.keep_block_note")
def keep(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    module: str,
    lesson: str,
    block: str,
    typed: Annotated[Form[BlockNoteForm], Depends(form(BlockNoteForm))],
) -> Response:
    """What may tell who somebody is, is kept only after a second look."""
    address = Address(module, lesson, block)
    if typed.data is None:
        return _show(request, session, viewer, address, typed)
    wish = notes.Wish(typed.data.tekst, typed.data.bladwijzer, typed.data.toch)
    try:
        notes.keep(session, viewer, address, wish, now())
    except MayTell as problem:
        return _show(request, session, viewer, address, typed, problem.found)
    flash(request, _("Bewaard.") if typed.data.tekst or typed.data.bladwijzer else _("Je notitie is weg."))
    return go(request, "learning.lesson", module=module, lesson=lesson, anchor=block)


@router.get("/mijn/notities", name="learning.notes")
def mine(request: Request, session: DbSession, viewer: CurrentMember, q: str = "") -> Response:
    everything = notes.mine(session, viewer)
    query = " ".join(q.split())[:200]
    return page(
        request,
        "learning/notes.html",
        query=query,
        notes=notes.matching(everything, query) if query else everything,
        has_any=bool(everything),
    )


@router.get("/mijn/notities/uitvoer.{kind}", name="learning.export_notes")
def export(request: Request, session: DbSession, viewer: CurrentMember, kind: Kind) -> Response:
    """Notes and reflections together."""
    book = notebook.of(session, viewer, now())
    content = notebook.as_markdown(book).encode() if kind == "md" else notebook.as_docx(book)
    return download(request, content, TYPES[kind], f"mijn-notities-{now():%Y-%m-%d}.{kind}")
