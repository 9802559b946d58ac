"""What somebody answered, read from a form and held against the question. No database, no clock."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from backend.courses.block_types import Choice, Match, Multiple, Order, Question, Sort, TrueFalse
from backend.errors import AppError
from backend.fields import Text, messages
from backend.language import gettext as _

# {"options": [key, …], "reason": "…"} or {"places": {item key: place key, …}}; kept as JSON
Given = dict[str, Any]
Submitted = Mapping[str, Sequence[str]]  # a form's fields; each may have been sent more than once

OPTION_FIELD = "keuze"
REASON_FIELD = "reden"
PLACE_FIELD = "plaats."  # followed by the item's key
REASON_LENGTH = 2000
_reason: TypeAdapter[str] = TypeAdapter(Annotated[Text, Field(max_length=REASON_LENGTH)])


class Incomplete(AppError):
    """This cannot be graded (yet). `given` is what could be read of it, to show again."""

    status = 422

    def __init__(self, message: str, given: Given) -> None:
        super().__init__(message)
        self.given = given


def read_answer(question: Question, submitted: Submitted) -> Given:
    """What was chosen, every key checked against the question. Raises Incomplete."""
    if isinstance(question, Order | Match | Sort):
        return _read_places(question, submitted)
    return _read_options(question, submitted)


def _read_options(question: Choice | Multiple | TrueFalse, submitted: Submitted) -> Given:
    sent = set(submitted.get(OPTION_FIELD, ()))
    given: Given = {"options": [option.key for option in question.options if option.key in sent]}
    problem = ""
    if isinstance(question, TrueFalse) and question.reason:
        given["reason"], problem = _read_reason(submitted)
    if len(given["options"]) < len(sent):
        raise Incomplete(_changed(), given)
    if not sent:
        raise Incomplete(_("Kies eerst een antwoord."), given)
    if len(sent) > 1 and not isinstance(question, Multiple):
        raise Incomplete(_("Kies één antwoord."), {**given, "options": []})
    if problem:
        raise Incomplete(problem, given)
    return given


def _read_reason(submitted: Submitted) -> tuple[str, str]:
    """The text as it will be kept, and what is wrong with it."""
    typed = next(iter(submitted.get(REASON_FIELD, ())), "")
    try:
        return _reason.validate_python(typed), ""
    except ValidationError as error:
        return typed, next(iter(messages(error.errors()).values()))


def _read_places(question: Order | Match | Sort, submitted: Submitted) -> Given:
    fields = {PLACE_FIELD + item.key: item.key for item in question.items}
    allowed = set(places_of(question))
    places: dict[str, str] = {}
    unknown = any(name.startswith(PLACE_FIELD) and name not in fields for name in submitted)
    for name, key in fields.items():
        for value in set(submitted.get(name, ())) - {""}:
            if value in allowed and key not in places:
                places[key] = value
            else:
                unknown = True
    given: Given = {"places": places}
    if unknown:
        raise Incomplete(_changed(), given)
    if missing := len(fields) - len(places):
        if missing == len(fields):
            raise Incomplete(_("Geef eerst alles een plaats."), given)
        raise Incomplete(_("Geef alles een plaats. Er staat nog %(n)s open.") % {"n": missing}, given)
    if isinstance(question, Order) and len(set(places.values())) < len(places):
        raise Incomplete(_("Gebruik elke plaats één keer."), given)
    return given


def _changed() -> str:
    return _("Deze vraag veranderde intussen. Kies opnieuw.")


def places_of(question: Order | Match | Sort) -> tuple[str, ...]:
    """The keys of where an item may go."""
    if isinstance(question, Order):
        return tuple(str(place) for place in range(1, len(question.items) + 1))
    return tuple(place.key for place in question.places)


def marks(question: Question, given: Given) -> dict[str, bool]:
    """For each option that was chosen, or each item that was placed: is it right?"""
    if isinstance(question, Order | Match | Sort):
        placed: dict[str, str] = given["places"]
        return {item.key: placed[item.key] == item.place for item in question.items if item.key in placed}
    return {option.key: option.is_right for option in question.options if option.key in given["options"]}


def grade(question: Question, given: Given) -> float:
    """From 0 to 1; 1 only when everything is right.

    Several options: right minus wrong choices, as a share of the right options, so that ticking all earns nothing extra.
    Order, match and sort: the share of items in their own place, because that is what the feedback shows. One item
    too early in an order can cost several places; trying again is free, and the best answer counts.
    """
    verdicts = marks(question, given)
    right = sum(verdicts.values())
    if isinstance(question, Multiple):
        wrong = len(verdicts) - right
        return max(0.0, (right - wrong) / sum(option.is_right for option in question.options))
    if isinstance(question, Order | Match | Sort):
        return right / len(question.items)
    return float(right)


def right_answer(question: Question) -> Given:
    """What earns 1."""
    if isinstance(question, Order | Match | Sort):
        return {"places": {item.key: item.place for item in question.items}}
    return {"options": [option.key for option in question.options if option.is_right]}


def as_submitted(given: Given) -> dict[str, list[str]]:
    """The form fields that read_answer() would read this from."""
    if "places" in given:
        return {PLACE_FIELD + item: [place] for item, place in given["places"].items()}
    reason = [given["reason"]] if given.get("reason") else []
    return {OPTION_FIELD: list(given["options"]), **({REASON_FIELD: reason} if reason else {})}
