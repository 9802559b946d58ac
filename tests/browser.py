"""A browser for tests: every page it opens is checked for the house rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bs4 import BeautifulSoup, Tag
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import Session

from backend.auth import sessions
from backend.auth.access import COOKIE
from backend.auth.models import Account
from backend.db import now

STATEMENTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@contextmanager
def counted_queries(session: Session) -> Iterator[list[str]]:
    """The statements that run inside, savepoints and pragmas left out."""
    queries: list[str] = []

    def record(_conn: object, _cursor: object, sql: str, *_: object) -> None:
        if sql.lstrip().upper().startswith(STATEMENTS):
            queries.append(sql)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", record)
    try:
        yield queries
    finally:
        event.remove(engine, "before_cursor_execute", record)


class Browser:
    max_queries = 8

    def __init__(self, client: TestClient, session: Session) -> None:
        self.client, self.session = client, session
        self.queries: list[str] = []
        self.location = ""  # where the last answer sent us
        self.headers: Any = {}

    def sign_in(self, account: Account) -> "Browser":
        """As if this person had signed in just now, without the page."""
        token = sessions.begin(self.session, account.id, "test", now())
        self.session.flush()
        self.client.cookies.set(COOKIE, token)
        return self

    def sign_out(self) -> "Browser":
        self.client.cookies.clear()
        return self

    def get(self, path: str, *, status: int = 200, part: str = "") -> BeautifulSoup:
        """`part`: what htmx asks for, the id of one element."""
        return self._send("GET", path, status, part, None, htmx=bool(part))

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, status: int = 303, htmx: bool = False
    ) -> BeautifulSoup:
        return self._send("POST", path, status, "", data or {}, htmx=htmx)

    def upload(
        self, path: str, field: str, content: bytes, *, status: int = 303, name: str = "x.zip", **typed: str
    ) -> BeautifulSoup:
        """Send one file, as a form with enctype="multipart/form-data" does."""
        return self._send("POST", path, status, "", typed, htmx=False, files={field: (name, content)})

    def follow(self) -> BeautifulSoup:
        """Open the page that the last answer pointed to."""
        return self.get(self.location.partition("#")[0])

    def submit(
        self, page: BeautifulSoup, selector: str, *, status: int = 303, **values: Any
    ) -> BeautifulSoup:
        """Fill in and send a form of a page as a browser without JavaScript would. A value of None leaves the field out."""
        form = page.select_one(selector)
        assert form is not None and form.name == "form", f"no form {selector}"
        data: dict[str, Any] = {}
        for field in form.select("input[name], textarea[name], select[name]"):
            if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
                continue
            chosen = field.select_one("option[selected]") if field.name == "select" else None
            text = field.text.removeprefix("\n") if field.name == "textarea" else field.get("value", "")
            value: Any = chosen["value"] if chosen else text
            if field.get("type") == "checkbox" and field["name"] in data:  # several of one name
                earlier = data[field["name"]]
                value = [*(earlier if isinstance(earlier, list) else [earlier]), value]
            data[field["name"]] = value
        data |= values
        return self.post(form["action"], {k: v for k, v in data.items() if v is not None}, status=status)

    def _send(
        self,
        method: str,
        path: str,
        status: int,
        part: str,
        data: dict[str, Any] | None,
        *,
        htmx: bool,
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> BeautifulSoup:
        headers = {"Sec-Fetch-Site": "same-origin"}
        if htmx:
            headers |= {"HX-Request": "true", "HX-Request-Type": "partial" if part else "full"}
            headers["HX-Target"] = f"div#{part}" if part else "body"
        self.session.flush()
        with counted_queries(self.session) as self.queries:
            response = self.client.request(method, path, data=data, headers=headers, files=files)
        assert response.status_code == status, (
            f"{method} {path}: {response.status_code}\n{response.text[:3000]}"
        )
        self.location, self.headers = response.headers.get("location", ""), response.headers
        assert len(self.queries) <= self.max_queries, f"{len(self.queries)} queries: {self.queries}"
        html = BeautifulSoup(response.text, "html.parser")
        if response.headers.get("content-type", "").startswith("text/html") and response.text:
            check_house_rules(html, path, whole=not htmx)
        return html


def check_house_rules(html: BeautifulSoup, path: str, *, whole: bool) -> None:
    """What must hold on every page, whoever sees it."""
    tags = html.find_all(True)  # once over all of them: a selector for each rule took half the time of a test
    ids = [tag["id"] for tag in tags if "id" in tag.attrs]
    assert len(ids) == len(set(ids)), f"{path}: duplicate ids {sorted({i for i in ids if ids.count(i) > 1})}"
    known = set(ids)
    for tag in tags:
        assert not is_inline_code(tag), f"{path}: inline code breaks the CSP: {tag}"
        assert tag.name != "form" or tag.get("action"), f"{path}: a form without action"
        for name in f"{tag.get('aria-describedby', '')} {tag.get('aria-labelledby', '')}".split():
            assert name in known, f"{path}: nothing has the id {name}"
    if whole:
        assert len(html.select("h1")) == 1, f"{path} needs exactly one h1"
        title = " ".join(html.h1.text.split())
        assert html.title and " ".join(html.title.text.split()).startswith(title), (
            f"{path}: the title must start with the h1"
        )
        assert str(html.html["lang"]) in ("nl-BE", "en")


def is_inline_code(tag: Tag) -> bool:
    """A style or a script that stands in the page itself; JSON-LD is data, which no browser runs."""
    if tag.name == "script" and tag.get("type") == "application/ld+json":
        return False
    if tag.name == "style" or (tag.name == "script" and "src" not in tag.attrs):
        return True
    return "style" in tag.attrs or "onclick" in tag.attrs
