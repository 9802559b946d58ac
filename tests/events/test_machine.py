"""Any order of events gives the places that the model says. More runs are in tests/deep."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import Session

from tests.events.machine import Places
from tests.factories import make_account, viewer_of


def run(session: Session, *, examples: int, steps: int) -> None:
    people = [viewer_of(session, make_account(session, f"Lid {n}")) for n in range(8)]
    given = type("PlacesHere", (Places,), {"session": session, "people": people})
    run_state_machine_as_test(
        given, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )


def test_places_follow_the_model(session: Session) -> None:
    run(session, examples=15, steps=25)
