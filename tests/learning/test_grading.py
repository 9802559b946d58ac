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
    nothing,
    places_of,
    read_answer,
    right_answer,
)
from tests.learning.documents import (
    BUDGET,
    CHOICE,
    COMPARE,
    EVERY,
    MATCH,
    MULTIPLE,
    NUMBER,
    ORDER,
    POLL,
    RATING,
    RIGHT,
    SEVERAL,
    SHORT,
    SORT,
    TRIAGE,
    TRUEFALSE,
    WRONG,
)

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
    assert score is not None and 0 <= score <= 1
    assert (score == 1) == (given == right_answer(question))
    assert grade(question, right_answer(question)) == 1


@patient
@given(st.data())
def test_what_is_read_from_a_form_is_what_was_filled_in(data: st.DataObject):
    question = data.draw(questions())
    given = data.draw(answers(question))
    assert read_answer(question, as_submitted(given)) == given


EVERYTHING = (*EVERY, POLL, RATING)
SENT = sorted({name for sent in RIGHT.values() for name in sent})


@patient
@given(st.data())
def test_whatever_is_sent_is_read_or_refused_in_words(data: st.DataObject):
    """And whatever could be read of it can be shown again, graded, and sent again."""
    question = data.draw(st.sampled_from(EVERYTHING))
    names = [
        *SENT,
        "plaats.",
        "plaats.zz",
        "stelling.q1",
        "stelling.zz",
        "tekst.3",
        "klaar.1",
        "klaar.9",
        "form_id",
    ]
    known = st.sampled_from(
        ["a", "b", "m", "juist", "1", "2", "rood", "links", "laten", "d1", "p1", "66", ""]
    )
    values = st.lists(known | st.text("ab1é,.% \n\x00\u200b", max_size=5), max_size=3)
    sent = data.draw(st.dictionaries(st.sampled_from(names), values))
    try:
        given = read_answer(question, sent)
    except Incomplete as problem:
        given = problem.given
    else:
        assert read_answer(question, as_submitted(given)) == given
    assert all(isinstance(mark, bool) for mark in marks(question, given).values())
    score = grade(question, given)
    assert score is None or 0 <= score <= 1


@pytest.mark.parametrize("question", EVERYTHING, ids=lambda q: q.key)
def test_nothing_filled_in_is_incomplete_and_not_wrong(question: Question):
    with pytest.raises(Incomplete) as caught:
        read_answer(question, {})
    assert caught.value.is_partial, "a check may keep it"
    assert caught.value.given == nothing(question)
    assert grade(question, nothing(question)) in (0, None)


@pytest.mark.parametrize("question", EVERY, ids=lambda q: q.key)
def test_the_right_answer_earns_1_and_can_be_sent(question: Question):
    read = read_answer(question, RIGHT[question.key])
    assert as_submitted(read) == as_submitted(right_answer(question))
    assert grade(question, read) == (None if question is COMPARE else 1)


@pytest.mark.parametrize("question", [q for q in EVERY if q is not COMPARE], ids=lambda q: q.key)
def test_the_wrong_answers_of_the_example_are_wrong(question: Question):
    score = grade(question, read_answer(question, WRONG[question.key]))
    assert score is not None and score < 1


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


# ── triage ──


def test_in_triage_either_of_the_right_choices_is_right():
    for choice in ("laten", "melden"):
        sent = {"plaats.r1": ["laten"], "plaats.r2": [choice], "plaats.r3": ["weg"]}
        assert grade(TRIAGE, read_answer(TRIAGE, sent)) == 1


def test_with_several_choices_all_are_needed_and_no_other():
    sent = {"plaats.r1": ["laten"], "plaats.r2": ["melden", "laten"], "plaats.r3": ["weg"]}
    assert grade(SEVERAL, read_answer(SEVERAL, sent)) == 1
    for wrong in (["laten"], ["laten", "melden", "weg"]):
        read = read_answer(SEVERAL, {**sent, "plaats.r2": wrong})
        assert marks(SEVERAL, read) == {"r1": True, "r2": False, "r3": True}
    with pytest.raises(Incomplete, match="veranderde"):
        read_answer(TRIAGE, sent)  # one choice each there


# ── a number ──


@pytest.mark.parametrize(
    "typed",
    [
        "66",
        " 66 ",
        "66%",
        "66 %",
        "66,0",
        "66.0",
        "+66",
        "6 6",
        "66\u00a0%",
        "６６",
        "64",
        "68",
        "67,9",
        "66.",
    ],
)
def test_a_number_with_comma_point_spaces_or_its_unit_is_read(typed: str):
    read = read_answer(NUMBER, {"antwoord": [typed]})
    assert grade(NUMBER, read) == 1
    assert read["text"] == typed.strip()


@pytest.mark.parametrize("typed", ["63,9", "68,1", "-66", "−66", "0,66", "660"])
def test_outside_the_margin_it_is_wrong(typed: str):
    assert grade(NUMBER, read_answer(NUMBER, {"antwoord": [typed]})) == 0


@pytest.mark.parametrize(
    "typed", ["nan", "inf", "-inf", "1e2", "zesenzestig", "%", "6-6", "0x42", "1.2.3,4", "."]
)
def test_what_is_no_number_is_asked_again_and_kept(typed: str):
    with pytest.raises(Incomplete, match="getal") as caught:
        read_answer(NUMBER, {"antwoord": [typed]})
    assert caught.value.given == {"text": typed}
    assert grade(NUMBER, caught.value.given) == 0


