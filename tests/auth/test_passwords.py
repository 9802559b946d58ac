"""What a password must be, and how it is kept."""

from time import perf_counter

import pytest
from argon2 import PasswordHasher

from backend.auth import passwords
from backend.errors import TooMany


def test_a_password_is_kept_as_argon2id_with_the_agreed_cost() -> None:
    assert passwords.hash_password("trein kast paard").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "typed",
    [
        "Trein kast paard",
        "trein kast paard ",
        " trein kast paard",
        "trein kast paar",
        "trein kast paard\x00",
        "",
    ],
)
def test_it_is_checked_exactly_as_typed(typed: str) -> None:
    hashed = passwords.hash_password("trein kast paard")
    assert passwords.verify("trein kast paard", hashed)
    assert not passwords.verify(typed, hashed)


def test_long_passwords_count_to_the_last_character_and_emoji_work() -> None:
    long = "🚲é " * 250
    hashed = passwords.hash_password(long)
    assert passwords.verify(long, hashed)
    assert not passwords.verify(long[:-1], hashed)
    assert not passwords.verify("\ud800" * 8, hashed)  # half a character: wrong, not an error


def test_no_account_and_a_broken_hash_are_wrong_passwords() -> None:
    assert not passwords.verify("trein kast paard", None)
    assert not passwords.verify("trein kast paard", "not a hash")


def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    hashed = passwords.hash_password("trein kast paard")

    def best_of(hashed: str | None) -> float:
        times = []
        for _ in range(5):
            began = perf_counter()
            passwords.verify("fout", hashed)
            times.append(perf_counter() - began)
        return min(times)

    assert abs(best_of(hashed) - best_of(None)) < 0.05


def test_an_older_cost_is_seen() -> None:
    assert passwords.needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))
    assert not passwords.needs_rehash(passwords.hash_password("x"))


def test_when_all_slots_are_taken_for_long_one_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    class Taken:
        def acquire(self, timeout: float) -> bool:
            return False

    monkeypatch.setattr(passwords, "_slots", Taken())
    with pytest.raises(TooMany) as refused:
        passwords.verify("x", None)
    assert refused.value.retry_after > 0


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("password", "veel mensen"),
        ("P@ssw0rd1!", "veel mensen"),
        ("Wachtwoord", "veel mensen"),
        ("Iloveyou", "veel mensen"),
        ("wachtwoord2026!", "veel mensen"),
        ("WelkomWachtwoord", "je naam"),
        ("Radicalisering2026", "je naam"),
        ("lerend-netwerk", "je naam"),
        ("Sint-Niklaas1", "je naam"),
        ("sintniklaas", "je naam"),
        ("noor.claes@sint-niklaas.be", "je naam"),
        ("NoorClaes99", "je naam"),
        ("w4chtw00rd-2026", "veel mensen"),
        ("aaaaaaaaaa", "hetzelfde"),
        ("abababab", "hetzelfde"),
        ("kaaskaaskaas", "hetzelfde"),
        ("12345678", "rijtje"),
        ("987654321", "rijtje"),
        ("azertyuiop", "rijtje"),
        ("abcdefgh1", "rijtje"),
        ("1qaz2wsx", "rijtje"),
        ("19830412", "cijfers"),
        ("trein\x00kast", "tekens"),
    ],
)
def test_what_is_easy_to_guess_is_refused_with_the_reason(password: str, because: str) -> None:
    assert because in passwords.weakness(password, "noor.claes@sint-niklaas.be", "Noor Claes", "Sint-Niklaas")


@pytest.mark.parametrize(
    "password",
    [
        "trein kast paard",
        "Zk8!pQ3v",
        "fietsen naar melle",
        "x7#kQ2$mP9",
        "   met spaties eromheen   ",
        "🚲🌧️🧀🎺🪁🧦🦆🪑",
        "4#9!7&2$8@5%",
        "Onze gemeente heeft drie torens",
    ],
)
def test_a_good_password_needs_no_tricks(password: str) -> None:
    assert passwords.weakness(password, "noor.claes@gent.be", "Noor Claes", "Gent") == ""


def test_more_than_three_thousand_common_passwords_that_fit_are_refused() -> None:
    common = passwords._common()
    assert len(common) > 3000
    assert all(len(word) >= passwords.MIN_LENGTH for word in common)
    assert all(passwords.weakness(word) for word in list(common)[:300])
