"""Practice cards of invented municipalities, free office hours, and a word from the mentor to the demo participant."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import Session

from backend import search
from backend.auth.models import Viewer
from backend.events.office_hours import is_working_day
from backend.exchange.models import Adoption, CardStatus, PracticeCard, Size, Tension
from backend.language import ZONE
from backend.mentoring.models import LastNudge, Message, MessageKind, OfficeSlot
from backend.network.models import Organisation

CARDS = (  # place in the list of municipalities, tension, size, title, context, action, cost, effect, pitfalls
    (2, Tension.TRAFFIC, Size.MIDDLE, "Een vast bericht elke donderdag",
     "Een nieuw verkeersplan verdeelde de dorpskern. In elke winkel ging een ander verhaal rond.",
     "Elke donderdag om 16 uur één bericht: wat is beslist, wat nog niet, en wie je kunt bellen. Ook als er geen nieuws was.",
     "Drie uur per week voor de dienst communicatie. Geen extra budget.",
     "Na zes weken kwamen er half zoveel vragen binnen, en bijna allemaal over wat in het bericht stond.",
     "De eerste week stond er te veel in. Wij zouden nu meteen met drie zinnen beginnen."),
    (3, Tension.SHELTER, Size.SMALL, "Kleine tafels in plaats van één grote zaal",
     "Voor een opvangplaats in het oude rusthuis was een infoavond gepland. De toon op sociale media werd harder.",
     "Zes avonden met hoogstens tien mensen, telkens met een schepen en een buur als gastheer of gastvrouw.",
     "€ 2.400 voor begeleiding en koffie, en twaalf avonden werk.",
     "Vier op de tien deelnemers kwamen voor het eerst naar de gemeente. Er kwamen drie afspraken uit die nu gelden.",
     "Wie niet kon komen, voelde zich vergeten. Zet de verslagen dezelfde avond online."),
    (4, Tension.DISINFORMATION, Size.MIDDLE, "Een lijn voor geruchten",
     "Een gerucht over de speelpleinwerking ging in twee dagen de hele gemeente rond.",
     "Eén nummer voor medewerkers en verenigingen. Binnen vier uur zegt de gemeente wat ze weet en wat ze nog uitzoekt.",
     "Een beurtrol van vier mensen, ongeveer twee uur per week.",
     "Bij drie volgende geruchten stond er een antwoord voor de pers belde.",
     "Herhaal het gerucht niet in je antwoord. Dat deden wij de eerste keer wel."),
    (5, Tension.TRAFFIC, Size.SMALL, "Proefopstelling met een meetpunt vooraf",
     "Een knip in de schoolstraat lag gevoelig: ouders tegenover handelaars.",
     "Eerst een maand tellen, dan drie maanden proberen, met vooraf afgesproken wanneer we stoppen.",
     "€ 1.800 voor tellingen en borden.",
     "Beide groepen gebruikten dezelfde cijfers. De opstelling bleef, met één wijziging.",
     "Spreek ook af wie de cijfers uitlegt. Anders doet iedereen dat zelf."),
)  # fmt: skip
ADOPTED = ((0, (3, 4, 5, 6)), (1, (2, 6, 7)), (2, (7,)))  # card, by whom


def make_talks(
    session: Session, organisations: list[Organisation], accounts: dict[str, Viewer], now: datetime
) -> None:
    cards = [_card(session, organisations[card[0]], card, number, now) for number, card in enumerate(CARDS)]
    session.flush()
    session.add_all(
        Adoption(card_id=cards[number].id, organisation_id=organisations[place].id, at=now)
        for number, places in ADOPTED
        for place in places
    )
    mentor, learner = accounts["mentor"], accounts["deelnemer"]
    _open_hours(session, mentor, now)
    session.add(
        Message(
            account_id=learner.id, author_id=mentor.id, kind=MessageKind.NUDGE,
            text="Dag,\n\nMooi dat je begon. Zit je ergens vast in les 1.1, of past het even niet? Antwoord gerust hier.",
            sent_at=now - timedelta(days=9), submission=uuid4().hex,
        )
    )  # fmt: skip
    session.add(LastNudge(account_id=learner.id, at=now - timedelta(days=9)))


def _card(
    session: Session,
    organisation: Organisation,
    card: tuple[int, Tension, Size, str, str, str, str, str, str],
    number: int,
    now: datetime,
) -> PracticeCard:
    _place, tension, size, title, context, action, cost, effect, pitfalls = card
    made = PracticeCard(
        organisation_id=organisation.id, status=CardStatus.PUBLISHED, title=title, tension=tension, size=size,
        context=context, action=action, cost=cost, effect=effect, pitfalls=pitfalls,
        contact=f"dienst samenleven van {organisation.name} (verzonnen)", changed_at=now,
        published_at=now - timedelta(days=20 + number), is_fictional=True, submission=uuid4().hex,
    )  # fmt: skip
    session.add(made)
    entry = search.Entry(
        str(made.id), "practice", title, "\n".join((context, action, effect, pitfalls, organisation.name)),
        "exchange.card", {"card_id": str(made.id)},
    )  # fmt: skip
    search.replace(session, f"practice:{made.id}", [entry])
    return made


def _open_hours(session: Session, mentor: Viewer, now: datetime) -> None:
    """Four half hours on the first working day that is three days off."""
    day = now.astimezone(ZONE).replace(hour=13, minute=0, second=0, microsecond=0) + timedelta(days=3)
    while not is_working_day(day.date()):
        day += timedelta(days=1)
    for number in range(4):
        begins = day + timedelta(minutes=30 * number)
        session.add(
            OfficeSlot(
                mentor_id=mentor.id, starts_at=begins, ends_at=begins + timedelta(minutes=30), place="Videogesprek"
            )
        )  # fmt: skip
