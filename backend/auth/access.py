"""Who is asking? Dependencies for routes, and the session cookie."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import Session

from backend.auth import sessions
from backend.auth.models import Role, Viewer
from backend.config import settings
from backend.db import SAFE_METHODS, DbSession, in_its_place, now
from backend.errors import Forbidden, SignInNeeded
from backend.language import gettext as _
from backend.web import after_read

COOKIE = "__Host-ln_session" if settings.secure_cookies else "ln_session"


async def viewer_or_none(request: Request, session: DbSession) -> Viewer | None:
    """The signed-in person, or None for a visitor. Also gives pages their `viewer`."""
    return await in_its_place(request, find_viewer, request, session) if COOKIE in request.cookies else None


def find_viewer(request: Request, session: Session) -> Viewer | None:
    viewer = sessions.viewer_of(session, request.cookies.get(COOKIE, ""), now())
    request.state.viewer = viewer
    if viewer is not None and now() - viewer.seen_at > sessions.SEEN_EVERY:
        if request.method in SAFE_METHODS:
            after_read(request, lambda writing: sessions.touch(writing, viewer, now()))
        else:
            sessions.touch(session, viewer, now())
    return viewer


OptionalUser = Annotated[Viewer | None, Depends(viewer_or_none)]


async def signed_in(viewer: OptionalUser) -> Viewer:
    if viewer is None:
        raise SignInNeeded
    return viewer


CurrentUser = Annotated[Viewer, Depends(signed_in)]  # may still wait for admission


def known_first(request: Request) -> Viewer:
    """Who is asking, in a transaction that is over: for routes that hash a password before they touch the database."""
    with request.app.state.db.session(reading=True) as session:
        viewer = sessions.viewer_of(session, request.cookies.get(COOKIE, ""), now())
    request.state.viewer = viewer
    if viewer is None:
        raise SignInNeeded
    return viewer


KnownFirst = Annotated[Viewer, Depends(known_first)]


async def admitted(viewer: CurrentUser) -> Viewer:
    if not viewer.is_member:
        raise Forbidden(
            _(
                "Dit is voor leden. Een mentor bekijkt je aanvraag; je krijgt een mail zodra je toegelaten bent."
            )
        )
    return viewer


CurrentMember = Annotated[Viewer, Depends(admitted)]


def holder_of(*roles: Role) -> Callable[[Viewer], Awaitable[Viewer]]:
    """A dependency for pages of a role: `Annotated[Viewer, Depends(holder_of(Role.MENTOR))]`."""

    async def check(viewer: CurrentMember) -> Viewer:
        if not viewer.has(*roles):
            raise Forbidden(_("Deze bladzijde hoort bij een rol die je niet hebt."))
        return viewer

    return check


def set_session_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE, token, max_age=settings.session_days * 86_400, path="/",
        httponly=True, samesite="lax", secure=settings.secure_cookies,
    )  # fmt: skip


def clear_session_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies)
    response.headers["Clear-Site-Data"] = '"cache"'
