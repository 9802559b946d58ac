"""The catalogue of modules and the page of one module: what it teaches, and for a member how far they are."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.auth.access import OptionalUser
from backend.courses import service as courses
from backend.db import DbSession, in_its_place
from backend.learning import progress
from backend.learning.models import PASS
from backend.learning.policy import can_learn
from backend.web import page

router = APIRouter()


@router.get("/modules", name="courses.list")
async def list_modules(request: Request, session: DbSession, viewer: OptionalUser) -> Response:
    published = await in_its_place(request, courses.published, session)
    standing = await in_its_place(request, progress.overview, session, viewer.id) if viewer else {}
    return page(
        request,
        "courses/list.html",
        courses=[(document, standing.get(document.key)) for _id, document in published],
    )


@router.get("/modules/{module}", name="courses.show")
async def show_module(request: Request, session: DbSession, viewer: OptionalUser, module: str) -> Response:
    found = await in_its_place(request, courses.find, session, module)
    standing = await in_its_place(request, progress.overview, session, viewer.id) if viewer else {}
    return page(
        request,
        "courses/show.html",
        published=found,
        course=found.document,
        progress=standing.get(module),
        can_learn=can_learn(viewer),
        pass_percent=round(PASS * 100),
    )
