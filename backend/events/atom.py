"""The public days as an Atom feed (RFC 4287), for who follows news in a reader."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

from backend.events.models import ActionDay, DayStatus
from backend.fields import CONTROL
from backend.language import clock, long_date, speaking
from backend.language import gettext as _
from backend.templating import absolute_url

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
NAMESPACE = "http://www.w3.org/2005/Atom"
MOST = 100
BEFORE = timedelta(days=60)  # when a day is news of which nobody wrote when it was made known


def feed(
    days: Sequence[ActionDay], changed: Mapping[str, datetime], now: datetime, *, address: str, region: str
) -> bytes:
    """What changed last is first. `changed`: slug → when an organiser last changed the day. `region`: its name, or ""."""
    dated = sorted(
        ((changed.get(day.slug) or min(now, day.starts_at - BEFORE), day) for day in days),
        key=lambda each: (each[0], each[1].slug),
        reverse=True,
    )[:MOST]
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": "nl-BE"})
    with speaking("nl"):  # as the days themselves
        _text(
            root, "title", _("Actiedagen in %(region)s") % {"region": region} if region else _("Actiedagen")
        )
        _text(root, "id", address)
        SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": address})
        SubElement(
            root, "link", {"rel": "alternate", "type": "text/html", "href": absolute_url("events.list")}
        )
        _text(root, "updated", _moment(dated[0][0] if dated else now))
        _text(SubElement(root, "author"), "name", "Lerend netwerk")
        for at, day in dated:
            _entry(root, day, at)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(root: Element, day: ActionDay, at: datetime) -> None:
    address = absolute_url("events.show", day=day.slug)
    entry = SubElement(root, "entry")
    title = (
        _("Gaat niet door: %(day)s") % {"day": day.title} if day.status == DayStatus.CANCELLED else day.title
    )
    _text(entry, "title", title)
    _text(entry, "id", f"urn:uuid:{day.id}")
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})
    _text(entry, "updated", _moment(at))
    when = _("%(date)s, %(start)s tot %(end)s uur") % {
        "date": long_date(day.starts_at), "start": clock(day.starts_at), "end": clock(day.ends_at),
    }  # fmt: skip
    _text(entry, "summary", " · ".join(filter(None, (when, day.town, day.summary))))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = CONTROL.sub(" ", text)
