"""The rules that say who needs a word, with the clock passed in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mentoring.signals import (
    USUAL,
    Evidence,
    Failed,
    Rule,
    Shared,
    Signal,
    SignalKind,
    Standing,
    State,
    Step,
    signals_of,
    standing_of,
    state_of,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def step(number: str = "1.4", *, tries: int = 0, at: datetime | None = None, is_done: bool = False) -> Step:
    return Step(number, tries, at or ago(days=1), is_done)


def signal(
    *steps: Step, at: datetime | None = None, admitted: datetime | None = None, is_done: bool = False
) -> Signal | None:
    last = at or max((s.last_active_at for s in steps), default=None)
    done = [s.number for s in steps if s.is_done]
    evidence = Evidence(
        admitted_at=admitted or ago(days=60),
        last_active_at=last,
        is_done=is_done,
        steps=tuple(s for s in steps if not s.is_done),
        reached=done[-1] if done else "",
    )
    return next(iter(signals_of(evidence, USUAL, NOW)), None)


def test_several_wrong_tries_and_then_silence_is_a_reason_with_its_numbers():
    found = signal(step("1.3", is_done=True), step("1.4", tries=3, at=ago(days=12)), at=ago(days=12))
    assert found == Signal(SignalKind.STUCK, 12, "1.4", 3)
    assert found.reason == "3 keer na elkaar fout in les 1.4, en daarna 12 dagen stil"


@pytest.mark.parametrize(
    ("tries", "silence", "is_stuck"),
    [
        (3, timedelta(days=3), True),
        (2, timedelta(days=3), False),  # two mistakes happen to everyone
        (3, timedelta(days=3) - timedelta(seconds=1), False),  # still trying, perhaps
        (3, timedelta(0), False),
    ],
)
def test_stuck_begins_exactly_at_three_tries_and_three_days(tries: int, silence: timedelta, is_stuck: bool):
    one = step(tries=tries, at=NOW - silence)
    found = signal(one)
    assert (found is not None and found.kind == SignalKind.STUCK) == is_stuck
    assert (state_of(one, NOW - silence, NOW) == State.STUCK) == is_stuck


def test_who_went_on_elsewhere_is_not_stuck():
    behind = step("1.2", tries=5, at=ago(days=9))
    assert signal(behind, step("1.3", at=ago(days=1))) is None
    assert state_of(behind, ago(days=1), NOW) == State.BUSY


def test_a_lesson_that_is_done_is_never_stuck():
    assert state_of(step(tries=9, at=ago(days=30), is_done=True), ago(days=30), NOW) == State.DONE


@pytest.mark.parametrize(("days", "is_silent"), [(13.9, False), (14, True), (40, True)])
def test_begun_and_silent_for_two_weeks_is_a_reason(days: float, is_silent: bool):
    found = signal(step("1.1", is_done=True, at=ago(days=days + 2)), step("1.2", at=ago(days=days)))
    assert (found is not None) == is_silent
    if found:
        assert (found.kind, found.days, found.lesson) == (SignalKind.SILENT, int(days), "1.2")
        assert found.reason == f"Sinds {int(days)} dagen niets, pas begonnen aan les 1.2"


def test_begun_without_any_answer_still_says_something_true():
    found = signal(at=ago(days=20))
    assert found is not None
    assert found.reason == "Sinds 20 dagen niets"


@pytest.mark.parametrize(("days", "asks"), [(9.9, False), (10, True)])
def test_admitted_without_a_lesson_for_ten_days_is_a_reason(days: float, asks: bool):
    found = signal(admitted=ago(days=days))
    assert (found is not None) == asks
    if found:
        assert found.kind == SignalKind.NOT_BEGUN
        assert found.reason == "Toegelaten op 12 november 2026, nog geen les begonnen"


def test_who_is_done_hears_nothing_however_long_ago():
    assert signal(step(is_done=True, at=ago(days=300)), is_done=True) is None


def test_stuck_tells_more_than_silent():
    found = signal(step(tries=4, at=ago(days=30)))
    assert found is not None
    assert found.kind == SignalKind.STUCK


def test_everyone_has_one_standing():
    assert standing_of(Signal(SignalKind.SILENT, 20), is_done=False) == Standing.NEEDS_WORD
    assert standing_of(None, is_done=True) == Standing.DONE
    assert standing_of(None, is_done=False) == Standing.ON_TRACK


def test_one_day_is_said_in_the_singular():
    assert "1 dag stil" in Signal(SignalKind.STUCK, 1, "1.1", 3).reason


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.1, "pas begonnen aan"),
        (0.25, "halverwege"),
        (0.5, "halverwege"),
        (0.75, "bijna klaar met"),
        (1.0, "na"),
    ],
)
def test_silence_says_how_far_somebody_came(share: float, said: str):
    assert Signal(SignalKind.SILENT, 16, "1.3", share=share).reason == f"Sinds 16 dagen niets, {said} les 1.3"


def test_failing_twice_and_a_reflection_that_waits_are_reasons():
    evidence = Evidence(
        admitted_at=ago(days=60),
        last_active_at=ago(days=1),
        steps=(step("2.4"),),
        failed=(Failed("2.4", 2, ago(days=1)), Failed("2.1", 1, ago(days=9))),
        shared=(Shared("1.7", ago(days=6)), Shared("1.6", ago(days=2))),
    )
    assert [signal.reason for signal in signals_of(evidence, USUAL, NOW)] == [
        "2 keer gezakt voor de toets van les 2.4",
        "Reflectie bij les 1.7 wacht al 6 dagen op antwoord",
    ]


def test_a_rule_that_is_off_says_nothing_and_silence_speaks_for_stuck():
    evidence = Evidence(ago(days=60), ago(days=20), steps=(step(tries=4, at=ago(days=20)),))
    off = {**USUAL, SignalKind.STUCK: Rule(SignalKind.STUCK, 3, 3, is_on=False)}
    assert [s.kind for s in signals_of(evidence, USUAL, NOW)] == [SignalKind.STUCK]
    assert [s.kind for s in signals_of(evidence, off, NOW)] == [SignalKind.SILENT]


moments = st.timedeltas(timedelta(0), timedelta(days=200)).map(lambda span: NOW - span)
numbers = st.sampled_from(["1.1", "1.2", "2.4"])
steps = st.builds(Step, numbers, st.integers(0, 9), moments, is_done=st.just(False), share=st.floats(0, 1))
evidences = st.builds(
    Evidence,
    admitted_at=moments,
    last_active_at=st.none() | moments,
    is_done=st.booleans(),
    steps=st.lists(steps, max_size=4).map(tuple),
    reached=numbers,
    failed=st.lists(st.builds(Failed, numbers, st.integers(1, 5), moments), max_size=3).map(tuple),
    shared=st.lists(st.builds(Shared, numbers, moments), max_size=3).map(tuple),
)
rule_sets = st.fixed_dictionaries(
    {
        kind: st.builds(Rule, st.just(kind), st.integers(0, 60), st.integers(1, 5), st.booleans())
        for kind in SignalKind
    }
)


@given(evidences, rule_sets)
def test_whatever_happened_signals_are_few_ordered_and_follow_from_rules_that_are_on(evidence, rules):
    found = signals_of(evidence, rules, NOW)
    kinds = [signal.kind for signal in found]
    assert kinds == [kind for kind in SignalKind if kind in kinds]  # each once, in order
    assert all(rules[kind].is_on for kind in kinds)
    assert all(signal.days >= 0 and signal.reason and signal.since for signal in found)
    assert signals_of(evidence, rules, NOW) == found
    if evidence.last_active_at is None:
        assert not {SignalKind.STUCK, SignalKind.SILENT} & set(kinds)
    else:
        assert SignalKind.NOT_BEGUN not in kinds


@given(evidences, rule_sets)
def test_a_stricter_rule_never_takes_a_signal_away(evidence, rules):
    """Fewer days and fewer times: whoever was in the list stays in it."""
    stricter = {k: Rule(k, max(0, r.days - 3), max(1, r.times - 1), r.is_on) for k, r in rules.items()}
    if signals_of(evidence, rules, NOW):
        assert signals_of(evidence, stricter, NOW)
