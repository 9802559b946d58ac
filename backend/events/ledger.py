"""The ledger of registrations: every change is an event, and the events played again give the same state."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, select
from sqlmodel import Session, col

from backend.events.models import (
    SEATED,
    ActionDay,
    ChoiceStatus,
    EventKind,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
    Workshop,
    WorkshopChoice,
)

K = EventKind
S = RegistrationStatus
_NEW = frozenset[S]()
_SEATED = frozenset(SEATED)
_PLACED = frozenset({S.CONFIRMED, S.OFFERED, S.WAITING})
# From which states an event may come (none: it is the first), and to which it leads (none: it stays as it is).
MOVES: dict[K, tuple[frozenset[S], frozenset[S]]] = {
    K.CARRIED_OVER: (_NEW, frozenset({S.CONFIRMED, S.WAITING, S.CANCELLED})),
    K.REGISTERED: (_NEW, frozenset({S.CONFIRMED, S.WAITING})),
    K.INVITED: (_NEW, frozenset({S.OFFERED, S.WAITING})),
    K.REQUESTED: (_NEW, frozenset({S.REQUESTED})),
    K.RECEIVED: (frozenset({S.WAITING}), _SEATED),  # or new
    K.ARRIVED: (_NEW, frozenset({S.CONFIRMED})),
    K.APPROVED: (frozenset({S.REQUESTED}), _PLACED),
    K.REFUSED: (frozenset({S.REQUESTED}), frozenset({S.REFUSED})),
    K.PROMOTED: (frozenset({S.WAITING}), frozenset({S.CONFIRMED})),
    K.OFFERED: (frozenset({S.WAITING}), frozenset({S.OFFERED})),
    K.ACCEPTED: (frozenset({S.OFFERED}), frozenset({S.CONFIRMED})),
    K.DECLINED: (frozenset({S.OFFERED}), frozenset({S.CANCELLED})),
    K.EXPIRED: (frozenset({S.OFFERED}), frozenset({S.CANCELLED})),
    K.CANCELLED: (_PLACED | {S.REQUESTED}, frozenset({S.CANCELLED})),
    K.GIVEN: (frozenset({S.CONFIRMED}), frozenset({S.CANCELLED})),
    K.LEFT: (frozenset({S.CONFIRMED}), frozenset({S.CANCELLED})),
    K.CHANGED: (_PLACED | {S.REQUESTED}, _NEW),
    K.MOVED_UP: (_SEATED, _NEW),
    K.SHIFTED: (frozenset({S.WAITING}), frozenset({S.WAITING})),
    K.DAY_CHANGED: (_PLACED | {S.REQUESTED}, _NEW),
    K.DAY_CONFIRMED: (_PLACED | {S.REQUESTED}, _NEW),
    K.DAY_CANCELLED: (_PLACED | {S.REQUESTED}, _NEW),
    K.ATTENDED: (frozenset({S.CONFIRMED}), _NEW),
    K.NOT_ATTENDED: (frozenset({S.CONFIRMED}), _NEW),
}
MAY_BE_FIRST = frozenset(kind for kind, (before, _after) in MOVES.items() if not before) | {K.RECEIVED}
UNTOLD = frozenset({K.CARRIED_OVER, K.SHIFTED, K.ATTENDED, K.NOT_ATTENDED})  # every other event is one mail


def note(
    session: Session,
    registration: Registration,
    kind: EventKind,
    now: datetime,
    *,
    to: RegistrationStatus | None = None,
    by: UUID | None = None,
    **more: Any,
) -> None:
    """Change the state of a registration, and write down that it did. Nothing else changes its status or sequence.

    `more`: `until` (of an offer), `choices` (all of them afterwards), `other_id`, `reason`.
    """
    is_new = registration.sequence < 0
    after = to or registration.status
    check_move(kind, None if is_new else registration.status, after)
    registration.status = after
    registration.sequence += 1
    registration.changed_at = now
    until = more.pop("until", registration.offered_until)
    registration.offered_until = until if after == S.OFFERED else None
    if not registration.is_live:
        more["choices"] = {}
    if is_new:
        session.add(registration)
        session.flush()
    session.add(
        RegistrationEvent(
            registration_id=registration.id,
            day_id=registration.day_id,
            at=now,
            actor_id=by,
            kind=kind,
            status=after,
            sequence=registration.sequence,
            offered_until=registration.offered_until,
            **more,
        )
    )


def check_move(kind: EventKind, before: RegistrationStatus | None, after: RegistrationStatus) -> None:
    """Raises ValueError for a change that cannot be."""
    sources, targets = MOVES[kind]
    allowed = kind in MAY_BE_FIRST if before is None else before in sources
    if not allowed or (after not in targets if targets else after != before):
        raise ValueError(f"a registration that is {before} cannot become {after} by {kind}")


@dataclass(frozen=True, slots=True)
class State:
    """A registration as the ledger tells it."""

    status: RegistrationStatus
    sequence: int
    offered_until: datetime | None = None
    choices: Mapping[str, str] = field(default_factory=dict)


def replay(events: Iterable[RegistrationEvent]) -> State:
    """Play the events of one registration again. Raises ValueError when they cannot have happened so."""
    state: State | None = None
    for each in events:
        check_move(each.kind, state.status if state else None, each.status)
        if state is not None and each.sequence != state.sequence + 1:
            raise ValueError(f"an event is missing before number {each.sequence}")
        choices = each.choices if each.choices is not None else (state.choices if state else {})
        state = State(each.status, each.sequence, each.offered_until, choices)
    if state is None:
        raise ValueError("there are no events")
    return state


def differences(session: Session) -> list[str]:
    """Where counters, registrations and ledger do not tell the same, in words for whoever runs the installation."""
    told: dict[UUID, list[RegistrationEvent]] = defaultdict(list)
    for each in session.scalars(select(RegistrationEvent).order_by(col(RegistrationEvent.sequence))):
        told[each.registration_id].append(each)
    kept_choices: dict[UUID, dict[str, str]] = defaultdict(dict)
    choices = session.scalars(select(WorkshopChoice)).all()
    for choice in choices:
        kept_choices[choice.registration_id][str(choice.workshop_id)] = choice.status.value
    registrations = session.scalars(select(Registration)).all()
    found = []
    for registration in registrations:
        kept = State(
            registration.status,
            registration.sequence,
            registration.offered_until,
            kept_choices.get(registration.id, {}),
        )
        try:
            if replay(told[registration.id]) != kept:
                found.append(f"inschrijving {registration.id} is niet wat het logboek zegt")
        except ValueError as error:
            found.append(f"het logboek van inschrijving {registration.id} klopt niet: {error}")
    return [*found, *_counters(session, registrations, choices)]


def _counters(
    session: Session, registrations: Sequence[Registration], choices: Sequence[WorkshopChoice]
) -> list[str]:
    taken: dict[UUID, int] = defaultdict(int)
    waiting: dict[UUID, int] = defaultdict(int)
    for registration in registrations:
        taken[registration.day_id] += registration.is_seated
        waiting[registration.day_id] += registration.status == S.WAITING
    for choice in choices:
        taken[choice.workshop_id] += choice.status == ChoiceStatus.CHOSEN
        waiting[choice.workshop_id] += choice.status == ChoiceStatus.WAITING
    days = {day.id: f"dag {day.slug}" for day in session.scalars(select(ActionDay))}
    places: list[ActionDay | Workshop] = [
        *session.scalars(select(ActionDay)),
        *session.scalars(select(Workshop)),
    ]
    return [
        f"{days.get(place.id) or f'sessie {place.id}'} telt {place.taken} plaatsen en {place.waiting_count} wachtenden; "
        f"het zijn er {taken[place.id]} en {waiting[place.id]}"
        for place in places
        if (place.taken, place.waiting_count) != (taken[place.id], waiting[place.id])
    ]


@event.listens_for(RegistrationEvent, "before_update")
@event.listens_for(RegistrationEvent, "before_delete")
def _only_added_to(_mapper: object, _connection: object, target: RegistrationEvent) -> None:
    raise RuntimeError(f"the ledger is only added to: event {target.id}")
