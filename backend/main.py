"""Build the application: database in, ASGI app out."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from servestatic import ServeStaticASGI
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware

from backend import assets
from backend.auth import access
from backend.auth import pages as auth
from backend.config import settings
from backend.courses import pages as courses
from backend.db import Database, make_engine
from backend.errors import AppError, SignInNeeded, TooMany
from backend.events import pages as events
from backend.home import pages as home
from backend.language import gettext as _
from backend.learning import pages as learning
from backend.mentoring import pages as mentoring
from backend.security import Guard
from backend.templating import ROUTES, url
from backend.web import page

log = logging.getLogger("backend")
ROUTERS = (home.router, auth.router, courses.router, learning.router, events.router, mentoring.router)


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
        ROUTES.update({route.name: route.path for route in router.routes if isinstance(route, Route)})
    app.add_exception_handler(AppError, _show_error)
    app.add_exception_handler(HTTPException, _show_http_error)
    app.add_exception_handler(RequestValidationError, _show_not_found)
    app.add_exception_handler(Exception, _show_failure)
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    # Few threads: with SQLite many of them only wait for each other (docs/performance.md).
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
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
    if isinstance(error, SignInNeeded):
        return _lead_to_sign_in(request)
    response = _error_page(request, error.status, error.message)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _lead_to_sign_in(request: Request) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = url("auth.sign_in", next=path if request.method == "GET" else None)
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _show_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for HTTPException only
    said = {
        400: _("We konden dit verzoek niet lezen. Ga terug en probeer opnieuw."),
        404: _("Deze bladzijde bestaat niet, of niet meer."),
        405: _("Deze bladzijde kun je zo niet gebruiken."),
        413: _("Dit is te groot om te bewaren. Maak het korter en probeer opnieuw."),
        415: _("Dit soort gegevens kunnen we niet lezen."),
    }
    return _error_page(request, error.status_code, said.get(error.status_code, said[400]))


def _show_not_found(request: Request, _error: Exception) -> Response:
    """A path or query that cannot be right: as if it did not exist. Never echoes what was sent."""
    return _error_page(request, 404, _("Deze bladzijde bestaat niet, of niet meer."))


def _show_failure(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("unexpected error %s at %s", reference, request.url.path, exc_info=error)
    message = _("Er ging iets mis bij ons. Wat je al bewaarde, is er nog. Probeer het over een minuut opnieuw.")
    return _error_page(request, 500, message, reference=reference)


build = partial(create_app, None)  # for servers that want a factory
