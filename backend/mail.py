"""Mails: rendered when they are caused, kept in the same transaction, sent by the worker."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel

from backend import jobs
from backend.db import now
from backend.language import speaking
from backend.templating import render


class OutgoingMail(SQLModel, table=True):
    __tablename__ = "outgoing_mail"
    id: UUID = Field(default_factory=uuid4, primary_key=True)  # the Message-ID follows from it: a repeat can be recognised
    to: str = Field(max_length=200)
    subject: str = Field(max_length=200)
    text: str
    # each with name, type ("text/calendar; method=REQUEST") and content
    attachments: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(index=True)
    sent_at: datetime | None = None


def send(
    session: Session,
    to: str,
    template: str,
    *,
    language: str = "nl",
    attachments: list[dict[str, str]] | None = None,
    **context: Any,
) -> OutgoingMail:
    """Queue a mail. `template` is a file in templates/email/: its first line is the subject, the rest the text."""
    with speaking(language):
        subject, _, text = render(f"email/{template}.txt", **context).partition("\n")
    mail = OutgoingMail(
        to=to, subject=plain_line(subject), text=text.strip() + "\n", attachments=attachments or [], created_at=now()
    )
    session.add(mail)
    jobs.enqueue(session, "mail.send", mail_id=str(mail.id))
    return mail


def plain_line(text: str) -> str:
    """One line without what Python's mail package would turn into another header (encoded words, line ends)."""
    flat = re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).replace("=?", "= ?")
    return " ".join(flat.split())[:200]
