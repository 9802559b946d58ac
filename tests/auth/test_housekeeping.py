"""What is forgotten after a while, and what is not."""

from datetime import timedelta
from uuid import uuid4

from sqlmodel import Session, select

from backend.auth import sessions, tokens
from backend.auth.housekeeping import tidy
from backend.auth.models import Account, AccountStatus, AuthSession, EmailToken, Membership, TokenPurpose
from backend.db import now
from tests.factories import make_account


def test_who_never_confirmed_is_forgotten_and_members_stay(session: Session) -> None:
    moment = now()
    member = make_account(session, created_at=moment - timedelta(days=400))
    for age in (29, 31, 61):
        stranger = make_account(
            session, f"Dag {age}", status=AccountStatus.UNCONFIRMED, created_at=moment - timedelta(days=age)
        )
        tokens.issue(
            session, stranger.id, TokenPurpose.CONFIRM, stranger.email, stranger.created_at, form_id=uuid4().hex
        )  # fmt: skip
    sessions.begin(session, member.id, "oud", moment - timedelta(days=200))
    sessions.begin(session, member.id, "nieuw", moment)
    tidy(session, moment)
    # At 31 days the last link is not yet old enough to forget whom it was for.
    assert set(session.exec(select(Account.name))) == {"Noor Claes", "Dag 29", "Dag 31"}
    assert len(session.exec(select(Membership)).all()) == 3
    assert len(session.exec(select(EmailToken)).all()) == 2
    assert session.exec(select(AuthSession.device)).all() == ["nieuw"]
