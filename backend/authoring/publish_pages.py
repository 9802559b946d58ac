"""Publishing: what changes for whom, the choice between a small fix and a new version, and what was done before."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.authoring import publishing, service
from backend.authoring.changes import Aspect, Kind
from backend.authoring.desk_pages import Author
from backend.authoring.forms import PublishForm
from backend.authoring.models import Way
from backend.authoring.publishing import Plan, Wish
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.language import ngettext
from backend.web import Form, flash, form, go, page

router = APIRouter(prefix="/redactie/modules/{module}")


def _words() -> dict[str, dict[str, str]]:
    """What the kinds of changes are called."""
    kinds = {
        Kind.REWORDED: _("anders verwoord"),
        Kind.RIGHT_ANSWER: _("een ander antwoord is juist"),
        Kind.ADDED: _("nieuw"),
        Kind.CHOICES: _("andere keuzes"),
        Kind.TYPE: _("een andere soort vraag"),
        Kind.REMOVED: _("weg"),
    }
    aspects = {
        Aspect.TITLE: _("de titel"),
        Aspect.TEXT: _("de tekst"),
        Aspect.RULES: _("wanneer ze klaar is"),
        Aspect.OPENING: _("wat eerst moet, of wanneer ze open is"),
        Aspect.SOURCES: _("de bronnen"),
        Aspect.ORDER: _("de volgorde van de lessen"),
    }
    return {
        "kinds": {str(k): v for k, v in kinds.items()},
        "aspects": {str(k): v for k, v in aspects.items()},
    }


@router.get("/publiceren", name="authoring.publish")
def show_plan(request: Request, session: DbSession, viewer: Author, module: str) -> Response:
    planned = publishing.plan(session, viewer, module)
    return page(request, "authoring/publish.html", plan=planned, heading=_heading(planned), words=_words())


def _heading(planned: Plan) -> str:
    count = planned.desk.under_way
    if planned.desk.published is None:
        return _("Deze module voor het eerst publiceren")
    if not count:
        return _("Wat verandert er?")
    return ngettext(
        "Wat verandert er voor wie bezig is?", "Wat verandert er voor de %(n)s mensen die bezig zijn?", count
    ) % {"n": count}


@router.post("/publiceren", name="authoring.do_publish")
def publish(
    request: Request,
    session: DbSession,
    viewer: Author,
    typed: Annotated[Form[PublishForm], Depends(form(PublishForm))],
    module: str,
) -> Response:
    service.require_author(viewer, module)
    if typed.data is None:
        flash(request, _("Kies eerst hoe je dit publiceert."), "warn")
        return go(request, "authoring.publish", module=module)
    wish = Wish(typed.data.revision, typed.data.before, typed.data.way)
    number = publishing.publish(session, viewer, module, wish, now())
    if number is None:
        flash(
            request,
            _(
                "Dit zegt hetzelfde als wat gepubliceerd is. Er komt geen nieuwe versie; het pakket is bewaard."
            ),
            "info",
        )
        return go(request, "authoring.course", module=module)
    flash(request, _("Versie %(n)s is gepubliceerd.") % {"n": number})
    return go(request, "authoring.publication", module=module, number=number)


@router.get("/versies/{number}", name="authoring.publication")
def show_publication(
    request: Request, session: DbSession, viewer: Author, module: str, number: int
) -> Response:
    found = publishing.find(session, viewer, module, number)
    return page(
        request,
        "authoring/publication.html",
        found=found,
        words=_words(),
        is_fix=found.publication.way == Way.FIX,
    )
