"""What everybody may see of action days: list, map, month, feeds and data for search engines; and what never leaks."""

import json
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest
from icalendar import Calendar
from sqlmodel import Session

from backend.audit.service import record
from backend.db import now
from backend.events import month, pages, region_map, structured
from backend.events.models import ActionDay, DayFormat, DayStatus
from backend.network.models import Municipality
from tests.browser import Browser
from tests.factories import make_day, make_municipality, make_region


def data_of(browser: Browser, day: ActionDay) -> dict[str, object]:
    (script,) = browser.get(f"/actiedagen/{day.slug}").select('script[type="application/ld+json"]')
    return dict(json.loads(script.string))


def test_search_engines_read_what_when_and_where(browser: Browser, session: Session) -> None:
    day = make_day(
        session,
        "Actiedag </script><b>x",
        starts_at=datetime(2027, 10, 31, 8, tzinfo=UTC),
        online_url="https://geheim.example/1",
        format=DayFormat.HYBRID,
        status=DayStatus.CONFIRMED,
    )
    data = data_of(browser, day)
    assert (data["@context"], data["@type"]) == ("https://schema.org", "EducationEvent")
    assert data["name"] == "Actiedag </script><b>x" and data["startDate"] == "2027-10-31T09:00:00+01:00"
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    place, online = structured.event_data(day, now())["location"]
    assert data["location"] == [place, online]
    assert place["@type"] == "Place" and place["address"]["addressLocality"] == "Elzendonk"
    assert online == {"@type": "VirtualLocation", "url": data["url"]}, "not the link to take part"
    assert "geheim" not in json.dumps(data)


@pytest.mark.parametrize(
    ("values", "availability", "status"),
    [
        ({}, "InStock", "EventScheduled"),
        ({"taken": 10}, "SoldOut", "EventScheduled"),
        ({"registration_closes_at": now() - timedelta(days=1)}, "SoldOut", "EventScheduled"),
        ({"status": DayStatus.CANCELLED}, "SoldOut", "EventCancelled"),
    ],
)
def test_search_engines_read_whether_one_can_come(
    session: Session, values: dict[str, object], availability: str, status: str
) -> None:
    data = structured.event_data(make_day(session, **values), now())
    assert data["offers"]["availability"].endswith(availability) and data["eventStatus"].endswith(status)


def test_concepts_and_days_by_invitation_leak_nowhere(browser: Browser, session: Session) -> None:
    make_municipality(session, "Elzendonk", nis_code="X9001")
    hidden = [
        make_day(session, "Geheim 1", status=DayStatus.DRAFT, host_nis="X9001"),
        make_day(session, "Geheim 2", is_listed=False, host_nis="X9001"),
    ]
    shown = make_day(session, "Open dag", host_nis="X9001")
    slugs = [day.slug for day in hidden]
    for path in (
        "/actiedagen",
        "/actiedagen?regio=waasland",
        "/actiedagen?gemeente=X9001&regio=waasland",
        "/",
    ):
        text = browser.get(path).text
        assert "Geheim" not in text and "Open dag" in text, path
    for path in ("/actiedagen.ics", "/actiedagen.ics?regio=waasland"):
        text = browser.client.get(path).text
        assert "Geheim" not in text and shown.title in text
    for slug in slugs:
        browser.get(f"/actiedagen/{slug}", status=404)
        browser.get(f"/actiedagen/{slug}/agenda.ics", status=404)


def test_a_feed_of_a_region_has_its_days_and_those_for_all(browser: Browser, session: Session) -> None:
    make_region(session, "limburg")
    here, everywhere = make_day(session, "Hier"), make_day(session, "Overal", region=None)
    make_day(session, "Elders", region="limburg")
    feed = Calendar.from_ical(browser.client.get("/actiedagen.ics?regio=waasland").text)
    assert {str(event["UID"]).partition("@")[0] for event in feed.events} == {
        str(here.id),
        str(everywhere.id),
    }
    browser.get("/actiedagen.ics?regio=nergens", status=404)


