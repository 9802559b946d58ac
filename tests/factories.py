"""Small makers of rows for tests: `make_account(session)` and friends. Everything has a sensible default."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlmodel import Session, select

from backend.auth import sessions
from backend.auth.models import Account, AccountStatus, Membership, Role, RoleGrant, ScopeKind, Viewer
from backend.db import now
from backend.events.models import ActionDay, ActionDayRegion, DayFormat, DayStatus, ProgrammeItem, Workshop
from backend.network.models import Edition, Municipality, Organisation, OrganisationKind, Region

_number = count(1)


def make_region(session: Session, key: str = "waasland") -> Region:
    region = session.get(Region, key)
    if region is None:
        region = Region(key=key, name=key.replace("-", " ").capitalize())
        session.add(region)
        session.flush()
    return region


def make_municipality(
    session: Session, name: str = "Elzendonk", region: str = "waasland", **values: Any
) -> Organisation:
    """A municipality with its organisation."""
    make_region(session, region)
    nis_code = values.pop("nis_code", f"X{next(_number):04d}")
    session.add(
        Municipality(
            **{"nis_code": nis_code, "name": name, "province": "Oost-Vlaanderen", "region_key": region, "latitude": 51.0,
               "longitude": 4.0, "in_2024": True, "in_2025": True, "is_fictional": True} | values
        )
    )  # fmt: skip
    session.flush()
    organisation = Organisation(
        kind=OrganisationKind.MUNICIPALITY, name=name, municipality_nis=nis_code, is_fictional=True
    )
    session.add(organisation)
    session.flush()
    return organisation


def make_account(session: Session, name: str = "Noor Claes", **values: Any) -> Account:
    """An admitted member; `organisation` and `function` say where."""
    organisation = values.pop("organisation", None) or make_municipality(session)
    function = values.pop("function", "deskundige samenleven")
    number = next(_number)
    moment = now()
    account = Account(
        **{"name": name, "email": f"lid{number}@test.example", "status": AccountStatus.MEMBER, "created_at": moment,
           "confirmed_at": moment, "admitted_at": moment} | values
    )  # fmt: skip
    session.add(account)
    session.flush()
    session.add(
        Membership(
            account_id=account.id, organisation_id=organisation.id, function=function, started_at=moment
        )
    )
    session.flush()
    return account


def give_role(
    session: Session,
    account: Account,
    role: Role,
    scope: ScopeKind = ScopeKind.ALL,
    key: str = "",
    **values: Any,
) -> RoleGrant:
    grant = RoleGrant(
        account_id=account.id, role=role, scope_kind=scope, scope_key=key, granted_at=now(), **values
    )
    session.add(grant)
    session.flush()
    return grant


def make_edition(session: Session, key: str = "demo", **values: Any) -> Edition:
    edition = session.exec(select(Edition).where(Edition.key == key)).first()
    if edition is None:
        mentor = values.pop("mentor_organisation", None) or make_municipality(session, "Mentorbestuur")
        edition = Edition(
            **{"key": key, "name": "Demo-editie", "starts_on": date(2026, 1, 1), "mentor_organisation_id": mentor.id,
               "is_fictional": True} | values
        )  # fmt: skip
        session.add(edition)
        session.flush()
    return edition


def make_day(
    session: Session, title: str = "Actiedag Waasland", *, region: str | None = "waasland", **values: Any
) -> ActionDay:
    """A public day in thirty days, for ten people, open to register until three days before. `region` None: for all."""
    number = next(_number)
    starts_at = values.pop("starts_at", now() + timedelta(days=30))
    day = ActionDay(
        **{"slug": f"dag-{number}", "title": title, "edition_id": make_edition(session).id,
           "format": DayFormat.ON_SITE, "status": DayStatus.PUBLISHED, "starts_at": starts_at,
           "ends_at": starts_at + timedelta(hours=6), "town": "Elzendonk", "place": "De Zaal", "capacity": 10,
           "registration_closes_at": starts_at - timedelta(days=3), "cancel_until": starts_at - timedelta(days=2)} | values
    )  # fmt: skip
    session.add(day)
    session.flush()
    if region is not None:
        make_region(session, region)
        session.add(ActionDayRegion(day_id=day.id, region_key=region))
        session.flush()
    return day


def make_round(
    session: Session, day: ActionDay, *capacities: int, hour: int = 1, hours: int = 1, **values: Any
) -> list[Workshop]:
    """A round that begins so many hours after the day, with a session of each capacity: "1A", "1B" …"""
    starts_at = day.starts_at + timedelta(hours=hour)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)}
    item = ProgrammeItem(day_id=day.id, title=f"Ronde {hour}", is_round=True, **times | values)
    session.add(item)
    session.flush()
    made = [
        Workshop(
            day_id=day.id, round_id=item.id, position=n, title=f"{hour}{chr(65 + n)}", capacity=capacity, **times
        )
        for n, capacity in enumerate(capacities)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return made


def viewer_of(session: Session, account: Account) -> Viewer:
    """This person as the services see them."""
    viewer = sessions.viewer_of(session, sessions.begin(session, account.id, "test", now()), now())
    assert viewer is not None
    return viewer
