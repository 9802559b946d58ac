"""Small makers of rows for tests: `make_account(session)` and friends. Everything has a sensible default."""

from itertools import count
from typing import Any

from sqlmodel import Session

from backend.auth.models import Account, AccountStatus, Membership, Role, RoleGrant, ScopeKind
from backend.db import now
from backend.network.models import Municipality, Organisation, OrganisationKind, Region

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
