"""A forgotten password: ask for a link, choose a new one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.auth import passwords, recovery, tokens
from backend.auth.forms import EmailForm, NewPasswordForm
from backend.auth.models import TokenPurpose
from backend.auth.sign_up_pages import MAIL_LIMIT, OPEN, link_gone, password_error
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.ratelimit import forgive, limited
from backend.web import Form, flash, form, go, page

router = APIRouter()


@router.get("/wachtwoord-vergeten", name="auth.forgot", dependencies=OPEN)
def show_forgot(request: Request) -> Response:
    return page(request, "auth/forgot.html", form=Form(), is_sent=False)


@router.post("/wachtwoord-vergeten", name="auth.ask_reset", dependencies=[Depends(MAIL_LIMIT)])
def ask_reset(
    request: Request, session: DbSession, typed: Annotated[Form[EmailForm], Depends(form(EmailForm))]
) -> Response:
    if typed.data is None:
        forgive(request, session)
        return page(request, "auth/forgot.html", status=422, block="forgot_form", form=typed, is_sent=False)
    recovery.ask_reset(session, typed.data.email, now(), form_id=typed.data.form_id)
    return go(request, "auth.forgot_sent")


@router.get("/wachtwoord-vergeten/mailbox", name="auth.forgot_sent", dependencies=OPEN)
def forgot_sent(request: Request) -> Response:
    return page(request, "auth/forgot.html", form=Form(), is_sent=True)


@router.get("/wachtwoord/{code}", name="auth.reset", dependencies=OPEN)
def show_reset(request: Request, session: DbSession, code: str) -> Response:
    link = tokens.find(session, code, now())
    if link is None or not link.is_open or link.purpose != TokenPurpose.RESET:
        return link_gone(request, link, code)
    return page(
        request, "auth/reset.html", form=Form(), code=code, link=link, min_length=passwords.MIN_LENGTH
    )


@router.post(
    "/wachtwoord/{code}",
    name="auth.do_reset",
    dependencies=[Depends(limited("reset", per_address="30/minute"))],
)
def reset(
    request: Request,
    session: DbSession,
    code: str,
    typed: Annotated[Form[NewPasswordForm], Depends(form(NewPasswordForm))],
) -> Response:
    with request.app.state.db.session(reading=True) as reading:
        link = tokens.find(reading, code, now())
    if link is None or not link.is_open or link.purpose != TokenPurpose.RESET:
        return link_gone(request, link, code)
    if weak := password_error(typed, link.email, link.name, link.organisation_name):
        typed = typed.wrong(password=weak)
    if typed.data is None:
        return page(
            request, "auth/reset.html", status=422, block="reset_form", form=typed, code=code, link=link,
            min_length=passwords.MIN_LENGTH,
        )  # fmt: skip
    recovery.reset(session, link, passwords.hash_password(typed.data.password), now())
    flash(request, _("Je nieuwe wachtwoord is bewaard. Je bent overal afgemeld: meld je opnieuw aan."))
    return go(request, "auth.sign_in")
