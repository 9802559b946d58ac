"""The demo network: plainly fictional, complete, and consistent with what the services would have kept."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import process_time
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from backend import demo
from backend.auth import admission
from backend.auth.models import Account, AccountStatus, Grant, Role, RoleGrant, ScopeKind, Viewer
from backend.auth.passwords import verify
from backend.config import CONTENT, settings
from backend.courses import loading
from backend.courses import service as courses
from backend.db import now
from backend.demo.learners import FUNCTIONS, MEMBERS
from backend.demo.people import ACCOUNTS, COURSE, PASSWORD
from backend.demo.places import EDITION, MUNICIPALITIES
from backend.events.ledger import differences
from backend.events.models import (
    ActionDay,
    ActionDayRegion,
    DayFormat,
    ProgrammeItem,
    Registration,
    RegistrationStatus,
)
from backend.learning import service as learning
from backend.learning.grading import as_submitted
from backend.learning.judging import progress_changed
from backend.learning.models import Attempt, Enrolment, LessonProgress, Response, ResponseEvent, ScenarioRun
from backend.learning.progress import overview as progress_overview
from backend.mentoring.service import Filter, overview
from backend.mentoring.signals import SignalKind, State
from backend.mentoring.stumbling import hard_questions
from backend.network.models import Edition, Municipality, Organisation, OrganisationDomain
from backend.network.service import fold, load_network
from tests.browser import Browser

MOMENT = now()


@pytest.fixture(scope="module")
def session(engine: Engine) -> Iterator[Session]:
    """One demo network for all tests of this file, rolled back at the end."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            courses.forget_documents()
            load_network(session, MOMENT)
            loading.load(session, CONTENT, MOMENT)
            began = process_time()
            assert demo.load(session, MOMENT)
            session.info["seconds"] = process_time() - began
            yield session
        outer.rollback()
    courses.forget_documents()


def viewer(session: Session, mail_name: str) -> Viewer:
    account = session.exec(select(Account).where(col(Account.email) == f"{mail_name}@demo.example")).one()
    grants = session.exec(select(RoleGrant).where(col(RoleGrant.account_id) == account.id))
    return Viewer(
        id=account.id, session_id=uuid4(), name=account.name, email=account.email, status=account.status, language="nl",
        organisation_id=None, organisation_name="", municipality_nis=None, region_key=None,
        grants=tuple(Grant(g.role, g.scope_kind, g.scope_key) for g in grants), seen_at=MOMENT,
    )  # fmt: skip


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


# ── plainly fictional ──


def test_not_one_demo_municipality_exists(session: Session):
    real = session.exec(select(Municipality.name).where(col(Municipality.is_fictional).is_(False))).all()
    assert len(real) > 300
    assert not {fold(name) for name, _region in MUNICIPALITIES} & {fold(name) for name in real}
    assert "Elzendonk" in dict(MUNICIPALITIES)


def test_everything_that_demo_made_is_marked(session: Session):
    assert session.exec(select(Municipality.nis_code).where(col(Municipality.is_fictional))).all() == [
        f"X{number:04d}" for number in range(1, len(MUNICIPALITIES) + 1)
    ]
    for table in (Account, ActionDay):
        assert set(session.exec(select(table.is_fictional))) == {True}
    made = session.exec(select(Organisation).where(col(Organisation.is_fictional))).all()
    assert len(made) == len(MUNICIPALITIES) + 1
    edition = session.exec(select(Edition).where(Edition.key == EDITION)).one()
    assert edition.is_fictional
    assert "fictief" in edition.name
    assert {day.edition_id for day in session.exec(select(ActionDay))} == {edition.id}


def test_names_say_that_they_are_demo(session: Session):
    assert all(name.startswith("Demo ") for name in session.exec(select(Account.name)))


def test_it_is_never_loaded_in_production(session: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "mode", "production")
    with pytest.raises(RuntimeError, match="production"):
        demo.load(session, MOMENT)


def test_loading_again_changes_nothing(session: Session):
    tables = (Account, Organisation, ActionDay, Registration, ResponseEvent, Edition)
    before = [count(session, table) for table in tables]
    assert demo.load(session, MOMENT + timedelta(days=3)) is False
    assert [count(session, table) for table in tables] == before


def test_it_takes_little_time(session: Session):
    """Of the processor, so that a busy machine does not fail it."""
    assert session.info["seconds"] < 1.5


# ── accounts ──


def test_eight_accounts_sign_in_and_nobody_else(session: Session):
    with_password = session.exec(select(Account).where(col(Account.password_hash).is_not(None))).all()
    assert {account.email.partition("@")[0] for account in with_password} == {
        mail_name for mail_name, *_ in ACCOUNTS
    }
    [one_hash] = {account.password_hash for account in with_password}
    assert verify(PASSWORD, one_hash)
    assert PASSWORD == "lerend-netwerk"


