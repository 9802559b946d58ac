"""One box to find what is on the site, and the list of words with their meaning."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend import search
from backend.auth.access import OptionalUser
from backend.courses import service as courses
from backend.db import DbSession, in_its_place
from backend.web import page

router = APIRouter()


@router.get("/zoeken", name="home.search")
async def find(request: Request, session: DbSession, viewer: OptionalUser, q: str = "") -> Response:
    query = " ".join(q.replace("\0", " ").encode("utf-8", "ignore").decode().split())[: search.LONGEST_QUERY]
    seeker = search.Seeker(viewer.id if viewer else None, viewer is not None and viewer.is_member)
    found = await in_its_place(request, search.find, session, query, seeker) if query else []
    return page(request, "home/search.html", query=query, found=found)


@router.get("/begrippen", name="courses.terms")
async def list_terms(request: Request, session: DbSession, viewer: OptionalUser) -> Response:
    del viewer  # the header says who is signed in
    terms = await in_its_place(request, courses.terms, session)
    return page(request, "courses/terms.html", terms=terms)
