"""Who changed what on a day, in sentences: from the ledger of its registrations and from the log of the day itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend.audit.models import AuditEntry
from backend.auth.models import Account
from backend.events.models import EventKind, Registration, RegistrationEvent, Workshop
from backend.language import gettext as _

PAGE = 50
# What changes the public page of a day; exports, mails and helpers do not.
PUBLIC = ("events.publish", "events.confirm", "events.change", "events.call_off")
K = EventKind


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    said: str
    reason: str = ""
    registration_id: UUID | None = None


def of_people(
    session: Session, day_id: UUID, before: int | None = None, registration_id: UUID | None = None
) -> tuple[list[Line], int | None]:
    """What happened to registrations, last first, and the number to go on from. One query."""
    who, actor = aliased(Account), aliased(Account)
    asked: Select[*tuple[Any, ...]] = (
        select(
            col(RegistrationEvent.id), col(RegistrationEvent.at), col(RegistrationEvent.kind),
            col(RegistrationEvent.reason), col(RegistrationEvent.registration_id), col(RegistrationEvent.actor_id),
            col(Registration.account_id), col(who.name).label("name"), col(actor.name).label("by"),
        )
        .join(Registration, col(Registration.id) == RegistrationEvent.registration_id)
        .join(who, col(who.id) == Registration.account_id)
        .outerjoin(actor, col(actor.id) == RegistrationEvent.actor_id)
        .where(col(RegistrationEvent.day_id) == day_id)
        .order_by(col(RegistrationEvent.id).desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if before is not None:
        asked = asked.where(col(RegistrationEvent.id) < before)
    if registration_id is not None:
        asked = asked.where(col(RegistrationEvent.registration_id) == registration_id)
    rows = session.execute(asked).all()
    lines = [Line(row.at, _sentence(row), row.reason, row.registration_id) for row in rows[:PAGE]]
    return lines, rows[PAGE - 1].id if len(rows) > PAGE else None


def of_day(
    session: Session, day_id: UUID, slug: str, before: int | None = None
) -> tuple[list[Line], int | None]:
    """What organisers did with the day itself and its sessions, last first, and the number to go on from. Two queries."""
    sessions = session.scalars(select(col(Workshop.id)).where(col(Workshop.day_id) == day_id)).all()
    asked = (
        select(
            col(AuditEntry.id), col(AuditEntry.at), col(AuditEntry.action), col(AuditEntry.detail),
            col(Account.name).label("by"),
        )
        .outerjoin(Account, col(Account.id) == AuditEntry.actor_id)
        .where(
            or_(
                (col(AuditEntry.object_kind) == "action_day") & (col(AuditEntry.object_id) == slug),
                (col(AuditEntry.object_kind) == "workshop") & col(AuditEntry.object_id).in_(map(str, sessions)),
            )
        )
        .order_by(col(AuditEntry.id).desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if before is not None:
        asked = asked.where(col(AuditEntry.id) < before)
    rows = session.execute(asked).all()
    return list(_told(rows[:PAGE])), rows[PAGE - 1].id if len(rows) > PAGE else None


def changed_at(session: Session, slugs: Sequence[str]) -> dict[str, datetime]:
    """When an organiser last did something with each of these days that everybody can see. One query."""
    rows = session.execute(
        select(col(AuditEntry.object_id), func.max(AuditEntry.at))
        .where(
            col(AuditEntry.object_kind) == "action_day",
            col(AuditEntry.object_id).in_(slugs),
            col(AuditEntry.action).in_(PUBLIC),
        )
        .group_by(col(AuditEntry.object_id))
    )
    return {row[0]: row[1] for row in rows}


def _told(rows: Iterable[Any]) -> Iterable[Line]:
    words = {
        "events.create": _("%(by)s begon deze dag."),
        "events.regions": _("%(by)s koos de regio’s."),
        "events.programme": _("%(by)s veranderde het programma."),
        "events.change_session": _("%(by)s wijzigde een sessie."),
        "events.publish": _("%(by)s maakte de dag bekend."),
        "events.confirm": _("%(by)s bevestigde dat de dag doorgaat."),
        "events.change": _("%(by)s wijzigde de dag."),
        "events.call_off": _("%(by)s annuleerde de dag."),
        "events.resize": _("%(by)s veranderde het aantal plaatsen."),
        "events.copy": _("%(by)s maakte de dag als kopie van een andere."),
        "events.mailed": _("%(by)s stuurde een mail naar %(people)s mensen."),
        "events.exported": _("%(by)s bewaarde de lijst als bestand."),
        "events.helper_asked": _("%(by)s vroeg iemand om te helpen aan de deur."),
        "events.helper_ended": _("%(by)s beëindigde de hulp van iemand aan de deur."),
    }
    for row in rows:
        said = words.get(row.action, _("%(by)s deed iets met de dag."))
        yield Line(row.at, said % {"by": row.by or _("Iemand"), "people": row.detail.get("people", "")})


def _sentence(row: Any) -> str:
    names = {"name": row.name, "by": row.by or _("Iemand die er niet meer is")}
    if row.actor_id is not None and row.actor_id != row.account_id:
        by_other = _by_other().get(row.kind)
        if by_other:
            return by_other % names
    return _by_oneself().get(row.kind, _("Er veranderde iets voor %(name)s.")) % names


def _by_oneself() -> dict[EventKind, str]:
    return {
        K.CARRIED_OVER: _("%(name)s was al ingeschreven."),
        K.REGISTERED: _("%(name)s schreef zich in."),
        K.INVITED: _("%(name)s werd ingeschreven door een collega."),
        K.REQUESTED: _("%(name)s vroeg een plaats."),
        K.APPROVED: _("De aanvraag van %(name)s werd goedgekeurd."),
        K.REFUSED: _("De aanvraag van %(name)s werd geweigerd."),
        K.PROMOTED: _("%(name)s kreeg een plaats vanop de wachtlijst."),
        K.OFFERED: _("%(name)s kreeg een plaats aangeboden."),
        K.ACCEPTED: _("%(name)s aanvaardde de plaats."),
        K.DECLINED: _("%(name)s wees de plaats af."),
        K.EXPIRED: _("%(name)s antwoordde niet op tijd: de plaats ging naar iemand anders."),
        K.CANCELLED: _("%(name)s schreef zich uit."),
        K.GIVEN: _("%(name)s gaf de plaats door aan een collega."),
        K.RECEIVED: _("%(name)s kreeg de plaats van een collega."),
        K.LEFT: _("%(name)s koos een andere dag van de reeks."),
        K.ARRIVED: _("%(name)s kwam van een andere dag van de reeks."),
        K.CHANGED: _("%(name)s wijzigde de keuze."),
        K.MOVED_UP: _("%(name)s kreeg een plaats in een sessie, vanop de wachtlijst ervan."),
        K.SHIFTED: _("De plaats van %(name)s op de wachtlijst veranderde."),
        K.DAY_CHANGED: _("%(name)s kreeg bericht: de dag veranderde."),
        K.DAY_CONFIRMED: _("%(name)s kreeg bericht: de dag gaat door."),
        K.DAY_CANCELLED: _("%(name)s kreeg bericht: de dag gaat niet door."),
        K.ATTENDED: _("%(name)s nam deel."),
        K.NOT_ATTENDED: _("De aanwezigheid van %(name)s werd weggehaald."),
    }


def _by_other() -> dict[EventKind, str]:
    return {
        K.REGISTERED: _("%(by)s voegde %(name)s toe."),
        K.INVITED: _("%(by)s schreef %(name)s in."),
        K.APPROVED: _("%(by)s keurde de aanvraag van %(name)s goed."),
        K.REFUSED: _("%(by)s weigerde de aanvraag van %(name)s."),
        K.PROMOTED: _("%(by)s gaf %(name)s een plaats, buiten de beurt."),
        K.OFFERED: _("%(by)s bood %(name)s een plaats aan, buiten de beurt."),
        K.CANCELLED: _("%(by)s schreef %(name)s uit."),
        K.CHANGED: _("%(by)s gaf %(name)s een andere sessie."),
        K.SHIFTED: _("%(by)s verplaatste %(name)s op de wachtlijst."),
        K.ATTENDED: _("%(by)s vinkte %(name)s aan als aanwezig."),
        K.NOT_ATTENDED: _("%(by)s haalde de aanwezigheid van %(name)s weg."),
    }
