"""What somebody fills in to register, and to name a colleague. Rounds and questions differ by day: their fields are read here."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationError

from backend.auth.invited import Colleague
from backend.events.details import Question
from backend.events.needs import Access, Diet, Needs
from backend.events.wishes import Wish, answer_field
from backend.events.workshops import Picks, field_of
from backend.fields import Email, FormModel, Line, Text, is_blank, messages
from backend.language import gettext as _

UNKNOWN = UUID(int=0)  # a session that does not exist
COLLEAGUES = 5  # fields on the page; without JavaScript one sends it again for more


def _several(value: Any) -> Any:
    """A box that is ticked once is sent as one value."""
    return value if isinstance(value, list) else [value]


class RegisterForm(FormModel):
    diets: Annotated[list[Diet], BeforeValidator(_several), Field(max_length=len(Diet))] = []
    access: Annotated[list[Access], BeforeValidator(_several), Field(max_length=len(Access))] = []
    needs: Annotated[Text, Field(max_length=500)] = ""


class ColleagueForm(FormModel):
    name: Annotated[Line, Field(min_length=2, max_length=120)]
    email: Email


class ReasonForm(FormModel):
    reason: Annotated[Text, Field(min_length=3, max_length=500)]


class SeatForm(ReasonForm):
    """Another session for somebody."""

    sessie: UUID


class AddForm(ReasonForm):
    email: Email


class EmailForm(FormModel):
    email: Email


class ApproveForm(FormModel):
    wie: Annotated[list[UUID], BeforeValidator(_several), Field(min_length=1, max_length=200)]


class MailingForm(FormModel):
    subject: Annotated[Line, Field(min_length=3, max_length=150)]
    text: Annotated[Text, Field(min_length=10, max_length=8000)]


def wish_of(data: RegisterForm, typed: dict[str, Any], *, with_needs: bool = True) -> Wish:
    """Also the sessions (`ronde_1`, `wacht_1` …) and the answers (`vraag_…`) that were sent along."""
    picks = Picks(frozenset(_keys(typed, "ronde_")), frozenset(_keys(typed, "wacht_")))
    answers = {
        name.removeprefix("vraag_"): value[-1] if isinstance(value, list) else value
        for name, value in typed.items()
        if name.startswith("vraag_")
    }
    needs = Needs(frozenset(data.diets), frozenset(data.access), data.needs)
    return Wish(picks, answers, needs if with_needs else None)


def labels(rounds: Sequence[str], questions: Sequence[Question]) -> dict[str, str]:
    """What each field of a registration is called: for the list of mistakes above the form."""
    return {
        **{field_of(number): title for number, title in enumerate(rounds, 1)},
        **{answer_field(question.key): question.text for question in questions},
        "diets": _("Wat eet je?"),
        "access": _("Wat heb je nodig om erbij te zijn?"),
        "needs": _("Nog iets?"),
    }


def _keys(typed: dict[str, Any], prefix: str) -> Iterator[UUID]:
    for name, value in typed.items():
        if name.startswith(prefix):
            for each in _several(value):
                if not is_blank(each):
                    yield _key(each)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UNKNOWN


def colleagues_of(typed: dict[str, Any]) -> tuple[list[Colleague], dict[str, str]]:
    """The rows that were filled in (`name_1`, `email_1` …), and what is wrong with them, by field."""
    found: list[Colleague] = []
    wrong: dict[str, str] = {}
    for number in range(1, COLLEAGUES + 1):
        row = {key: typed.get(f"{key}_{number}", "") for key in ("name", "email")}
        filled = {key: value for key, value in row.items() if isinstance(value, str) and not is_blank(value)}
        if not filled:
            continue
        try:
            person = ColleagueForm.model_validate(filled)
        except ValidationError as error:
            said = messages(error.errors(include_url=False, include_input=False))
            wrong |= {f"{key}_{number}": sentence for key, sentence in said.items()}
        else:
            found.append(Colleague(person.name, person.email))
    return found, wrong
