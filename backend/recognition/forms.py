"""What may be typed about a certificate."""

from typing import Annotated

from pydantic import Field

from backend.fields import FormModel, Line, Text


class FindForm(FormModel):
    code: Line


class RevokeForm(FormModel):
    reden: Annotated[Text, Field(min_length=10, max_length=500)]


class NameForm(FormModel):
    toon: bool = False
