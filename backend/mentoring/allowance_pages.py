"""More attempts or more time in a test, for one participant."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.learning.allowances import MOST_ATTEMPTS, Extra
from backend.mentoring import allowing
from backend.mentoring.forms import AllowForm
from backend.mentoring.pages import Follower
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/begeleiding/deelnemer/{account_id}/toetsen")
PERCENTS = (0, 25, 50, 100, 200, 300)


@router.get("", name="mentoring.allowances")
def show(request: Request, session: DbSession, viewer: Follower, account_id: UUID) -> Response:
    return _show(request, session, viewer, account_id, Form())


def _show(
    request: Request, session: Session, viewer: Viewer, account_id: UUID, typed: Form[AllowForm]
) -> Response:
    found = allowing.page_of(session, viewer, account_id, now())
    return page(
        request,
        "mentoring/allowances.html",
        status=422 if typed.errors else 200,
        block="extra_form" if typed.errors else "",
        found=found,
        form=typed,
        tests=[(test.key, _name(test)) for test in found.tests],
        name_of=_name,
        percents=[(n, _("%(n)s %% meer tijd") % {"n": n} if n else _("geen")) for n in PERCENTS],
        most=MOST_ATTEMPTS,
    )


def _name(test: allowing.Testing) -> str:
    return f"{test.course.title}: {test.check.title if test.check else _('alle toetsen')}"


@router.post("", name="mentoring.allow")
def allow(
    request: Request,
    session: DbSession,
    viewer: Follower,
    typed: Annotated[Form[AllowForm], Depends(form(AllowForm))],
    account_id: UUID,
) -> Response:
    if typed.data is None:
        return _show(request, session, viewer, account_id, typed)
    sent = typed.data
    if not sent.pogingen and not sent.procent:
        return _show(
            request, session, viewer, account_id, typed.wrong(pogingen=_("Geef een poging of tijd extra."))
        )
    extra = Extra(sent.pogingen, sent.procent, sent.reden)
    person = allowing.give(session, viewer, account_id, sent.toets, extra, sent.form_id, now())
    flash(request, _("%(name)s krijgt dit, en een mail erover.") % {"name": person.name})
    return go(request, "mentoring.allowances", account_id=account_id)
