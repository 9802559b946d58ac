"""Writing to a selection of the people of a day: write, see what they will read, send."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.events import lists, mailings, selecting
from backend.events.desk_pages import Organiser, Wanted
from backend.events.forms import MailingForm
from backend.events.mailings import Words
from backend.events.selecting import Selection
from backend.language import gettext as _
from backend.language import ngettext
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/organisatie/{day}/schrijven")
Written = Annotated[Form[MailingForm], Depends(form(MailingForm))]


@router.get("", name="events.desk_write")
def write(request: Request, session: DbSession, viewer: Organiser, day: str, wanted: Wanted) -> Response:
    return _show(request, session, viewer, day, wanted, Form())


@router.post("/voorbeeld", name="events.desk_preview")
def preview(
    request: Request, session: DbSession, viewer: Organiser, day: str, wanted: Wanted, sent: Written
) -> Response:
    return _show(request, session, viewer, day, wanted, sent)


@router.post("", name="events.desk_send")
def send(
    request: Request, session: DbSession, viewer: Organiser, day: str, wanted: Wanted, sent: Written
) -> Response:
    if sent.data is None:
        return _show(request, session, viewer, day, wanted, sent)
    desk = selecting.desk(session, viewer, day)
    words = Words(sent.data.subject, sent.data.text)
    count = mailings.send(session, viewer, desk, wanted, words, now())
    if count:
        said = ngettext("De mail vertrekt naar %(n)d persoon.", "De mail vertrekt naar %(n)d mensen.", count)
        flash(request, said % {"n": count})
    else:
        flash(request, _("Iedereen van deze lijst had deze mail al. Er is niets nieuws verstuurd."), "warn")
    return go(request, "events.desk_write", day=day, **wanted.query())


def _show(
    request: Request, session: Session, viewer: Viewer, slug: str, wanted: Selection, sent: Form[MailingForm]
) -> Response:
    desk = selecting.desk(session, viewer, slug)
    words = Words(sent.data.subject, sent.data.text) if sent.data else Words("", "")
    return page(
        request,
        "desk/write.html",
        status=422 if sent.errors else 200,
        block="write_form" if sent.errors else "",
        day=desk,
        wanted=wanted,
        form=sent,
        seen=mailings.preview(session, desk, wanted, words),
        is_preview=sent.data is not None,
        placeholders=mailings.placeholders(),
        sent=mailings.sent(session, desk.id),
        words=lists.state_words(),
    )
