"""How a day stands in numbers: one look at its registrations, counted in every way that its organisers ask for."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Membership
from backend.events.models import LIVE, Registration, RegistrationStatus, Workshop
from backend.language import ZONE
from backend.network.models import Municipality

MOST_BARS = 15  # the rest is one bar


@dataclass(frozen=True, slots=True)
class Figures:
    """Municipalities and functions are of registrations that live; `states` of all."""

    states: Counter[RegistrationStatus]
    attended: int
    municipalities: list[tuple[str, str, int]]  # NIS code, name, how many
    functions: list[tuple[str, int]]
    sessions: list[Any]  # id, title, starts_at, capacity, taken, waiting_count
    days: list[tuple[date, int]]  # how many had asked by the end of each day

    @property
    def most(self) -> int:
        return self.days[-1][1] if self.days else 0

    def curve(self, width: int = 600, height: int = 120) -> str:
        """The points of a line, left below to right above."""
        steps, most = max(len(self.days) - 1, 1), max(self.most, 1)
        return " ".join(
            f"{n * width / steps:.1f},{height - height * count / most:.1f}"
            for n, (_day, count) in enumerate(self.days)
        )


def figures(session: Session, day_id: UUID) -> Figures:
    """Two queries, however many registrations."""
    rows = session.execute(
        select(
            col(Registration.status), col(Registration.municipality_nis), col(Municipality.name), col(Membership.function),
            col(Registration.asked_at), col(Registration.attended_at),
        )
        .outerjoin(Municipality, col(Municipality.nis_code) == Registration.municipality_nis)
        .outerjoin(
            Membership, (col(Membership.account_id) == Registration.account_id) & col(Membership.ended_at).is_(None)
        )
        .where(col(Registration.day_id) == day_id)
    ).all()  # fmt: skip
    live = [row for row in rows if row.status in LIVE]
    towns = Counter((row.municipality_nis or "", row.name or "") for row in live)
    sessions = session.execute(
        select(
            col(Workshop.id), col(Workshop.title), col(Workshop.starts_at), col(Workshop.capacity), col(Workshop.taken),
            col(Workshop.waiting_count),
        )
        .where(col(Workshop.day_id) == day_id)
        .order_by(col(Workshop.starts_at), col(Workshop.position), col(Workshop.id))
    ).all()  # fmt: skip
    return Figures(
        states=Counter(row.status for row in rows),
        attended=sum(row.attended_at is not None for row in rows),
        municipalities=[
            (*town, count) for town, count in sorted(towns.items(), key=lambda t: (-t[1], t[0][1]))
        ],
        functions=sorted(Counter(row.function or "" for row in live).items(), key=lambda f: (-f[1], f[0])),
        sessions=list(sessions),
        days=_by_day(Counter(row.asked_at.astimezone(ZONE).date() for row in live)),
    )


def _by_day(asked: Counter[date]) -> list[tuple[date, int]]:
    if not asked:
        return []
    first, last = min(asked), max(asked)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return list(zip(days, accumulate(asked[day] for day in days), strict=True))
