"""The fictional demo network: invented municipalities, people and action days, so that a newcomer sees the product at work.

Never in production. All of it is marked `is_fictional`; nothing of it is presented as history of the real programme.
The same `now` gives the same network.
"""

from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlmodel import Session, col

from backend.config import settings
from backend.demo import days, learners, people, places, talks, waiting
from backend.network import service as network
from backend.network.models import Edition


def load(session: Session, now: datetime) -> bool:
    """Make the demo network around `now`; the courses must be there. False when it was made before.

    Raises RuntimeError in production.
    """
    if not settings.demo:
        raise RuntimeError("the demo network is never loaded in production")
    if session.scalar(select(col(Edition.id)).where(col(Edition.key) == places.EDITION)) is not None:
        return False
    network.load_network(session, now)
    organisations = places.make_municipalities(session)
    edition = places.make_edition(session, organisations[0], now)
    accounts = people.make_accounts(session, organisations[0], now)
    learners.begin_lesson(session, accounts["deelnemer"], now)
    members = learners.make_members(session, organisations, Random(2026), now)
    waiting.make_waiting(session, now)
    people.make_applicants(session, organisations, now)
    days.make_days(session, edition, [*members, accounts["deelnemer"].id], now)
    talks.make_talks(session, organisations, accounts, now)
    session.flush()
    return True
