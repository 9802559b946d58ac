"""The steps in which a day is prepared: what each shows of the day, and what of it is kept.

Two organisers may have one step open. `merge` compares three states: what somebody saw, what is there now, what they typed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.errors import Conflict
from backend.events import details, organiser_days, organising, programme
from backend.events import organiser_forms as forms
from backend.events.details import Audience
from backend.events.models import ActionDay
from backend.events.moments import same_clock
from backend.events.organising import Telling
from backend.fields import FormModel
from backend.language import gettext as _
from backend.network import service as network
from backend.network.models import Organisation

Shown = dict[str, Any]  # the name of a field → text, or a list of them


@dataclass(frozen=True)
class Step:
    key: str  # in the address
    title: Callable[[], str]
    form: type[FormModel]
    labels: Callable[[], dict[str, str]]
    show: Callable[[Session, ActionDay], Shown]
    values: Callable[[Session, ActionDay, Any], dict[str, Any]]


@dataclass
class Merged:
    """`theirs`: what a colleague changed meanwhile. `clashes`: of these, what one typed differently oneself; as it is now."""

    typed: Shown
    theirs: list[str] = field(default_factory=list)
    clashes: Shown = field(default_factory=dict)


def merge(seen: str, now: Shown, typed: Shown) -> Merged:
    """What a colleague changed and one left as it was stays theirs."""
    before = _read(seen)
    merged = Merged({name: _like(value, typed.get(name)) for name, value in now.items()})
    for name, value in now.items():
        if before.get(name) == value:
            continue
        merged.theirs.append(name)
        mine = merged.typed[name]
        if name in before and mine == before[name]:
            merged.typed[name] = value
        elif mine != value:
            merged.clashes[name] = value
    return merged


def seen(now: Shown) -> str:
    return json.dumps(now, ensure_ascii=False, sort_keys=True)


def _read(text: str) -> Shown:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _like(value: Any, typed: Any) -> Any:
    if isinstance(value, list):
        return sorted(typed if isinstance(typed, list) else [typed] if typed else [])
    last = typed[-1] if isinstance(typed, list) and typed else typed
    return str(last or "").replace("\r\n", "\n").strip()


def save(
    session: Session,
    viewer: Viewer,
    slug: str,
    values: Mapping[str, Any],
    now: datetime,
    how: Telling | None = None,
) -> None:
    """Everything of one step, in one go: regions and places too. Raises Conflict in words."""
    day = organising.find(session, viewer, slug)
    rest = dict(values)
    regions = rest.pop("regions", None)
    capacity = rest.pop("capacity", None)
    if regions is not None:
        organiser_days.set_regions(session, viewer, day, regions)
    if moved := _days_later(day, rest):
        programme.move(session, day.id, lambda at: organising.later(at, moved))
    if rest:
        organising.change(session, viewer, slug, rest, now, how=how)
    if capacity is not None and capacity != day.capacity:
        organising.resize(session, viewer, slug, capacity, now)


def _days_later(day: ActionDay, values: Mapping[str, Any]) -> timedelta:
    starts_at = values.get("starts_at", day.starts_at)
    return same_clock(starts_at).date() - same_clock(day.starts_at).date()


# ── what each step shows and keeps ──


def clock(at: datetime | None) -> str:
    return f"{same_clock(at):%H:%M}" if at else ""


def local(at: datetime | None) -> str:
    return f"{same_clock(at):%Y-%m-%dT%H:%M}" if at else ""


def _show_when(_session: Session, day: ActionDay) -> Shown:
    return {
        "title": day.title,
        "summary": day.summary,
        "speakers": day.speakers,
        "regions": sorted(day.region_keys),
        "on": f"{same_clock(day.starts_at):%Y-%m-%d}",
        "start": clock(day.starts_at),
        "end": clock(day.ends_at),
    }


def when_values(data: forms.WhenForm) -> dict[str, Any]:
    starts_at, ends_at = forms.moment_of(data.on, data.start), forms.moment_of(data.on, data.end)
    if ends_at <= starts_at:
        raise Conflict(_("Het einde moet na het begin komen."))
    kept = data.model_dump(include={"title", "summary", "speakers"})
    return kept | {"starts_at": starts_at, "ends_at": ends_at}


def _keep_when(_session: Session, day: ActionDay, data: forms.WhenForm) -> dict[str, Any]:
    """When the day moves, what depends on it moves along as many days: registration that closes, and the spread."""
    values = when_values(data)
    moved = _days_later(day, values)
    if moved:
        for name in ("registration_closes_at", "cancel_until", "spread_until"):
            values[name] = organising.later(getattr(day, name), moved)
    return values | {"regions": data.regions}


def _show_where(_session: Session, day: ActionDay) -> Shown:
    names = ("town", "place", "travel", "access", "online_url")
    return {
        "format": day.format.value,
        "host": day.host.name if day.host else "",
        **{name: getattr(day, name) for name in names},
        "online_opens_minutes": str(day.online_opens_minutes),
    }


def _keep_where(session: Session, _day: ActionDay, data: forms.WhereForm) -> dict[str, Any]:
    found = network.municipality_of(session, data.host) if data.host else None
    if data.host and found is None:
        raise Conflict(_("We kennen deze gemeente niet. Schrijf haar naam voluit."))
    return data.model_dump(exclude={"host"}) | {"host_nis": found.nis_code if found else None}


def _show_places(_session: Session, day: ActionDay) -> Shown:
    return {
        "capacity": str(day.capacity),
        "opens": local(day.registration_opens_at),
        "closes": local(day.registration_closes_at),
        "cancel_until": local(day.cancel_until),
        "offer_hours": str(day.offer_hours),
        "spread_limit": str(day.spread_limit or ""),
        "spread_until": local(day.spread_until),
    }


def _keep_places(_session: Session, _day: ActionDay, data: forms.PlacesForm) -> dict[str, Any]:
    return {
        "capacity": data.capacity,
        "registration_opens_at": data.opens,
        "registration_closes_at": data.closes,
        "cancel_until": data.cancel_until,
        "offer_hours": data.offer_hours,
        "spread_limit": data.spread_limit,
        "spread_until": data.spread_until,
    }


def _show_whom(session: Session, day: ActionDay) -> Shown:
    audience = details.audience_of(day.audience)
    names: list[str] = []
    if audience.organisations:
        chosen = select(col(Organisation.name)).where(col(Organisation.id).in_(audience.organisations))
        names = list(session.scalars(chosen.order_by(col(Organisation.name))))
    return {
        "functions": "\n".join(audience.functions),
        "organisations": "\n".join(names),
        "listed": "\n".join([*audience.addresses, *audience.domains]),
        "only_invited": "" if day.is_listed else "ja",
        "needs_approval": "ja" if audience.needs_approval else "",
    }


def _keep_whom(session: Session, _day: ActionDay, data: forms.ForWhomForm) -> dict[str, Any]:
    listed = [line.removeprefix("@").lower() for line in forms.lines(data.listed)]
    audience = {
        "functions": forms.lines(data.functions),
        "organisations": _organisations(session, forms.lines(data.organisations)),
        "addresses": [each for each in listed if "@" in each],
        "domains": [each for each in listed if "@" not in each],
        "needs_approval": bool(data.needs_approval),
    }
    if data.only_invited and not listed:
        raise Conflict(_("Alleen op uitnodiging? Schrijf dan hieronder wie je uitnodigt."))
    if wrong := next((each for each in listed if not forms.is_address_or_domain(each)), None):
        raise Conflict(_("“%(text)s” is geen adres en geen domein.") % {"text": wrong[:80]})
    try:
        checked = Audience.model_validate(audience)
    except ValueError as error:
        raise Conflict(_("Dit klopt niet. Kijk het na.")) from error
    return {"audience": checked.model_dump(mode="json"), "is_listed": not data.only_invited}


def _organisations(session: Session, names: list[str]) -> list[str]:
    rows = session.execute(
        select(col(Organisation.id), col(Organisation.name)).where(col(Organisation.name).in_(names))
    )
    found = {row.name: str(row.id) for row in rows}
    if missing := [name for name in names if name not in found]:
        raise Conflict(
            _("We kennen “%(name)s” niet. Schrijf de naam zoals hij in het netwerk staat.")
            % {"name": missing[0][:80]}
        )
    return [found[name] for name in names]


STEPS = {
    step.key: step
    for step in (
        Step(
            "wanneer",
            lambda: _("Wat en wanneer"),
            forms.WhenForm,
            lambda: {
                "title": _("Titel"), "summary": _("In het kort"), "regions": _("Regio’s"), "on": _("Datum"),
                "start": _("Van"), "end": _("Tot"), "speakers": _("Sprekers"),
            },
            _show_when,
            _keep_when,
        ),
        Step(
            "waar",
            lambda: _("Waar"),
            forms.WhereForm,
            lambda: {
                "format": _("Hoe"), "host": _("Gastgemeente"), "town": _("Plaats"), "place": _("Zaal en adres"),
                "travel": _("Hoe je er komt"), "access": _("Toegankelijkheid"), "online_url": _("Onlinelink"),
                "online_opens_minutes": _("Link werkt vanaf"),
            },
            _show_where,
            _keep_where,
        ),
        Step(
            "plaatsen",
            lambda: _("Plaatsen"),
            forms.PlacesForm,
            lambda: {
                "capacity": _("Aantal plaatsen"), "opens": _("Inschrijven opent"), "closes": _("Inschrijven sluit"),
                "cancel_until": _("Annuleren kan tot"), "offer_hours": _("Bedenktijd"),
                "spread_limit": _("Hoogstens per gemeente"), "spread_until": _("Tot wanneer"),
            },
            _show_places,
            _keep_places,
        ),
        Step(
            "voor-wie",
            lambda: _("Voor wie"),
            forms.ForWhomForm,
            lambda: {
                "functions": _("Functies"), "organisations": _("Organisaties"), "listed": _("Adressen en domeinen"),
                "only_invited": _("Alleen op uitnodiging"), "needs_approval": _("Jij kiest wie er komt"),
            },
            _show_whom,
            _keep_whom,
        ),
    )
}  # fmt: skip
