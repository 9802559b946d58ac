"""What the forms of the desk must contain."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from backend.authoring.models import Way
from backend.fields import FormModel, Text


class RevisionForm(FormModel):
    """Which draft somebody had before them."""

    revision: UUID


class PublishForm(RevisionForm):
    before: Annotated[int, Field(ge=0)]  # the published version that was shown; 0 for none
    way: Way


class AnswerForm(FormModel):
    antwoord: Annotated[Text, Field(min_length=5, max_length=2000)]
