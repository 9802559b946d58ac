"""Certificates: issued in the transaction of completion, checked by anyone who has the code, revoked with a reason."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend import mail
from backend.audit import service as audit
from backend.auth.models import Account, Viewer
from backend.errors import Forbidden, NotFound
from backend.language import gettext as _
from backend.recognition import policy
from backend.recognition.models import Certificate

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # nothing that is mistaken for something else
GROUPS, GROUP = 3, 4  # 30^12: nobody guesses one


@dataclass(frozen=True, slots=True)
class Award:
    """What somebody completed."""

    course_key: str
    title: str
    summary: str
    version: int
    hours: float


def issue(session: Session, account_id: UUID, award: Award, now: datetime) -> Certificate:
    """The certificate of this person for this course: a new one, with a mail, or the one that is there already."""
    found = _of(session, account_id, award.course_key)
    if found is not None:
        return found
    account = session.get_one(Account, account_id)
    new = Certificate(
        code=new_code(),
        account_id=account_id,
        name=account.name,
        course_key=award.course_key,
        course_title=award.title,
        course_summary=award.summary[:1000],
        version=award.version,
        hours=award.hours,
        issued_at=now,
        is_fictional=account.is_fictional,
    )
    try:
        with session.begin_nested():
            session.add(new)
            session.flush()
    except IntegrityError:
        other = _of(session, account_id, award.course_key)
        assert other is not None  # noqa: S101 - the constraint refused because it is there
        return other
    mail.send(
        session, account.email, "recognition_issued", language=account.language,
        name=account.name, title=award.title, code=new.code,
    )  # fmt: skip
    return new


def _of(session: Session, account_id: UUID, course_key: str) -> Certificate | None:
    return session.scalars(
        select(Certificate).where(
            col(Certificate.account_id) == account_id, col(Certificate.course_key) == course_key
        )
    ).one_or_none()


def new_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _n in range(GROUP)) for _g in range(GROUPS))


def find(session: Session, code: str) -> Certificate:
    """By its code, however somebody typed it. Raises NotFound."""
    letters = [c for c in code.lower() if c.isalnum()][: GROUPS * GROUP + 1]
    grouped = "-".join("".join(letters[at : at + GROUP]) for at in range(0, len(letters), GROUP))
    found = session.scalars(select(Certificate).where(col(Certificate.code) == grouped)).one_or_none()
    if found is None:
        raise NotFound(
            _("We kennen geen getuigschrift met deze code. Kijk na of je alle letters en cijfers overnam.")
        )
    return found


def mine(session: Session, viewer: Viewer) -> Sequence[Certificate]:
    """The newest first. One query."""
    return session.scalars(
        select(Certificate)
        .where(col(Certificate.account_id) == viewer.id)
        .order_by(col(Certificate.issued_at).desc())
    ).all()


def own(session: Session, viewer: Viewer, code: str) -> Certificate:
    """One's own certificate; to others it does not exist."""
    found = find(session, code)
    if not policy.owns(viewer, found):
        raise NotFound(_("Dit getuigschrift bestaat niet, of het is niet van jou."))
    return found


def show_name(session: Session, viewer: Viewer, code: str, *, shows: bool) -> None:
    own(session, viewer, code).shows_name = shows


def revoke(session: Session, viewer: Viewer, code: str, reason: str, now: datetime) -> None:
    """Withdraw it, and tell its holder why. Doing it again changes nothing."""
    if not policy.can_revoke(viewer):
        raise Forbidden(_("Alleen een beheerder kan een getuigschrift intrekken."))
    found = find(session, code)
    withdrawn: Any = session.execute(
        update(Certificate)
        .where(col(Certificate.id) == found.id, col(Certificate.revoked_at).is_(None))
        .values(revoked_at=now, revoked_because=reason, revoked_by_id=viewer.id)
    )
    if not withdrawn.rowcount:
        return
    audit.record(session, viewer.id, "recognition.revoked", kind="certificate", key=found.id)
    account = session.get_one(Account, found.account_id)
    mail.send(
        session, account.email, "recognition_revoked", language=account.language,
        name=account.name, title=found.course_title, code=found.code, reason=reason,
    )  # fmt: skip


def revoked(session: Session) -> Sequence[Certificate]:
    """For whoever verifies badges."""
    return session.scalars(
        select(Certificate)
        .where(col(Certificate.revoked_at).is_not(None))
        .order_by(col(Certificate.revoked_at))
    ).all()


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    found = session.scalars(select(Certificate).where(col(Certificate.account_id) == person)).all()
    return [each.model_dump(mode="json", exclude={"account_id", "revoked_by_id"}) for each in found]


def erase(session: Session, person: UUID) -> None:
    session.execute(
        update(Certificate).where(col(Certificate.revoked_by_id) == person).values(revoked_by_id=None)
    )
    session.execute(delete(Certificate).where(col(Certificate.account_id) == person))
