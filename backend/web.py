"""From Python to HTML: pages, fragments, redirects, messages and submitted forms."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from pydantic import BaseModel, ValidationError
from python_multipart.multipart import parse_options_header
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from backend import language
from backend.config import settings
from backend.db import now
from backend.fields import is_blank, messages
from backend.templating import templates, url

F = TypeVar("F", bound=BaseModel)
FLASH_COOKIE = "ln_flash"
MAX_FIELDS = 400
# The blocks of whole pages: no elements to ask for on their own.
LAYOUT = frozenset(templates.get_template("base.html").blocks)


def page(
    request: Request, template: str, *, status: int = 200, block: str = "", **context: Any
) -> HTMLResponse:
    """Render a page, or only the block that htmx asked for (block name == element id).

    `block` names the form to send back to htmx after a mistake (422): it then replaces just that form.
    """
    source = templates.get_template(template)
    context = {"request": request, "viewer": getattr(request.state, "viewer", None), **context}
    by_htmx = request.headers.get("HX-Request") == "true"
    wanted = request.headers.get("HX-Target", "").rpartition("#")[2]
    headers = {"Vary": "HX-Request, HX-Request-Type, HX-Target, Cookie", "Cache-Control": "no-store"}
    if block and by_htmx:
        html = _render_block(source, block, {**context, "flashes": []})
        headers |= {"HX-Retarget": f"#{block}", "HX-Reswap": "outerHTML", "HX-Push-Url": "false"}
    elif request.headers.get("HX-Request-Type") == "partial" and wanted in source.blocks.keys() - LAYOUT:
        html = _render_block(source, wanted, {**context, "flashes": []})
    else:
        flashes = _read_flashes(request)
        html = source.render({**context, "flashes": flashes})
    response = HTMLResponse(html, status, headers)
    if FLASH_COOKIE in request.cookies and not (block and by_htmx):
        response.delete_cookie(FLASH_COOKIE, path="/")
    if later := getattr(request.state, "after_read", None):
        response.background = BackgroundTask(_write_after, request, later)
    return response


def _render_block(source: Any, name: str, context: dict[str, Any]) -> str:
    return "".join(source.blocks[name](source.new_context(context)))


def after_read(request: Request, write: Callable[[Session], object]) -> None:
    """A short write after the answer of a GET has left: last seen, where one was, who looked at whose data."""
    if not hasattr(request.state, "after_read"):
        request.state.after_read = []
    request.state.after_read.append(write)


async def _write_after(request: Request, writes: list[Callable[[Session], object]]) -> None:
    await request.app.state.db.apart(lambda session: [write(session) for write in writes])


def download(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """A file to keep. `name` is plain ASCII."""
    disposition = f'attachment; filename="{name}"'
    response = Response(
        content,
        media_type=media_type,
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )
    if later := getattr(request.state, "after_read", None):
        response.background = BackgroundTask(_write_after, request, later)
    return response


def download_file(request: Request, content: IO[bytes], media_type: str, name: str) -> Response:
    """Like download(), for a file that is sent in pieces and closed afterwards."""
    response = StreamingResponse(
        _pieces(content),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
    if later := getattr(request.state, "after_read", None):
        response.background = BackgroundTask(_write_after, request, later)
    return response


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while piece := content.read(65_536):
            yield piece


def go(request: Request, route: str, *, anchor: str = "", **values: Any) -> RedirectResponse:
    """After a successful POST, send the browser to a page it can reload."""
    return go_to(request, url(route, **values) + (f"#{anchor}" if anchor else ""))


def go_to(request: Request, path: str) -> RedirectResponse:
    """Like go(), for a path on this site that safe_path() approved."""
    response = RedirectResponse(path, 303)
    if said := getattr(request.state, "flashes", None):
        response.set_cookie(
            FLASH_COOKIE, _sign(json.dumps(said)), max_age=60, path="/",
            httponly=True, samesite="lax", secure=settings.secure_cookies,
        )  # fmt: skip
    return response


def safe_path(path: str | None, otherwise: str = "/") -> str:
    """A path on this site that a stranger may have proposed (`next`), or `otherwise`."""
    if not path or not path.startswith("/") or path[:2] in ("//", "/\\") or len(path) > 1000:
        return otherwise
    if any(ord(c) < 33 or ord(c) == 127 or c == "\\" for c in path):
        return otherwise
    parts = urlsplit(path)
    return otherwise if parts.scheme or parts.netloc else path


def path_of(address: str, otherwise: str = "/") -> str:
    """The path of an address on this site, whatever host it names; `otherwise` for what is none."""
    try:
        return safe_path(urlsplit(address)._replace(scheme="", netloc="").geturl(), otherwise)
    except ValueError:
        return otherwise


def flash(request: Request, text: str, tone: str = "ok") -> None:
    """Say something once, on the next page. Tone: ok, info, warn or bad."""
    if not hasattr(request.state, "flashes"):
        request.state.flashes = []
    request.state.flashes.append({"text": text, "tone": tone})


def _read_flashes(request: Request) -> list[dict[str, str]]:
    said = list(getattr(request.state, "flashes", []))
    if cookie := request.cookies.get(FLASH_COOKIE):
        said = _unsign(cookie) + said
    return said


def _seal(*parts: str) -> str:
    return hmac.new(settings.secret_key.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


def mark(response: Response, name: str, about: str, *, days: int) -> None:
    """Give this browser a signed cookie, with which it can show later that it was this one. Nothing can be read in it."""
    until = str(int(now().timestamp()) + days * 86_400)
    response.set_cookie(
        mark_cookie(name), f"{until}.{_seal(name, until, about)}", max_age=days * 86_400, path="/",
        httponly=True, samesite="lax", secure=settings.secure_cookies,
    )  # fmt: skip


def is_marked(request: Request, name: str, about: str) -> bool:
    until, _, seal = request.cookies.get(mark_cookie(name), "").partition(".")
    is_ours = hmac.compare_digest(seal.encode(), _seal(name, until, about).encode())
    return is_ours and int(until) > now().timestamp()


def mark_cookie(name: str) -> str:
    return f"__Host-{name}" if settings.secure_cookies else name


def _sign(text: str) -> str:
    payload = base64.urlsafe_b64encode(text.encode()).decode()
    return f"{payload}.{_seal(payload)}"


def _unsign(cookie: str) -> list[dict[str, str]]:
    payload, _, seal = cookie.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(payload).encode()):
        return []
    return list(json.loads(base64.urlsafe_b64decode(payload)))


@dataclass(frozen=True)
class Form(Generic[F]):
    """What the person typed, and either the checked data or what is wrong with it (one sentence a field).

    A field that was sent several times is a list in `typed`.
    """

    typed: dict[str, Any] = field(default_factory=dict)
    data: F | None = None
    errors: dict[str, str] = field(default_factory=dict)

    def wrong(self, **errors: str) -> "Form[F]":
        """The same form with what a rule found wrong."""
        return Form(self.typed, None, {**self.errors, **errors})


async def read_form(request: Request) -> FormData:
    """The submitted fields. Refuses what is broken (400), too large (413), of another type (415) or no text (422).

    Files are not taken here. What is not UTF-8 is refused, never guessed at.
    """
    body = await request.body()
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind == b"multipart/form-data":
        _require_whole(body, options)
    elif kind != b"application/x-www-form-urlencoded" and body:
        raise HTTPException(415)
    try:
        text = body.decode()
        if kind == b"multipart/form-data":
            form = await request.form(max_fields=MAX_FIELDS, max_files=0, max_part_size=len(body))
        else:
            form = FormData(
                [*parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)]
            )
    except ValueError as error:  # also UnicodeDecodeError
        raise HTTPException(400) from error
    if any("\0" in name or "\0" in str(value) for name, value in form.multi_items()):
        raise HTTPException(422)  # nobody types a NUL, and databases choke on it
    return form


def _require_whole(body: bytes, options: dict[bytes, bytes]) -> None:
    """Of a multipart form: in UTF-8, and not cut off on the way."""
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(415)
    if not body.rstrip().endswith(b"--" + options.get(b"boundary", b"") + b"--"):
        raise HTTPException(400)


@dataclass(frozen=True)
class Upload:
    """The one file of a form, and its other fields. `content` is b"" when none was chosen. Its name is what somebody typed."""

    name: str = ""
    content: bytes = b""
    typed: dict[str, str] = field(default_factory=dict)


async def read_file(request: Request, name: str) -> bytes:
    """The one file that a form sends, b"" when none was chosen. Its name is not looked at, other fields neither."""
    return (await read_upload(request, name)).content


async def read_upload(request: Request, name: str) -> Upload:
    """Refuses like read_form(). What is larger than other forms must be allowed first: security.allow_body()."""
    body = await request.body()
    if not body:
        return Upload()
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise HTTPException(415)
    _require_whole(body, options)
    try:
        form = await request.form(max_fields=MAX_FIELDS, max_files=1)
    except ValueError as error:
        raise HTTPException(400) from error
    file = form.get(name)
    typed = {key: value for key, value in form.items() if isinstance(value, str)}
    content = await file.read() if isinstance(file, UploadFile) else b""
    called = (file.filename or "") if isinstance(file, UploadFile) else ""
    await form.close()
    if any("\0" in text for text in (called, *typed, *typed.values())):
        raise HTTPException(422)
    return Upload(called, content, typed)


def form(model: type[F]) -> Callable[[Request], Awaitable[Form[F]]]:
    """A dependency that reads the form as `model`. Nothing is raised for a mistake: the route answers with the page again."""

    async def read(request: Request) -> Form[F]:
        submitted = await read_form(request)
        typed: dict[str, Any] = {}
        for key in submitted:
            values = submitted.getlist(key)
            typed[key] = values if len(values) > 1 else values[0]
        return parse(model, typed)

    return read


def parse(model: type[F], typed: dict[str, Any]) -> Form[F]:
    filled = {k: v for k, v in typed.items() if not (isinstance(v, str) and is_blank(v))}
    try:
        return Form(typed, model.model_validate(filled), {})
    except ValidationError as error:
        return Form(typed, None, messages(error.errors(include_url=False, include_input=False)))


def remember_language(response: RedirectResponse, chosen: str) -> None:
    if chosen in language.LANGUAGES:
        response.set_cookie(
            "taal",
            chosen,
            max_age=31_536_000,
            path="/",
            httponly=True,
            samesite="lax",
            secure=settings.secure_cookies,
        )
