"""Handing a group or one person over to another mentor, with the reason; and standing in for a mentor until a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, true, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth.models import Account, AccountStatus, Role, RoleGrant, Substitution, Viewer
from backend.auth.scope import scope_of
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.mentoring.cohorts import group_of, submission_of
from backend.mentoring.models import Cohort, Handover
from backend.mentoring.reach import AnySelect
from backend.mentoring.scope import followed, one_followed

LONGEST_SUBSTITUTION = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-over that still holds, or a substitution: what, by whom, to whom, why, until when."""

    id: UUID
    what: str
    giver: str
    receiver: str
    reason: str
    at: datetime
    until: datetime | None = None


def mentors(session: Session, viewer: Viewer, now: datetime) -> list[tuple[str, str]]:
    """Whom one can hand over to: everybody else who is a mentor now, as (id, name). One query."""
    return [(str(row.id), row.name) for row in session.execute(_others(viewer, now))]


def _others(viewer: Viewer, now: datetime, *also: Any) -> AnySelect:
    return (
        select(col(Account.id), col(Account.name), *also)
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .where(
            col(Account.status) == AccountStatus.MEMBER,
            col(Account.id) != viewer.id,
            col(RoleGrant.role) == Role.MENTOR,
            or_(col(RoleGrant.ends_at).is_(None), col(RoleGrant.ends_at) > now),
        )
        .distinct()
        .order_by(col(Account.name), col(Account.id))
    )


def _receiver(
    session: Session, viewer: Viewer, to: str, table: Any, submission: str, now: datetime
) -> Row[Any]:
    """The mentor with that id, and whether this form was sent before. One query."""
    sent = exists().where(table.submission == submission)
    row = session.execute(
        _others(viewer, now, col(Account.email), col(Account.language), sent.label("was_sent"))
    ).all()
    found = next((each for each in row if str(each.id) == to), None)
    if found is None:
        raise NotFound(_("Deze mentor bestaat niet, of is geen mentor meer. Kies een andere."))
    return found


def hand_over_person(
    session: Session, viewer: Viewer, account_id: UUID, to: str, reason: str, form_id: str, now: datetime
) -> str:
    """From now on another mentor follows this person, the viewer no longer. Gives the name of that mentor."""
    submission = submission_of(viewer, form_id)
    receiver = _receiver(session, viewer, to, Handover, submission, now)
    if not receiver.was_sent:
        person = one_followed(session, viewer, account_id, now)
        _close(session, col(Handover.account_id) == account_id, viewer, now)
        _hand(session, viewer, receiver, Handover(
            account_id=account_id, from_id=viewer.id, to_id=receiver.id, reason=reason, at=now, submission=submission,
        ), person.name)  # fmt: skip
    return str(receiver.name)


def hand_over_group(
    session: Session, viewer: Viewer, cohort_id: UUID, to: str, reason: str, form_id: str, now: datetime
) -> str:
    """The same for the members of a group whom the viewer follows: nobody passes on more than they have."""
    submission = submission_of(viewer, form_id)
    receiver = _receiver(session, viewer, to, Handover, submission, now)
    if not receiver.was_sent:
        group = group_of(session, viewer, cohort_id)
        if group.members - set(followed(session, viewer, now=now)):
            raise Conflict(
                _(
                    "In deze groep zit iemand die je niet meer begeleidt. Pas de groep aan, en draag ze dan over."
                )
            )
        _close(session, col(Handover.cohort_id) == cohort_id, viewer, now)
        _hand(session, viewer, receiver, Handover(
            cohort_id=cohort_id, from_id=viewer.id, to_id=receiver.id, reason=reason, at=now, submission=submission,
        ), group.name)  # fmt: skip
    return str(receiver.name)


def _close(session: Session, which: ColumnElement[bool], viewer: Viewer, now: datetime) -> None:
    """What an administrator handed over before ends: one at a time. Others no longer follow whom they handed over."""
    if not viewer.has(Role.ADMINISTRATOR):
        return
    session.execute(
        update(Handover)
        .where(which, col(Handover.from_id) == viewer.id, col(Handover.ended_at).is_(None))
        .values(ended_at=now)
    )


def _hand(session: Session, viewer: Viewer, receiver: Row[Any], handover: Handover, what: str) -> None:
    session.add(handover)
    kind, key = ("account", handover.account_id) if handover.account_id else ("cohort", handover.cohort_id)
    record(session, viewer.id, "mentoring.handed_over", kind=kind, key=key, to=str(receiver.id))
    mail.send(
        session, receiver.email, "mentoring_handed", language=receiver.language, name=receiver.name,
        by=viewer.name, what=what, reason=handover.reason,
    )  # fmt: skip


