"""What is kept of a person: all of it in one file and nothing of others, and after erasing nothing that leads to them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, SQLModel, col, select

from backend import mail
from backend.audit.service import record
from backend.auth import own_data as auth
from backend.auth import passwords, tokens
from backend.auth.models import Account, AccountStatus, Admission, Role, TokenPurpose
from backend.auth.own_data import NAMELESS
from backend.authoring.models import CourseDraft
from backend.db import now
from backend.errors import Forbidden
from backend.events import attendance, ledger, mailings, registering
from backend.events.holding import Mine, get
from backend.events.models import (
    ActionDay,
    CalendarAddress,
    DayMailed,
    DayMailing,
    Registration,
    RegistrationStatus,
)
from backend.home import own_data
from backend.learning import notes, recount, reports, rhythm, scenario_runs, service
from backend.learning.models import Attendance, SharedReflection, Tally
from backend.learning.service import Address
from backend.recognition import service as recognition
from backend.search import SearchEntry
from tests.browser import Browser, counted_queries
from tests.events.acts import wish
from tests.factories import give_role, make_account, make_day, viewer_of
from tests.learning.scenarios import CASE, LESSON, publish_case

PASSWORD = "vier paarden drinken thee"
AWARD = recognition.Award("proef", "Proefmodule", "Om te proeven.", 1, 1.5)


@pytest.fixture
def session(own_engine: Engine) -> Iterator[Session]:
    """On each kind of database."""
    with Session(own_engine) as session:
        yield session


def busy_person(session: Session, name: str, word: str, days: tuple[ActionDay, ActionDay]) -> Account:
    """Somebody who did everything one can do here; each text they wrote holds `word`."""
    moment = now()
    account = make_account(
        session, name, password_hash=passwords.hash_password(PASSWORD), motivation=f"Waarom: {word}"
    )
    give_role(session, account, Role.AUTHOR)
    viewer = viewer_of(session, account)
    service.answer(session, viewer, Address("proef", "twee", "kies"), {"keuze": ["a"]}, uuid4().hex, moment)
    service.save_note(session, viewer, Address("proef", "twee", "notitie"), f"Antwoord: {word}", moment)
    scenario_runs.begin(session, viewer, Address("proef", LESSON, CASE), uuid4().hex, moment)
    here: dict[str, Any] = {
        "account_id": account.id,
        "course_key": "proef",
        "lesson_key": "twee",
        "block_key": "kies",
    }
    session.add(SharedReflection(**here, text=f"Gedeeld: {word}", shared_at=moment))
    notes.keep(
        session,
        viewer,
        Address("proef", "twee", "kies"),
        notes.Wish(f"Notitie: {word}", is_bookmarked=True),
        moment,
    )
    place = reports.place_of(session, viewer, "proef", "twee")
    reports.send(session, viewer, place, "", f"Een fout: {word}", uuid4().hex, moment)
    rhythm.choose(session, viewer, 2)
    recognition.issue(session, account.id, AWARD, moment)
    record(session, account.id, "auth.sign_in", kind="account", key=account.id)
    tokens.issue(session, account.id, TokenPurpose.RESET, account.email, moment)
    session.add(
        Admission(account_id=account.id, is_admitted=True, reason=f"Reden: {word}", decided_at=moment)
    )
    session.add(CalendarAddress(account_id=account.id, version=3))
    session.add(CourseDraft(course_key=word, manifest="{}", uploaded_by_id=account.id, uploaded_at=moment))
    for on in (days[0], days[1]):
        registering.register(session, viewer, on.slug, wish(note=f"Nodig: {word}"), moment)
    attendance.attend(session, get(session, Mine(viewer, days[0].slug)), moment)
    words = mailings.Words(f"Mail van {word}", "Dag {naam}")
    for mailing in (
        DayMailing(
            day_id=days[0].id,
            fingerprint=words.fingerprint,
            subject=words.subject,
            text=words.text,
            by_id=account.id,
            at=moment,
            people_count=1,
        ),
        DayMailed(day_id=days[0].id, fingerprint=words.fingerprint, account_id=account.id),
    ):
        session.add(mailing)
    session.add(Attendance(account_id=account.id, series=word, attended_on=moment.date()))
    session.flush()
    return account


@pytest.fixture
def days(session: Session) -> tuple[ActionDay, ActionDay]:
    """One that will be over, one that is to come, with one place."""
    return make_day(session, "Dag een", needs_kept_days=30), make_day(session, "Dag twee", capacity=1)


def make_it_past(session: Session, day: ActionDay) -> None:
    day = session.get_one(ActionDay, day.id)
    day.starts_at, day.ends_at = now() - timedelta(hours=8), now() - timedelta(hours=2)
    session.flush()


@pytest.fixture
def mine(session: Session, days: tuple[ActionDay, ActionDay]) -> Account:
    publish_case(session)
    return busy_person(session, "Lena Aerts", "appeltaart", days)


@pytest.fixture
def others(session: Session, mine: Account, days: tuple[ActionDay, ActionDay]) -> Account:
    """Of the second day they are on the waiting list, behind `mine`."""
    other = busy_person(session, "Karim Bral", "kersenvlaai", days)
    make_it_past(session, days[0])
    session.commit()
    return other


def exported(browser: Browser) -> dict[str, Any]:
    browser.max_queries = 60  # every part gives its own
    browser.get("/mijn/gegevens")
    answer = browser.client.get("/mijn/gegevens/meenemen", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["content-disposition"] == 'attachment; filename="mijn-gegevens.json"'
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.content)
    return found


def erase(browser: Browser, session: Session, account: Account, **form: str) -> None:
    browser.max_queries = 120  # every part erases its own
    browser.sign_in(account)
    browser.submit(browser.get("/mijn/gegevens/wissen"), "#erase_form", current=PASSWORD, **form)
    session.expunge_all()


# ── taking along ──


def test_the_export_holds_everything_of_me_and_nothing_of_others(
    browser: Browser, mine: Account, others: Account
) -> None:
    name, email, own_id = others.name, others.email, str(others.id)
    found = exported(browser.sign_in(mine))
    assert set(found) == {"made_at", "mails", "log", *(part for part, _module in own_data.PARTS)}
    text = json.dumps(found, ensure_ascii=False)
    for said in (
        "Waarom: ",
        "Antwoord: ",
        "Gedeeld: ",
        "Notitie: ",
        "Een fout: ",
        "Reden: ",
        "Nodig: ",
        "Mail van ",
    ):
        assert f"{said}appeltaart" in text, said
    for secret in ("kersenvlaai", name, email, own_id, "password_hash", "token_hash", "stop_code", "argon2"):
        assert secret not in text, secret
    assert {day["day"] for day in found["action_days"]["registrations"]} == {"Dag een", "Dag twee"}
    assert found["scenarios"][0]["scenario_key"] == CASE
    assert found["reminders"] == [{"weekday": 2, "reminded_on": None}]
    assert [each["course_title"] for each in found["certificates"]] == ["Proefmodule"]
    assert found["log"][0]["action"] == "auth.sign_in"


def tables_of_a_person() -> dict[str, set[str]]:
    """Those with a foreign key to an account, with its columns."""
    found: dict[str, set[str]] = {}
    for table in SQLModel.metadata.sorted_tables:
        columns = {key.parent.name for key in table.foreign_keys if key.target_fullname == "account.id"}
        if columns:
            found[table.name] = columns
    return found


def test_the_export_reads_every_table_with_something_of_a_person(
    session: Session, mine: Account, others: Account
) -> None:
    with counted_queries(session) as queries:
        own_data.export_of(session, viewer_of(session, mine), now())
    asked = " ".join(" ".join(queries).split()) + " "
    owned = [table for table, columns in tables_of_a_person().items() if "account_id" in columns]
    assert [table for table in owned if f"FROM {table} " not in asked and f"JOIN {table} " not in asked] == []


# ── erasing ──


def untouched(queries: list[str], tables: dict[str, set[str]]) -> list[str]:
    """Columns that refer to an account, or to a row that goes with one, and that no statement looked at."""
    said = [query.split() for query in queries if query.startswith(("DELETE", "UPDATE"))]
    gone = {query[2] for query in said if query[0] == "DELETE"}
    wrong = [
        f"{table}.{column}"
        for table, columns in tables.items()
        for column in columns
        if not any(
            query[1:3] == ["FROM", table] or query[:2] == ["UPDATE", table]
            for query in said
            if column in " ".join(query)
        )
    ]
    for table in SQLModel.metadata.sorted_tables:
        parents = {key.column.table.name for key in table.foreign_keys} & (gone - {"account", table.name})
        wrong += [f"{table.name}, below {parent}" for parent in sorted(parents) if table.name not in gone]
    return wrong


def test_no_table_that_refers_to_an_account_is_forgotten(
    session: Session, mine: Account, others: Account
) -> None:
    with counted_queries(session) as queries:
        own_data.erase(session, viewer_of(session, mine), now())
    assert untouched(queries, tables_of_a_person()) == []
    unknown = {"diary": {"account_id"}}
    assert untouched(queries, unknown) == ["diary.account_id"]
    fewer = [query for query in queries if not query.startswith("DELETE FROM scenario_run")]
    assert "scenario_run, below enrolment" in untouched(fewer, {})


def test_after_erasing_nothing_leads_to_the_person(
    browser: Browser, session: Session, mine: Account, others: Account, days: tuple[ActionDay, ActionDay]
) -> None:
    person, email, other = mine.id, mine.email, others.id
    erase(browser, session, mine)
    assert browser.location == "/"
    assert "gewist" in browser.follow().text
    for table in SQLModel.metadata.sorted_tables:
        if table.name in ("audit_entry", "job", "registration_event", "day_mailing"):
            continue  # ids that lead nowhere, and what was written for many
        rows = json.dumps([list(row) for row in session.connection().execute(table.select())], default=str)
        assert str(person) not in rows, table.name
        if table.name not in ("outgoing_mail", "course_draft"):  # under way to others; a module stays
            assert "Lena Aerts" not in rows, table.name
            assert "appeltaart" not in rows, table.name
    letters = session.scalars(select(mail.OutgoingMail).where(mail.OutgoingMail.to == email)).all()
    assert [letter.subject for letter in letters] == ["Geannuleerd: Dag twee"]
    assert session.get(Account, other) is not None


def test_after_erasing_signing_in_is_impossible_and_sending_it_again_changes_nothing(
    browser: Browser, session: Session, mine: Account, others: Account
) -> None:
    email = mine.email
    browser.sign_in(mine)
    token = dict(browser.client.cookies)
    erase(browser, session, mine)
    before = session.scalar(select(func.count()).select_from(Account))
    browser.client.cookies.update(token)
    browser.get("/mijn/profiel", status=303)
    browser.post("/mijn/gegevens/wissen", {"current": PASSWORD})
    assert browser.location.startswith("/aanmelden")
    browser.client.cookies.clear()
    browser.post("/aanmelden", {"email": email, "password": PASSWORD}, status=422)
    assert session.scalar(select(func.count()).select_from(Account)) == before


def test_the_places_and_their_ledger_stay_right(
    browser: Browser, session: Session, mine: Account, others: Account, days: tuple[ActionDay, ActionDay]
) -> None:
    past, future, waiting = days[0].id, days[1].id, others.id
    erase(browser, session, mine)
    assert ledger.differences(session) == []
    assert list(recount.differences(session)) == []
    was_there, comes = session.get_one(ActionDay, past), session.get_one(ActionDay, future)
    assert (was_there.taken, comes.taken, comes.waiting_count) == (2, 1, 0)
    (next_one,) = session.scalars(
        select(Registration).where(
            Registration.day_id == future, Registration.status == RegistrationStatus.CONFIRMED
        )
    )
    assert next_one.account_id == waiting
    nobody = session.scalars(select(Account).where(Account.name == NAMELESS)).one()
    assert nobody.status == AccountStatus.DISABLED
    assert nobody.password_hash is None


def test_mentors_and_organisers_see_no_trace_but_the_counts(
    browser: Browser, session: Session, mine: Account, others: Account, days: tuple[ActionDay, ActionDay]
) -> None:
    mentor = make_account(session, "Mo Mentor")
    for role in (Role.MENTOR, Role.ORGANISER, Role.ADMINISTRATOR):
        give_role(session, mentor, role)
    slug, person = days[0].slug, mine.id
    erase(browser, session, mine)
    mentor = session.scalars(select(Account).where(Account.name == "Mo Mentor")).one()
    browser.sign_in(mentor)
    assert "Lena Aerts" not in browser.get("/begeleiding").text
    browser.get(f"/begeleiding/deelnemer/{person}", status=404)
    page = browser.get(f"/organisatie/{slug}").text
    assert NAMELESS in page
    assert "Lena Aerts" not in page
    browser.get(f"/organisatie/{slug}/geschiedenis")
    browser.get("/redactie/meldingen")


def test_nobody_writes_to_an_account_that_is_gone(
    session: Session, mine: Account, others: Account, days: tuple[ActionDay, ActionDay]
) -> None:
    own_data.erase(session, viewer_of(session, mine), now())
    nobody = session.scalars(select(Account).where(Account.name == NAMELESS)).one()
    letter = mail.send(session, nobody.email, "auth_password_changed", name="x")
    session.flush()
    mail.deliver(session, {"mail_id": str(letter.id)})
    assert letter.sent_at is not None


def test_a_certificate_goes_with_its_holder(
    browser: Browser, session: Session, mine: Account, others: Account
) -> None:
    code = recognition.issue(session, mine.id, AWARD, now()).code
    browser.get(f"/getuigschrift/{code}")
    erase(browser, session, mine)
    browser.get(f"/getuigschrift/{code}", status=404)


def test_what_was_counted_stays(browser: Browser, session: Session, mine: Account, others: Account) -> None:
    before = session.scalar(select(func.sum(Tally.people)))
    erase(browser, session, mine)
    assert session.scalar(select(func.sum(Tally.people))) == before
    assert (
        session.scalar(select(func.count()).select_from(SearchEntry).where(SearchEntry.kind == "note")) == 1
    )


# ── only who it is, knowing what it does ──


def test_looking_changes_nothing_and_says_what_goes_and_what_stays(
    browser: Browser, session: Session
) -> None:
    account = make_account(session)
    page = browser.sign_in(account).get("/mijn/gegevens/wissen").text
    assert "Dit verdwijnt meteen" in page
    assert "Dit blijft, zonder je naam" in page
    assert browser.get("/mijn/profiel").select_one("a[href='/mijn/gegevens']")


def test_the_password_must_be_right(browser: Browser, session: Session) -> None:
    account = make_account(session, password_hash=passwords.hash_password(PASSWORD))
    browser.sign_in(account)
    for wrong in ("fout", "", "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")):
        page = browser.post("/mijn/gegevens/wissen", {"current": wrong}, status=422)
        assert page.select_one("#current_error")
    assert session.get(Account, account.id) is not None


def test_an_account_without_password_is_not_erased_with_none(browser: Browser, session: Session) -> None:
    browser.sign_in(make_account(session))
    browser.post("/mijn/gegevens/wissen", {"current": "x"}, status=422)


def test_who_may_not_go_is_told_why(browser: Browser, session: Session) -> None:
    hashed = passwords.hash_password(PASSWORD)
    demo = make_account(session, is_fictional=True, password_hash=hashed)
    last = make_account(session, password_hash=hashed)
    give_role(session, last, Role.ADMINISTRATOR)
    for account, why in ((demo, "proefsite"), (last, "enige beheerder")):
        page = browser.sign_in(account).get("/mijn/gegevens/wissen")
        assert why in page.text
        assert not page.select_one("#erase_form")
        assert why in browser.post("/mijn/gegevens/wissen", {"current": PASSWORD}, status=409).text
        with pytest.raises(Forbidden):
            own_data.erase(session, viewer_of(session, account), now())
    give_role(session, demo, Role.ADMINISTRATOR)
    assert auth.find(session, last.id) == auth.Owner(last.email, hashed, False, False)


def test_who_waits_for_admission_may_go_too(browser: Browser, session: Session) -> None:
    account = make_account(
        session, status=AccountStatus.APPLICANT, password_hash=passwords.hash_password(PASSWORD)
    )
    person = account.id
    exported(browser.sign_in(account))
    erase(browser, session, account)
    assert session.get(Account, person) is None
    assert session.scalar(select(func.count()).select_from(Account).where(col(Account.name) == NAMELESS)) == 0
