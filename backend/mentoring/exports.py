"""The overview as a file: CSV for any spreadsheet, XLSX for Excel."""

from collections.abc import Iterator
from io import BytesIO

from backend.language import ZONE
from backend.language import gettext as _
from backend.mentoring.service import Overview
from backend.spreadsheets import Cell, write_csv, write_xlsx


def states() -> dict[str, str]:
    """The words for the states of a lesson."""
    return {
        "done": _("klaar"),
        "busy": _("bezig"),
        "stuck": _("vast"),
        "waits": _("wacht op jou"),
        "new": _("nog niet"),
    }


def table(overview: Overview) -> Iterator[list[Cell]]:
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
            person.last_active_at.astimezone(ZONE).date() if person.last_active_at else None,
            person.signal.reason if person.signal else "",
        ]


def to_csv(overview: Overview) -> bytes:
    out = BytesIO()
    write_csv(out, table(overview))
    return out.getvalue()


def to_xlsx(overview: Overview) -> bytes:
    out = BytesIO()
    after = 4 + len(overview.columns)
    widths = [(0, 3, 24), (after, after + 1, 14), (after + 2, after + 2, 60)]
    write_xlsx(out, table(overview), _("Begeleiding"), widths)
    return out.getvalue()
