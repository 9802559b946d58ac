"""Registering colleagues of one's own organisation. Each says yes for themself; who registered them sees how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from backend.auth import invited
from backend.auth.invited import Colleague
from backend.auth.models import Account, Viewer
from backend.errors import Conflict, Forbidden
from backend.events import details, entering, people, places, policy, promotion, wishes, workshops
from backend.events.entering import Arrival
from backend.events.models import ActionDay, EventKind, Registration, RegistrationStatus
from backend.language import gettext as _

MOST = 20  # at once


@dataclass(frozen=True, slots=True)
class Standing:
    """What who registered somebody may know."""

    name: str
    status: RegistrationStatus
    offered_until: datetime | None


def register_colleagues(
    session: Session, viewer: Viewer, slug: str, colleagues: Sequence[Colleague], now: datetime
) -> list[Registration]:
    """A place is held for each while there is one; the others wait. Who is registered already stays as they are.

    Raises Forbidden for whoever may not, Conflict when registration is closed or an address is not of the organisation.
    Nothing is done when one of them cannot be registered.
    """
    if not policy.may_register_colleagues(viewer):
        raise Forbidden(_("Alleen leden met een bestuur kunnen collega’s inschrijven."))
    if len(colleagues) > MOST:
        raise Conflict(_("Schrijf hoogstens %(n)s collega’s tegelijk in.") % {"n": MOST})
    wanted = {colleague.email: colleague for colleague in colleagues}
    if viewer.email in wanted:
        raise Conflict(_("Jezelf schrijf je in op de bladzijde van de dag."))
    day = places.lock(session, slug)
    wishes.check_open(day, now)
    # In one order, so that two people who name the same new addresses do not wait for each other.
    found = [_account(session, viewer, wanted[email], now) for email in sorted(wanted)]
    by_email = {account.email: account for account in found}
    rounds = workshops.rounds_of(session, day.id)
    promotion.promote(session, day, rounds, now)
    done = [
        _register(session, viewer, day, rounds, by_email[email], now)
        for email in wanted  # in the order in which they were typed: the first gets the first place
    ]
    session.flush()
    return done


def registered_by(session: Session, viewer: Viewer, day_id: UUID) -> list[Standing]:
    """Whom this person registered. Never what anybody needs, nor who registered themself."""
    rows = session.execute(
        select(col(Account.name), col(Registration.status), col(Registration.offered_until))
        .join(Account, col(Account.id) == Registration.account_id)
        .where(col(Registration.day_id) == day_id, col(Registration.registered_by_id) == viewer.id)
        .order_by(col(Account.name), col(Registration.asked_at))
    )
    return [Standing(row.name, row.status, row.offered_until) for row in rows]


def colleague_account(session: Session, who: people.Person, colleague: Colleague, now: datetime) -> Account:
    """The account of a colleague of this person. Raises Conflict, in the same words whoever it is, for everybody else."""
    account = None
    if who.organisation_id is not None:
        own_domain = who.email.rpartition("@")[2]
        account = invited.find_or_make(session, colleague, who.organisation_id, own_domain, who.id, now)
    if account is None:
        raise Conflict(
            _("%(email)s kunnen we niet inschrijven: we kennen dit adres niet als dat van een collega.")
            % {"email": colleague.email}
        )
    return account


def _account(session: Session, viewer: Viewer, colleague: Colleague, now: datetime) -> Account:
    return colleague_account(session, people.who_asks(session, viewer, with_function=False), colleague, now)


def _register(
    session: Session,
    viewer: Viewer,
    day: ActionDay,
    rounds: workshops.Rounds,
    account: Account,
    now: datetime,
) -> Registration:
    known = entering.live_registration(session, day.id, account.id)
    if known is not None:
        return known
    person = people.person(session, account.id)
    wishes.check_audience(day, person)
    registration = entering.new_registration(day, person, now)
    registration.must_confirm = True
    registration.registered_by_id = viewer.id
    arrival = Arrival(day, rounds, registration, account)
    if details.audience_of(day.audience).needs_approval:
        entering.wish(
            session, arrival, EventKind.REQUESTED, now, to=RegistrationStatus.REQUESTED, by=viewer.id
        )
        entering.tell(session, arrival, EventKind.REQUESTED, now, invited_by=viewer.name)
    else:
        has_seat = promotion.has_place_for(session, day, person.municipality_nis, now)
        entering.enter(
            session, arrival, EventKind.INVITED, now, by=viewer.id, has_seat=has_seat, invited_by=viewer.name
        )
    return registration
