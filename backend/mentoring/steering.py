"""The report for the steering group: reach, progress, days and demand, as counts without persons.

Small cells are hidden (suppression.py). Periods are whole calendar years, which do not overlap, and figures stand still during a
week: so that two reports cannot be subtracted from each other to find one person.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import distinct, func, or_, select
from sqlmodel import Session, col

from backend.auth.models import Account, AccountStatus, Membership, RoleGrant
from backend.errors import NotFound
from backend.events.models import ActionDay, Registration
from backend.language import ZONE
from backend.language import gettext as _
from backend.learning.models import Enrolment, LessonProgress
from backend.mentoring.participants import STAFF
from backend.mentoring.reach import AnySelect
from backend.mentoring.steering_detail import Counts, DetailRow, Place, by_function, by_municipality
from backend.mentoring.suppression import LEAST, hide, hides_total
from backend.network.models import Municipality, Organisation, Region

FIRST_YEAR = 2022


@dataclass(frozen=True, slots=True)
class Figure:
    """A column: its name, and exactly what it counts."""

    key: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Row:
    """A region. None: hidden."""

    region: str
    municipalities: int
    cells: list[int | None]


@dataclass(frozen=True, slots=True)
class Steering:
    year: int
    years: list[int]
    until: date  # the figures are of the end of the day before
    figures: list[Figure]
    rows: list[Row]
    municipalities: int
    totals: list[int | None]
    by_municipality: list[DetailRow]
    by_function: list[DetailRow]


def figures() -> list[Figure]:
    return [
        Figure("members", _("Deelnemers"), _("Leden van een gemeente, zonder begeleiders, tot het einde van de periode.")),
        Figure("active", _("Bezig"), _("Deelnemers die in de periode aan een les begonnen.")),
        Figure("lesson", _("Les klaar"), _("Deelnemers die in de periode minstens één les afwerkten.")),
        Figure("module", _("Module klaar"), _("Deelnemers die in de periode een hele module afwerkten.")),
        Figure("asked", _("Vroeg een plaats"), _("Deelnemers die in de periode een plaats op een actiedag vroegen.")),
        Figure("day", _("Actiedag"), _("Deelnemers die in de periode op minstens één actiedag aanwezig waren.")),
    ]  # fmt: skip


def reach_definition() -> str:
    return _("Gemeenten van vandaag in deze regio. Een gemeente die fuseerde, telt mee in de nieuwe.")


def detail_definition() -> str:
    return _(
        "Per gemeente en per functie is elk getal afgerond op vijf. Daarom is de som niet altijd gelijk aan het totaal."
    )


def hidden_definition() -> str:
    return _(
        "Een punt (·) staat voor minder dan vijf deelnemers, of voor een getal waaruit je dat zou kunnen berekenen."
    )


def week_start(now: datetime) -> datetime:
    """Midnight of this Monday in Brussels."""
    today = now.astimezone(ZONE).date()
    return datetime.combine(today - timedelta(days=today.weekday()), time(), ZONE)


def report(session: Session, year: int | None, now: datetime) -> Steering:
    """One calendar year, this year when none is named. Seven queries, however many there are. Raises NotFound."""
    until = week_start(now)
    this_year = (until - timedelta(days=1)).year
    chosen = this_year if year is None else year
    if not FIRST_YEAR <= chosen <= this_year:
        raise NotFound(_("Voor dit jaar is er geen verslag."))
    begin = datetime(chosen, 1, 1, tzinfo=ZONE)
    end = min(datetime(chosen + 1, 1, 1, tzinfo=ZONE), until)
    places = _places(session)
    region_of = {place.nis_code: place.region for place in places}
    columns = [_counted(session, statement, region_of) for statement in _statements(begin, end, now)]
    regions = sorted(Counter(region_of.values()).items())
    exact = [_by_region(counts, region_of) for counts in columns]
    cells = [[counts[name] for name, _count in regions] for counts in exact]
    shown, totals = _shown(cells)
    rows = [Row(name, count, [column[at] for column in shown]) for at, (name, count) in enumerate(regions)]
    return Steering(
        year=chosen,
        years=list(range(this_year, FIRST_YEAR - 1, -1)),
        until=end.date(),
        figures=figures(),
        rows=rows,
        municipalities=len(places),
        totals=totals,
        by_municipality=by_municipality(places, columns, {row.region: row.cells for row in rows}),
        by_function=by_function(columns, totals),
    )


def _shown(columns: Sequence[Sequence[int]]) -> tuple[list[list[int | None]], list[int | None]]:
    """What may be shown of each column, and its total."""
    shown: list[list[int | None]] = []
    totals: list[int | None] = []
    for place, cells in enumerate(columns):
        hidden = hide(cells, columns[0] if place else None)
        shown.append([None if at in hidden else value for at, value in enumerate(cells)])
        totals.append(None if hides_total(cells, hidden) else sum(cells))
    return shown, _safe_totals(totals, [sum(cells) for cells in columns])


def _safe_totals(totals: Sequence[int | None], exact: Sequence[int]) -> list[int | None]:
    """A total whose difference with all participants is small tells of those few."""
    return [
        None if place and total is not None and 0 < exact[0] - total < LEAST else total
        for place, total in enumerate(totals)
    ]


def _places(session: Session) -> list[Place]:
    """The municipalities of today."""
    rows = session.execute(
        select(col(Municipality.nis_code), col(Municipality.name), col(Region.name))
        .join(Region, col(Region.key) == Municipality.region_key)
        .where(col(Municipality.in_2025).is_(True))
    )
    return [Place(*row) for row in rows]


def _counted(session: Session, statement: AnySelect, region_of: dict[str, str]) -> Counts:
    return {(row[0], row[1]): row[2] for row in session.execute(statement) if row[0] in region_of}


def _by_region(counts: Counts, region_of: dict[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (nis_code, _function), count in counts.items():
        found[region_of[nis_code]] += count
    return found


def _people(end: datetime, now: datetime) -> AnySelect:
    """Participants by municipality of today and function, to join with what they did. Everyone is at one place."""
    staff = select(col(RoleGrant.account_id)).where(
        col(RoleGrant.role).in_(STAFF), or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now)
    )
    today = func.coalesce(col(Municipality.merged_into_nis), col(Municipality.nis_code))
    return (
        select(today, col(Membership.function), func.count(distinct(col(Account.id))))
        .select_from(Account)
        .join(Membership, (col(Membership.account_id) == Account.id) & col(Membership.ended_at).is_(None))
        .join(Organisation, col(Organisation.id) == Membership.organisation_id)
        .join(Municipality, col(Municipality.nis_code) == Organisation.municipality_nis)
        .where(
            col(Account.status) == AccountStatus.MEMBER,
            func.coalesce(col(Account.admitted_at), col(Account.created_at)) < end,
            col(Account.id).not_in(staff),
        )
        .group_by(today, col(Membership.function))
    )


def _statements(begin: datetime, end: datetime, now: datetime) -> list[AnySelect]:
    """One for each of figures(), in that order."""

    def within(moment: Any) -> Any:
        return (moment >= begin) & (moment < end)

    people = _people(end, now)
    enrolled = people.join(Enrolment, col(Enrolment.account_id) == Account.id)
    lessons = enrolled.join(LessonProgress, col(LessonProgress.enrolment_id) == Enrolment.id)
    days = people.join(Registration, col(Registration.account_id) == Account.id).join(
        ActionDay, col(ActionDay.id) == Registration.day_id
    )
    return [
        people,
        lessons.where(within(col(LessonProgress.started_at))),
        lessons.where(within(col(LessonProgress.done_at))),
        enrolled.where(within(col(Enrolment.completed_at))),
        people.join(Registration, col(Registration.account_id) == Account.id).where(
            within(col(Registration.asked_at))
        ),
        days.where(col(Registration.attended_at).is_not(None), within(col(ActionDay.starts_at))),
    ]
