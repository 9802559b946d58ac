"""Making an account and confirming its address."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend import language
from backend.auth import passwords, sign_up, tokens
from backend.auth.access import OptionalUser, find_viewer, viewer_or_none
from backend.auth.forms import ConfirmForm, EmailForm, RenewForm, SignUpForm, WorkForm
from backend.auth.models import AccountStatus, TokenPurpose
from backend.auth.sign_in_pages import let_in
from backend.db import DbSession, now
from backend.errors import SignInNeeded
from backend.language import gettext as _
from backend.language import ngettext
from backend.network.service import Found, find_municipalities, municipality_of
from backend.ratelimit import forgive, limited
from backend.web import Form, flash, form, go, go_to, is_marked, mark, page, safe_path

router = APIRouter()
OPEN = [Depends(viewer_or_none)]  # for everybody; the page may show who is signed in
MAIL_LIMIT = limited("mail", per_address="5/hour", per_key="3/hour")  # shared by all pages that send a link
SIGNED_UP = "ln_signup"  # the mark of the browser that signed up with an address: it knows the password
SIGNED_UP_DAYS = 2  # a day longer than the link, so that it can be renewed


@router.get("/account-aanmaken", name="auth.sign_up")
def show_sign_up(request: Request, viewer: OptionalUser, next: str = "/") -> Response:
    if viewer is not None:
        return go_to(request, safe_path(next))
    return _sign_up_page(request, Form(), [], safe_path(next))


def _sign_up_page(
    request: Request, typed: Form[SignUpForm], found: list[Found], next_path: str, status: int = 200
) -> Response:
    block = "sign_up_form" if status == 422 else ""
    return page(
        request,
        "auth/sign_up.html",
        status=status,
        block=block,
        form=typed,
        found=found,
        next_path=next_path,
        min_length=passwords.MIN_LENGTH,
    )


@router.post(
    "/account-aanmaken",
    name="auth.make_account",
    dependencies=[Depends(limited("sign_up", per_address="10/hour", per_key="3/hour"))],
)
def make_account(
    request: Request, session: DbSession, typed: Annotated[Form[SignUpForm], Depends(form(SignUpForm))]
) -> Response:
    with request.app.state.db.session(reading=True) as reading:
        work = Work.chosen(reading, typed)
    typed = work.form
    known = (typed.typed.get("email"), typed.typed.get("name"), work.name)
    if weak := password_error(typed, *known):
        typed = typed.wrong(password=weak)
    next_path = safe_path(str(typed.typed.get("next", "/")))
    if typed.data is None or work.organisation is None:
        forgive(request, session)  # a slip is no attempt
        return _sign_up_page(request, typed, work.found, next_path, 422)
    password_hash = passwords.hash_password(typed.data.password)  # before the first query of `session`
    data = typed.data
    person = sign_up.Person(
        data.name, data.email, work.organisation, data.function, data.motivation, language.current()
    )
    sign_up.sign_up(session, person, password_hash, now(), form_id=data.form_id, next_path=next_path)
    response = go(request, "auth.check_mail", next=None if next_path == "/" else next_path)
    mark(response, SIGNED_UP, data.email, days=SIGNED_UP_DAYS)
    return response


class Work:
    """Where somebody said to work: an organisation, or what is still to be chosen."""

    def __init__(
        self, form: Form[Any], found: list[Found], organisation: UUID | str | None = None, name: str = ""
    ) -> None:
        self.form, self.found, self.organisation, self.name = form, found, organisation, name

    @classmethod
    def chosen(cls, session: Session, form: Form[Any]) -> "Work":
        """What was chosen from the list; else the only municipality with the name that was typed."""
        typed = form.typed
        if typed.get("kind") == "other":
            name = form.data.organisation if form.data else _text(typed, "organisation")
            if not name and "organisation" not in form.errors:
                return cls(form.wrong(organisation=_("Vul de naam van je organisatie in.")), [])
            return cls(form, [], name or None, name or "")
        search, code = _text(typed, "municipality_search"), _text(typed, "municipality")
        found = find_municipalities(session, search) if search and code else []
        choice = next((f for f in found if f.nis_code == code), None)
        if choice is None and (search or code):
            choice = municipality_of(session, search or code)
        if choice is None and search and not code:
            found = find_municipalities(session, search)
        if choice is not None:
            return cls(form, found or [choice], choice.organisation_id, choice.name)
        if not search:
            said = _("Typ de naam van je gemeente.")
        elif found:
            said = _("Kies je gemeente uit de lijst hieronder.")
        else:
            said = _(
                "We vinden geen gemeente met die naam. Typ een deel van de naam, of kies ‘een andere organisatie’."
            )
        return cls(form.wrong(municipality_search=said), found)


def _text(typed: Mapping[str, Any], name: str) -> str:
    value = typed.get(name, "")
    return value.strip()[:100] if isinstance(value, str) else ""


def password_error(typed: Form[Any], *known: object) -> str:
    """What is wrong with a new password that is long enough; "" for one that is fine or was refused already."""
    password = typed.typed.get("password")
    if not isinstance(password, str) or "password" in typed.errors or not password:
        return ""
    return passwords.weakness(password, *(text for text in known if isinstance(text, str)))


@router.get("/account-aanmaken/gemeenten", name="auth.municipalities", dependencies=OPEN)
def municipalities(request: Request, session: DbSession, municipality_search: str = "") -> Response:
    """What is found while somebody types; also a page of its own."""
    search = municipality_search.strip()[:100]
    typed: Form[WorkForm] = Form({"municipality_search": search})
    found = find_municipalities(session, search) if search else []
    said = ngettext("%(n)d gemeente gevonden", "%(n)d gemeenten gevonden", len(found)) % {"n": len(found)}
    return page(request, "auth/municipalities.html", form=typed, found=found, search=search, said=said)


@router.get("/account-aanmaken/mailbox", name="auth.check_mail", dependencies=OPEN)
def check_mail(request: Request, next: str = "/") -> Response:
    return page(request, "auth/check_mail.html", form=Form(), next_path=safe_path(next))


@router.post("/bevestigen", name="auth.resend", dependencies=[Depends(MAIL_LIMIT)])
def resend(
    request: Request, session: DbSession, typed: Annotated[Form[EmailForm], Depends(form(EmailForm))]
) -> Response:
    next_path = safe_path(str(typed.typed.get("next", "/")))
    if typed.data is None:
        forgive(request, session)
        return page(
            request, "auth/check_mail.html", status=422, block="resend_form", form=typed, next_path=next_path
        )
    sign_up.send_again(session, typed.data.email, now(), form_id=typed.data.form_id, next_path=next_path)
    flash(request, _("We stuurden een nieuwe mail."))
    response = go(request, "auth.check_mail", next=None if next_path == "/" else next_path)
    return _marked_longer(request, response, typed.data.email)


def _marked_longer(request: Request, response: Response, email: str) -> Response:
    if is_marked(request, SIGNED_UP, email):
        mark(response, SIGNED_UP, email, days=SIGNED_UP_DAYS)
    return response


# ── the link in the mail: opening it changes nothing (mail scanners do), the button does ──


@router.get("/bevestigen/{code}", name="auth.confirm")
def show_confirm(request: Request, session: DbSession, viewer: OptionalUser, code: str) -> Response:
    link = tokens.find(session, code, now())
    if link is None or not link.is_open or link.purpose == TokenPurpose.RESET:
        return link_gone(request, link, code)
    if link.purpose == TokenPurpose.CHANGE_EMAIL and (viewer is None or viewer.id != link.account_id):
        raise SignInNeeded
    return _confirm_page(request, link, code, Form())


def _confirm_page(
    request: Request, link: tokens.Link, code: str, typed: Form[ConfirmForm], status: int = 200
) -> Response:
    block = "confirm_form" if status == 422 else ""
    return page(
        request, "auth/confirm.html", status=status, block=block, link=link, code=code, form=typed,
        is_change=link.purpose == TokenPurpose.CHANGE_EMAIL, min_length=passwords.MIN_LENGTH,
        must_choose=_must_choose(request, link),
    )  # fmt: skip


def _must_choose(request: Request, link: tokens.Link) -> bool:
    """Anybody can sign up with your address: only in the browser that did so, the password chosen there is kept."""
    if link.purpose != TokenPurpose.CONFIRM:
        return False
    return not (link.has_password and is_marked(request, SIGNED_UP, link.email))


def link_gone(request: Request, link: tokens.Link | None, code: str) -> Response:
    """410, with a way on: a new link, or signing in."""
    waits = {TokenPurpose.CONFIRM: AccountStatus.UNCONFIRMED, TokenPurpose.CHANGE_EMAIL: link and link.status}
    return page(
        request,
        "auth/link_gone.html",
        status=410,
        code=code,
        is_known=link is not None,
        is_renewable=link is not None and not link.is_used and waits.get(link.purpose) == link.status,
        is_reset=link is not None and link.purpose == TokenPurpose.RESET,
    )


@router.post(
    "/bevestigen/{code}",
    name="auth.do_confirm",
    dependencies=[Depends(limited("confirm", per_address="30/minute"))],
)
def confirm(
    request: Request,
    session: DbSession,
    code: str,
    typed: Annotated[Form[ConfirmForm], Depends(form(ConfirmForm))],
) -> Response:
    with request.app.state.db.session(reading=True) as reading:
        link = tokens.find(reading, code, now())
    if link is None or not link.is_open or link.purpose == TokenPurpose.RESET:
        return link_gone(request, link, code)
    typed = _with_password(request, link, typed)
    if typed.data is None:
        return _confirm_page(request, link, code, typed, 422)
    password_hash = passwords.hash_password(typed.data.password) if typed.data.password else None
    if link.purpose == TokenPurpose.CHANGE_EMAIL:
        viewer = find_viewer(request, session)
        if viewer is None or viewer.id != link.account_id:
            raise SignInNeeded
    done = sign_up.confirm(session, link, now(), password_hash=password_hash)
    if link.purpose == TokenPurpose.CHANGE_EMAIL:
        flash(request, _("Je e-mailadres is gewijzigd."))
        return go(request, "auth.profile")
    if done.is_admitted:
        flash(request, _("Welkom! Je account is klaar."))
    else:
        flash(request, _("Je e-mailadres is bevestigd. Een mentor bekijkt nu je aanvraag."), "info")
    return let_in(request, session, done.account_id, done.language, safe_path(done.next_path), how="confirm")


def _with_password(request: Request, link: tokens.Link, typed: Form[ConfirmForm]) -> Form[ConfirmForm]:
    """A password only where one must be chosen; else the account keeps its own."""
    if not _must_choose(request, link):
        return Form(typed.typed, ConfirmForm())
    if typed.data and not typed.data.password:
        return typed.wrong(password=_("Kies een wachtwoord."))
    weak = password_error(typed, link.email, link.name, link.organisation_name)
    return typed.wrong(password=weak) if weak else typed


@router.post(
    "/bevestigen/{code}/opnieuw",
    name="auth.renew",
    dependencies=[Depends(limited("renew", per_address="5/hour"))],
)
def renew(
    request: Request,
    session: DbSession,
    code: str,
    typed: Annotated[Form[RenewForm], Depends(form(RenewForm))],
) -> Response:
    link = tokens.find(session, code, now())
    if link is None or link.is_used or link.purpose == TokenPurpose.RESET or typed.data is None:
        return link_gone(request, link, code)
    sign_up.renew(session, link, now(), form_id=typed.data.form_id)
    return _marked_longer(request, go(request, "auth.check_mail"), link.email)
