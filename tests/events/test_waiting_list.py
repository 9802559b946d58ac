"""The rules of places and the waiting list, one person at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from backend.auth.models import AccountStatus
from backend.db import now
from backend.errors import Conflict, Forbidden, NotFound
from backend.events import places, registering, service
from backend.events.mails import place_in_words
from backend.events.models import ActionDay, DayStatus, Registration, RegistrationNeed, RegistrationStatus
from backend.mail import OutgoingMail
from tests.events.acts import cancel, make_member, make_organiser, register, resize, subjects, wish
from tests.factories import make_day, make_municipality

CONFIRMED, WAITING, CANCELLED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITING,
    RegistrationStatus.CANCELLED,
)


def test_a_free_place_is_yours(session: Session) -> None:
    day, noor = make_day(session, capacity=2), make_member(session)
    registration = register(session, noor, day, note="ringleiding")
    assert registration.status == CONFIRMED
    assert session.exec(select(RegistrationNeed.note)).all() == ["ringleiding"]
    assert (day.taken, day.waiting_count) == (1, 0)
    assert subjects(session, noor) == ["Je bent ingeschreven"]


def test_registering_twice_is_harmless(session: Session) -> None:
    day, noor = make_day(session, capacity=2), make_member(session)
    first = register(session, noor, day, note="ringleiding")
    again = register(session, noor, day)
    assert again.id == first.id and again.sequence == 0
    assert session.exec(select(RegistrationNeed.note)).all() == ["ringleiding"]
    assert day.taken == 1 and len(subjects(session, noor)) == 1


def test_a_full_day_puts_you_on_the_waiting_list(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    register(session, noor, day)
    second, third = (register(session, person, day) for person in (ali, lies))
    assert (second.status, third.status) == (WAITING, WAITING)
    assert [service.place_in_line(session, r) for r in (second, third)] == [1, 2]
    session.refresh(day)
    assert (day.taken, day.waiting_count) == (1, 2)
    mail = session.exec(select(OutgoingMail).where(OutgoingMail.to == lies.email)).one()
    assert (
        mail.subject.startswith("Je staat op de wachtlijst")
        and "je bent tweede" in mail.text
        and mail.attachments == []
    )


def test_cancelling_promotes_exactly_the_first_who_waits(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    rows = [register(session, person, day) for person in (noor, ali, lies)]
    cancel(session, noor, day)
    assert [row.status for row in rows] == [CANCELLED, CONFIRMED, WAITING]
    assert (day.taken, day.waiting_count) == (1, 1)
    assert subjects(session, ali) == ["Je staat op de wachtlijst", "Er is een plaats voor je"]
    assert subjects(session, noor)[-1] == "Geannuleerd" and len(subjects(session, lies)) == 1


def test_leaving_the_waiting_list_promotes_nobody(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    rows = [register(session, person, day) for person in (noor, ali, lies)]
    cancel(session, ali, day)
    assert [row.status for row in rows] == [CONFIRMED, CANCELLED, WAITING]
    assert (day.taken, day.waiting_count) == (1, 1) and service.place_in_line(session, rows[2]) == 1
    assert subjects(session, ali)[-1] == "Je staat niet meer op de wachtlijst"


def test_registering_again_is_a_new_registration_at_the_end_of_the_line(session: Session) -> None:
    """What was cancelled stays cancelled: its calendar entry and its links never live again."""
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    rows = [register(session, person, day) for person in (noor, ali, lies)]
    cancel(session, ali, day)
    again = register(session, ali, day)
    assert again.id != rows[1].id and (again.sequence, rows[1].sequence) == (0, 1)
    assert rows[1].status == CANCELLED
    assert service.place_in_line(session, rows[2]) == 1 and service.place_in_line(session, again) == 2


def test_the_line_keeps_its_order_when_clocks_do_not(session: Session) -> None:
    day, moment = make_day(session, capacity=0), now()
    ali, lies = make_member(session, "Ali"), make_member(session, "Lies")
    first = register(session, ali, day, at=moment)
    second = register(session, lies, day, at=moment - timedelta(seconds=5))
    assert [service.place_in_line(session, r) for r in (first, second)] == [1, 2]


def test_a_place_that_others_wait_for_is_not_free_for_a_newcomer(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    register(session, noor, day), register(session, ali, day)
    """Whatever made it free without telling anybody: who waits is first."""
    session.execute(update(ActionDay).where(col(ActionDay.id) == day.id).values(capacity=2))
    assert register(session, lies, day).status == WAITING


def test_cancelling_twice_or_without_a_place_is_harmless(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    assert cancel(session, noor, day) is None
    register(session, noor, day)
    cancel(session, noor, day), cancel(session, noor, day)
    assert day.taken == 0 and len(subjects(session, noor)) == 2


def test_after_the_last_day_to_cancel_one_is_told_whom_to_contact(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    register(session, noor, day)
    with pytest.raises(Conflict, match="Laat het weten"):
        cancel(session, noor, day, day.cancel_until)
    cancel(session, noor, day, day.cancel_until - timedelta(seconds=1))


def test_one_may_leave_the_waiting_list_until_the_day_is_over(session: Session) -> None:
    day, noor = make_day(session, capacity=0), make_member(session)
    register(session, noor, day)
    with pytest.raises(Conflict, match="voorbij"):
        cancel(session, noor, day, day.ends_at)
    cancelled = cancel(session, noor, day, day.ends_at - timedelta(seconds=1))
    assert cancelled is not None and cancelled.status == CANCELLED


def test_after_the_deadline_nobody_registers(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    with pytest.raises(Conflict):
        register(session, noor, day, at=day.registration_closes_at)
    assert session.exec(select(Registration)).all() == []
    assert (
        register(session, noor, day, at=day.registration_closes_at - timedelta(seconds=1)).status == CONFIRMED
    )


def test_a_seat_that_comes_free_after_the_deadline_still_goes_to_who_waits(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day)
    waiting = register(session, ali, day)
    cancel(session, noor, day, day.registration_closes_at + timedelta(hours=1))
    assert waiting.status == CONFIRMED


def test_drafts_do_not_exist_and_a_day_that_was_called_off_is_closed(session: Session) -> None:
    noor = make_member(session)
    with pytest.raises(NotFound):
        register(session, noor, make_day(session, status=DayStatus.DRAFT))
    with pytest.raises(NotFound):
        registering.register(session, noor, "bestaat-niet", wish(), now())
    with pytest.raises(Conflict):
        register(session, noor, make_day(session, status=DayStatus.CANCELLED))


def test_an_applicant_waits_for_admission_first(session: Session) -> None:
    day, applicant = make_day(session), make_member(session, status=AccountStatus.APPLICANT)
    with pytest.raises(Forbidden):
        register(session, applicant, day)


def test_more_places_go_to_who_waits(session: Session) -> None:
    day = make_day(session, capacity=1)
    rows = [register(session, make_member(session, str(n)), day) for n in range(5)]
    organiser = make_organiser(session)
    resize(session, organiser, day, 3)
    assert [row.status for row in rows] == [CONFIRMED] * 3 + [WAITING] * 2
    assert (day.capacity, day.taken, day.waiting_count) == (3, 3, 2)
    with pytest.raises(Conflict):
        resize(session, organiser, day, 2)


def test_places_that_come_free_together_are_spread_as_well(session: Session) -> None:
    here, there = (make_municipality(session, name) for name in ("Elzendonk", "Hazelbergen"))
    day = make_day(session, capacity=0)
    day.spread_limit, day.spread_until = 1, now() + timedelta(days=1)
    rows = [
        register(session, make_member(session, name, organisation=town), day)
        for name, town in (("Noor", here), ("Ali", here), ("Lies", there))
    ]
    resize(session, make_organiser(session), day, 3)
    assert [row.status for row in rows] == [CONFIRMED, WAITING, CONFIRMED]
    assert (day.taken, day.seats_left) == (2, 1)


@pytest.mark.parametrize(("taken", "free"), [(0, True), (1, True), (2, False)])
def test_the_counter_decides_by_itself(session: Session, taken: int, free: bool) -> None:
    """The statement that takes a place does not rely on what was read before it."""
    day = make_day(session, capacity=2)
    session.execute(update(ActionDay).values(taken=taken), execution_options={"synchronize_session": False})
    assert places.count(session, day, taken=1) is free
    session.refresh(day)
    assert day.taken == taken + free


def test_the_database_itself_refuses_one_too_many(session: Session) -> None:
    """The last line of defence, were the code above it ever wrong."""
    day = make_day(session, capacity=1)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(ActionDay).where(col(ActionDay.id) == day.id).values(taken=2))
    noor = make_member(session)
    register(session, noor, day)
    twice = Registration(day_id=day.id, account_id=noor.id, status=WAITING, asked_at=now(), changed_at=now())
    with pytest.raises(IntegrityError):
        session.execute(insert(Registration).values(**twice.model_dump()))


def test_places_in_line_are_words_that_people_say() -> None:
    assert [place_in_words(n) for n in (1, 3, 10, 11)] == ["eerste", "derde", "tiende", "nummer 11"]


def test_mails_speak_the_language_of_the_one_who_reads_them(session: Session) -> None:
    """A promotion is caused by somebody else, in another language perhaps."""
    day = make_day(session, capacity=1, starts_at=datetime(2126, 7, 1, 7, 30, tzinfo=UTC))
    ali, noor = make_member(session, "Ali"), make_member(session, "Noor", language="en")
    register(session, ali, day), register(session, noor, day)
    cancel(session, ali, day)
    texts = {
        mail.to: mail.text
        for mail in session.exec(select(OutgoingMail).order_by(col(OutgoingMail.created_at)))
    }
    assert "maandag 1 juli 2126" in texts[ali.email] and "Monday 1 July 2126" in texts[noor.email]
