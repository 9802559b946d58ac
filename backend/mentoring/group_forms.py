"""What a mentor must say to make a group, hand over, or let somebody stand in."""

from datetime import date
from typing import Annotated

from pydantic import Field

from backend.fields import FormId, FormModel, Line, Text

Reason = Annotated[Text, Field(min_length=5, max_length=500)]


class GroupForm(FormModel):
    naam: Annotated[Line, Field(min_length=2, max_length=120)]
    form_id: FormId


class HandForm(FormModel):
    naar: Annotated[Line, Field(max_length=36)]  # the id of a mentor
    reden: Reason  # the other mentor reads it
    form_id: FormId


class SubstituteForm(HandForm):
    tot: date  # the last day
