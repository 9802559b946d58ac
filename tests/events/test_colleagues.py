"""Colleagues of one's own organisation: registered by one, answered by each, and places passed on."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from backend.auth import housekeeping
from backend.auth.invited import Colleague
from backend.auth.models import Account, AccountStatus, Viewer
from backend.db import now
from backend.errors import Conflict, Forbidden
from backend.events import (
    colleagues,
    ledger,
    mailings,
    offers,
    organising,
    passing_on,
    people,
    registering,
    selecting,
    service,
)
from backend.events.holding import Linked, Mine
from backend.events.models import ActionDay, Registration, RegistrationNeed, RegistrationStatus
from backend.network.models import OrganisationDomain
from tests.events.acts import (
    accept,
    cancel,
    invite,
    mails_to,
    make_member,
    make_organiser,
    register,
    subjects,
    wish,
)
from tests.factories import make_account, make_day, make_municipality, make_round, viewer_of

CONFIRMED, WAITING, OFFERED, CANCELLED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.CANCELLED,
)


@pytest.fixture
def office(session: Session) -> tuple[Viewer, Account, Account]:
    """Three people of one municipality, with addresses there."""
    town = make_municipality(session, "Elzendonk")
    noor, ali, lies = (
        make_account(session, name, organisation=town, email=f"{name.lower()}@elzendonk.example")
        for name in ("Noor", "Ali", "Lies")
    )
    return viewer_of(session, noor), ali, lies


def hand_over(session: Session, who: Viewer, day: ActionDay, to: Account) -> Registration:
    colleague = Colleague(to.name, to.email)
    return passing_on.hand_over(session, Mine(who, day.slug), colleague, now())


def test_a_place_is_held_until_each_says_yes(session: Session, office) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = office
    first, second = invite(session, noor, day, ali, lies)
    assert (first.status, second.status) == (OFFERED, WAITING)
    assert subjects(session, viewer_of(session, ali)) == ["Een collega schreef je in"]
    said = colleagues.registered_by(session, noor, day.id)
    assert [(each.name, each.status) for each in said] == [("Ali", OFFERED), ("Lies", WAITING)]
    accept(session, viewer_of(session, ali), day)
    assert first.status == CONFIRMED
    cancel(session, viewer_of(session, ali), day)
    assert second.status == OFFERED, "also who moves up is asked"
    assert ledger.differences(session) == []


def test_who_registers_sees_nothing_of_what_a_colleague_needs(session: Session, office) -> None:
    day = make_day(session)
    noor, ali, _lies = office
    invite(session, noor, day, ali)
    accept(session, viewer_of(session, ali), day)
    asked = wish(note="geen noten")
    registering.change(session, Mine(viewer_of(session, ali), day.slug), asked, now())
    assert "noten" not in repr(colleagues.registered_by(session, noor, day.id))
    assert service.own_of(session, noor, day.id) is None


def test_twice_the_same_names_is_once(session: Session, office) -> None:
    day = make_day(session)
    noor, ali, _lies = office
    first, again = invite(session, noor, day, ali, ali)[0], invite(session, noor, day, ali)[0]
    assert first.id == again.id and len(subjects(session, viewer_of(session, ali))) == 1


def test_somebody_without_an_account_says_yes_by_the_link_and_has_one(session: Session, office) -> None:
    day = make_day(session)
    noor, *_ = office
    session.add(OrganisationDomain(domain="elzendonk.example", organisation_id=noor.organisation_id))
    new = Colleague("Wout Nieuw", "wout@elzendonk.example")
    (registration,) = colleagues.register_colleagues(session, noor, day.slug, [new], now())
    account = session.exec(select(Account).where(col(Account.email) == new.email)).one()
    assert account.status == AccountStatus.UNCONFIRMED and account.name == "Wout Nieuw"
    offers.accept(session, Linked(registration.id), now())
    session.refresh(account)
    assert (account.status, account.password_hash) == (AccountStatus.MEMBER, None)
    assert registration.status == CONFIRMED and registration.municipality_nis == noor.municipality_nis


def test_of_somebody_who_never_said_yes_nothing_stays(session: Session, office) -> None:
    day = make_day(session, starts_at=now() - timedelta(days=50), registration_closes_at=now() + timedelta(1))
    day.starts_at, day.ends_at = now() + timedelta(hours=1), now() + timedelta(hours=2)
    noor, *_ = office
    new = Colleague("Wout Nieuw", "wout@elzendonk.example")
    (registration,) = colleagues.register_colleagues(session, noor, day.slug, [new], now())
    later = now() + timedelta(days=40)
    housekeeping.tidy(session, later)
    assert session.get(Account, registration.account_id), "known for the day, so the account stays"
    offers.expire(session, day.id, later)
    people.forget_strangers(session, later)
    housekeeping.tidy(session, later)
    session.expire_all()
    assert session.exec(select(Account).where(col(Account.email) == new.email)).first() is None
    assert session.exec(select(Registration)).all() == [] and ledger.differences(session) == []


@pytest.mark.parametrize("is_called_off", [False, True])
def test_nothing_stays_either_of_who_was_mailed_or_of_a_day_that_was_called_off(
    session: Session, office, is_called_off: bool
) -> None:
    """An organiser wrote to everybody on the list; and an offer for a day that is off never ends by itself."""
    day = make_day(session)
    (workshop,) = make_round(session, day, 5)
    noor, organiser = office[0], make_organiser(session)
    new = Colleague("Wout Nieuw", "wout@elzendonk.example")
    (registration,) = colleagues.register_colleagues(session, noor, day.slug, [new], now())
    desk = selecting.desk(session, organiser, day.slug)
    words = mailings.Words("Parking", "De parking is achter het gebouw.")
    assert mailings.send(session, organiser, desk, selecting.Selection(), words, now()) == 1
    if is_called_off:
        organising.call_off(session, organiser, day.slug, "Te weinig mensen.", now())
    later = day.ends_at + timedelta(days=40)
    offers.expire(session, day.id, later)
    people.forget_strangers(session, later)
    housekeeping.tidy(session, later)
    session.expire_all()
    assert session.get(Account, registration.account_id) is None
    assert (day.taken, workshop.taken) == (0, 0) and ledger.differences(session) == []


@pytest.mark.parametrize("email", ["iemand@elders.example", "vera@elders.example", "x@gmail.com"])
def test_only_colleagues_and_nothing_tells_whether_others_have_an_account(
    session: Session, office, email: str
) -> None:
    """A stranger, a member elsewhere, and an address that anybody can have: the same words."""
    make_account(session, "Vera", email="vera@elders.example")
    noor, *_ = office
    day, named = make_day(session), [Colleague("X", email)]
    with pytest.raises(Conflict) as refused:
        colleagues.register_colleagues(session, noor, day.slug, named, now())
    assert (
        refused.value.message
        == f"{email} kunnen we niet inschrijven: we kennen dit adres niet als dat van een collega."
    )
    assert session.exec(select(Registration)).all() == []


def test_an_own_address_for_everybody_makes_no_colleagues(session: Session) -> None:
    noor = viewer_of(session, make_account(session, email="noor@gmail.com"))
    day, named = make_day(session), [Colleague("X", "wie-dan-ook@gmail.com")]
    with pytest.raises(Conflict):
        colleagues.register_colleagues(session, noor, day.slug, named, now())


def test_only_members_with_an_organisation_register_others(session: Session, office) -> None:
    applicant = make_member(session, "Nele", status=AccountStatus.APPLICANT)
    with pytest.raises(Forbidden):
        invite(session, applicant, make_day(session), office[1])


# ── passing a place on ──


def test_my_place_and_my_sessions_are_my_colleagues(session: Session, office) -> None:
    day = make_day(session, capacity=1)
    a, b = make_round(session, day, 1, 1)
    noor, ali, _lies = office
    other = make_member(session, "Omar")
    mine = register(session, noor, day, chosen=[a], note="ringleiding")
    waiting = register(session, other, day, chosen=[b])
    theirs = hand_over(session, noor, day, ali)
    assert (mine.status, theirs.status, waiting.status) == (CANCELLED, OFFERED, WAITING)
    assert (day.taken, a.taken) == (1, 1)
    assert service.own_of(session, viewer_of(session, ali), day.id).choices == {a.id: "chosen"}
    assert session.exec(select(RegistrationNeed)).all() == [], "what I need is not theirs"
    accept(session, viewer_of(session, ali), day)
    assert subjects(session, noor)[-1] == "Je gaf je plaats door"
    assert subjects(session, viewer_of(session, ali)) == [
        "Een collega geeft je een plaats",
        "Je bent ingeschreven",
    ]
    assert ledger.differences(session) == []


def test_a_colleague_who_waits_has_asked_already(session: Session, office) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = office
    register(session, noor, day)
    waits = [register(session, viewer_of(session, who), day) for who in (lies, ali)]
    theirs = hand_over(session, noor, day, ali)
    assert theirs.id == waits[1].id and theirs.status == CONFIRMED and waits[0].status == WAITING
    assert (day.taken, day.waiting_count) == (1, 1)
    assert len(mails_to(session, ali.email)[-1].attachments) == 1


def test_declining_a_place_that_was_passed_on_gives_it_to_who_waits(session: Session, office) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = office
    register(session, noor, day)
    waiting = register(session, viewer_of(session, lies), day)
    hand_over(session, noor, day, ali)
    cancel(session, viewer_of(session, ali), day)
    assert waiting.status == CONFIRMED


def test_passing_on_twice_is_once_and_never_what_one_has_not(session: Session, office) -> None:
    day = make_day(session)
    noor, ali, lies = office
    with pytest.raises(Conflict, match="niet ingeschreven"):
        hand_over(session, noor, day, ali)
    register(session, noor, day)
    first = hand_over(session, noor, day, ali)
    assert hand_over(session, noor, day, ali).id == first.id
    with pytest.raises(Conflict, match="niet doorgeven"):
        hand_over(session, noor, day, lies)
    assert day.taken == 1 and len(mails_to(session, ali.email)) == 1


def test_a_place_is_not_passed_to_who_has_one_or_of_a_chosen_group(session: Session, office) -> None:
    day, chosen = make_day(session), make_day(session, audience={"needs_approval": True})
    noor, ali, _lies = office
    register(session, noor, day), register(session, viewer_of(session, ali), day)
    with pytest.raises(Conflict, match="al ingeschreven"):
        hand_over(session, noor, day, ali)
    register(session, noor, chosen).status = CONFIRMED
    with pytest.raises(Conflict, match="niet doorgeven"):
        hand_over(session, noor, chosen, ali)


# ── another day of the series ──


def test_moving_to_another_day_of_the_series(session: Session) -> None:
    here, there = (make_day(session, series="reeks", capacity=1) for _ in range(2))
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    old = register(session, noor, here, note="ringleiding")
    waiting = register(session, ali, here)
    new = passing_on.move(session, noor, here.slug, there.slug, now())
    assert (old.status, new.status, waiting.status) == (CANCELLED, CONFIRMED, CONFIRMED)
    assert (here.taken, there.taken) == (1, 1)
    assert session.exec(select(RegistrationNeed.registration_id)).all() == [new.id]
    assert passing_on.move(session, noor, here.slug, there.slug, now()).id == new.id, "again is once"
    assert subjects(session, noor)[1:] == ["Je bent ingeschreven", "Je kiest een andere dag"]
    assert ledger.differences(session) == []


def test_without_a_place_there_one_keeps_the_place_here(session: Session) -> None:
    here = make_day(session, series="reeks")
    full, foreign = make_day(session, series="reeks", capacity=0), make_day(session, series="andere")
    noor = make_member(session)
    mine = register(session, noor, here)
    for other in (full, foreign, here):
        with pytest.raises(Conflict):
            passing_on.move(session, noor, here.slug, other.slug, now())
    assert mine.status == CONFIRMED and here.taken == 1
