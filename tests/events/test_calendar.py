"""What is sent to calendars, read back by two libraries that others use."""

import json
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event, Timezone
from sqlmodel import Session, col, select

from backend.config import ROOT
from backend.db import now
from backend.events import calendar, feeds, moments, offers, organising
from backend.events.models import DayStatus
from backend.mail import OutgoingMail
from tests.browser import Browser
from tests.events.acts import accept, cancel, change, make_organiser, register, resize
from tests.factories import make_account, make_day, make_round, viewer_of

SUMMER = datetime(2027, 7, 1, 7, 30, tzinfo=UTC)
ODD = 'Noor "N." Claes; x,y: ë€'
READ_WITH_ICAL_JS = """
import ICAL from "ical.js";
let text = ""; for await (const piece of process.stdin) text += piece;
const read = (one) => {
  const calendar = new ICAL.Component(ICAL.parse(one));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const said = (event, name) => event.component.getFirstPropertyValue(name);
  return { method: calendar.getFirstPropertyValue("method"),
    events: calendar.getAllSubcomponents("vevent").map((c) => new ICAL.Event(c)).map((e) => ({ uid: e.uid, sequence: e.sequence,
      summary: e.summary, location: e.location,
      start: e.startDate.toJSDate().toISOString(), end: e.endDate.toJSDate().toISOString(),
      zone: e.startDate.zone.tzid, status: said(e, "status"), url: said(e, "url"), organizer: e.organizer,
      attendees: e.attendees.map((a) => [a.getFirstValue(), a.getParameter("cn")]) })) };
};
console.log(JSON.stringify(JSON.parse(text).map(read)));
"""


def entries(session: Session, email: str) -> list[dict[str, str]]:
    """The calendar attachments somebody was sent, in order."""
    mails = session.exec(
        select(OutgoingMail).where(OutgoingMail.to == email).order_by(col(OutgoingMail.created_at))
    )
    return [attachment for mail in mails for attachment in mail.attachments]


def only_event(text: str) -> Event:
    (event,) = Calendar.from_ical(text).events
    return event


