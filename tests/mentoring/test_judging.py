"""Looking at everybody quickly and at one person closely comes to the same conclusion about who needs a word."""

from datetime import timedelta

from sqlmodel import Session

from backend.courses import service as courses
from backend.db import now
from backend.mentoring import service
from backend.mentoring.judging import Judge
from backend.mentoring.participants import Participant, columns_of, ids_in, people_in
from backend.mentoring.policy import scope_of
from backend.mentoring.service import Filter
from backend.mentoring.signals import State
from tests.factories import viewer_of
from tests.mentoring.people import make_learner, make_mentor, make_module, two_regions


def fill(session: Session) -> None:
    """Everything between new, busy, stuck, silent and done."""
    make_module(session)
    here, _there = two_regions(session)
    for number in range(60):
        make_learner(
            session,
            f"Lid {number:02d}",
            here,
            done=number % 8,
            busy=number % 3 == 0,
            tries=number % 5,
            silent=timedelta(days=number % 21),
        )
    make_learner(session, "Nooit Begonnen", here, admitted=timedelta(days=11))
    make_learner(session, "Net Toegelaten", here, admitted=timedelta(days=1))


def told(person: Participant) -> tuple[object, ...]:
    return (
        person.name, person.standing, person.done_count, person.last_active_at, [(s.kind, s.days) for s in person.signals],
    )  # fmt: skip


def test_quickly_and_closely_say_the_same_of_everyone(session: Session) -> None:
    fill(session)
    viewer, at = viewer_of(session, make_mentor(session)), now()
    quick = service.overview(session, viewer, Filter(), at)
    people = people_in(session, scope_of(viewer), at)
    close = Judge(columns_of(courses.published(session)), viewer, at)
    close.judge(session, people, ids_in(scope_of(viewer), at))
    assert len({person.standing for person in people.values()}) == 3
    for person in quick.everyone:
        assert told(person) == told(people[person.id])


def test_who_is_shown_is_shown_in_full_and_the_others_are_not_looked_at(session: Session) -> None:
    fill(session)
    viewer, at = viewer_of(session, make_mentor(session)), now()
    seen = service.overview(session, viewer, Filter(zoek="Lid 45"), at)
    whole = service.overview(session, viewer, Filter(), at, all_pages=True)
    complete = {person.id: person for person in whole.found}
    [shown] = seen.rows
    assert shown.cells == complete[shown.id].cells
    assert State.BUSY in shown.cells
    for person in seen.top:
        assert [s.reason for s in person.signals] == [s.reason for s in complete[person.id].signals]
    hidden = [person for person in seen.everyone if person not in (*seen.top, *seen.rows)]
    assert any(person.cells != complete[person.id].cells for person in hidden), "the control: it is left out"
