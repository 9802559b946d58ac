"""Check-in at the door, and who helps there. A helper sees these pages of their day, and nothing else of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.errors import Conflict
from backend.events import door, selecting
from backend.events.desk_pages import Organiser
from backend.events.forms import EmailForm
from backend.language import gettext as _
from backend.web import Form, flash, form, go, page

router = APIRouter()
AtDoor = Annotated[Viewer, Depends(holder_of(Role.ORGANISER, Role.ADMINISTRATOR, Role.HELPER))]
Address = Annotated[Form[EmailForm], Depends(form(EmailForm))]
Search = Annotated[str, Query(max_length=100)]
Helper = Annotated[Viewer, Depends(holder_of(Role.HELPER))]


@router.get("/inchecken", name="events.door_days")
def list_days(request: Request, session: DbSession, viewer: Helper) -> Response:
    """Where one helps; when that is one day, at once to its door."""
    days = door.helped_by(session, viewer, now())
    if len(days) == 1:
        return go(request, "events.door_show", day=days[0].slug)
    return page(request, "desk/doors.html", days=days)


@router.get("/organisatie/{day}/inchecken", name="events.door_show")
def show(request: Request, session: DbSession, viewer: AtDoor, day: str, zoek: Search = "") -> Response:
    return _show(request, session, viewer, day, zoek, Form())


@router.post("/organisatie/{day}/inchecken/{registration_id}/aanwezig", name="events.door_tick")
def tick(
    request: Request,
    session: DbSession,
    viewer: AtDoor,
    day: str,
    registration_id: UUID,
) -> Response:
    held = door.tick(session, viewer, day, registration_id, now())
    flash(request, _("%(name)s is er.") % {"name": held.account.name})
    return go(request, "events.door_show", day=day)


@router.post("/organisatie/{day}/inchecken/{registration_id}/toch-niet", name="events.door_untick")
def untick(
    request: Request, session: DbSession, viewer: AtDoor, day: str, registration_id: UUID, zoek: Search = ""
) -> Response:
    held = door.untick(session, viewer, day, registration_id, now())
    flash(request, _("%(name)s staat weer als nog niet aanwezig.") % {"name": held.account.name})
    return go(request, "events.door_show", day=day, **({"zoek": zoek} if zoek else {}))


@router.post("/organisatie/{day}/inchecken", name="events.door_walk_in")
def walk_in(request: Request, session: DbSession, viewer: AtDoor, day: str, sent: Address) -> Response:
    if sent.data is not None:
        try:
            with session.begin_nested():
                held = door.walk_in(session, viewer, day, sent.data.email, now())
        except Conflict as refused:
            sent = sent.wrong(email=refused.message)
        else:
            flash(request, _("%(name)s is ingeschreven en is er.") % {"name": held.account.name})
            return go(request, "events.door_show", day=day)
    return _show(request, session, viewer, day, "", sent)


def _show(
    request: Request, session: Session, viewer: Viewer, slug: str, text: str, sent: Form[EmailForm]
) -> Response:
    desk = selecting.desk(session, viewer, slug, at_door=True)
    found = door.search(session, desk.id, text)
    return page(
        request,
        "desk/check_in.html",
        status=422 if sent.errors else 200,
        day=desk,
        text=text,
        found=found[: door.FOUND],
        more=len(found) > door.FOUND,
        counters=door.counters(session, desk.id),
        why_closed=door.why_closed(desk, now()),
        form=sent,
    )


@router.get("/organisatie/{day}/helpers", name="events.desk_helpers")
def show_helpers(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    return _helpers(request, session, viewer, day, Form())


@router.post("/organisatie/{day}/helpers", name="events.desk_ask_helper")
def ask_helper(request: Request, session: DbSession, viewer: Organiser, day: str, sent: Address) -> Response:
    if sent.data is not None:
        try:
            with session.begin_nested():
                helper = door.ask_helper(session, viewer, day, sent.data.email, now())
        except Conflict as refused:
            sent = sent.wrong(email=refused.message)
        else:
            flash(request, _("%(name)s kan mensen inchecken, tot de dag voorbij is.") % {"name": helper.name})
            return go(request, "events.desk_helpers", day=day)
    return _helpers(request, session, viewer, day, sent)


@router.post("/organisatie/{day}/helpers/{grant_id}/stoppen", name="events.desk_end_help")
def end_help(request: Request, session: DbSession, viewer: Organiser, day: str, grant_id: UUID) -> Response:
    door.end_help(session, viewer, day, grant_id, now())
    flash(request, _("Deze helper kan niet meer inchecken."))
    return go(request, "events.desk_helpers", day=day)


def _helpers(
    request: Request, session: Session, viewer: Viewer, slug: str, sent: Form[EmailForm]
) -> Response:
    desk = selecting.desk(session, viewer, slug)
    return page(
        request,
        "desk/helpers.html",
        status=422 if sent.errors else 200,
        block="helper_form" if sent.errors else "",
        day=desk,
        helpers=door.helpers(session, desk.id, now()),
        form=sent,
    )