def read_with_ical_js(texts: list[str]) -> list[dict[str, Any]]:
    run = subprocess.run(
        ["node", "--input-type=module", "-e", READ_WITH_ICAL_JS],
        input=json.dumps(texts), capture_output=True, text=True, cwd=ROOT, timeout=30,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return list(json.loads(run.stdout))


def test_the_life_of_a_registration_in_a_calendar(session: Session) -> None:
    """Invitation, another session, the day is sure, cancelled: one UID, a sequence that grows."""
    day = make_day(
        session, "Actiedag; Waasland, deel 1", starts_at=SUMMER, place="Stadhuis, zaal A", town="Elzendonk"
    )
    one, other = make_round(session, day, 2, 2)
    account = make_account(session, ODD)
    noor = viewer_of(session, account)
    registration = register(session, noor, day, chosen=[one])
    change(session, noor, day, chosen=[other])
    organising.confirm(session, make_organiser(session), day.slug, now())
    cancel(session, noor, day)
    sent = entries(session, account.email)
    assert [entry["type"].rpartition("=")[2] for entry in sent] == ["REQUEST"] * 3 + ["CANCEL"]
    events = [only_event(entry["content"]) for entry in sent]
    assert {str(event["UID"]) for event in events} == {f"{registration.id}@127.0.0.1"}
    assert [event.sequence for event in events] == [0, 1, 2, 3]
    assert [str(event["STATUS"]) for event in events] == ["TENTATIVE", "TENTATIVE", "CONFIRMED", "CANCELLED"]
    assert ["1A" in str(event["DESCRIPTION"]) for event in events] == [True, False, False, False]
    first = events[0]
    assert first.start == SUMMER and first.end == SUMMER + timedelta(hours=6) and "DTSTAMP" in first
    assert first["DTSTART"].params["TZID"] == "Europe/Brussels"
    assert f"{first.start:%H:%M}" == "09:30"
    assert str(first["SUMMARY"]) == day.title and str(first["LOCATION"]) == "Stadhuis, zaal A, Elzendonk"
    assert str(first["URL"]) == f"http://127.0.0.1:8000/actiedagen/{day.slug}"
    (attendee,) = first.attendees
    assert attendee == f"mailto:{account.email}" and attendee.params["CN"] == ODD.replace('"', "’")
    assert attendee.params["PARTSTAT"] == "ACCEPTED" and str(first.organizer).startswith("mailto:noreply@")
    assert all(len(line.encode()) <= 75 for line in sent[0]["content"].split("\r\n"))


def test_registering_again_is_another_entry(session: Session) -> None:
    """What was cancelled never comes back under its old name: no calendar has to believe that."""
    day, account = make_day(session), make_account(session)
    noor = viewer_of(session, account)
    register(session, noor, day), cancel(session, noor, day), register(session, noor, day)
    first, gone, again = (only_event(entry["content"]) for entry in entries(session, account.email))
    assert first["UID"] == gone["UID"] != again["UID"] and again.sequence == 0


def broken_rules(text: str) -> list[str]:
    """What RFC 5546 (3.2) asks of these three methods and this text does not do."""
    calendar_ = Calendar.from_ical(text)
    method, broken = str(calendar_["METHOD"]), []
    for event in calendar_.events:
        attendees = event.get("ATTENDEE", [])
        number = 1 if isinstance(attendees, str) else len(attendees)
        once = ("DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "SUMMARY", "UID", "SEQUENCE", "STATUS")
        broken += [f"no {name}" for name in once if event.get(name) is None]
        broken += [f"{number} attendees in a {method}"] if number != (method != "PUBLISH") else []
        is_cancelled = str(event.get("STATUS")) == "CANCELLED"
        broken += ["a CANCEL that is not cancelled"] if method == "CANCEL" and not is_cancelled else []
        broken += ["a REQUEST that is cancelled"] if method == "REQUEST" and is_cancelled else []
    return broken


def everything_said(session: Session) -> list[str]:
    """All that a small story puts in mails, downloads and feeds."""
    day = make_day(session, starts_at=SUMMER, capacity=1, offer_hours=8)
    accounts = [make_account(session, ODD), make_account(session, "Ali"), make_account(session, "Lies")]
    noor, ali, lies = (viewer_of(session, account) for account in accounts)
    for who in (noor, ali, lies):
        register(session, who, day)
    cancel(session, noor, day)
    accept(session, ali, day)
    resize(session, make_organiser(session), day, 2)
    cancel(session, lies, day)
    organising.call_off(session, make_organiser(session), day.slug, "De zaal is stuk.", now())
    texts = [entry["content"] for account in accounts for entry in entries(session, account.email)]
    texts += [calendar.for_everyone(day, now()), calendar.feed([day, make_day(session)], now())]
    for account in accounts:
        own = feeds.entries_at(session, feeds.code(session, account.id), now())
        texts += [calendar.own_feed(own, now()), calendar.for_participant(own[0], now())]
    return texts


def test_every_entry_keeps_the_rules_of_invitations(session: Session) -> None:
    texts = everything_said(session)
    assert {str(Calendar.from_ical(text)["METHOD"]) for text in texts} == {"REQUEST", "CANCEL", "PUBLISH"}
    assert [broken_rules(text) for text in texts] == [[]] * len(texts)


def test_the_rules_see_what_is_wrong(session: Session) -> None:
    """The negative control."""
    text = next(t for t in everything_said(session) if "METHOD:REQUEST" in t)
    assert broken_rules(text.replace("METHOD:REQUEST", "METHOD:PUBLISH")) == ["1 attendees in a PUBLISH"]
    assert broken_rules(text.replace("ORGANIZER", "X-ORGANIZER")) == ["no ORGANIZER"]


@pytest.mark.node
def test_another_library_reads_the_same(session: Session) -> None:
    day = make_day(session, starts_at=SUMMER)
    account = make_account(session, ODD)
    noor = viewer_of(session, account)
    registration = register(session, noor, day)
    cancel(session, noor, day)
    texts = [entry["content"] for entry in entries(session, account.email)]
    texts += [calendar.for_everyone(day, now()), calendar.feed([day, make_day(session)], now())]
    request, cancelled, public, feed = read_with_ical_js(texts)
    assert (request["method"], cancelled["method"], public["method"]) == ("REQUEST", "CANCEL", "PUBLISH")
    event = request["events"][0]
    assert event["uid"] == cancelled["events"][0]["uid"] == f"{registration.id}@127.0.0.1"
    assert (event["start"], event["end"]) == ("2027-07-01T07:30:00.000Z", "2027-07-01T13:30:00.000Z")
    assert event["zone"] == "Europe/Brussels" and event["summary"] == day.title
    assert event["attendees"] == [[f"mailto:{account.email}", ODD.replace('"', "’")]]
    assert cancelled["events"][0]["sequence"] == 1 and cancelled["events"][0]["status"] == "CANCELLED"
    assert public["events"][0]["attendees"] == [] and len(feed["events"]) == 2


@pytest.mark.node
@pytest.mark.parametrize("on", [date(2027, 3, 28), date(2027, 10, 31)])
def test_a_day_on_which_the_clock_changes_lasts_as_long_as_it_does(session: Session, on: date) -> None:
    """From before the change to after it, read by another library; the workshop an hour after the change as well."""
    starts_at, ends_at = moments.moment(on, time(1, 30)), moments.moment(on, time(9, 30))
    day = make_day(session, starts_at=starts_at, ends_at=ends_at, status=DayStatus.CONFIRMED)
    account = make_account(session)
    register(session, viewer_of(session, account), day)
    texts = [entries(session, account.email)[0]["content"], calendar.feed([day], now())]
    for said in read_with_ical_js(texts):
        (event,) = said["events"]
        assert event["zone"] == "Europe/Brussels" and event["status"] == "CONFIRMED"
        read = [datetime.fromisoformat(event[name]) for name in ("start", "end")]
        assert read == [starts_at, ends_at]
        assert read[1] - read[0] == timedelta(hours=7 if on.month == 3 else 9)


def test_who_is_promoted_gets_an_invitation(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali = make_account(session, "Noor"), make_account(session, "Ali")
    register(session, viewer_of(session, noor), day)
    registration = register(session, viewer_of(session, ali), day)
    assert entries(session, ali.email) == []
    cancel(session, viewer_of(session, noor), day)
    (entry,) = entries(session, ali.email)
    assert only_event(entry["content"])["UID"] == f"{registration.id}@127.0.0.1"
    assert only_event(entry["content"]).sequence == 1


def test_an_offer_is_tentative_and_goes_again_when_it_is_over(session: Session) -> None:
    day = make_day(session, capacity=1, offer_hours=8, status=DayStatus.CONFIRMED)
    noor, ali = make_account(session, "Noor"), make_account(session, "Ali")
    register(session, viewer_of(session, noor), day)
    registration = register(session, viewer_of(session, ali), day)
    cancel(session, viewer_of(session, noor), day)
    assert registration.offered_until is not None
    offers.expire(session, day.id, registration.offered_until)
    offered, over = (only_event(entry["content"]) for entry in entries(session, ali.email))
    assert (str(offered["STATUS"]), str(over["STATUS"])) == ("TENTATIVE", "CANCELLED")
    assert offered["UID"] == over["UID"] and offered.sequence < over.sequence
    assert offered.attendees[0].params["PARTSTAT"] == "NEEDS-ACTION"


def test_the_timezone_is_that_of_brussels() -> None:
    """Written out by hand, so compared with the database of timezones: an hour around each change of the clock."""
    zone = Timezone.from_ical(calendar.BRUSSELS)
    assert isinstance(zone, Timezone)
    own = zone.to_tz(lookup_tzid=False)
    for year in range(2026, 2036):
        for month in (3, 10):
            change = datetime(year, month, 31, 1, tzinfo=UTC)
            change -= timedelta(days=(change.weekday() + 1) % 7)
            for minutes in (-90, -1, 1, 90):
                moment = change + timedelta(minutes=minutes)
                expected = moment.astimezone(ZoneInfo("Europe/Brussels"))
                assert expected.replace(tzinfo=own).utcoffset() == expected.utcoffset(), (moment, expected)


def test_the_feed_has_all_public_days(browser: Browser, session: Session) -> None:
    shown, off = make_day(session), make_day(session, status=DayStatus.CANCELLED)
    sure = make_day(session, status=DayStatus.CONFIRMED)
    make_day(session, status=DayStatus.DRAFT), make_day(session, is_listed=False)
    browser.get("/actiedagen.ics")
    assert browser.headers["content-type"] == "text/calendar; charset=utf-8"
    feed = Calendar.from_ical(browser.client.get("/actiedagen.ics").text)
    assert {str(event["UID"]): str(event["STATUS"]) for event in feed.events} == {
        f"{shown.id}@127.0.0.1": "TENTATIVE",
        f"{sure.id}@127.0.0.1": "CONFIRMED",
        f"{off.id}@127.0.0.1": "CANCELLED",
    }
    assert "ATTENDEE" not in browser.client.get("/actiedagen.ics").text


def test_the_download_is_your_own_entry_when_you_have_a_place(browser: Browser, session: Session) -> None:
    day, account = make_day(session), make_account(session)
    path = f"/actiedagen/{day.slug}/agenda.ics"
    browser.get(path)
    assert browser.headers["content-disposition"] == 'attachment; filename="actiedag.ics"'
    assert only_event(browser.client.get(path).text)["UID"] == f"{day.id}@127.0.0.1"
    registration = register(session, viewer_of(session, account), day)
    key = registration.id
    browser.sign_in(account).get(path)
    assert only_event(browser.client.get(path).text)["UID"] == f"{key}@127.0.0.1"
    browser.get(f"/actiedagen/{make_day(session, status=DayStatus.DRAFT).slug}/agenda.ics", status=404)


def test_the_own_feed_is_for_who_has_its_address(browser: Browser, session: Session) -> None:
    account, other = make_account(session), make_account(session, "Ali")
    gone, kept = make_day(session, "Gaat weg"), make_day(session, "Blijft", capacity=1)
    for day in (gone, kept):
        register(session, viewer_of(session, account), day)
    cancel(session, viewer_of(session, account), gone)
    register(session, viewer_of(session, other), kept)
    page = browser.sign_in(account).get("/mijn/inschrijvingen")
    address = page.select_one("code.address").text.removeprefix("http://127.0.0.1:8000")
    browser.sign_out().get(address)
    text = browser.client.get(address).text
    said = {str(e["SUMMARY"]): str(e["STATUS"]) for e in Calendar.from_ical(text).events}
    assert said == {"Gaat weg": "CANCELLED", "Blijft": "TENTATIVE"} and "ATTENDEE" not in text
    browser.get(address.replace(".ics", "x.ics"), status=404)
    browser.sign_in(account).post("/mijn/inschrijvingen/nieuw-agenda-adres")
    browser.get(address, status=404)
    new = browser.get("/mijn/inschrijvingen").select_one("code.address").text
    assert new.removeprefix("http://127.0.0.1:8000") != address
    waits = browser.sign_in(other).get("/mijn/inschrijvingen").select_one("code.address").text
    assert not Calendar.from_ical(browser.client.get(waits.removeprefix("http://127.0.0.1:8000")).text).events