def test_thousands_may_be_set_apart_and_the_reading_that_fits_counts():
    large = NUMBER.model_copy(update={"answer": 1500.0, "margin": 0, "unit": ""})
    small = large.model_copy(update={"answer": 1.5})
    for typed in ("1500", "1.500", "1 500", "1,500", "1.500,0"):
        assert grade(large, read_answer(large, {"antwoord": [typed]})) == 1, typed
    for typed in ("1,5", "1.5", "1,50", "1.500"):
        assert grade(small, read_answer(small, {"antwoord": [typed]})) == 1, typed


@patient
@given(st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4)))
def test_every_right_number_can_be_typed(answer: float):
    question = NUMBER.model_copy(update={"answer": answer, "margin": 0})
    assert grade(question, read_answer(question, as_submitted(right_answer(question)))) == 1


# ── a few words ──


@pytest.mark.parametrize(
    "typed", ["wij-zijdenken", "WIJ ZIJ DENKEN", "«Wij-zij-denken!»", "wìj‑zíjdenken", "wijzijdenken."]
)
def test_capitals_accents_punctuation_and_spaces_do_not_matter(typed: str):
    read = read_answer(SHORT, {"antwoord": [typed]})
    assert grade(SHORT, read) == 1
    assert marks(SHORT, read) == {"w1": True}


def test_a_well_known_mistake_has_its_own_feedback_and_the_rest_shares_one():
    assert marks(SHORT, read_answer(SHORT, {"antwoord": ["polarisatie"]})) == {"w2": False}
    for typed in ("iets anders", "!!!", "🙂"):
        assert marks(SHORT, read_answer(SHORT, {"antwoord": [typed]})) == {"": False}


@pytest.mark.parametrize("question", [NUMBER, SHORT], ids=lambda q: q.type)
def test_a_novel_or_two_answers_in_one_field_are_refused(question: Question):
    for sent in (["x" * 201], ["6\n6"], ["66", "67"], ["nul\x00"]):
        with pytest.raises(Incomplete) as caught:
            read_answer(question, {"antwoord": sent})
        assert not caught.value.is_partial
        assert caught.value.given["text"] == sent[0]


# ── a budget ──


def test_points_on_wrong_options_take_away_what_right_ones_bring():
    for chosen, score in (
        (["d1", "d2"], 1.0),
        (["d1", "d3"], 0.9),
        (["d1"], 0.6),
        (["d1", "d4"], 0.3),
        (["d4"], 0.0),
        (["d1", "d2", "d5"], 0.9),  # free and wrong counts as one point
    ):
        assert grade(BUDGET, read_answer(BUDGET, {"keuze": chosen})) == pytest.approx(score), chosen


def test_more_points_than_there_are_is_said_and_earns_nothing():
    with pytest.raises(Incomplete, match="13 van de 10 punten") as caught:
        read_answer(BUDGET, {"keuze": ["d1", "d2", "d3"]})
    assert caught.value.given == {"options": ["d1", "d2", "d3"]}
    assert grade(BUDGET, caught.value.given) == 0


# ── a text beside a model answer ──


def test_a_text_is_kept_by_field_and_never_judged():
    sent = {"tekst.1": [" Een zaal.\r\nVol. "], "tekst.2": [""], "klaar.1": ["ja"]}
    read = read_answer(COMPARE, sent)
    assert read == {"texts": {"1": "Een zaal.\nVol.", "2": ""}, "checked": ["1"]}
    assert grade(COMPARE, read) is None
    assert marks(COMPARE, read) == {}


def test_one_field_is_the_first_field():
    one = COMPARE.model_copy(update={"prompts": (), "longest": 0})
    assert read_answer(one, {"tekst.1": ["x" * 5000]})["texts"] == {"1": "x" * 5000}
    with pytest.raises(Incomplete, match="hoogstens 5000"):
        read_answer(one, {"tekst.1": ["x" * 5001]})


def test_what_is_too_long_or_belongs_to_no_field_is_refused_and_given_back():
    with pytest.raises(Incomplete, match="hoogstens 280") as caught:
        read_answer(COMPARE, {"tekst.1": ["x" * 281], "tekst.2": ["kort"]})
    assert caught.value.given["texts"] == {"1": "x" * 281, "2": "kort"}
    for forged in ("tekst.3", "tekst.", "klaar.2"):
        with pytest.raises(Incomplete, match="veranderde"):
            read_answer(COMPARE, {"tekst.1": ["goed"], forged: ["x"]})


# ── a poll and a self-rating ──


def test_a_poll_takes_one_answer_and_a_rating_all_statements():
    assert read_answer(POLL, {"keuze": ["p2"]}) == {"options": ["p2"]}
    assert read_answer(RATING, {"stelling.q1": ["1"], "stelling.q2": ["3"]}) == {
        "ratings": {"q1": "1", "q2": "3"}
    }
    for block, sent in (
        (POLL, {"keuze": ["p1", "p2"]}),
        (POLL, {"keuze": ["zz"]}),
        (RATING, {"stelling.q1": ["1"]}),
        (RATING, {"stelling.q1": ["0"], "stelling.q2": ["4"]}),
    ):
        with pytest.raises(Incomplete):
            read_answer(block, sent)
    assert grade(POLL, {"options": ["p2"]}) is None
    assert grade(RATING, {"ratings": {"q1": "1"}}) is None
