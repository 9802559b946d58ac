"""The list as a file: the same people as on the page, right in a Belgian Excel, and no formula in it."""

import csv
from datetime import datetime, timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, col, select

from backend.audit.models import AuditEntry
from tests.browser import Browser
from tests.mentoring.people import make_learner, make_many, make_mentor, make_module, two_regions

HOSTILE = (
    '=HYPERLINK("http://kwaad.example")',
    "+32 9 000",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    " =1+1",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    'Jan "de; Man"',
)


def read_csv(browser: Browser, query: str = "") -> list[list[str]]:
    response = browser.client.get(f"/begeleiding/uitvoer.csv{query}")
    assert response.status_code == 200
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def read_sheet(browser: Browser, query: str = "") -> list[tuple]:
    response = browser.client.get(f"/begeleiding/uitvoer.xlsx{query}")
    assert response.status_code == 200
    return list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))


@pytest.fixture
def mentor(browser: Browser, session: Session) -> Browser:
    make_module(session)
    here, _there = two_regions(session)
    make_learner(session, "Éva Élan", here, done=3, tries=3, silent=timedelta(days=5))
    make_learner(session, "Nele Nieuw", here)
    return browser.sign_in(make_mentor(session))


def test_csv_has_dutch_headers_and_a_row_for_each_person(mentor: Browser):
    header, first, second = read_csv(mentor, "?volgorde=naam")
    assert header == [
        "Naam", "Functie", "Organisatie", "Regio", *[f"Les 1.{n}" for n in range(1, 8)],
        "Lessen klaar", "Laatst actief", "Vraagt een woord",
    ]  # fmt: skip
    assert first[:8] == [
        "Éva Élan",
        "jeugdwerker",
        "Elzendonk",
        "Waasland",
        "klaar",
        "klaar",
        "klaar",
        "vast",
    ]
    assert first[11] == "3"
    assert datetime.fromisoformat(first[12])
    assert first[13] == "3 keer na elkaar fout in les 1.4, en daarna 5 dagen stil"
    assert second[12] == ""


def test_the_workbook_says_the_same_with_real_numbers_and_dates(mentor: Browser):
    header, first, _second = read_sheet(mentor, "?volgorde=naam")
    assert list(header) == read_csv(mentor)[0]
    assert first[0] == "Éva Élan"
    assert first[11] == 3
    assert isinstance(first[12], datetime)


def test_a_file_follows_the_filters_of_the_page(mentor: Browser):
    page = mentor.get("/begeleiding?toon=woord&zoek=eva&gemeente=99999")
    links = {link.text.strip(): link["href"] for link in page.select("a[download]")}
    assert set(links) == {"Excel", "CSV"}
    assert [row[0] for row in read_csv(mentor, links["CSV"].removeprefix("/begeleiding/uitvoer.csv"))] == [
        "Naam",
        "Éva Élan",
    ]
    assert [
        row[0] for row in read_sheet(mentor, links["Excel"].removeprefix("/begeleiding/uitvoer.xlsx"))
    ] == ["Naam", "Éva Élan"]


def test_what_people_typed_never_becomes_a_formula(mentor: Browser, session: Session):
    here, _there = two_regions(session)
    for number, text in enumerate(HOSTILE):
        make_learner(session, text, here, function=HOSTILE[-1 - number])
    session.flush()
    rows = read_csv(mentor)
    for row in rows:
        for value in row:
            assert not value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝")), value
    assert {row[0] for row in rows} >= {'\'=HYPERLINK("http://kwaad.example")', "'-1+1", 'Jan "de; Man"'}
    response = mentor.client.get("/begeleiding/uitvoer.xlsx")
    sheet = load_workbook(BytesIO(response.content)).active
    cells = [cell for row in sheet.iter_rows(min_row=2, max_col=4) for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells} >= set(HOSTILE)
    assert not any(cell.hyperlink for cell in cells)


def test_a_file_is_a_download_that_nobody_keeps(mentor: Browser):
    response = mentor.client.get("/begeleiding/uitvoer.csv")
    assert response.headers["content-disposition"].startswith('attachment; filename="begeleiding-20')
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_each_file_is_written_in_the_log(mentor: Browser, session: Session, kind: str):
    mentor.client.get(f"/begeleiding/uitvoer.{kind}?zoek=eva")
    [entry] = session.exec(select(AuditEntry).where(col(AuditEntry.action) == "mentoring.exported"))
    assert entry.object_id == kind
    assert entry.detail == {"people": 1}


def test_there_are_no_other_kinds_of_file(mentor: Browser):
    mentor.get("/begeleiding/uitvoer.exe", status=404)


def test_a_file_holds_all_pages(mentor: Browser, session: Session):
    here, _there = two_regions(session)
    make_many(session, here, 250)
    assert len(read_csv(mentor)) == 253
    assert len(mentor.get("/begeleiding").select(".heat tbody tr")) == 200
