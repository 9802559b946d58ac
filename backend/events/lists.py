"""The list of a day as a file: CSV for any spreadsheet, XLSX for Excel. What people typed stays text, never a formula.

Written row by row to a temporary file: memory stays flat however many people come.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from sqlmodel import Session
from xlsxwriter import Workbook

from backend.events import selecting
from backend.events.models import RegistrationStatus
from backend.events.selecting import Row, Selection
from backend.language import ZONE
from backend.language import gettext as _

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
S = RegistrationStatus


def state_words() -> dict[RegistrationStatus, str]:
    return {
        S.CONFIRMED: _("ingeschreven"),
        S.WAITING: _("op de wachtlijst"),
        S.OFFERED: _("plaats aangeboden"),
        S.REQUESTED: _("te beslissen"),
        S.CANCELLED: _("geannuleerd"),
        S.REFUSED: _("geweigerd"),
    }


def write(session: Session, day_id: UUID, wanted: Selection, kind: str) -> IO[bytes]:
    """An open file, at its beginning. `kind`: csv or xlsx. Needs are in no file."""
    table = _table(selecting.each(session, day_id, wanted))
    out: IO[bytes] = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    (_write_xlsx if kind == "xlsx" else _write_csv)(out, table)
    out.seek(0)
    return out


def _table(people: Iterable[Row]) -> Iterator[list[str | datetime | None]]:
    yield [
        _("Naam"), _("E-mail"), _("Functie"), _("Organisatie"), _("Gemeente"), _("Stand"), _("Sessies"), _("Ingeschreven op"),
        _("Aanwezig"),
    ]  # fmt: skip
    words = state_words()
    for row in people:
        yield [
            row.name, row.email, row.function, row.organisation, row.municipality, words[row.status],
            " · ".join(row.sessions), row.asked_at, row.attended_at,
        ]  # fmt: skip


def _write_csv(out: IO[bytes], table: Iterable[list[str | datetime | None]]) -> None:
    """UTF-8 with a mark and semicolons: so it opens right in a Belgian Excel."""
    text = TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([_csv_cell(value) for value in row] for row in table)
    text.flush()
    text.detach()


def _csv_cell(value: str | datetime | None) -> str:
    """A spreadsheet runs a cell that starts like a formula; an apostrophe in front makes it text."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if value and value.lstrip(" \u00a0").startswith(FORMULA_STARTS):
        return "'" + value
    return value or ""


def _write_xlsx(out: IO[bytes], table: Iterable[list[str | datetime | None]]) -> None:
    """One sheet: header and names stay in sight, text is written as text."""
    options: dict[str, Any] = {"constant_memory": True, "default_date_format": "d/mm/yyyy hh:mm"}
    with Workbook(out, options) as book:
        sheet = book.add_worksheet(_("Inschrijvingen"))
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 8, 24)
        for y, row in enumerate(table):
            for x, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(y, x, value.astimezone(ZONE).replace(tzinfo=None))
                elif value:
                    sheet.write_string(y, x, value, bold if y == 0 else None)
