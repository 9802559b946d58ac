"""What people eat and need on a day: kept apart, told as totals, and wiped some days after."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from backend.events.models import ActionDay, Registration, RegistrationNeed
from backend.language import gettext as _
from backend.spreadsheets import Cell


class Diet(StrEnum):
    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    HALAL = "halal"
    GLUTEN_FREE = "gluten_free"
    LACTOSE_FREE = "lactose_free"
    NUT_FREE = "nut_free"


class Access(StrEnum):
    WHEELCHAIR = "wheelchair"
    HEARING_LOOP = "hearing_loop"
    SIGN_LANGUAGE = "sign_language"
    WRITTEN_TEXT = "written_text"
    PARKING = "parking"
    QUIET_ROOM = "quiet_room"
    COMPANION = "companion"


@dataclass(frozen=True, slots=True)
class Needs:
    """Of one person. `note` is for the organiser; hosts and caterers get totals only."""

    diets: frozenset[Diet] = frozenset()
    access: frozenset[Access] = frozenset()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.diets or self.access or self.note)


@dataclass(frozen=True, slots=True)
class Totals:
    """For host and caterer: how many, never who."""

    people: int  # with any need
    diets: dict[Diet, int] = field(default_factory=dict)
    access: dict[Access, int] = field(default_factory=dict)


def keep(session: Session, registration: Registration, needs: Needs, answers: dict[str, str]) -> None:
    """Forget first what was kept before. Nothing to keep is no row."""
    if needs or answers:
        session.add(
            RegistrationNeed(
                registration_id=registration.id,
                day_id=registration.day_id,
                diets=[diet for diet in Diet if diet in needs.diets],
                access=[need for need in Access if need in needs.access],
                note=needs.note,
                answers=answers,
            )
        )


def forget(session: Session, registration_id: UUID) -> None:
    """For instance of who cancels: there is no reason to know it any longer."""
    session.execute(
        delete(RegistrationNeed).where(col(RegistrationNeed.registration_id) == registration_id),
        execution_options={"synchronize_session": False},
    )


def carry_over(session: Session, registration_id: UUID, to: UUID, day_id: UUID) -> None:
    """To another day of the same person. What only the first day asked is left behind."""
    session.execute(
        update(RegistrationNeed)
        .where(col(RegistrationNeed.registration_id) == registration_id)
        .values(registration_id=to, day_id=day_id, answers={}),
        execution_options={"synchronize_session": False},
    )


def totals(session: Session, day_id: UUID) -> Totals:
    rows = session.execute(
        select(col(RegistrationNeed.diets), col(RegistrationNeed.access)).where(
            col(RegistrationNeed.day_id) == day_id
        )
    ).all()
    diets = Counter(diet for row in rows for diet in row.diets)
    access = Counter(need for row in rows for need in row.access)
    return Totals(
        people=len(rows),
        diets={diet: diets[diet] for diet in Diet if diets[diet]},
        access={need: access[need] for need in Access if access[need]},
    )


def table(totals: Totals, taken: int) -> list[list[Cell]]:
    """What one hands to host and caterer: how many come, and how many of them need what."""
    diets, access = diet_words(), access_words()
    rows: list[list[Cell]] = [[_("Waarvoor"), _("Wat"), _("Aantal")], [_("Plaatsen"), _("gegeven"), taken]]
    for diet, count in totals.diets.items():
        rows.append([_("Eten"), diets[diet], count])
    for need, count in totals.access.items():
        rows.append([_("Om erbij te zijn"), access[need], count])
    return rows


def kept_count(session: Session, day_id: UUID) -> int:
    """How many personal answers there still are: "nog 0 persoonlijke antwoorden" is the proof that they were wiped."""
    return session.scalar(select(func.count()).where(col(RegistrationNeed.day_id) == day_id)) or 0


def wiped_at(ends_at: datetime, kept_days: int) -> datetime:
    return ends_at + timedelta(days=kept_days)


def wipe_old(session: Session, now: datetime) -> int:
    """Wipe those of days that are over for longer than they keep them. Gives how many."""
    days = session.execute(
        select(col(ActionDay.id), col(ActionDay.ends_at), col(ActionDay.needs_kept_days)).where(
            col(ActionDay.ends_at) < now,
            col(ActionDay.id).in_(select(col(RegistrationNeed.day_id)).distinct()),
        )
    )
    old = [day.id for day in days if now >= wiped_at(day.ends_at, day.needs_kept_days)]
    done = session.execute(delete(RegistrationNeed).where(col(RegistrationNeed.day_id).in_(old)))
    return int(done.rowcount)  # type: ignore[attr-defined]


def diet_words() -> dict[Diet, str]:
    return {
        Diet.VEGETARIAN: _("vegetarisch"),
        Diet.VEGAN: _("veganistisch"),
        Diet.HALAL: _("halal"),
        Diet.GLUTEN_FREE: _("zonder gluten"),
        Diet.LACTOSE_FREE: _("zonder lactose"),
        Diet.NUT_FREE: _("zonder noten"),
    }


def access_words() -> dict[Access, str]:
    return {
        Access.WHEELCHAIR: _("toegang met een rolstoel"),
        Access.HEARING_LOOP: _("een ringleiding"),
        Access.SIGN_LANGUAGE: _("een tolk Vlaamse Gebarentaal"),
        Access.WRITTEN_TEXT: _("een schrijftolk of ondertitels"),
        Access.PARKING: _("een parkeerplaats dicht bij de deur"),
        Access.QUIET_ROOM: _("een rustige ruimte"),
        Access.COMPANION: _("plaats voor een begeleider"),
    }
