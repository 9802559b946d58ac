"""What the forms of accounts must contain."""

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from backend.auth.passwords import MIN_LENGTH
from backend.fields import Email, FormId, FormModel, Line, Password, Text
from backend.language import gettext as _

NOT_A_NAME = re.compile(r"[/@<>\\{}|=]|www\.|://", re.IGNORECASE)


def _name(value: str) -> str:
    """Names stand in mails to others: no addresses in them."""
    if NOT_A_NAME.search(value) or not any(c.isalpha() for c in value):
        raise PydanticCustomError("said", _("Schrijf hier alleen een naam."))
    return value


Name = Annotated[Line, StringConstraints(min_length=2, max_length=120), AfterValidator(_name)]
NewPassword = Annotated[Password, Field(min_length=MIN_LENGTH)]


class WorkForm(FormModel):
    """Who somebody is and where they work: a municipality found by typing, or the name of another organisation."""

    name: Name
    kind: Literal["municipality", "other"] = "municipality"
    municipality_search: Annotated[Line, Field(max_length=100)] = ""
    municipality: Annotated[Line, Field(max_length=8)] = ""  # the NIS code chosen from what was found
    organisation: Annotated[Name, Field(max_length=200)] | None = None
    function: Name


class SignUpForm(WorkForm):
    email: Email
    password: NewPassword
    motivation: Annotated[Text, Field(max_length=1000)] = ""
    accepts: Literal["ja"]
    next: str = "/"
    form_id: FormId


class SignInForm(FormModel):
    email: Email
    password: Password
    next: str = "/"


class DemoForm(FormModel):
    email: Email
    next: str = "/"


class EmailForm(FormModel):
    """Ask for a mail: a new link to confirm, or one to choose a password."""

    email: Email
    next: str = "/"
    form_id: FormId


class RenewForm(FormModel):
    form_id: FormId


class ConfirmForm(FormModel):
    password: NewPassword | None = None


class NewPasswordForm(FormModel):
    password: NewPassword


class ProfileForm(WorkForm):
    language: Literal["nl", "en"] = "nl"


class MotivationForm(FormModel):
    motivation: Annotated[Text, Field(min_length=10, max_length=1000)]


class ChangePasswordForm(FormModel):
    current: Password
    password: NewPassword


class ChangeEmailForm(FormModel):
    current: Password
    email: Email
    form_id: FormId


class SessionForm(FormModel):
    session_id: UUID