def test_a_region_opens_into_its_municipalities(browser: Browser, session: Session) -> None:
    for number, (name, latitude, longitude) in enumerate(
        [("Zuid", 50.0, 4.0), ("Oost", 51.0, 5.0), ("West", 51.1, 3.0), ("Verweg", 52.0, 4.0)]
    ):
        make_municipality(session, name, nis_code=f"X800{number}", latitude=latitude, longitude=longitude,
                          region="limburg" if name == "Verweg" else "waasland")  # fmt: skip
    make_municipality(session, "Vroeger", nis_code="X8009", in_2025=False)
    make_day(session, "Dag in het oosten", host_nis="X8001")
    make_day(session, "Andere dag")
    page = browser.get("/actiedagen?regio=waasland")
    tiles = page.select('[aria-labelledby="town_map"] .tile')
    assert [tile.select_one(".sr").text.partition(":")[0] for tile in tiles] == [
        "West", "Mentorbestuur", "Oost", "Zuid"
    ]  # fmt: skip
    (link,) = page.select('[aria-labelledby="town_map"] a.tile')
    assert "1 actiedag, plaatsen vrij" in link.text
    rows = page.select('[aria-labelledby="town_map"] tbody tr')
    assert [row.td.text[:10] for row in rows if row.th.text == "Oost"] == ["1 actiedag"]
    narrowed = browser.get(link["href"])
    assert [title.text for title in narrowed.select(".rows:not(.rows-tight) .row-title a")] == [
        "Dag in het oosten"
    ]


@pytest.mark.parametrize("regio", ["nergens", "' OR 1=1", "\u202e", "x" * 500])
def test_a_region_that_is_none_opens_nothing(browser: Browser, session: Session, regio: str) -> None:
    make_day(session)
    assert not browser.get(f"/actiedagen?regio={regio}").select('[aria-labelledby="town_map"]')


def test_every_municipality_of_flanders_has_a_tile_of_its_own(session: Session) -> None:
    """Rows of at most six, nobody left out: from the file itself."""
    from backend.network import service as network

    for row in network._rows():
        make_region(session, row["region_key"])
    session.add_all(
        Municipality(
            **{k: v for k, v in row.items() if k in Municipality.model_fields and k != "merged_into_nis"}
        )
        for row in network._rows()
    )
    session.flush()
    total = 0
    for key, *_ in region_map.PLACES:
        rows = region_map.municipality_tiles(session, key, [], now())
        assert all(0 < len(row) <= region_map.MOST_ACROSS for row in rows)
        assert all(tile.column == n for row in rows for n, tile in enumerate(row, 1))
        total += sum(map(len, rows))
    assert total == 285


def test_a_month_hangs_on_the_wall(browser: Browser, session: Session) -> None:
    at = datetime(
        2027, 3, 28, 0, 30, tzinfo=UTC
    )  # the clock changes this night; it is the 28th in Brussels too
    day = make_day(session, "Zondagdag", starts_at=at)
    make_day(session, "Volgende maand", starts_at=datetime(2027, 4, 1, 8, tzinfo=UTC))
    page = browser.get("/actiedagen?periode=2027-03")
    rows = [
        [cell.text.partition(":")[0] for cell in row.select("td")] for row in page.select(".month tbody tr")
    ]
    assert rows[0] == ["1", "2", "3", "4", "5", "6", "7"] and rows[-1][:4] == ["29", "30", "31", ""]
    (link,) = page.select(".month a")
    assert link["href"] == f"/actiedagen/{day.slug}" and link.text == "28: Zondagdag"


def test_two_days_on_one_date_lead_to_the_list(browser: Browser, session: Session) -> None:
    at = datetime(2027, 3, 9, 8, tzinfo=UTC)
    days = [make_day(session, starts_at=at) for _ in range(2)]
    page = browser.get("/actiedagen")
    (link,) = page.select(".month a")
    assert link["href"] in [f"#dag-{day.slug}" for day in days] and page.select_one(link["href"]) is not None


@pytest.mark.parametrize(
    "period", ["2027-13", "maart", "0000-00", "2027-3", "99999-01", "\u0662\u0660\u0662\u0667-01"]
)
def test_a_month_that_does_not_exist_shows_none(period: str, session: Session) -> None:
    assert month.month(period, [make_day(session)]) is None


