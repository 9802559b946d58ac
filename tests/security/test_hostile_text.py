"""Whatever somebody wrote is text: on every page, in every mail, file and calendar, it changes nothing but the words."""

import csv
import email
import re
from collections.abc import Iterator
from email.policy import SMTP
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any

import pytest
from fastapi import FastAPI
from icalendar import Calendar
from openpyxl import load_workbook
from sqlalchemy import Enum, Table, Text
from sqlmodel import AutoString, Session, SQLModel, select

from backend import mail
from backend.auth.models import Account, KeptForm
from backend.config import settings
from backend.learning.models import Response
from tests.browser import Browser
from tests.security.access_table import TABLE, VISITOR
from tests.security.conftest import Settled
from tests.security.test_access import ask, method_of
from tests.security.world import World

PLAIN = "gewone woorden"
PAYLOADS = {
    "markup": "\"'></textarea></title><script>alert(1)</script><img src=x onerror=alert(1)><base href=//evil.be>",
    "attributes": '" autofocus onfocus="alert(1)" hx-get="/x" style="x" {{ 7*7 }}{% include x %}${7*7}%s%n%(name)s{0.x}',
    "queries": "' OR 1=1; DROP TABLE account;-- %_\\ \" */ UNION SELECT",
    "formulas": '=HYPERLINK("evil.be", "x")',
    "headers": "x\r\nBcc: evil@x.be\r\nATTENDEE:mailto:evil@x.be\r\nEND:VEVENT\r\n\r\n=?utf-8?q?=0D=0ABcc:_evil@x.be?=",
}
# What is not anybody's words: keys, hashes, addresses, and documents that are cleaned when they are published.
NOT_WORDS = {
    "email", "to", "token_hash", "password_hash", "slug", "key", "scope_key", "language", "next_path", "document", "manifest",
    "sha256", "series",
    "lesson_key", "block_key", "check_key", "submission", "domain", "object_kind", "object_id", "action", "error",
    "scenario_key", "node_key", "ending",
}  # fmt: skip
FOLLOWED = {"visitor": VISITOR, "participant": "participant", "mentor": "mentor", "author": "author"}


def word_columns() -> Iterator[tuple[Table, str, int]]:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            is_key = column.primary_key or column.foreign_keys or column.unique or column.name in NOT_WORDS
            is_text = isinstance(column.type, AutoString | Text) and not isinstance(column.type, Enum)
            if is_text and not is_key:
                yield table, column.name, getattr(column.type, "length", None) or 300


def write_everywhere(session: Session, words: str) -> None:
    for table, column, length in word_columns():
        session.execute(table.update().values({column: words[:length]}))
    for kept in session.exec(select(KeptForm)):
        kept.fields = {"tekst": [words], words: ["x"]}
    for result in session.exec(select(Response).where(Response.block_key == "notitie")):
        result.given = {"text": words}
    session.flush()


@pytest.fixture
def session(settled: Settled) -> Iterator[Session]:
    with settled.session() as session:
        yield session


