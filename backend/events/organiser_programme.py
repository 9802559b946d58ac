"""What an organiser does with the programme: moments, rounds, sessions, and an example to begin with."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Viewer
from backend.errors import Conflict
from backend.events import organiser_forms as forms
from backend.events import organising, programme
from backend.events.models import ActionDay, ProgrammeItem, Workshop
from backend.events.moments import same_clock
from backend.events.organiser_steps import Shown, clock
from backend.language import gettext as _

MOST_ITEMS = 40
MOST_SESSIONS = 60


def show_moment(item: ProgrammeItem) -> Shown:
    return {
        "title": item.title,
        "start": clock(item.starts_at),
        "end": clock(item.ends_at),
        "detail": item.detail,
        "is_round": "ja" if item.is_round else "",
        "is_required": "ja" if item.is_required else "",
    }


def show_session(each: Workshop) -> Shown:
    return {
        "title": each.title,
        "detail": each.detail,
        "speakers": each.speakers,
        "room": each.room,
        "start": clock(each.starts_at),
        "end": clock(each.ends_at),
        "capacity": str(each.capacity),
    }


def save_moment(
    session: Session, viewer: Viewer, slug: str, item_id: int | None, data: forms.MomentForm
) -> ProgrammeItem:
    """The same moment sent twice is there once."""
    day = organising.find(session, viewer, slug)
    values = {
        "title": data.title,
        "detail": data.detail,
        "starts_at": _on(day, data.start),
        "ends_at": _on(day, data.end) if data.end else None,
        "is_round": bool(data.is_round),
        "is_required": bool(data.is_required),
    }
    if values["is_round"] and values["ends_at"] is None:
        raise Conflict(_("Een ronde heeft een einde. Vul in tot hoe laat ze duurt."))
    if item_id is None:
        there = programme.items(session, day.id)
        same = [
            each for each in there if (each.title, each.starts_at) == (values["title"], values["starts_at"])
        ]
        if same:
            return same[0]
        if len(there) >= MOST_ITEMS:
            raise Conflict(_("Een programma heeft hoogstens %(n)s momenten.") % {"n": MOST_ITEMS})
    record(session, viewer.id, "events.programme", kind="action_day", key=day.slug, title=data.title)
    return programme.save_item(session, day.id, item_id, values)


def remove_moment(session: Session, viewer: Viewer, slug: str, item_id: int) -> None:
    """What is gone already is no mistake."""
    day = organising.find(session, viewer, slug)
    if session.get(ProgrammeItem, item_id) is not None:
        programme.remove_item(session, day.id, item_id)
        record(session, viewer.id, "events.programme", kind="action_day", key=day.slug, removed=item_id)


def session_values(day: ActionDay, data: forms.SessionForm) -> dict[str, Any]:
    kept = data.model_dump(include={"title", "detail", "speakers", "room", "capacity"})
    return kept | {"starts_at": _on(day, data.start), "ends_at": _on(day, data.end)}


def add_session(
    session: Session, viewer: Viewer, slug: str, item_id: int, data: forms.SessionForm
) -> Workshop:
    """The same form sent twice makes one session."""
    day = organising.find(session, viewer, slug)
    item = programme.item_of(session, day.id, item_id)
    made = session.get(Workshop, UUID(data.form_id))
    if made is not None:
        return programme.workshop_of(session, day.id, made.id)
    if not item.is_round:
        raise Conflict(_("Alleen in een ronde kies je een sessie."))
    others = session.scalars(select(col(Workshop.id)).where(col(Workshop.day_id) == day.id)).all()
    if len(others) >= MOST_SESSIONS:
        raise Conflict(_("Een dag heeft hoogstens %(n)s sessies.") % {"n": MOST_SESSIONS})
    values = session_values(day, data) | {
        "id": UUID(data.form_id),
        "round_id": item_id,
        "position": len(others),
    }
    record(session, viewer.id, "events.programme", kind="action_day", key=day.slug, title=data.title)
    return programme.save_workshop(session, day.id, None, values)


def remove_session(session: Session, viewer: Viewer, slug: str, workshop_id: UUID) -> None:
    day = organising.find(session, viewer, slug)
    if session.get(Workshop, workshop_id) is not None:
        programme.remove_workshop(session, day.id, workshop_id)
        record(session, viewer.id, "events.programme", kind="workshop", key=workshop_id, removed=True)


def begin_with_example(session: Session, viewer: Viewer, slug: str) -> None:
    """A usual day between its begin and its end. Does nothing where there is a programme already."""
    day = organising.find(session, viewer, slug)
    if programme.items(session, day.id):
        return
    for values in example(day.starts_at, day.ends_at):
        programme.save_item(session, day.id, None, values)
    record(session, viewer.id, "events.programme", kind="action_day", key=day.slug, example=True)


def example(starts_at: datetime, ends_at: datetime) -> list[dict[str, Any]]:
    """With two rounds and lunch when there is time for it, else with one."""

    def at(part: float) -> datetime:
        passed = (ends_at - starts_at) * part
        return starts_at + timedelta(minutes=round(passed.total_seconds() / 900) * 15)

    if ends_at - starts_at < timedelta(hours=5):
        rows = [
            (0.0, _("Welkom"), 0.2, False),
            (0.2, _("Ronde 1"), 0.8, True),
            (0.8, _("Wat neem je mee?"), 1.0, False),
        ]
    else:
        rows = [
            (0.0, _("Onthaal met koffie"), 0.08, False), (0.08, _("Inleiding"), 0.23, False), (0.23, _("Ronde 1"), 0.46, True),
            (0.46, _("Lunch"), 0.62, False), (0.62, _("Ronde 2"), 0.89, True), (0.89, _("Wat neem je mee?"), 1.0, False),
        ]  # fmt: skip
    return [
        {"starts_at": at(begin), "ends_at": at(end), "title": title, "is_round": is_round}
        for begin, title, end, is_round in rows
        if at(begin) < at(end)
    ]


def _on(day: ActionDay, at: Any) -> datetime:
    """At this hour of the day, which lies within it."""
    found = forms.moment_of(same_clock(day.starts_at).date(), at)
    if not day.starts_at <= found <= day.ends_at:
        raise Conflict(
            _("De dag duurt van %(start)s tot %(end)s uur. Kies een uur daartussen.")
            % {"start": clock(day.starts_at), "end": clock(day.ends_at)}
        )
    return found
