"""What somebody who refuses an applicant must say."""

from typing import Annotated

from pydantic import Field

from backend.fields import FormModel, Text


class RefuseForm(FormModel):
    reason: Annotated[Text, Field(min_length=10, max_length=1000)]  # the applicant reads it
