"""Five invented action days around today: past, full with a waiting list, open with sessions, online, and next month."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth.models import Membership
from backend.demo.places import NIS_CODES
from backend.events.models import (
    ActionDay,
    ActionDayRegion,
    ChoiceStatus,
    DayFormat,
    DayStatus,
    EventKind,
    ProgrammeItem,
    Registration,
    RegistrationEvent,
    RegistrationNeed,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)
from backend.language import ZONE
from backend.network.models import Edition, Organisation

NEEDS: tuple[tuple[list[str], list[str], str], ...] = (  # diets, access, what the organiser reads
    ([], ["wheelchair"], "Ik kom met een rolstoel."),
    ([], ["hearing_loop"], "Graag een plaats vooraan: ik hoor niet goed."),
    (["vegetarian"], [], ""),
)
QUESTIONS = (
    {"key": "plan", "text": "Heeft je gemeente al een actieplan?", "kind": "yes_no", "is_required": True},
    {
        "key": "fase",
        "text": "Hoe ver staat het?",
        "kind": "choice",
        "options": ["Een eerste ontwerp", "Goedgekeurd", "In uitvoering"],
        "is_required": True,
        "shown_when": {"question": "plan", "answer": "ja"},
    },
)

ON_SITE = (
    ("9.00", "Onthaal met koffie", ""),
    ("9.30", "Wat speelt er in de regio?", "In groepen van zes, met de kaart van de wijken erbij."),
    ("11.00", "Ronde 1", ""),
    ("12.30", "Broodjeslunch", ""),
    ("13.30", "Ronde 2", ""),
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
SESSIONS = {  # in a round that begins then: when it ends, and title, detail, speakers, room of each
    "11.00": (
        "12.30",
        (
            (
                "Vroeg signalen zien",
                "Wat telt, wie weet wat, en wat doe je ermee?",
                "Demo begeleider A",
                "Zaal A",
            ),
            ("In gesprek onder spanning", "Oefenen met een acteur.", "Demo begeleider B", "Zaal B"),
            (
                "Je communicatie onder de loep",
                "Breng een bericht van je bestuur mee.",
                "Demo begeleider C",
                "Zaal C",
            ),
        ),
    ),
    "13.30": (
        "15.30",
        (
            (
                "Aan tafel met je eigen situatie",
                "Collega’s denken mee, zonder namen te noemen.",
                "",
                "Zaal A",
            ),
            (
                "Van notities naar omgevingsanalyse",
                "Met een voorbeeld en een sjabloon.",
                "Demo begeleider D",
                "Zaal B",
            ),
        ),
    ),
}
ACCESS = "Alles op het gelijkvloers, aangepast toilet, ringleiding in de zaal. Een begeleider of een hulphond is welkom."
TRAVEL = "Bus tot halte Dorpsplein, dan drie minuten te voet. Overdekte fietsenstalling. Verzonnen adres."


@dataclass(frozen=True)
class Plan:
    """`asked`: how many members registered; who comes after the last place waits."""

    slug: str
    title: str
    summary: str
    regions: tuple[str, ...]
    in_days: int
    format: DayFormat
    town: str
    place: str
    capacity: int
    asked: int
    programme: tuple[tuple[str, str, str], ...] = ON_SITE  # clock, title, detail
    travel: str = TRAVEL
    access: str = ACCESS
    rounds: tuple[str, ...] = ()  # the moments of the programme that are rounds
    status: DayStatus = DayStatus.CONFIRMED
    series: str = ""
    host: str | None = None
    online_url: str = ""
    offer_hours: int = 0
    spread_limit: int | None = None
    questions: tuple[dict[str, object], ...] = ()


PLANS = (
    Plan(
        slug="demo-elzendonk-terugblik",
        title="Van wij-zij naar wij samen",
        summary="De eerste dag van het demonetwerk: luisteren naar elkaar en vijf rollen herkennen.",
        regions=("waasland",),
        in_days=-38,
        format=DayFormat.ON_SITE,
        town="Elzendonk",
        place="Zaal De Populier, Dorpsplein 1",
        capacity=40,
        asked=26,
        rounds=("11.00", "13.30"),
        series="actiedag-polarisatie",
    ),
    Plan(
        slug="demo-klaverzande-gesprek",
        title="In gesprek onder spanning",
        summary="Je oefent met een acteur: rustig blijven, luisteren, begrenzen.",
        regions=("rivierenland",),
        in_days=11,
        format=DayFormat.ON_SITE,
        town="Klaverzande",
        place="Oude Stelplaats, Kaai 12",
        capacity=16,
        asked=20,
        rounds=("11.00", "13.30"),
        offer_hours=16,
    ),
    Plan(
        slug="demo-wilgenrode-signalen",
        title="Vroeg signalen zien",
        summary="Welke signalen tellen? Wie weet wat? En wat doe je ermee in je gemeente?",
        regions=("waasland",),
        in_days=18,
        format=DayFormat.ON_SITE,
        town="Wilgenrode",
        place="Gemeenschapscentrum Het Veer, Veerstraat 8",
        capacity=60,
        asked=23,
        rounds=("11.00", "13.30"),
        series="actiedag-polarisatie",
    ),
    Plan(
        slug="demo-online-nagaan",
        title="Eerst nagaan, dan delen",
        summary="Een namiddag online over geruchten en verkeerde beelden, en over wat je als bestuur antwoordt.",
        regions=(),
        in_days=26,
        format=DayFormat.ONLINE,
        town="",
        place="Online: je krijgt een eigen link per mail",
        capacity=120,
        asked=34,
        programme=ONLINE,
        online_url="https://vergadering.demo.example/nagaan",
        travel="",
        access="Met ondertitels en een schrijftolk. De dia’s krijg je vooraf.",
    ),
    Plan(
        slug="demo-hazelbergen-actieplan",
        title="Van inzicht naar actieplan",
        summary="Breng je ontwerp mee, ook als het nog één blad is. Je gaat naar huis met een volgende stap.",
        regions=("limburg", "kempen"),
        in_days=47,
        format=DayFormat.HYBRID,
        town="Hazelbergen",
        place="Bibliotheek De Hazelaar, Markt 3",
        capacity=50,
        asked=9,
        rounds=("11.00", "13.30"),
        status=DayStatus.PUBLISHED,
        series="actiedag-polarisatie",
        online_url="https://vergadering.demo.example/hazelbergen",
        spread_limit=3,
        questions=QUESTIONS,
    ),
)


def make_days(session: Session, edition: Edition, people: list[UUID], now: datetime) -> None:
    """`people`, the longest member first, register in turn; counters and ledger tell what the registrations say."""
    lives_in = _municipalities(session, people)
    for number, plan in enumerate(PLANS):
        on = _working_day(now.astimezone(ZONE).date() + timedelta(days=plan.in_days))
        day = _day(plan, edition, on)
        session.add(day)
        session.flush()
        session.add_all(ActionDayRegion(day_id=day.id, region_key=key) for key in plan.regions)
        rounds = _programme(session, plan, day, on)
        opened = min(now, day.starts_at) - timedelta(days=3)
        registrations = []
        for place in range(plan.asked):
            who = people[(number * 11 + place) % len(people)]
            asked_at = opened + timedelta(hours=place)
            registrations.append(
                Registration(
                    day_id=day.id,
                    account_id=who,
                    status=RegistrationStatus.CONFIRMED
                    if place < day.capacity
                    else RegistrationStatus.WAITING,
                    municipality_nis=lives_in.get(who),
                    asked_at=asked_at,
                    changed_at=asked_at,
                )
            )
        session.add_all(registrations)
        session.flush()
        for place, registration in enumerate(registrations):
            _follow_up(session, registration, rounds, place)
    session.flush()


def _follow_up(
    session: Session, registration: Registration, rounds: list[list[Workshop]], place: int
) -> None:
    """The sessions of a registration, what it needs, and its event in the ledger."""
    is_seated = registration.status == RegistrationStatus.CONFIRMED
    choices = {}
    for number, workshops in enumerate(rounds):
        workshop = workshops[(place + number) % len(workshops)]
        status = ChoiceStatus.WISHED
        if is_seated:
            full = workshop.taken >= workshop.capacity
            status = ChoiceStatus.WAITING if full else ChoiceStatus.CHOSEN
            workshop.waiting_count += full
            workshop.taken += not full
        choices[str(workshop.id)] = status.value
        session.add(
            WorkshopChoice(
                registration_id=registration.id,
                workshop_id=workshop.id,
                round_id=workshop.round_id,
                status=status,
                asked_at=registration.asked_at,
            )
        )
    if place % 9 == 4:
        diets, access, note = NEEDS[place % len(NEEDS)]
        session.add(
            RegistrationNeed(
                registration_id=registration.id,
                day_id=registration.day_id,
                diets=diets,
                access=access,
                note=note,
            )
        )
    session.add(
        RegistrationEvent(
            registration_id=registration.id,
            day_id=registration.day_id,
            at=registration.asked_at,
            actor_id=registration.account_id,
            kind=EventKind.REGISTERED,
            status=registration.status,
            sequence=0,
            choices=choices,
        )
    )


def _programme(session: Session, plan: Plan, day: ActionDay, on: date) -> list[list[Workshop]]:
    """Gives the sessions by round."""
    items = [
        ProgrammeItem(
            day_id=day.id,
            starts_at=_at(on, clock),
            ends_at=_at(on, SESSIONS[clock][0]) if clock in plan.rounds else None,
            title=title,
            detail=detail,
            is_round=clock in plan.rounds,
        )
        for clock, title, detail in plan.programme
    ]
    session.add_all(items)
    session.flush()
    made = []
    for item, (clock, _title, _detail) in zip(items, plan.programme, strict=True):
        if clock in plan.rounds:
            ends, sessions = SESSIONS[clock]
            made.append(
                [
                    Workshop(
                        day_id=day.id, round_id=item.id or 0, position=n, starts_at=_at(on, clock), ends_at=_at(on, ends),
                        title=title, detail=detail, speakers=speakers, room=room, capacity=max(2, day.capacity // 3),
                    )
                    for n, (title, detail, speakers, room) in enumerate(sessions)
                ]
            )  # fmt: skip
            session.add_all(made[-1])
    session.flush()
    return made


def _municipalities(session: Session, people: list[UUID]) -> dict[UUID, str | None]:
    rows = session.execute(
        select(col(Membership.account_id), col(Organisation.municipality_nis))
        .join(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(col(Membership.account_id).in_(people), col(Membership.ended_at).is_(None))
    )
    return {row.account_id: row.municipality_nis for row in rows}


def _day(plan: Plan, edition: Edition, on: date) -> ActionDay:
    starts_at = _at(on, plan.programme[0][0])
    return ActionDay(
        slug=plan.slug,
        title=plan.title,
        summary=plan.summary,
        edition_id=edition.id,
        series=plan.series,
        host_nis=plan.host or NIS_CODES.get(plan.town),
        format=plan.format,
        status=plan.status,
        starts_at=starts_at,
        ends_at=_at(on, plan.programme[-1][0]),
        town=plan.town,
        place=plan.place,
        travel=plan.travel,
        access=plan.access,
        online_url=plan.online_url,
        capacity=plan.capacity,
        taken=min(plan.asked, plan.capacity),
        waiting_count=max(0, plan.asked - plan.capacity),
        registration_closes_at=starts_at - timedelta(days=2),
        cancel_until=starts_at - timedelta(days=1),
        offer_hours=plan.offer_hours,
        spread_limit=plan.spread_limit,
        spread_until=starts_at - timedelta(days=14) if plan.spread_limit else None,
        questions=list(plan.questions),
        is_fictional=True,
    )


def _working_day(on: date) -> date:
    """Saturday and Sunday become Monday."""
    return on + timedelta(days=max(0, 7 - on.weekday()) if on.weekday() >= 5 else 0)


def _at(on: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split("."))
    return datetime.combine(on, time(hour, minute), ZONE).astimezone(UTC)
