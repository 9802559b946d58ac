"""Passwords: hashed with argon2id, checked exactly as typed, refused when easy to guess.

Hashing takes 19 MiB and some 40 ms on purpose. It happens in few slots at a time, and never while a request holds the
database: hash before the first query of a writing session.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.config import settings
from backend.errors import TooMany
from backend.language import gettext as _
from backend.network.service import fold

MIN_LENGTH = 8
OWN_WORDS = re.findall(
    r"\w+",
    """
    lerend netwerk lerendnetwerk polarisatie polariserend polarisering desinformatie haatspraak
    radicalisering radicalisme extremisme samenleven actiedag actieplan gemeente stad bestuur lokaal
    ocmw vlaanderen belgie belgium vvsg agii hai wijzij mentor deelnemer wachtwoord paswoord
    password passwoord geheim welkom welcome hallo admin beheerder login aanmelden zomer winter
    lente herfst maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart
    april juni juli augustus september oktober november december
    """,
)
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "azertyuiop", "qsdfghjklm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1aqw2zsx3edc",
)  # fmt: skip
LEET = str.maketrans("013457@$!€£", "oieastasiel")
LEFT_OVER = 4  # so many characters beyond words and rows that everybody knows

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_slots = BoundedSemaphore(max(1, ((os.cpu_count() or 1) - 1) // settings.workers))


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=10):
        raise TooMany(
            _("Er melden zich nu heel veel mensen aan. Probeer het over een halve minuut opnieuw."), 30
        )
    try:
        yield
    finally:
        _slots.release()


def hash_password(password: str) -> str:
    with _slot():
        return _hasher.hash(_bytes(password))


# Checked when there is no account, so that it takes the same time.
_NOBODY = _hasher.hash(secrets.token_hex())


def verify(password: str, hashed: str | None) -> bool:
    """Whether this is the password. Takes the same time when there is none."""
    with _slot():
        try:
            return _hasher.verify(hashed or _NOBODY, _bytes(password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(hashed: str) -> bool:
    return _hasher.check_needs_rehash(hashed)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def weakness(password: str, *known: str) -> str:
    """Why this password is too easy to guess, in words for the person; "" when it is fine.

    `known` is what a stranger knows of them: e-mail address, name, municipality.
    """
    lower = password.casefold()
    if any(ord(c) < 32 or ord(c) == 127 for c in password):
        return _("Hier staan tekens in die je later niet meer kunt typen. Kies een ander wachtwoord.")
    if len(set(lower)) < LEFT_OVER or re.fullmatch(r"(.{1,5})\1+.{0,4}", lower):
        return _("Dit is telkens hetzelfde. Kies een wachtwoord dat minder makkelijk te raden is.")
    if len(_without_rows(lower)) < LEFT_OVER:
        return _(
            "Dit is een rijtje van het toetsenbord. Kies een wachtwoord dat minder makkelijk te raden is."
        )
    if _is_common(lower):
        return _("Dit wachtwoord gebruiken veel mensen. Kies er een dat alleen jij zou bedenken.")
    if lower.isdigit() and len(lower) < 12:
        return _("Dit zijn alleen cijfers, zoals een datum. Kies een wachtwoord met woorden of letters erin.")
    if len(_without_words(lower, known)) < LEFT_OVER:
        return _(
            "Dit bestaat vooral uit je naam, je e-mailadres, je gemeente of een woord dat hier iedereen kent. "
            "Kies een paar woorden die niets met elkaar te maken hebben."
        )
    return ""


@cache
def _common() -> frozenset[str]:
    """Those that many people use, of at least MIN_LENGTH. Read when first needed: the lists take 12 MB of memory."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_LENGTH)


def _is_common(lower: str) -> bool:
    bare = lower.strip("0123456789 .,;:!?*#-_+=")
    return not _common().isdisjoint({lower, bare, lower.translate(LEET), bare.translate(LEET)})


def _without_rows(lower: str) -> str:
    """What is left without runs of at least three neighbours in the alphabet, the digits or a keyboard row."""
    runs = {row[i : i + 3] for row in (*ROWS, *(r[::-1] for r in ROWS)) for i in range(len(row) - 2)}
    covered = {i + k for i in range(len(lower) - 2) if lower[i : i + 3] in runs for k in range(3)}
    return "".join(c for i, c in enumerate(lower) if i not in covered)


def _without_words(lower: str, known: tuple[str, ...]) -> str:
    """What is left without the words that everybody knows. Once there is one, only letters count: a year adds nothing."""
    words = {*OWN_WORDS, *(word for text in known for word in fold(text).split())}
    words |= {fold(text).replace(" ", "") for text in known}
    longest_first = sorted((w for w in map(_letters, words) if len(w) >= 3), key=len, reverse=True)
    left = []
    for letters in (_letters(lower), _letters(lower.translate(LEET))):
        rest = letters
        for word in longest_first:
            rest = rest.replace(word, "")
        left.append(lower if rest == letters else rest)
    return min(left, key=len)


def _letters(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalpha())
