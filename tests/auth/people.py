"""Members with a password, and who wants to become one."""

from functools import cache
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from backend.auth import passwords
from backend.auth.models import Account
from tests.factories import make_account

PASSWORD = "trein kast paard"
NOOR = "noor.claes@elzendonk.example"


@cache
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


def make_member(session: Session, name: str = "Noor Claes", **values: Any) -> Account:
    return make_account(session, name, **{"password_hash": password_hash()} | values)


def filled(**values: Any) -> dict[str, Any]:
    """The form to sign up, as NOOR fills it in."""
    return {
        "form_id": uuid4().hex,
        "name": "Noor Claes",
        "kind": "municipality",
        "municipality_search": "Elzendonk",
        "function": "deskundige samenleven",
        "email": NOOR,
        "password": "trein kast paard",
        "motivation": "Ik zoek collega’s.",
        "accepts": "ja",
        "next": "/",
    } | values
