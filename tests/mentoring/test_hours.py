"""Office hours: opened by a mentor, booked by one member, in both calendars, and taken back."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session, select

from backend import mail
from backend.auth.models import Account, AccountStatus, ScopeKind, Substitution
from backend.db import now
from backend.errors import Conflict, Forbidden, NotFound
from backend.events.office_hours import is_working_day
from backend.mentoring import hours
from backend.mentoring.models import Handover, OfficeSlot
from tests.browser import Browser
from tests.factories import viewer_of
from tests.mentoring.people import make_learner, make_mentor, two_regions

DAY = next(d for d in (now().date() + timedelta(days=n) for n in range(7, 30)) if is_working_day(d))
FORM = {"dag": DAY.isoformat(), "van": "13:00", "tot": "14:00", "minuten": "30", "plaats": "Stadhuis"}


@pytest.fixture
def noor(session: Session) -> Account:
    here, _there = two_regions(session)
    return make_learner(session, "Noor Claes", here)


def open_slots(session: Session, mentor: Account) -> list[OfficeSlot]:
    hours.open_slots(
        session, viewer_of(session, mentor), hours.times(DAY, time(13), time(14, 30), 30), "Stadhuis"
    )
    return list(session.exec(select(OfficeSlot).order_by(OfficeSlot.starts_at)).all())


def test_a_member_books_and_both_get_an_invitation(browser: Browser, session: Session, noor: Account) -> None:
    mentor = make_mentor(session)
    browser.sign_in(mentor)
    browser.submit(browser.get("/begeleiding/spreekuur"), "#slots_form", **FORM)
    assert "2 gesprekken staan open" in browser.follow().text
    browser.sign_out().sign_in(noor)
    browser.max_queries = 14
    slot = session.exec(select(OfficeSlot)).first()
    assert slot
    browser.post(f"/begeleiding/spreekuur/{slot.id}/boeken", {"onderwerp": "Les 2.4"})
    assert "Jouw gesprekken" in browser.follow().text
    sent = session.exec(select(mail.OutgoingMail)).all()
    assert {letter.to for letter in sent} == {noor.email, mentor.email}
    slot = session.get_one(OfficeSlot, slot.id)
    for letter in sent:
        assert letter.attachments[0]["type"] == "text/calendar; method=REQUEST"
        assert f"UID:{slot.booking}@" in letter.attachments[0]["content"].replace("\r\n ", "")
    browser.post(f"/begeleiding/spreekuur/{slot.id}/afzeggen")
    browser.post(f"/begeleiding/spreekuur/{slot.id}/afzeggen")  # twice is once
    sent = session.exec(select(mail.OutgoingMail)).all()
    off = [letter for letter in sent if "method=CANCEL" in letter.attachments[0]["type"]]
    assert len(off) == 2
    assert "SEQUENCE:1" in off[0].attachments[0]["content"]
    assert session.get_one(OfficeSlot, slot.id).booked_by_id is None


def test_one_slot_is_for_one_person(session: Session, noor: Account) -> None:
    slots = open_slots(session, make_mentor(session))
    other = make_learner(session, "Ali Peeters", two_regions(session)[0])
    hours.book(session, viewer_of(session, noor), slots[0].id, "", now())
    hours.book(session, viewer_of(session, noor), slots[0].id, "", now())  # a double click
    with pytest.raises(Conflict):
        hours.book(session, viewer_of(session, other), slots[0].id, "", now())
    hours.book(session, viewer_of(session, noor), slots[1].id, "", now())
    with pytest.raises(Forbidden):
        hours.book(session, viewer_of(session, noor), slots[2].id, "", now())


def test_nobody_books_with_a_mentor_who_does_not_follow_them(session: Session, noor: Account) -> None:
    slots = open_slots(session, make_mentor(session, ScopeKind.REGION, "westhoek"))
    assert not hours.free_for(session, viewer_of(session, noor), now())
    with pytest.raises(NotFound):
        hours.book(session, viewer_of(session, noor), slots[0].id, "", now())


def test_the_same_hours_twice_are_once_and_nothing_overlaps(session: Session) -> None:
    viewer = viewer_of(session, make_mentor(session))
    assert hours.open_slots(session, viewer, hours.times(DAY, time(13), time(14), 30), "x") == 2
    assert hours.open_slots(session, viewer, hours.times(DAY, time(13), time(14), 30), "x") == 0
    assert hours.open_slots(session, viewer, hours.times(DAY, time(13, 15), time(14, 15), 60), "x") == 0


def test_a_mentor_who_closes_a_booked_slot_tells_it(session: Session, noor: Account) -> None:
    mentor = make_mentor(session)
    slots = open_slots(session, mentor)
    hours.book(session, viewer_of(session, noor), slots[0].id, "", now())
    with pytest.raises(NotFound):
        hours.close(session, viewer_of(session, make_mentor(session, name="Otto")), slots[0].id, now())
    hours.close(session, viewer_of(session, mentor), slots[0].id, now())
    hours.close(session, viewer_of(session, mentor), slots[0].id, now())
    assert len(session.exec(select(mail.OutgoingMail)).all()) == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [("dag", "2020-01-06"), ("dag", "9999-12-31"), ("dag", "morgen"), ("van", "25:00"), ("tot", "12:00"),
     ("minuten", "1"), ("minuten", "-5"), ("plaats", ""), ("dag", "2027-01-01")],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused_and_kept(
    field: str, value: str, browser: Browser, session: Session
) -> None:
    browser.sign_in(make_mentor(session))
    page = browser.post("/begeleiding/spreekuur", FORM | {field: value}, status=422)
    assert page.select_one("#slots_form .error")
    assert page.select_one("#slots_form [name=plaats]")
    assert not session.exec(select(OfficeSlot)).all()


def test_hours_are_those_of_brussels_also_when_the_clock_changes() -> None:
    [(begins, _ends)] = hours.times(date(2027, 3, 29), time(13), time(13, 30), 30)
    assert begins.astimezone(UTC) == datetime(2027, 3, 29, 11, tzinfo=UTC)


def test_one_s_own_hours_are_exported_and_erased(session: Session, noor: Account) -> None:
    slots = open_slots(session, make_mentor(session))
    hours.book(session, viewer_of(session, noor), slots[0].id, "Les 2.4", now())
    session.flush()
    assert hours.export_of(session, noor.id)[0]["topic"] == "Les 2.4"
    assert all("topic" not in row for row in hours.export_of(session, slots[0].mentor_id))
    hours.erase(session, noor.id)
    session.expire_all()
    assert session.get_one(OfficeSlot, slots[0].id).topic == ""


def test_who_took_somebody_over_offers_them_hours_and_who_gave_them_away_does_not(
    session: Session, noor: Account
) -> None:
    mia, lars = make_mentor(session), make_mentor(session, key="limburg", name="Lars")
    open_slots(session, mia)
    hours.open_slots(session, viewer_of(session, lars), hours.times(DAY, time(15), time(16), 30), "Genk")

    def offered() -> set[str]:
        return {each.mentor for each in hours.free_for(session, viewer_of(session, noor), now())}

    assert offered() == {mia.name}
    session.add(
        Handover(account_id=noor.id, from_id=mia.id, to_id=lars.id, reason="Ruil", at=now(), submission="h")
    )
    session.flush()
    assert offered() == {"Lars"}


def test_a_substitute_offers_hours_as_long_as_they_stand_in(session: Session, noor: Account) -> None:
    mia, lars = make_mentor(session), make_mentor(session, key="limburg", name="Lars")
    open_slots(session, lars)
    assert hours.free_for(session, viewer_of(session, noor), now()) == []
    day = timedelta(days=1)
    standing_in = Substitution(
        mentor_id=mia.id, substitute_id=lars.id, reason="Verlof", starts_at=now() - day, ends_at=now() + day, submission="s"
    )  # fmt: skip
    session.add(standing_in)
    session.flush()
    assert {each.mentor for each in hours.free_for(session, viewer_of(session, noor), now())} == {"Lars"}
    standing_in.ends_at = now()
    session.flush()
    assert hours.free_for(session, viewer_of(session, noor), now()) == []


@pytest.mark.parametrize("is_substitute", [False, True])
def test_nobody_books_with_whose_account_is_closed(
    session: Session, noor: Account, is_substitute: bool
) -> None:
    """Also when the roles of that account have no end, and when it stands in for a mentor."""
    mentor = make_mentor(session)
    gone = make_mentor(session, key="limburg", name="Lars") if is_substitute else mentor
    if is_substitute:
        session.add(
            Substitution(
                mentor_id=mentor.id, substitute_id=gone.id, reason="Verlof", starts_at=now(),
                ends_at=now() + timedelta(days=60), submission="s",
            )
        )  # fmt: skip
    slots = open_slots(session, gone)
    assert hours.free_for(session, viewer_of(session, noor), now())
    gone.status = AccountStatus.DISABLED
    session.flush()
    assert not hours.free_for(session, viewer_of(session, noor), now())
    with pytest.raises((Conflict, NotFound)):
        hours.book(session, viewer_of(session, noor), slots[0].id, "", now())
