"""Who lets applicants in, and that it is decided once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, func
from sqlmodel import Session, select

from backend.audit.models import AuditEntry
from backend.auth import admission, sign_up, tokens
from backend.auth.models import (
    Account,
    AccountStatus,
    Admission,
    EmailToken,
    Grant,
    Membership,
    Role,
    ScopeKind,
    TokenPurpose,
    Viewer,
)
from backend.auth.policy import may_admit
from backend.db import Database, now
from backend.errors import Conflict, Gone, NotFound
from backend.mail import OutgoingMail
from backend.network.models import Organisation, OrganisationKind
from tests.auth.mailbox import mails_to
from tests.browser import counted_queries
from tests.factories import give_role, make_account, make_municipality

EVERYWHERE = Grant(Role.MENTOR, ScopeKind.ALL, "")
WAASLAND = Grant(Role.MENTOR, ScopeKind.REGION, "waasland")
LIMBURG = Grant(Role.MENTOR, ScopeKind.REGION, "limburg")


@pytest.fixture(autouse=True)
def _routes_are_known(api: FastAPI) -> None:
    """Mails name pages."""


def viewer(
    *grants: Grant, account: Account | None = None, status: AccountStatus = AccountStatus.MEMBER
) -> Viewer:
    return Viewer(
        id=account.id if account else uuid4(),
        session_id=uuid4(),
        name=account.name if account else "Mo Mentor",
        email="mo@test.example",
        status=status,
        language="nl",
        organisation_id=None,
        organisation_name="",
        municipality_nis=None,
        region_key=None,
        grants=grants,
        seen_at=now(),
    )


def applicant(session: Session, name: str = "Kim Kandidaat", **values: object) -> Account:
    return make_account(session, name, status=AccountStatus.APPLICANT, admitted_at=None, **values)


@pytest.mark.parametrize(
    ("grants", "may"),
    [
        ((EVERYWHERE,), True),
        ((WAASLAND,), True),
        ((LIMBURG,), False),
        ((Grant(Role.MENTOR, ScopeKind.MUNICIPALITY, "46021"),), True),
        ((Grant(Role.MENTOR, ScopeKind.MUNICIPALITY, "44021"),), False),
        ((Grant(Role.MENTOR, ScopeKind.EDITION, "2022-2024"),), False),
        ((Grant(Role.ADMINISTRATOR, ScopeKind.ALL, ""),), True),
        ((Grant(Role.ORGANISER, ScopeKind.ALL, ""),), False),
        ((Grant(Role.COORDINATOR, ScopeKind.MUNICIPALITY, "46021"),), False),
        ((), False),
    ],
)
def test_scope_decides_who_may(grants: tuple[Grant, ...], may: bool) -> None:
    assert may_admit(viewer(*grants), municipality_nis="46021", region_key="waasland") is may


@pytest.mark.parametrize(
    ("grant", "may"),
    [(EVERYWHERE, True), (WAASLAND, False), (Grant(Role.ADMINISTRATOR, ScopeKind.ALL, ""), True)],
)
def test_another_organisation_is_for_who_sees_all(grant: Grant, may: bool) -> None:
    assert may_admit(viewer(grant), municipality_nis=None, region_key=None) is may


def test_a_mentor_who_is_not_a_member_any_more_may_nothing() -> None:
    gone = viewer(EVERYWHERE, status=AccountStatus.DISABLED)
    assert not may_admit(gone, municipality_nis="46021", region_key="waasland")


def test_the_queue_shows_ones_scope_who_waits_longest_first(session: Session) -> None:
    other = Organisation(kind=OrganisationKind.OTHER, name="Vzw De Brug")
    session.add(other)
    here, there = make_municipality(session, "Elzendonk"), make_municipality(session, "Hasselberg", "limburg")
    kim = applicant(
        session, "Kim", organisation=here, motivation="Graag.", confirmed_at=now() - timedelta(days=1)
    )
    applicant(session, "Lou", organisation=here, confirmed_at=now() - timedelta(days=2))
    applicant(session, "Max", organisation=there)
    applicant(session, "Nel", organisation=other)
    make_account(session, "Al Lid", organisation=here)
    make_account(session, "Nog Niet", organisation=here, status=AccountStatus.UNCONFIRMED)

    def names(*grants: Grant) -> list[str]:
        return [a.name for a in admission.waiting(session, viewer(*grants))]

    assert names(WAASLAND) == ["Lou", "Kim"]
    assert names(LIMBURG) == ["Max"]
    assert names(WAASLAND, LIMBURG) == ["Lou", "Kim", "Max"]
    assert set(names(EVERYWHERE)) == {"Lou", "Kim", "Max", "Nel"}
    assert names(Grant(Role.AUTHOR, ScopeKind.ALL, "")) == []
    found = admission.waiting(session, viewer(WAASLAND))[1]
    assert (found.account_id, found.motivation, found.organisation_name) == (kim.id, "Graag.", "Elzendonk")


@pytest.mark.parametrize("grant", [EVERYWHERE, WAASLAND, LIMBURG, Grant(Role.AUTHOR, ScopeKind.ALL, "")])
def test_the_queue_and_the_policy_agree(session: Session, grant: Grant) -> None:
    for region in ("waasland", "limburg"):
        applicant(session, organisation=make_municipality(session, region=region))
    seen = {a.account_id for a in admission.waiting(session, viewer(grant))}
    everybody = admission.waiting(session, viewer(EVERYWHERE))
    assert seen == {
        a.account_id
        for a in everybody
        if may_admit(viewer(grant), municipality_nis=a.municipality_nis, region_key=a.region_key)
    }


def test_the_queue_is_one_query_however_long(session: Session) -> None:
    here = make_municipality(session)
    for _ in range(30):
        applicant(session, organisation=here)
    with counted_queries(session) as queries:
        assert len(admission.waiting(session, viewer(WAASLAND))) == 30
    assert len(queries) == 1


def test_an_applicant_is_let_in_told_and_it_is_written_down(session: Session) -> None:
    mentor, kim = make_account(session, "Mo Mentor"), applicant(session)
    moment = now()
    admission.admit(session, viewer(EVERYWHERE, account=mentor), kim.id, moment)
    session.refresh(kim)
    assert (kim.status, kim.admitted_at) == (AccountStatus.MEMBER, moment)
    row = session.exec(select(Admission)).one()
    assert (row.account_id, row.decided_by_id, row.is_admitted) == (kim.id, mentor.id, True)
    [mail] = mails_to(session, kim.email)
    assert "toegelaten" in mail.subject and "Dag Kim Kandidaat" in mail.text
    assert session.exec(select(AuditEntry.action)).all() == ["auth.admit"]


def test_who_is_refused_reads_the_reason(session: Session) -> None:
    mentor, kim = make_account(session), applicant(session)
    admission.refuse(session, viewer(EVERYWHERE, account=mentor), kim.id, "We kennen je functie niet.", now())
    session.refresh(kim)
    assert kim.status == AccountStatus.REFUSED and kim.admitted_at is None
    assert "We kennen je functie niet." in mails_to(session, kim.email)[0].text


def test_deciding_twice_the_same_is_deciding_once(session: Session) -> None:
    mentor, kim = make_account(session), applicant(session)
    for _ in range(2):
        admission.admit(session, viewer(EVERYWHERE, account=mentor), kim.id, now())
    assert len(session.exec(select(Admission)).all()) == len(mails_to(session, kim.email)) == 1


def test_changing_ones_mind_by_a_second_click_is_a_conflict(session: Session) -> None:
    mentor, kim = make_account(session), applicant(session)
    admission.admit(session, viewer(EVERYWHERE, account=mentor), kim.id, now())
    with pytest.raises(Conflict):
        admission.refuse(session, viewer(EVERYWHERE, account=mentor), kim.id, "Toch niet.", now())


def test_the_second_mentor_reads_who_decided(session: Session) -> None:
    first, second = make_account(session, "Eva Eerst"), make_account(session, "Tom Tweede")
    kim = applicant(session)
    admission.refuse(session, viewer(EVERYWHERE, account=first), kim.id, "Nee.", now())
    late = viewer(EVERYWHERE, account=second)
    for decide in (
        partial(admission.admit, session, late, kim.id, now()),
        partial(admission.refuse, session, late, kim.id, "Nee.", now()),
    ):
        with pytest.raises(Conflict) as refused:
            decide()
        assert refused.value.message == "Eva Eerst weigerde deze aanvraag al."


@pytest.mark.parametrize("status", [AccountStatus.UNCONFIRMED, AccountStatus.DISABLED])
def test_who_did_not_apply_cannot_be_let_in(session: Session, status: AccountStatus) -> None:
    account = make_account(session, status=status)
    with pytest.raises(NotFound):
        admission.admit(session, viewer(EVERYWHERE), account.id, now())
    session.refresh(account)
    assert account.status == status


def test_outside_ones_scope_nobody_exists(session: Session) -> None:
    kim = applicant(session, organisation=make_municipality(session, region="limburg"))
    for account_id in (kim.id, uuid4()):
        with pytest.raises(NotFound):
            admission.admit(session, viewer(WAASLAND), account_id, now())
    session.refresh(kim)
    assert kim.status == AccountStatus.APPLICANT
    # The negative control: with the scope it works.
    mentor = make_account(session)
    admission.admit(session, viewer(LIMBURG, account=mentor), kim.id, now())


# ── at the same moment, on real connections of both databases ──


def at_once(count: int, act: Callable[[int], str]) -> Counter[str]:
    ready = Barrier(count)

    def run(number: int) -> str:
        ready.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


def committed_applicants(engine: Engine) -> tuple[UUID, list[Viewer]]:
    with Session(engine, expire_on_commit=False) as session:
        mentors = [make_account(session, f"Mentor {n}") for n in range(6)]
        for mentor in mentors:
            give_role(session, mentor, Role.MENTOR)
        kim = applicant(session)
        session.commit()
        return kim.id, [viewer(EVERYWHERE, account=m) for m in mentors]


def test_of_many_mentors_at_once_one_decides(own_engine: Engine) -> None:
    kim, mentors = committed_applicants(own_engine)
    database = Database(own_engine)

    def decide(number: int) -> str:
        try:
            with database.session() as session:
                if number % 2:
                    admission.admit(session, mentors[number], kim, now())
                else:
                    admission.refuse(session, mentors[number], kim, "Nee.", now())
        except Conflict as conflict:
            return "told who decided" if "Mentor" in conflict.message else "conflict"
        return "decided"

    assert at_once(6, decide) == {"decided": 1, "told who decided": 5}
    with database.session() as session:
        decision = session.exec(select(Admission)).one()
        assert len(session.exec(select(OutgoingMail)).all()) == 1
        status = session.get_one(Account, kim).status
        assert (status == AccountStatus.MEMBER) == decision.is_admitted


def test_without_the_guard_they_would_both_decide(own_engine: Engine) -> None:
    """The negative control: looking first and writing then goes wrong in this very race."""
    kim, mentors = committed_applicants(own_engine)
    database = Database(own_engine)
    looked = Barrier(6)

    def decide(number: int) -> str:
        with database.session(reading=True) as session:
            waits = session.get_one(Account, kim).status == AccountStatus.APPLICANT
        looked.wait()
        with database.session() as session:
            if waits:
                session.add(
                    Admission(
                        account_id=kim, decided_by_id=mentors[number].id, is_admitted=True, decided_at=now()
                    )
                )
        return "decided" if waits else "conflict"

    assert at_once(6, decide)["decided"] > 1


def test_one_address_from_everywhere_at_once_is_one_account(own_engine: Engine) -> None:
    database = Database(own_engine)
    with database.session() as session:
        organisation_id = make_municipality(session).id
    person = sign_up.Person("Noor Claes", "noor@test.example", organisation_id, "deskundige", "", "nl")
    form_id = uuid4().hex

    def act(number: int) -> str:
        with database.session() as session:
            sign_up.sign_up(session, person, "hash", now(), form_id=form_id, next_path="/")
        return "done"

    assert at_once(6, act) == {"done": 6}
    with database.session() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (Account, Membership, EmailToken, OutgoingMail)
        ]
        assert counts == [1, 1, 1, 1]


def test_a_link_opened_in_many_tabs_at_once_works_once(own_engine: Engine) -> None:
    database = Database(own_engine)
    with database.session() as session:
        account = make_account(session, status=AccountStatus.UNCONFIRMED, password_hash="hash")
        code = tokens.issue(session, account.id, TokenPurpose.CONFIRM, account.email, now())
    assert code is not None

    def act(number: int) -> str:
        with database.session(reading=True) as session:
            link = tokens.find(session, code, now())
        assert link is not None
        try:
            with database.session() as session:
                sign_up.confirm(session, link, now(), password_hash=None)
        except Gone:
            return "gone"
        return "confirmed"

    said = at_once(6, act)
    assert said == {"confirmed": 1, "gone": 5}
