"""Sessions of a day: one a round, no clashes, and a waiting list of their own."""

import pytest
from sqlmodel import Session, select

from backend.db import now
from backend.events import ledger, organising, registering, service
from backend.events.holding import Mine
from backend.events.models import ChoiceStatus, EventKind, RegistrationEvent, RegistrationStatus, Workshop
from backend.events.wishes import Mistaken
from tests.events.acts import (
    cancel,
    change,
    mails_to,
    make_member,
    make_organiser,
    register,
    resize,
    subjects,
    wish,
)
from tests.factories import make_day, make_round

CHOSEN, WAITING, WISHED = ChoiceStatus


def taken(*workshops: Workshop) -> list[tuple[int, int]]:
    return [(each.taken, each.waiting_count) for each in workshops]


def choices(session: Session, who, day) -> dict[str, str]:
    own = service.own_of(session, who, day.id)
    titles = dict(session.exec(select(Workshop.id, Workshop.title)).all())
    return {titles[key]: status.value for key, status in own.choices.items()}


def test_one_session_a_round_is_counted_with_the_place(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    a, b = make_round(session, day, 2, 2)
    c, d = make_round(session, day, 2, 2, hour=3)
    register(session, noor, day, chosen=[a, d])
    assert taken(a, b, c, d) == [(1, 0), (0, 0), (0, 0), (1, 0)] and day.taken == 1
    (mail,) = mails_to(session, noor.email)
    assert "Sessie: " in mail.text and "1A" in mail.text and "3B" in mail.text and "1B" not in mail.text


def test_what_must_be_chosen_must_be_chosen(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    a, _b = make_round(session, day, 2, 2)
    make_round(session, day, 2, hour=3, is_required=False)
    with pytest.raises(Mistaken) as wrong:
        register(session, noor, day)
    assert list(wrong.value.fields) == ["ronde_1"] and "Kies één sessie" in wrong.value.fields["ronde_1"]
    assert (day.taken, taken(a)) == (0, [(0, 0)]), "nothing was done"
    register(session, noor, day, chosen=[a])


def test_a_session_that_filled_up_meanwhile_is_told_before_anything_is_done(session: Session) -> None:
    day, noor, ali = make_day(session), make_member(session, "Noor"), make_member(session, "Ali")
    a, b = make_round(session, day, 1, 1)
    register(session, noor, day, chosen=[a])
    with pytest.raises(Mistaken) as wrong:
        register(session, ali, day, chosen=[a])
    assert "intussen volzet" in wrong.value.fields["ronde_1"] and day.taken == 1
    register(session, ali, day, chosen=[b], waits=[a])
    assert taken(a, b) == [(1, 1), (1, 0)]


def test_sessions_that_overlap_are_not_chosen_together(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    (long,) = make_round(session, day, 5, hour=1, hours=3, is_required=False)
    (inside,) = make_round(session, day, 5, hour=2, is_required=False)
    (after,) = make_round(session, day, 5, hour=4, is_required=False)
    with pytest.raises(Mistaken) as wrong:
        register(session, noor, day, chosen=[long, inside])
    assert "vallen samen" in wrong.value.fields["ronde_2"]
    register(session, noor, day, chosen=[long, after])
    inside.capacity = 0
    session.flush()
    with pytest.raises(Mistaken):
        change(session, noor, day, chosen=[long, after], waits=[inside])


def test_sessions_of_another_day_or_two_of_one_round_are_refused(session: Session) -> None:
    day, other, noor = make_day(session), make_day(session), make_member(session)
    a, b = make_round(session, day, 2, 2)
    (foreign,) = make_round(session, other, 2)
    for chosen in ([a, foreign], [a, b]):
        with pytest.raises(Mistaken):
            register(session, noor, day, chosen=chosen)
    assert taken(a, b, foreign) == [(0, 0)] * 3


def test_a_place_in_a_session_goes_to_who_waits_and_theirs_to_the_next(session: Session) -> None:
    """Noor leaves A; Ali waited for A and leaves B; Lies waited for B. Each is told once."""
    day = make_day(session)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    a, b, c = make_round(session, day, 1, 1, 1)
    register(session, noor, day, chosen=[a])
    register(session, ali, day, chosen=[b], waits=[a])
    register(session, lies, day, chosen=[c], waits=[b])
    cancel(session, noor, day)
    assert choices(session, ali, day) == {"1A": "chosen"}
    assert choices(session, lies, day) == {"1B": "chosen"}
    assert taken(a, b, c) == [(1, 0), (1, 0), (0, 0)]
    for who in (ali, lies):
        assert subjects(session, who) == ["Je bent ingeschreven", "Er is een plaats in je sessie"]
    assert ledger.differences(session) == []


def test_waiting_for_what_is_free_after_all_is_choosing_it(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    a, b = make_round(session, day, 1, 1)
    register(session, noor, day, chosen=[b], waits=[a])
    assert choices(session, noor, day) == {"1A": "chosen"} and taken(a, b) == [(1, 0), (0, 0)]


def test_who_waits_for_the_day_wishes_and_gets_what_is_left(session: Session) -> None:
    day = make_day(session, capacity=2)
    noor, ali, lies, omar = (make_member(session, name) for name in ("Noor", "Ali", "Lies", "Omar"))
    a, b = make_round(session, day, 1, 1)
    register(session, noor, day, chosen=[a]), register(session, ali, day, chosen=[b])
    register(session, lies, day, chosen=[a]), register(session, omar, day, chosen=[b])
    assert choices(session, lies, day) == {"1A": "wished"} and taken(a, b) == [(1, 0), (1, 0)]
    cancel(session, ali, day)
    assert choices(session, lies, day) == {"1A": "waiting"} and taken(a, b) == [(1, 1), (0, 0)]
    own = service.own_of(session, lies, day.id)
    assert own.registration.status == RegistrationStatus.CONFIRMED and own.lines == {a.id: 1}
    resize(session, make_organiser(session), day, 3)
    assert choices(session, omar, day) == {"1B": "chosen"}


def test_more_places_in_a_session_go_to_who_waits_for_it(session: Session) -> None:
    day, organiser = make_day(session), make_organiser(session)
    a, b = make_round(session, day, 0, 9)
    people = [make_member(session, f"Lid {n}") for n in range(3)]
    for who in people:
        register(session, who, day, chosen=[b], waits=[a])
    assert [service.own_of(session, who, day.id).lines[a.id] for who in people] == [1, 2, 3]
    organising.resize_workshop(session, organiser, day.slug, a.id, 2, now())
    assert [choices(session, who, day) for who in people] == [
        {"1A": "chosen"},
        {"1A": "chosen"},
        {"1B": "chosen", "1A": "waiting"},
    ]


def test_changing_is_told_once_and_the_same_again_not_at_all(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    a, b = make_round(session, day, 1, 1)
    registration = register(session, noor, day, chosen=[a])
    for _ in range(2):
        change(session, noor, day, chosen=[b])
    assert choices(session, noor, day) == {"1B": "chosen"} and taken(a, b) == [(0, 0), (1, 0)]
    assert subjects(session, noor) == ["Je bent ingeschreven", "Je keuze is gewijzigd"]
    assert registration.sequence == 1
    kinds = session.exec(select(RegistrationEvent.kind).order_by(RegistrationEvent.sequence)).all()
    assert kinds == [EventKind.REGISTERED, EventKind.CHANGED]


def test_only_needs_are_changed_without_a_word_in_ledger_or_mail(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    registration = register(session, noor, day)
    registering.change(session, Mine(noor, day.slug), wish(note="ringleiding"), now())
    assert registration.sequence == 0 and len(subjects(session, noor)) == 1
    assert service.own_of(session, noor, day.id).need.note == "ringleiding"
