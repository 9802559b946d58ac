"""Any order of events gives the places that the day on paper has. More runs are in tests/deep."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import Session

from tests.events.acts import make_organiser
from tests.events.machine import PEOPLE, Places
from tests.factories import make_account, make_municipality, viewer_of


def run(session: Session, *, examples: int, steps: int, shrinks: bool = True) -> None:
    """`shrinks`: look for the shortest story that goes wrong, which may take minutes."""
    towns = [make_municipality(session, name) for name in ("Elzendonk", "Hazelbergen")]
    people = [
        viewer_of(session, make_account(session, f"Lid {n}", organisation=towns[n // (PEOPLE // 2)]))
        for n in range(PEOPLE)
    ]
    values = {"session": session, "people": people, "organiser": make_organiser(session)}
    given = type("PlacesHere", (Places,), values)
    run_state_machine_as_test(
        given,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=[phase for phase in Phase if shrinks or phase not in (Phase.shrink, Phase.explain)],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_places_follow_the_model(session: Session) -> None:
    """On PostgreSQL fewer orders: what can differ there is the SQL, and each story runs all of it. More of them when a mutant
    is to be found, by chance.
    """
    many = 300 if settings().max_examples > 100 else 40
    run(
        session, examples=many if session.get_bind().dialect.name == "sqlite" else 10, steps=30, shrinks=False
    )
