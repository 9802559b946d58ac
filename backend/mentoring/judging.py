"""Where each of many people stands: the state of each lesson, the signals, and whether they need a word. Part of the mentoring service."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from backend.auth.models import Viewer
from backend.mentoring.happenings import Done, Facts, Happened, Places, happened, steps_of
from backend.mentoring.participants import Aside, Column, Participant
from backend.mentoring.reach import AnySelect
from backend.mentoring.signals import USUAL, Evidence, Signal, State, signals_of, standing_of, state_of


class Judge:
    """Gives people a state per lesson, their signals by the viewer's rules, and a standing."""

    def __init__(self, columns: list[Column], viewer: Viewer, now: datetime) -> None:
        self.places: Places = {column.key: (n, column.lesson.number) for n, column in enumerate(columns)}
        self.viewer, self.now = viewer, now
        self.facts = Facts({}, USUAL)
        self._lessons_of: dict[int, set[tuple[int, str]]] = defaultdict(set)
        for key in self.places:
            self._lessons_of[key[0]].add(key)
        self._rows: dict[Done, tuple[list[State], str]] = {}  # many people finished the same lessons

    def judge(
        self,
        session: Session,
        people: dict[UUID, Participant],
        ids: AnySelect,
        finished: Iterable[Any] | None = None,
        *,
        closely: bool = True,
    ) -> None:
        """Two queries; one when the caller has what is finished.

        Not closely: without the lessons in which somebody is busy and makes no mistakes. They decide nobody's standing,
        and look_closer() adds them for those who are shown.
        """
        self.facts = happened(session, ids, self.places, self.viewer, finished, closely=closely)
        for person in people.values():
            self._judge_one(person)

    def look_closer(self, session: Session, people: Collection[Participant]) -> None:
        """Every lesson in which these people are busy. One query."""
        for account_id, steps in steps_of(session, [person.id for person in people], self.places).items():
            self.facts.people[account_id].steps = steps
        for person in people:
            self._judge_one(person)

    def _judge_one(self, person: Participant) -> None:
        facts = self.facts.people.get(person.id, NOBODY)
        last = person.last_active_at = facts.last_active_at
        person.done = facts.done
        if facts.done not in self._rows:
            self._rows[facts.done] = self._row_of(facts.done)
        person.cells, reached = self._rows[facts.done]
        if facts.steps:
            person.cells = person.cells.copy()
            for place, step in facts.steps.items():
                person.cells[place] = state_of(step, last or self.now, self.now, self.facts.rules)
        is_done = self._is_done(facts)
        evidence = Evidence(
            admitted_at=person.admitted_at,
            last_active_at=last,
            is_done=is_done,
            steps=tuple(facts.steps[place] for place in sorted(facts.steps)),
            reached=reached,
            failed=tuple(facts.failed),
            shared=tuple(facts.shared),
        )
        person.signals, person.aside = [], []
        for signal in signals_of(evidence, self.facts.rules, self.now):
            self._set(person, signal, facts)
        person.standing = standing_of(person.signal, is_done=is_done)

    def _set(self, person: Participant, signal: Signal, facts: Happened) -> None:
        """Among the signals, or among those that somebody set aside."""
        mark = facts.set_aside(signal, self.now)
        if mark is None:
            person.signals.append(signal)
        else:
            person.aside.append(Aside(signal, bool(mark.times), mark.until))

    def _is_done(self, facts: Happened) -> bool:
        return bool(facts.enrolments) and all(
            row.is_completed
            or (self._lessons_of[row.course_id] and self._lessons_of[row.course_id] <= facts.done)
            for row in facts.enrolments
        )

    def _row_of(self, done: Done) -> tuple[list[State], str]:
        """The states of all lessons when these are done, and the number of the last of them."""
        cells = [State.NEW] * len(self.places)
        found = sorted(where for key in done if (where := self.places.get(key)) is not None)
        for place, _number in found:
            cells[place] = State.DONE
        return cells, found[-1][1] if found else ""


NOBODY = Happened()
