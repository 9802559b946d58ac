"""The organiser's page of what people of a day may read: links and files."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.access import KnownFirst
from backend.auth.models import Role, Viewer
from backend.db import DbSession
from backend.errors import Conflict, Forbidden
from backend.events import details, materials
from backend.events.organiser_days import look
from backend.events.organiser_forms import FileForm, MaterialForm
from backend.events.organiser_pages import Organiser, Typed
from backend.file_kinds import MEGABYTE
from backend.language import gettext as _
from backend.security import allow_body
from backend.web import Form, Upload, flash, form, go, page, parse, read_upload

router = APIRouter(prefix="/organisatie/{day}/bewerken/materiaal")
AROUND = 10_000  # bytes of a form around its file


def organiser_first(viewer: KnownFirst) -> Viewer:
    """Who may send a file, known before a byte of it is read."""
    if not viewer.has(Role.ORGANISER, Role.ADMINISTRATOR):
        raise Forbidden(_("Deze bladzijde hoort bij een rol die je niet hebt."))
    return viewer


Sender = Annotated[Viewer, Depends(organiser_first)]


async def sent_file(request: Request, viewer: Sender) -> Upload:
    del viewer
    said = _("Dit bestand is te groot: hoogstens %(n)s MB.") % {"n": materials.LARGEST // MEGABYTE}
    allow_body(request.scope, materials.LARGEST + AROUND, said)
    return await read_upload(request, "bestand")


@router.get("", name="events.materials")
def list_materials(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    return _page(request, session, viewer, day, Form())


@router.post("", name="events.add_material")
def add_material(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    sent: Annotated[Form[MaterialForm], Depends(form(MaterialForm))],
    day: str,
) -> Response:
    if sent.data is None:
        return _page(request, session, viewer, day, sent)
    try:
        materials.add_link(session, viewer, day, sent.data.title, sent.data.url)
    except Conflict as wrong:
        return _page(request, session, viewer, day, sent.wrong(url=wrong.message))
    flash(request, _("Het materiaal staat bij de dag."))
    return go(request, "events.materials", day=day)


@router.post("/bestand", name="events.add_file")
def add_file(
    request: Request,
    viewer: Sender,
    upload: Annotated[Upload, Depends(sent_file)],
    session: DbSession,
    day: str,
) -> Response:
    sent: Form[FileForm] = parse(FileForm, {"file_title": upload.typed.get("file_title", "")})
    if not upload.content:
        sent = sent.wrong(bestand=_("Kies een bestand."))
    if sent.data is None:
        return _page(request, session, viewer, day, sent)
    try:
        materials.add_file(session, viewer, day, sent.data.file_title, upload.name, upload.content)
    except Conflict as wrong:
        return _page(request, session, viewer, day, sent.wrong(bestand=wrong.message))
    flash(request, _("Het bestand staat bij de dag."))
    return go(request, "events.materials", day=day)


@router.post("/weg", name="events.remove_material")
def remove_material(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str
) -> Response:
    materials.remove(session, viewer, day, str(typed.get("material", "")))
    flash(request, _("Het materiaal is weg."))
    return go(request, "events.materials", day=day)


def _page(request: Request, session: Session, viewer: Viewer, day: str, sent: Form[Any]) -> Response:
    found = look(session, viewer, day)
    return page(
        request,
        "organising/materials.html",
        status=422 if sent.errors else 200,
        day=found,
        materials=details.materials_of(found.materials),
        form=sent,
        endings=[f".{kind}" for kind in materials.KINDS],
        largest=materials.LARGEST // MEGABYTE,
    )
