"""What search engines get of a public day: schema.org data. Nothing about persons."""

from datetime import datetime
from typing import Any

from backend.config import settings
from backend.events.models import ActionDay, DayFormat, DayStatus
from backend.language import ZONE
from backend.language import gettext as _
from backend.templating import absolute_url

_MODES = {
    DayFormat.ON_SITE: "OfflineEventAttendanceMode",
    DayFormat.ONLINE: "OnlineEventAttendanceMode",
    DayFormat.HYBRID: "MixedEventAttendanceMode",
}


def event_data(day: ActionDay, now: datetime) -> dict[str, Any]:
    """schema.org/Event. The link to take part stays out: it is only for who has a place."""
    address = absolute_url("events.show", day=day.slug)
    is_open = day.is_open(now)
    return {
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "@id": address,
        "url": address,
        "name": day.title,
        **({"description": day.summary} if day.summary else {}),
        "inLanguage": "nl-BE",
        "startDate": day.starts_at.astimezone(ZONE).isoformat(),
        "endDate": day.ends_at.astimezone(ZONE).isoformat(),
        "eventStatus": f"https://schema.org/{'EventCancelled' if day.status == DayStatus.CANCELLED else 'EventScheduled'}",
        "eventAttendanceMode": f"https://schema.org/{_MODES[day.format]}",
        "location": _location(day, address),
        "organizer": {"@type": "Organization", "name": "Lerend netwerk", "url": settings.base_url},
        "isAccessibleForFree": True,
        "maximumAttendeeCapacity": day.capacity,
        "remainingAttendeeCapacity": day.seats_left,
        "offers": {
            "@type": "Offer",
            "price": "0",
            "priceCurrency": "EUR",
            "url": address,
            **(
                {"validFrom": day.registration_opens_at.astimezone(ZONE).isoformat()}
                if day.registration_opens_at
                else {}
            ),
            "availability": f"https://schema.org/{'SoldOut' if day.is_full or not is_open else 'InStock'}",
        },
    }


def _location(day: ActionDay, address: str) -> list[dict[str, Any]]:
    online = {"@type": "VirtualLocation", "url": address}
    place = {
        "@type": "Place",
        "name": day.place or day.town or _("Plaats volgt"),
        "address": {"@type": "PostalAddress", "addressCountry": "BE"}
        | ({"addressLocality": day.town} if day.town else {}),
    }
    return [
        *([place] if day.format != DayFormat.ONLINE else []),
        *([online] if day.format != DayFormat.ON_SITE else []),
    ]
