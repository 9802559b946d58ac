"""Mails around a day: the right one at the right moment, once, whoever is away meanwhile; and how each looks beforehand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, func
from sqlmodel import Session, select

from backend import jobs, mail_html
from backend.config import settings
from backend.db import Database, now
from backend.events import day_letters, mail_previews, offers, organising
from backend.events.holding import Linked
from backend.events.models import (
    ActionDay,
    DayLetter,
    DayStatus,
    EventKind,
    LetterKind,
    Registration,
)
from backend.jobs import Job
from backend.language import ZONE
from backend.mail import OutgoingMail
from tests.events.acts import cancel, mails_to, make_member, make_organiser, register
from tests.factories import make_account, make_day, make_round, viewer_of
from tests.mail_server import Postbus, mail_server

R, P, T = LetterKind.REMINDER, LetterKind.PRACTICAL, LetterKind.THANKS


def brussels(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("starts_at", "letters"),
    [
        # A Thursday; a Monday (what is practical comes on Saturday); the Tuesday after Easter; the days the clock changes.
        (brussels(2027, 3, 11, 9), {(4, 3): None, (4, 4): R, (4, 9): R, (4, 10): P, (4, 11): None, (4, 12): T}),
        (brussels(2027, 3, 8, 9), {(4, 5): R, (4, 6): P, (4, 7): P}),
        (brussels(2027, 3, 30, 9), {(4, 26): R, (4, 27): P, (4, 29): P}),
        (brussels(2027, 3, 28, 9), {(4, 20): None, (4, 21): R, (4, 26): R, (4, 27): P, (4, 29): T}),
        (brussels(2027, 10, 31, 9), {(4, 23): None, (4, 24): R, (4, 29): R, (4, 30): P}),
    ],
)  # fmt: skip
def test_each_letter_has_its_moment(
    session: Session, starts_at: datetime, letters: dict[tuple[int, int], LetterKind | None]
) -> None:
    day = make_day(session, starts_at=starts_at)
    for (hour, date), kind in letters.items():
        at = brussels(starts_at.year, starts_at.astimezone(ZONE).month, date, hour)
        if kind is None and date == starts_at.astimezone(ZONE).day:
            at = starts_at + timedelta(hours=1)
        assert day_letters.due(day, at) == kind, (date, hour)


def test_everybody_with_a_place_gets_each_letter_once(session: Session) -> None:
    begins = now() + timedelta(days=40)
    day = make_day(
        session,
        starts_at=begins,
        capacity=2,
        materials=[{"title": "De slides", "url": "https://dia.example/1"}],
    )
    noor, ali, lies = make_member(session), make_member(session, "Ali"), make_member(session, "Lies")
    for who in (noor, ali, lies):  # Lies waits
        register(session, who, day)
    ends, told = day.ends_at, []
    for at in (begins - timedelta(days=6), begins - timedelta(hours=20), ends + timedelta(days=1, hours=1)):
        told.append([day_letters.write(session, day.id, at) for _again in range(2)])
    assert told == [[2, 0]] * 3
    subjects = [mail.subject.partition(":")[0] for mail in mails_to(session, noor.email)]
    assert subjects == ["Je bent ingeschreven", "Binnenkort", "Praktisch", "Bedankt"]
    assert len(mails_to(session, lies.email)) == 1
    reminder, _practical, thanks = mails_to(session, ali.email)[1:]
    assert "Ik kan toch niet komen:\n" in reminder.text and "/inschrijving/c" in reminder.text
    assert "De slides: https://dia.example/1" in thanks.text and "dia.example" not in reminder.text


def test_who_cancelled_or_just_registered_is_not_reminded_but_learns_what_is_practical(
    session: Session,
) -> None:
    day = make_day(session, starts_at=now() + timedelta(days=5))
    noor, ali = make_member(session), make_member(session, "Ali")
    register(session, noor, day), register(session, ali, day), cancel(session, noor, day)
    assert day_letters.write(session, day.id, now()) == 0
    assert day_letters.write(session, day.id, day.starts_at - timedelta(hours=20)) == 1
    assert mails_to(session, ali.email)[-1].subject.startswith("Praktisch")


def test_only_who_was_there_is_thanked_once_that_is_noted(session: Session) -> None:
    day = make_day(session)
    here, away = (
        register(session, make_member(session), day),
        register(session, make_member(session, "Ali"), day),
    )
    here.attended_at = day.starts_at
    session.flush()
    assert day_letters.write(session, day.id, day.ends_at + timedelta(days=1)) == 1
    assert session.get(DayLetter, (away.id, T)) is None and session.get(DayLetter, (here.id, T)) is not None


@pytest.mark.parametrize("status", [DayStatus.DRAFT, DayStatus.CANCELLED])
def test_a_day_that_does_not_go_on_sends_none(session: Session, status: DayStatus) -> None:
    day = make_day(session, starts_at=now() + timedelta(days=5))
    register(session, make_member(session), day, at=now() - timedelta(days=9))
    day.status = status
    session.flush()
    assert day_letters.write(session, day.id, now()) == 0


def test_the_daily_job_finds_the_days(session: Session) -> None:
    near, over = (
        make_day(session, starts_at=now() + timedelta(days=5)),
        make_day(session, starts_at=now() - timedelta(days=2)),
    )
    (
        make_day(session, starts_at=now() + timedelta(days=30)),
        make_day(session, starts_at=now() - timedelta(days=60)),
    )
    session.execute(delete(Job))
    day_letters.plan(session, {})
    planned = session.exec(select(Job).where(Job.name == "events.write")).all()
    assert {job.payload["day_id"] for job in planned} == {str(near.id), str(over.id)}


def prepare(engine: Engine, people: int) -> None:
    with Session(engine) as session, session.begin():
        day = make_day(session, starts_at=now() + timedelta(days=5), capacity=people)
        for number in range(people):
            register(session, make_member(session, f"Lid {number}"), day, at=now() - timedelta(days=9))
        session.execute(delete(Job)), session.execute(delete(OutgoingMail))
        jobs.enqueue(session, "events.write", day_id=str(day.id))


class Killed(BaseException):
    """Not an Exception: nobody catches it, as with a process that ends."""


def test_a_worker_killed_in_the_middle_writes_nobody_twice_and_forgets_nobody(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_letters, "AT_A_TIME", 4)
    prepare(own_engine, 10)
    database, moment, send = Database(own_engine), now(), day_letters._send
    calls = iter(range(100))

    def dies(*given: object) -> None:
        if next(calls) == 6:
            raise Killed
        send(*given)

    monkeypatch.setattr(day_letters, "_send", dies)
    with pytest.raises(Killed):
        jobs.run_due(database, moment + timedelta(minutes=1))
    monkeypatch.setattr(day_letters, "_send", send)
    jobs.run_due(database, moment + timedelta(hours=1))
    with Session(own_engine) as session:
        recipients = session.exec(select(OutgoingMail.to)).all()
        assert len(recipients) == len(set(recipients)) == 10
        assert session.exec(select(func.count()).select_from(DayLetter)).one() == 10


def test_letters_arrive_once_after_a_mail_server_that_was_away(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(own_engine, 5)
    database, postbus, moment = Database(own_engine), Postbus(), now()
    monkeypatch.setattr(settings, "smtp_security", "none")
    monkeypatch.setattr(settings, "smtp_host", "127.0.0.1")
    monkeypatch.setattr(settings, "smtp_port", 1)
    for minute in (0, 1, 6, 21, 59):
        jobs.run_due(database, moment + timedelta(minutes=minute))
    with mail_server(postbus) as port:
        monkeypatch.setattr(settings, "smtp_port", port)
        monkeypatch.setattr("backend.mail.quiet_hours.next_moment", lambda at: at)  # whatever hour it is here
        for hour in range(1, 100):
            jobs.run_due(database, moment + timedelta(hours=hour))
    assert sorted(len(set(m["To"].split(","))) for m in postbus.messages) == [1] * 5
    assert len({m["To"] for m in postbus.messages}) == 5


def run_at_of(session: Session, mail: OutgoingMail) -> datetime:
    return session.get_one(Job, mail.id).run_at


def test_at_night_only_who_asked_is_mailed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noor cancels in the evening: she hears it at once, and Ali in the morning that he has her place."""
    night = brussels(2027, 3, 2, 22)
    monkeypatch.setattr("backend.mail.now", lambda: night)
    day = make_day(session, capacity=1, starts_at=brussels(2027, 4, 1, 9))
    noor, ali = make_member(session), make_member(session, "Ali")
    register(session, noor, day, at=night), register(session, ali, day, at=night)
    cancel(session, noor, day, at=night)
    assert {run_at_of(session, mail) for mail in mails_to(session, noor.email)} == {night}
    waiting, promoted = mails_to(session, ali.email)
    assert run_at_of(session, waiting) == night and run_at_of(session, promoted) == brussels(2027, 3, 3, 7)
    assert promoted.is_quiet and not waiting.is_quiet


