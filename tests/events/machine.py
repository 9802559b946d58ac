"""Any order of what people and organisers can do with a day, compared after each step with a day on paper."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.auth.invited import Colleague
from backend.auth.models import Viewer
from backend.db import now
from backend.errors import Conflict
from backend.events import colleagues, ledger, offers, organising, passing_on, registering, service
from backend.events.holding import Mine
from backend.events.models import (
    ActionDay,
    ChoiceStatus,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)
from backend.events.wishes import Mistaken
from backend.mail import OutgoingMail
from tests.events.acts import wish
from tests.events.model import CAPACITIES, Paper
from tests.factories import make_day, make_round

PEOPLE = 8
ANYBODY = 40
WHO = st.integers(0, ANYBODY + PEOPLE - 1)
SESSION = st.sampled_from([None, *range(len(CAPACITIES))])
S = RegistrationStatus


class Places(RuleBasedStateMachine):
    """`session`, `people` and `organiser` are given by the test; each run is a savepoint that is undone."""

    session: Session
    people: list[Viewer]
    organiser: Viewer

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.moment = now()
        self.day = make_day(self.session, capacity=2, starts_at=self.moment + timedelta(days=60))
        self.slug = self.day.slug
        made = make_round(self.session, self.day, *CAPACITIES, is_required=False)
        self.workshops = [each.id for each in made]
        self.mails_before = self.count(OutgoingMail)
        self.paper = Paper(PEOPLE)
        self.closed = False
        self.sequences: dict[UUID, int] = {}

    def teardown(self) -> None:
        self.savepoint.rollback()

    def count(self, table: Any) -> int:
        return self.session.exec(select(func.count()).select_from(table)).one()

    def one_of(self, among: Collection[int], number: int) -> int:
        """Somebody for whom it makes a difference, when there is one; now and then anybody."""
        likely = sorted(among) if number < ANYBODY else []
        return likely[number % len(likely)] if likely else number % PEOPLE

    def picks(self, session: int | None, wait: int | None = None) -> Any:
        these = [self.session.get_one(Workshop, key) for key in self.workshops]
        return wish([] if session is None else [these[session]], [] if wait is None else [these[wait]])

    @initialize(sessions=st.lists(SESSION, min_size=4, max_size=7))
    def some_register(self, sessions: list[int | None]) -> None:
        for session in sessions:
            self.somebody_registers(0, session, insists=False)

    @rule(who=WHO, session=SESSION, insists=st.booleans())
    def somebody_registers(self, who: int, session: int | None, insists: bool) -> None:
        """`insists`: on a session that is full, which is a mistake in the form."""
        paper = self.paper
        who = self.one_of({n for n in range(PEOPLE) if not paper.knows(n)}, who)
        known = paper.knows(who)
        too_late = session is not None and paper.has_room(who) and not paper.session_has_room(session)
        if too_late and not insists:
            session, too_late = None, False
        try:
            registering.register(self.session, self.people[who], self.slug, self.picks(session), self.moment)
        except Conflict:
            assert self.closed and not known
            return
        except Mistaken:
            assert too_late and not known and not self.closed
            return
        assert known or not (self.closed or too_late)
        if not known:
            paper.enter(who, session)

    @rule(who=WHO)
    def somebody_cancels(self, who: int) -> None:
        who = self.one_of(self.paper.seated, who)
        registering.cancel(self.session, Mine(self.people[who], self.slug), self.moment)
        if self.paper.knows(who):
            self.paper.leave(who)

    @rule(who=WHO)
    def somebody_leaves_the_line(self, who: int) -> None:
        self.somebody_cancels(ANYBODY + self.one_of(self.paper.line, who))

    @rule(who=WHO)
    def somebody_accepts(self, who: int) -> None:
        who = self.one_of({n for n, state in self.paper.seated.items() if state == "offered"}, who)
        state = self.paper.seated.get(who)
        try:
            offers.accept(self.session, Mine(self.people[who], self.slug), self.moment)
        except Conflict:
            assert state is None
            return
        assert state is not None
        if state == "offered":
            self.paper.seated[who] = "confirmed"
            self.paper.must_confirm.discard(who)
            self.paper.changes += 1

    @precondition(lambda self: "offered" in self.paper.seated.values())
    @rule(first_only=st.booleans())
    def offers_end(self, first_only: bool) -> None:
        """The clock goes on until the first or the last of them is over."""
        number = self.numbers()
        ends = sorted(
            (row.offered_until, row.asked_at, row.id, number[row.account_id])
            for row in self.rows()
            if row.offered_until is not None
        )
        self.moment = max(self.moment, ends[0 if first_only else -1][0])
        late = [who for until, _asked_at, _id, who in ends if until <= self.moment]
        assert offers.expire(self.session, self.day.id, self.moment) == len(late)
        for who in late:
            self.paper.leave(who)

    @rule(who=WHO, colleague=WHO)
    def somebody_registers_a_colleague(self, who: int, colleague: int) -> None:
        who, colleague = (
            who % PEOPLE,
            self.one_of({n for n in range(PEOPLE) if not self.paper.knows(n)}, colleague),
        )
        named = [Colleague("Collega", self.people[colleague].email)]
        same_town = (who < PEOPLE // 2) == (colleague < PEOPLE // 2)
        try:
            colleagues.register_colleagues(self.session, self.people[who], self.slug, named, self.moment)
        except Conflict:
            assert self.closed or not same_town or who == colleague
            return
        assert not self.closed and same_town and who != colleague
        if not self.paper.knows(colleague):
            self.paper.enter(colleague, None, invited=True)

    @rule(giver=WHO, receiver=WHO)
    def somebody_passes_the_place_on(self, giver: int, receiver: int) -> None:
        giver = self.one_of({n for n, state in self.paper.seated.items() if state == "confirmed"}, giver)
        town = range(PEOPLE)[: PEOPLE // 2] if giver < PEOPLE // 2 else range(PEOPLE)[PEOPLE // 2 :]
        receiver = self.one_of(set(town) - self.paper.seated.keys(), receiver)
        same_town = (giver < PEOPLE // 2) == (receiver < PEOPLE // 2)
        can = self.paper.seated.get(giver) == "confirmed" and same_town and receiver not in self.paper.seated
        to = Colleague("Collega", self.people[receiver].email)
        before = self.count(RegistrationEvent)
        try:
            passing_on.hand_over(self.session, Mine(self.people[giver], self.slug), to, self.moment)
        except Conflict:
            assert not can
            return
        if can:
            self.paper.hand_over(giver, receiver)
        else:  # the same form was sent before
            assert self.count(RegistrationEvent) == before

    @rule(who=WHO, session=SESSION, wait=SESSION, insists=st.booleans())
    def somebody_chooses_other_sessions(
        self, who: int, session: int | None, wait: int | None, insists: bool
    ) -> None:
        paper = self.paper
        who = self.one_of(paper.seated, who)
        if who not in paper.seated:
            return
        own = paper.chosen.get(who)
        if wait is not None and (paper.session_has_room(wait) or wait == own):
            session, wait = wait, None  # waiting for what one can have is choosing it
        can = session is None or session == own or paper.session_has_room(session)
        if not can and not insists:
            session, wait, can = own, session, True
        try:
            registering.change(
                self.session, Mine(self.people[who], self.slug), self.picks(session, wait), self.moment
            )
        except Mistaken:
            assert not can or session == wait is not None
            return
        assert can
        paper.choose(who, session, wait)

    @precondition(lambda self: self.paper.chosen)
    @rule(who=WHO)
    def somebody_waits_for_the_other_session(self, who: int) -> None:
        """And keeps the own one meanwhile, for which others may wait."""
        who = self.one_of(self.paper.chosen, who)
        own = self.paper.chosen.get(who)
        if own is not None:
            self.somebody_chooses_other_sessions(ANYBODY + who, own, 1 - own, insists=False)

    @rule(more=st.integers(-2, 4))
    def the_organiser_resizes(self, more: int) -> None:
        places = max(0, len(self.paper.seated) + more)
        try:
            organising.resize(self.session, self.organiser, self.slug, places, self.moment)
        except Conflict:
            assert places < len(self.paper.seated)
            return
        assert places >= len(self.paper.seated)
        self.paper.capacity = places
        self.paper.promote()

    @rule(session=st.integers(0, len(CAPACITIES) - 1), places=st.integers(0, 3))
    def the_organiser_resizes_a_session(self, session: int, places: int) -> None:
        taken = sum(of == session for of in self.paper.chosen.values())
        try:
            organising.resize_workshop(
                self.session, self.organiser, self.slug, self.workshops[session], places, self.moment
            )
        except Conflict:
            assert places < taken
            return
        assert places >= taken
        self.paper.session_capacity[session] = places
        self.paper.moves_on([session])

    @rule(makes_offers=st.booleans(), spread=st.integers(0, 2))
    def the_organiser_changes_the_rules(self, makes_offers: bool, spread: int) -> None:
        until = self.day.starts_at if spread else None
        values = {"offer_hours": 8 * makes_offers, "spread_limit": spread or None, "spread_until": until}
        organising.change(self.session, self.organiser, self.slug, values, self.moment)
        self.paper.makes_offers, self.paper.spread = makes_offers, spread
        self.paper.promote()

    @rule(hours=st.integers(1, 9))
    def time_goes_by(self, hours: int) -> None:
        """Offers made later end later. Those that end meanwhile have their job."""
        self.moment += timedelta(hours=hours)
        if any(row.offered_until and row.offered_until <= self.moment for row in self.rows()):
            self.offers_end(first_only=True)

    @rule()
    def the_clock_goes_back_a_little(self) -> None:
        """Two web machines need not agree on the time."""
        self.moment -= timedelta(seconds=1)

    @rule(closes=st.booleans())
    def registration_closes_or_opens(self, closes: bool) -> None:
        at = self.moment - timedelta(hours=1) if closes else self.day.starts_at
        organising.change(
            self.session, self.organiser, self.slug, {"registration_closes_at": at}, self.moment
        )
        self.closed = closes

    def rows(self) -> list[Registration]:
        self.session.flush()
        return list(
            self.session.exec(select(Registration).where(col(Registration.day_id) == self.day.id)).all()
        )

    def numbers(self) -> dict[UUID, int]:
        return {viewer.id: number for number, viewer in enumerate(self.people)}

    @invariant()
    def all_is_as_on_paper(self) -> None:
        self.session.flush()
        self.session.expire_all()
        day, paper, number = self.session.get_one(ActionDay, self.day.id), self.paper, self.numbers()
        assert (day.capacity, day.taken, day.waiting_count) == (
            paper.capacity,
            len(paper.seated),
            len(paper.line),
        )
        live = [row for row in self.rows() if row.is_live]
        assert len({row.account_id for row in live}) == len(live), "one live registration of a person"
        assert {number[row.account_id]: row.status.value for row in live if row.is_seated} == paper.seated
        places = {
            number[row.account_id]: service.place_in_line(self.session, row)
            for row in live
            if row.status == S.WAITING
        }
        assert places == {who: place for place, who in enumerate(paper.line, 1)}
        assert not [who for who in paper.line if paper.has_room(who)], "nobody waits who could have a place"

    @invariant()
    def sessions_are_as_on_paper(self) -> None:
        who = {row.id: self.numbers()[row.account_id] for row in self.rows()}
        choices = self.session.exec(
            select(WorkshopChoice).order_by(col(WorkshopChoice.asked_at), col(WorkshopChoice.registration_id))
        ).all()
        key = {workshop: session for session, workshop in enumerate(self.workshops)}
        kept: dict[ChoiceStatus, list[tuple[int, int]]] = {status: [] for status in ChoiceStatus}
        for choice in choices:
            kept[choice.status].append((who[choice.registration_id], key[choice.workshop_id]))
        assert dict(kept[ChoiceStatus.CHOSEN]) == self.paper.chosen
        assert dict(kept[ChoiceStatus.WISHED]) == self.paper.wishes
        lines = [
            [person for person, of in kept[ChoiceStatus.WAITING] if of == session]
            for session in range(len(CAPACITIES))
        ]
        assert lines == self.paper.session_line
        for session, line in enumerate(lines):
            assert not (line and self.paper.session_has_room(session)), "nobody waits for a free place"

    @invariant()
    def the_ledger_tells_the_same(self) -> None:
        assert ledger.differences(self.session) == []
        for row in self.rows():
            assert row.sequence >= self.sequences.get(row.id, 0), "SEQUENCE never falls"
            self.sequences[row.id] = row.sequence
        told = self.session.exec(
            select(func.count()).where(col(RegistrationEvent.kind).not_in(ledger.UNTOLD))
        ).one()
        assert self.count(OutgoingMail) - self.mails_before == told == self.paper.changes, "one mail a change"
