"""What would happen: a change is really made, the mails that it writes are kept to show, and everything is taken back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event
from sqlmodel import Session

from backend.events import links
from backend.mail import OutgoingMail


@dataclass
class Mailing:
    """Mails that say the same to several people: one of them as it would be sent, but for its links, and to whom."""

    subject: str
    text: str
    to: list[str] = field(default_factory=list)


def rehearse(session: Session, act: Callable[[], object]) -> list[Mailing]:
    """The mails that `act` would send, by subject. What it raises is raised here too; nothing of it stays.

    Lock what it is about first: taking it back gives free what was locked in it.
    """
    session.flush()
    attempt = session.begin_nested()
    try:
        with watched(session) as mailings:
            act()
    finally:
        attempt.rollback()
        session.expire_all()
    return mailings


@contextmanager
def watched(session: Session) -> Iterator[list[Mailing]]:
    """The mails that are written meanwhile."""
    found: list[Mailing] = []

    def keep(_session: object, row: object) -> None:
        if isinstance(row, OutgoingMail):
            same = next((each for each in found if each.subject == row.subject), None)
            if same is None:
                found.append(same := Mailing(row.subject, links.without(row.text)))
            same.to.append(row.to)

    event.listen(session, "pending_to_persistent", keep)
    try:
        yield found
        session.flush()
    finally:
        event.remove(session, "pending_to_persistent", keep)
