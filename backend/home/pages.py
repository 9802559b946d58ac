"""The pages that belong to the whole: the network, short true pages, the language."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from backend.auth import profile
from backend.auth.access import COOKIE, OptionalUser, viewer_or_none
from backend.auth.models import AccountStatus, Viewer
from backend.db import DbSession, in_its_place, now
from backend.fields import FormModel
from backend.home import service
from backend.home.dots import flanders
from backend.language import gettext as _
from backend.language import ngettext
from backend.learning.models import PASS
from backend.network import service as network
from backend.web import Form, form, go_to, page, path_of, remember_language

router = APIRouter()
FOR_ALL = [Depends(viewer_or_none)]  # open to visitors; the header says who is signed in


@router.get("/", name="home.start")
async def start(request: Request, viewer: OptionalUser, session: DbSession) -> Response:
    """The landing; for whoever is signed in "Mijn overzicht"."""
    if viewer is None:
        landing = await in_its_place(request, service.landing, session, now())
        outside, inside = flanders(frozenset(landing.regions))
        return page(request, "home/landing.html", landing=landing, outside=outside, inside=inside, now=now())
    overview = await in_its_place(request, service.overview, session, viewer, now())
    return page(
        request,
        "home/overview.html",
        title=_title(viewer, overview),
        overview=overview,
        refused=viewer.status == AccountStatus.REFUSED,
        now=now(),
    )


def _title(viewer: Viewer, overview: service.Overview) -> str:
    """The one thing that counts now for whoever is signed in."""
    if viewer.status == AccountStatus.REFUSED:
        return _("Je aanvraag werd niet aanvaard")
    if not viewer.is_member:
        return _("Je aanvraag ligt bij een mentor")
    if overview.next_lesson:
        return overview.next_lesson.lesson.title
    if overview.all_done:
        return ngettext("De module is klaar", "Alle modules zijn klaar", len(overview.courses))
    return _("Mijn overzicht")


@router.get("/netwerk", name="home.network", dependencies=FOR_ALL)
def show_network(request: Request, session: DbSession) -> Response:
    regions = network.regions(session)
    counts = [region.municipality_count for region in regions]
    return page(
        request,
        "home/network.html",
        editions=network.editions(session),
        regions=regions,
        total=sum(counts),
        most=max(counts, default=1),
    )


@router.get("/huisregels", name="home.house_rules", dependencies=FOR_ALL)
def show_house_rules(request: Request) -> Response:
    return page(request, "home/house_rules.html")


@router.get("/privacy", name="home.privacy", dependencies=FOR_ALL)
def show_privacy(request: Request) -> Response:
    return page(request, "home/privacy.html", session_cookie=COOKIE)


@router.get("/toegankelijkheid", name="home.accessibility", dependencies=FOR_ALL)
def show_accessibility(request: Request) -> Response:
    return page(request, "home/accessibility.html")


@router.get("/contact", name="home.contact", dependencies=FOR_ALL)
def show_contact(request: Request) -> Response:
    return page(request, "home/contact.html")


@router.get("/hulp", name="home.help", dependencies=FOR_ALL)
def show_help(request: Request) -> Response:
    return page(request, "home/help.html", pass_percent=round(PASS * 100))


class LanguageForm(FormModel):
    taal: Literal["nl", "en"]
    next: str = "/"


@router.post("/taal", name="home.language")
def choose_language(
    request: Request,
    viewer: OptionalUser,
    session: DbSession,
    form: Annotated[Form[LanguageForm], Depends(form(LanguageForm))],
) -> Response:
    response = go_to(request, path_of(form.data.next if form.data else "/"))
    if form.data:
        remember_language(response, form.data.taal)
        if viewer:
            profile.speak(session, viewer, form.data.taal)
    return response
