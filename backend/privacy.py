"""Finds in a text what may tell who somebody is: national numbers, accounts, phone numbers, addresses, names.

A warning, never a verdict: whoever wrote it decides. Names are guessed from how they are written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files


class Kind(StrEnum):
    NATIONAL_NUMBER = "national_number"
    IBAN = "iban"
    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    words: str  # as they stand in the text


LONGEST = 50_000  # characters that are looked at
MOST = 8  # findings that are told
_NATIONAL = re.compile(r"(?<![\d])\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{3}[ .-]?\d{2}(?![\d])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_PHONE = re.compile(
    r"(?<![\d.,/])(?:(?:\+|00)32[ ./-]?(?:\(0\))?|0)[1-9]\d?(?:[ ./-]?\d{2,3}){2,4}(?!\d|,\d)"
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_WORD = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+(?:[-’'][A-ZÀ-ÖØ-Þ]?[a-zà-öø-ÿ]+)*"
_BETWEEN = r"(?:(?:[Vv]an|[Dd]e|[Dd]er|[Dd]en|[Ee]l|[Aa]l|[Bb]en|[Bb]in|[Tt]er|[Tt]en)[ -])*"
_TITLED = re.compile(
    rf"\b(?:[Mm]eneer|[Mm]ijnheer|[Mm]evrouw|[Jj]uffrouw|[Dd]hr\.?|[Mm]evr\.?|[Mm]r\.|[Mm]vr\.?) {_BETWEEN}{_WORD}"
)
_NAME_INITIAL = re.compile(rf"\b{_WORD} (?:[A-ZÀ-Þ]\.)+")
_INITIAL_NAME = re.compile(rf"\b(?:[A-ZÀ-Þ]\. ?){{1,3}}{_BETWEEN}{_WORD}|\b[A-Z]\.(?: ?[A-Z]\.)+")
_FULL = re.compile(rf"\b({_WORD}) ({_BETWEEN}{_WORD})")


def findings(text: str) -> list[Finding]:
    """The first ones, in the order of the text within each kind; each only once."""
    text = text[:LONGEST]
    found: dict[str, Finding] = {}
    for finding in (*_national(text), *_accounts(text), *_addresses(text), *_phones(text), *_names(text)):
        inside = any(finding.words in other.words for other in found.values())
        if not inside and len(found) < MOST:
            found.setdefault(finding.words, finding)
    return list(found.values())


def _national(text: str) -> Iterator[Finding]:
    from stdnum.be import nn  # here: it takes memory that most processes never need

    for match in _NATIONAL.finditer(text):
        if nn.is_valid(match[0].replace(" ", "")):
            yield Finding(Kind.NATIONAL_NUMBER, match[0])


def _accounts(text: str) -> Iterator[Finding]:
    from stdnum import iban  # here: it takes memory that most processes never need

    for match in _IBAN.finditer(text):
        if iban.is_valid(match[0], check_country=False):
            yield Finding(Kind.IBAN, match[0])


def _addresses(text: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(text):
        yield Finding(Kind.EMAIL, match[0])


def _phones(text: str) -> Iterator[Finding]:
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if 9 <= len(digits) <= 13:
            yield Finding(Kind.PHONE, match[0].strip())


def _names(text: str) -> Iterator[Finding]:
    for pattern in (_TITLED, _NAME_INITIAL, _INITIAL_NAME):
        for match in pattern.finditer(text):
            yield Finding(Kind.NAME, match[0])
    for match in _FULL.finditer(text):
        if match[1].split("-")[0].lower() in _first_names() and match[0] not in KNOWN:
            yield Finding(Kind.NAME, match[0])


# First name and surname of people that lessons speak of.
KNOWN = frozenset({"Hannah Arendt", "Bart Brandsma", "Mike Caulfield"})
_names_kept: frozenset[str] = frozenset()


def _first_names() -> frozenset[str]:
    global _names_kept
    if not _names_kept:
        _names_kept = frozenset((files("backend") / "first_names.txt").read_text("utf-8").split())
    return _names_kept
