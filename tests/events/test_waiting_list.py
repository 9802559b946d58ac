"""The rules of places and the waiting list, one person at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from backend.auth.models import AccountStatus, Viewer
from backend.db import now
from backend.errors import Conflict, Forbidden, NotFound
from backend.events import service
from backend.events.models import ActionDay, DayStatus, Registration, RegistrationStatus
from backend.events.waiting_list import _take_seat, cancel, register, resize
from backend.mail import OutgoingMail
from tests.factories import make_account, make_day, viewer_of

CONFIRMED, WAITING, CANCELLED = RegistrationStatus


def make_member(session: Session, name: str = "Noor Claes", **values: object) -> Viewer:
    return viewer_of(session, make_account(session, name, **values))


def subjects(session: Session, viewer: Viewer) -> list[str]:
    mails = session.exec(
        select(OutgoingMail).where(OutgoingMail.to == viewer.email).order_by(col(OutgoingMail.created_at))
    )
    return [mail.subject.partition(":")[0] for mail in mails]


def test_a_free_place_is_yours(session: Session) -> None:
    day, noor = make_day(session, capacity=2), make_member(session)
    registration = register(session, noor, day.slug, "ringleiding", now())
    assert registration.status == CONFIRMED and registration.needs == "ringleiding"
    assert (day.taken, day.waiting_count) == (1, 0)
    assert subjects(session, noor) == ["Je bent ingeschreven"]


def test_registering_twice_is_harmless(session: Session) -> None:
    day, noor = make_day(session, capacity=2), make_member(session)
    first = register(session, noor, day.slug, "ringleiding", now())
    again = register(session, noor, day.slug, "", now())
    assert again.id == first.id and again.needs == "ringleiding" and again.sequence == 0
    assert day.taken == 1 and len(subjects(session, noor)) == 1


def test_a_full_day_puts_you_on_the_waiting_list(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    register(session, noor, day.slug, "", now())
    second, third = (register(session, person, day.slug, "", now()) for person in (ali, lies))
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
    rows = [register(session, person, day.slug, "", now()) for person in (noor, ali, lies)]
    cancel(session, noor, day.slug, now())
    assert [row.status for row in rows] == [CANCELLED, CONFIRMED, WAITING]
    assert (day.taken, day.waiting_count) == (1, 1)
    assert subjects(session, ali) == ["Je staat op de wachtlijst", "Er is een plaats voor je"]
    assert subjects(session, noor)[-1] == "Geannuleerd" and len(subjects(session, lies)) == 1


def test_leaving_the_waiting_list_promotes_nobody(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    rows = [register(session, person, day.slug, "", now()) for person in (noor, ali, lies)]
    cancel(session, ali, day.slug, now())
    assert [row.status for row in rows] == [CONFIRMED, CANCELLED, WAITING]
    assert (day.taken, day.waiting_count) == (1, 1) and service.place_in_line(session, rows[2]) == 1
    assert subjects(session, ali)[-1] == "Je staat niet meer op de wachtlijst"


def test_registering_again_uses_the_same_row_and_goes_to_the_end_of_the_line(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    rows = [register(session, person, day.slug, "", now()) for person in (noor, ali, lies)]
    cancel(session, ali, day.slug, now())
    again = register(session, ali, day.slug, "", now())
    assert again.id == rows[1].id and again.sequence == 2
    assert service.place_in_line(session, rows[2]) == 1 and service.place_in_line(session, again) == 2


def test_the_line_keeps_its_order_when_clocks_do_not(session: Session) -> None:
    day, moment = make_day(session, capacity=0), now()
    ali, lies = make_member(session, "Ali"), make_member(session, "Lies")
    first = register(session, ali, day.slug, "", moment)
    second = register(session, lies, day.slug, "", moment - timedelta(seconds=5))
    assert [service.place_in_line(session, r) for r in (first, second)] == [1, 2]


def test_a_place_that_others_wait_for_is_not_free_for_a_newcomer(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali, lies = (make_member(session, name) for name in ("Noor", "Ali", "Lies"))
    register(session, noor, day.slug, "", now()), register(session, ali, day.slug, "", now())
    session.execute(update(ActionDay).where(col(ActionDay.id) == day.id).values(capacity=2))
    assert register(session, lies, day.slug, "", now()).status == WAITING


def test_cancelling_twice_or_without_a_place_is_harmless(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    assert cancel(session, noor, day.slug, now()) is None
    register(session, noor, day.slug, "", now())
    cancel(session, noor, day.slug, now()), cancel(session, noor, day.slug, now())
    assert day.taken == 0 and len(subjects(session, noor)) == 2


def test_after_the_last_day_to_cancel_one_is_told_whom_to_contact(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    register(session, noor, day.slug, "", now())
    with pytest.raises(Conflict, match="Laat het weten"):
        cancel(session, noor, day.slug, day.cancel_until)
    cancel(session, noor, day.slug, day.cancel_until - timedelta(seconds=1))


def test_one_may_leave_the_waiting_list_until_the_day_is_over(session: Session) -> None:
    day, noor = make_day(session, capacity=0), make_member(session)
    register(session, noor, day.slug, "", now())
    with pytest.raises(Conflict, match="voorbij"):
        cancel(session, noor, day.slug, day.ends_at)
    cancelled = cancel(session, noor, day.slug, day.ends_at - timedelta(seconds=1))
    assert cancelled is not None and cancelled.status == CANCELLED


def test_after_the_deadline_nobody_registers(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    with pytest.raises(Conflict):
        register(session, noor, day.slug, "", day.registration_closes_at)
    assert session.exec(select(Registration)).all() == []
    assert (
        register(session, noor, day.slug, "", day.registration_closes_at - timedelta(seconds=1)).status
        == CONFIRMED
    )


def test_a_seat_that_comes_free_after_the_deadline_still_goes_to_who_waits(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day.slug, "", now())
    waiting = register(session, ali, day.slug, "", now())
    cancel(session, noor, day.slug, day.registration_closes_at + timedelta(hours=1))
    assert waiting.status == CONFIRMED


def test_drafts_do_not_exist_and_a_day_that_was_called_off_is_closed(session: Session) -> None:
    noor = make_member(session)
    with pytest.raises(NotFound):
        register(session, noor, make_day(session, status=DayStatus.DRAFT).slug, "", now())
    with pytest.raises(NotFound):
        register(session, noor, "bestaat-niet", "", now())
    with pytest.raises(Conflict):
        register(session, noor, make_day(session, status=DayStatus.CANCELLED).slug, "", now())


def test_an_applicant_waits_for_admission_first(session: Session) -> None:
    day, applicant = make_day(session), make_member(session, status=AccountStatus.APPLICANT)
    with pytest.raises(Forbidden):
        register(session, applicant, day.slug, "", now())


def test_more_places_go_to_who_waits(session: Session) -> None:
    day = make_day(session, capacity=1)
    rows = [register(session, make_member(session, str(n)), day.slug, "", now()) for n in range(5)]
    resize(session, day.slug, 3, now())
    assert [row.status for row in rows] == [CONFIRMED] * 3 + [WAITING] * 2
    assert (day.capacity, day.taken, day.waiting_count) == (3, 3, 2)
    with pytest.raises(Conflict):
        resize(session, day.slug, 2, now())


@pytest.mark.parametrize(
    ("values", "free"),
    [
        ({}, True),
        ({"taken": 2}, False),
        ({"waiting_count": 1}, False),
        ({"status": DayStatus.CANCELLED}, False),
        ({"registration_closes_at": now() - timedelta(minutes=1)}, False),
    ],
)
def test_the_counter_decides_by_itself(session: Session, values: dict[str, object], free: bool) -> None:
    """The statement that takes a seat does not rely on what was read before it."""
    day = make_day(session, capacity=2, **values)
    before = day.taken
    assert _take_seat(session, day, now()) is free
    session.refresh(day)
    assert day.taken == before + free


def test_the_database_itself_refuses_one_too_many(session: Session) -> None:
    """The last line of defence, were the code above it ever wrong."""
    day = make_day(session, capacity=1)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(ActionDay).where(col(ActionDay.id) == day.id).values(taken=2))
    noor = make_member(session)
    register(session, noor, day.slug, "", now())
    twice = Registration(day_id=day.id, account_id=noor.id, status=WAITING, asked_at=now(), changed_at=now())
    with pytest.raises(IntegrityError):
        session.execute(insert(Registration).values(**twice.model_dump()))


def test_places_in_line_are_words_that_people_say() -> None:
    assert [service.place_in_words(n) for n in (1, 3, 10, 11)] == ["eerste", "derde", "tiende", "nummer 11"]


def test_mails_speak_the_language_of_the_one_who_reads_them(session: Session) -> None:
    """A promotion is caused by somebody else, in another language perhaps."""
    day = make_day(session, capacity=1, starts_at=datetime(2126, 7, 1, 7, 30, tzinfo=UTC))
    ali, noor = make_member(session, "Ali"), make_member(session, "Noor", language="en")
    register(session, ali, day.slug, "", now()), register(session, noor, day.slug, "", now())
    cancel(session, ali, day.slug, now())
    texts = {
        mail.to: mail.text
        for mail in session.exec(select(OutgoingMail).order_by(col(OutgoingMail.created_at)))
    }
    assert "maandag 1 juli 2126" in texts[ali.email] and "Monday 1 July 2126" in texts[noor.email]
