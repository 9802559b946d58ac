"""Nobody sees anybody, or any place, outside their scope: not in pages, numbers, choices or files."""

from datetime import timedelta
from html import escape
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select

from backend.auth.models import AccountStatus, Grant, Role, ScopeKind, Viewer
from backend.db import now
from backend.events.models import ActionDay, DayFormat, DayStatus, Registration, RegistrationStatus
from backend.learning.models import Enrolment
from backend.mentoring.policy import Scope, scope_of
from backend.mentoring.service import Filter, overview
from backend.mentoring.stumbling import hard_questions
from backend.network.models import Edition
from tests.browser import Browser
from tests.factories import give_role, make_account
from tests.mentoring.people import add_result, make_learner, make_mentor, make_module, two_regions

SECRETS = ("Verre Vera", "Hazelbergen", "Limburg", "limburg", "vera-functie", "vera@ver.example")
EVERYWHERE = (
    "/begeleiding",
    "/begeleiding?toon=woord",
    "/begeleiding?zoek=vera",
    "/begeleiding?regio=limburg",
    "/begeleiding?volgorde=actief",
    "/begeleiding/aanvragen",
    "/begeleiding/uitvoer.csv",
    "/begeleiding/uitvoer.csv?regio=limburg",
)


@pytest.fixture
def two_sides(session: Session):
    """Someone stuck on each side, so that every list has something to leak."""
    make_module(session)
    here, there = two_regions(session)
    make_learner(session, "Nabije Noor", here, done=1, tries=4, silent=timedelta(days=9))
    vera = make_learner(
        session, "Verre Vera", there, done=1, tries=4, silent=timedelta(days=9), function="vera-functie"
    )
    vera.email = "vera@ver.example"
    make_account(
        session,
        "Verre Vera wacht",
        organisation=there,
        status=AccountStatus.APPLICANT,
        function="vera-functie",
    )
    session.flush()
    return here, there, vera


@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_mentor_of_one_region_never_reads_a_name_of_another(
    two_sides, browser: Browser, session: Session, path: str
):
    browser.sign_in(make_mentor(session))
    # Without what one asked for oneself: the language switch repeats the address.
    text = browser.client.get(path).text.replace(f'value="{escape(path)}"', "")
    assert "Nabije Noor" in text or "aanvragen" in path or "vera" in path
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("path", EVERYWHERE[:2])
def test_control_who_may_see_all_does_read_them(two_sides, browser: Browser, session: Session, path: str):
    browser.sign_in(make_mentor(session, ScopeKind.ALL, ""))
    text = browser.client.get(path).text
    assert "Verre Vera" in text
    assert "Hazelbergen" in text


def test_the_workbook_holds_the_scope_only(two_sides, browser: Browser, session: Session):
    browser.sign_in(make_mentor(session))
    sheet = load_workbook(BytesIO(browser.client.get("/begeleiding/uitvoer.xlsx").content)).active
    names = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert names == ["Nabije Noor"]


def test_numbers_count_the_scope_only(two_sides, browser: Browser, session: Session):
    page = browser.sign_in(make_mentor(session)).get("/begeleiding")
    assert "1 deelnemer." in " ".join(page.main.text.split())
    assert page.select_one(".heat tfoot th").text == "Klaar, van 1"
    assert len(page.select(".need > li")) == 1


def test_where_many_stumble_counts_the_scope_only(session: Session):
    """Five people far away would make a question hard; for a mentor elsewhere they do not exist."""
    make_module(session)
    _here, there = two_regions(session)
    for number in range(5):
        learner = make_learner(session, f"Ver {number}", there, busy=True)
        enrolment = session.exec(select(Enrolment).where(Enrolment.account_id == learner.id)).one()
        add_result(session, enrolment, "les-1", "kies", tries=3)
    session.flush()
    assert not hard_questions(session, viewer(Grant(Role.MENTOR, ScopeKind.REGION, "waasland")), now())
    assert hard_questions(session, viewer(Grant(Role.MENTOR, ScopeKind.REGION, "limburg")), now())


