"""The organiser's pages of the programme: moments, rounds and the sessions in them, one at a time."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.errors import Conflict
from backend.events import moments, organiser_programme, organising, programme, rehearsal, service
from backend.events import organiser_steps as steps
from backend.events.models import ActionDay
from backend.events.organiser_days import hold, look
from backend.events.organiser_forms import MomentForm, SessionForm
from backend.events.organiser_pages import Organiser, Typed, edit_page, preview_page, telling
from backend.language import gettext as _
from backend.web import Form, flash, go, page, parse

router = APIRouter(prefix="/organisatie/{day}/programma")

ItemId = Annotated[int, Path(le=2**31 - 1)]


@router.get("", name="events.organise_programme")
def show(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    found = look(session, viewer, day)
    parts = service.programme(session, found.id)
    rows: list[Any] = [row for each in parts for row in (each.item, *each.workshops)]
    times = {at for row in rows for at in (row.starts_at, row.ends_at)}
    twice = sorted(at for at in times if at and moments.comes_twice(at))
    return page(request, "organising/programme.html", day=found, programme=parts, twice=twice)


@router.post("/voorbeeld", name="events.example_programme")
def begin_with_example(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    organiser_programme.begin_with_example(session, viewer, day)
    flash(request, _("Dit is een voorbeeld. Verander wat anders is, en voeg sessies toe aan de rondes."))
    return go(request, "events.organise_programme", day=day)


@router.get("/nieuw", name="events.new_moment")
def new_moment(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    return _moment_page(request, look(session, viewer, day), None, Form({"is_required": "ja"}))


@router.post("/nieuw", name="events.add_moment")
def add_moment(request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str) -> Response:
    return _save_moment(request, session, viewer, (day, None), typed)


@router.get("/sessie/{workshop_id}", name="events.edit_session")
def edit_session(
    request: Request, session: DbSession, viewer: Organiser, day: str, workshop_id: UUID
) -> Response:
    found = look(session, viewer, day)
    shown = organiser_programme.show_session(programme.workshop_of(session, found.id, workshop_id))
    return _session_page(request, found, Form(shown), workshop_id=workshop_id, seen=steps.seen(shown))


@router.post("/sessie/{workshop_id}", name="events.save_session")
def save_session(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str, workshop_id: UUID
) -> Response:
    found = hold(session, viewer, day)
    shown = organiser_programme.show_session(programme.workshop_of(session, found.id, workshop_id))
    merged = steps.merge(str(typed.get("seen", "")), shown, typed)
    sent: Form[SessionForm] = parse(SessionForm, merged.typed | {"form_id": workshop_id.hex})
    more: dict[str, Any] = {"workshop_id": workshop_id, "seen": steps.seen(shown)}
    if merged.clashes or sent.data is None:
        return _session_page(request, found, sent, theirs=merged.clashes, **more)
    data, moment, how = sent.data, now(), telling(typed)

    def act() -> None:
        values = organiser_programme.session_values(look(session, viewer, day), data)
        organising.change_session(session, viewer, (day, workshop_id), values, moment, how=how)

    try:
        if found.goes_on and "akkoord" not in typed and (mailings := rehearsal.rehearse(session, act)):
            return preview_page(request, look(session, viewer, day), merged.typed, mailings, (typed, how))
        with session.begin_nested():
            act()
    except Conflict as wrong:
        session.expire_all()
        return _session_page(request, look(session, viewer, day), sent.wrong(form=wrong.message), **more)
    flash(request, _("Bewaard."))
    return go(request, "events.organise_programme", day=day)


@router.post("/sessie/{workshop_id}/weg", name="events.remove_session")
def remove_session(
    request: Request, session: DbSession, viewer: Organiser, day: str, workshop_id: UUID
) -> Response:
    organiser_programme.remove_session(session, viewer, day, workshop_id)
    flash(request, _("De sessie is weg."))
    return go(request, "events.organise_programme", day=day)


@router.get("/{item_id}", name="events.edit_moment")
def edit_moment(
    request: Request, session: DbSession, viewer: Organiser, day: str, item_id: ItemId
) -> Response:
    found = look(session, viewer, day)
    shown = organiser_programme.show_moment(programme.item_of(session, found.id, item_id))
    return _moment_page(request, found, item_id, Form(shown), seen=steps.seen(shown))


@router.post("/{item_id}", name="events.save_moment")
def save_moment(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str, item_id: ItemId
) -> Response:
    return _save_moment(request, session, viewer, (day, item_id), typed)


@router.post("/{item_id}/weg", name="events.remove_moment")
def remove_moment(
    request: Request, session: DbSession, viewer: Organiser, day: str, item_id: ItemId
) -> Response:
    organiser_programme.remove_moment(session, viewer, day, item_id)
    flash(request, _("Het moment is weg."))
    return go(request, "events.organise_programme", day=day)


@router.get("/{item_id}/sessie", name="events.new_session")
def new_session(
    request: Request, session: DbSession, viewer: Organiser, day: str, item_id: ItemId
) -> Response:
    found = look(session, viewer, day)
    item = programme.item_of(session, found.id, item_id)
    typed = {"start": steps.clock(item.starts_at), "end": steps.clock(item.ends_at), "capacity": "20"}
    return _session_page(request, found, Form(typed), item_id=item_id)


@router.post("/{item_id}/sessie", name="events.add_session")
def add_session(
    request: Request, session: DbSession, viewer: Organiser, typed: Typed, day: str, item_id: ItemId
) -> Response:
    found = look(session, viewer, day)
    sent: Form[SessionForm] = parse(SessionForm, typed)
    if sent.data is None:
        return _session_page(request, found, sent, item_id=item_id)
    data = sent.data
    if wrong := _refused(
        session, lambda: organiser_programme.add_session(session, viewer, day, item_id, data)
    ):
        return _session_page(request, look(session, viewer, day), sent.wrong(form=wrong), item_id=item_id)
    flash(request, _("De sessie staat in het programma."))
    return go(request, "events.organise_programme", day=day)


def _save_moment(
    request: Request, session: Session, viewer: Viewer, where: tuple[str, int | None], typed: dict[str, Any]
) -> Response:
    slug, item_id = where
    found = hold(session, viewer, slug)
    seen, theirs = "", steps.Shown()
    if item_id is not None:
        shown = organiser_programme.show_moment(programme.item_of(session, found.id, item_id))
        merged = steps.merge(str(typed.get("seen", "")), shown, typed)
        typed, seen = merged.typed, steps.seen(shown)
        theirs = merged.clashes
    sent: Form[MomentForm] = parse(MomentForm, typed)
    if theirs or sent.data is None:
        return _moment_page(request, found, item_id, sent, seen=seen, theirs=theirs)
    data = sent.data
    if wrong := _refused(
        session, lambda: organiser_programme.save_moment(session, viewer, slug, item_id, data)
    ):
        again = look(session, viewer, slug)
        return _moment_page(request, again, item_id, sent.wrong(form=wrong), seen=seen)
    flash(request, _("Bewaard."))
    return go(request, "events.organise_programme", day=slug)


def _refused(session: Session, act: Callable[[], object]) -> str:
    """What is wrong with it; "" when it was done."""
    try:
        with session.begin_nested():
            act()
    except Conflict as wrong:
        return wrong.message
    return ""


def _moment_page(
    request: Request, day: ActionDay, item_id: int | None, sent: Form[Any], **more: Any
) -> Response:
    labels = {
        "title": _("Titel"),
        "start": _("Van"),
        "end": _("Tot"),
        "detail": _("Uitleg"),
        "is_round": _("Ronde"),
        "is_required": _("Kiezen moet"),
    }
    return edit_page(request, "organising/moment.html", sent, labels, day=day, item_id=item_id, **more)


def _session_page(
    request: Request,
    day: ActionDay,
    sent: Form[Any],
    *,
    item_id: int | None = None,
    workshop_id: UUID | None = None,
    **more: Any,
) -> Response:
    labels = {
        "title": _("Titel"),
        "detail": _("Uitleg"),
        "speakers": _("Sprekers"),
        "room": _("Zaal"),
        "start": _("Van"),
        "end": _("Tot"),
        "capacity": _("Aantal plaatsen"),
    }
    return edit_page(
        request,
        "organising/session.html",
        sent,
        labels,
        day=day,
        item_id=item_id,
        workshop_id=workshop_id,
        **more,
    )
