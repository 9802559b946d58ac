"""What must be said to refuse an applicant, to give a participant more, and to write to one."""

from datetime import date, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field

from backend.courses.own_blocks import MOST_CRITERIA
from backend.fields import FormId, FormModel, Line, Text
from backend.learning.allowances import MOST_ATTEMPTS, MOST_PERCENT


class RefuseForm(FormModel):
    reason: Annotated[Text, Field(min_length=10, max_length=1000)]  # the applicant reads it


class AllowForm(FormModel):
    """More attempts or time in a test."""

    toets: Annotated[Line, Field(max_length=170)]  # allowing.Testing.key
    pogingen: Annotated[int, Field(ge=0, le=MOST_ATTEMPTS)] = 0
    procent: Annotated[int, Field(ge=0, le=MOST_PERCENT)] = 0
    reden: Annotated[Text, Field(min_length=5, max_length=1000)]  # the participant reads it
    form_id: FormId


def _several(value: Any) -> Any:
    """A field that was sent once is no list."""
    return value if isinstance(value, list) else [value]


class NudgeForm(FormModel):
    """A word for one or many."""

    wie: Annotated[list[UUID], BeforeValidator(_several), Field(min_length=1, max_length=200)]
    tekst: Annotated[Text, Field(min_length=10, max_length=2000)]
    stap: Annotated[Line, Field(max_length=10)] = ""  # "stuur", or else a look at it first
    form_id: FormId


class WordForm(FormModel):
    """A message in a conversation."""

    tekst: Annotated[Text, Field(min_length=1, max_length=5000)]
    form_id: FormId


class FeedbackForm(WordForm):
    """With what was chosen for each criterion, in order."""

    oordeel: Annotated[list[Line], BeforeValidator(_several), Field(max_length=MOST_CRITERIA)] = Field(
        default_factory=list
    )


class SlotsForm(FormModel):
    """A row of slots on one day."""

    dag: date
    van: time
    tot: time
    minuten: Annotated[int, Field(ge=10, le=120)] = 30
    plaats: Annotated[Line, Field(min_length=2, max_length=200)]


class BookForm(FormModel):
    onderwerp: Annotated[Text, Field(max_length=500)] = ""
