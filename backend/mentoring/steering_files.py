"""The report for the steering group as a document (PDF/UA) and as a workbook, with the definitions beside the figures."""

from datetime import datetime, time
from io import BytesIO

from backend.config import settings
from backend.language import ZONE, short_date
from backend.language import gettext as _
from backend.mentoring.steering import Steering, hidden_definition, reach_definition
from backend.printing import pdf

HIDDEN = "·"


def definitions(seen: Steering) -> list[tuple[str, str]]:
    return [
        (_("Gemeenten"), reach_definition()),
        *((figure.name, figure.definition) for figure in seen.figures),
        (HIDDEN, hidden_definition()),
    ]


def _table(seen: Steering) -> list[list[str | int]]:
    """Header, a row for each region, and the total."""

    def shown(cells: list[int | None]) -> list[str | int]:
        return [HIDDEN if cell is None else cell for cell in cells]

    head: list[str | int] = [_("Regio"), _("Gemeenten"), *(figure.name for figure in seen.figures)]
    rows = [[row.region, row.municipalities, *shown(row.cells)] for row in seen.rows]
    return [head, *rows, [_("Samen"), seen.municipalities, *shown(seen.totals)]]


def to_pdf(seen: Steering) -> bytes:
    return pdf(
        "steering",
        {
            "title": title(seen),
            "subtitle": standing(seen),
            "table": [[str(cell) for cell in row] for row in _table(seen)],
            "definitions_title": _("Wat tellen we?"),
            "definitions": [list(each) for each in definitions(seen)],
            "issuer": "Lerend netwerk",
            "address": settings.base_url,
        },
    )


def title(seen: Steering) -> str:
    return _("Verslag voor de stuurgroep, %(year)s") % {"year": seen.year}


def standing(seen: Steering) -> str:
    return _("Stand op %(date)s. Alleen aantallen, geen personen.") % {
        "date": short_date(datetime.combine(seen.until, time(), ZONE))
    }


def to_xlsx(seen: Steering) -> bytes:
    """Two sheets: the figures, and what they mean."""
    out = BytesIO()
    from xlsxwriter import Workbook  # here: it takes memory that most processes never need

    with Workbook(out) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(_("Cijfers"))
        sheet.write_string(0, 0, title(seen), bold)
        sheet.write_string(1, 0, standing(seen))
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1 + len(seen.figures), 14)
        for y, row in enumerate(_table(seen), 3):
            for x, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(y, x, value, bold if y == 3 else None)
                else:
                    sheet.write_number(y, x, value)
        sheet.freeze_panes(4, 1)
        meaning = book.add_worksheet(_("Wat tellen we"))
        meaning.set_column(0, 0, 18)
        meaning.set_column(1, 1, 100)
        for y, (name, definition) in enumerate(definitions(seen)):
            meaning.write_string(y, 0, name, bold)
            meaning.write_string(y, 1, definition)
    return out.getvalue()
