"""The seven accounts that one can sign in with, and who waits for admission."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from backend.auth.models import Account, AccountStatus, Grant, Membership, Role, RoleGrant, ScopeKind, Viewer
from backend.auth.passwords import hash_password
from backend.demo.places import DOMAIN, EDITION
from backend.network.models import Organisation

PASSWORD = "lerend-netwerk"  # noqa: S105 - for the demo accounts only; the sign-in page of demo mode shows it
COURSE = "polarisatie"
MENTOR_REGIONS = ("waasland", "rivierenland")
ACCOUNTS: tuple[tuple[str, str, str, tuple[Grant, ...]], ...] = (  # mail name, name, function, roles
    ("deelnemer", "Demo deelnemer", "deskundige samenleven", ()),
    (
        "mentor",
        "Demo mentor",
        "coördinator samenleven",
        tuple(Grant(Role.MENTOR, ScopeKind.REGION, key) for key in MENTOR_REGIONS),
    ),
    ("mentor2", "Demo mentor 2", "beleidsmedewerker", (Grant(Role.MENTOR, ScopeKind.REGION, "limburg"),)),
    ("auteur", "Demo auteur", "vormingswerker", (Grant(Role.AUTHOR, ScopeKind.COURSE, COURSE),)),
    (
        "organisator",
        "Demo organisator",
        "regiocoördinator",
        tuple(Grant(Role.ORGANISER, ScopeKind.REGION, key) for key in MENTOR_REGIONS),
    ),
    (
        "coordinator",
        "Demo coördinator",
        "diensthoofd welzijn",
        (Grant(Role.COORDINATOR, ScopeKind.MUNICIPALITY, "X0001"),),
    ),
    ("partner", "Demo partner", "stafmedewerker", (Grant(Role.PARTNER, ScopeKind.EDITION, EDITION),)),
    ("beheerder", "Demo beheerder", "beheerder", (Grant(Role.ADMINISTRATOR, ScopeKind.ALL, ""),)),
)
APPLICANTS = (  # name, place in the list of municipalities, function, days ago, motivation
    (
        "Demo aanvrager A",
        0,
        "opvoeder",
        1,
        "Ik begeleid jongeren in het jeugdhuis. Ik wil leren hoe ik een verhit gesprek rustig houd.",
    ),
    (
        "Demo aanvrager B",
        2,
        "schepen van samenleven",
        4,
        "Wij maken dit jaar een actieplan. Een collega raadde me dit netwerk aan.",
    ),
    ("Demo aanvrager C", 3, "ambtenaar noodplanning", 9, ""),
)


def make_accounts(session: Session, organisation: Organisation, now: datetime) -> dict[str, Viewer]:
    """One account per role. One hash serves them all: argon2 is slow on purpose."""
    password_hash = hash_password(PASSWORD)
    since = now - timedelta(days=60)
    viewers = {}
    for mail_name, name, function, grants in ACCOUNTS:
        account = new_account(name, f"{mail_name}@{DOMAIN}", since, password_hash=password_hash)
        session.add(account)
        session.flush()
        session.add(new_membership(account, organisation, function, since))
        session.add_all(
            RoleGrant(
                account_id=account.id,
                role=grant.role,
                scope_kind=grant.scope_kind,
                scope_key=grant.scope_key,
                granted_at=since,
            )
            for grant in grants
        )
        viewers[mail_name] = Viewer(
            id=account.id,
            session_id=uuid4(),
            name=name,
            email=account.email,
            status=account.status,
            language=account.language,
            organisation_id=organisation.id,
            organisation_name=organisation.name,
            municipality_nis=organisation.municipality_nis,
            region_key=None,
            grants=grants,
            seen_at=now,
        )
    return viewers


def make_applicants(session: Session, organisations: list[Organisation], now: datetime) -> None:
    for number, (name, place, function, days, motivation) in enumerate(APPLICANTS, start=1):
        asked = now - timedelta(days=days, hours=number)
        account = new_account(name, f"aanvrager{number}@elders.example", asked, motivation=motivation)
        account.status, account.admitted_at = AccountStatus.APPLICANT, None
        session.add(account)
        session.flush()
        session.add(new_membership(account, organisations[place], function, asked))


def new_account(name: str, email: str, since: datetime, **values: Any) -> Account:
    """Admitted, and without a password unless one is given: then nobody can sign in with it."""
    return Account(
        name=name,
        email=email,
        status=AccountStatus.MEMBER,
        created_at=since,
        confirmed_at=since,
        admitted_at=since,
        last_seen_at=since,
        is_fictional=True,
        **values,
    )


def new_membership(
    account: Account, organisation: Organisation, function: str, since: datetime
) -> Membership:
    return Membership(
        account_id=account.id, organisation_id=organisation.id, function=function, started_at=since
    )
