"""Mails: rendered as text when they are caused, kept in the same transaction, sent by the worker.

The HTML form is made from the text when a mail leaves (mail_html.py), so that the two say the same. What nobody asked for
just now waits for the end of the quiet hours.
"""

import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import JSON, ColumnElement, delete, func, select, update
from sqlmodel import Field, Session, SQLModel, col

from backend import jobs, mail_html, quiet_hours
from backend.config import settings
from backend.db import now
from backend.fields import EMAIL
from backend.jobs import Job, JobStatus
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
    language: str = Field(default="nl", max_length=2)
    about: UUID | None = Field(default=None, index=True)  # mails about the same thing arrive in order
    is_quiet: bool = False  # never at night, nor on Sundays and holidays
    created_at: datetime = Field(index=True)
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """How a mail leaves. Usually in quiet: not before the quiet hours end.

    `at_once`: the reader just asked for it. `not_before`: a moment of its own. `matters_at`: when it is about something
    that begins so soon that waiting for the morning would be too late, it leaves at once. `about`: see OutgoingMail;
    what waits about the same thing leaves before it.
    """

    at_once: bool = False
    not_before: datetime | None = None
    matters_at: datetime | None = None
    about: UUID | None = None
    is_first: bool = False  # nothing else about it can wait

    def moment(self, now: datetime) -> datetime:
        if self.at_once:
            return now
        after = quiet_hours.next_moment(max(now, self.not_before or now))
        too_late = self.matters_at is not None and after > now and after > self.matters_at - SOON
        return now if too_late else after


SOON = timedelta(hours=4)
TICK = timedelta(milliseconds=1)
AT_ONCE = Sending(at_once=True)
QUIETLY = Sending()


def send(
    session: Session,
    to: str,
    template: str,
    *,
    language: str = "nl",
    attachments: list[dict[str, str]] | None = None,
    unsubscribe: str = "",
    how: Sending = QUIETLY,
    **context: Any,
) -> OutgoingMail:
    """Queue a mail. `template` is a file in templates/email/: its first line is the subject, the rest the text.

    `unsubscribe`: an address that stops mails of this kind when it is posted to (RFC 8058).
    """
    moment = now()
    run_at = how.moment(moment)
    if how.about is not None and not how.is_first:
        if run_at > moment:
            run_at = _after_what_waits(session, how.about, run_at)
        else:
            _send_what_waits(session, how.about, moment)
    subject, text = written(template, language, unsubscribe=unsubscribe, **context)
    mail = OutgoingMail(
        to=to,
        subject=subject,
        text=text,
        attachments=attachments or [],
        unsubscribe=unsubscribe,
        language=language,
        about=how.about,
        is_quiet=run_at > moment,
        created_at=moment,
    )
    session.add(mail)
    jobs.enqueue(session, "mail.send", at=run_at, job_id=mail.id, mail_id=str(mail.id))
    return mail


def _after_what_waits(session: Session, about: UUID, run_at: datetime) -> datetime:
    """What waits leaves first: a letter of 8 o'clock comes before the news of the night that the day is called off."""
    last = session.scalar(
        select(func.max(col(Job.run_at)))
        .join(OutgoingMail, col(OutgoingMail.id) == Job.id)
        .where(*_waiting(about), col(Job.status) == JobStatus.QUEUED, col(Job.attempts) == 0)
    )
    return max(run_at, last + TICK) if last else run_at


def _waiting(about: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(OutgoingMail.about) == about,
        col(OutgoingMail.is_quiet).is_(True),
        col(OutgoingMail.sent_at).is_(None),
    )


def _send_what_waits(session: Session, about: UUID, moment: datetime) -> None:
    """Somebody who is at it now reads what they would have been told in the morning, and in the right order."""
    waiting = _waiting(about)
    jobs.hurry(session, select(col(OutgoingMail.id)).where(*waiting), moment - TICK)
    session.execute(update(OutgoingMail).where(*waiting).values(is_quiet=False))


def written(template: str, language: str, **context: Any) -> tuple[str, str]:
    """The subject and the text, with a foot that says who writes, and why: also for a preview. Nothing is queued."""
    part = template.partition("_")[0]
    with speaking(language):
        subject, _, text = render(f"email/{template}.txt", **context).partition("\n")
        foot = render("email/foot.txt", part=part, unsubscribe=context.get("unsubscribe", ""))
    return plain_line(subject), f"{text.strip()}{mail_html.FOOT}{foot.strip()}\n"


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
    if mail.is_quiet and (later := quiet_hours.next_moment(now())) > now():  # it was tried again and again
        raise jobs.NotYet("nobody is mailed at this hour", later)
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
    message.add_alternative(as_html(mail), subtype="html", cte="quoted-printable")
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


def as_html(mail: OutgoingMail) -> str:
    return mail_html.page(plain_line(mail.subject), mail.text, mail.language)


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