@pytest.fixture
def world(settled: Settled, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(settings, "rate_limits", False)
    return settled.world


def signed_in(browser: Browser, world: World) -> dict[str, dict[str, str]]:
    """Their cookies, by role."""
    tokens = {}
    for role in ("participant", "mentor", "author"):
        browser.client.cookies.clear()
        tokens[role] = dict(browser.sign_in(world.people.get(role) or world.others[role]).client.cookies)
    return tokens


def pages(browser: Browser, world: World, api: FastAPI, tokens: dict[str, dict[str, str]]) -> dict[str, str]:
    """Every page as each of them sees it."""
    seen = {}
    for who, role in FOLLOWED.items():
        browser.client.cookies.clear()
        browser.client.cookies.update(tokens.get(role, {}))
        for name in TABLE:
            if method_of(api, name) == "GET":
                answer = ask(browser, "GET", world.path(name, role if role in world.people else VISITOR), {})
                assert answer.status_code < 500 or name == "home.ready", f"{name}: {answer.status_code}"
                if answer.headers.get("content-type", "").startswith("text/html"):
                    seen[f"{name} as {who}"] = answer.text
    return seen


class Skeleton(HTMLParser):
    """The elements of a page with the names of their attributes, and where its links go: all but the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.targets: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *sorted(name for name, _ in attrs)))
        self.targets += [
            value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")
        ]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.once
def test_words_change_nothing_of_a_page_but_the_words(
    browser: Browser, world: World, api: FastAPI, session: Session
) -> None:
    tokens = signed_in(browser, world)
    write_everywhere(session, PLAIN)
    before = {name: Skeleton(html).elements for name, html in pages(browser, world, api, tokens).items()}
    assert len(before) > 60
    for words in (PAYLOADS["markup"], PAYLOADS["attributes"]):
        write_everywhere(session, words)
        after = {name: Skeleton(html) for name, html in pages(browser, world, api, tokens).items()}
        assert before.keys() == after.keys()
        for name, page in after.items():
            assert page.elements == before[name], name
            assert all(re.match(r"/(?!/)|#|https?://|mailto:|\?|$", target) for target in page.targets), name
        shown = [name for name, page in after.items() if words[:12] in page.words]
        assert len(shown) > 5, "the words stand nowhere: nothing was tried"


def test_the_comparison_would_notice_an_element_more() -> None:
    """Negative control."""
    assert Skeleton("<p>a</p>").elements == Skeleton("<p>b &lt;b&gt;</p>").elements
    assert Skeleton("<p>a</p>").elements != Skeleton("<p>a<b></b></p>").elements
    assert Skeleton('<p title="a">').elements != Skeleton('<p title="a" onclick="b">').elements


def test_there_are_words_to_write_in_every_part() -> None:
    columns = {f"{table.name}.{name}" for table, name, _length in word_columns()}
    assert columns >= {
        "account.name", "account.motivation", "membership.function", "organisation.name", "action_day.title",
        "action_day.place", "programme_item.title", "registration_need.note", "admission.reason", "auth_session.device",
        "region.name", "municipality.name", "edition.name", "kept_form.path", "outgoing_mail.subject", "outgoing_mail.text",
    }  # fmt: skip


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", "=cmd|' /C calc'!A0"]
)
def test_a_name_in_a_spreadsheet_is_never_a_formula(
    start: str, browser: Browser, world: World, session: Session
) -> None:
    write_everywhere(session, start)
    browser.sign_in(world.people["mentor"])
    text = ask(browser, "GET", "/begeleiding/uitvoer.csv", {}).content.decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text, newline=""), delimiter=";"))
    assert len(rows) > 3
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")]
    book = load_workbook(BytesIO(ask(browser, "GET", "/begeleiding/uitvoer.xlsx", {}).content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(start.strip() in str(cell.value) for cell in cells)


@pytest.mark.parametrize("words", PAYLOADS.values(), ids=PAYLOADS)
def test_words_in_a_calendar_stay_in_their_field(
    words: str, browser: Browser, world: World, session: Session
) -> None:
    write_everywhere(session, words)
    browser.sign_in(world.others["participant"])
    for path in ("/actiedagen.ics", world.path("events.calendar", VISITOR)):
        (calendar,) = Calendar.from_ical(ask(browser, "GET", path, {}).content, multiple=True)
        (entry,) = calendar.walk("VEVENT")
        assert str(entry["SUMMARY"]).split() == words[:200].split()
        assert "Bcc" not in entry
        attendees = entry.get("ATTENDEE", [])
        assert "evil" not in str(attendees)
        assert isinstance(attendees, str) or attendees == []


@pytest.mark.parametrize("words", PAYLOADS.values(), ids=PAYLOADS)
def test_words_in_a_mail_reach_nobody_else(
    words: str, browser: Browser, world: World, session: Session
) -> None:
    write_everywhere(session, words)
    sent = len(session.exec(select(mail.OutgoingMail)).all())
    own = {"Sec-Fetch-Site": "same-origin"}

    def post(person: Account, path: str, **fields: Any) -> None:
        answer = browser.sign_in(person).client.post(path, data=fields, headers=own)
        assert answer.status_code == 303, answer.text[:500]

    day = world.path("events.show", VISITOR)
    post(world.people["member"], f"{day}/inschrijven")
    post(world.people["member"], f"{day}/annuleren")
    post(world.people["mentor"], world.path("mentoring.admit", "mentor"))
    post(world.people["member"], world.path("auth.do_confirm", "member"), password="vier gele fietsen")
    letters = session.exec(select(mail.OutgoingMail)).all()[sent:]
    assert len(letters) >= 4
    for letter in letters:
        message = email.message_from_bytes(mail.as_message(letter).as_bytes(), policy=SMTP)
        assert set(message.keys()) == {
            "Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type",
        } | ({"Content-Transfer-Encoding"} & set(message.keys())), letter.subject  # fmt: skip
        assert message["To"] == letter.to
        assert "evil" not in str(message["To"]) + str(message["From"])
        assert len(message.get_all("Subject")) == 1
        assert not set(str(message["Subject"])) & set("\r\n")
