"""Words between a learner and their mentors: nudges, replies and feedback, on the site and by mail.

A learner has one conversation, which whoever follows them reads. Nobody is nudged twice within `QUIET`: the row of
`LastNudge` is changed on a condition, so that a double click or two mentors at the same moment count once.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from backend import mail
from backend.audit.service import record
from backend.auth.models import Account, Viewer
from backend.errors import NotFound, TooMany
from backend.language import gettext as _
from backend.mentoring.models import UNREAD_REPLY, LastNudge, Message, MessageKind
from backend.mentoring.participants import Participant, ids_in
from backend.mentoring.policy import scope_of
from backend.mentoring.reach import who_follow_still
from backend.mentoring.scope import followed

QUIET = timedelta(days=7)
MOST_AT_ONCE = 200
REPLIES_AN_HOUR = 20  # of one learner
NAME = "{naam}"  # in a nudge: the first name of whoever gets it


@dataclass(frozen=True, slots=True)
class About:
    """The shared reflection that feedback is about."""

    course_key: str
    lesson_key: str
    block_key: str


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed. `rubric`: criterion and judgement, with feedback."""

    text: str
    form_id: str
    about: About | None = None
    rubric: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Nudged:
    sent: list[Participant]
    quiet: list[Participant]  # got a nudge less than QUIET ago


@dataclass(frozen=True, slots=True)
class Line:
    """A message with who wrote it; `by` is "" when they are gone."""

    message: Message
    by: str


def for_person(text: str, name: str) -> str:
    return text.replace(NAME, (name.split() or [name])[0])


def people(session: Session, viewer: Viewer, ids: Collection[UUID], now: datetime) -> list[Participant]:
    """Those of these people whom the viewer follows, by name. Raises NotFound when one of them is not followed."""
    found = followed(session, viewer, col(Account.id).in_(ids), now=now) if ids else {}
    if not found or set(ids) - set(found):
        raise NotFound(_("Deze deelnemer bestaat niet, of hoort niet bij de gemeenten die je begeleidt."))
    return sorted(found.values(), key=lambda person: person.name)


def quiet_until(session: Session, ids: Collection[UUID], now: datetime) -> dict[UUID, datetime]:
    """Who of these may not be nudged yet, and until when. One query."""
    rows = session.execute(
        select(col(LastNudge.account_id), col(LastNudge.at)).where(
            col(LastNudge.account_id).in_(ids), col(LastNudge.at) > now - QUIET
        )
    )
    return {row.account_id: row.at + QUIET for row in rows}


def nudge(
    session: Session, viewer: Viewer, ids: Collection[UUID], text: str, form_id: str, now: datetime
) -> Nudged:
    """Write to each of them who was not written to within QUIET. The same form twice is once.

    Raises NotFound when one of them is not followed (any more): then nobody gets anything.
    """
    sent: list[Participant] = []
    quiet: list[Participant] = []
    chosen = people(session, viewer, ids, now)
    already = _sent_before(session, [_submission(viewer, form_id, person.id) for person in chosen])
    # In the order of their ids: two mentors who write to the same people never wait for each other.
    for person in sorted(chosen, key=lambda each: each.id):
        submission = _submission(viewer, form_id, person.id)
        if submission in already:
            sent.append(person)
        elif not claim(session, person.id, now):
            quiet.append(person)
        else:
            message = Message(
                account_id=person.id, author_id=viewer.id, kind=MessageKind.NUDGE, text=for_person(text, person.name),
                sent_at=now, submission=submission,
            )  # fmt: skip
            session.add(message)
            record(session, viewer.id, "mentoring.nudged", kind="account", key=person.id)
            _tell(session, person.id, message, viewer.name)
            sent.append(person)
    return Nudged(_by_name(sent), _by_name(quiet))


def _by_name(those: Iterable[Participant]) -> list[Participant]:
    return sorted(those, key=lambda person: person.name)


