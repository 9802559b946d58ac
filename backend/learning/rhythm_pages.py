"""Choosing a day for a weekly reminder, and stopping it from a mail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.auth.access import CurrentMember, OptionalUser
from backend.db import DbSession
from backend.language import gettext as _
from backend.language import weekday as weekday_name
from backend.learning import rhythm
from backend.learning.forms import RhythmForm
from backend.web import Form, flash, form, go, page

router = APIRouter()


@router.get("/mijn/ritme", name="learning.rhythm")
def show(request: Request, session: DbSession, viewer: CurrentMember) -> Response:
    chosen = rhythm.find(session, viewer)
    return page(
        request, "learning/rhythm.html", chosen=chosen.weekday if chosen else None, days=rhythm.WORKDAYS
    )


@router.post("/mijn/ritme", name="learning.choose_rhythm")
def choose(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    typed: Annotated[Form[RhythmForm], Depends(form(RhythmForm))],
) -> Response:
    weekday = typed.data.dag if typed.data else None
    rhythm.choose(session, viewer, weekday)
    if weekday is None:
        flash(request, _("Je krijgt geen herinneringen."))
    else:
        said = _("Je krijgt op %(day)s een herinnering, als je die week nog niet bezig was.")
        flash(request, said % {"day": weekday_name(weekday)})
    return go(request, "learning.rhythm")


@router.get("/uitschrijven/{code}", name="learning.stop_reminders")
def confirm_stop(request: Request, session: DbSession, viewer: OptionalUser, code: str) -> Response:
    """A look changes nothing: programs open the links of a mail too."""
    del session, viewer
    return page(request, "learning/stop_reminders.html", code=code)


@router.post("/uitschrijven/{code}", name="learning.do_stop_reminders")
def do_stop(request: Request, session: DbSession, viewer: OptionalUser, code: str) -> Response:
    """Also what a mail program sends for its own button (RFC 8058)."""
    rhythm.stop(session, code)
    flash(request, _("Je krijgt geen herinneringen meer."))
    return go(request, "learning.rhythm" if viewer and viewer.is_member else "home.start")
