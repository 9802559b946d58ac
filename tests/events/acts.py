"""What people do with an action day, in few words."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from backend.auth.invited import Colleague
from backend.auth.models import Account, Role, ScopeKind, Viewer
from backend.db import now
from backend.events import colleagues, offers, organising, registering
from backend.events.holding import Mine
from backend.events.models import ActionDay, Registration, Workshop
from backend.events.needs import Needs
from backend.events.wishes import Wish
from backend.events.workshops import Picks
from backend.mail import OutgoingMail
from tests.factories import give_role, make_account, viewer_of


def make_member(session: Session, name: str = "Noor Claes", **values: object) -> Viewer:
    return viewer_of(session, make_account(session, name, **values))


def make_organiser(session: Session, region: str = "waasland") -> Viewer:
    account = make_account(session, "Orla Organisator")
    give_role(session, account, Role.ORGANISER, ScopeKind.REGION, region)
    return viewer_of(session, account)


def wish(
    chosen: Collection[Workshop] = (), waits: Collection[Workshop] = (), note: str = "", **answers: str
) -> Wish:
    picks = Picks(frozenset(each.id for each in chosen), frozenset(each.id for each in waits))
    return Wish(picks, answers, Needs(note=note))


def register(
    session: Session,
    who: Viewer,
    day: ActionDay,
    *,
    chosen: Collection[Workshop] = (),
    waits: Collection[Workshop] = (),
    note: str = "",
    at: datetime | None = None,
) -> Registration:
    return registering.register(session, who, day.slug, wish(chosen, waits, note), at or now())


def change(
    session: Session,
    who: Viewer,
    day: ActionDay,
    *,
    chosen: Collection[Workshop] = (),
    waits: Collection[Workshop] = (),
) -> Registration:
    return registering.change(session, Mine(who, day.slug), wish(chosen, waits), now())


def cancel(session: Session, who: Viewer, day: ActionDay, at: datetime | None = None) -> Registration | None:
    return registering.cancel(session, Mine(who, day.slug), at or now())


def accept(session: Session, who: Viewer, day: ActionDay, at: datetime | None = None) -> Registration:
    return offers.accept(session, Mine(who, day.slug), at or now())


def resize(session: Session, organiser: Viewer, day: ActionDay, capacity: int) -> ActionDay:
    return organising.resize(session, organiser, day.slug, capacity, now())


def invite(session: Session, who: Viewer, day: ActionDay, *accounts: Account) -> list[Registration]:
    named = [Colleague(account.name, account.email) for account in accounts]
    return colleagues.register_colleagues(session, who, day.slug, named, now())


def mails_to(session: Session, email: str) -> list[OutgoingMail]:
    mails = select(OutgoingMail).where(OutgoingMail.to == email).order_by(col(OutgoingMail.created_at))
    return list(session.exec(mails).all())


def subjects(session: Session, who: Viewer) -> list[str]:
    return [mail.subject.partition(":")[0] for mail in mails_to(session, who.email)]
