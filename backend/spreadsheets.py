"""A table as a file: CSV for any spreadsheet, XLSX for Excel. What people typed stays text, never a formula.

Rows are written as they come: memory stays flat however many there are.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import TextIOWrapper
from typing import IO

from backend.language import ZONE

Cell = str | int | datetime | date | None
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(out: IO[bytes], table: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with a mark and semicolons: so it opens right in a Belgian Excel."""
    text = TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([_csv_cell(value) for value in row] for row in table)
    text.flush()
    text.detach()


def _csv_cell(value: Cell) -> str | int:
    """A spreadsheet runs a cell that starts like a formula; an apostrophe in front makes it text."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value


def write_xlsx(
    out: IO[bytes], table: Iterable[Sequence[Cell]], title: str, widths: Sequence[tuple[int, int, float]]
) -> None:
    """One sheet: header and names stay in sight, text is written as text. `widths`: first column, last column, width."""
    from xlsxwriter import Workbook  # here: it takes memory that most processes never need

    with Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(title)
        bold = book.add_format({"bold": True})
        on, at = (book.add_format({"num_format": form}) for form in ("d/mm/yyyy", "d/mm/yyyy hh:mm"))
        sheet.freeze_panes(1, 1)
        for columns in widths:
            sheet.set_column(*columns)
        for y, row in enumerate(table):
            for x, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(y, x, value, bold if y == 0 else None)
                elif isinstance(value, datetime):
                    sheet.write_datetime(y, x, value.astimezone(ZONE).replace(tzinfo=None), at)
                elif isinstance(value, date):
                    sheet.write_datetime(y, x, value, on)
                elif value is not None:
                    sheet.write_number(y, x, value)
