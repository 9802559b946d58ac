"""Before deciding about an applicant: what is known of them, a question to them, and their answer."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth import admission
from backend.auth.admission import Applicant
from backend.auth.models import Account, AccountStatus, Admission, Membership, Viewer
from backend.errors import Conflict, NotFound
from backend.language import gettext as _
from backend.mentoring.models import AdmissionQuestion
from backend.network.models import Organisation, OrganisationDomain

MOST_QUESTIONS = 3  # that wait for an answer at once


@dataclass(slots=True)
class Known:
    """Of an applicant, from what the network has; nothing from elsewhere."""

    domain: str  # of the confirmed address
    domain_of: str = ""  # the organisation that listed this domain
    colleagues: int = 0  # members at the same organisation
    earlier: list[Admission] = field(default_factory=list)
    questions: list[AdmissionQuestion] = field(default_factory=list)


def suggestions() -> list[str]:
    """Questions of one click."""
    return [
        _("Wat is je functie, en wat heeft je werk met samenleven te maken?"),
        _("Werk je voor deze gemeente? Zo ja, bij welke dienst? Gebruik liefst je werkadres."),
        _("Wat wil je leren of doen in het netwerk?"),
    ]


def known(session: Session, applicants: list[Applicant]) -> dict[UUID, Known]:
    """By applicant, who must come from the viewer's queue. Four queries."""
    ids = [each.account_id for each in applicants]
    found = {each.account_id: Known(each.email.rpartition("@")[2]) for each in applicants}
    owners = dict(
        session.execute(
            select(col(OrganisationDomain.domain), col(Organisation.name))
            .join(Organisation, col(Organisation.id) == OrganisationDomain.organisation_id)
            .where(col(OrganisationDomain.domain).in_({each.domain for each in found.values()}))
        ).all()
    )
    here = select(col(Membership.organisation_id)).where(
        col(Membership.account_id).in_(ids), col(Membership.ended_at).is_(None)
    )
    counts = session.execute(
        select(col(Organisation.name), func.count())
        .join(Membership, col(Membership.organisation_id) == Organisation.id)
        .join(Account, col(Account.id) == Membership.account_id)
        .where(
            col(Membership.ended_at).is_(None), col(Account.status) == AccountStatus.MEMBER, col(Organisation.id).in_(here)
        )
        .group_by(col(Organisation.id), col(Organisation.name))
    )  # fmt: skip
    colleagues = {row[0]: row[1] for row in counts}
    for each in applicants:
        found[each.account_id].domain_of = owners.get(found[each.account_id].domain, "")
        found[each.account_id].colleagues = colleagues.get(each.organisation_name, 0)
    for decision in session.scalars(
        select(Admission).where(col(Admission.account_id).in_(ids)).order_by(col(Admission.decided_at))
    ):
        found[decision.account_id].earlier.append(decision)
    for question in session.scalars(
        select(AdmissionQuestion)
        .where(col(AdmissionQuestion.account_id).in_(ids))
        .order_by(col(AdmissionQuestion.asked_at))
    ):
        found[question.account_id].questions.append(question)
    return found


def ask(
    session: Session, viewer: Viewer, account_id: UUID, text: str, form_id: str, now: datetime
) -> Applicant:
    """Put a question to somebody in the viewer's queue, by mail and on the site. The same form twice is once."""
    applicant = next((a for a in admission.waiting(session, viewer) if a.account_id == account_id), None)
    if applicant is None:
        raise NotFound(_("Deze aanvraag wacht niet (meer). Misschien besliste een collega intussen."))
    submission = hashlib.sha256(f"{viewer.id} {form_id}".encode()).hexdigest()
    mine = select(AdmissionQuestion).where(col(AdmissionQuestion.account_id) == account_id)
    asked = list(session.scalars(mine))
    if any(each.submission == submission for each in asked):
        return applicant
    if sum(each.answered_at is None for each in asked) >= MOST_QUESTIONS:
        raise Conflict(_("Er wachten al %(n)d vragen op een antwoord.") % {"n": MOST_QUESTIONS})
    session.add(
        AdmissionQuestion(
            account_id=account_id, by_id=viewer.id, text=text, asked_at=now, submission=submission
        )
    )
    record(session, viewer.id, "mentoring.asked", kind="account", key=account_id)
    language = session.get_one(Account, account_id).language
    mail.send(
        session, applicant.email, "mentoring_question", language=language, name=applicant.name, by=viewer.name, text=text
    )  # fmt: skip
    return applicant


def to_answer(session: Session, viewer: Viewer) -> list[AdmissionQuestion]:
    """The questions to this applicant, the newest first."""
    return list(
        session.scalars(
            select(AdmissionQuestion)
            .where(col(AdmissionQuestion.account_id) == viewer.id)
            .order_by(col(AdmissionQuestion.asked_at).desc())
        )
    )


def answer(session: Session, viewer: Viewer, question_id: UUID, text: str, now: datetime) -> None:
    """The applicant answers, once; who asked gets a mail. The same answer again changes nothing."""
    question = session.get(AdmissionQuestion, question_id, with_for_update=True)
    if question is None or question.account_id != viewer.id:
        raise NotFound(_("Deze vraag bestaat niet, of is niet voor jou."))
    if question.answered_at is not None:
        if question.answer == text:
            return
        raise Conflict(_("Je antwoordde al op deze vraag."))
    question.answer, question.answered_at = text, now
    asker = session.get(Account, question.by_id)
    if asker is not None and asker.status == AccountStatus.MEMBER:
        mail.send(
            session,
            asker.email,
            "mentoring_answered",
            language=asker.language,
            name=asker.name,
            applicant=viewer.name,
        )
