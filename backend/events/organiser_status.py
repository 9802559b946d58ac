"""What an organiser can make of a day now: publish, confirm, call off. Each once, each with its words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Viewer
from backend.errors import Conflict
from backend.events import organising
from backend.events.models import ActionDay, DayFormat, DayStatus, ProgrammeItem
from backend.language import gettext as _


@dataclass(frozen=True)
class Action:
    key: str  # in the address
    to: DayStatus
    verb: str
    question: str
    explained: str
    done: str
    tells: bool = False
    asks_reason: bool = False


def _all() -> list[Action]:
    return [
        Action(
            "publiceren", DayStatus.PUBLISHED, _("Maak bekend"), _("Deze dag bekendmaken?"),
            _("De dag komt in de agenda van het netwerk. Inschrijven kan vanaf het uur dat je koos."),
            _("De dag is bekend."),
        ),
        Action(
            "bevestigen", DayStatus.CONFIRMED, _("Bevestig"), _("Deze dag bevestigen?"),
            _("De dag gaat zeker door. In de agenda van wie komt, staat ze dan niet meer onder voorbehoud."),
            _("De dag is bevestigd."), tells=True,
        ),
        Action(
            "afgelasten", DayStatus.CANCELLED, _("Gelast af"), _("Deze dag afgelasten?"),
            _("Dit kun je niet terugdraaien. Wie ingeschreven is of wacht, krijgt een mail met je reden."),
            _("De dag is afgelast."), tells=True, asks_reason=True,
        ),
    ]  # fmt: skip


def open_to(day: ActionDay, now: datetime) -> list[Action]:
    possible = {
        DayStatus.DRAFT: {"publiceren"},
        DayStatus.PUBLISHED: {"bevestigen", "afgelasten"},
        DayStatus.CONFIRMED: {"afgelasten"},
        DayStatus.CANCELLED: set(),
    }[day.status]
    return [each for each in _all() if each.key in possible and not day.is_over(now)]


def action(day: ActionDay, key: str, now: datetime) -> Action:
    for each in open_to(day, now):
        if each.key == key:
            return each
    raise Conflict(_("Dat kan niet met deze dag zoals ze nu is. Ga terug en kijk wat er wel kan."))


def is_done(day: ActionDay, key: str) -> bool:
    return any(each.key == key and each.to == day.status for each in _all())


def do(session: Session, viewer: Viewer, slug: str, chosen: Action, reason: str, now: datetime) -> int:
    """Gives how many people are told."""
    if chosen.to == DayStatus.PUBLISHED:
        organising.publish(session, viewer, slug, now)
        return 0
    if chosen.to == DayStatus.CONFIRMED:
        return organising.confirm(session, viewer, slug, now)
    return organising.call_off(session, viewer, slug, reason, now)


def missing(session: Session, day: ActionDay) -> list[str]:
    """What a reader of the page would look for and not find."""
    found = []
    if day.format != DayFormat.ONLINE and not day.place:
        found.append(_("Er is nog geen zaal of adres."))
    if day.format != DayFormat.ON_SITE and not day.online_url:
        found.append(_("Er is nog geen onlinelink."))
    items = select(col(ProgrammeItem.id)).where(col(ProgrammeItem.day_id) == day.id).limit(1)
    if session.execute(items).first() is None:
        found.append(_("Er is nog geen programma."))
    if not day.summary:
        found.append(_("Er is nog geen korte uitleg."))
    return found
