"""What is hidden cannot be worked out: every hidden cell could be many numbers, given all that is shown."""

from random import Random

from backend.mentoring.suppression import LEAST, ROOM, hide, hides_total


def possible(cells: list[int], hidden: set[int], place: int) -> int:
    """How many values this cell can have for whoever sees the shown cells and the total, and knows no zero is hidden."""
    rest = sum(cells[at] for at in hidden)
    return rest - (len(hidden) - 1)  # from 1 to what is left when every other one is 1


def test_a_small_cell_is_never_alone() -> None:
    assert hide([3, 40, 50, 6]) == {0, 3}
    assert hide([0, 40, 50]) == set()  # tells of nobody
    assert hide([40, 50]) == set()


def test_two_small_ones_that_add_up_to_little_take_a_third_with_them() -> None:
    assert hide([1, 1, 40, 9]) == {0, 1, 3}


def test_a_part_that_leaves_few_over_is_hidden_too() -> None:
    assert 0 in hide([18, 30, 40], [20, 60, 80])


def test_with_nothing_to_hide_behind_the_total_goes() -> None:
    assert hides_total([3], hide([3]))
    assert hides_total([2, 1], hide([2, 1]))
    assert not hides_total([3, 40, 50, 6], hide([3, 40, 50, 6]))


def test_for_many_tables_nothing_small_is_shown_or_follows() -> None:
    random = Random(5)
    for _ in range(3000):
        wholes = [random.choice([0, 0, 1, 3, 6, 9, 30]) for _ in range(random.randrange(1, 16))]
        cells = [random.randrange(whole + 1) for whole in wholes]
        hidden = hide(cells, wholes)
        for place, value in enumerate(cells):
            if 0 < value < LEAST or 0 < wholes[place] - value < LEAST:
                assert place in hidden
        if hidden and not hides_total(cells, hidden):
            assert all(possible(cells, hidden, place) >= ROOM for place in hidden)


def test_without_the_cover_a_cell_would_follow_from_the_total() -> None:
    """The negative control: hiding only what is small leaves one possibility."""
    cells = [3, 40, 50]
    only_small = {0}
    assert possible(cells, only_small, 0) == 3  # which is the cell itself: the sum of the hidden is known
    assert sum(cells) - 40 - 50 == cells[0]
