"""Everything that is kept of a person: what it is, taken along as one file, and erased. The parts know their own tables."""

from datetime import datetime
from types import ModuleType
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from backend import mail
from backend.audit import service as audit
from backend.auth import own_data as auth
from backend.auth.models import Viewer
from backend.auth.own_data import Owner
from backend.authoring import service as authoring
from backend.errors import Conflict, Forbidden
from backend.events import own_data as events
from backend.exchange import service as exchange
from backend.language import gettext as _
from backend.learning import notes, own_answers, reflections, reports, rhythm, scenario_runs
from backend.mentoring import own_data as mentoring
from backend.recognition import service as recognition

# Each has export_of(session, person) and erase(session, person). In the order of erasing: what hangs on something goes
# before it, the account goes last. A test finds the table that no part here erases.
PARTS: tuple[tuple[str, ModuleType], ...] = (
    ("action_days", events),
    ("mentoring", mentoring),
    ("practice_cards", exchange),
    ("certificates", recognition),
    ("modules_written", authoring),
    ("shared_reflections", reflections),
    ("notes", notes),
    ("mistakes_reported", reports),
    ("reminders", rhythm),
    ("scenarios", scenario_runs),
    ("learning", own_answers),
    ("account", auth),
)


def export_of(session: Session, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """As JSON can hold it."""
    return {
        "made_at": now.isoformat(),
        **{name: part.export_of(session, viewer.id) for name, part in reversed(PARTS)},
        "mails": mail.export_of(session, viewer.email),
        "log": audit.export_of(session, viewer.id),
    }


def refusal(owner: Owner) -> str:
    """Why this account cannot be erased by its owner, in words for them; "" when it can."""
    if owner.is_fictional:
        return _(
            "Dit is een account van de proefsite, dat iedereen mag gebruiken. Daarom kun je het niet wissen. "
            "Met een account dat je zelf maakt, kan het wel."
        )
    if owner.is_last_administrator:
        return _(
            "Je bent de enige beheerder. Geef eerst iemand anders die rol, dan kun je je account wissen."
        )
    return ""


def erase(session: Session, viewer: Viewer, now: datetime) -> None:
    """Everything of this person, in one transaction. Twice is once. Raises Forbidden for who may not go."""
    if not auth.lock(session, viewer.id):
        return
    owner = auth.find(session, viewer.id)
    if owner is not None and (why := refusal(owner)):
        raise Forbidden(why)
    mail.erase(session, viewer.email)
    events.leave(session, viewer.id, now)  # the last mails: that the places are given back
    session.flush()
    session.expunge_all()
    audit.record(session, None, "home.erased", kind="account", key=viewer.id)
    try:
        _erase_parts(session, viewer.id)
    except IntegrityError as error:  # something was written at this very moment, in another tab
        raise Conflict(
            _("Er werd net nog iets van jou bewaard, misschien in een ander tabblad. Probeer opnieuw.")
        ) from error


def _erase_parts(session: Session, person: UUID) -> None:
    for _name, part in PARTS:
        part.erase(session, person)
    session.flush()
