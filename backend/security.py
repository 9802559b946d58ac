"""What holds for every request: response headers, the cross-site check, limits at the door, the language."""

import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import language
from backend.config import settings
from backend.db import SAFE_METHODS
from backend.errors import TooLarge
from backend.language import gettext as _

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'"
        + ("; frame-src 'self'" if settings.demo else "")  # the mailbox shows mails in a frame
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # what may be kept says so itself: static files, public feeds
}
if settings.secure_cookies:
    HEADERS["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
METHODS = {"GET", "HEAD", "POST"}
MAX_URL_BYTES = 8_000
MAX_HEADER_BYTES = 32_000
HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


BODY_LIMIT = "ln.body_limit"


@dataclass
class BodyLimit:
    """How large the body of this request may be. `said`: what one reads who sends more; "" for the usual words."""

    most: int  # bytes
    said: str = ""


def allow_body(scope: MutableMapping[str, Any], most: int, said: str) -> None:
    """A larger body than others, for a route that takes a file. Call it once it is known who asks, before the body is read."""
    limit: BodyLimit | None = scope.get(BODY_LIMIT)
    if limit is not None:
        limit.most, limit.said = max(limit.most, most), said


class Guard:
    """The outermost layer. Refuses, in few words and without echoing anything, what no honest browser sends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        extra = [h.strip().lower() for h in settings.allowed_hosts.split(",") if h.strip()]
        self.hosts = {_hostname(urlsplit(settings.base_url).netloc), *extra}
        if settings.demo:
            self.hosts |= {"localhost", "127.0.0.1", "[::1]", "testserver"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        send = _with_headers(send, head=scope["method"] == "HEAD")
        language.choose(_language_cookie(headers))
        if refusal := self._refusal(scope, headers):
            status, said = refusal
            allow = {"Allow": ", ".join(sorted(METHODS))} if status == 405 else None
            return await PlainTextResponse(said, status, allow)(scope, receive, send)
        if scope["method"] == "HEAD":  # monitors use it; the answer is that of GET without its body
            scope = {**scope, "method": "GET"}
        limit = BodyLimit(settings.max_body_bytes)
        scope = {**scope, BODY_LIMIT: limit}
        return await self.app(scope, _limited(receive, int(headers.get("content-length", "0")), limit), send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _hostname(hosts[0]) not in self.hosts:
            return 400, _("Onbekend adres.")
        if scope["method"] not in METHODS:
            return 405, _("Deze methode bestaat hier niet.")
        path, query = scope.get("raw_path", b""), scope["query_string"]
        if len(path) + len(query) > MAX_URL_BYTES:
            return 414, _("Dit adres is te lang.")
        if not (_is_text(path) and _is_text(query)):
            return 400, _("Dit adres klopt niet.")
        if sum(len(name) + len(value) for name, value in headers.raw) > MAX_HEADER_BYTES:
            return 431, _("Dit verzoek is te groot.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            return 400, _("Dit verzoek klopt niet.")
        return None if scope["method"] in SAFE_METHODS else _change_refusal(headers)


def _with_headers(send: Send, *, head: bool) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        elif head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_with_headers


def _limited(receive: Receive, declared: int, limit: BodyLimit) -> Receive:
    """Stops reading at the limit, or before the first byte when the request says that it is larger."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        if max(declared, received) <= limit.most:
            message = await receive()
            received += len(message.get("body", b""))
        if max(declared, received) > limit.most:
            raise TooLarge(
                limit.said or _("Dit is te groot om te bewaren. Maak het korter en probeer opnieuw.")
            )
        return message

    return receive_limited


def _change_refusal(headers: Headers) -> tuple[int, str] | None:
    if is_cross_site(headers):
        return 403, _("Dit verzoek kwam van een andere site. Ga terug en probeer opnieuw.")
    if headers.get("content-encoding", "identity") != "identity":
        return 415, _("Stuur dit zonder compressie.")
    return None


def is_cross_site(headers: Headers) -> bool:
    """Browsers say where a request came from; programs without a browser's cookies say nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _hostname(host: str) -> str | None:
    """The name without its port; None when it is anything but a name, or an address, and a port."""
    match = HOST.fullmatch(host.lower())
    return match[1] if match else None


def _is_text(raw: bytes) -> bool:
    """True when it decodes to UTF-8 text without NUL, line ends and the like. A tab may be pasted into a search."""
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return not any(c == "\x7f" or (c < " " and c != "\t") for c in text)


def _language_cookie(headers: Headers) -> str | None:
    cookie = headers.get("cookie", "")
    if "taal=" not in cookie:
        return None
    try:
        jar = SimpleCookie(cookie)
    except CookieError:
        return None
    return jar["taal"].value if "taal" in jar else None
