"""Mentors and members at the same moment, from real processes. See test_word_races.py."""

import time as clock
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from backend import templating
from backend.auth.models import AccountStatus, Grant, Role, ScopeKind, Viewer
from backend.db import Database, make_engine, now
from backend.errors import AppError
from backend.main import ROUTERS
from backend.mentoring import cohorts, hours, messages
from backend.mentoring.models import Message, MessageKind, OfficeSlot
from backend.mentoring.scope import followed
from tests.factories import make_account, make_municipality
from tests.mentoring.people import make_mentor


def prepare(engine: Engine) -> tuple[UUID, list[UUID], list[UUID]]:
    """A learner, mentors, and colleagues of the learner; gives their ids."""
    with Session(engine) as session, session.begin():
        here = make_municipality(session)
        learner = make_account(session, organisation=here)
        mentors = [make_mentor(session, ScopeKind.ALL, "") for _ in range(6)]
        members = [make_account(session, organisation=here) for _ in range(6)]
        return learner.id, [m.id for m in mentors], [m.id for m in members]


def open_slot(engine: Engine, mentor: UUID) -> UUID:
    with Session(engine) as session, session.begin():
        slot = OfficeSlot(
            mentor_id=mentor, starts_at=now() + timedelta(days=3), ends_at=now() + timedelta(days=3, hours=1), place="x"
        )  # fmt: skip
        session.add(slot)
        session.flush()
        return slot.id


def make_group(engine: Engine, mentor: UUID) -> UUID:
    with Session(engine) as session, session.begin():
        return cohorts.make(session, _viewer(mentor, is_mentor=True), "Kern", uuid4().hex, now())


@cache
def _database(url: str) -> Database:
    for router in ROUTERS:  # mails name addresses
        templating.ROUTES.update({route.name: route.path for route in router.routes})
    return Database(make_engine(url))


def _viewer(person: UUID, *, is_mentor: bool) -> Viewer:
    grants = (Grant(Role.MENTOR, ScopeKind.ALL, ""),) if is_mentor else ()
    return Viewer(
        id=person, session_id=uuid4(), name="Wie", email="wie@test.example", status=AccountStatus.MEMBER, language="nl",
        organisation_id=None, organisation_name="", municipality_nis=None, region_key=None, grants=grants, seen_at=now(),
    )  # fmt: skip


def _nudge(session: Session, mentor: UUID, learner: UUID) -> None:
    text = "Dag {naam}, hoe gaat het?"
    messages.nudge(session, _viewer(mentor, is_mentor=True), [learner], text, uuid4().hex, now())


def _book(session: Session, member: UUID, slot: UUID) -> None:
    hours.book(session, _viewer(member, is_mentor=False), slot, "", now())


def _regroup(session: Session, mentor: UUID, cohort: UUID) -> None:
    who = _viewer(mentor, is_mentor=True)
    cohorts.set_members(session, who, cohort, set(followed(session, who)), now())


MOVES: dict[str, Callable[[Session, UUID, UUID], None]] = {
    "nudge": _nudge,
    "book": _book,
    "regroup": _regroup,
}


def act(url: str, move: str, who: UUID, what: UUID, at: float) -> bool:
    """In a process of its own: at that moment, in one transaction. True when it was let through."""
    database = _database(url)
    clock.sleep(max(0.0, at - clock.time()))
    try:
        if move in MOVES:
            with database.session() as session:
                MOVES[move](session, who, what)
        else:  # two transactions, as when the guard was a look beforehand
            with database.session(reading=True) as session:
                free = not _is_taken(session, move, what)
            clock.sleep(0.05)
            if not free:
                return False
            with Session(database.engine) as session, session.begin():
                _write(session, move, who, what)
    except AppError:
        return False
    return True


def _is_taken(session: Session, move: str, what: UUID) -> bool:
    if move.startswith("nudge"):
        return session.scalar(select(col(Message.id)).where(col(Message.account_id) == what)) is not None
    return session.scalar(select(col(OfficeSlot.booked_by_id)).where(col(OfficeSlot.id) == what)) is not None


def _write(session: Session, move: str, who: UUID, what: UUID) -> None:
    if move.startswith("nudge"):
        session.add(
            Message(
                account_id=what, author_id=who, kind=MessageKind.NUDGE, text="Dag", sent_at=now(), submission=uuid4().hex
            )
        )  # fmt: skip
    else:
        session.execute(update(OfficeSlot).where(col(OfficeSlot.id) == what).values(booked_by_id=who))
