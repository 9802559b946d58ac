"""What stands at the top of files: the names that they must have, and what is said when one is wrong."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.courses.fences import KEY_ADVICE, is_key
from backend.courses.problems import Report
from backend.courses.yaml_file import Mapped

H = TypeVar("H", bound=BaseModel)
DATES = ("checked", "review_before", "from", "until", "legal")


class Head(BaseModel):
    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, str_min_length=1, allow_inf_nan=False
    )


class Opening(Head):
    """When something may be done. Lessons and modules have this."""

    after: tuple[str, ...] = ()
    opens_on: date | None = Field(None, alias="from")
    closes_on: date | None = Field(None, alias="until")


class LessonHead(Opening):
    """The front matter of a lesson."""

    key: str
    title: str
    short: str
    minutes: int = Field(ge=1, le=60)
    goals: tuple[str, ...] = Field(min_length=1)
    sources: tuple[str, ...] = ()
    checked: date
    review_before: date
    complete: list[Any] = []  # read by completion_rules.py
    legal_on: date | None = Field(None, alias="legal")


class BankHead(Head):
    """The front matter of a bank of questions."""

    title: str


class Review(Head):
    state: str
    by: tuple[str, ...] = ()
    waiting_for: tuple[str, ...] = ()


class CompleteHead(Head):
    lessons: str = "all"


class Certificate(Head):
    hours: float = Field(gt=0, le=200)


class CourseHead(Opening):
    """`course.yaml`."""

    key: str
    number: int = Field(ge=1)
    title: str
    subtitle: str
    summary: str
    minutes: int = Field(ge=1)
    language: str
    goals: tuple[str, ...] = Field(min_length=1)
    made_by: tuple[str, ...] = Field(min_length=1)
    lessons: tuple[str, ...] = Field(min_length=1)
    review: Review
    complete: CompleteHead = CompleteHead()
    attended: str = ""
    certificate: Certificate | None = None


class SourceHead(Head):
    title: str
    by: str = ""
    year: str = ""
    url: str = Field("", pattern=r"^https?://[^\s\"<>]+$")
    checked: date | None = None


def validated(model: type[H], mapped: Mapped, report: Report) -> H | None:
    """The names as the model wants them; None, with a report, when one is wrong."""
    try:
        return model.model_validate({key: value for key, value in mapped.data.items() if value != ""})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            name = next((str(part) for part in reversed(each["loc"]) if isinstance(part, str)), "")
            message, advice = _said(name, each)
            report.error(mapped.line(*each["loc"]), message, advice)
        return None


def _said(name: str, error: Any) -> tuple[str, str]:
    kind, given, limits = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return f"{name}: ontbreekt.", f"Voeg {name}: toe."
    if kind == "extra_forbidden":
        return f"{name[:40]}: ken ik niet.", "Kijk na hoe het geschreven is, of haal het weg."
    if name in DATES:
        return f"{name}: is geen datum.", "Schrijf jaar, maand en dag, zoals 2026-11-22."
    if kind == "string_too_short":
        return f"{name}: is leeg.", "Vul het in, of haal het weg."
    if kind == "literal_error":
        return f"{name}: “{str(given)[:40]}” kan niet.", f"Kies uit: {limits['expected']}."
    if isinstance(given, str):
        between = [f"{word} {limits[key]}" for key, word in LIMITS.items() if key in limits]
        advice = f"Schrijf een getal van {' en '.join(between)}." if between else "Kijk de waarde na."
        return f"{name}: “{given[:40]}” kan niet.", advice
    return f"{name}: klopt niet.", "Kijk in een andere module hoe het geschreven wordt."


LIMITS = {"ge": "minstens", "gt": "meer dan", "le": "hoogstens", "lt": "minder dan"}


def check_key(key: str, name: str, what: str, mapped: Mapped, report: Report) -> None:
    """The key of something is the name of its file or folder."""
    if not is_key(key):
        report.error(mapped.line("key"), f"De sleutel “{key[:40]}” kan niet.", KEY_ADVICE)
    elif key != name:
        report.error(mapped.line("key"), f"De sleutel “{key}” is niet de naam van {what}.", "Maak ze gelijk.")


def check_opening(head: Opening, mapped: Mapped, report: Report) -> None:
    if head.opens_on and head.closes_on and head.closes_on < head.opens_on:
        report.error(
            mapped.line("until"), "until: is vroeger dan from:.", "Zet de laatste dag na de eerste, of haal er één weg."
        )  # fmt: skip


def circles(after: dict[str, Sequence[str]]) -> set[str]:
    """The keys that can never begin, because they wait for each other."""
    waiting = {key: set(keys) & after.keys() for key, keys in after.items()}
    while free := {key for key, keys in waiting.items() if not keys}:
        waiting = {key: keys - free for key, keys in waiting.items() if key not in free}
    return set(waiting)


def errors(report: Report) -> int:
    return sum(not problem.is_warning for problem in report.problems)
