"""A municipality's page for whoever follows it: its members, how far they are, and the days they come to."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.auth.models import Account, Viewer
from backend.auth.scope import scope_of
from backend.courses import service as courses
from backend.errors import NotFound
from backend.events.models import LIVE, ActionDay, Registration
from backend.language import gettext as _
from backend.mentoring.judging import Judge
from backend.mentoring.participants import Participant, columns_of, people_in
from backend.mentoring.signals import Standing
from backend.network.models import Municipality
from backend.network.service import fold


@dataclass(frozen=True, slots=True)
class Place:
    municipality: Municipality
    people: list[Participant]
    lesson_count: int
    standings: Counter[Standing]
    days: list[tuple[ActionDay, int]]  # with how many of these people; the newest first


def successor(session: Session, nis_code: str) -> str | None:
    """The municipality into which this one merged, if it did."""
    return session.scalar(
        select(col(Municipality.merged_into_nis)).where(col(Municipality.nis_code) == nis_code)
    )


def place_of(session: Session, viewer: Viewer, nis_code: str, now: datetime) -> Place:
    """With the members of the municipalities that merged into it. Raises NotFound where the viewer follows nobody.

    Seven queries at most.
    """
    here = (col(Municipality.nis_code) == nis_code) | (col(Municipality.merged_into_nis) == nis_code)
    people = people_in(session, scope_of(viewer), now, here)
    municipality = session.get(Municipality, nis_code) if people else None
    if municipality is None:
        raise NotFound(_("Deze gemeente bestaat niet, of je begeleidt er niemand."))
    published = courses.published(session)
    columns = columns_of(published)
    ids: list[UUID] = list(people)
    chosen = select(col(Account.id)).where(col(Account.id).in_(ids))
    Judge(columns, viewer, now).judge(session, people, chosen)
    days = session.execute(
        select(ActionDay, func.count())
        .join(Registration, col(Registration.day_id) == ActionDay.id)
        .where(col(Registration.account_id).in_(ids), col(Registration.status).in_(LIVE))
        .group_by(col(ActionDay.id))
        .order_by(col(ActionDay.starts_at).desc())
    )
    return Place(
        municipality,
        sorted(people.values(), key=lambda person: fold(person.name)),
        len(columns),
        Counter(person.standing for person in people.values()),
        [(day, count) for day, count in days],
    )
