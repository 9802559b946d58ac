"""Small cells: what counts fewer than five people is not shown, and cannot be worked out from what is. Pure rules.

A column has a total, so one hidden cell would follow from the others. Therefore more is hidden until every hidden cell
could still be at least `ROOM` different numbers. A zero tells of nobody, and is shown.
"""

from collections.abc import Sequence

LEAST = 5
ROOM = 5


def hide(cells: Sequence[int], wholes: Sequence[int] | None = None) -> set[int]:
    """The places in a column, whose total is shown, that must be hidden.

    `wholes`: what each cell is a part of; the rest of it (whole − part) must not be small either.
    """
    hidden = {place for place, value in enumerate(cells) if _is_small(value)}
    if wholes is not None:
        hidden |= {
            place
            for place, value in enumerate(cells)
            if _is_small(wholes[place] - value) or _is_small(wholes[place])
        }
    return _with_cover(cells, hidden)


def _is_small(value: int) -> bool:
    return 0 < value < LEAST


def _with_cover(cells: Sequence[int], hidden: set[int]) -> set[int]:
    """More places, the smallest first, until the hidden ones cannot be solved from the total."""
    rest = sorted(
        (place for place in range(len(cells)) if place not in hidden),
        key=lambda at: (cells[at] == 0, cells[at]),
    )
    while hidden and not _is_covered([cells[place] for place in hidden]):
        if not rest:
            return set(range(len(cells)))  # nothing more to hide behind: the total goes too (hides_total)
        hidden = hidden | {rest.pop(0)}
    return hidden  # fmt: skip


def _is_covered(values: Sequence[int]) -> bool:
    """Whoever knows their sum, and that each is at least one, still has ROOM numbers left for each of them.

    At least one is of a size that would have been shown, so that "each is below five" is no clue.
    """
    return len(values) > 1 and sum(values) - len(values) + 1 >= ROOM and max(values) >= LEAST


def hides_total(cells: Sequence[int], hidden: set[int]) -> bool:
    """Whether the total would tell: itself too small, or a column in which nothing could hide the rest."""
    total = sum(cells)
    return _is_small(total) or (bool(hidden) and not _is_covered([cells[place] for place in hidden]))
