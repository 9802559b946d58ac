"""The report by municipality and by function: finer, so hidden and rounded as well. Pure rules.

A cell is hidden as suppression.py says, with the region (or the network) as the total that everybody knows. What is shown is
rounded to fives: so that a report of next week does not tell that one person more, and no longer which one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backend.language import gettext as _
from backend.mentoring.suppression import LEAST, hide, hides_total
from backend.network.service import fold

Cells = list[int | None]
Counts = Mapping[tuple[str, str], int]  # NIS code of a municipality of today and function, as typed → people
MOST_FUNCTIONS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality of today."""

    nis_code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class DetailRow:
    """`within`: the region of a municipality; "" for a function."""

    name: str
    within: str
    cells: Cells


def by_municipality(
    places: Sequence[Place], columns: Sequence[Counts], regions: Mapping[str, Sequence[int | None]]
) -> list[DetailRow]:
    """By region and name. `regions`: what the report shows of each region, a cell a column."""
    exact = [_summed(counts, lambda key: key[0]) for counts in columns]
    here: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(places, key=lambda place: (fold(place.region), fold(place.name))):
        here[place.region].append(place)
    return [
        DetailRow(place.name, region, cells)
        for region, group in here.items()
        for place, cells in zip(
            group, _table([[c[p.nis_code] for p in group] for c in exact], regions[region]), strict=True
        )
    ]


def by_function(columns: Sequence[Counts], totals: Sequence[int | None]) -> list[DetailRow]:
    """The most common ones; what fewer than five people are is among the others. Spelling and capitals do not count."""
    exact = [_summed(counts, lambda key: fold(key[1])) for counts in columns]
    common = [name for name, count in exact[0].most_common(MOST_FUNCTIONS) if name and count >= LEAST]
    spelled = _spellings(columns[0])
    cells = [
        [*(column[name] for name in common), sum(column.values()) - sum(column[name] for name in common)]
        for column in exact
    ]
    names = [*(spelled[name] for name in common), _("Andere, of niet gezegd")]
    return [DetailRow(name, "", row) for name, row in zip(names, _table(cells, totals), strict=True)]


def _summed(counts: Counts, key: Callable[[tuple[str, str]], str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for each, count in counts.items():
        found[key(each)] += count
    return found


def _spellings(counts: Counts) -> dict[str, str]:
    """Of each function how most people write it."""
    found: Counter[str] = Counter()
    for (_nis, function), count in counts.items():
        found[function.strip()] += count
    return {fold(function): function for function, _count in reversed(found.most_common())}


def _table(columns: Sequence[Sequence[int]], totals: Sequence[int | None]) -> list[Cells]:
    """Rows of what may be shown."""
    shown = [
        _column(cells, columns[0] if place else None, totals[place]) for place, cells in enumerate(columns)
    ]
    return [list(row) for row in zip(*shown, strict=True)]


def _column(cells: Sequence[int], wholes: Sequence[int] | None, total: int | None) -> Cells:
    if total == 0:
        return [0] * len(cells)
    if total is None:  # or else it would follow from its parts
        hidden = {place for place, value in enumerate(cells) if value}
    else:
        hidden = hide(cells, wholes)
        if hides_total(cells, hidden):  # nothing to hide behind, and the total is known
            hidden = set(range(len(cells)))
    return [None if place in hidden else rounded(value) for place, value in enumerate(cells)]


def rounded(value: int) -> int:
    """To the nearest five; never to zero what is not."""
    return max(LEAST, LEAST * ((value + LEAST // 2) // LEAST)) if value else 0