def viewer(*grants: Grant) -> Viewer:
    return Viewer(
        id=uuid4(), session_id=uuid4(), name="", email="", status=AccountStatus.MEMBER, language="nl",
        organisation_id=None, organisation_name="", municipality_nis=None, region_key=None, grants=grants, seen_at=now(),
    )  # fmt: skip


def seen_by(session: Session, *grants: Grant) -> set[str]:
    return {person.name for person in overview(session, viewer(*grants), Filter(), now()).everyone}


def test_each_kind_of_scope(two_sides, session: Session):
    _here, there, _vera = two_sides
    mentor = Role.MENTOR
    assert seen_by(session, Grant(mentor, ScopeKind.ALL, "")) == {"Nabije Noor", "Verre Vera"}
    assert seen_by(session, Grant(mentor, ScopeKind.REGION, "waasland")) == {"Nabije Noor"}
    assert seen_by(session, Grant(mentor, ScopeKind.MUNICIPALITY, there.municipality_nis)) == {"Verre Vera"}
    both = (
        Grant(mentor, ScopeKind.REGION, "waasland"),
        Grant(mentor, ScopeKind.MUNICIPALITY, there.municipality_nis),
    )
    assert seen_by(session, *both) == {"Nabije Noor", "Verre Vera"}
    assert seen_by(session, Grant(Role.ADMINISTRATOR, ScopeKind.ALL, "")) == {"Nabije Noor", "Verre Vera"}
    assert seen_by(session, Grant(mentor, ScopeKind.EDITION, "ergens")) == set()
    assert seen_by(session, Grant(mentor, ScopeKind.COURSE, "polarisatie")) == set()
    assert seen_by(session) == set()


def test_the_scope_of_an_edition_is_who_registered_for_its_days(two_sides, session: Session):
    here, _there, vera = two_sides
    edition = Edition(key="proef", name="Proef", starts_on=now().date(), mentor_organisation_id=here.id)
    session.add(edition)
    session.flush()
    moment = now()
    day = ActionDay(
        slug="dag", title="Dag", edition_id=edition.id, format=DayFormat.ONLINE, status=DayStatus.PUBLISHED,
        starts_at=moment, ends_at=moment + timedelta(hours=1), capacity=5, registration_closes_at=moment, cancel_until=moment,
    )  # fmt: skip
    session.add(day)
    session.flush()
    registration = Registration(
        day_id=day.id,
        account_id=vera.id,
        status=RegistrationStatus.WAITING,
        asked_at=moment,
        changed_at=moment,
    )
    session.add(registration)
    session.flush()
    of_edition = Grant(Role.MENTOR, ScopeKind.EDITION, "proef")
    assert seen_by(session, of_edition) == {"Verre Vera"}
    registration.status = RegistrationStatus.CANCELLED
    session.flush()
    assert seen_by(session, of_edition) == set()


def test_a_role_that_is_not_a_mentors_gives_no_scope():
    assert scope_of(viewer(Grant(Role.COORDINATOR, ScopeKind.REGION, "waasland"))) == Scope(False, (), (), ())


@pytest.mark.parametrize(
    "path",
    ["/begeleiding", "/begeleiding/aanvragen", "/begeleiding/uitvoer.csv", "/begeleiding/uitvoer.xlsx"],
)
def test_only_mentors_and_administrators_come_in(browser: Browser, session: Session, path: str):
    assert browser.client.get(path).headers["location"].startswith("/aanmelden")
    make_module(session)
    for role in set(Role) - {Role.MENTOR, Role.ADMINISTRATOR}:
        account = make_account(session, f"Rol {role}")
        give_role(session, account, role)
        browser.sign_in(account).get(path, status=403)
    browser.sign_in(make_account(session, "Zonder rol")).get(path, status=403)
    ended = make_account(session, "Was mentor")
    give_role(session, ended, Role.MENTOR, ends_at=now() - timedelta(minutes=1))
    browser.sign_in(ended).get(path, status=403)
    administrator = make_account(session, "Ada Beheer")
    give_role(session, administrator, Role.ADMINISTRATOR)
    browser.sign_in(administrator)
    assert browser.client.get(path).status_code == 200
