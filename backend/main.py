"""Build the application: database in, ASGI app out."""

import gc
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from servestatic import ServeStaticASGI
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware

from backend import assets, jobs
from backend.auth import access
from backend.auth import jobs as _auth_jobs  # noqa: F401 - registers what happens by itself
from backend.auth import pages as auth
from backend.auth.kept_pages import way_back
from backend.authoring import pages as authoring
from backend.config import settings
from backend.db import Database, make_engine
from backend.errors import AppError, SignInNeeded, TooMany
from backend.events import (
    desk_mail_pages,
    desk_pages,
    desk_people_pages,
    door_pages,
    link_pages,
    organiser_extra_pages,
    organiser_material_pages,
    organiser_pages,
    organiser_programme_pages,
    organiser_series_pages,
    registration_pages,
)
from backend.events import jobs as _events_jobs  # noqa: F401
from backend.events import pages as events
from backend.exchange import pages as exchange
from backend.home import demo_pages, file_pages, health_pages, module_pages, own_data_pages, search_pages
from backend.home import pages as home
from backend.language import gettext as _
from backend.learning import (
    check_pages,
    note_pages,
    paper_pages,
    reflection_pages,
    report_pages,
    rhythm_pages,
)
from backend.learning import jobs as _learning_jobs  # noqa: F401 - registers what happens by itself
from backend.learning import pages as learning
from backend.learning import scenario_pages as scenarios
from backend.mentoring import (
    allowance_pages,
    asking_pages,
    cockpit_pages,
    group_pages,
    hour_pages,
    look_pages,
    message_pages,
    place_pages,
    steering_pages,
)
from backend.mentoring import pages as mentoring
from backend.mentoring import scenario_pages as paths
from backend.recognition import pages as recognition
from backend.security import Guard
from backend.templating import ROUTES, url
from backend.web import go_to, page

log = logging.getLogger("backend")
PARTS = (  # in this order an address is looked for: lessons and answers, which are asked most, come first
    report_pages,  # before the answers, whose address may be anything
    learning,
    home,
    demo_pages,
    health_pages,
    search_pages,
    own_data_pages,
    auth,
    module_pages,
    file_pages,
    check_pages,
    scenarios,
    note_pages,
    reflection_pages,
    rhythm_pages,
    paper_pages,
    events,
    registration_pages,
    link_pages,
    organiser_material_pages,
    organiser_series_pages,
    organiser_extra_pages,  # before the steps, whose address may be anything
    organiser_pages,
    organiser_programme_pages,
    door_pages,
    desk_mail_pages,
    desk_people_pages,
    desk_pages,
    mentoring,
    asking_pages,
    cockpit_pages,
    group_pages,
    look_pages,
    place_pages,
    allowance_pages,
    message_pages,
    hour_pages,
    steering_pages,
    exchange,
    paths,
    authoring,
    recognition,
)
ROUTERS = tuple(part.router for part in PARTS)
# From here on url() knows every page, also for a mail that is written before there is an application.
ROUTES.update(
    {route.name: route.path for router in ROUTERS for route in router.routes if isinstance(route, Route)}
)


def create_app(engine: Engine | None = None) -> ASGIApp:
    """The whole product as one ASGI application."""
    return Guard(_with_static(_compressed(create_api(engine))))


def create_api(engine: Engine | None = None) -> FastAPI:
    """The routes and error pages, without the layers around them."""
    off: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=off, lifespan=_lifespan)
    app.state.db = Database(engine or make_engine(settings.database))
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(AppError, _show_error)
    app.add_exception_handler(SignInNeeded, _lead_to_sign_in)
    app.add_exception_handler(HTTPException, _show_http_error)
    app.add_exception_handler(RequestValidationError, _show_invalid)
    # Nobody reads this answer.
    app.add_exception_handler(ClientDisconnect, lambda _request, _error: Response(status_code=400))
    app.add_exception_handler(Exception, _show_failure)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Few threads: with SQLite many of them only wait for each other (docs/performance.md).
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
    # What the program consists of is never garbage: looking at it again and again costs each request some 5 %.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
    with jobs.embedded_worker(app.state.db) if settings.embedded_worker else nullcontext():
        yield


def _compressed(app: ASGIApp) -> ASGIApp:
    return CompressMiddleware(app, minimum_size=800, zstd=False, brotli_quality=4, gzip_level=5)


def _with_static(app: ASGIApp) -> ASGIApp:
    """Published assets never change under one name, so browsers may keep them for ever."""
    folder = assets.publish()
    static: Any = ServeStaticASGI(app, root=None, immutable_file_test=lambda _path, _url: True)
    static.add_files(str(folder), prefix="/static")
    return static  # type: ignore[no-any-return]


def _error_page(request: Request, status: int, message: str, *, reference: str = "") -> Response:
    """error.html with who is signed in, so that the way on is the right one."""
    if not hasattr(request.state, "viewer"):
        try:
            with request.app.state.db.session(reading=True) as session:
                access.find_viewer(request, session)
        except Exception:  # noqa: BLE001 - an error page must show even when the database does not answer
            request.state.viewer = None
    return page(request, "error.html", status=status, message=message, code=status, reference=reference)


def _show_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 - registered for AppError only
    response = _error_page(request, error.status, error.message)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


async def _lead_to_sign_in(request: Request, _error: Exception) -> Response:
    """To the sign-in page and back; what was typed into a form is kept meanwhile."""
    target = url("auth.sign_in", next=await way_back(request))
    response = go_to(request, target)
    if request.headers.get("HX-Request") == "true":
        response.status_code = 401
        del response.headers["location"]
        response.headers["HX-Redirect"] = target
    return response


def _show_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for HTTPException only
    said = {
        400: _("We konden dit verzoek niet lezen. Ga terug en probeer opnieuw."),
        404: _("Deze bladzijde bestaat niet, of niet meer."),
        405: _("Deze bladzijde kun je zo niet gebruiken."),
        413: _("Dit is te groot om te bewaren. Maak het korter en probeer opnieuw."),
        415: _("Dit soort gegevens kunnen we niet lezen."),
        422: _("Hier staan tekens in die we niet kunnen bewaren. Typ de tekst opnieuw."),
    }
    response = _error_page(request, error.status_code, said.get(error.status_code, said[400]))
    response.headers.update(error.headers or {})
    return response


def _show_invalid(request: Request, error: Exception) -> Response:
    """An address that cannot be right: as if it did not exist. A body that cannot: 422. Never echoes what was sent."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for RequestValidationError only
    if any(said["loc"][0] == "body" for said in error.errors()):
        return _error_page(request, 422, _("We konden dit verzoek niet lezen. Ga terug en probeer opnieuw."))
    return _error_page(request, 404, _("Deze bladzijde bestaat niet, of niet meer."))


def _show_failure(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    # Not the path itself: it may hold the secret of a mailed link.
    route = getattr(request.scope.get("route"), "path", "")
    log.error("unexpected error %s at %s %s", reference, request.method, route, exc_info=error)
    message = _(
        "Er ging iets mis bij ons. Wat je al bewaarde, is er nog. Probeer het over een minuut opnieuw."
    )
    return _error_page(request, 500, message, reference=reference)


build = partial(create_app, None)  # for servers that want a factory
