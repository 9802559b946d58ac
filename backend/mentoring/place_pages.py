"""A municipality's page for whoever follows it: /begeleiding/gemeente/…"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.mentoring import places
from backend.templating import url
from backend.web import go_to, page

router = APIRouter(prefix="/begeleiding")
Follower = Annotated[Viewer, Depends(holder_of(Role.MENTOR, Role.ADMINISTRATOR))]


@router.get("/gemeente/{nis_code}", name="mentoring.place")
def show_place(request: Request, session: DbSession, viewer: Follower, nis_code: str) -> Response:
    """A municipality that merged leads to the one it is in now."""
    if after := places.successor(session, nis_code):
        return go_to(request, url("mentoring.place", nis_code=after))
    place = places.place_of(session, viewer, nis_code, now())
    return page(request, "mentoring/place.html", place=place, now=now())
