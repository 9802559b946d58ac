"""The files of lessons: pictures, sound, video, captions and what one may download."""

import re
from collections.abc import AsyncIterator
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from backend.auth.access import OptionalUser
from backend.auth.models import Viewer
from backend.courses import course_files
from backend.courses import service as courses
from backend.courses.media import DOWNLOADS, SERVED
from backend.db import DbSession, in_its_place
from backend.errors import Forbidden, NotFound, SignInNeeded
from backend.language import gettext as _
from backend.learning.policy import can_learn

router = APIRouter()
MOST_AT_ONCE = (
    1_048_576  # bytes; who asks for a part gets no more of it, a player asks for the next by itself
)
RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
TO_KEEP = {kind.media_type for kind in DOWNLOADS.values()}


@router.get("/bestanden/{sha256}/{file}", name="courses.file")
async def show_file(
    request: Request, session: DbSession, viewer: OptionalUser, sha256: str, file: str
) -> Response:
    """A file is named by its content, so a browser may keep it for ever."""
    kept = await in_its_place(request, course_files.find, session, sha256)
    if not NAME.fullmatch(file) or file.rpartition(".")[2].lower() not in SERVED.get(kept.media_type, ()):
        raise NotFound(_("Dit bestand bestaat niet, of niet meer."))
    if not can_learn(viewer) and not await in_its_place(request, courses.is_open, session, sha256):
        raise _refused(viewer)
    disposition = "attachment" if kept.media_type in TO_KEEP else "inline"
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": f'{disposition}; filename="{file}"',
        "ETag": f'"{sha256}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    start, end, status = 0, kept.size, 200
    if kept.media_type.startswith(("video/", "audio/")):
        headers["Accept-Ranges"] = "bytes"
        start, end, status = _part(request, kept.size, headers["ETag"])
    if status == 416:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{kept.size}"})
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{kept.size}"
    headers["Content-Length"] = str(end - start)
    if end - start <= MOST_AT_ONCE:
        content = await in_its_place(request, course_files.read, session, sha256, start, end)
        return Response(content, status, headers, kept.media_type)
    return StreamingResponse(_all(request, sha256, kept.size), status, headers, kept.media_type)


def _refused(viewer: Viewer | None) -> Exception:
    return (
        SignInNeeded()
        if viewer is None
        else Forbidden(_("Dit is voor leden. Een mentor bekijkt je aanvraag nog."))
    )


def _part(request: Request, size: int, etag: str) -> tuple[int, int, int]:
    """Which bytes are asked for, from and up to, and the status: 206, 416 for what is not there, 200 for everything."""
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    if not asked or asked[0] == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return 0, size, 200  # not understood, several parts at once, or of another file
    if asked[1]:
        start, end = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
        if asked[2] and int(asked[2]) < start:
            return 0, size, 200
    else:
        start, end = max(0, size - int(asked[2])), size
    if start >= size:
        return 0, 0, 416
    return start, min(end, start + MOST_AT_ONCE), 206


async def _all(request: Request, sha256: str, size: int) -> AsyncIterator[bytes]:
    """Piece by piece, each in a short transaction of its own: a slow reader keeps nobody waiting."""
    for start in range(0, size, course_files.PIECE):
        end = min(start + course_files.PIECE, size)
        work = partial(course_files.read, sha256=sha256, start=start, end=end)
        yield await request.app.state.db.apart(work, reading=True)
