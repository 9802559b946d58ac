"""The desk: mistakes that learners reported, and the answer to each."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.authoring import policy, service
from backend.authoring.desk_pages import Author
from backend.authoring.forms import AnswerForm
from backend.db import DbSession, now
from backend.errors import Conflict
from backend.language import gettext as _
from backend.learning import reports
from backend.learning.reports import Report
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/redactie/meldingen")


@router.get("", name="authoring.reports")
def show_reports(request: Request, session: DbSession, viewer: Author) -> Response:
    scope = service.scope_of(viewer)
    return page(
        request,
        "authoring/reports.html",
        waiting=reports.reports(session, scope, handled=False),
        handled=reports.reports(session, scope, handled=True, most=30),
        now=now(),
    )


@router.get("/{report_id}", name="authoring.report")
def show_report(request: Request, session: DbSession, viewer: Author, report_id: UUID) -> Response:
    return _show(request, _mine(session, viewer, report_id), Form())


def _mine(session: Session, viewer: Viewer, report_id: UUID) -> Report:
    found = reports.find(session, report_id)
    if not policy.can_write(viewer, found.place.course.key):
        raise reports.not_there()
    return found


def _show(request: Request, found: Report, typed: Form[AnswerForm], *, conflict: str = "") -> Response:
    """`conflict`: why what was typed is not sent; it is shown, so that nobody loses it."""
    return page(
        request,
        "authoring/report.html",
        status=409 if conflict else 422 if typed.errors else 200,
        block="antwoord_form" if typed.errors else "",
        found=found,
        form=typed,
        conflict=conflict,
    )


@router.post("/{report_id}", name="authoring.answer_report")
def answer(
    request: Request,
    session: DbSession,
    viewer: Author,
    typed: Annotated[Form[AnswerForm], Depends(form(AnswerForm))],
    report_id: UUID,
) -> Response:
    found = _mine(session, viewer, report_id)
    if typed.data is None:
        return _show(request, found, typed)
    try:
        reports.answer(session, viewer, found, typed.data.antwoord, now())
    except Conflict as was_first:
        return _show(request, _mine(session, viewer, report_id), typed, conflict=was_first.message)
    flash(request, _("Je antwoord is verstuurd met een mail."))
    return go(request, "authoring.reports")
