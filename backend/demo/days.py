"""Five invented action days around today: past, full with a waiting list, open, next month, and online."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlmodel import Session

from backend.events.models import (
    ActionDay,
    DayFormat,
    DayStatus,
    ProgrammeItem,
    Registration,
    RegistrationStatus,
)
from backend.language import ZONE
from backend.network.models import Edition

NEEDS = ("Ik kom met een rolstoel.", "Graag een plaats vooraan: ik hoor niet goed.", "Ik eet geen vlees.")


ON_SITE = (
    ("9.00", "Onthaal met koffie", ""),
    ("9.30", "Wat speelt er in de regio?", "In groepen van zes, met de kaart van de wijken erbij."),
    (
        "11.00",
        "Sessies naar keuze",
        "Vroeg signalen zien, een gesprek onder spanning, of je communicatie onder de loep.",
    ),
    ("12.30", "Broodjeslunch", ""),
    (
        "13.30",
        "Aan tafel met je eigen situatie",
        "Je legt een situatie voor. Collega’s denken mee, zonder namen te noemen.",
    ),
    ("15.45", "Wat neem je mee?", "Eén ding dat je volgende week doet."),
    ("16.00", "Einde", ""),
)
ONLINE = (
    ("13.30", "Inloggen en kennismaken", "In groepjes van vier."),
    ("14.00", "Eerst nagaan, dan delen", "We bekijken samen drie verzonnen berichten uit Elzendonk."),
    ("15.00", "Pauze", ""),
    ("15.15", "Wat antwoord je?", "Oefenen met korte antwoorden op een geladen vraag."),
    ("16.15", "Einde", ""),
)
ACCESS = "Alles op het gelijkvloers, aangepast toilet, ringleiding in de zaal. Een begeleider of een hulphond is welkom."
TRAVEL = "Bus tot halte Dorpsplein, dan drie minuten te voet. Overdekte fietsenstalling. Verzonnen adres."


@dataclass(frozen=True)
class Plan:
    """`asked`: how many members registered; who comes after the last place waits."""

    slug: str
    title: str
    summary: str
    region: str | None
    in_days: int
    format: DayFormat
    town: str
    place: str
    capacity: int
    asked: int
    programme: tuple[tuple[str, str, str], ...] = ON_SITE  # clock, title, detail
    travel: str = TRAVEL
    access: str = ACCESS


PLANS = (
    Plan(
        slug="demo-elzendonk-terugblik",
        title="Van wij-zij naar wij samen",
        summary="De eerste dag van het demonetwerk: luisteren naar elkaar en vijf rollen herkennen.",
        region="waasland",
        in_days=-38,
        format=DayFormat.ON_SITE,
        town="Elzendonk",
        place="Zaal De Populier, Dorpsplein 1",
        capacity=40,
        asked=26,
    ),
    Plan(
        slug="demo-klaverzande-gesprek",
        title="In gesprek onder spanning",
        summary="Je oefent met een acteur: rustig blijven, luisteren, begrenzen.",
        region="rivierenland",
        in_days=11,
        format=DayFormat.ON_SITE,
        town="Klaverzande",
        place="Oude Stelplaats, Kaai 12",
        capacity=16,
        asked=20,
    ),
    Plan(
        slug="demo-wilgenrode-signalen",
        title="Vroeg signalen zien",
        summary="Welke signalen tellen? Wie weet wat? En wat doe je ermee in je gemeente?",
        region="waasland",
        in_days=18,
        format=DayFormat.ON_SITE,
        town="Wilgenrode",
        place="Gemeenschapscentrum Het Veer, Veerstraat 8",
        capacity=60,
        asked=23,
    ),
    Plan(
        slug="demo-online-nagaan",
        title="Eerst nagaan, dan delen",
        summary="Een namiddag online over geruchten en verkeerde beelden, en over wat je als bestuur antwoordt.",
        region=None,
        in_days=26,
        format=DayFormat.ONLINE,
        town="",
        place="Online: je krijgt de link per mail",
        capacity=120,
        asked=34,
        programme=ONLINE,
        travel="",
        access="Met ondertitels en een schrijftolk. De dia’s krijg je vooraf.",
    ),
    Plan(
        slug="demo-hazelbergen-actieplan",
        title="Van inzicht naar actieplan",
        summary="Breng je ontwerp mee, ook als het nog één blad is. Je gaat naar huis met een volgende stap.",
        region="limburg",
        in_days=47,
        format=DayFormat.HYBRID,
        town="Hazelbergen",
        place="Bibliotheek De Hazelaar, Markt 3",
        capacity=50,
        asked=9,
    ),
)


def make_days(session: Session, edition: Edition, people: list[UUID], now: datetime) -> None:
    """`people`, the longest member first, register in turn; the counters of a day count what its registrations say."""
    for number, plan in enumerate(PLANS):
        on = _working_day(now.astimezone(ZONE).date() + timedelta(days=plan.in_days))
        day = _day(plan, edition, on)
        session.add(day)
        session.flush()
        session.add_all(
            ProgrammeItem(day_id=day.id, starts_at=_at(on, clock), title=title, detail=detail)
            for clock, title, detail in plan.programme
        )
        opened = min(now, day.starts_at) - timedelta(days=3)
        for place in range(plan.asked):
            asked_at = opened + timedelta(hours=place)
            session.add(
                Registration(
                    day_id=day.id,
                    account_id=people[(number * 11 + place) % len(people)],
                    status=RegistrationStatus.CONFIRMED
                    if place < day.capacity
                    else RegistrationStatus.WAITING,
                    needs=NEEDS[place % len(NEEDS)] if place % 9 == 4 else "",
                    asked_at=asked_at,
                    changed_at=asked_at,
                )
            )
    session.flush()


def _day(plan: Plan, edition: Edition, on: date) -> ActionDay:
    starts_at = _at(on, plan.programme[0][0])
    return ActionDay(
        slug=plan.slug,
        title=plan.title,
        summary=plan.summary,
        edition_id=edition.id,
        region_key=plan.region,
        format=plan.format,
        status=DayStatus.PUBLISHED,
        starts_at=starts_at,
        ends_at=_at(on, plan.programme[-1][0]),
        town=plan.town,
        place=plan.place,
        travel=plan.travel,
        access=plan.access,
        capacity=plan.capacity,
        taken=min(plan.asked, plan.capacity),
        waiting_count=max(0, plan.asked - plan.capacity),
        registration_closes_at=starts_at - timedelta(days=2),
        cancel_until=starts_at - timedelta(days=1),
        is_fictional=True,
    )


def _working_day(on: date) -> date:
    """Saturday and Sunday become Monday."""
    return on + timedelta(days=max(0, 7 - on.weekday()) if on.weekday() >= 5 else 0)


def _at(on: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split("."))
    return datetime.combine(on, time(hour, minute), ZONE).astimezone(UTC)
