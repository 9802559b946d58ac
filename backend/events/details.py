"""What a day keeps as documents: for whom it is, what it asks, and its materials. Checked when they are written."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from backend.fields import Email, Line, Text, messages
from backend.language import gettext as _

MOST_QUESTIONS = 20
_TEXT = TypeAdapter(Annotated[Text, Field(max_length=500)])


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Audience(Document):
    """Who may register. Whoever is on the list may; without any rule, every member may."""

    functions: list[Line] = []
    organisations: list[UUID] = []
    addresses: list[Email] = []
    domains: list[Line] = []
    needs_approval: bool = False

    def lists(self, email: str) -> bool:
        address = email.lower()
        return address in self.addresses or address.rpartition("@")[2] in {d.lower() for d in self.domains}

    def admits(self, *, email: str, function: str, organisation_id: UUID | None, only_listed: bool) -> bool:
        if self.lists(email):
            return True
        has_list, has_rules = (
            bool(self.addresses or self.domains),
            bool(self.functions or self.organisations),
        )
        if only_listed or (has_list and not has_rules):
            return False
        wanted = {name.casefold() for name in self.functions}
        return (not wanted or function.casefold() in wanted) and (
            not self.organisations or organisation_id in self.organisations
        )


class QuestionKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"


YES, NO = "ja", "nee"


class Condition(Document):
    """Only for who gave this answer to an earlier question."""

    question: str
    answer: str


class Question(Document):
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    text: Annotated[Line, Field(min_length=1)]
    kind: QuestionKind
    options: list[Line] = []
    is_required: bool = False
    is_personal: bool = False  # the answer is kept with the needs, and wiped with them
    shown_when: Condition | None = None

    @property
    def possible(self) -> list[str]:
        return [YES, NO] if self.kind == QuestionKind.YES_NO else self.options

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if (self.kind == QuestionKind.CHOICE) != (len(set(self.options)) > 1):
            raise ValueError("a choice has at least two options; other questions have none")
        return self

    def applies(self, given: dict[str, str]) -> bool:
        return self.shown_when is None or given.get(self.shown_when.question) == self.shown_when.answer


class Material(Document):
    """Somewhere else (`url`), or a DayFile."""

    title: Annotated[Line, Field(min_length=1)]
    url: Annotated[Line, Field(max_length=500, pattern=r"^(https://[^\s]+)?$")] = ""
    file: UUID | None = None

    @property
    def key(self) -> str:
        return self.url or str(self.file)

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if bool(self.url) == (self.file is not None):
            raise ValueError("a material is an address or a file")
        return self


class Questions(Document):
    """In order: a condition points back."""

    all: Annotated[list[Question], Field(max_length=MOST_QUESTIONS)]

    @model_validator(mode="after")
    def _conditions_point_back(self) -> Self:
        earlier: dict[str, Question] = {}
        for question in self.all:
            if question.key in earlier:
                raise ValueError(f"two questions have the key {question.key}")
            wanted = question.shown_when
            if wanted and (
                wanted.question not in earlier or wanted.answer not in earlier[wanted.question].possible
            ):
                raise ValueError(f"the condition of {question.key} can never hold")
            earlier[question.key] = question
        return self


def audience_of(kept: dict[str, Any]) -> Audience:
    return Audience.model_validate(kept)


def questions_of(kept: Sequence[dict[str, Any]]) -> list[Question]:
    return [Question.model_validate(each) for each in kept]


def materials_of(kept: Sequence[dict[str, Any]]) -> list[Material]:
    return [Material.model_validate(each) for each in kept]


def check_answers(
    questions: Sequence[Question], typed: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The answers that apply, cleaned, and what is wrong (key → one sentence). What does not apply is left out."""
    given: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for question in questions:
        if not question.applies(given):
            continue
        try:
            answer = _TEXT.validate_python(typed.get(question.key, ""))
        except ValidationError as error:
            wrong[question.key] = messages(error.errors(include_url=False, include_input=False))["form"]
            continue
        if not answer:
            if question.is_required:
                wrong[question.key] = _("Vul dit in.")
        elif question.possible and answer not in question.possible:
            wrong[question.key] = _("Kies een van de mogelijkheden.")
        else:
            given[question.key] = answer
    return given, wrong