def test_who_acts_at_night_first_reads_what_was_kept_for_the_morning(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never an old mail after a newer one: the offer that waits leaves just before the confirmation."""
    night = brussels(2027, 3, 2, 22)
    monkeypatch.setattr("backend.mail.now", lambda: night)
    day = make_day(session, capacity=1, starts_at=brussels(2027, 4, 1, 9), offer_hours=8)
    noor, ali = make_member(session), make_member(session, "Ali")
    register(session, noor, day, at=night)
    mine = register(session, ali, day, at=night)
    cancel(session, noor, day, at=night)
    offers.accept(session, Linked(mine.id), night)
    session.expire_all()
    in_order = sorted(mails_to(session, ali.email), key=lambda mail: run_at_of(session, mail))
    assert in_order[0].subject.startswith("Er is een plaats"), "before the confirmation that came after it"
    assert run_at_of(session, in_order[0]) < run_at_of(session, in_order[-1]) == night
    assert not any(mail.is_quiet for mail in in_order)


def test_what_happens_at_night_is_read_after_the_letter_that_was_ready(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Called off at five: nobody reads "tot morgen" an hour after that. Two mails of one night keep their order too."""
    day = make_day(session, starts_at=brussels(2027, 3, 11, 14), capacity=1)
    noor, organiser = make_member(session), make_organiser(session)
    evening, early = brussels(2027, 3, 9, 23), brussels(2027, 3, 10, 5)
    row = register(session, noor, day, at=brussels(2027, 3, 1, 10))
    monkeypatch.setattr("backend.mail.now", lambda: evening)
    organising.confirm(session, organiser, day.slug, evening)
    monkeypatch.setattr("backend.mail.now", lambda: early)
    day_letters.write(session, day.id, early)
    organising.call_off(session, organiser, day.slug, "De zaal is dicht.", early)
    session.flush()
    kept = [mail for mail in mails_to(session, noor.email) if mail.about == row.id and mail.is_quiet]
    times = [run_at_of(session, mail) for mail in kept]
    assert len(times) == 3 and times == sorted(times) and len(set(times)) == 3
    assert times[0] == brussels(2027, 3, 10, 7) and times[2] < brussels(2027, 3, 10, 8) + timedelta(seconds=1)


# ── how each looks beforehand ──


def everything(session: Session, **values: object) -> tuple[ActionDay, list[mail_previews.Preview]]:
    day = make_day(session, "Actiedag Waasland", series="reeks", **values)
    sessions = make_round(session, day, 5)
    return day, mail_previews.previews(day, sessions, now())


def test_every_mail_of_a_day_can_be_seen_beforehand(session: Session) -> None:
    seen = {each.key for each in everything(session, offer_hours=8)[1]}
    seen |= {each.key for each in everything(session, audience={"needs_approval": True})[1]}
    untold = {EventKind.CARRIED_OVER, EventKind.SHIFTED, EventKind.ATTENDED, EventKind.NOT_ATTENDED}
    like_others = {EventKind.APPROVED, EventKind.ACCEPTED, EventKind.ARRIVED, EventKind.DECLINED}
    assert seen == {str(kind) for kind in {*EventKind, *LetterKind} - untold - like_others}


def test_a_preview_sends_nothing_names_nobody_and_its_links_do_nothing(session: Session) -> None:
    _day, seen = everything(session)
    assert session.exec(select(func.count()).select_from(OutgoingMail)).one() == 0
    assert session.exec(select(func.count()).select_from(Registration)).one() == 0
    for each in seen:
        assert each.subject and each.when and "Noor" not in each.subject, each.key
        assert "Dag Noor Voorbeeld," in each.text and "omdat je op een actiedag" in each.text
        assert "Dag Noor Voorbeeld," in each.html


def test_the_subject_of_a_mail_names_nobody(session: Session) -> None:
    """Subjects are read over shoulders and on locked phones."""
    day = make_day(session, capacity=1)
    noor, ali = make_account(session, "Noor"), make_account(session, "Ali")
    register(session, viewer_of(session, noor), day), register(session, viewer_of(session, ali), day)
    cancel(session, viewer_of(session, noor), day)
    organising.call_off(session, make_organiser(session), day.slug, "De zaal is stuk.", now())
    for account in (noor, ali):
        for each in mails_to(session, account.email):
            assert account.name not in each.subject
            assert mail_html.page(each.subject, each.text, "nl").count("<a ") >= 2
