"""What would happen: a change is really made, the mails that it writes are kept to show, and everything is taken back."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import event
from sqlmodel import Session

from backend.mail import OutgoingMail


@dataclass
class Mailing:
    """Mails that say the same to several people: one of them as it would be sent, and to whom."""

    subject: str
    text: str
    to: list[str] = field(default_factory=list)


def rehearse(session: Session, act: Callable[[], object]) -> list[Mailing]:
    """The mails that `act` would send, by subject. What it raises is raised here too; nothing of it stays."""
    written: dict[str, Mailing] = {}

    def keep(_session: object, row: object) -> None:
        if isinstance(row, OutgoingMail):
            mailing = written.setdefault(row.subject, Mailing(row.subject, row.text))
            mailing.to.append(row.to)

    session.flush()
    attempt = session.begin_nested()
    event.listen(session, "pending_to_persistent", keep)
    try:
        act()
        session.flush()
    finally:
        event.remove(session, "pending_to_persistent", keep)
        attempt.rollback()
        session.expire_all()
    return list(written.values())
