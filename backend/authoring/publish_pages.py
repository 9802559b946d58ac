"""Publishing: what changes for whom, the choice between a small fix and a new version, and what was done before."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.authoring import publishing
from backend.authoring.pages import Author
from backend.db import DbSession
from backend.web import page

router = APIRouter(prefix="/redactie/modules/{module}")


@router.get("/publiceren", name="authoring.publish")
def show_plan(request: Request, session: DbSession, viewer: Author, module: str) -> Response:
    return page(request, "authoring/publish.html", plan=publishing.plan(session, viewer, module))


@router.get("/versies/{number}", name="authoring.publication")
def show_publication(
    request: Request, session: DbSession, viewer: Author, module: str, number: int
) -> Response:
    return page(request, "authoring/publish.html", plan=publishing.plan(session, viewer, module))
