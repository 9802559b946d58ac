"""What is sent to calendars, read back by two libraries that others use."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event, Timezone
from sqlmodel import Session, col, select

from backend.config import ROOT
from backend.db import now
from backend.events import calendar
from backend.events.models import DayStatus
from backend.events.waiting_list import cancel, register
from backend.mail import OutgoingMail
from tests.browser import Browser
from tests.factories import make_account, make_day, viewer_of

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
    """Invitation, cancellation, invitation again: one UID, a sequence that grows."""
    day = make_day(
        session, "Actiedag; Waasland, deel 1", starts_at=SUMMER, place="Stadhuis, zaal A", town="Elzendonk"
    )
    account = make_account(session, ODD)
    noor = viewer_of(session, account)
    registration = register(session, noor, day.slug, "", now())
    cancel(session, noor, day.slug, now())
    register(session, noor, day.slug, "", now())
    sent = entries(session, account.email)
    assert [entry["type"] for entry in sent] == [
        "text/calendar; method=REQUEST",
        "text/calendar; method=CANCEL",
        "text/calendar; method=REQUEST",
    ]
    events = [only_event(entry["content"]) for entry in sent]
    assert {str(event["UID"]) for event in events} == {f"{registration.id}@127.0.0.1"}
    assert [event.sequence for event in events] == [0, 1, 2]
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
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


@pytest.mark.node
def test_another_library_reads_the_same(session: Session) -> None:
    day = make_day(session, starts_at=SUMMER)
    account = make_account(session, ODD)
    noor = viewer_of(session, account)
    registration = register(session, noor, day.slug, "", now())
    cancel(session, noor, day.slug, now())
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


def test_who_is_promoted_gets_an_invitation(session: Session) -> None:
    day = make_day(session, capacity=1)
    noor, ali = make_account(session, "Noor"), make_account(session, "Ali")
    register(session, viewer_of(session, noor), day.slug, "", now())
    registration = register(session, viewer_of(session, ali), day.slug, "", now())
    assert entries(session, ali.email) == []
    cancel(session, viewer_of(session, noor), day.slug, now())
    (entry,) = entries(session, ali.email)
    assert only_event(entry["content"])["UID"] == f"{registration.id}@127.0.0.1"
    assert only_event(entry["content"]).sequence == 1


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
    make_day(session, status=DayStatus.DRAFT)
    browser.get("/actiedagen.ics")
    assert browser.headers["content-type"] == "text/calendar; charset=utf-8"
    feed = Calendar.from_ical(browser.client.get("/actiedagen.ics").text)
    assert {str(event["UID"]): str(event["STATUS"]) for event in feed.events} == {
        f"{shown.id}@127.0.0.1": "CONFIRMED",
        f"{off.id}@127.0.0.1": "CANCELLED",
    }
    assert "ATTENDEE" not in browser.client.get("/actiedagen.ics").text


def test_the_download_is_your_own_entry_when_you_have_a_place(browser: Browser, session: Session) -> None:
    day, account = make_day(session), make_account(session)
    path = f"/actiedagen/{day.slug}/agenda.ics"
    browser.get(path)
    assert browser.headers["content-disposition"] == 'attachment; filename="actiedag.ics"'
    assert only_event(browser.client.get(path).text)["UID"] == f"{day.id}@127.0.0.1"
    registration = register(session, viewer_of(session, account), day.slug, "", now())
    key = registration.id
    browser.sign_in(account).get(path)
    assert only_event(browser.client.get(path).text)["UID"] == f"{key}@127.0.0.1"
    browser.get(f"/actiedagen/{make_day(session, status=DayStatus.DRAFT).slug}/agenda.ics", status=404)
