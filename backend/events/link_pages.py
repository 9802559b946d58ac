"""Pages behind the links in mails. Scanners open links: looking changes nothing, only the button on the page does."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col

from backend.db import DbSession, now
from backend.errors import NotFound
from backend.events import (
    attendance,
    details,
    forms,
    links,
    mails,
    offers,
    policy,
    registering,
    service,
)
from backend.events.forms import RegisterForm
from backend.events.holding import Linked
from backend.events.links import Purpose
from backend.events.models import Registration
from backend.events.wishes import Mistaken
from backend.language import gettext as _
from backend.web import Form, flash, form, go, page

router = APIRouter()
BY_MAIL = frozenset({Purpose.ACCEPT, Purpose.DECLINE, Purpose.CANCEL, Purpose.CHANGE})


@router.get("/inschrijving/{code}", name="events.link")
def link(request: Request, session: DbSession, code: str) -> Response:
    return page(request, "events/link.html", form=Form(), **_about(session, code))


@router.post("/inschrijving/{code}", name="events.use_link")
def use_link(
    request: Request,
    form: Annotated[Form[RegisterForm], Depends(form(RegisterForm))],
    session: DbSession,
    code: str,
) -> Response:
    purpose, whose = _read(code)
    try:
        if purpose == Purpose.ACCEPT:
            offers.accept(session, whose, now())
        elif purpose != Purpose.CHANGE:
            registering.cancel(session, whose, now())
        elif form.data is not None:
            registering.change(session, whose, forms.wish_of(form.data, form.typed, with_needs=False), now())
            flash(request, _("Je keuze is bewaard."))
    except Mistaken as mistaken:
        form = form.wrong(**mistaken.fields)
    if form.errors:
        context = _about(session, code)
        return page(request, "events/link.html", status=422, block="change_form", form=form, **context)
    return go(request, "events.link", code=code)


@router.get("/meedoen/{code}", name="events.join")
def join(request: Request, session: DbSession, code: str) -> Response:
    return page(request, "events/join.html", **_about(session, code, join=True))


@router.post("/meedoen/{code}", name="events.take_part")
def take_part(request: Request, session: DbSession, code: str) -> Response:
    _purpose, whose = _read(code, join=True)
    attendance.join(session, whose, now())
    return go(request, "events.join", code=code)


def _read(code: str, *, join: bool = False) -> tuple[Purpose, Linked]:
    found = links.read(code)
    if found is None or (found[0] == Purpose.JOIN) != join or found[0] == Purpose.CALENDAR:
        raise NotFound(_("Deze link werkt niet. Kopieer hem volledig uit de mail."))
    return found[0], Linked(found[1])


def _about(session: Session, code: str, *, join: bool = False) -> dict[str, Any]:
    """What the page of a link shows: no names, and nothing about needs, for whoever a mail was sent on to."""
    purpose, whose = _read(code, join=join)
    moment = now()
    own = service.own_where(session, col(Registration.id) == whose.registration_id)
    if own is None:
        raise NotFound(_("Deze link werkt niet. Kopieer hem volledig uit de mail."))
    registration = own.registration
    day = service.day_of(session, registration.day_id)
    changes = purpose == Purpose.CHANGE and policy.can_change(day, registration, moment)
    programme = service.programme(session, day.id) if changes else []
    questions = [q for q in details.questions_of(day.questions) if not q.is_personal]
    return {
        "code": code,
        "purpose": purpose,
        "day": day,
        "own": own,
        "registration": registration,
        "programme": programme,
        "questions": questions,
        "labels": forms.labels(service.round_titles(programme), questions),
        "place": mails.place_in_words(own.place_in_line),
        "lines": {key: mails.place_in_words(place) for key, place in own.lines.items()},
        "can_accept": policy.can_accept(registration, moment) and day.goes_on,
        "can_cancel": policy.can_cancel(day, registration, moment),
        "can_change": changes,
        "can_join": policy.can_join(day, registration, moment),
        "online_opens_at": policy.online_opens_at(day),
        "too_late": registering.too_late_to_cancel(day, moment),
        "now": moment,
    }
