"""One's own reflections, and sharing one of them with the mentor."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend import privacy
from backend.auth.access import CurrentMember
from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.learning import reflections
from backend.learning.enrolments import Address
from backend.learning.forms import ShareForm
from backend.web import Form, flash, form, go, page

router = APIRouter()


@router.get("/mijn/reflecties", name="learning.reflections")
def mine(request: Request, session: DbSession, viewer: CurrentMember) -> Response:
    return _show(request, session, viewer)


def _show(
    request: Request, session: Session, viewer: Viewer,
    found: tuple[Address, list[privacy.Finding]] | None = None,
) -> Response:  # fmt: skip
    return page(
        request,
        "learning/reflections.html",
        status=422 if found else 200,
        reflections=reflections.mine(session, viewer),
        found=found,
    )


@router.post("/mijn/reflecties/{module}/{lesson}/{block}/delen", name="learning.share_reflection")
def share(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    module: str,
    lesson: str,
    block: str,
    typed: Annotated[Form[ShareForm], Depends(form(ShareForm))],
) -> Response:
    """What may tell who somebody is, is shared only after a second look."""
    address = Address(module, lesson, block)
    written = reflections.find(session, viewer, address)
    toch = typed.data is not None and typed.data.toch
    if not toch and (found := privacy.findings(written.text)):
        return _show(request, session, viewer, (address, found))
    reflections.share(session, viewer, address, typed.data.tekst if typed.data else "", now())
    flash(request, _("Gedeeld met je mentor. Je kunt dit altijd terugnemen."))
    return go(request, "learning.reflections", anchor=f"{lesson}-{block}")


@router.post("/mijn/reflecties/{module}/{lesson}/{block}/terugnemen", name="learning.unshare_reflection")
def unshare(
    request: Request, session: DbSession, viewer: CurrentMember, module: str, lesson: str, block: str
) -> Response:
    reflections.unshare(session, viewer, Address(module, lesson, block))
    flash(request, _("Je mentor ziet deze reflectie niet meer."))
    return go(request, "learning.reflections", anchor=f"{lesson}-{block}")
