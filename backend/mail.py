"""Mails: rendered when they are caused, kept in the same transaction, sent by the worker."""

import re
import smtplib
import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import JSON, delete, select
from sqlmodel import Field, Session, SQLModel, col

from backend import jobs
from backend.config import settings
from backend.db import now
from backend.fields import EMAIL
from backend.language import speaking
from backend.templating import render

TIMEOUT = 15  # seconds, for each step of the conversation with the mail server
NOWHERE = "@gewist.invalid"  # the addresses of accounts that were erased: nothing is sent there


class OutgoingMail(SQLModel, table=True):
    __tablename__ = "outgoing_mail"
    id: UUID = Field(default_factory=uuid4, primary_key=True)  # the Message-ID follows from it
    to: str = Field(max_length=200)
    subject: str = Field(max_length=200)
    text: str
    unsubscribe: str = Field(default="", max_length=300)  # where one click stops mails of this kind
    # Each has a name, a type ("text/calendar; method=REQUEST") and its content.
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
    unsubscribe: str = "",
    **context: Any,
) -> OutgoingMail:
    """Queue a mail. `template` is a file in templates/email/: its first line is the subject, the rest the text.

    `unsubscribe`: an address that stops mails of this kind when it is posted to (RFC 8058).
    """
    with speaking(language):
        subject, _, text = render(f"email/{template}.txt", **context).partition("\n")
    mail = OutgoingMail(
        to=to,
        subject=plain_line(subject),
        text=text.strip() + "\n",
        attachments=attachments or [],
        unsubscribe=unsubscribe,
        created_at=now(),
    )
    session.add(mail)
    jobs.enqueue(session, "mail.send", mail_id=str(mail.id))
    return mail


def plain_line(text: str) -> str:
    """One line without what Python's mail package would turn into another header (encoded words, line ends)."""
    flat = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).replace("=?", "= ?")
    return " ".join(flat.split())[:200]


@jobs.handles("mail.send")
def deliver(session: Session, payload: dict[str, Any]) -> None:
    """Give one mail to the mail server. At least once: a repeat after a crash has the same Message-ID."""
    mail = session.get(OutgoingMail, UUID(payload["mail_id"]))
    if mail is None or mail.sent_at is not None:
        return
    if mail.to.endswith(NOWHERE):
        mail.sent_at = now()
        return
    if not settings.smtp_host:
        if settings.demo:  # kept: the demo's mailbox page shows it
            return
        raise jobs.NotYet("no mail server: set LN_SMTP_HOST")
    message = as_message(mail)
    session.commit()  # nobody waits for the mail server
    _hand_over(message)
    mail.sent_at = now()


@jobs.daily("mail.tidy")
def _forget_sent(session: Session, _payload: dict[str, Any]) -> None:
    """What was written to people is not kept for long."""
    session.execute(delete(OutgoingMail).where(col(OutgoingMail.sent_at) < now() - jobs.KEPT))


def export_of(session: Session, address: str) -> list[dict[str, Any]]:
    """When something was written to this address. Not what: mails may name others, and they are in one's own mailbox."""
    rows = session.scalars(
        select(OutgoingMail).where(col(OutgoingMail.to) == address).order_by(col(OutgoingMail.created_at))
    )
    return [row.model_dump(mode="json", include={"created_at", "sent_at"}) for row in rows]


def erase(session: Session, address: str) -> None:
    session.execute(delete(OutgoingMail).where(col(OutgoingMail.to) == address))


def as_message(mail: OutgoingMail) -> EmailMessage:
    """The mail as it goes over the wire. A calendar is there twice: as what mail programs show, and as a file."""
    if not EMAIL.fullmatch(mail.to):
        raise jobs.GiveUp("the address cannot be right")
    name, address = parseaddr(settings.mail_from)
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{mail.id}@{urlsplit(settings.base_url).hostname}>"
    message["Date"] = format_datetime(mail.created_at)
    message["From"] = Address(plain_line(name), addr_spec=address)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = plain_line(mail.subject)
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{plain_line(mail.unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    files = [(a, *_mime_type(a["type"])) for a in mail.attachments]
    for file, kind, params in files:
        if kind == "text/calendar":
            message.add_alternative(file["content"], subtype="calendar", params=params, cte="base64")
    for file, kind, params in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(
            file["content"].encode(),
            maintype=main,
            subtype=sub,
            params={**params, **({"charset": "utf-8"} if main == "text" else {})},
            filename=plain_line(file["name"]),
        )
    return message


def _mime_type(declared: str) -> tuple[str, dict[str, str]]:
    """("text/calendar", {"method": "REQUEST"})"""
    kind, *rest = (piece.strip() for piece in plain_line(declared).split(";"))
    params = dict(piece.split("=", 1) for piece in rest if "=" in piece)
    params.pop("charset", None)
    return kind.lower(), params


def _hand_over(message: EmailMessage) -> None:
    try:
        with _connection() as server:
            server.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        code = _code(error)
        if code >= 500:
            raise jobs.GiveUp(f"the mail server refuses it ({code})") from error
        raise
    except (MessageError, UnicodeEncodeError) as error:
        raise jobs.GiveUp("this cannot be written as a mail") from error


def check_server() -> None:
    """Connect and sign in, and send nothing. Raises an OSError that says what is wrong."""
    with _connection() as server:
        server.noop()


def _code(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _said in error.recipients.values())
    return error.smtp_code


def _connection() -> smtplib.SMTP:
    """A conversation with the mail server, encrypted with a checked certificate and signed in, as the settings say."""
    own_name = urlsplit(settings.base_url).hostname
    host, port = settings.smtp_host, settings.smtp_port
    secure = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, own_name, timeout=TIMEOUT, context=secure)
    else:
        server = smtplib.SMTP(host, port, own_name, timeout=TIMEOUT)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=secure)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server
