"""Reading and grading answers: what holds for every question and every form."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.courses.block_types import (
    Choice,
    Item,
    Match,
    Multiple,
    Option,
    Order,
    Place,
    Question,
    Sort,
    TrueFalse,
)
from backend.learning.grading import (
    Given,
    Incomplete,
    as_submitted,
    grade,
    marks,
    places_of,
    read_answer,
    right_answer,
)
from tests.learning.documents import CHOICE, MATCH, MULTIPLE, ORDER, QUESTIONS, RIGHT, SORT, TRUEFALSE, WRONG

KEYS = "abcdefgh"
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from([Choice, Multiple, TrueFalse, Order, Match, Sort]))
    count = draw(st.integers(2, 6))
    if kind in (Choice, Multiple, TrueFalse):
        right = draw(
            st.sets(st.integers(0, count - 1), min_size=1, max_size=count if kind is Multiple else 1)
        )
        options = tuple(
            Option(key=KEYS[n], html="", feedback_html="", is_right=n in right) for n in range(count)
        )
        return kind(key="vraag", question_html="", options=options)
    keys = KEYS[:count]
    if kind is Order:
        items = tuple(Item(key=key, html="", place=str(n), feedback_html="") for n, key in enumerate(keys, 1))
        return Order(key="vraag", question_html="", items=items, shown=tuple(draw(st.permutations(keys))))
    places = tuple(Place(key=name, label=name) for name in ("links", "midden", "rechts"))
    items = tuple(
        Item(key=key, html="", place=draw(st.sampled_from(places)).key, feedback_html="") for key in keys
    )
    return kind(key="vraag", question_html="", items=items, places=places)


def answers(question: Question) -> st.SearchStrategy[Given]:
    """Every complete answer to a question."""
    if isinstance(question, Order):
        keys = [item.key for item in question.items]
        return st.permutations(places_of(question)).map(lambda p: {"places": dict(zip(keys, p, strict=True))})
    if isinstance(question, Match | Sort):
        place = st.sampled_from(places_of(question))
        return st.fixed_dictionaries({item.key: place for item in question.items}).map(
            lambda p: {"places": p}
        )
    keys = [option.key for option in question.options]
    most = len(keys) if isinstance(question, Multiple) else 1
    chosen = st.sets(st.sampled_from(keys), min_size=1, max_size=most)
    return chosen.map(lambda c: {"options": [key for key in keys if key in c]})


@patient
@given(st.data())
def test_a_score_lies_between_0_and_1_and_is_1_only_for_the_right_answer(data: st.DataObject):
    question = data.draw(questions())
    given = data.draw(answers(question))
    score = grade(question, given)
    assert 0 <= score <= 1
    assert (score == 1) == (given == right_answer(question))
    assert grade(question, right_answer(question)) == 1


@patient
@given(st.data())
def test_what_is_read_from_a_form_is_what_was_filled_in(data: st.DataObject):
    question = data.draw(questions())
    given = data.draw(answers(question))
    assert read_answer(question, as_submitted(given)) == given


@patient
@given(st.data())
def test_whatever_is_sent_is_read_or_refused_in_words(data: st.DataObject):
    question = data.draw(st.sampled_from(QUESTIONS))
    names = ["keuze", "reden", *RIGHT[question.key], "plaats.", "plaats.zz", "form_id"]
    known = st.sampled_from(["a", "b", "m", "juist", "1", "2", "rood", "links", ""])
    values = st.lists(known | st.text("ab1é \n\x00\u200b", max_size=5), max_size=3)
    sent = data.draw(st.dictionaries(st.sampled_from(names), values))
    try:
        given = read_answer(question, sent)
    except Incomplete as problem:
        marks(question, problem.given)  # what was kept can be shown again
    else:
        assert 0 <= grade(question, given) <= 1


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.type)
def test_nothing_filled_in_is_incomplete_and_not_wrong(question: Question):
    with pytest.raises(Incomplete):
        read_answer(question, {})


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.type)
def test_the_wrong_answers_of_the_example_are_wrong(question: Question):
    assert grade(question, read_answer(question, WRONG[question.key])) < 1


def test_ticking_everything_earns_no_more_than_its_worth():
    everything = read_answer(MULTIPLE, {"keuze": ["m", "n", "o", "p"]})
    assert grade(MULTIPLE, everything) == 0
    assert grade(MULTIPLE, {"options": ["m"]}) == 0.5
    assert grade(MULTIPLE, {"options": ["m", "o", "p"]}) == 0.5
    assert grade(MULTIPLE, {"options": ["n", "p"]}) == 0


def test_an_unknown_option_or_place_is_refused_and_what_is_known_is_kept():
    for question, sent in (
        (CHOICE, {"keuze": ["zz"]}),
        (MULTIPLE, {"keuze": ["m", "zz"]}),
        (MATCH, {"plaats.x": ["paars"], "plaats.y": ["blauw"], "plaats.z": ["rood"]}),
        (SORT, RIGHT["sorteer"] | {"plaats.ander": ["links"]}),
        (ORDER, {"plaats.v1": ["0"], "plaats.v2": ["2"], "plaats.v3": ["4"]}),
        (ORDER, {"plaats.v1": ["1", "2"], "plaats.v2": ["2"], "plaats.v3": ["3"]}),
    ):
        with pytest.raises(Incomplete, match="veranderde"):
            read_answer(question, sent)
    with pytest.raises(Incomplete) as caught:
        read_answer(MULTIPLE, {"keuze": ["m", "zz"]})
    assert caught.value.given == {"options": ["m"]}


def test_two_options_for_one_question_are_refused():
    with pytest.raises(Incomplete, match="één antwoord"):
        read_answer(CHOICE, {"keuze": ["a", "b"]})


def test_an_order_uses_every_place_once_and_keeps_what_was_chosen():
    with pytest.raises(Incomplete, match="één keer") as caught:
        read_answer(ORDER, {"plaats.v1": ["1"], "plaats.v2": ["1"], "plaats.v3": ["3"]})
    assert caught.value.given == {"places": {"v1": "1", "v2": "1", "v3": "3"}}
    with pytest.raises(Incomplete, match="nog 2 open"):
        read_answer(ORDER, {"plaats.v1": ["1"], "plaats.v2": [""]})


def test_the_reason_is_cleaned_and_limited():
    read = read_answer(TRUEFALSE, {"keuze": ["juist"], "reden": ["  Omdat\r\nhet zo is. "]})
    assert read == {"options": ["juist"], "reason": "Omdat\nhet zo is."}
    for reason in ("x" * 2001, "nul\x00"):
        with pytest.raises(Incomplete) as caught:
            read_answer(TRUEFALSE, {"keuze": ["juist"], "reden": [reason]})
        assert caught.value.given == {"options": ["juist"], "reason": reason}
