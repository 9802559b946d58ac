"""What mentoring keeps of a person goes along in their file, and goes when they go."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from sqlmodel import Session, SQLModel, col

from backend.auth.models import Account, AuthSession, Membership, RoleGrant, ScopeKind, Substitution
from backend.db import now
from backend.mentoring import own_data
from backend.mentoring.models import (
    AdmissionQuestion,
    Cohort,
    CohortMember,
    Handover,
    LastNudge,
    Message,
    MessageKind,
    OfficeSlot,
    SignalMark,
    SignalRule,
)
from tests.factories import make_account
from tests.mentoring.people import make_mentor

TABLES: tuple[type[SQLModel], ...] = (
    AdmissionQuestion, Cohort, CohortMember, Handover, LastNudge, Message, OfficeSlot, SignalMark, SignalRule, Substitution,
)  # fmt: skip


class Everything:
    """Of a mentor, a colleague and a learner: a row in every table of mentoring."""

    def __init__(self, session: Session) -> None:
        at = now()
        self.mia = make_mentor(session, kind=ScopeKind.ALL, key="", name="Mia")
        self.lars = make_mentor(session, kind=ScopeKind.ALL, key="", name="Lars")
        self.noor = make_account(session, name="Noor")
        mia, lars, noor = self.mia.id, self.lars.id, self.noor.id
        self.kept = Cohort(name="Overgedragen", by_id=mia, made_at=at, submission="g1")
        self.own = Cohort(name="Eigen", by_id=mia, made_at=at, submission="g2")
        session.add_all([self.kept, self.own])
        session.flush()
        session.add_all([
            CohortMember(cohort_id=self.kept.id, account_id=noor, added_at=at),
            CohortMember(cohort_id=self.own.id, account_id=noor, added_at=at),
            Handover(cohort_id=self.kept.id, from_id=mia, to_id=lars, reason="Verlof", at=at, submission="h1"),
            Handover(account_id=noor, from_id=lars, to_id=mia, reason="Ruil", at=at, submission="h2"),
            SignalMark(account_id=noor, kind="silent", by_id=mia, is_done=True, at=at, until=at + timedelta(days=3)),
            SignalRule(owner=str(mia), kind="silent", is_on=True, days=9, times=0),
            AdmissionQuestion(account_id=noor, by_id=mia, text="Waar werk je?", asked_at=at, submission="q"),
            Message(account_id=noor, author_id=mia, kind=MessageKind.NUDGE, text="Dag", sent_at=at, submission="m"),
            LastNudge(account_id=noor, at=at),
            OfficeSlot(mentor_id=mia, starts_at=at, ends_at=at, place="Hier", booked_by_id=noor),
            Substitution(mentor_id=mia, substitute_id=lars, reason="Verlof", starts_at=at, ends_at=at, submission="s"),
        ])  # fmt: skip
        session.flush()


@pytest.fixture
def everything(session: Session) -> Everything:
    return Everything(session)


@pytest.mark.parametrize("who", ["mia", "lars", "noor"])
def test_an_account_whose_mentoring_data_are_erased_can_go(
    session: Session, everything: Everything, who: str
):
    account: Account = getattr(everything, who)
    own_data.erase(session, account.id)
    own_data.erase(session, account.id)
    assert not any(rows for rows in own_data.export_of(session, account.id).values())
    session.expunge_all()
    for table, column in ((RoleGrant, "account_id"), (Membership, "account_id"), (AuthSession, "account_id")):
        session.execute(delete(table).where(getattr(table, column) == account.id))
    session.execute(delete(Account).where(col(Account.id) == account.id))
    session.flush()


def test_what_a_mentor_handed_over_stays_with_whoever_took_it(session: Session, everything: Everything):
    own_data.erase(session, everything.mia.id)
    session.expire_all()
    assert session.scalars(select(Cohort)).one().by_id == everything.lars.id
    handover = session.scalars(select(Handover)).one()
    assert (handover.from_id, handover.to_id, handover.reason) == (everything.lars.id, everything.lars.id, "")
    assert session.scalars(select(CohortMember)).one().cohort_id == everything.kept.id


def test_a_learner_takes_along_what_is_kept_about_them_and_leaves_nothing(
    session: Session, everything: Everything
):
    kept = own_data.export_of(session, everything.noor.id)
    assert {group["name"] for group in kept["groups_in"]} == {"Eigen", "Overgedragen"}
    assert kept["hand_overs"][0]["reason"] == "Ruil"
    assert kept["set_aside"]
    assert kept["admission_questions"]
    own_data.erase(session, everything.noor.id)
    left = {table.__tablename__ for table in TABLES if session.scalars(select(table).limit(1)).first()}
    assert left == {"cohort", "handover", "office_slot", "signal_rule", "substitution"}


def test_what_an_applicant_answered_goes_along_with_the_applicant_only(
    session: Session, everything: Everything
):
    question = session.scalars(select(AdmissionQuestion)).one()
    question.answer, question.answered_at = "Bij de dienst burgerzaken.", now()
    session.flush()
    assert "burgerzaken" in str(own_data.export_of(session, everything.noor.id))
    taken = str(own_data.export_of(session, everything.mia.id))
    assert "burgerzaken" not in taken and "Waar werk je?" in taken
