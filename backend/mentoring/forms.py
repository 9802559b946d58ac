"""What somebody who refuses an applicant, or gives a participant more, must say."""

from typing import Annotated

from pydantic import Field

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
