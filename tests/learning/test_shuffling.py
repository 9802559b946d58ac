"""The order in which things are shown: the same everywhere for one person, and it tells nothing of what is right."""

from collections import Counter
from uuid import uuid4

import pytest

from backend.courses.block_types import Question
from backend.learning.shuffling import FOR_VISITORS, as_shown, draw, practice_seed, shown
from tests.learning.documents import (
    BUDGET,
    CHECK,
    CHOICE,
    EVERY,
    MATCH,
    MULTIPLE,
    ORDER,
    SORT,
    TRIAGE,
    TRUEFALSE,
)

SHUFFLED = (CHOICE, MULTIPLE, ORDER, MATCH)


def test_the_same_person_sees_the_same_order_and_others_another():
    me, other = uuid4(), uuid4()
    assert practice_seed(me, "een") == practice_seed(me, "een") != practice_seed(other, "een")
    assert practice_seed(me, "een") != practice_seed(me, "twee")
    orders = {tuple(shown(MULTIPLE, practice_seed(uuid4(), "een"))) for _ in range(200)}
    assert len(orders) == 24, "every order occurs"


@pytest.mark.parametrize("question", SHUFFLED, ids=lambda q: q.type)
def test_every_place_is_as_likely(question: Question):
    firsts = Counter(shown(question, seed)[0] for seed in range(2000))
    expected = 2000 / len(firsts)
    if question is not ORDER:  # there one order is left out
        assert all(abs(count - expected) < 0.2 * expected for count in firsts.values()), firsts


@pytest.mark.parametrize("question", [TRUEFALSE, SORT, TRIAGE, BUDGET], ids=lambda q: q.type)
def test_what_has_an_order_of_its_own_stays_as_written(question: Question):
    assert shown(question, 7) == []
    assert as_shown(question, ["zz"]) == question


def test_steps_are_never_shown_in_the_right_order():
    right = [item.key for item in ORDER.items]
    assert all(shown(ORDER, seed) != right for seed in range(500))


@pytest.mark.parametrize("question", EVERY, ids=lambda q: q.key)
def test_shown_in_another_order_it_is_the_same_question(question: Question):
    turned = as_shown(question, shown(question, 3))
    for name in ("options", "items", "places"):
        things = getattr(question, name, ())
        assert sorted(getattr(turned, name, ()), key=str) == sorted(things, key=str)
    assert turned.key == question.key


def test_an_option_that_is_added_leaves_the_others_among_themselves_as_they_were():
    before = shown(CHOICE, 5)
    more = CHOICE.model_copy(
        update={"options": (*CHOICE.options, CHOICE.options[0].model_copy(update={"key": "d"}))}
    )
    assert [key for key in shown(more, 5) if key != "d"] == before
    assert [option.key for option in as_shown(more, before).options] == [*before, "d"]


def test_a_draw_takes_so_many_different_questions_and_freezes_their_order():
    drawn = draw(CHECK, 11)
    assert len(set(drawn["questions"])) == CHECK.draw == 4
    assert set(drawn["questions"]) <= {question.key for question in CHECK.questions}
    assert all(sorted(drawn["shown"][key]) == ["a", "b", "c"] for key in drawn["questions"])
    assert draw(CHECK, 11) == drawn
    chosen = Counter(key for seed in range(1500) for key in draw(CHECK, seed)["questions"])
    assert all(abs(count - 1000) < 100 for count in chosen.values()), "each is drawn as often"


def test_a_bank_that_is_too_small_gives_what_there_is():
    small = CHECK.model_copy(update={"questions": CHECK.questions[:2]})
    assert len(draw(small, FOR_VISITORS)["questions"]) == 2