def test_the_list_takes_few_queries_however_many_days(browser: Browser, session: Session) -> None:
    counts = []
    for _round in range(2):
        for _number in range(20):
            make_day(session)
        browser.get("/actiedagen?regio=waasland")
        counts.append(len(browser.queries))
    assert counts[0] == counts[1] <= 8


def test_a_long_list_comes_in_pieces_and_the_map_counts_all(
    browser: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 3)
    starts_at = datetime(2027, 3, 9, 8, tzinfo=UTC)
    for n in range(7):
        make_day(session, f"Dag {n}", starts_at=starts_at + timedelta(days=min(n, 5)))
    page, found = browser.get("/actiedagen?regio=waasland"), []
    while True:
        found += [link.text for link in page.select("#days .hit")]
        assert (
            page.select_one("#day_count").text == "7 dagen"
            and page.select_one(".tile[aria-current] b").text == "7"
        )
        following = page.select_one("a[rel=next]")
        if following is None:
            break
        assert "regio=waasland" in following["href"]
        page = browser.get(following["href"])
    assert found[:5] == [f"Dag {n}" for n in range(5)] and sorted(found) == [f"Dag {n}" for n in range(7)]
    assert page.select_one("a[rel=prev]")["href"] == "/actiedagen?pagina=2&regio=waasland"
    links = [link["href"] for link in browser.get("/actiedagen").select(".month a")]
    assert any(link.startswith("/actiedagen?periode=2027-03#dag-") for link in links), (
        "two days of a later piece"
    )
    assert len(browser.get("/actiedagen?pagina=9").select("#days .hit")) == 1, "too far is the last piece"
    browser.get("/actiedagen?pagina=0", status=404)
    browser.get("/actiedagen?pagina=x", status=404)


ATOM = {"a": "http://www.w3.org/2005/Atom"}


def atom_of(browser: Browser, query: str = "") -> Element:
    response = browser.client.get(f"/actiedagen.atom{query}")
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=900"
    return fromstring(response.content)  # noqa: S314 - our own


def test_a_reader_of_news_follows_the_public_days(browser: Browser, session: Session) -> None:
    waas = make_day(session, "Waas & <b> \x0b zo", summary="Samen.")
    make_day(session, "Gent", region="regio-gent")
    make_day(session, "Afgelast", status=DayStatus.CANCELLED)
    make_day(session, "Klad", status=DayStatus.DRAFT)
    make_day(session, "Alleen wie uitgenodigd is", is_listed=False)
    record(session, None, "events.change", kind="action_day", key=waas.slug)
    record(session, None, "events.exported", kind="action_day", key=waas.slug)
    session.flush()
    feed = atom_of(browser)
    titles = [entry.findtext("a:title", "", ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert titles[0] == "Waas & <b>   zo", "what changed last is first"
    assert set(titles[1:]) == {"Gent", "Gaat niet door: Afgelast"}
    first = feed.find("a:entry", ATOM)
    assert first is not None and first.findtext("a:id", "", ATOM) == f"urn:uuid:{waas.id}"
    for name in ("a:title", "a:id", "a:updated", "a:author/a:name"):
        assert feed.findtext(name, "", ATOM)
    assert [
        link for link in feed.findall("a:link", ATOM) if link.get("href", "").endswith("/actiedagen.atom")
    ]
    link = first.find("a:link", ATOM)
    assert link is not None and link.get("href", "").endswith(f"/actiedagen/{waas.slug}")
    assert datetime.fromisoformat(first.findtext("a:updated", "", ATOM)) <= now()
    of_region = atom_of(browser, "?regio=regio-gent")
    assert [e.findtext("a:title", "", ATOM) for e in of_region.findall("a:entry", ATOM)] == ["Gent"]
    browser.get("/actiedagen.atom?regio=nergens", status=404)
    assert browser.get("/actiedagen").select_one('head link[rel=alternate][type="application/atom+xml"]')


def test_a_feed_without_days_is_a_feed_all_the_same(browser: Browser, session: Session) -> None:
    feed = atom_of(browser)
    assert feed.findtext("a:updated", "", ATOM) and not feed.findall("a:entry", ATOM)
