"""Report a mistake in a lesson."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend import privacy
from backend.auth.access import CurrentMember
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.learning import reports
from backend.learning.forms import MistakeForm
from backend.learning.reports import ReportPlace
from backend.web import Form, flash, form, go, page

router = APIRouter()


@router.get("/leren/{module}/{lesson}/fout", name="learning.mistake")
def show_form(
    request: Request, session: DbSession, viewer: CurrentMember, module: str, lesson: str, blok: str = ""
) -> Response:
    place = reports.place_of(session, viewer, module, lesson)
    return _show(request, place, Form(), blok)


def _show(
    request: Request,
    place: ReportPlace,
    typed: Form[MistakeForm],
    block_key: str,
    found: list[privacy.Finding] | None = None,
) -> Response:
    is_wrong = bool(typed.errors or found)
    return page(
        request,
        "learning/mistake.html",
        status=422 if is_wrong else 200,
        block="fout_form" if is_wrong else "",
        place=place,
        form=typed,
        block_key=block_key,
        found=found or [],
    )


@router.post("/leren/{module}/{lesson}/fout", name="learning.send_mistake")
def send(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    typed: Annotated[Form[MistakeForm], Depends(form(MistakeForm))],
    module: str,
    lesson: str,
) -> Response:
    """What may tell who somebody is, is sent only after a second look."""
    place = reports.place_of(session, viewer, module, lesson)
    if typed.data is None:
        return _show(request, place, typed, str(typed.typed.get("blok", "")))
    sent = typed.data
    found = [] if sent.toch else privacy.findings(sent.tekst)
    if found:
        return _show(request, place, typed, sent.blok, found)
    reports.send(session, viewer, place, sent.blok, sent.tekst, sent.form_id, now())
    flash(request, _("Dank je. Wie de module schrijft, kijkt het na en antwoordt je met een mail."))
    anchor = sent.blok if place.title_of(sent.blok) else ""
    return go(request, "learning.lesson", module=module, lesson=lesson, anchor=anchor)
