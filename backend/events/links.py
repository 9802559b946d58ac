"""Links in mails: signed codes that say which registration and what for. Opening one changes nothing; its button does.

A code works as long as there is something to do with it: a registration that is cancelled never lives again.
"""

import base64
import hashlib
import hmac
import re
from enum import StrEnum
from uuid import UUID

from backend.config import settings
from backend.templating import absolute_url

SEAL = 20  # characters: 100 bits
CODE = re.compile(rf"\b([adcwjk])[a-z2-7]{{26}}[a-z2-7]{{{SEAL}}}\b")


class Purpose(StrEnum):
    """The first letter of the code."""

    ACCEPT = "a"  # an offer, or what a colleague asked for
    DECLINE = "d"
    CANCEL = "c"  # a place, a request, or waiting
    CHANGE = "w"
    JOIN = "j"  # the online day
    CALENDAR = "k"  # of a person, all their days


def code(purpose: Purpose, key: UUID, version: int = 0) -> str:
    """`key`: a registration; for CALENDAR a person, whose earlier addresses end with a higher `version`."""
    name = base64.b32encode(key.bytes).decode().rstrip("=").lower()
    return f"{purpose}{name}{_seal(purpose, key, version)}"


def read(text: str) -> tuple[Purpose, UUID] | None:
    """None for what is not ours; a calendar's version must still be checked, with is_version()."""
    try:
        purpose = Purpose(text[:1])
        key = UUID(bytes=base64.b32decode(text[1:27].upper() + "======"))
    except ValueError:
        return None
    if purpose == Purpose.CALENDAR or hmac.compare_digest(text.encode(), code(purpose, key).encode()):
        return purpose, key
    return None


def is_version(text: str, key: UUID, version: int) -> bool:
    return hmac.compare_digest(text.encode(), code(Purpose.CALENDAR, key, version).encode())


def without(text: str) -> str:
    """A mail as others may see it: its links are of nobody, so they do nothing."""
    return CODE.sub(lambda found: code(Purpose(found[1]), UUID(int=0)), text)


def address(purpose: Purpose, key: UUID) -> str:
    """What stands in a mail."""
    route = "events.join" if purpose == Purpose.JOIN else "events.link"
    return absolute_url(route, code=code(purpose, key))


def _seal(purpose: Purpose, key: UUID, version: int) -> str:
    said = f"events.link {purpose} {key} {version}".encode()
    digest = hmac.new(settings.secret_key.encode(), said, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:SEAL].lower()
