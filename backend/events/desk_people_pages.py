"""What an organiser decides about people of a day: approve, refuse, give a place, another session, cancel, add."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.errors import Conflict
from backend.events import by_hand, deciding, history, lists, selecting, workshops
from backend.events.desk_pages import TONES, Organiser
from backend.events.forms import AddForm, ApproveForm, ReasonForm, SeatForm
from backend.language import gettext as _
from backend.language import ngettext
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/organisatie/{day}")
Reason = Annotated[Form[ReasonForm], Depends(form(ReasonForm))]


@router.post("/goedkeuren", name="events.desk_approve")
def approve(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    day: str,
    sent: Annotated[Form[ApproveForm], Depends(form(ApproveForm))],
) -> Response:
    desk = selecting.desk(session, viewer, day)
    if sent.data is None:
        flash(request, _("Kies eerst wie je wilt goedkeuren."), "warn")
        return go(request, "events.desk_show", day=day, staat="requested")
    done, refused = 0, ""
    for key in sent.data.wie:
        selecting.one(session, desk.id, key)
        try:
            with session.begin_nested():
                deciding.approve(session, viewer, key, now())
            done += 1
        except Conflict as too_late:
            refused = too_late.message
    if done:
        said = ngettext("%(n)d aanvraag is goedgekeurd.", "%(n)d aanvragen zijn goedgekeurd.", done)
        flash(request, said % {"n": done} + " " + _("Wie geen plaats kreeg, staat op de wachtlijst."))
    if refused:
        flash(request, refused, "warn")
    return go(request, "events.desk_show", day=day)


@router.get("/persoon/{registration_id}", name="events.desk_person")
def person(
    request: Request, session: DbSession, viewer: Organiser, day: str, registration_id: UUID
) -> Response:
    return _person(request, session, viewer, day, registration_id)


@router.post("/persoon/{registration_id}/weigeren", name="events.desk_refuse")
def refuse(
    request: Request, session: DbSession, viewer: Organiser, day: str, registration_id: UUID, sent: Reason
) -> Response:
    said = _("De aanvraag is geweigerd. Je uitleg gaat mee in de mail.")
    return _by_hand(request, session, viewer, (day, registration_id, deciding.refuse, said), sent, "weigeren")


@router.post("/persoon/{registration_id}/plaats", name="events.desk_give_place")
def give_place(
    request: Request, session: DbSession, viewer: Organiser, day: str, registration_id: UUID, sent: Reason
) -> Response:
    said = _("De plaats is gegeven. Er vertrekt een mail.")
    return _by_hand(
        request, session, viewer, (day, registration_id, deciding.give_place, said), sent, "plaats"
    )


@router.post("/persoon/{registration_id}/annuleren", name="events.desk_remove")
def remove(
    request: Request, session: DbSession, viewer: Organiser, day: str, registration_id: UUID, sent: Reason
) -> Response:
    said = _("De inschrijving is geannuleerd. Er vertrekt een mail.")
    return _by_hand(
        request, session, viewer, (day, registration_id, deciding.remove, said), sent, "annuleren"
    )


@router.post("/persoon/{registration_id}/sessie", name="events.desk_to_session")
def to_session(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    day: str,
    registration_id: UUID,
    sent: Annotated[Form[SeatForm], Depends(form(SeatForm))],
) -> Response:
    def change(session: Session, viewer: Viewer, key: UUID, reason: str, at: Any) -> None:
        assert sent.data is not None  # noqa: S101 - only called with what was sent
        by_hand.to_session(session, viewer, key, sent.data.sessie, reason, at)

    said = _("De sessie is veranderd. Er vertrekt een mail.")
    return _by_hand(request, session, viewer, (day, registration_id, change, said), sent, "sessie")


@router.get("/toevoegen", name="events.desk_add")
def add(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    return page(request, "desk/add.html", day=selecting.desk(session, viewer, day), form=Form())


@router.post("/toevoegen", name="events.desk_do_add")
def do_add(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    day: str,
    sent: Annotated[Form[AddForm], Depends(form(AddForm))],
) -> Response:
    desk = selecting.desk(session, viewer, day)
    if sent.data is not None:
        try:
            with session.begin_nested():
                added = by_hand.add(session, viewer, day, sent.data.email, sent.data.reason, now())
        except Conflict as refused:
            sent = sent.wrong(email=refused.message)
        else:
            flash(request, _("Op de lijst. Er vertrekt een mail als dat nieuw is."))
            return go(request, "events.desk_person", day=day, registration_id=added.id)
    return page(request, "desk/add.html", status=422, block="add_form", day=desk, form=sent)


def _by_hand(
    request: Request,
    session: Session,
    viewer: Viewer,
    what: tuple[str, UUID, Callable[..., object], str],
    sent: Form[Any],
    which: str,
) -> Response:
    """Do this with the reason that was typed, or show the person again with what is wrong."""
    slug, registration_id, act, said = what
    desk = selecting.desk(session, viewer, slug)
    selecting.one(session, desk.id, registration_id)
    if sent.data is not None:
        try:
            with session.begin_nested():
                act(session, viewer, registration_id, sent.data.reason, now())
        except Conflict as refused:
            sent = sent.wrong(form=refused.message)
        else:
            flash(request, said)
            return go(request, "events.desk_person", day=slug, registration_id=registration_id)
    return _person(request, session, viewer, slug, registration_id, {which: sent})


def _person(
    request: Request,
    session: Session,
    viewer: Viewer,
    slug: str,
    registration_id: UUID,
    forms: dict[str, Form[Any]] | None = None,
) -> Response:
    desk = selecting.desk(session, viewer, slug)
    lines, _go_on = history.of_people(session, desk.id, registration_id=registration_id)
    wrong: dict[str, Form[Any]] = forms or {}
    return page(
        request,
        "desk/person.html",
        status=422 if wrong else 200,
        day=desk,
        person=selecting.one(session, desk.id, registration_id),
        rounds=workshops.rounds_of(session, desk.id),
        lines=lines,
        forms={key: wrong.get(key, Form()) for key in ("weigeren", "plaats", "annuleren", "sessie")},
        words=lists.state_words(),
        tones=TONES,
    )
