"""What people type: cleaned once, checked once, with messages in their language."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import ErrorDetails, PydanticCustomError

from backend.language import gettext as _

# Zero width, and marks that turn the direction.
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that look like nothing
UNSEEN = frozenset({"Cc", "Cf", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"})
EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
MARKS_PER_LETTER = 6  # more is "zalgo"; no script in use needs it


class FormModel(BaseModel):
    """A submitted form. Unknown fields are ignored; a field sent empty counts as not sent."""

    model_config = ConfigDict(extra="ignore", str_max_length=20_000, allow_inf_nan=False)


def is_blank(text: str) -> bool:
    """True when nothing of it can be seen: spaces, zero-width marks, accents without a letter."""
    return all(c in BLANK or unicodedata.category(c) in UNSEEN for c in text)


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = INVISIBLE.sub("", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if CONTROL.search(text):
        raise PydanticCustomError("control", "control")
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter)[0] == "M" else 0
        if marks > MARKS_PER_LETTER:
            raise PydanticCustomError("control", "control")
    return unicodedata.normalize("NFC", text)  # last: on a long row of marks it takes quadratic time


def same(text: str) -> str:
    """What two spellings of one thing have in common: as it would be kept, in lower case. "" for what is no text."""
    try:
        return str(_clean(text)).lower()
    except PydanticCustomError:
        return ""


def _line(value: str) -> str:
    if "\n" in value:
        raise PydanticCustomError("line", "line")
    return value.replace("\t", " ")


def _email(value: str) -> str:
    address = value.lower()
    if not EMAIL.fullmatch(address) or ".." in address or len(address.partition("@")[0]) > 64:
        raise PydanticCustomError("email", "email")
    return address


Text = Annotated[str, BeforeValidator(_clean)]  # several lines
Line = Annotated[str, BeforeValidator(_clean), AfterValidator(_line), Field(max_length=200)]  # one line
Email = Annotated[Line, AfterValidator(_email)]  # lower case; never two addresses
Password = Annotated[str, Field(max_length=1024)]  # exactly as typed
# From ui.form_id(): the same form sent twice has the same one.
FormId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


def messages(errors: Iterable[ErrorDetails]) -> dict[str, str]:
    """Pydantic's errors as one sentence a field, in the order of the fields; the first error of a field counts."""
    said: dict[str, str] = {}
    for error in errors:
        said.setdefault(str(error["loc"][0]) if error["loc"] else "form", _say(error))
    return said


def _say(error: ErrorDetails) -> str:
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "said":  # PydanticCustomError("said", "…"): a validator's own sentence
        return error["msg"]
    if kind in _SAID:
        return _SAID[kind]() % {"n": next((limits[k] for k in _LIMITS if k in limits), "")}
    return _("Vul een getal in.") if kind in _NUMBERS else _("Dit klopt niet. Kijk het na.")


_LIMITS = ("min_length", "max_length", "ge", "le")
_NUMBERS = {"int_parsing", "int_type", "int_from_float", "float_parsing", "float_type", "decimal_parsing"}
_SAID = {
    "missing": lambda: _("Vul dit in."),
    "string_too_short": lambda: _("Dit is te kort: gebruik minstens %(n)s tekens."),
    "string_too_long": lambda: _("Dit is te lang: gebruik hoogstens %(n)s tekens."),
    "too_short": lambda: _("Dit is te kort: gebruik minstens %(n)s tekens."),
    "too_long": lambda: _("Dit is te lang: gebruik hoogstens %(n)s tekens."),
    "greater_than_equal": lambda: _("Kies een getal van minstens %(n)s."),
    "less_than_equal": lambda: _("Kies een getal van hoogstens %(n)s."),
    "enum": lambda: _("Kies een van de mogelijkheden."),
    "literal_error": lambda: _("Kies een van de mogelijkheden."),
    "email": lambda: _("Dit is geen e-mailadres. Schrijf het zoals naam@gemeente.be."),
    "control": lambda: _("Hier staan tekens in die we niet kunnen bewaren. Typ de tekst opnieuw."),
    "line": lambda: _("Schrijf dit op één regel."),
}
