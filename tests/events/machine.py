"""Any order of registering, cancelling, resizing and closing, compared with a model of ten lines."""

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from backend.events.waiting_list import cancel, register, resize
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.auth.models import Viewer
from backend.db import now
from backend.errors import Conflict
from backend.events import service
from backend.events.models import ActionDay, Registration, RegistrationStatus
from backend.mail import OutgoingMail
from tests.factories import make_day

WHO = st.integers(0, 7)
CONFIRMED, WAITING, CANCELLED = RegistrationStatus


class Places(RuleBasedStateMachine):
    """`session` and `people` are given by the test; each run is a savepoint that is undone."""

    session: Session
    people: list[Viewer]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.moment = now()
        self.day = make_day(self.session, capacity=2)
        self.mails_before = self.count(OutgoingMail)
        self.capacity, self.closed = 2, False
        self.seated: set[int] = set()
        self.line: list[int] = []
        self.changes = 0  # one mail each

    def teardown(self) -> None:
        self.savepoint.rollback()

    def count(self, table: Any) -> int:
        return self.session.exec(select(func.count()).select_from(table)).one()

    @rule(who=WHO)
    def somebody_registers(self, who: int) -> None:
        known = who in self.seated or who in self.line
        try:
            register(self.session, self.people[who], self.day.slug, "", self.moment)
        except Conflict:
            assert self.closed and not known
            return
        assert known or not self.closed
        if not known:
            self.changes += 1
            if len(self.seated) < self.capacity:
                self.seated.add(who)
            else:
                self.line.append(who)

    @rule(who=WHO)
    def somebody_cancels(self, who: int) -> None:
        cancel(self.session, self.people[who], self.day.slug, self.moment)
        if who in self.line:
            self.line.remove(who)
            self.changes += 1
        elif who in self.seated:
            self.seated.remove(who)
            self.changes += 1
            self.let_in()

    @rule(places=st.integers(0, 6))
    def the_organiser_resizes(self, places: int) -> None:
        try:
            resize(self.session, self.day.slug, places, self.moment)
        except Conflict:
            assert places < len(self.seated)
            return
        assert places >= len(self.seated)
        self.capacity = places
        self.let_in()

    def let_in(self) -> None:
        while self.line and len(self.seated) < self.capacity:
            self.seated.add(self.line.pop(0))
            self.changes += 1

    @rule()
    def the_clock_goes_back_a_little(self) -> None:
        """Two web machines need not agree on the time."""
        self.moment -= timedelta(seconds=1)

    @precondition(lambda self: not self.closed)
    @rule()
    def registration_closes(self) -> None:
        self.day.registration_closes_at = self.moment - timedelta(hours=1)
        self.closed = True

    @precondition(lambda self: self.closed)
    @rule()
    def registration_opens(self) -> None:
        self.day.registration_closes_at = self.day.starts_at
        self.closed = False

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        self.session.flush()
        self.session.expire_all()
        day = self.session.get_one(ActionDay, self.day.id)
        assert (day.capacity, day.taken, day.waiting_count) == (
            self.capacity,
            len(self.seated),
            len(self.line),
        )
        rows = self.session.exec(select(Registration).where(col(Registration.day_id) == day.id)).all()
        number = {viewer.id: n for n, viewer in enumerate(self.people)}
        assert {number[row.account_id] for row in rows if row.status == CONFIRMED} == self.seated
        places = {
            number[row.account_id]: service.place_in_line(self.session, row)
            for row in rows
            if row.status == WAITING
        }
        assert places == {who: place for place, who in enumerate(self.line, 1)}
        assert sum(row.sequence + 1 for row in rows) == self.changes
        assert self.count(OutgoingMail) - self.mails_before == self.changes
