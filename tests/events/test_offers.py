"""A place that is held for somebody until a moment, in office hours."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from backend import jobs
from backend.db import now
from backend.errors import Conflict
from backend.events import jobs as event_jobs
from backend.events import ledger, offers, organising
from backend.events.models import DayStatus, RegistrationStatus
from backend.jobs import Job
from tests.events.acts import accept, cancel, mails_to, make_member, make_organiser, register, subjects
from tests.factories import make_day

CONFIRMED, WAITING, OFFERED, CANCELLED = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
    RegistrationStatus.CANCELLED,
)
FRIDAY = datetime(2126, 11, 22, 15, tzinfo=UTC)  # 16.00 in Brussels


@pytest.fixture
def three(session: Session):
    """One place; Noor has it, Ali and Lies wait. What comes free is offered for eight office hours."""
    day = make_day(session, capacity=1, offer_hours=8, starts_at=FRIDAY + timedelta(days=30))
    people = [make_member(session, name) for name in ("Noor", "Ali", "Lies")]
    return day, people, [register(session, who, day) for who in people]


def test_a_place_is_held_over_the_weekend(session: Session, three) -> None:
    day, (noor, ali, _lies), rows = three
    cancel(session, noor, day, at=FRIDAY)
    assert [row.status for row in rows] == [CANCELLED, OFFERED, WAITING]
    assert rows[1].offered_until == datetime(2126, 11, 25, 15, tzinfo=UTC), "Monday, 16.00"
    assert (day.taken, day.waiting_count) == (1, 1), "a place that is held is not free"
    assert "maandag 25 november 2126, 16.00 uur" in mails_to(session, ali.email)[-1].text


def test_yes_is_yes_and_again_changes_nothing(session: Session, three) -> None:
    day, (noor, ali, _lies), rows = three
    cancel(session, noor, day, at=FRIDAY)
    for _ in range(2):
        accept(session, ali, day, at=FRIDAY)
    assert rows[1].status == CONFIRMED and rows[1].offered_until is None
    assert subjects(session, ali)[1:] == [
        "Er is een plaats voor je, zeg je ja? Actiedag Waasland",
        "Je bent ingeschreven",
    ]
    assert offers.expire(session, day.id, FRIDAY + timedelta(days=9)) == 0


def test_no_lets_the_next_one_choose(session: Session, three) -> None:
    day, (noor, ali, lies), rows = three
    cancel(session, noor, day, at=FRIDAY)
    cancel(session, ali, day, at=FRIDAY)
    assert [row.status for row in rows] == [CANCELLED, CANCELLED, OFFERED] and day.taken == 1
    assert len(subjects(session, lies)) == 2


def test_who_says_nothing_is_passed_and_the_offers_cascade(session: Session, three) -> None:
    day, (noor, ali, _lies), rows = three
    cancel(session, noor, day, at=FRIDAY)
    monday = rows[1].offered_until
    assert offers.expire(session, day.id, monday - timedelta(seconds=1)) == 0
    assert offers.expire(session, day.id, monday) == 1
    assert [row.status for row in rows] == [CANCELLED, CANCELLED, OFFERED]
    assert rows[2].offered_until == monday + timedelta(days=1), "eight office hours of their own"
    assert offers.expire(session, day.id, monday + timedelta(days=1)) == 1
    assert (day.taken, day.waiting_count) == (0, 0)
    assert subjects(session, ali)[-1] == "Je plaats is niet meer vrij"
    assert ledger.differences(session) == []


def test_too_late_is_too_late_also_before_the_job_came_by(session: Session, three) -> None:
    day, (noor, ali, _lies), rows = three
    cancel(session, noor, day, at=FRIDAY)
    with pytest.raises(Conflict, match="niet meer"):
        accept(session, ali, day, at=rows[1].offered_until)
    assert rows[1].status == OFFERED


def test_a_job_ends_it_at_its_moment(session: Session, three) -> None:
    day, (noor, _ali, _lies), rows = three
    cancel(session, noor, day, at=FRIDAY)
    (job,) = session.exec(select(Job).where(Job.name == "events.expire_offers")).all()
    assert job.run_at == rows[1].offered_until
    rows[1].offered_until = now() - timedelta(seconds=1)
    session.flush()
    assert jobs.HANDLERS[job.name] is event_jobs.expire_offers
    event_jobs.expire_offers(session, job.payload)
    event_jobs.expire_offers(session, job.payload)  # a worker may run it twice
    assert [row.status for row in rows] == [CANCELLED, CANCELLED, OFFERED]


def test_close_to_the_day_an_offer_ends_when_it_begins(session: Session, three) -> None:
    day, (noor, _ali, _lies), rows = three
    cancel(session, noor, day, at=day.cancel_until - timedelta(minutes=1))
    assert rows[1].offered_until <= day.starts_at


def test_offers_of_a_day_that_was_called_off_stay_quiet(session: Session, three) -> None:
    day, (noor, ali, _lies), rows = three
    cancel(session, noor, day, at=FRIDAY)
    organising.call_off(session, make_organiser(session), day.slug, "", FRIDAY)
    assert day.status == DayStatus.CANCELLED
    said = len(subjects(session, ali))
    assert offers.expire(session, day.id, rows[1].offered_until) == 0
    assert len(subjects(session, ali)) == said
