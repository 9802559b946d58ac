"""What holds for every request: response headers, the cross-site check, limits at the door, the language."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import language
from backend.config import settings
from backend.db import SAFE_METHODS
from backend.errors import TooLarge

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
if settings.secure_cookies:
    HEADERS["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
METHODS = {"GET", "HEAD", "POST"}


class Guard:
    """The outermost layer. Refuses, in few words and without echoing anything, what no honest browser sends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        host = urlsplit(settings.base_url).hostname or ""
        extra = [h.strip().lower() for h in settings.allowed_hosts.split(",") if h.strip()]
        self.hosts = {host, *extra} | ({"localhost", "127.0.0.1", "[::1]", "testserver"} if settings.demo else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        head = scope["method"] == "HEAD"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        headers = Headers(scope=scope)
        if refusal := self._refusal(scope, headers):
            return await PlainTextResponse(refusal[1], refusal[0])(scope, receive, send_with_headers)
        if head:  # monitors use it; the answer is that of GET without its body
            scope = {**scope, "method": "GET"}
        language.choose(_language_cookie(headers))

        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > settings.max_body_bytes:
                raise TooLarge(language.gettext("Dit is te groot om te bewaren. Maak het korter en probeer opnieuw."))
            return message

        return await self.app(scope, receive_limited, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _hostname(hosts[0]) not in self.hosts:
            return 400, "Onbekend adres."
        if scope["method"] not in METHODS:
            return 405, "Deze methode bestaat hier niet."
        if not _decodable(scope.get("raw_path", b"")) or not _decodable(scope["query_string"]):
            return 400, "Dit adres klopt niet."
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > 8000:
            return 414, "Dit adres is te lang."
        if scope["method"] in SAFE_METHODS:
            return None
        if is_cross_site(headers):
            return 403, "Dit verzoek kwam van een andere site. Ga terug en probeer opnieuw."
        if headers.get("content-encoding", "identity") != "identity":
            return 415, "Stuur dit zonder compressie."
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return 400, "Dit verzoek klopt niet."
        return (413, "Dit is te groot.") if int(length) > settings.max_body_bytes else None


def is_cross_site(headers: Headers) -> bool:
    """Browsers say where a request came from; programs without a browser's cookies say nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _hostname(host: str) -> str:
    name = host.lower()
    return name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]


def _decodable(raw: bytes) -> bool:
    """True when it decodes to UTF-8 text without NUL or line ends."""
    decoded = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        text = decoded.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(ord(c) < 32 or ord(c) == 127 for c in text)


def _language_cookie(headers: Headers) -> str | None:
    cookie = headers.get("cookie", "")
    if "taal=" not in cookie:
        return None
    try:
        jar = SimpleCookie(cookie)
    except CookieError:
        return None
    return jar["taal"].value if "taal" in jar else None
