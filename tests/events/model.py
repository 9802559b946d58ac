"""An action day on paper: who has a place, who waits, in which session. What machine.py compares the product with."""

from collections.abc import Iterable
from dataclasses import dataclass, field

CAPACITIES = (1, 1)  # of the two sessions


@dataclass
class Paper:
    """People are numbers; the first half is of one municipality, the second of another."""

    people: int
    capacity: int = 2
    makes_offers: bool = False
    spread: int = 0  # so many of one municipality; 0: any number
    seated: dict[int, str] = field(default_factory=dict)  # person → confirmed or offered
    line: list[int] = field(default_factory=list)
    must_confirm: set[int] = field(default_factory=set)
    session_capacity: list[int] = field(default_factory=lambda: list(CAPACITIES))
    chosen: dict[int, int] = field(default_factory=dict)  # person → session
    session_line: list[list[int]] = field(default_factory=lambda: [[] for _ in CAPACITIES])
    wishes: dict[int, int] = field(default_factory=dict)  # of who waits for the day
    changes: int = 0  # each is one mail

    def knows(self, who: int) -> bool:
        return who in self.seated or who in self.line

    def fits(self, who: int) -> bool:
        town = who < self.people // 2
        return not self.spread or self.spread > sum(
            (other < self.people // 2) == town for other in self.seated
        )

    def has_room(self, who: int) -> bool:
        return len(self.seated) < self.capacity and self.fits(who)

    def session_has_room(self, session: int) -> bool:
        return sum(of == session for of in self.chosen.values()) < self.session_capacity[session]

    def enter(self, who: int, session: int | None, *, invited: bool = False) -> None:
        self.changes += 1
        if invited:
            self.must_confirm.add(who)
        if self.has_room(who):
            self.seated[who] = "offered" if invited else "confirmed"
            if session is not None:
                self.chosen[who] = session
        else:
            self.line.append(who)
            if session is not None:
                self.wishes[who] = session

    def leave(self, who: int) -> None:
        self.changes += 1
        self.must_confirm.discard(who)
        if who in self.line:
            self.line.remove(who)
            self.wishes.pop(who, None)
            return
        del self.seated[who]
        for line in self.session_line:
            if who in line:
                line.remove(who)
        freed = self.chosen.pop(who, None)
        self.moves_on([] if freed is None else [freed])

    def moves_on(self, freed: Iterable[int]) -> None:
        """Sessions first; then who waits for the day."""
        moved, to_do = set(), list(freed)
        while to_do:
            session = to_do.pop(0)
            while self.session_line[session] and self.session_has_room(session):
                lucky = self.session_line[session].pop(0)
                moved.add(lucky)
                if lucky in self.chosen:
                    to_do.append(self.chosen[lucky])
                self.chosen[lucky] = session
        self.changes += len(moved)
        self.promote()

    def promote(self) -> None:
        for who in list(self.line):
            if self.has_room(who):
                self.line.remove(who)
                self.changes += 1
                self.seated[who] = "offered" if self.makes_offers or who in self.must_confirm else "confirmed"
                wish = self.wishes.pop(who, None)
                if wish is not None and self.session_has_room(wish):
                    self.chosen[who] = wish
                elif wish is not None:
                    self.session_line[wish].append(who)

    def hand_over(self, giver: int, receiver: int) -> None:
        self.changes += 2
        asked_themself = receiver in self.line and receiver not in self.must_confirm
        if receiver in self.line:
            self.line.remove(receiver)
            self.wishes.pop(receiver, None)
        if not asked_themself:
            self.must_confirm.add(receiver)
        del self.seated[giver]
        self.must_confirm.discard(giver)
        self.seated[receiver] = "confirmed" if asked_themself else "offered"
        if giver in self.chosen:
            self.chosen[receiver] = self.chosen.pop(giver)
        for line in self.session_line:
            line[:] = [receiver if who == giver else who for who in line]

    def choose(self, who: int, session: int | None, wait: int | None) -> None:
        """What somebody with a place picks; only what can be is asked."""
        before = self.chosen.get(who), [who in line for line in self.session_line]
        old = self.chosen.pop(who, None)
        if session is not None:
            self.chosen[who] = session
        for number, line in enumerate(self.session_line):
            if who in line and number != wait:
                line.remove(who)
            elif who not in line and number == wait:
                line.append(who)
        if before == (self.chosen.get(who), [who in line for line in self.session_line]):
            return
        self.changes += 1
        self.moves_on([old] if old is not None and old != session else [])
