"""Where each of many people stands: the state of each lesson, the signals, and whether they need a word: for the service."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session

from backend.auth.models import Viewer
from backend.mentoring.happenings import Done, Facts, Happened, Places, happened, steps_of
from backend.mentoring.participants import Aside, Column, Participant
from backend.mentoring.reach import AnySelect
from backend.mentoring.signals import USUAL, Evidence, SignalKind, State, signals_of, standing_of, state_of


class Row(NamedTuple):
    """What follows from which lessons are done."""

    cells: list[State]
    reached: str  # the number of the last lesson that is done
    courses: set[int]  # of which every lesson is done


class Judge:
    """Gives people a state per lesson, their signals by the viewer's rules, and a standing."""

    def __init__(self, columns: list[Column], viewer: Viewer, now: datetime) -> None:
        self.places: Places = {column.key: (n, column.lesson.number) for n, column in enumerate(columns)}
        self.viewer, self.now = viewer, now
        self.facts = Facts({}, USUAL)
        self._lessons_of: dict[int, set[tuple[int, str]]] = defaultdict(set)
        for key in self.places:
            self._lessons_of[key[0]].add(key)
        self._rows: dict[Done, Row] = {}  # many people finished the same lessons

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
        person.done, person.waits = facts.done, facts.waits
        row = self._rows.get(facts.done)
        if row is None:
            row = self._rows[facts.done] = self._row_of(facts.done)
        person.cells = row.cells
        if facts.steps:
            person.cells = row.cells.copy()
            for place, step in facts.steps.items():
                person.cells[place] = state_of(step, last or self.now, self.now, self.facts.rules)
        is_done = bool(facts.enrolments) and all(
            each.is_completed or each.course_id in row.courses for each in facts.enrolments
        )
        person.signals, person.aside = [], []
        if not self._is_quiet(facts, last):
            self._find_signals(person, facts, row.reached, is_done=is_done)
        person.standing = standing_of(person.signal, is_done=is_done)

    def _is_quiet(self, facts: Happened, last: datetime | None) -> bool:
        """Active of late, and nothing open: no rule can say anything. Most people, so that they cost little."""
        nothing_open = not (facts.steps or facts.failed or facts.shared)
        return (
            nothing_open and last is not None and self.now - last < self.facts.rules[SignalKind.SILENT].span
        )

    def _find_signals(self, person: Participant, facts: Happened, reached: str, *, is_done: bool) -> None:
        evidence = Evidence(
            admitted_at=person.admitted_at,
            last_active_at=person.last_active_at,
            is_done=is_done,
            steps=tuple(facts.steps[place] for place in sorted(facts.steps)),
            reached=reached,
            failed=tuple(facts.failed),
            shared=tuple(facts.shared),
        )
        for signal in signals_of(evidence, self.facts.rules, self.now):
            mark = facts.set_aside(signal, self.now)
            if mark is None:
                person.signals.append(signal)
            else:
                person.aside.append(Aside(signal, bool(mark.times), mark.until))

    def _row_of(self, done: Done) -> Row:
        cells = [State.NEW] * len(self.places)
        found = sorted(where for key in done if (where := self.places.get(key)) is not None)
        for place, _number in found:
            cells[place] = State.DONE
        courses = {course_id for course_id, lessons in self._lessons_of.items() if lessons <= done}
        return Row(cells, found[-1][1] if found else "", courses)


NOBODY = Happened()
