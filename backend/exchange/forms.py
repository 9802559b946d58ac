"""What a practice card must say, and a mentor who sends one back."""

from typing import Annotated

from pydantic import Field

from backend.exchange.models import Size, Tension
from backend.fields import FormId, FormModel, Line, Text

Long = Annotated[Text, Field(min_length=20, max_length=1500)]


class CardForm(FormModel):
    titel: Annotated[Line, Field(min_length=5, max_length=120)]
    spanning: Tension
    grootte: Size
    context: Long
    actie: Long
    kost: Annotated[Text, Field(min_length=2, max_length=600)]
    effect: Long
    valkuilen: Long
    contact: Annotated[Line, Field(min_length=5, max_length=300)]
    toch: bool = False  # shared with what looks personal in it
    form_id: FormId


class ReviewForm(FormModel):
    """`versie`: what the mentor read."""

    besluit: Annotated[str, Field(pattern="^(ja|terug)$")]
    versie: int
    opmerking: Annotated[Text, Field(max_length=1000)] = ""
