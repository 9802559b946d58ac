"""What only exists in demo mode: the mailbox with every mail that was kept, and the living style guide."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from backend.auth.access import viewer_or_none
from backend.config import settings
from backend.db import DbSession
from backend.errors import NotFound
from backend.home import mailbox
from backend.language import gettext as _
from backend.mail import as_html
from backend.web import Form, download, page

FRAMED = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


async def in_demo_mode() -> None:
    if not settings.demo:
        raise NotFound(_("Deze bladzijde bestaat niet, of niet meer."))


router = APIRouter(dependencies=[Depends(in_demo_mode), Depends(viewer_or_none)])


@router.get("/postvak", name="home.mailbox")
def list_mails(
    request: Request, session: DbSession, pagina: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    return page(request, "home/mailbox.html", box=mailbox.mails(session, pagina))


@router.get("/postvak/{mail}", name="home.mail")
def show_mail(request: Request, session: DbSession, mail: UUID) -> Response:
    found = mailbox.mail(session, mail)
    return page(request, "home/mail.html", mail=found, pieces=mailbox.pieces(found.text))


@router.get("/postvak/{mail}/opmaak", name="home.mail_html")
def show_html(session: DbSession, mail: UUID) -> Response:
    """As a mail program shows it: a page of its own in a frame, that runs nothing and loads nothing."""
    html = as_html(mailbox.mail(session, mail)).replace("<head>", '<head><base target="_blank">', 1)
    return Response(html, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": FRAMED})


@router.get("/postvak/{mail}/bijlage/{number}", name="home.mail_attachment")
def download_attachment(request: Request, session: DbSession, mail: UUID, number: int) -> Response:
    attachments = mailbox.mail(session, mail).attachments
    if not 0 <= number < len(attachments):
        raise NotFound(_("Deze bijlage is er niet."))
    attached = attachments[number]
    return download(request, attached["content"].encode(), attached["type"], attached["name"])


@router.get("/stijlgids", name="home.styleguide")
def show_styleguide(request: Request) -> Response:
    example: Form[None] = Form({"adres": "demo@"}, None, {"adres": _("Het deel na de @ ontbreekt.")})  # type: ignore[type-var]
    return page(request, "home/styleguide.html", example=example)
