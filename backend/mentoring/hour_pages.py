"""Office hours: the mentor's slots, and booking one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.access import CurrentMember
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.errors import Conflict
from backend.language import gettext as _
from backend.language import ngettext
from backend.mentoring import hours
from backend.mentoring.forms import BookForm, SlotsForm
from backend.mentoring.pages import Follower
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/begeleiding/spreekuur")


@router.get("", name="mentoring.hours")
def show(request: Request, session: DbSession, viewer: CurrentMember) -> Response:
    return _show(request, session, viewer, Form())


def _show(request: Request, session: Session, viewer: Viewer, typed: Form[SlotsForm]) -> Response:
    is_mentor = viewer.has(Role.MENTOR, Role.ADMINISTRATOR)
    return page(
        request,
        "mentoring/hours.html",
        status=422 if typed.errors else 200,
        block="slots_form" if typed.errors else "",
        is_mentor=is_mentor,
        own=hours.of_mentor(session, viewer, now()) if is_mentor else [],
        booked=hours.booked_by(session, viewer, now()),
        free=hours.free_for(session, viewer, now()),
        form=typed,
    )


@router.post("", name="mentoring.open_hours")
def open_hours(
    request: Request,
    session: DbSession,
    viewer: Follower,
    typed: Annotated[Form[SlotsForm], Depends(form(SlotsForm))],
) -> Response:
    if typed.data is None:
        return _show(request, session, viewer, typed)
    sent = typed.data
    found = hours.times(sent.dag, sent.van, sent.tot, sent.minuten)
    if wrong := hours.why_not(found, sent.dag, now()):
        return _show(request, session, viewer, typed.wrong(**wrong))
    count = hours.open_slots(session, viewer, found, sent.plaats)
    said = ngettext("%(num)d gesprek staat open.", "%(num)d gesprekken staan open.", count) % {"num": count}
    flash(request, said if count else _("Deze gesprekken stonden al open."))
    return go(request, "mentoring.hours")


@router.post("/{slot_id}/sluiten", name="mentoring.close_slot")
def close_slot(request: Request, session: DbSession, viewer: Follower, slot_id: UUID) -> Response:
    hours.close(session, viewer, slot_id, now())
    flash(request, _("Dit moment staat niet meer open. Wie het boekte, krijgt een mail."))
    return go(request, "mentoring.hours")


@router.post("/{slot_id}/boeken", name="mentoring.book")
def book(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    slot_id: UUID,
    typed: Annotated[Form[BookForm], Depends(form(BookForm))],
) -> Response:
    if typed.data is None:
        flash(
            request, _("Je onderwerp is te lang of bevat tekens die niet kunnen. Er is niets geboekt."), "bad"
        )
        return go(request, "mentoring.hours")  # fmt: skip
    try:
        hours.book(session, viewer, slot_id, typed.data.onderwerp, now())
    except Conflict as somebody_was_first:
        flash(request, somebody_was_first.message, "warn")
        return go(request, "mentoring.hours")
    flash(request, _("Geboekt. De uitnodiging voor je agenda zit in je mail."))
    return go(request, "mentoring.hours")


@router.post("/{slot_id}/afzeggen", name="mentoring.give_back")
def give_back(request: Request, session: DbSession, viewer: CurrentMember, slot_id: UUID) -> Response:
    hours.give_back(session, viewer, slot_id, now())
    flash(request, _("Afgezegd. Het moment is weer vrij, en je agenda krijgt het te horen."))
    return go(request, "mentoring.hours")
