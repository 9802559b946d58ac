"""A place that goes on: to a colleague in one step, without a free moment in between, or to another day of the series."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from backend.auth.invited import Colleague
from backend.auth.models import Account, Viewer
from backend.errors import Conflict, NotFound
from backend.events import (
    colleagues,
    details,
    entering,
    holding,
    ledger,
    mails,
    needs,
    people,
    places,
    policy,
    promotion,
    registering,
    wishes,
    workshops,
)
from backend.events.entering import Arrival
from backend.events.holding import Held, Whose
from backend.events.mails import Letter
from backend.events.models import (
    ActionDay,
    EventKind,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
    WorkshopChoice,
)
from backend.language import gettext as _

S = RegistrationStatus


def hand_over(session: Session, whose: Whose, colleague: Colleague, now: datetime) -> Registration:
    """My place, with its sessions, is my colleague's. Who did not ask for it themself still says yes; else it is offered on.

    Gives the registration of the colleague. Raises Conflict when there is no place to give, or they have one.
    """
    held = holding.get(session, whose)
    day, mine = held.day, held.registration
    if done := _given_to(session, mine, colleague.email):
        return done
    if not policy.can_pass_on(day, mine, now):
        raise Conflict(_("Deze plaats kun je niet doorgeven."))
    giver = people.person(session, mine.account_id)
    account = colleagues.colleague_account(session, giver, colleague, now)
    receiver = people.person(session, account.id)
    wishes.check_audience(day, receiver)
    theirs = entering.live_registration(session, day.id, account.id)
    if theirs is not None and theirs.status != S.WAITING:
        raise Conflict(_("%(name)s is al ingeschreven voor deze dag.") % {"name": account.name})
    if theirs is None:
        theirs = entering.new_registration(day, receiver, now)
        theirs.must_confirm = True
        theirs.registered_by_id = giver.id
    else:
        places.count(session, day, waiting=-1)
    _hand_over(session, held, theirs, account, now)
    session.flush()
    return theirs


def _hand_over(session: Session, held: Held, theirs: Registration, account: Account, now: datetime) -> None:
    """Nothing is counted: the same place, and the same places in sessions, have another name on them."""
    day, mine = held.day, held.registration
    rounds = workshops.rounds_of(session, day.id)
    choices = workshops.choices_of(session, [mine.id])[mine.id] if rounds.workshops else {}
    until = None
    if theirs.must_confirm:
        until = promotion.held_until(day, promotion.hours_to_confirm(day), now)
        promotion.plan_expiry(session, day, until)
    kept = workshops.for_ledger(choices)
    ledger.note(session, mine, EventKind.GIVEN, now, to=S.CANCELLED, by=held.by, other_id=theirs.id)
    ledger.note(
        session,
        theirs,
        EventKind.RECEIVED,
        now,
        to=S.OFFERED if until else S.CONFIRMED,
        by=held.by,
        until=until,
        choices=kept,
        other_id=mine.id,
    )
    _rename_choices(session, mine.id, theirs.id)
    needs.forget(session, mine.id)
    mails.tell(session, Letter(EventKind.GIVEN, held.account, day, mine), now, receiver=account.name)
    sessions = workshops.picked(rounds, choices)
    letter = Letter(EventKind.RECEIVED, account, day, theirs, sessions)
    mails.tell(session, letter, now, giver=held.account.name)


def _given_to(session: Session, mine: Registration, email: str) -> Registration | None:
    """The same form was sent before."""
    return (
        session.scalars(
            select(Registration)
            .join(RegistrationEvent, col(RegistrationEvent.other_id) == Registration.id)
            .join(Account, col(Account.id) == Registration.account_id)
            .where(
                col(RegistrationEvent.registration_id) == mine.id,
                col(RegistrationEvent.kind) == EventKind.GIVEN,
                col(Account.email) == email,
            )
        ).first()
        if not mine.is_live
        else None
    )


def _rename_choices(session: Session, mine: UUID, theirs: UUID) -> None:
    own = col(WorkshopChoice.registration_id)
    session.execute(delete(WorkshopChoice).where(own == theirs))
    session.execute(update(WorkshopChoice).where(own == mine).values(registration_id=theirs))


def move(session: Session, viewer: Viewer, slug: str, to_slug: str, now: datetime) -> Registration:
    """From one day of a series to another that has a place; the place on the first goes to who waits.

    Gives the new registration. Raises Conflict when there is none to move, or no place: then nothing has changed.
    """
    here, there = _two_days(session, slug, to_slug)
    mine = entering.live_registration(session, here.id, viewer.id)
    known = entering.live_registration(session, there.id, viewer.id)
    if mine is None and known is not None:
        return known  # it was done already
    if mine is None or here.series != there.series or not policy.can_move(here, mine, now):
        raise Conflict(_("Je kunt deze plaats niet naar een andere dag verzetten."))
    if known is not None:
        raise Conflict(_("Voor die dag ben je al ingeschreven, of sta je op de wachtlijst."))
    wishes.check_open(there, now)
    person = people.person(session, viewer.id)
    wishes.check_audience(there, person)
    rounds = workshops.rounds_of(session, there.id)
    promotion.promote(session, there, rounds, now)
    approval = details.audience_of(there.audience).needs_approval
    if approval or not promotion.has_place_for(session, there, person.municipality_nis, now):
        raise Conflict(_("Op die dag is er geen plaats meer vrij. Je plaats op deze dag houd je."))
    arrived = entering.new_registration(there, person, now)
    arrived.answers = _still_asked(there, mine.answers)
    account = session.get_one(Account, viewer.id)
    entering.enter(
        session, Arrival(there, rounds, arrived, account), EventKind.ARRIVED, now, by=viewer.id, has_seat=True
    )
    needs.carry_over(session, mine.id, arrived.id, there.id)
    registering.end(session, Held(here, mine, account, viewer.id), EventKind.LEFT, now)
    return arrived


def _two_days(session: Session, slug: str, to_slug: str) -> tuple[ActionDay, ActionDay]:
    ids = session.scalars(select(col(ActionDay.id)).where(col(ActionDay.slug).in_([slug, to_slug]))).all()
    days = {day.slug: day for day in places.lock_each(session, *ids)}
    if slug == to_slug:
        raise Conflict(_("Kies een andere dag."))
    if len(days) != 2 or not days[to_slug].goes_on:
        raise NotFound(_("Deze actiedag bestaat niet, of niet meer."))
    return days[slug], days[to_slug]


def _still_asked(day: ActionDay, answers: dict[str, str]) -> dict[str, str]:
    questions = [q for q in details.questions_of(day.questions) if not q.is_personal]
    return details.check_answers(questions, answers)[0]
