"""/mijn/gegevens: what is kept of whoever is signed in, to take along, and to erase."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.auth import own_data as accounts
from backend.auth import passwords
from backend.auth.access import CurrentUser, KnownFirst, clear_session_cookie
from backend.db import DbSession, now
from backend.errors import SignInNeeded
from backend.fields import FormModel, Password
from backend.home import own_data
from backend.language import gettext as _
from backend.ratelimit import limited
from backend.web import Form, download, flash, form, go, page

router = APIRouter()
GUESSES = [Depends(limited("own_password", per_address="20 per 15 minutes"))]


class EraseForm(FormModel):
    current: Password


@router.get("/mijn/gegevens", name="home.own_data")
def show_own_data(request: Request, viewer: CurrentUser) -> Response:
    del viewer
    return page(request, "home/own_data.html")


@router.get("/mijn/gegevens/meenemen", name="home.export_own_data")
def export_own_data(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    content = json.dumps(own_data.export_of(session, viewer, now()), ensure_ascii=False, indent=2)
    return download(request, content.encode(), "application/json", "mijn-gegevens.json")


@router.get("/mijn/gegevens/wissen", name="home.confirm_erase")
def confirm_erase(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    owner = accounts.find(session, viewer.id)
    return _erase_page(request, Form(), own_data.refusal(owner) if owner else "")


def _erase_page(request: Request, typed: Form[EraseForm], refusal: str, status: int = 200) -> Response:
    block = "erase_form" if status == 422 else ""
    return page(request, "home/erase.html", status=status, block=block, form=typed, refusal=refusal)


@router.post("/mijn/gegevens/wissen", name="home.erase", dependencies=GUESSES)
def erase(
    request: Request,
    viewer: KnownFirst,
    session: DbSession,
    typed: Annotated[Form[EraseForm], Depends(form(EraseForm))],
) -> Response:
    with request.app.state.db.session(reading=True) as reading:
        owner = accounts.find(reading, viewer.id)
    if owner is None:
        raise SignInNeeded
    if refusal := own_data.refusal(owner):
        return _erase_page(request, typed, refusal, 409)
    if typed.data is not None and not passwords.verify(typed.data.current, owner.password_hash):
        typed = typed.wrong(current=_("Dit is niet je wachtwoord."))
    if typed.data is None:
        return _erase_page(request, typed, "", 422)
    own_data.erase(session, viewer, now())
    flash(request, _("Je account en je gegevens zijn gewist. Bedankt dat je erbij was."))
    response = go(request, "home.start")
    clear_session_cookie(response)
    return response
