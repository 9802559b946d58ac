"""The public check of a certificate, one's own certificates, and what machines verify badges with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from backend.auth.access import CurrentMember, OptionalUser, holder_of
from backend.auth.models import Role, Viewer
from backend.config import settings
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.recognition import badge, policy, service
from backend.recognition.forms import NameForm, RevokeForm
from backend.recognition.paper import certificate_pdf, hours_in_words
from backend.web import Form, download, flash, form, go, page

router = APIRouter()


@router.get("/mijn/getuigschriften", name="recognition.mine")
def mine(request: Request, session: DbSession, viewer: CurrentMember) -> Response:
    return page(
        request, "recognition/mine.html", certificates=service.mine(session, viewer), in_words=hours_in_words
    )


@router.get("/getuigschrift", name="recognition.find")
def find(request: Request, session: DbSession, viewer: OptionalUser, code: str = "") -> Response:
    """A number to type in; with a number, its check."""
    del viewer  # the header says who is signed in
    if code.strip():
        letters = code.strip().lower().removeprefix("ln-")
        year, _dash, rest = letters.partition("-")
        found = service.find(session, rest if year.isdigit() and len(year) == 4 and rest else letters)
        return go(request, "recognition.check", certificate=found.code)
    return page(request, "recognition/find.html")


@router.get("/getuigschrift/intrekkingen.json", name="recognition.revocations")
def revocations(session: DbSession) -> Response:
    return JSONResponse(badge.revocation_list(list(service.revoked(session))))


@router.get("/getuigschrift/sleutels.json", name="recognition.keys")
def keys(session: DbSession) -> Response:
    return JSONResponse(badge.public_keys(session))


@router.get("/getuigschrift/uitgever.json", name="recognition.issuer")
def issuer() -> Response:
    profile = {
        "@context": badge.CONTEXT,
        "id": badge.issuer_id(),
        "type": ["Profile"],
        "name": "Lerend netwerk",
        "url": settings.base_url,
    }
    return JSONResponse(profile)


@router.get("/getuigschrift/{certificate}", name="recognition.check")
def check(request: Request, session: DbSession, viewer: OptionalUser, certificate: str) -> Response:
    return _show(request, session, viewer, certificate, Form())


def _show(
    request: Request, session: DbSession, viewer: OptionalUser, certificate: str, revoking: Form[RevokeForm]
) -> Response:
    found = service.find(session, certificate)
    return page(
        request,
        "recognition/check.html",
        status=422 if revoking.errors else 200,
        block="intrekken" if revoking.errors else "",
        certificate=found,
        is_mine=policy.owns(viewer, found),
        can_revoke=policy.can_revoke(viewer),
        form=revoking,
        in_words=hours_in_words,
    )


@router.post("/getuigschrift/{certificate}/naam", name="recognition.show_name")
def show_name(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    certificate: str,
    form: Annotated[Form[NameForm], Depends(form(NameForm))],
) -> Response:
    shows = form.data is not None and form.data.toon
    service.show_name(session, viewer, certificate, shows=shows)
    said = (
        _("Je naam staat nu op de controlepagina."),
        _("Op de controlepagina staan nu alleen je initialen."),
    )
    flash(request, said[0] if shows else said[1])
    return go(request, "recognition.mine")


@router.post("/getuigschrift/{certificate}/intrekken", name="recognition.revoke")
def revoke(
    request: Request,
    session: DbSession,
    viewer: Annotated[Viewer, Depends(holder_of(Role.ADMINISTRATOR))],
    certificate: str,
    form: Annotated[Form[RevokeForm], Depends(form(RevokeForm))],
) -> Response:
    if form.data is None:
        return _show(request, session, viewer, certificate, form)
    service.revoke(session, viewer, certificate, form.data.reden, now())
    flash(request, _("Het getuigschrift is ingetrokken. De houder krijgt een mail met de reden."))
    return go(request, "recognition.check", certificate=certificate)


@router.get("/getuigschrift/{certificate}/pdf", name="recognition.pdf")
def as_pdf(request: Request, session: DbSession, viewer: CurrentMember, certificate: str) -> Response:
    found = service.own(session, viewer, certificate)
    return download(
        request, certificate_pdf(found), "application/pdf", f"getuigschrift-{found.course_key}.pdf"
    )


@router.post("/getuigschrift/{certificate}/badge", name="recognition.badge")
def as_badge(request: Request, session: DbSession, viewer: CurrentMember, certificate: str) -> Response:
    """A POST: the first badge of an installation makes its key."""
    found = service.own(session, viewer, certificate)
    token = badge.signed_badge(session, found, viewer.email, now())
    return download(request, token.encode(), "application/jwt", f"badge-{found.course_key}.jwt")
