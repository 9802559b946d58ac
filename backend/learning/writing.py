"""Answers that are written: a number, a few words, a text to hold beside a model answer."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from markupsafe import Markup

from backend.courses.block_types import Compare, Number, Option, Short
from backend.fields import is_blank
from backend.language import gettext as _
from backend.learning.answers import (
    ANSWER_FIELD,
    CHECK_FIELD,
    LONGEST,
    TEXT_FIELD,
    Given,
    Incomplete,
    Submitted,
    changed,
    clean,
    one_of,
)

SHORT_LENGTH = 200
NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:[.,]\d{0,18})*|[.,]\d{1,18})", re.ASCII)
NEARLY = 1e-9
Written = Number | Short | Compare


def read(question: Written, submitted: Submitted) -> Given:
    if isinstance(question, Compare):
        return _read_texts(question, submitted)
    text, problem = clean(one_of(submitted, ANSWER_FIELD), SHORT_LENGTH)
    given: Given = {"text": text}
    if len(submitted.get(ANSWER_FIELD, ())) > 1:
        raise changed(given)
    if problem or "\n" in text:
        raise Incomplete(problem or _("Schrijf dit op één regel."), given)
    if is_blank(text):
        raise Incomplete(_("Vul eerst je antwoord in."), {"text": ""}, is_partial=True)
    if isinstance(question, Number):
        number = _number(question, text)
        if number is None:
            raise Incomplete(_("Vul een getal in, zoals 12 of 3,5."), given, is_partial=True)
        given["number"] = number
    return given


def _number(question: Number, text: str) -> float | None:
    """With comma or point, spaces, and the unit typed along. "1.500" may be meant both ways: the nearest one counts."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold().replace("−", "-")
    unit = re.sub(r"\s", "", unicodedata.normalize("NFKC", question.unit)).casefold()
    if unit:
        plain = plain.removesuffix(unit).removeprefix(unit)
    if not NUMBER.fullmatch(plain):
        return None
    return min(_readings(plain), key=lambda number: abs(number - question.answer), default=None)


def _readings(text: str) -> Iterator[float]:
    """As a number whose thousands are set apart, and as one with decimals."""
    marks, groups = re.findall("[.,]", text), re.split("[.,]", text)
    if not marks or (len(set(marks)) == 1 and _are_thousands(groups)):
        yield float("".join(groups))
    if marks and marks[-1] not in marks[:-1] and (len(marks) == 1 or _are_thousands(groups[:-1])):
        yield float(f"{''.join(groups[:-1])}.{groups[-1] or '0'}")


def _are_thousands(groups: list[str]) -> bool:
    first = groups[0].lstrip("+-")
    return 1 <= len(first) <= 3 and first[0] != "0" and all(len(group) == 3 for group in groups[1:])


def _read_texts(question: Compare, submitted: Submitted) -> Given:
    count = max(1, len(question.prompts))
    fields = [f"{TEXT_FIELD}{n}" for n in range(1, count + 1)]
    ticks = [f"{CHECK_FIELD}{n}" for n in range(1, len(question.checks) + 1)]
    texts = {field: clean(one_of(submitted, field), question.longest or LONGEST) for field in fields}
    given: Given = {
        "texts": {field.removeprefix(TEXT_FIELD): text for field, (text, _problem) in texts.items()},
        "checked": [field.removeprefix(CHECK_FIELD) for field in ticks if any(submitted.get(field, ()))],
    }
    for name in submitted:
        if name.startswith((TEXT_FIELD, CHECK_FIELD)) and name not in (*fields, *ticks):
            raise changed(given)
    if problem := next((problem for _text, problem in texts.values() if problem), ""):
        raise Incomplete(problem, given)
    if all(is_blank(text) for text in given["texts"].values()):
        raise Incomplete(_("Schrijf eerst iets op."), given, is_partial=True)
    return given


def marks(question: Number | Short, given: Given) -> dict[str, bool]:
    """The accepted answer or well-known mistake that this is, by its key; "" for a number and for anything else."""
    if isinstance(question, Number):
        return {"": grade(question, given) == 1}
    option = _match(question, given.get("text", ""))
    return {option.key: option.is_right} if option else {"": False}


def grade(question: Number | Short, given: Given) -> float:
    if isinstance(question, Number):
        number = given.get("number")
        return float(number is not None and abs(number - question.answer) <= question.margin + NEARLY)
    option = _match(question, given.get("text", ""))
    return float(option is not None and option.is_right)


def right(question: Number | Short) -> Given:
    """What earns 1."""
    if isinstance(question, Number):
        number = question.answer
        text = str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")
        return {"text": text.replace(".", ","), "number": number}
    return {"text": next((_plain(option) for option in question.options if option.is_right), "")}


def _match(question: Short, text: str) -> Option | None:
    wanted = _fold(text)
    return next((option for option in question.options if wanted and _fold(_plain(option)) == wanted), None)


def _plain(option: Option) -> str:
    return str(Markup(option.html).striptags())  # noqa: S704 - tags are taken out


def _fold(text: str) -> str:
    """Without capitals, accents, punctuation and spaces."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in apart if letter.isalnum())