def give_back(session: Session, viewer: Viewer, handover_id: UUID, now: datetime) -> None:
    """Giver or receiver ends a hand-over. Twice is once."""
    row = session.get(Handover, handover_id)
    sides = scope_of(viewer).mentors or (viewer.id,)
    if row is None or not ({row.from_id, row.to_id} & set(sides) or viewer.has(Role.ADMINISTRATOR)):
        raise NotFound(_("Deze overdracht bestaat niet, of is niet van jou."))
    if row.ended_at is None:
        row.ended_at = now
        record(session, viewer.id, "mentoring.given_back", kind="handover", key=handover_id)


def handed(session: Session, viewer: Viewer) -> list[Handed]:
    """What holds now and concerns the viewer, the newest first. One query."""
    giver, receiver, person = aliased(Account), aliased(Account), aliased(Account)
    sides = scope_of(viewer).mentors or (viewer.id,)
    rows = session.execute(
        select(
            Handover, col(giver.name).label("giver"), col(receiver.name).label("receiver"),
            col(person.name).label("person"), col(Cohort.name).label("cohort"),
        )
        .join(giver, col(giver.id) == Handover.from_id)
        .join(receiver, col(receiver.id) == Handover.to_id)
        .outerjoin(person, col(person.id) == Handover.account_id)
        .outerjoin(Cohort, col(Cohort.id) == Handover.cohort_id)
        .where(
            col(Handover.ended_at).is_(None),
            true()
            if viewer.has(Role.ADMINISTRATOR)
            else or_(col(Handover.from_id).in_(sides), col(Handover.to_id).in_(sides)),
        )
        .order_by(col(Handover.at).desc())
    )  # fmt: skip
    return [
        Handed(
            r.Handover.id, r.person or r.cohort or "", r.giver, r.receiver, r.Handover.reason, r.Handover.at
        )
        for r in rows
    ]


# ── standing in ──


def substitute(
    session: Session, viewer: Viewer, to: str, reason: str, until: datetime, form_id: str, now: datetime
) -> str:
    """Another mentor follows and decides in the viewer's place, until that moment. The same form twice is once."""
    submission = submission_of(viewer, form_id)
    receiver = _receiver(session, viewer, to, Substitution, submission, now)
    if not now < until <= now + LONGEST_SUBSTITUTION:
        raise Conflict(_("Kies een einddatum binnen het half jaar."))
    if not receiver.was_sent:
        session.add(
            Substitution(
                mentor_id=viewer.id, substitute_id=receiver.id, reason=reason, starts_at=now, ends_at=until,
                submission=submission,
            )
        )  # fmt: skip
        record(
            session,
            viewer.id,
            "mentoring.substitute",
            kind="account",
            key=receiver.id,
            until=until.isoformat(),
        )
        mail.send(
            session, receiver.email, "mentoring_substitute", language=receiver.language, name=receiver.name,
            by=viewer.name, until=until, reason=reason,
        )  # fmt: skip
    return str(receiver.name)


def end_substitution(session: Session, viewer: Viewer, substitution_id: UUID, now: datetime) -> None:
    """Either side, or an administrator, ends it early. Twice is once."""
    row = session.get(Substitution, substitution_id)
    may = row is not None and (
        viewer.id in (row.mentor_id, row.substitute_id) or viewer.has(Role.ADMINISTRATOR)
    )
    if row is None or not may:
        raise NotFound(_("Deze vervanging bestaat niet, of is niet van jou."))
    if row.ends_at > now:
        row.ends_at = now
        record(session, viewer.id, "mentoring.substitute_ended", kind="substitution", key=substitution_id)


def substitutions(session: Session, viewer: Viewer, now: datetime) -> Sequence[Handed]:
    """Those of the viewer that still hold. One query."""
    mentor, other = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Substitution, col(mentor.name).label("mentor"), col(other.name).label("other"))
        .join(mentor, col(mentor.id) == Substitution.mentor_id)
        .join(other, col(other.id) == Substitution.substitute_id)
        .where(
            and_(
                or_(col(Substitution.mentor_id) == viewer.id, col(Substitution.substitute_id) == viewer.id),
                col(Substitution.ends_at) > now,
            )
        )
        .order_by(col(Substitution.ends_at))
    )
    return [
        Handed(r.Substitution.id, "", r.mentor, r.other, r.Substitution.reason, r.Substitution.starts_at, r.Substitution.ends_at)
        for r in rows
    ]  # fmt: skip
