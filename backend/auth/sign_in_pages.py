"""Signing in and out, and on a demo site one click for each role."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.auth import passwords, sessions, sign_in, sign_up
from backend.auth.access import COOKIE, OptionalUser, clear_session_cookie, set_session_cookie
from backend.auth.forms import DemoForm, SignInForm
from backend.auth.models import AccountStatus
from backend.config import settings
from backend.db import DbSession, now
from backend.errors import NotFound
from backend.language import gettext as _
from backend.ratelimit import forgive, limited
from backend.web import (
    Form,
    flash,
    form,
    go,
    go_to,
    is_marked,
    mark,
    mark_cookie,
    page,
    remember_language,
    safe_path,
)

router = APIRouter()
KNOWN = "ln_known"  # the mark of a browser in which somebody signed in before
KNOWN_DAYS = 90


@dataclass(frozen=True, slots=True)
class DemoRole:
    email: str
    role: str
    does: str
    side: str  # the shape of the face


def demo_roles() -> list[DemoRole]:
    return [
        DemoRole("deelnemer@demo.example", _("Deelnemer"), _("Volgt de modules en schrijft zich in"), "b"),
        DemoRole("mentor@demo.example", _("Mentor"), _("Volgt deelnemers en laat nieuwe leden toe"), "meet"),
        DemoRole(
            "mentor2@demo.example",
            _("Tweede mentor"),
            _("Vervangt een mentor of neemt deelnemers over"),
            "meet",
        ),
        DemoRole("auteur@demo.example", _("Auteur"), _("Doet mee, met de rol van auteur"), "a"),
        DemoRole("organisator@demo.example", _("Organisator"), _("Bereidt actiedagen voor"), "b"),
        DemoRole(
            "coordinator@demo.example",
            _("Lokale coördinator"),
            _("Doet mee, als coördinator van een gemeente"),
            "meet",
        ),
        DemoRole("partner@demo.example", _("Partner"), _("Doet mee, vanuit een partnerorganisatie"), "a"),
        DemoRole("beheerder@demo.example", _("Beheerder"), _("Ziet alle deelnemers en aanvragen"), "b"),
    ]


@router.get("/aanmelden", name="auth.sign_in")
def show_sign_in(request: Request, session: DbSession, viewer: OptionalUser, next: str = "/") -> Response:
    if viewer is not None:
        return go_to(request, safe_path(next))
    return _sign_in_page(request, session, Form(), safe_path(next))


def _sign_in_page(
    request: Request, session: Session, typed: Form[SignInForm], next_path: str, status: int = 200
) -> Response:
    doors = []
    if settings.demo:
        roles = demo_roles()
        there = sign_in.demo_doors(session, [role.email for role in roles])
        doors = [(role, there[role.email]) for role in roles if role.email in there]
    block = "sign_in_form" if status == 422 else ""
    return page(
        request, "auth/sign_in.html", status=status, block=block, form=typed, next_path=next_path, doors=doors
    )


def know_browser(response: Response, account_id: UUID, password_hash: str | None) -> None:
    """Until the password changes, who tries this account elsewhere does not keep its owner out here."""
    mark(response, KNOWN, f"{account_id} {password_hash}", days=KNOWN_DAYS)


def _is_known(request: Request, email: str) -> bool:
    if mark_cookie(KNOWN) not in request.cookies:
        return False
    with request.app.state.db.session(reading=True) as reading:
        known = sign_in.find(reading, email)
    return known is not None and is_marked(request, KNOWN, f"{known.id} {known.password_hash}")


TRIES = limited("sign_in", per_address="10/minute; 100/hour", per_key="10 per 15 minutes", apart=_is_known)


@router.post("/aanmelden", name="auth.enter", dependencies=[Depends(TRIES)])
def enter(
    request: Request, session: DbSession, typed: Annotated[Form[SignInForm], Depends(form(SignInForm))]
) -> Response:
    next_path = safe_path(str(typed.typed.get("next", "/")))
    if typed.data is None:
        return _sign_in_page(request, session, typed, next_path, 422)
    with request.app.state.db.session(reading=True) as reading:  # nobody waits for the database while we hash
        known = sign_in.find(reading, typed.data.email)
    is_right = passwords.verify(typed.data.password, known.password_hash if known else None)
    if known is None or not is_right or not known.may_sign_in:
        sign_in.note_failure(session, known)
        if known and is_right and known.status == AccountStatus.UNCONFIRMED:
            sign_up.remind(session, known.id, now(), next_path=next_path)
        said = _(
            "Dit e-mailadres en dit wachtwoord openen geen account. Kijk na of er geen tikfout in staat. "
            "Maakte je net een account? Bevestig dan eerst je e-mailadres met de link in je mailbox."
        )
        return _sign_in_page(request, session, typed.wrong(form=said), next_path, 422)
    password_hash = known.password_hash
    if password_hash and passwords.needs_rehash(password_hash):
        password_hash = passwords.hash_password(typed.data.password)
        sign_in.store_hash(session, known.id, password_hash)
    forgive(request, session)
    response = let_in(request, session, known.id, known.language, next_path, how="password")
    know_browser(response, known.id, password_hash)
    return response


def let_in(
    request: Request, session: Session, account_id: UUID, language: str, path: str, *, how: str
) -> Response:
    """A session for this browser, and on to the page it wanted."""
    device = sign_in.device_label(request.headers.get("user-agent", "")[:400])
    token = sign_in.enter(session, account_id, device, now(), old_token=request.cookies.get(COOKIE), how=how)
    response = go_to(request, path)
    set_session_cookie(response, token)
    remember_language(response, language)
    return response


@router.post(
    "/aanmelden/demo",
    name="auth.demo_sign_in",
    dependencies=[Depends(limited("demo", per_address="60/minute"))],
)
def demo_sign_in(
    request: Request, session: DbSession, typed: Annotated[Form[DemoForm], Depends(form(DemoForm))]
) -> Response:
    """Only on a demo site, only for its fictional members."""
    email = typed.data.email if typed.data else ""
    roles = {role.email for role in demo_roles()} if settings.demo else set()
    known = sign_in.find(session, email) if email in sign_in.demo_doors(session, [*roles]) else None
    if typed.data is None or known is None:
        raise NotFound(_("Dit demo-account bestaat hier niet."))
    return let_in(request, session, known.id, known.language, safe_path(typed.data.next), how="demo")


@router.post("/afmelden", name="auth.sign_out")
def sign_out(request: Request, session: DbSession) -> Response:
    if token := request.cookies.get(COOKIE):
        sessions.end_token(session, token, now())
    flash(request, _("Je bent afgemeld."))
    response = go(request, "home.start")
    clear_session_cookie(response)
    return response
