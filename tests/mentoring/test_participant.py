"""One person's page: progress and days, never answers or notes, and the log says who looked."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from backend.audit.models import AuditEntry
from backend.auth.models import Account
from backend.db import now
from backend.events.models import (
    ActionDay,
    DayFormat,
    DayStatus,
    Registration,
    RegistrationNeed,
    RegistrationStatus,
)
from backend.learning.models import Enrolment, Response
from backend.network.models import Edition, Organisation
from tests.browser import Browser
from tests.mentoring.people import (
    add_result,
    make_learner,
    make_mentor,
    make_module,
    practice_of,
    two_regions,
)


@pytest.fixture
def noor(session: Session) -> Account:
    make_module(session)
    here, _there = two_regions(session)
    return make_learner(
        session, "Noor Claes", here, done=2, tries=4, silent=timedelta(days=6), function="brugfiguur"
    )


def text_of(page) -> str:
    return " ".join(page.main.get_text(" ").split())


def test_a_mentor_sees_each_lesson_with_state_counts_and_dates(
    noor: Account, browser: Browser, session: Session
):
    page = browser.sign_in(make_mentor(session)).get(f"/begeleiding/deelnemer/{noor.id}")
    rows = [" ".join(row.get_text(" ").split()) for row in page.select(".table tbody tr")]
    assert rows[0].startswith("1.1 les-1 klaar 3 van 3")
    assert rows[2].startswith("1.3 les-3 vast 1 van 3, 4 keer na elkaar fout")
    assert rows[3] == "1.4 les-4 nog niet"
    assert "2 van 7 lessen klaar" in text_of(page)
    assert "4 keer na elkaar fout in les 1.3, en daarna 6 dagen stil" in text_of(page)
    assert "brugfiguur, Elzendonk" in text_of(page)
    assert page.select_one(f"a[href='/begeleiding/deelnemer/{noor.id}/gesprek']")


def test_answers_notes_and_needs_are_nowhere(noor: Account, browser: Browser, session: Session):
    enrolment = session.exec(select(Enrolment).where(col(Enrolment.account_id) == noor.id)).one()
    add_result(session, enrolment, "les-1", "kies", tries=1)
    session.add(
        Response(
            attempt_id=practice_of(session, enrolment, "les-1").id,
            block_key="notitie",
            given={"text": "geheim-antwoord"},
            answered_at=now(),
        )
    )
    register(session, noor, needs="geheim-antwoord")
    page = browser.sign_in(make_mentor(session)).get(f"/begeleiding/deelnemer/{noor.id}")
    assert "geheim-antwoord" not in str(page)
    assert "Dag in Elzendonk" in text_of(page)
    assert "ingeschreven" in text_of(page)


def register(session: Session, account: Account, needs: str = "") -> None:
    moment = now() + timedelta(days=9)
    mentor = session.exec(select(Organisation)).first()
    assert mentor
    edition = Edition(key="proef", name="Proef", starts_on=moment.date(), mentor_organisation_id=mentor.id)
    session.add(edition)
    session.flush()
    day = ActionDay(
        slug="dag-in-elzendonk", title="Dag in Elzendonk", edition_id=edition.id, format=DayFormat.ONLINE,
        status=DayStatus.PUBLISHED, starts_at=moment, ends_at=moment + timedelta(hours=1), capacity=5,
        registration_closes_at=moment, cancel_until=moment,
    )  # fmt: skip
    session.add(day)
    session.flush()
    registration = Registration(
        day_id=day.id,
        account_id=account.id,
        status=RegistrationStatus.CONFIRMED,
        answers={"vraag": needs},
        asked_at=moment,
        changed_at=moment,
    )
    session.add(registration)
    session.flush()
    session.add(RegistrationNeed(registration_id=registration.id, day_id=day.id, note=needs))
    session.flush()


def views(session: Session) -> list[AuditEntry]:
    return list(session.exec(select(AuditEntry).where(col(AuditEntry.action) == "mentoring.viewed")))


def test_looking_at_somebody_is_written_in_the_log(noor: Account, browser: Browser, session: Session):
    mentor = make_mentor(session)
    browser.sign_in(mentor).get(f"/begeleiding/deelnemer/{noor.id}")
    [entry] = views(session)
    assert (entry.actor_id, entry.object_kind, entry.object_id) == (mentor.id, "account", str(noor.id))


def test_somebody_out_of_scope_does_not_exist_and_leaves_no_trace(
    noor: Account, browser: Browser, session: Session
):
    browser.sign_in(make_mentor(session, key="limburg"))
    page = browser.get(f"/begeleiding/deelnemer/{noor.id}", status=404)
    assert "Noor" not in page.text
    unknown = browser.get(f"/begeleiding/deelnemer/{uuid4()}", status=404)
    assert text_of(page) == text_of(unknown)  # the same answer: no telling who exists
    assert views(session) == []


def test_staff_and_nonsense_are_404(noor: Account, browser: Browser, session: Session):
    mentor = make_mentor(session)
    browser.sign_in(mentor)
    browser.get(f"/begeleiding/deelnemer/{mentor.id}", status=404)
    browser.get("/begeleiding/deelnemer/1", status=404)


def test_participants_do_not_see_each_other(noor: Account, browser: Browser):
    browser.sign_in(noor).get(f"/begeleiding/deelnemer/{noor.id}", status=403)
