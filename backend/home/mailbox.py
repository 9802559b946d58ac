"""The mails that were kept, for reading in demo mode: what a person would find in their own mailbox."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.config import settings
from backend.errors import NotFound
from backend.language import gettext as _
from backend.mail import OutgoingMail

PER_PAGE = 20
ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@dataclass(frozen=True, slots=True)
class MailPage:
    mails: list[OutgoingMail]
    number: int
    has_older: bool


def mails(session: Session, number: int) -> MailPage:
    """The newest first; `number` starts at 1. One query."""
    found = list(
        session.scalars(
            select(OutgoingMail)
            .order_by(col(OutgoingMail.created_at).desc(), col(OutgoingMail.id))
            .offset((number - 1) * PER_PAGE)
            .limit(PER_PAGE + 1)
        )
    )
    return MailPage(found[:PER_PAGE], number, has_older=len(found) > PER_PAGE)


def mail(session: Session, mail_id: UUID) -> OutgoingMail:
    found = session.get(OutgoingMail, mail_id)
    if found is None:
        raise NotFound(_("Deze mail is er niet, of niet meer."))
    return found


def pieces(text: str) -> list[tuple[str, str]]:
    """The text of a mail as (words, address) in turn; address is "" where it is no link. Links to this site lose the host,
    so that they work under whatever name somebody opened the site."""
    result: list[tuple[str, str]] = []
    end = 0
    for match in ADDRESS.finditer(text):
        result.append((text[end : match.start()], ""))
        result.append((match[0], match[0].removeprefix(settings.base_url.rstrip("/")) or "/"))
        end = match.end()
    return [piece for piece in [*result, (text[end:], "")] if piece[0]]
