"""The sessions of a day: one a round, no clashes, places of their own, and a waiting list for each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update
from sqlmodel import Session, col

from backend.errors import Conflict
from backend.events import places
from backend.events.models import ChoiceStatus, ProgrammeItem, Workshop, WorkshopChoice
from backend.language import gettext as _

CHOSEN, WAITING, WISHED = ChoiceStatus
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Rounds:
    """The rounds of a day in the order of time, and its workshops in the order in which their places are counted."""

    rounds: list[ProgrammeItem]
    workshops: dict[UUID, Workshop]

    def of(self, item: ProgrammeItem) -> list[Workshop]:
        return [each for each in self.workshops.values() if each.round_id == item.id]


@dataclass(frozen=True)
class Picks:
    """What somebody chose: workshops to go to, and fuller ones to wait for. At most one of each in a round."""

    chosen: frozenset[UUID] = frozenset()
    waits: frozenset[UUID] = frozenset()


_ROUNDS = (
    select(Workshop, ProgrammeItem)
    .join(ProgrammeItem, col(ProgrammeItem.id) == Workshop.round_id)
    .where(col(Workshop.day_id) == bindparam("day_id"))
    .order_by(col(ProgrammeItem.starts_at), col(ProgrammeItem.id), col(Workshop.position), col(Workshop.id))
    .execution_options(populate_existing=True)
)


def rounds_of(session: Session, day_id: UUID) -> Rounds:
    """As they are now: for a day that is locked, nobody changes them meanwhile. One query."""
    rows = session.execute(_ROUNDS, {"day_id": day_id}).all()
    rounds = {item.id: item for _workshop, item in rows}
    return Rounds(list(rounds.values()), {workshop.id: workshop for workshop, _item in rows})


def field_of(number: int) -> str:
    """The name of the form field of a round, counted from 1."""
    return f"ronde_{number}"


# ── what one may choose ──


def settle(rounds: Rounds, picks: Picks, own: Collection[UUID], *, has_seat: bool) -> Picks:
    """What the picks come down to. `own`: workshops one has a place in already; without a seat on the day all are wishes.

    Waiting for a workshop that has a place after all is choosing it. What cannot be stays, for mistakes() to tell.
    """
    known = frozenset(rounds.workshops) & (picks.chosen | picks.waits)
    if has_seat:
        open_now = frozenset(
            key for key in picks.waits & known if rounds.workshops[key].seats_left or key in own
        )
    else:
        open_now = picks.waits & known
    taken_rounds = {rounds.workshops[key].round_id for key in open_now}
    chosen = {
        key
        for key in picks.chosen
        if key not in known or rounds.workshops[key].round_id not in taken_rounds or key in open_now
    }
    return Picks(open_now | chosen, picks.waits - open_now)


def mistakes(rounds: Rounds, picks: Picks, own: Collection[UUID], *, has_seat: bool) -> dict[str, str]:
    """What is wrong with settled picks: the field of a round → one sentence."""
    said: dict[str, str] = {}
    if (picks.chosen | picks.waits) - rounds.workshops.keys():
        return {field_of(1): _("Een van de sessies bestaat niet meer. Kijk je keuze na.")}
    for number, item in enumerate(rounds.rounds, 1):
        sentence = _mistake_in(rounds.of(item), item, picks, own, has_seat=has_seat)
        if sentence:
            said[field_of(number)] = sentence
    numbers = {item.id: number for number, item in enumerate(rounds.rounds, 1)}
    picked = [each for key, each in rounds.workshops.items() if key in picks.chosen | picks.waits]
    for one, other in combinations(picked, 2):
        if one.clashes_with(other):
            field = field_of(numbers[other.round_id])
            said.setdefault(
                field,
                _("“%(one)s” en “%(other)s” vallen samen. Kies een andere sessie.")
                % {"one": one.title, "other": other.title},
            )
    return said


def _mistake_in(
    here: list[Workshop], item: ProgrammeItem, picks: Picks, own: Collection[UUID], *, has_seat: bool
) -> str:
    chosen = [each for each in here if each.id in picks.chosen]
    waits = [each for each in here if each.id in picks.waits]
    if len(chosen) > 1 or len(waits) > 1:
        return _("Kies hier één sessie, en hoogstens één wachtlijst.")
    if has_seat and chosen and not chosen[0].seats_left and chosen[0].id not in own:
        return _("“%(title)s” is intussen volzet. Kies een andere sessie, of kom op de wachtlijst ervan.") % {
            "title": chosen[0].title
        }
    if item.is_required and not chosen and any(each.seats_left or not has_seat for each in here):
        return _("Kies één sessie. Weet je het nog niet? Je kunt later wisselen.")
    return ""


# ── places in workshops; the day is locked ──


def choices_of(session: Session, registrations: Iterable[UUID]) -> dict[UUID, dict[UUID, ChoiceStatus]]:
    """Registration → workshop → how it stands. One query."""
    found: dict[UUID, dict[UUID, ChoiceStatus]] = defaultdict(dict)
    rows = session.execute(
        select(
            col(WorkshopChoice.registration_id), col(WorkshopChoice.workshop_id), col(WorkshopChoice.status)
        ).where(col(WorkshopChoice.registration_id).in_(list(registrations)))
    )
    for registration_id, workshop_id, status in rows:
        found[registration_id][workshop_id] = status
    return found


def picked(rounds: Rounds, choices: Mapping[UUID, ChoiceStatus]) -> list[tuple[Workshop, ChoiceStatus]]:
    """For a mail or a page, in the order of the day."""
    return [(each, choices[key]) for key, each in rounds.workshops.items() if key in choices]


def outcome(picks: Picks, *, seated: bool = True) -> dict[UUID, ChoiceStatus]:
    """How each workshop will stand for somebody with these picks."""
    if not seated:
        return dict.fromkeys(picks.chosen | picks.waits, WISHED)
    return dict.fromkeys(picks.waits, WAITING) | dict.fromkeys(picks.chosen, CHOSEN)


def for_ledger(choices: Mapping[UUID, ChoiceStatus]) -> dict[str, str]:
    return {str(key): status.value for key, status in choices.items()}


def wish(session: Session, registration_id: UUID, rounds: Rounds, picks: Picks, now: datetime) -> None:
    """Of somebody without a place on the day: counted nowhere yet."""
    _forget(session, registration_id, None)
    wished = [each for key, each in rounds.workshops.items() if key in picks.chosen | picks.waits]
    _keep(session, registration_id, wished, WISHED, now)


def take(
    session: Session,
    registration_id: UUID,
    rounds: Rounds,
    picks: Picks,
    had: Mapping[UUID, ChoiceStatus],
    now: datetime,
) -> set[UUID]:
    """Give the places picked in exchange for those that somebody `had`, one workshop after the other in a fixed order.

    Gives the workshops in which a place came free. Raises Conflict when one has no place.
    """
    freed = set()
    wanted = outcome(picks)
    for key, workshop in rounds.workshops.items():
        before, after = had.get(key), wanted.get(key)
        taken = (after == CHOSEN) - (before == CHOSEN)
        waiting = (after == WAITING) - (before == WAITING)
        if (taken or waiting) and not places.count(session, workshop, taken=taken, waiting=waiting):
            raise Conflict(_("“%(title)s” is net volzet. Probeer het opnieuw.") % {"title": workshop.title})
        if before == CHOSEN:
            freed.add(key)
    changed = {key for key in had.keys() | wanted.keys() if had.get(key) != wanted.get(key)}
    _forget(session, registration_id, changed)
    for status in (CHOSEN, WAITING):
        new = [rounds.workshops[key] for key in changed if wanted.get(key) == status]
        _keep(session, registration_id, new, status, now)
    return freed


def take_wishes(
    session: Session,
    registration_id: UUID,
    rounds: Rounds,
    had: Mapping[UUID, ChoiceStatus],
    now: datetime,
) -> dict[UUID, ChoiceStatus]:
    """Somebody got a place on the day: a place in each workshop wished for, or in its line where it is full."""
    free = {key for key in had if rounds.workshops[key].seats_left}
    picks = Picks(frozenset(free), frozenset(had.keys() - free))
    take(session, registration_id, rounds, picks, had, now)
    return outcome(picks)


def release(session: Session, registration_id: UUID, rounds: Rounds, now: datetime) -> set[UUID]:
    """Give back everything. Gives the workshops in which a place came free."""
    if not rounds.workshops:
        return set()
    had = choices_of(session, [registration_id])[registration_id]
    return take(session, registration_id, rounds, Picks(), had, now)


def fill(session: Session, rounds: Rounds, freed: Collection[UUID]) -> set[UUID]:
    """Give free places to who waits longest for them; the place such a person leaves goes on to the next.

    Gives the registrations that moved.
    """
    moved = set()
    to_do = [key for key in rounds.workshops if key in freed]
    while to_do:
        workshop = rounds.workshops[to_do.pop(0)]
        while workshop.seats_left and workshop.waiting_count:
            registration_id = _first_in_line(session, workshop)
            left = _swap(session, registration_id, workshop, rounds)
            moved.add(registration_id)
            if left is not None:
                to_do.append(left)
    return moved


def _first_in_line(session: Session, workshop: Workshop) -> UUID:
    first: UUID = session.execute(
        select(col(WorkshopChoice.registration_id))
        .where(col(WorkshopChoice.workshop_id) == workshop.id, col(WorkshopChoice.status) == WAITING)
        .order_by(col(WorkshopChoice.asked_at), col(WorkshopChoice.registration_id))
        .limit(1)
    ).scalar_one()
    return first


def _swap(session: Session, registration_id: UUID, workshop: Workshop, rounds: Rounds) -> UUID | None:
    """From the line into the workshop; gives the workshop of this round that they leave for it."""
    left = session.execute(
        delete(WorkshopChoice)
        .where(
            col(WorkshopChoice.registration_id) == registration_id,
            col(WorkshopChoice.round_id) == workshop.round_id,
            col(WorkshopChoice.status) == CHOSEN,
        )
        .returning(col(WorkshopChoice.workshop_id)),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if left is not None:
        places.count(session, rounds.workshops[left], taken=-1)
    places.count(session, workshop, taken=1, waiting=-1)
    session.execute(
        update(WorkshopChoice).where(_is(registration_id, [workshop.id])).values(status=CHOSEN),
        execution_options={"synchronize_session": False},
    )
    return left


def _keep(
    session: Session, registration_id: UUID, these: list[Workshop], status: ChoiceStatus, now: datetime
) -> None:
    if these:
        session.flush()  # the registration that these belong to
        values = [
            {
                "registration_id": registration_id,
                "workshop_id": each.id,
                "round_id": each.round_id,
                "status": status,
                "asked_at": _end_of_line(session, each, now) if status == WAITING else now,
            }
            for each in these
        ]
        session.execute(insert(WorkshopChoice), values)


def _end_of_line(session: Session, workshop: Workshop, now: datetime) -> datetime:
    """Later than everybody who waits for it, whatever the clocks say."""
    last = session.execute(
        select(func.max(col(WorkshopChoice.asked_at))).where(
            col(WorkshopChoice.workshop_id) == workshop.id, col(WorkshopChoice.status) == WAITING
        )
    ).scalar()
    return max(now, last + TICK) if last else now


def _forget(session: Session, registration_id: UUID, these: Collection[UUID] | None) -> None:
    if these is None or these:
        session.execute(
            delete(WorkshopChoice).where(_is(registration_id, these)),
            execution_options={"synchronize_session": False},
        )


def _is(registration_id: UUID, these: Collection[UUID] | None) -> ColumnElement[bool]:
    own = col(WorkshopChoice.registration_id) == registration_id
    return own if these is None else own & col(WorkshopChoice.workshop_id).in_(these)