def claim(session: Session, account_id: UUID, now: datetime) -> bool:
    """True for exactly one of all who want to nudge this person within QUIET."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(LastNudge)
        .values(account_id=account_id, at=now)
        .on_conflict_do_update(
            index_elements=["account_id"], set_={"at": now}, where=col(LastNudge.at) <= now - QUIET
        )
        .returning(col(LastNudge.account_id))
    )
    return session.execute(statement).first() is not None


def _submission(viewer: Viewer, form_id: str, account_id: UUID) -> str:
    return hashlib.sha256(f"{viewer.id} {form_id} {account_id}".encode()).hexdigest()


def _sent_before(session: Session, submissions: Sequence[str]) -> set[str]:
    return set(
        session.scalars(select(col(Message.submission)).where(col(Message.submission).in_(submissions)))
    )


def answer(session: Session, viewer: Viewer, account_id: UUID, words: Words, now: datetime) -> Participant:
    """A mentor, in a conversation in which the learner wrote. Raises NotFound for who is not followed."""
    person = people(session, viewer, [account_id], now)[0]
    wrote = select(col(Message.id)).where(
        col(Message.account_id) == account_id, col(Message.kind) == MessageKind.REPLY
    )
    if session.scalars(wrote.limit(1)).first() is None:
        # Nothing to answer: an answer would be a second nudge by another door.
        raise NotFound(_("Er is nog geen antwoord van deze deelnemer. Stuur een eerste woord."))
    _add(session, viewer, person.id, MessageKind.ANSWER, words, now)
    return person


def give_feedback(
    session: Session, viewer: Viewer, account_id: UUID, words: Words, now: datetime
) -> Participant:
    """About a reflection that is shared: the caller found it (feedback.find)."""
    person = people(session, viewer, [account_id], now)[0]
    _add(session, viewer, person.id, MessageKind.FEEDBACK, words, now)
    return person


def reply(session: Session, viewer: Viewer, words: Words, now: datetime) -> None:
    """The learner, in their own conversation; whoever wrote to them last gets a mail, if a mentor still. Raises TooMany."""
    if _sent_before(session, [_submission(viewer, words.form_id, viewer.id)]):
        return
    recently = select(func.count()).where(
        col(Message.account_id) == viewer.id, col(Message.kind) == MessageKind.REPLY,
        col(Message.sent_at) > now - timedelta(hours=1),
    )  # fmt: skip
    if session.execute(recently).scalar_one() >= REPLIES_AN_HOUR:
        raise TooMany(_("Je schreef al veel berichten dit uur. Probeer het over een uur opnieuw."), 3600)
    last = select(col(Message.author_id)).where(
        col(Message.account_id) == viewer.id, col(Message.kind) != MessageKind.REPLY
    )
    found = session.execute(last.order_by(col(Message.sent_at).desc()).limit(1)).first()
    if found is None:
        raise NotFound(_("Er is nog geen bericht waarop je kunt antwoorden."))
    _add(session, viewer, viewer.id, MessageKind.REPLY, words, now)
    still = select(Account).where(col(Account.id) == found.author_id, col(Account.id).in_(who_follow_still()))
    mentor = session.scalars(still).first()
    if mentor is None:  # gone, or no mentor any more: whoever follows now finds it among the conversations
        return
    mail.send(
        session, mentor.email, "mentoring_replied", language=mentor.language, name=mentor.name, by=viewer.name,
        account_id=viewer.id,
    )  # fmt: skip


def _add(
    session: Session, viewer: Viewer, account_id: UUID, kind: MessageKind, words: Words, now: datetime
) -> None:  # fmt: skip
    submission = _submission(viewer, words.form_id, account_id)
    if _sent_before(session, [submission]):
        return
    where = words.about or About("", "", "")
    message = Message(
        account_id=account_id, author_id=viewer.id, kind=kind, text=words.text, course_key=where.course_key,
        lesson_key=where.lesson_key, block_key=where.block_key, rubric=words.rubric, sent_at=now, submission=submission,
    )  # fmt: skip
    session.add(message)
    session.flush()
    if kind != MessageKind.REPLY:
        _tell(session, account_id, message, viewer.name)


def _tell(session: Session, account_id: UUID, message: Message, by: str) -> None:
    account = session.get_one(Account, account_id)
    mail.send(
        session, account.email, "mentoring_word", language=account.language, name=account.name, by=by, message=message
    )  # fmt: skip


# ── reading ──


def conversation(session: Session, account_id: UUID) -> list[Line]:
    """Of one learner, the oldest first. One query. The caller may read it: it is their own, or they follow this person."""
    rows = session.execute(
        select(Message, col(Account.name))
        .outerjoin(Account, col(Account.id) == Message.author_id)
        .where(col(Message.account_id) == account_id)
        .order_by(col(Message.sent_at), col(Message.id))
    )
    return [Line(message, name or "") for message, name in rows]


def mark_read(session: Session, account_id: UUID, *, by_learner: bool, now: datetime) -> None:
    """What the other side wrote was seen."""
    from_learner = col(Message.kind) == MessageKind.REPLY
    session.execute(
        update(Message)
        .where(col(Message.account_id) == account_id, col(Message.read_at).is_(None))
        .where(~from_learner if by_learner else from_learner)
        .values(read_at=now)
    )


def unread_words(viewer: Viewer) -> ScalarSelect[int]:
    """How many words to this person they did not open yet, as a part of another query."""
    to_me = (col(Message.account_id) == viewer.id) & (col(Message.kind) != MessageKind.REPLY)
    return select(func.count(col(Message.id))).where(to_me, col(Message.read_at).is_(None)).scalar_subquery()


def unread_replies(viewer: Viewer, now: datetime) -> ScalarSelect[int]:
    """How many replies of whom this mentor follows nobody opened yet, as a part of another query."""
    followed_here = col(Message.account_id).in_(ids_in(scope_of(viewer), now))
    return select(func.count(col(Message.id))).where(UNREAD_REPLY, followed_here).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Conversation:
    person: Participant
    last: Message
    unread: int


def conversations(session: Session, viewer: Viewer, now: datetime) -> list[Conversation]:
    """Of everyone the viewer follows with whom words were exchanged: unread first, then the latest. Two queries."""
    spoke = col(Account.id).in_(select(col(Message.account_id)))
    people_here = followed(session, viewer, spoke, now=now)
    place = func.row_number().over(partition_by=col(Message.account_id), order_by=col(Message.sent_at).desc())
    ranked = select(
        col(Message.id), place.label("place"),
        func.count().filter(UNREAD_REPLY).over(partition_by=col(Message.account_id)).label("unread"),
    ).subquery()  # fmt: skip
    rows = session.execute(
        select(Message, ranked.c.unread).join(ranked, ranked.c.id == Message.id).where(ranked.c.place == 1)
    )
    found = [
        Conversation(people_here[message.account_id], message, count)
        for message, count in rows
        if message.account_id in people_here
    ]
    return sorted(found, key=lambda each: (each.unread == 0, -each.last.sent_at.timestamp()))


# ── one's own data ──


def export_of(session: Session, person: UUID) -> list[dict[str, Any]]:
    """One's own conversation, what one wrote to others (not to whom), and when one was last nudged."""
    mine = (col(Message.account_id) == person) | (col(Message.author_id) == person)
    rows = session.scalars(select(Message).where(mine).order_by(col(Message.sent_at)))
    nudged = session.scalars(select(LastNudge).where(col(LastNudge.account_id) == person))
    return [
        row.model_dump(mode="json", exclude={"submission", "account_id", "author_id"})
        | {"written_by_me": row.author_id == person}
        for row in rows
    ] + [{"last_nudged_at": row.at.isoformat()} for row in nudged]


def erase(session: Session, person: UUID) -> None:
    """The conversation goes; what a mentor wrote to others stays theirs, without the name."""
    session.execute(delete(Message).where(col(Message.account_id) == person))
    session.execute(update(Message).where(col(Message.author_id) == person).values(author_id=None))
    session.execute(delete(LastNudge).where(col(LastNudge.account_id) == person))
