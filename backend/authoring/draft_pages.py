"""Drafts: send a package, take it home, look at it as a learner, throw it away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from backend.auth.access import KnownFirst
from backend.auth.models import Role, Viewer
from backend.authoring import drafts, policy, preview, service
from backend.authoring.desk_pages import Author, course_page, new_page, revision_of
from backend.authoring.drafts import LARGEST, Checked
from backend.authoring.forms import RevisionForm
from backend.courses import packages
from backend.courses import service as courses
from backend.courses.packages import WrongPackage
from backend.db import Database, DbSession, now
from backend.errors import Forbidden
from backend.language import gettext as _
from backend.ratelimit import limited
from backend.security import allow_body
from backend.web import Form, download, flash, form, go, page, read_file

router = APIRouter(prefix="/redactie")
AROUND = 10_000  # bytes of a form around its file
ZIP = "application/zip"


def author_first(request: Request, viewer: KnownFirst) -> Viewer:
    """Who may send a package, known before a byte of it is read."""
    if not viewer.has(Role.AUTHOR, Role.ADMINISTRATOR):
        raise Forbidden(_("Deze bladzijde hoort bij een rol die je niet hebt."))
    module = request.path_params.get("module")
    if module is None and not policy.writes_everything(viewer):
        raise service.not_there()
    if module is not None:
        service.require_author(viewer, module)
    return viewer


Sender = Annotated[Viewer, Depends(author_first)]


async def sent_package(request: Request, viewer: Sender) -> Checked | WrongPackage:
    """Read and checked before the request's own transaction begins: nobody waits for that."""
    del viewer
    said = _("Dit pakket is te groot: hoogstens %(n)s MB. Maak filmpjes en beelden kleiner.")
    allow_body(request.scope, LARGEST + AROUND, said % {"n": LARGEST // 1_000_000})
    data = await read_file(request, "pakket")
    return await run_in_threadpool(_check, request.app.state.db, data)


def _check(database: Database, data: bytes) -> Checked | WrongPackage:
    with database.session(reading=True) as session:
        published = [document for _id, document in courses.published(session)]
    try:
        return drafts.check(published, data)
    except WrongPackage as wrong:
        return wrong


SentPackage = Annotated[Checked | WrongPackage, Depends(sent_package)]
CAREFUL = [Depends(limited("authoring_upload", per_address="60/hour"))]


@router.post("/modules/{module}/concept", name="authoring.upload", dependencies=CAREFUL)
def upload(
    request: Request, viewer: Sender, sent: SentPackage, session: DbSession, module: str, gezien: str = ""
) -> Response:
    if isinstance(sent, WrongPackage):
        return course_page(request, session, viewer, module, refused=sent.message, status=422)
    if sent.course_key != module:
        other = _("In dit pakket zit de module “%(key)s”, en niet deze.") % {"key": sent.course_key}
        return course_page(request, session, viewer, module, refused=other, status=422)
    draft = drafts.keep(session, viewer, sent, revision_of(gezien), now())
    _tell(request, draft.error_count)
    return go(request, "authoring.course", module=module, anchor="concept")


@router.post("/nieuw", name="authoring.upload_new", dependencies=CAREFUL)
def upload_new(request: Request, viewer: Sender, sent: SentPackage, session: DbSession) -> Response:
    """A module that does not exist yet; one that does goes to its own page."""
    if isinstance(sent, WrongPackage):
        return new_page(request, viewer, refused=sent.message)
    draft = drafts.keep(session, viewer, sent, None, now())
    _tell(request, draft.error_count)
    return go(request, "authoring.course", module=sent.course_key, anchor="concept")


def _tell(request: Request, errors: int) -> None:
    if errors:
        flash(request, _("Het pakket is bewaard als concept. Het heeft nog fouten: kijk hieronder."), "warn")
    else:
        flash(request, _("Het pakket is bewaard als concept. Er staan geen fouten in."))


@router.get("/modules/{module}/concept.zip", name="authoring.draft_zip")
def draft_zip(request: Request, session: DbSession, viewer: Author, module: str) -> Response:
    return download(request, drafts.as_zip(session, viewer, module), ZIP, f"{module}-concept.zip")


@router.get("/modules/{module}/versie-{number}.zip", name="authoring.version_zip")
def version_zip(request: Request, session: DbSession, viewer: Author, module: str, number: int) -> Response:
    version_id = service.version_of(session, viewer, module, number)
    content = packages.export_zip(session, version_id)
    return download(request, content, ZIP, f"{module}-versie-{number}.zip")


@router.get("/modules/{module}/concept/weg", name="authoring.confirm_discard")
def confirm_discard(request: Request, session: DbSession, viewer: Author, module: str) -> Response:
    return page(request, "authoring/discard.html", draft=drafts.find(session, viewer, module), module=module)


@router.post("/modules/{module}/concept/weg", name="authoring.discard")
def discard(
    request: Request,
    session: DbSession,
    viewer: Author,
    typed: Annotated[Form[RevisionForm], Depends(form(RevisionForm))],
    module: str,
) -> Response:
    service.require_author(viewer, module)
    if typed.data is None:
        return go(request, "authoring.confirm_discard", module=module)
    drafts.discard(session, viewer, module, typed.data.revision)
    flash(request, _("Het concept is weg. Wat gepubliceerd is, blijft zoals het is."))
    return go(request, "authoring.desk")


@router.get("/modules/{module}/voorbeeld/{lesson}", name="authoring.preview")
def show_preview(request: Request, session: DbSession, viewer: Author, module: str, lesson: str) -> Response:
    """A lesson of the draft as a learner sees it. Answers can be tried out, nothing is kept."""
    document = drafts.document_of(drafts.find(session, viewer, module))
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    seen = preview.of(document, lesson, query, now())
    return page(request, "authoring/preview.html", status=422 if seen.is_refused else 200, seen=seen)