@pytest.mark.parametrize(
    ("mail_name", "role", "kind"),
    [
        ("mentor", Role.MENTOR, ScopeKind.REGION),
        ("mentor2", Role.MENTOR, ScopeKind.REGION),
        ("auteur", Role.AUTHOR, ScopeKind.COURSE),
        ("organisator", Role.ORGANISER, ScopeKind.REGION),
        ("coordinator", Role.COORDINATOR, ScopeKind.MUNICIPALITY),
        ("partner", Role.PARTNER, ScopeKind.EDITION),
        ("beheerder", Role.ADMINISTRATOR, ScopeKind.ALL),
    ],
)
def test_each_role_has_an_account(session: Session, mail_name: str, role: Role, kind: ScopeKind):
    assert {(grant.role, grant.scope_kind) for grant in viewer(session, mail_name).grants} == {(role, kind)}


def test_the_participant_stopped_halfway_the_first_lesson(session: Session):
    who = viewer(session, "deelnemer")
    assert who.grants == ()
    found = progress_overview(session, who.id)[COURSE]
    first = courses.published_version(session, COURSE)[2].lessons[0]
    assert found.resume_lesson == first.key
    assert found.lessons[first.key].state == "busy"
    assert 0 < found.lessons[first.key].answered_count < len(first.questions)


def test_three_wait_and_the_demo_mentor_sees_two(session: Session):
    assert len(admission.waiting(session, viewer(session, "beheerder"))) == 3
    seen = admission.waiting(session, viewer(session, "mentor"))
    assert len(seen) == 2
    assert all(applicant.is_fictional and not applicant.email.endswith("@demo.example") for applicant in seen)


def test_the_demo_domain_lets_in_at_once(session: Session):
    domain = session.get(OrganisationDomain, "demo.example")
    assert domain
    organisation = session.get(Organisation, domain.organisation_id)
    assert organisation
    assert organisation.is_fictional


# ── learning ──


def test_sixty_members_stand_at_all_stages(session: Session):
    seen = overview(session, viewer(session, "beheerder"), Filter(), MOMENT, all_pages=True)
    members = [person for person in seen.everyone if person.name.removeprefix("Demo ").isdigit()]
    assert len(members) == MEMBERS
    assert {member.function for member in members} == set(FUNCTIONS)
    assert {member.organisation for member in members} == {name for name, _region in MUNICIPALITIES}
    assert {state for member in members for state in member.cells} == set(State)
    assert len({member.last_active_at for member in members}) > 40


def test_the_demo_mentor_has_a_full_day(session: Session):
    seen = overview(session, viewer(session, "mentor"), Filter(), MOMENT)
    assert len(seen.everyone) == 24
    given = {person.signal.kind for person in seen.needs if person.signal}
    assert given == set(SignalKind), "every rule has somebody it tells of"
    assert 4 <= seen.standings["woord"] <= 8
    assert seen.standings["klaar"] >= 4
    assert seen.standings["schema"] >= 8
    assert hard_questions(session, viewer(session, "mentor"), now())


def kept(session: Session, account_id: object) -> tuple[object, ...]:
    """What learning keeps of one person, without ids and numbers of the database."""
    enrolment = session.exec(select(Enrolment).where(Enrolment.account_id == account_id)).one()
    results = session.exec(
        select(Response, Attempt.lesson_key)
        .join(Attempt, col(Attempt.id) == Response.attempt_id)
        .where(Attempt.enrolment_id == enrolment.id, Attempt.check_key == "")
    )
    progress = session.exec(select(LessonProgress).where(LessonProgress.enrolment_id == enrolment.id))
    return (
        enrolment.model_dump(exclude={"id", "account_id", "started_at"}),
        sorted(
            (r.model_dump(exclude={"attempt_id"}) | {"lesson_key": lesson} for r, lesson in results),
            key=lambda r: (r["lesson_key"], r["block_key"]),
        ),
        sorted((p.model_dump(exclude={"enrolment_id"}) for p in progress), key=lambda p: p["lesson_key"]),
    )


def milestones_of(session: Session, account_id: object) -> list[tuple[datetime, Attempt | ScenarioRun]]:
    """The checks that this person handed in and the cases they walked, in order of time."""
    mine = select(Enrolment.id).where(Enrolment.account_id == account_id).scalar_subquery()
    checks = session.exec(select(Attempt).where(Attempt.enrolment_id == mine, Attempt.check_key != ""))
    runs = session.exec(select(ScenarioRun).where(ScenarioRun.enrolment_id == mine))
    found = [(check.handed_in_at, check) for check in checks] + [(run.ended_at, run) for run in runs]
    return sorted(found, key=lambda each: each[0])


