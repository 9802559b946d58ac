"""What an organiser does with a whole day, and who is told."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from backend.audit.models import AuditEntry
from backend.db import now
from backend.errors import Conflict, NotFound
from backend.events import ledger, organising, programme, service
from backend.events.models import ActionDay, DayState, DayStatus, ProgrammeItem, RegistrationNeed, Workshop
from backend.events.moments import moment
from backend.events.organising import Telling
from tests.events.acts import cancel, mails_to, make_member, make_organiser, register, resize, subjects
from tests.factories import make_day, make_round


def test_a_day_goes_from_concept_to_past(session: Session) -> None:
    day, organiser = make_day(session, status=DayStatus.DRAFT, capacity=1), make_organiser(session)
    states = [day.state(now())]
    organising.publish(session, organiser, day.slug, now())
    states.append(day.state(now()))
    organising.confirm(session, organiser, day.slug, now())
    states.append(day.state(now()))
    register(session, make_member(session), day)
    states.append(day.state(now()))
    states.append(day.state(day.ends_at))
    organising.call_off(session, organiser, day.slug, "", now())
    states.append(day.state(now()))
    assert states == [
        DayState.CONCEPT,
        DayState.OPEN,
        DayState.CONFIRMED,
        DayState.FULL,
        DayState.PAST,
        DayState.CANCELLED,
    ]
    actions = session.exec(select(AuditEntry.action).where(col(AuditEntry.object_kind) == "action_day")).all()
    assert actions == ["events.publish", "events.confirm", "events.call_off"]


def test_before_it_opens_nobody_registers(session: Session) -> None:
    day = make_day(session, registration_opens_at=now() + timedelta(days=1))
    with pytest.raises(Conflict, match="kan vanaf"):
        register(session, make_member(session), day)
    register(session, make_member(session), day, at=now() + timedelta(days=2))


def test_confirming_tells_everybody_once(session: Session) -> None:
    day, organiser = make_day(session, capacity=1), make_organiser(session)
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day), register(session, ali, day)
    assert [told.account.name for told in organising.who_is_told(session, day.id)] == ["Noor", "Ali"]
    assert [organising.confirm(session, organiser, day.slug, now()) for _ in range(2)] == [2, 0]
    assert subjects(session, noor)[-1] == subjects(session, ali)[-1] == "Gaat zeker door"
    assert len(mails_to(session, noor.email)[-1].attachments) == 1, "with the calendar that is sure now"
    assert mails_to(session, ali.email)[-1].attachments == [], "who waits has nothing in the calendar"


def test_a_change_is_told_when_a_calendar_changes(session: Session) -> None:
    day, organiser, noor = make_day(session), make_organiser(session), make_member(session)
    row = register(session, noor, day)
    assert organising.change(session, organiser, day.slug, {"summary": "Nieuw"}, now()) == 0
    changed = {"place": "De Andere Zaal", "travel": "Bus 4"}
    assert (
        organising.change(session, organiser, day.slug, changed, now(), how=Telling("De zaal is te klein."))
        == 1
    )
    assert organising.change(session, organiser, day.slug, changed, now()) == 0
    last = mails_to(session, noor.email)[-1]
    assert "De Andere Zaal" in last.text and "De zaal is te klein." in last.text
    assert row.sequence == 1 and day.sequence == 1
    assert "LOCATION:De Andere Zaal" in last.attachments[0]["content"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ends_at": timedelta(hours=-1)}, "einde moet na het begin"),
        ({"ends_at": timedelta(0)}, "einde moet na het begin"),
        ({"registration_closes_at": timedelta(days=2)}, "na het einde"),
        ({"registration_opens_at": timedelta(days=-1)}, "openen voor het sluit"),
        ({"spread_limit": 2}, "een datum tot wanneer"),
    ],
)
def test_moments_that_do_not_fit_are_refused(session: Session, values: dict, said: str) -> None:
    day, organiser = make_day(session), make_organiser(session)
    values = {k: day.starts_at + v if isinstance(v, timedelta) else v for k, v in values.items()}
    with pytest.raises(Conflict, match=said), session.begin_nested():
        organising.change(session, organiser, day.slug, values, now())
    session.refresh(day)
    assert day.ends_at > day.starts_at


@pytest.mark.parametrize("capacity", [-1, 10_001, 10**9])
def test_a_number_of_places_that_cannot_be_is_refused(session: Session, capacity: int) -> None:
    day = make_day(session)
    with pytest.raises(Conflict, match="Kies tussen"):
        resize(session, make_organiser(session), day, capacity)
    assert day.capacity == 10


def test_counters_and_status_are_not_set_from_outside(session: Session) -> None:
    day, organiser = make_day(session), make_organiser(session)
    for name in ("taken", "capacity", "status", "slug", "id"):
        with pytest.raises(ValueError, match="not changed here"):
            organising.change(session, organiser, day.slug, {name: 1}, now())


def test_the_database_refuses_a_day_that_ends_before_it_begins(session: Session) -> None:
    starts_at = now()
    with pytest.raises(IntegrityError), session.begin_nested():
        make_day(session, starts_at=starts_at, ends_at=starts_at)


def test_calling_off_wipes_what_people_need_and_tells_them_why(session: Session) -> None:
    day, organiser, noor = make_day(session), make_organiser(session), make_member(session)
    row = register(session, noor, day, note="geen noten")
    assert [organising.call_off(session, organiser, day.slug, "Staking.", now()) for _ in range(2)] == [1, 0]
    assert "Staking." in mails_to(session, noor.email)[-1].text and row.sequence == 1
    assert session.exec(select(RegistrationNeed)).all() == []
    with pytest.raises(Conflict, match="gaat niet door"):
        register(session, make_member(session, "Ali"), day)
    assert ledger.differences(session) == []


def test_nobody_moves_up_on_a_day_that_was_called_off(session: Session) -> None:
    day, noor, ali = make_day(session, capacity=1), make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day), register(session, ali, day)
    organising.call_off(session, make_organiser(session), day.slug, "", now())
    cancel(session, noor, day)
    assert subjects(session, ali)[-1] == "Gaat niet door"


# ── the next day from a copy ──


def test_a_copy_has_everything_but_people(session: Session) -> None:
    questions = [{"key": "plan", "text": "Heb je een plan?", "kind": "yes_no"}]
    winter = datetime(2027, 1, 14, 8, 30, tzinfo=UTC)  # 9.30 in Brussels
    day = make_day(
        session, starts_at=winter, status=DayStatus.CONFIRMED, questions=questions, series="reeks", offer_hours=8
    )  # fmt: skip
    a, _b = make_round(session, day, 4, 5)
    session.add(ProgrammeItem(day_id=day.id, starts_at=winter, title="Onthaal"))
    register(session, make_member(session), day, chosen=[a], at=winter - timedelta(days=20))
    new = organising.copy(session, make_organiser(session), day.slug, "de-volgende", date(2027, 4, 15))
    assert (new.status, new.taken, new.sequence) == (DayStatus.DRAFT, 0, 0)
    assert (new.questions, new.series, new.offer_hours) == (questions, "reeks", 8)
    assert new.starts_at == datetime(2027, 4, 15, 7, 30, tzinfo=UTC), "9.30 in summer"
    assert new.ends_at - new.starts_at == day.ends_at - day.starts_at
    copied = service.programme(session, new.id)
    assert [m.item.title for m in copied] == ["Onthaal", "Ronde 1"]
    assert [(w.title, w.capacity, w.taken) for w in copied[1].workshops] == [("1A", 4, 0), ("1B", 5, 0)]
    assert copied[1].workshops[0].starts_at == new.starts_at + timedelta(hours=1)
    organising.publish(session, make_organiser(session), new.slug, winter)
    assert [d.id for d in service.others_of_series(session, service.day_of(session, day.id), now())] == [
        new.id
    ]


def test_a_draft_of_another_region_does_not_exist(session: Session) -> None:
    day = make_day(session, status=DayStatus.DRAFT)
    with pytest.raises(NotFound):
        organising.find(session, make_organiser(session, "kempen"), day.slug)
    with pytest.raises(NotFound):
        organising.copy(session, make_organiser(session, "kempen"), day.slug, "x", date(2027, 1, 1))


# ── the programme ──


def test_a_round_and_a_session_that_people_chose_stay(session: Session) -> None:
    day = make_day(session)
    a, b = make_round(session, day, 2, 2)
    register(session, make_member(session), day, chosen=[a])
    for refused in (
        lambda: programme.remove_workshop(session, day.id, a.id),
        lambda: programme.remove_item(session, day.id, a.round_id),
        lambda: programme.save_item(session, day.id, a.round_id, {"is_round": False}),
        lambda: programme.save_workshop(session, day.id, b.id, {"ends_at": b.starts_at}),
    ):
        with pytest.raises(Conflict):
            refused()
        session.expire(b)
    programme.remove_workshop(session, day.id, b.id)
    other = make_day(session)
    with pytest.raises(NotFound):
        programme.remove_workshop(session, other.id, a.id)
    assert session.exec(select(Workshop.id)).all() == [a.id]


# ── the clock ──


def test_a_time_that_never_comes_is_refused_and_one_that_comes_twice_is_the_first() -> None:
    with pytest.raises(Conflict, match="bestaat niet"):
        moment(date(2027, 3, 28), time(2, 30))
    assert moment(date(2027, 3, 28), time(3, 0)) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert moment(date(2027, 10, 31), time(2, 30)) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert moment(date(2027, 10, 31), time(3, 0)) == datetime(2027, 10, 31, 2, 0, tzinfo=UTC)


def test_a_copy_to_the_night_of_the_change_is_a_day_that_can_be(session: Session) -> None:
    day = make_day(session, starts_at=moment(date(2027, 3, 14), time(2, 30)))
    new = organising.copy(session, make_organiser(session), day.slug, "nacht", date(2027, 3, 28))
    assert new.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC) and new.ends_at > new.starts_at
    assert session.exec(select(ActionDay.id).where(ActionDay.slug == "nacht")).one() == new.id
