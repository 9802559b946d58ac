"""What an answer is made of: the fields of a form, what is kept of them, and why something cannot be graded."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from backend.errors import AppError
from backend.fields import Text, messages
from backend.language import gettext as _
from backend.privacy import Finding, findings

# Kept as JSON, one of:
#   {"options": [key, …], "reason": "…"}         choice, multiple, truefalse, budget, poll
#   {"places": {item key: place key, …}}         order, match, sort; triage has a list of keys for each item
#   {"ratings": {statement key: "1", …}}         self-rating
#   {"text": "66 %", "number": 66.0}             number; without "number" while that cannot be read
#   {"text": "…"}                                short, and notes
#   {"texts": {"1": "…", …}, "checked": ["1", …]}  compare; the fields, and the checks that were ticked
Given = dict[str, Any]
Submitted = Mapping[str, Sequence[str]]  # a form's fields; each may have been sent more than once

OPTION_FIELD = "keuze"
REASON_FIELD = "reden"
PLACE_FIELD = "plaats."  # followed by the item's key
RATING_FIELD = "stelling."  # followed by the statement's key
ANSWER_FIELD = "antwoord"
TEXT_FIELD = "tekst."  # followed by 1, 2 …
CHECK_FIELD = "klaar."  # followed by 1, 2 …
LONGEST = 5000  # characters of a text, where the question does not say otherwise


class Incomplete(AppError):
    """This cannot be graded (yet). `given` is what could be read of it, to show again.

    `is_partial`: nothing in it is wrong, there is just not enough of it; a check may keep it meanwhile.
    """

    status = 422

    def __init__(self, message: str, given: Given, *, is_partial: bool = False) -> None:
        super().__init__(message)
        self.given, self.is_partial = given, is_partial


class MayTell(Incomplete):
    """A text that may tell who somebody is: kept only after a second look. `found`: what it is about."""

    def __init__(self, given: Given, found: Sequence[Finding]) -> None:
        super().__init__(_("Nog niet bewaard. Staat hier iets over een persoon in?"), given)
        self.found = tuple(found)


def look_twice(text: str, before: str, given: Given) -> None:
    """Raises MayTell for what was not in the text before: that was decided already."""
    if found := [finding for finding in findings(text) if finding.words not in before]:
        raise MayTell(given, found)


def changed(given: Given) -> Incomplete:
    """Something was sent that the question does not have."""
    return Incomplete(_("Deze vraag veranderde intussen. Kies opnieuw."), given)


def one_of(submitted: Submitted, field: str) -> str:
    return next(iter(submitted.get(field, ())), "")


def clean(typed: str, longest: int = LONGEST) -> tuple[str, str]:
    """A text as it will be kept, and what is wrong with it; then it is as typed."""
    try:
        return str(_texts(longest).validate_python(typed)), ""
    except ValidationError as error:
        return typed, next(iter(messages(error.errors()).values()))


def _texts(longest: int) -> TypeAdapter[str]:
    if longest not in _adapters:
        _adapters[longest] = TypeAdapter(Annotated[Text, Field(max_length=longest)])
    return _adapters[longest]


_adapters: dict[int, TypeAdapter[str]] = {}
