"""What somebody fills in to register: sessions, answers and needs; and what can be wrong with it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backend.config import settings
from backend.errors import AppError, Conflict, Forbidden
from backend.events import details, policy, workshops
from backend.events.models import ActionDay, DayStatus
from backend.events.needs import Needs
from backend.events.people import Person
from backend.events.workshops import Picks, Rounds
from backend.language import gettext as _
from backend.language import long_date


@dataclass(frozen=True)
class Wish:
    """As it was sent. `answers`: question key → answer. `needs` None: leave them, and the personal answers, as they are."""

    picks: Picks = field(default_factory=Picks)
    answers: dict[str, str] = field(default_factory=dict)
    needs: Needs | None = field(default_factory=Needs)


@dataclass(frozen=True)
class Checked:
    """What of it counts, cleaned; the personal answers apart, as they are kept apart."""

    picks: Picks
    answers: dict[str, str]
    personal: dict[str, str]


class Mistaken(AppError):
    """Something in the form must be put right; `fields`: the name of the field → one sentence."""

    status = 422

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(_("Kijk je antwoorden na: er klopt iets niet."))
        self.fields = fields


def check(
    day: ActionDay, rounds: Rounds, wish: Wish, *, has_seat: bool, own: Collection[UUID] = ()
) -> Checked:
    """Nothing is changed yet when this raises Mistaken."""
    picks = workshops.settle(rounds, wish.picks, own, has_seat=has_seat)
    said = workshops.mistakes(rounds, picks, own, has_seat=has_seat)
    questions = details.questions_of(day.questions)
    if wish.needs is None:
        questions = [question for question in questions if not question.is_personal]
    given, wrong = details.check_answers(questions, wish.answers)
    said |= {answer_field(key): sentence for key, sentence in wrong.items()}
    if said:
        raise Mistaken(said)
    personal = {question.key for question in questions if question.is_personal}
    return Checked(
        picks,
        {key: answer for key, answer in given.items() if key not in personal},
        {key: answer for key, answer in given.items() if key in personal},
    )


def answer_field(key: str) -> str:
    return f"vraag_{key}"


def check_open(day: ActionDay, now: datetime) -> None:
    """Raises Conflict, with what is the matter, when nobody can register now."""
    if day.is_open(now):
        return
    if day.status == DayStatus.CANCELLED:
        raise Conflict(_("Deze actiedag gaat niet door."))
    if day.registration_opens_at and now < day.registration_opens_at:
        raise Conflict(_("Inschrijven kan vanaf %(date)s.") % {"date": long_date(day.registration_opens_at)})
    raise Conflict(_("Inschrijven voor deze dag kan niet meer."))


def check_audience(day: ActionDay, person: Person) -> None:
    """Raises Forbidden for who is not of the audience."""
    if not policy.may_register(day, person.email, person.function, person.organisation_id):
        raise Forbidden(
            _("Deze dag is voor een andere groep. Denk je dat je erbij hoort? Laat het weten: %(whom)s.")
            % {"whom": whom_to_ask()}
        )


def whom_to_ask() -> str:
    return settings.contact_email or _("wie, staat op de bladzijde Contact")
