"""The list of a day as a file, written row by row to a temporary file: memory stays flat however many people come."""

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from sqlmodel import Session

from backend.events import selecting
from backend.events.models import RegistrationStatus
from backend.events.selecting import Row, Selection
from backend.language import gettext as _
from backend.spreadsheets import Cell, write_csv, write_xlsx

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
    if kind == "xlsx":
        write_xlsx(out, table, _("Inschrijvingen"), [(0, 8, 24)])
    else:
        write_csv(out, table)
    out.seek(0)
    return out


def _table(people: Iterable[Row]) -> Iterator[list[Cell]]:
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
