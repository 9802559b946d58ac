"""Members with a password."""

from functools import cache
from typing import Any

from sqlmodel import Session

from backend.auth import passwords
from backend.auth.models import Account
from tests.factories import make_account

PASSWORD = "trein kast paard"


@cache
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


def make_member(session: Session, name: str = "Noor Claes", **values: Any) -> Account:
    return make_account(session, name, **{"password_hash": password_hash()} | values)
