"""Who may come, and what an organiser decides, with a reason that is kept."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from backend.db import now
from backend.errors import Conflict, Forbidden, NotFound
from backend.events import deciding, jobs, ledger, offers, organising, service
from backend.events.models import DayStatus, EventKind, RegistrationStatus
from tests.events.acts import cancel, make_member, make_organiser, register, resize, subjects
from tests.factories import make_day, make_municipality, make_round

CONFIRMED, WAITING, REQUESTED, REFUSED, OFFERED, CANCELLED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITING,
    RegistrationStatus.REQUESTED,
    RegistrationStatus.REFUSED,
    RegistrationStatus.OFFERED,
    RegistrationStatus.CANCELLED,
)


# ── approval ──


def test_a_request_holds_no_place_until_it_is_approved(session: Session) -> None:
    day = make_day(session, capacity=1, audience={"needs_approval": True})
    a, _b = make_round(session, day, 1, 1)
    organiser = make_organiser(session)
    rows = [register(session, make_member(session, name), day, chosen=[a]) for name in ("Noor", "Ali")]
    assert [row.status for row in rows] == [REQUESTED, REQUESTED] and (day.taken, a.taken) == (0, 0)
    for _ in range(2):
        deciding.approve(session, organiser, rows[1].id, now())
    assert rows[1].status == CONFIRMED and (day.taken, a.taken) == (1, 1)
    deciding.approve(session, organiser, rows[0].id, now())
    assert rows[0].status == WAITING and day.waiting_count == 1
    assert ledger.differences(session) == []


def test_a_refusal_is_told_with_its_reason_and_one_may_ask_again(session: Session) -> None:
    day = make_day(session, audience={"needs_approval": True})
    noor, organiser = make_member(session), make_organiser(session)
    row = register(session, noor, day)
    for _ in range(2):
        deciding.refuse(session, organiser, row.id, "Er is maar plaats voor één per gemeente.", now())
    assert row.status == REFUSED
    assert subjects(session, noor) == ["Je aanvraag is verstuurd", "Geen plaats voor je op deze dag"]
    assert deciding.history(session, row.id)[-1].reason == "Er is maar plaats voor één per gemeente."
    with pytest.raises(Conflict):
        deciding.approve(session, organiser, row.id, now())
    assert register(session, noor, day).id != row.id


@pytest.mark.parametrize("is_over", [False, True])
def test_nobody_gets_a_place_on_a_day_that_is_called_off_or_over(session: Session, is_over: bool) -> None:
    """In another tab a colleague called the day off: no mail says that one is welcome."""
    asked = make_day(session, audience={"needs_approval": True})
    full = make_day(session, slug="vol", capacity=0)
    organiser, noor = make_organiser(session), make_member(session)
    request, waiting = register(session, noor, asked), register(session, noor, full)
    moment = now() + timedelta(days=400) if is_over else now()
    for day in (asked, full):
        if not is_over:
            organising.call_off(session, organiser, day.slug, "Te weinig mensen.", moment)
    full.capacity = 5
    told = len(subjects(session, noor))
    with pytest.raises(Conflict, match="gaat niet door"):
        deciding.approve(session, organiser, request.id, moment)
    with pytest.raises(Conflict, match="gaat niet door"):
        deciding.give_place(session, organiser, waiting.id, "Kan nog.", moment)
    assert (request.status, waiting.status, len(subjects(session, noor))) == (REQUESTED, WAITING, told)


def test_only_who_organises_for_the_region_decides(session: Session) -> None:
    day = make_day(session, audience={"needs_approval": True})
    row = register(session, make_member(session), day)
    for who in (make_organiser(session, "kempen"), make_member(session, "Ali")):
        with pytest.raises(NotFound):
            deciding.approve(session, who, row.id, now())
        with pytest.raises(NotFound):
            organising.call_off(session, who, day.slug, "", now())
    assert row.status == REQUESTED and day.status == DayStatus.PUBLISHED


# ── by hand ──


def test_a_place_given_during_the_day_is_not_over_at_once(session: Session) -> None:
    """Once the day has begun, an offer is held until its end, not until a beginning that is past."""
    day = make_day(session, capacity=0, offer_hours=8)
    row = register(session, make_member(session), day)
    organiser, moment = make_organiser(session), day.starts_at + timedelta(minutes=30)
    day.capacity = 1
    deciding.give_place(session, organiser, row.id, "Staat aan de deur.", moment)
    offers.expire(session, day.id, moment)
    assert row.status == OFFERED and row.offered_until is not None and row.offered_until > moment


def test_a_place_by_hand_before_the_turn_with_the_reason(session: Session) -> None:
    day, organiser = make_day(session, capacity=1, spread_limit=1, spread_until=now() + timedelta(9)), None
    organiser = make_organiser(session)
    town = make_municipality(session)
    first, second, third = (register(session, make_member(session, n, organisation=town), day) for n in "abc")
    with pytest.raises(Conflict, match="Verhoog eerst"):
        deciding.give_place(session, organiser, third.id, "Spreekt op de dag.", now())
    resize(session, organiser, day, 2)
    assert [r.status for r in (first, second, third)] == [CONFIRMED, WAITING, WAITING], "the fair spread"
    deciding.give_place(session, organiser, third.id, "Spreekt op de dag.", now())
    assert third.status == CONFIRMED and (day.taken, day.waiting_count) == (2, 1)
    last = deciding.history(session, third.id)[-1]
    assert (last.kind, last.actor_id, last.reason) == (
        EventKind.PROMOTED,
        organiser.id,
        "Spreekt op de dag.",
    )


def test_a_place_in_the_line_by_hand_is_written_down_and_not_mailed(session: Session) -> None:
    day, organiser = make_day(session, capacity=0), make_organiser(session)
    rows = [register(session, make_member(session, str(n)), day) for n in range(4)]
    deciding.shift(session, organiser, rows[3].id, 2, "Komt van ver.", now())
    assert [service.place_in_line(session, row) for row in rows] == [1, 3, 4, 2]
    assert deciding.history(session, rows[3].id)[-1].kind == EventKind.SHIFTED
    deciding.shift(session, organiser, rows[3].id, 99, "Toch niet.", now())
    assert [service.place_in_line(session, row) for row in rows] == [1, 2, 3, 4]
    assert ledger.differences(session) == []


def test_an_organiser_may_take_somebody_off_also_late(session: Session) -> None:
    day, organiser, noor = make_day(session), make_organiser(session), make_member(session)
    row = register(session, noor, day)
    for _ in range(2):
        deciding.remove(session, organiser, row.id, "Op eigen vraag.", day.cancel_until + timedelta(hours=1))
    assert row.status == CANCELLED and day.taken == 0 and len(subjects(session, noor)) == 2


# ── the audience ──


@pytest.mark.parametrize(
    ("audience", "may"),
    [
        ({}, True),
        ({"functions": ["Deskundige Samenleven"]}, True),
        ({"functions": ["burgemeester"]}, False),
        ({"functions": ["burgemeester"], "addresses": ["noor@elzendonk.example"]}, True),
        ({"domains": ["elzendonk.example"]}, True),
        ({"domains": ["elders.example"]}, False),
        ({"addresses": ["ali@elzendonk.example"]}, False),
        ({"organisations": ["00000000-0000-0000-0000-000000000001"]}, False),
    ],
)
def test_a_day_for_some(session: Session, audience: dict, may: bool) -> None:
    day = make_day(session, audience=audience)
    noor = make_member(session, email="noor@elzendonk.example")
    if may:
        assert register(session, noor, day).status == CONFIRMED
    else:
        with pytest.raises(Forbidden, match="andere groep"):
            register(session, noor, day)
        assert day.taken == 0


def test_an_organisation_of_the_list_may(session: Session) -> None:
    town = make_municipality(session)
    day = make_day(session, audience={"organisations": [str(town.id)]})
    assert register(session, make_member(session, organisation=town), day).status == CONFIRMED


def test_a_day_for_who_is_invited_does_not_exist_for_others(session: Session) -> None:
    day = make_day(session, is_listed=False, audience={"addresses": ["noor@elzendonk.example"]})
    noor, ali = make_member(session, email="noor@elzendonk.example"), make_member(session, "Ali")
    for who in (None, ali):
        with pytest.raises(NotFound):
            service.show(session, day.slug, who)
    with pytest.raises(Forbidden):
        register(session, ali, day)
    for who in (noor, make_organiser(session)):
        assert service.show(session, day.slug, who).day.id == day.id
    assert register(session, noor, day).status == CONFIRMED
    lists = (service.upcoming, service.for_feed, lambda s, n: service.next_days(s, n, 9))
    assert [list(days(session, now())) for days in lists] == [[], [], []]


# ── the fair spread ──


def test_one_municipality_does_not_take_all(session: Session) -> None:
    until = now() + timedelta(days=9)
    day = make_day(session, capacity=4, spread_limit=2, spread_until=until)
    here, there = make_municipality(session, "Elzendonk"), make_municipality(session, "Klaverzande")
    rows = [register(session, make_member(session, f"e{n}", organisation=here), day) for n in range(4)]
    assert [row.status for row in rows] == [CONFIRMED, CONFIRMED, WAITING, WAITING]
    late = register(session, make_member(session, "k", organisation=there), day)
    assert late.status == CONFIRMED, "who waits because of the spread is in nobody's way"
    jobs.promote(session, {"day_id": str(day.id)})
    assert rows[2].status == WAITING
    day.spread_until = now() - timedelta(seconds=1)
    session.flush()
    jobs.promote(session, {"day_id": str(day.id)})
    assert [row.status for row in rows] == [CONFIRMED, CONFIRMED, CONFIRMED, WAITING]


def test_a_place_of_ones_own_municipality_goes_to_who_waits_from_it(session: Session) -> None:
    day = make_day(session, capacity=4, spread_limit=1, spread_until=now() + timedelta(days=9))
    town = make_municipality(session)
    noor, ali = (make_member(session, name, organisation=town) for name in ("Noor", "Ali"))
    register(session, noor, day)
    waiting = register(session, ali, day)
    cancel(session, noor, day)
    assert waiting.status == CONFIRMED
