"""The three meters of a scenario in words and numbers: what they mean, where they stand, how they moved."""

from dataclasses import dataclass

from backend.courses.scenarios import HIGHEST, METERS, Meters
from backend.language import gettext as _
from backend.language import number


@dataclass(frozen=True, slots=True)
class MeterView:
    name: str
    about: str
    low: str  # the two ends, in words
    high: str
    value: str
    moved: str  # "1 lager"; "" when it did not
    at: float  # per cent of the way
    from_: float  # where it came from


def views(before: Meters, now: Meters) -> list[MeterView]:
    """As drawn beside a node."""
    words = _words()
    return [
        MeterView(
            *words[name],
            number(now[name]),
            _moved(now[name] - before[name]),
            100 * now[name] / HIGHEST,
            100 * before[name] / HIGHEST,
        )
        for name in METERS
    ]


def moves(before: Meters, now: Meters) -> list[str]:
    """Only those that moved: "vertrouwen −1"."""
    return [
        f"{_words()[name][0].lower()} {signed(now[name] - before[name])}"
        for name in METERS
        if now[name] != before[name]
    ]


def effect(change: Meters) -> list[str]:
    """What an option does by itself, for the guide."""
    return moves(dict.fromkeys(METERS, 0), {name: change.get(name, 0) for name in METERS})


def signed(value: float) -> str:
    return f"{'+' if value > 0 else '−'}{number(abs(value))}"


def _moved(by: float) -> str:
    if by == 0:
        return ""
    return (_("%(n)s hoger") if by > 0 else _("%(n)s lager")) % {"n": number(abs(by))}


def _words() -> dict[str, tuple[str, str, str, str]]:
    return {
        "vertrouwen": (
            _("Vertrouwen"),
            _("Geloven mensen wat hun bestuur zegt en doet?"),
            _("niemand gelooft ons"),
            _("men vertrouwt ons"),
        ),
        "spanning": (
            _("Spanning"),
            _("Hoe scherp staan groepen tegenover elkaar? Lager is hier beter."),
            _("rustig"),
            _("kampen"),
        ),
        "bescherming": (
            _("Bescherming"),
            _("Zijn de mensen over wie het gaat veilig en gelijk?"),
            _("onveilig"),
            _("veilig en gelijk"),
        ),
    }
