"""For a member: who looked at my data, and who follows me."""

from fastapi import APIRouter, Request, Response

from backend.auth.access import CurrentMember
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.mentoring import looks
from backend.web import page

router = APIRouter()


@router.get("/mijn/bekeken", name="mentoring.looks")
def show_looks(request: Request, session: DbSession, viewer: CurrentMember) -> Response:
    words = {
        looks.VIEWED: _("bekeek je voortgang"),
        looks.EXPORTED: _("bewaarde een lijst waar je op staat"),
        looks.HANDED: _("droeg je begeleiding over"),
        "mentoring.nudged": _("schreef je een bericht"),
        "mentoring.allowed": _("gaf je een extra poging of meer tijd"),
    }
    moment = now()
    return page(
        request, "mentoring/looks.html", looks=looks.looks_at(session, viewer.id, moment),
        mentors=looks.mentors_of(session, viewer, moment), words=words,
    )  # fmt: skip
