"""The report for the steering group as a document (PDF/UA) and as a workbook, with the definitions beside the figures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from backend.config import settings
from backend.language import ZONE, short_date
from backend.language import gettext as _
from backend.mentoring.steering import Steering, detail_definition, hidden_definition, reach_definition
from backend.printing import pdf

if TYPE_CHECKING:
    from xlsxwriter import Workbook

HIDDEN = "·"


def definitions(seen: Steering) -> list[tuple[str, str]]:
    return [
        (_("Gemeenten"), reach_definition()),
        *((figure.name, figure.definition) for figure in seen.figures),
        (_("Afgerond"), detail_definition()),
        (HIDDEN, hidden_definition()),
    ]


Table = list[list[str | int]]


def _shown(cells: Sequence[int | None]) -> list[str | int]:
    return [HIDDEN if cell is None else cell for cell in cells]


def _by_region(seen: Steering) -> Table:
    """Header, a row for each region, and the total."""
    head: list[str | int] = [_("Regio"), _("Gemeenten"), *(figure.name for figure in seen.figures)]
    rows = [[row.region, row.municipalities, *_shown(row.cells)] for row in seen.rows]
    return [head, *rows, [_("Samen"), seen.municipalities, *_shown(seen.totals)]]


def _by_municipality(seen: Steering) -> Table:
    head: list[str | int] = [_("Gemeente"), _("Regio"), *(figure.name for figure in seen.figures)]
    return [head, *([row.name, row.within, *_shown(row.cells)] for row in seen.by_municipality)]


def _by_function(seen: Steering) -> Table:
    head: list[str | int] = [_("Functie"), *(figure.name for figure in seen.figures)]
    return [head, *([row.name, *_shown(row.cells)] for row in seen.by_function)]


def to_pdf(seen: Steering) -> bytes:
    """By region, by function, and the municipalities where somebody takes part."""
    reached = [row for row in seen.by_municipality if row.cells[0] != 0]
    details = [
        (_("Per functie"), _by_function(seen)),
        (_("Per gemeente"), _by_municipality(replace(seen, by_municipality=reached))),
    ]
    return pdf(
        "steering",
        {
            "title": title(seen),
            "subtitle": standing(seen),
            "table": _as_text(_by_region(seen)),
            "details": [
                {"title": name, "table": _as_text(table)} for name, table in details if len(table) > 1
            ],
            "definitions_title": _("Wat tellen we?"),
            "definitions": [list(each) for each in definitions(seen)],
            "issuer": "Lerend netwerk",
            "address": settings.base_url,
        },
    )


def _as_text(table: Table) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in table]


def title(seen: Steering) -> str:
    return _("Verslag voor de stuurgroep, %(year)s") % {"year": seen.year}


def standing(seen: Steering) -> str:
    return _("Stand op %(date)s. Alleen aantallen, geen personen.") % {
        "date": short_date(datetime.combine(seen.until, time(), ZONE))
    }


def to_xlsx(seen: Steering) -> bytes:
    """Four sheets: the figures by region, by municipality and by function, and what they mean."""
    out = BytesIO()
    from xlsxwriter import Workbook  # here: it takes memory that most processes never need

    with Workbook(out) as book:
        bold = book.add_format({"bold": True})
        for name, table in (
            (_("Cijfers"), _by_region(seen)),
            (_("Per gemeente"), _by_municipality(seen)),
            (_("Per functie"), _by_function(seen)),
        ):
            _add_sheet(book, name, table, seen, bold)
        meaning = book.add_worksheet(_("Wat tellen we"))
        meaning.set_column(0, 0, 18)
        meaning.set_column(1, 1, 100)
        for y, (name, definition) in enumerate(definitions(seen)):
            meaning.write_string(y, 0, name, bold)
            meaning.write_string(y, 1, definition)
    return out.getvalue()


def _add_sheet(book: "Workbook", name: str, table: Table, seen: Steering, bold: Any) -> None:
    """What people typed, such as a function, is written as text: never as a formula."""
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, title(seen), bold)
    sheet.write_string(1, 0, standing(seen))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, len(table[0]), 16)
    for y, row in enumerate(table, 3):
        for x, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(y, x, value, bold if y == 3 else None)
            else:
                sheet.write_number(y, x, value)
    sheet.freeze_panes(4, 1)
