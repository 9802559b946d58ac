"""What somebody fills in to register."""

from typing import Annotated

from pydantic import Field

from backend.fields import FormModel, Text


class RegisterForm(FormModel):
    needs: Annotated[Text, Field(max_length=500)] = ""
