"""What somebody sent after the session had ended: kept, shown after signing in, sent again or thrown away."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from backend.auth import kept
from backend.auth.access import COOKIE, CurrentUser
from backend.db import DbSession, now
from backend.errors import TooLarge
from backend.language import gettext as _
from backend.templating import url
from backend.web import flash, go, page, path_of, read_form, safe_path

router = APIRouter()


async def way_back(request: Request) -> str:
    """Where to go after signing in, for a request that needed it: the page itself, or the page of the kept form.

    For a form that could not be kept: the page it stood on.
    """
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET":
        return here
    token = request.cookies.get(COOKIE)
    if token:
        try:
            sent = [
                (name, text)
                for name, text in (await read_form(request)).multi_items()
                if isinstance(text, str)
            ]
        except (HTTPException, TooLarge):
            sent = []
        form_id = await request.app.state.db.apart(
            lambda session: kept.keep(session, token, here, sent, now())
        )
        if form_id is not None:
            flash(
                request,
                _("Je bent intussen afgemeld. Wat je typte, is bewaard: meld je aan om het terug te vinden."),
                "info",
            )
            return url("auth.kept_form", form_id=form_id)
    flash(request, _("Je bent intussen afgemeld. Meld je aan en doe het opnieuw."), "info")
    return _page_before(request)


def _page_before(request: Request) -> str:
    """The page of this site that the form stood on, by the Referer; "" when that says nothing."""
    before = request.headers.get("referer", "")
    host = before.partition("://")[2].partition("/")[0]
    return path_of(before, "") if host == request.headers.get("host") else ""


@router.get("/mijn/bewaard/{form_id}", name="auth.kept_form")
def show_kept(request: Request, session: DbSession, viewer: CurrentUser, form_id: UUID) -> Response:
    form = kept.of(session, viewer.id, form_id, now())
    fields = [(name, value) for name, values in form.fields.items() for value in values]
    return page(
        request,
        "auth/kept.html",
        kept=form,
        fields=fields,
        texts=[value for _name, value in fields if kept.is_text(value)],
        until=form.created_at + kept.KEPT_FOR,
    )


@router.post("/mijn/bewaard/{form_id}/versturen", name="auth.send_kept")
def send_kept(session: DbSession, viewer: CurrentUser, form_id: UUID, naar: str = "/") -> Response:
    """Forget it here and let the browser send the very same fields to where they were going (307).

    The address is in the query, not in the database: a second click must arrive too.
    """
    kept.drop(session, viewer.id, form_id)
    return RedirectResponse(safe_path(naar), 307)


@router.post("/mijn/bewaard/{form_id}/weg", name="auth.drop_kept")
def drop_kept(request: Request, session: DbSession, viewer: CurrentUser, form_id: UUID) -> Response:
    kept.drop(session, viewer.id, form_id)
    flash(request, _("Weg. Er is niets verstuurd."))
    return go(request, "home.start")
