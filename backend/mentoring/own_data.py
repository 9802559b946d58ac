"""What mentoring keeps of a person, as one who learns and as one who follows others: to take along, and to erase.

A mentor who goes takes nobody's followers away: what they handed over stays with whoever took it.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlmodel import Session, SQLModel, col

from backend.auth.models import Substitution
from backend.mentoring import hours, messages
from backend.mentoring.models import (
    AdmissionQuestion,
    Cohort,
    CohortMember,
    Handover,
    SignalMark,
    SignalRule,
)


def export_of(session: Session, person: UUID) -> dict[str, list[dict[str, Any]]]:
    """Of others only that they are others. Which groups somebody is in and what was set aside about them belongs to them, too."""
    member_of = select(col(CohortMember.cohort_id)).where(col(CohortMember.account_id) == person)
    kept: dict[str, list[dict[str, Any]]] = {
        "messages": messages.export_of(session, person),
        "talks": hours.export_of(session, person),
        "groups_made": _rows(session, person, Cohort, col(Cohort.by_id) == person),
        "groups_in": _rows(session, person, Cohort, col(Cohort.id).in_(member_of)),
        "signal_rules": _rows(session, person, SignalRule, col(SignalRule.owner) == str(person)),
    }
    for name, table, columns in ABOUT:
        kept[name] = _rows(session, person, table, _of(person, columns))
    answered = select(col(AdmissionQuestion.id)).where(col(AdmissionQuestion.account_id) == person)
    own = {str(key) for key in session.scalars(answered)}
    for row in kept["admission_questions"]:
        if row["id"] not in own:  # what an applicant answered is theirs
            row.pop("answer")
    return kept


def erase(session: Session, person: UUID) -> None:
    """Nothing points to this account any more."""
    messages.erase(session, person)
    hours.erase(session, person)
    _leave_behind(session, person)
    theirs = select(col(Cohort.id)).where(col(Cohort.by_id) == person)
    session.execute(delete(Handover).where(or_(_of(person, HANDED), col(Handover.cohort_id).in_(theirs))))
    session.execute(
        delete(CohortMember).where(
            or_(col(CohortMember.account_id) == person, col(CohortMember.cohort_id).in_(theirs))
        )
    )
    session.execute(delete(Cohort).where(col(Cohort.by_id) == person))
    session.execute(delete(SignalRule).where(col(SignalRule.owner) == str(person)))
    for _name, table, columns in ABOUT:
        session.execute(delete(table).where(_of(person, columns)))


HANDED = (col(Handover.account_id), col(Handover.from_id), col(Handover.to_id))
ABOUT: tuple[tuple[str, type[SQLModel], tuple[Any, ...]], ...] = (
    ("hand_overs", Handover, HANDED),
    ("set_aside", SignalMark, (col(SignalMark.account_id), col(SignalMark.by_id))),
    ("substitutions", Substitution, (col(Substitution.mentor_id), col(Substitution.substitute_id))),
    ("admission_questions", AdmissionQuestion, (col(AdmissionQuestion.account_id), col(AdmissionQuestion.by_id))),
)  # fmt: skip


def _of(person: UUID, columns: tuple[Any, ...]) -> Any:
    return or_(*(column == person for column in columns))


PEOPLE = ("account_id", "by_id", "from_id", "to_id", "mentor_id", "substitute_id")


def _rows(session: Session, person: UUID, table: type[SQLModel], where: Any) -> list[dict[str, Any]]:
    return [
        {
            name: ("me" if value == str(person) else "somebody else") if name in PEOPLE and value else value
            for name, value in row.model_dump(mode="json", exclude={"submission"}).items()
        }
        for row in session.scalars(select(table).where(where))
    ]


def _leave_behind(session: Session, person: UUID) -> None:
    """Whoever took something over has it in their own name from now on, without what was written with it."""
    taken = (
        (col(Handover.from_id) == person) & (col(Handover.to_id) != person) & col(Handover.ended_at).is_(None)
    )
    receiver = (
        select(col(Handover.to_id))
        .where(taken, col(Handover.cohort_id) == Cohort.id)
        .order_by(col(Handover.at).desc())
        .limit(1)
        .scalar_subquery()
    )
    groups = select(col(Handover.cohort_id)).where(taken, col(Handover.cohort_id).is_not(None))
    session.execute(
        update(Cohort)
        .where(col(Cohort.by_id) == person, col(Cohort.id).in_(groups))
        .values(by_id=receiver)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Handover)
        .where(taken, or_(col(Handover.account_id).is_(None), col(Handover.account_id) != person))
        .values(from_id=Handover.to_id, reason="")
        .execution_options(synchronize_session=False)
    )
