"""Two days of a series and three colleagues who are signed in, on a running site: `python -m tests.chromium.days KEY`, with the
settings of that site. KEY makes the names and addresses of one test; the token of a session is `KEY-noor`, and so on.
"""

import sys
from datetime import timedelta

from sqlmodel import Session

from backend.auth.models import AuthSession
from backend.auth.sessions import hash_token
from backend.config import settings
from backend.db import make_engine, now
from tests.factories import make_account, make_day, make_edition, make_municipality, make_round

PEOPLE = ("noor", "ali", "lies")


def address(key: str, who: str) -> str:
    return f"{who}-{key}@wandeling.example"


def make(session: Session, key: str) -> None:
    moment = now()
    at = (moment + timedelta(days=40)).replace(hour=8, minute=0, second=0, microsecond=0)
    office = make_municipality(session, f"Wandeldorp {key}", nis_code=f"X{key[:6]}")
    make_edition(session, mentor_organisation=office)
    for who in PEOPLE:
        account = make_account(session, who.title(), email=address(key, who), organisation=office)
        session.add(
            AuthSession(
                token_hash=hash_token(f"{key}-{who}"), account_id=account.id, device="wandeling", created_at=moment,
                last_seen_at=moment, expires_at=moment + timedelta(days=1),
            )
        )  # fmt: skip
    day = make_day(
        session,
        f"Wandeldag {key}",
        slug=f"wandeldag-{key}",
        starts_at=at,
        capacity=1,
        offer_hours=8,
        series=key,
    )
    make_round(session, day, 5, 5)
    later = at + timedelta(days=7)
    make_day(session, f"Latere dag {key}", slug=f"later-{key}", starts_at=later, capacity=3, series=key)


if __name__ == "__main__":
    with Session(make_engine(settings.database)) as session, session.begin():
        make(session, sys.argv[1])
