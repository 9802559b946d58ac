"""One's own account: profile, password, e-mail address, where one is signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.auth import passwords, profile, recovery, sessions, sign_in, sign_up
from backend.auth.access import CurrentUser, KnownFirst, clear_session_cookie, signed_in
from backend.auth.forms import (
    ChangeEmailForm,
    ChangePasswordForm,
    MotivationForm,
    ProfileForm,
    SessionForm,
)
from backend.auth.models import Viewer
from backend.auth.sign_in_pages import know_browser
from backend.auth.sign_up_pages import Work, password_error
from backend.db import DbSession, now
from backend.errors import NotFound
from backend.language import gettext as _
from backend.network.service import municipality_of
from backend.ratelimit import limited
from backend.web import Form, flash, form, go, page, remember_language

router = APIRouter()
SIGNED_IN = [Depends(signed_in)]
GUESSES = [Depends(limited("own_password", per_address="20 per 15 minutes"))]


@router.get("/mijn/profiel", name="auth.profile")
def show_profile(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    mine = profile.profile_of(session, viewer.id)
    found = municipality_of(session, mine.municipality_nis) if mine.municipality_nis else None
    typed: Form[ProfileForm] = Form(
        {
            "name": mine.name,
            "function": mine.function,
            "language": mine.language,
            "kind": "municipality" if mine.is_municipality else "other",
            "municipality_search": mine.organisation_name if mine.is_municipality else "",
            "municipality": mine.municipality_nis or "",
            "organisation": "" if mine.is_municipality else mine.organisation_name,
        }
    )
    return page(
        request,
        "auth/profile.html",
        form=typed,
        found=[found] if found else [],
        profile=mine,
        again=Form(),
    )


@router.post("/mijn/profiel", name="auth.save_profile")
def save_profile(
    request: Request,
    session: DbSession,
    viewer: CurrentUser,
    typed: Annotated[Form[ProfileForm], Depends(form(ProfileForm))],
) -> Response:
    work = Work.chosen(session, typed)
    if work.form.data is None or work.organisation is None:
        mine = profile.profile_of(session, viewer.id)
        return page(
            request, "auth/profile.html", status=422, block="profile_form", form=work.form, found=work.found,
            profile=mine, again=Form(),
        )  # fmt: skip
    data = work.form.data
    person = sign_up.Person(data.name, viewer.email, work.organisation, data.function, "", data.language)
    profile.save(session, viewer, person, now())
    flash(request, _("Je profiel is bewaard."))
    response = go(request, "auth.profile")
    remember_language(response, data.language)
    return response


@router.post("/mijn/profiel/opnieuw-aanvragen", name="auth.apply_again")
def apply_again(
    request: Request,
    session: DbSession,
    viewer: CurrentUser,
    typed: Annotated[Form[MotivationForm], Depends(form(MotivationForm))],
) -> Response:
    if typed.data is None:
        mine = profile.profile_of(session, viewer.id)
        return page(
            request, "auth/profile.html", status=422, block="again_form", form=Form(), found=[],
            profile=mine, again=typed,
        )  # fmt: skip
    profile.apply_again(session, viewer, typed.data.motivation, now())
    flash(request, _("Een mentor bekijkt je aanvraag opnieuw."), "info")
    return go(request, "auth.profile")


# ── password and address: who changes them shows the password first ──


@router.get("/mijn/profiel/wachtwoord", name="auth.password", dependencies=SIGNED_IN)
def show_password(request: Request) -> Response:
    return _password_page(request, Form())


def _password_page(request: Request, typed: Form[ChangePasswordForm], status: int = 200) -> Response:
    block = "password_form" if status == 422 else ""
    return page(
        request, "auth/password.html", status=status, block=block, form=typed, min_length=passwords.MIN_LENGTH
    )


@router.post("/mijn/profiel/wachtwoord", name="auth.change_password", dependencies=GUESSES)
def change_password(
    request: Request,
    viewer: KnownFirst,
    session: DbSession,
    typed: Annotated[Form[ChangePasswordForm], Depends(form(ChangePasswordForm))],
) -> Response:
    if weak := password_error(typed, viewer.email, viewer.name, viewer.organisation_name):
        typed = typed.wrong(password=weak)
    if typed.data is None:
        return _password_page(request, typed, 422)
    if not _knows_password(request, viewer, typed.data.current):
        return _password_page(request, typed.wrong(current=_("Dit is niet je wachtwoord van nu.")), 422)
    new_hash = passwords.hash_password(typed.data.password)  # before the first query of `session`
    recovery.change(session, viewer.id, new_hash, now(), this_session=viewer.session_id)
    flash(request, _("Je nieuwe wachtwoord is bewaard. Op je andere toestellen ben je afgemeld."))
    response = go(request, "auth.profile")
    know_browser(response, viewer.id, new_hash)
    return response


def _knows_password(request: Request, viewer: Viewer, password: str) -> bool:
    with request.app.state.db.session(reading=True) as reading:
        known = sign_in.find(reading, viewer.email)
    return passwords.verify(password, known.password_hash if known else None)


@router.get("/mijn/profiel/e-mail", name="auth.email", dependencies=SIGNED_IN)
def show_email(request: Request) -> Response:
    return _email_page(request, Form())


def _email_page(request: Request, typed: Form[ChangeEmailForm], status: int = 200) -> Response:
    return page(
        request, "auth/email.html", status=status, block="email_form" if status == 422 else "", form=typed
    )


@router.post(
    "/mijn/profiel/e-mail",
    name="auth.change_email",
    dependencies=[*GUESSES, Depends(limited("new_address", per_address="20/hour", per_key="3/hour"))],
)
def change_email(
    request: Request,
    viewer: KnownFirst,
    session: DbSession,
    typed: Annotated[Form[ChangeEmailForm], Depends(form(ChangeEmailForm))],
) -> Response:
    if typed.data is not None and typed.data.email == viewer.email:
        typed = typed.wrong(email=_("Dit is je adres al."))
    if typed.data is None:
        return _email_page(request, typed, 422)
    if not _knows_password(request, viewer, typed.data.current):
        return _email_page(request, typed.wrong(current=_("Dit is niet je wachtwoord.")), 422)
    profile.ask_email_change(session, viewer, typed.data.email, now(), form_id=typed.data.form_id)
    flash(
        request,
        _(
            "Kijk in de mailbox van je nieuwe adres. Klik daar op de link; tot dan blijft alles zoals het was."
        ),
        "info",
    )
    return go(request, "auth.profile")


# ── where one is signed in ──


@router.get("/mijn/profiel/sessies", name="auth.sessions")
def show_sessions(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    return page(request, "auth/sessions.html", sessions=profile.sessions_of(session, viewer.id, now()))


@router.post("/mijn/profiel/sessies", name="auth.end_session")
def end_session(
    request: Request,
    session: DbSession,
    viewer: CurrentUser,
    typed: Annotated[Form[SessionForm], Depends(form(SessionForm))],
) -> Response:
    if typed.data is None:
        raise NotFound(_("Deze aanmelding bestaat niet."))
    profile.end_session(session, viewer, typed.data.session_id, now())
    if typed.data.session_id == viewer.session_id:
        return _signed_out(request)
    flash(request, _("Dat toestel is afgemeld."))
    return go(request, "auth.sessions")


@router.post("/mijn/profiel/sessies/overal", name="auth.end_all_sessions")
def end_all_sessions(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    sessions.end_all(session, viewer.id, now())
    return _signed_out(request)


def _signed_out(request: Request) -> Response:
    flash(request, _("Je bent afgemeld."))
    response = go(request, "auth.sign_in")
    clear_session_cookie(response)
    return response
