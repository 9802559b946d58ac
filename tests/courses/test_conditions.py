"""The small language of `when:`: what it means, and that nobody can write something it chokes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.courses.conditions import DEEPEST, WrongCondition, parse

METERS = {"vertrouwen": 7.0, "spanning": 4.0, "bescherming": 2.5}
CHOSEN = frozenset({("n1", "wacht"), ("n4-b", "een-2")})


def holds(text: str) -> bool:
    return parse(text).holds(METERS, CHOSEN)


@pytest.mark.parametrize(
    "text",
    [
        "vertrouwen >= 7",
        "vertrouwen == 7",
        "vertrouwen > 6.5",
        "bescherming <= 2.5",
        "spanning < 5",
        "chose(n1.wacht)",
        "chose( n4-b . een-2 )",
        "not chose(n1.zeg)",
        "not not chose(n1.wacht)",
        "vertrouwen>=7and spanning<=4",
        "spanning > 9 or vertrouwen > 5 and bescherming < 3",
        "(spanning > 9 or vertrouwen > 5) and bescherming < 3",
        "not (spanning > 9 or bescherming > 9)",
        "not spanning > 9 and vertrouwen > 5",
        " \n vertrouwen\t>= 7 ",
    ],
)
def test_what_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "vertrouwen > 7",
        "spanning >= 4.5",
        "chose(n1.zeg)",
        "chose(n2.wacht)",
        "not chose(n1.wacht)",
        "spanning > 9 or bescherming > 9",
        "vertrouwen > 5 and spanning > 9",
        "(spanning > 9 or vertrouwen > 5) and bescherming > 3",
        "not vertrouwen > 5 or spanning > 9",
    ],
)
def test_what_does_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "vertrouwen",
        "vertrouwen >=",
        "vertrouwen >= veel",
        "7 <= vertrouwen",
        "vertrouwen = 7",
        "vertrouwen >= -1",
        "vertrouwen >= 7 spanning <= 4",
        "vertrouwen >= 7 and",
        "and vertrouwen >= 7",
        "or",
        "not",
        "(vertrouwen >= 7",
        "vertrouwen >= 7)",
        "()",
        "chose(n1)",
        "chose(n1.)",
        "chose(N1.wacht)",
        "chose(n1.wacht",
        "chose",
        "vertrouwen >= 7; drop",
        "Vertrouwen >= 7",
        "vertrouwen ≥ 7",
        "__import__",
        "\x00",
        "🙂",
    ],
)
def test_what_nobody_can_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(WrongCondition) as refused:
        parse(text)
    assert str(refused.value)


def test_brackets_in_brackets_have_an_end() -> None:
    """And no text, however long, exhausts the stack."""
    assert holds("(" * DEEPEST + "vertrouwen > 5" + ")" * DEEPEST)
    for deep in ("(" * 5000 + "vertrouwen > 5" + ")" * 5000, "not " * 5000 + "vertrouwen > 5"):
        with pytest.raises(WrongCondition):
            parse(deep)
    assert holds(" and ".join(["vertrouwen > 5"] * 2000))


def test_everything_that_is_named() -> None:
    named = parse("not (spanning > 9 or chose(n1.wacht)) and bescherming < 3").names()
    assert list(named) == [("", "spanning"), ("n1", "wacht"), ("", "bescherming")]


@given(st.text(max_size=60) | st.text("vertrouwenspg ()<>=.chose-0123456789adot", max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except WrongCondition:
        return
    assert list(found.names())


# ── held against Python's own idea of and, or, not ──

atoms = st.one_of(
    st.tuples(
        st.sampled_from(sorted(METERS)), st.sampled_from(("<", "<=", ">", ">=", "==")), st.integers(0, 10)
    ).map(lambda each: (f"{each[0]} {each[1]} {each[2]}", f"meters['{each[0]}'] {each[1]} {each[2]}")),
    st.tuples(st.sampled_from(("n1", "n4-b")), st.sampled_from(("wacht", "een-2"))).map(
        lambda each: (f"chose({each[0]}.{each[1]})", f"({each!r} in chosen)")
    ),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(lambda each: (f"not ({each[0]})", f"(not ({each[1]}))")),
        st.tuples(inner, st.sampled_from(("and", "or")), inner).map(
            lambda each: (f"{each[0][0]} {each[1]} {each[2][0]}", f"{each[0][1]} {each[1]} {each[2][1]}")
        ),
        inner.map(lambda each: (f"({each[0]})", f"({each[1]})")),
    ),
    max_leaves=8,
)


@given(
    conditions,
    st.fixed_dictionaries({name: st.integers(0, 20).map(lambda n: n / 2) for name in METERS}),
    st.frozensets(st.tuples(st.sampled_from(("n1", "n4-b")), st.sampled_from(("wacht", "een-2")))),
)
def test_it_means_what_python_would_mean(
    both: tuple[str, str], meters: dict[str, float], chosen: frozenset[tuple[str, str]]
) -> None:
    ours, theirs = both
    expected = eval(theirs, {"meters": meters, "chosen": chosen})  # noqa: S307 - made above
    assert parse(ours).holds(meters, chosen) == expected
