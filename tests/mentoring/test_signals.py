"""The rules that say who needs a word, with the clock passed in."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.mentoring.signals import (
    Signal,
    SignalKind,
    Standing,
    State,
    Step,
    signal_of,
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
    return signal_of(
        steps, admitted_at=admitted or ago(days=60), last_active_at=last, is_done=is_done, now=NOW
    )


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
        assert found == Signal(SignalKind.SILENT, int(days), "1.2")
        assert found.reason == f"Begon aan de module, kwam tot les 1.2 en is nu {int(days)} dagen stil"


def test_begun_without_any_answer_still_says_something_true():
    found = signal(at=ago(days=20))
    assert found is not None
    assert found.reason == "Begon aan de module en is nu 20 dagen stil"


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
