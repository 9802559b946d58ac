"""The materials of a day: addresses elsewhere and files kept here, for who has a registration."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.audit.service import record
from backend.auth.models import Viewer
from backend.errors import Conflict, Forbidden, NotFound, SignInNeeded
from backend.events import details, organising, service
from backend.events.details import Material
from backend.events.models import ActionDay, DayFile
from backend.file_kinds import DOCUMENTS, MEGABYTE, SLIDES, ending
from backend.language import gettext as _
from backend.network.service import slug as slug_of

MOST = 30
KINDS = {**DOCUMENTS, **SLIDES}
LARGEST = max(kind.largest for kind in KINDS.values())
MOST_TOGETHER = 50 * MEGABYTE  # of one day


@dataclass(frozen=True)
class Kept:
    name: str
    media_type: str
    content: bytes


def add_link(session: Session, viewer: Viewer, slug: str, title: str, url: str) -> None:
    """The same address twice is there once."""
    day = organising.find(session, viewer, slug)
    _add(session, viewer, day, Material(title=title, url=url))


def add_file(session: Session, viewer: Viewer, slug: str, title: str, name: str, content: bytes) -> None:
    """`name` as somebody's computer calls it. Raises Conflict, in words, for what is too large or not what it says it is.

    The same file twice is there once.
    """
    kind = KINDS.get(ending(name))
    if kind is None:
        raise Conflict(
            _("Dit soort bestand kan hier niet. Kies uit: %(kinds)s.") % {"kinds": ", ".join(KINDS)}
        )
    if len(content) > kind.largest:
        raise Conflict(_("Dit bestand is te groot: hoogstens %(n)s MB.") % {"n": kind.largest // MEGABYTE})
    if not kind.is_one(content):
        raise Conflict(
            _("Dit is geen geldig %(kind)s-bestand, of er zitten macro’s in. Bewaar het opnieuw.")
            % {"kind": ending(name)}
        )
    day = organising.find(session, viewer, slug)
    sha256 = hashlib.sha256(content).hexdigest()
    rows = session.execute(
        select(col(DayFile.sha256), col(DayFile.size)).where(col(DayFile.day_id) == day.id)
    ).all()
    if any(row.sha256 == sha256 for row in rows):
        return
    if sum(row.size for row in rows) + len(content) > MOST_TOGETHER:
        raise Conflict(
            _(
                "Alle bestanden van een dag samen zijn hoogstens %(n)s MB. Zet grote bestanden elders, met een link."
            )
            % {"n": MOST_TOGETHER // MEGABYTE}
        )
    stem = slug_of(title)[:80] or "bestand"
    file = DayFile(
        day_id=day.id, sha256=sha256, name=f"{stem}.{ending(name)}", media_type=kind.media_type, size=len(content),
        content=content,
    )  # fmt: skip
    _add(session, viewer, day, Material(title=title, file=file.id))
    session.add(file)
    session.flush()


def remove(session: Session, viewer: Viewer, slug: str, key: str) -> None:
    """Again changes nothing."""
    day = organising.find(session, viewer, slug)
    every = details.materials_of(day.materials)
    for gone in (each for each in every if each.key == key):
        if gone.file is not None:
            session.execute(delete(DayFile).where(col(DayFile.id) == gone.file))
    _keep(session, viewer, day, [each for each in every if each.key != key])


def file_for(session: Session, viewer: Viewer | None, slug: str, file_id: UUID) -> Kept:
    """For who has a registration that lives, and for who organises the day. Raises Forbidden for every other."""
    if viewer is None:
        raise SignInNeeded
    row = session.execute(
        select(col(DayFile.day_id), col(DayFile.name), col(DayFile.media_type), col(DayFile.content))
        .join(ActionDay, col(ActionDay.id) == DayFile.day_id)
        .where(col(DayFile.id) == file_id, col(ActionDay.slug) == slug)
    ).first()
    if row is None:
        raise NotFound(_("Dit bestand bestaat niet, of niet meer."))
    own = service.own_of(session, viewer, row.day_id)
    if not ((own and own.registration.is_live) or organising.may(session, viewer, row.day_id)):
        raise Forbidden(_("Dit bestand is voor wie ingeschreven is voor de dag."))
    return Kept(row.name, row.media_type, row.content)


def _add(session: Session, viewer: Viewer, day: ActionDay, material: Material) -> None:
    every = details.materials_of(day.materials)
    if any(each.key == material.key for each in every):
        return
    if len(every) >= MOST:
        raise Conflict(_("Een dag heeft hoogstens %(n)s stukken materiaal.") % {"n": MOST})
    _keep(session, viewer, day, [*every, material])


def _keep(session: Session, viewer: Viewer, day: ActionDay, every: list[Material]) -> None:
    """Nobody is told: what one may read stands in no calendar."""
    day.materials = [each.model_dump(mode="json") for each in every]
    record(session, viewer.id, "events.change", kind="action_day", key=day.slug, fields=["materials"])
    session.flush()
