"""The report for the steering group: right counts, hidden small cells, the same in every form, for who steers."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlmodel import Session, col, select

from backend.auth.models import Account, Role, ScopeKind
from backend.db import now
from backend.errors import NotFound
from backend.events.models import Registration, RegistrationStatus
from backend.language import ZONE
from backend.mentoring import steering, steering_files
from backend.network.models import Municipality
from tests.browser import Browser
from tests.factories import give_role, make_account, make_day, make_municipality
from tests.mentoring.people import make_learner, make_mentor, make_module

LATER = datetime(now().year + 1, 6, 16, 12, tzinfo=ZONE)  # a day on which what happens now was last year


def fill(session: Session) -> None:
    """Twelve in one region, of whom eight are busy; three in another; nine in a third."""
    make_module(session)
    for region, people, busy in (("waasland", 12, 7), ("westhoek", 3, 2), ("limburg", 9, 0)):
        here = make_municipality(session, f"Stad in {region}", region=region)
        for number in range(people):
            make_learner(session, f"Lid {number}", here, done=int(number < busy), silent=timedelta(hours=1))


def test_counts_are_of_the_year_and_small_ones_are_hidden(session: Session) -> None:
    fill(session)
    seen = steering.report(session, now().year, LATER)
    rows = {row.region: row.cells for row in seen.rows}
    assert rows["Waasland"][0] == 12
    assert rows["Westhoek"][0] is None
    assert rows["Limburg"][0] is None  # or else it would follow from the total
    assert seen.totals[0] == 24
    assert rows["Westhoek"][1] is None
    assert seen.municipalities == 3


def test_mentors_and_merged_municipalities_do_not_count(session: Session) -> None:
    fill(session)
    make_mentor(session)
    make_municipality(session, "Vroeger", region="waasland", in_2025=False)
    seen = steering.report(session, now().year, LATER)
    assert seen.totals[0] == 24
    assert seen.municipalities == 4  # the mentor's own is one of them; the one that merged is not


def test_a_report_is_of_one_year_and_stands_still_during_a_week(session: Session) -> None:
    monday = datetime(2026, 11, 23, tzinfo=ZONE)
    for at in (monday, monday + timedelta(days=6, hours=23)):
        assert steering.week_start(at) == monday
    for year in (2021, 2027):
        with pytest.raises(NotFound):
            steering.report(session, year, monday)
    assert steering.report(session, None, datetime(2027, 1, 1, tzinfo=ZONE)).year == 2026


def test_a_partner_sees_figures_and_no_names(browser: Browser, session: Session) -> None:
    fill(session)
    account = make_account(session, "Pia Partner")
    give_role(session, account, Role.PARTNER, ScopeKind.ALL)
    browser.sign_in(account)
    page = browser.get("/begeleiding/verslag")
    assert "Wat tellen we?" in page.text
    assert "Lid 1" not in page.text
    browser.get("/begeleiding", status=403)
    for wrong in ("1066", "9999", "x", "-1"):
        browser.get(f"/begeleiding/verslag?jaar={wrong}", status=404)


def test_the_files_say_the_same_as_the_page(browser: Browser, session: Session) -> None:
    fill(session)
    browser.sign_in(make_mentor(session))
    year = now().year
    pdf = browser.client.get(f"/begeleiding/verslag/{year}.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert b"pdfuaid" in pdf.content
    sheet = load_workbook(BytesIO(browser.client.get(f"/begeleiding/verslag/{year}.xlsx").content))
    regions, municipalities, functions, meaning = sheet.worksheets
    shown = rows_of(browser.get("/begeleiding/verslag"))
    assert [[str(cell) for cell in row] for row in regions.iter_rows(min_row=4, values_only=True)] == shown
    for by, figures in (("gemeente", municipalities), ("functie", functions)):
        shown = rows_of(browser.get(f"/begeleiding/verslag?per={by}"), "tbody tr:not(.within)")
        within = [1] if by == "gemeente" else []  # the region stands above its municipalities
        kept = [
            [str(cell) for at, cell in enumerate(row) if at not in within]
            for row in figures.iter_rows(min_row=5, values_only=True)
            if by == "functie" or row[2] != 0  # who has nobody is told apart on the page
        ]
        assert kept == shown, by
    assert meaning.cell(1, 2).value


def rows_of(page: BeautifulSoup, which: str = "tr") -> list[list[str]]:
    return [
        [cell.get_text().replace("verborgen", "").strip() for cell in row.select("th, td")]
        for row in page.select(f".steering-table {which}")
    ]


def test_who_asked_for_a_place_counts_as_demand(session: Session) -> None:
    fill(session)
    day = make_day(session, "Actiedag")
    for account in session.exec(select(Account).where(col(Account.name).startswith("Lid"))).all()[:6]:
        waits = {"status": RegistrationStatus.WAITING, "asked_at": now(), "changed_at": now()}
        session.add(Registration(day_id=day.id, account_id=account.id, **waits))
    session.flush()
    at = [figure.key for figure in steering.figures()].index("asked")
    assert steering.report(session, now().year, LATER).totals[at] == 6


def test_a_municipality_that_merged_counts_in_the_new_one(session: Session) -> None:
    make_module(session)
    new = make_municipality(session, "Nieuwstad", region="waasland")
    old = make_municipality(session, "Oudstad", region="waasland", in_2025=False)
    municipality = session.get_one(Municipality, old.municipality_nis)
    municipality.merged_into_nis = new.municipality_nis
    for number in range(6):
        make_learner(session, f"Lid {number}", old)
    [row] = steering.report(session, now().year, LATER).by_municipality
    assert (row.name, row.cells[0]) == ("Nieuwstad", 5)  # six, rounded


def test_a_function_that_is_a_formula_stays_text(browser: Browser, session: Session) -> None:
    make_module(session)
    here = make_municipality(session, "Elzendonk", region="waasland")
    for number in range(6):
        make_learner(session, f"Lid {number}", here, function="=HYPERLINK(1)")
    viewer = make_mentor(session)
    browser.sign_in(viewer)
    seen = steering.report(session, now().year, LATER)
    sheet = load_workbook(BytesIO(steering_files.to_xlsx(seen))).worksheets[2]
    assert (sheet.cell(5, 1).value, sheet.cell(5, 1).data_type) == ("=HYPERLINK(1)", "s")


def test_the_number_of_queries_does_not_depend_on_how_many_there_are(
    browser: Browser, session: Session
) -> None:
    browser.sign_in(make_mentor(session))
    browser.max_queries = 8
    fill(session)
    browser.get("/begeleiding/verslag")
