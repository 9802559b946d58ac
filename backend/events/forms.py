"""What somebody fills in to register, and to choose from the list of days."""

from typing import Annotated

from pydantic import Field

from backend.fields import FormModel, Text


class RegisterForm(FormModel):
    needs: Annotated[Text, Field(max_length=500)] = ""