def repeat(session: Session, who: Viewer, at: datetime, done: Attempt | ScenarioRun) -> None:
    """The same by another person, as the services would leave it."""
    enrolment = learning.enrol(session, who, COURSE, at)
    session.add(type(done)(**done.model_dump() | {"id": uuid4(), "enrolment_id": enrolment.id}))
    course = courses.version_document(session, enrolment.version_id)
    lesson = course.lesson(done.lesson_key)
    assert lesson is not None
    progress_changed(session, enrolment, course, lesson, at)
    key = done.check_key if isinstance(done, Attempt) else done.scenario_key
    enrolment.lesson_key, enrolment.block_key = done.lesson_key, key


def test_what_is_kept_of_members_follows_from_their_answers(session: Session):
    """Answer the same again through the service: results, progress and place come out the same. Ten members, all stages."""
    compared = Counter[str]()
    for number in range(1, 11):
        member = session.exec(select(Account).where(Account.name == f"Demo {number:02d}")).one()
        answers = session.exec(
            select(ResponseEvent, Attempt.lesson_key)
            .join(Attempt, col(Attempt.id) == ResponseEvent.attempt_id)
            .join(Enrolment, col(Enrolment.id) == Attempt.enrolment_id)
            .where(Enrolment.account_id == member.id, Attempt.check_key == "")
            .order_by(col(ResponseEvent.id))
        ).all()
        assert [a.at for a, _lesson in answers] == sorted(a.at for a, _lesson in answers)
        assert all(a.at <= MOMENT for a, _lesson in answers)
        if not answers:
            continue
        twin = Account(
            name="Demo tweeling",
            email=f"{uuid4().hex}@demo.example",
            status=AccountStatus.MEMBER,
            created_at=MOMENT,
            is_fictional=True,
        )
        with session.begin_nested() as savepoint:
            session.add(twin)
            session.flush()
            who = Viewer(
                id=twin.id, session_id=uuid4(), name="", email="", status=twin.status, language="nl", organisation_id=None,
                organisation_name="", municipality_nis=None, region_key=None, grants=(), seen_at=MOMENT,
            )  # fmt: skip
            milestones = milestones_of(session, member.id)
            for a, lesson_key in answers:
                while milestones and milestones[0][0] < a.at:
                    repeat(session, who, *milestones.pop(0))
                address = learning.Address(COURSE, lesson_key, a.block_key)
                score = learning.answer(session, who, address, as_submitted(a.given), uuid4().hex, a.at)
                assert score == a.score
            for milestone in milestones:
                repeat(session, who, *milestone)
            session.flush()
            assert kept(session, twin.id) == kept(session, member.id)
            compared["completed" if kept(session, twin.id)[0]["completed_at"] else "under way"] += 1
            savepoint.rollback()
    assert compared["completed"] >= 1
    assert compared["under way"] >= 4


# ── action days ──


def test_the_counters_of_a_day_are_its_registrations(session: Session):
    for day in session.exec(select(ActionDay)):
        registrations = session.exec(select(Registration).where(Registration.day_id == day.id)).all()
        by_status = Counter(registration.status for registration in registrations)
        assert day.taken == by_status[RegistrationStatus.CONFIRMED]
        assert day.waiting_count == by_status[RegistrationStatus.WAITING]
        assert all(registration.asked_at <= min(MOMENT, day.starts_at) for registration in registrations)
    assert differences(session) == [], "the ledger and the sessions tell the same"


def test_five_days_past_full_open_next_month_and_online(session: Session):
    past, full, open_, online, later = session.exec(
        select(ActionDay).order_by(col(ActionDay.starts_at))
    ).all()
    assert past.is_over(MOMENT)
    assert past.taken
    assert full.is_open(MOMENT)
    assert full.seats_left == 0
    assert full.waiting_count > 0
    assert open_.is_open(MOMENT)
    assert open_.seats_left > 5
    assert online.format == DayFormat.ONLINE
    for_regions = set(session.exec(select(ActionDayRegion.day_id)))
    assert online.id not in for_regions and full.id in for_regions
    assert later.starts_at > MOMENT + timedelta(days=40)
    for day in (past, full, open_, online, later):
        assert day.starts_at.weekday() < 5
        assert day.place
        assert day.access
        assert session.exec(select(ProgrammeItem).where(ProgrammeItem.day_id == day.id)).all()


# ── seen in the browser ──


@pytest.mark.parametrize("mail_name", [mail_name for mail_name, *_ in ACCOUNTS])
def test_every_demo_account_has_a_start_page(session: Session, browser: Browser, mail_name: str):
    account = session.exec(select(Account).where(Account.email == f"{mail_name}@demo.example")).one()
    page = browser.sign_in(account).get("/")
    assert page.h1


def test_the_participants_overview_says_go_on(session: Session, browser: Browser):
    account = session.exec(select(Account).where(Account.email == "deelnemer@demo.example")).one()
    assert "Ga verder" in browser.sign_in(account).get("/").text
