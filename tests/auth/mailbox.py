"""The mails that were queued, and the secret of the link in them."""

import re

from sqlmodel import Session, col, select

from backend.mail import OutgoingMail


def mails_to(session: Session, address: str) -> list[OutgoingMail]:
    session.flush()
    return list(
        session.exec(
            select(OutgoingMail).where(OutgoingMail.to == address).order_by(col(OutgoingMail.created_at))
        )
    )


def path_in(mail: OutgoingMail, start: str) -> str:
    """The path of the link that starts so, as one would click it."""
    found = re.search(rf"https?://[^/\s]+({re.escape(start)}\S+)", mail.text)
    assert found, mail.text
    return found[1]
