"""The overview as a file: CSV for any spreadsheet, XLSX for Excel. What people typed stays text, never a formula."""

import csv
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO

from backend.language import ZONE
from backend.language import gettext as _
from backend.mentoring.service import Overview

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def states() -> dict[str, str]:
    """The words for the states of a lesson."""
    return {
        "done": _("klaar"),
        "busy": _("bezig"),
        "stuck": _("vast"),
        "waits": _("wacht op jou"),
        "new": _("nog niet"),
    }


def table(overview: Overview) -> Iterator[list[str | int | datetime | None]]:
    """Headers, then a row for each person the filter leaves, on all pages."""
    yield [
        _("Naam"),
        _("Functie"),
        _("Organisatie"),
        _("Regio"),
        *(_("Les %(number)s") % {"number": column.lesson.number} for column in overview.columns),
        _("Lessen klaar"),
        _("Laatst actief"),
        _("Vraagt een woord"),
    ]
    words = states()
    for person in overview.found:
        yield [
            person.name,
            person.function,
            person.organisation,
            person.region,
            *(words[state] for state in person.cells),
            person.done_count,
            person.last_active_at,
            person.signal.reason if person.signal else "",
        ]


def to_csv(overview: Overview) -> bytes:
    """UTF-8 with a mark and semicolons: so it opens right in a Belgian Excel."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in table(overview):
        writer.writerow([_csv_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value: str | int | datetime | None) -> str | int:
    """A spreadsheet runs a cell that starts like a formula; an apostrophe in front makes it text."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).date().isoformat()
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value


def to_xlsx(overview: Overview) -> bytes:
    """A workbook with one sheet: header and names stay in sight, text is written as text."""
    from xlsxwriter import Workbook  # here: it takes memory that most processes never need

    out = BytesIO()
    with Workbook(out, {"constant_memory": True, "default_date_format": "d/mm/yyyy"}) as book:
        sheet = book.add_worksheet(_("Begeleiding"))
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 3, 24)
        sheet.set_column(4 + len(overview.columns), 5 + len(overview.columns), 14)
        sheet.set_column(6 + len(overview.columns), 6 + len(overview.columns), 60)
        for y, row in enumerate(table(overview)):
            for x, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(y, x, value, bold if y == 0 else None)
                elif isinstance(value, datetime):
                    sheet.write_datetime(y, x, value.astimezone(ZONE).replace(tzinfo=None))
                elif value is not None:
                    sheet.write_number(y, x, value)
    return out.getvalue()
