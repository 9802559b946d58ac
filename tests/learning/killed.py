"""A process that hands in a check and is killed in the middle of it: `python -m tests.learning.killed URL ACCOUNT_ID`.

It has written everything and not committed yet when it says so; then it waits to be killed.
"""

import sys
import time
from uuid import UUID

from sqlmodel import Session

from backend.auth.models import Account
from backend.db import Database, make_engine, now
from backend.learning.checks import GoAddress, check_state, hand_in
from tests.learning.test_service import viewer_for

GO = GoAddress("proef", "een", "eindtoets", 1)


def main(url: str, account_id: str) -> None:
    with Database(make_engine(url)).session() as session:
        viewer = viewer_for(session.get_one(Account, UUID(account_id)))
        hand_in(session, viewer, GO, answers(session, viewer), now())
        session.flush()
        print("written", flush=True)  # noqa: T201 - whoever started it listens
        time.sleep(60)


def answers(session: Session, viewer: object) -> dict[str, list[str]]:
    questions = check_state(session, viewer, GO).paper.questions
    return {f"{key}.keuze": ["b"] for key in questions}


if __name__ == "__main__":
    main(*sys.argv[1:])
