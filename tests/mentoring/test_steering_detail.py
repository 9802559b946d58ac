"""The finer tables: hidden within the total that is known, rounded, and functions without the rare ones."""

from random import Random

import pytest

from backend.mentoring.steering_detail import Place, by_function, by_municipality, rounded
from backend.mentoring.suppression import LEAST


def municipalities(members: list[int], region_shows: int | None) -> list[int | None]:
    places = [Place(str(at), f"Stad {at:02d}", "Waasland") for at in range(len(members))]
    counts = {(str(at), "jeugdwerker"): count for at, count in enumerate(members) if count}
    return [row.cells[0] for row in by_municipality(places, [counts], {"Waasland": [region_shows]})]


def possible(members: list[int], shown: list[int | None], total: int, place: int, most: int) -> set[int]:
    """Every number that this municipality can have for whoever sees the table, the total of the region, and knows the rules."""
    others, least = {0}, int(not all(cell is None for cell in shown))  # else zeros are hidden as well
    for at, cell in enumerate(shown):
        if at != place:
            values = (
                {0} if cell == 0 else set(range(least, most)) if cell is None
                else {value for value in range(LEAST, most) if rounded(value) == cell}
            )  # fmt: skip
            others = {known + value for known in others for value in values if known + value <= total}
    return {total - known for known in others if total - known > 0}


def test_for_many_regions_no_hidden_municipality_follows_from_the_total() -> None:
    random = Random(8)
    for _ in range(300):
        members = [random.choice([0, 0, 1, 2, 4, 5, 6, 9, 14]) for _ in range(random.randrange(2, 6))]
        total = sum(members)
        if total < LEAST:
            continue
        shown = municipalities(members, total)
        for place, value in enumerate(members):
            if 0 < value < LEAST:
                assert shown[place] is None
                assert {1, 2, 3, 4} <= possible(members, shown, total, place, total + 1), (members, shown)


def test_hiding_only_the_small_one_would_tell_it() -> None:
    """The negative control: one of one and one of five, in a region of six."""
    assert possible([1, 5], [None, 5], 6, 0, 7) == {1}
    assert municipalities([1, 5], 6) == [None, None]


def test_of_a_region_that_is_hidden_only_nobody_is_shown() -> None:
    assert municipalities([12, 0, 30], None) == [None, 0, None]


@pytest.mark.parametrize(("value", "shown"), [(0, 0), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_what_is_shown_is_rounded_to_fives(value: int, shown: int) -> None:
    assert rounded(value) == shown


def test_one_more_next_week_changes_nothing_that_is_shown() -> None:
    assert municipalities([10, 20, 30], 60) == municipalities([11, 20, 30], 61)


def test_rare_functions_are_among_the_others_and_spelling_does_not_count() -> None:
    counts = {
        ("1", "Jeugdwerker"): 9,
        ("2", "jeugdwerker"): 20,
        ("1", "schepen van Elzendonk"): 1,
        ("1", ""): 12,
    }
    rows = by_function([counts], [42])
    assert [row.name for row in rows] == ["jeugdwerker", "Andere, of niet gezegd"]
    assert [row.cells[0] for row in rows] == [30, 15]


def test_without_a_known_total_no_function_is_shown() -> None:
    assert [row.cells[0] for row in by_function([{("1", "jeugdwerker"): 30}], [None])] == [None, 0]
