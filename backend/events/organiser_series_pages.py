"""The organiser's page of the series that a day belongs to."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.events import series
from backend.events.organiser_days import look
from backend.events.organiser_forms import SeriesForm
from backend.events.organiser_pages import Organiser
from backend.language import gettext as _
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/organisatie/{day}/bewerken/reeks")


@router.get("", name="events.edit_series")
def edit_series(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    return _page(request, session, viewer, day, Form({"name": look(session, viewer, day).series}))


@router.post("", name="events.save_series")
def save_series(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    sent: Annotated[Form[SeriesForm], Depends(form(SeriesForm))],
    day: str,
) -> Response:
    data = sent.data
    if data is not None and data.days and not data.name:
        sent = sent.wrong(name=_("Geef de reeks een naam."))
    if data is None or sent.errors:
        return _page(request, session, viewer, day, sent)
    if series.save(session, viewer, day, data.name, data.was, data.days):
        flash(request, _("De reeks is bewaard."))
    return go(request, "events.edit_series", day=day)


def _page(request: Request, session: Session, viewer: Viewer, day: str, sent: Form[Any]) -> Response:
    found = look(session, viewer, day)
    others = series.candidates(session, viewer, found, now())
    members = [each.id for each in others if found.series and each.series == found.series]
    typed = sent.typed.get("days", []) if sent.errors else [str(each) for each in members]
    return page(
        request,
        "organising/series.html",
        status=422 if sent.errors else 200,
        day=found,
        others=others,
        was=members,
        ticked=typed if isinstance(typed, list) else [typed],
        names=series.names(session, viewer),
        form=sent,
    )
