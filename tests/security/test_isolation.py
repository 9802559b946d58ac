"""What is one person's, or one region's, is seen and changed by nobody else: not by address, not by form, not by counting."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlmodel import Session, select

from backend.auth.models import Account, AccountStatus, AuthSession, KeptForm, RoleGrant, ScopeKind
from backend.config import settings
from backend.events.models import Registration, RegistrationStatus
from backend.learning.models import ResponseEvent
from tests.browser import Browser
from tests.factories import make_account
from tests.security.access_table import FOLLOWERS, ONLY_IN_DEMO, ORGANISERS, ROLES, TABLE, VISITOR
from tests.security.conftest import Settled
from tests.security.test_access import ask, method_of
from tests.security.world import World, make_world

HERE, ELSEWHERE = "Elzendonk", "Verrebeke"


@pytest.fixture
def session(settled: Settled) -> Iterator[Session]:
    with settled.session() as session:
        yield session


CHOOSES_A_MENTOR = re.compile(r"^/begeleiding/(groepen|deelnemer/[^/]+/overdragen$)")
FORM_ID = re.compile(r'name="form_id" value="[^"]*"')  # new with every page


@pytest.fixture
def here(settled: Settled, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(settings, "rate_limits", False)
    assert settled.world.organisation.name == HERE
    return settled.world


@pytest.fixture
def elsewhere(session: Session, here: World) -> World:
    return make_world(session, "westhoek", ELSEWHERE)


def traces(world: World, town: str) -> list[str]:
    """What would give away one of the people there."""
    people = [*world.people.values(), *world.others.values()]
    texts = [f"Geen noten in {town}", f"Enkel voor mij in {town}", f"van {town}"]
    return texts + [p.email for p in people] + [str(p.id) for p in people]


def readable(api: FastAPI, role: str) -> list[str]:
    """Every page that this role may open, but the demo's mailbox: there all is open to all."""
    rows = [name for name, allowed in TABLE.items() if role in allowed and name not in ONLY_IN_DEMO]
    return [name for name in rows if method_of(api, name) == "GET"]


def text_of(browser: Browser, path: str) -> str:
    answer = ask(browser, "GET", path, {})
    if "spreadsheetml" in answer.headers.get("content-type", ""):
        sheet = load_workbook(BytesIO(answer.content)).active
        return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    return answer.text


@pytest.mark.parametrize("role", [role for role in ROLES if role not in FOLLOWERS | ORGANISERS])
def test_whoever_follows_nobody_sees_nobody(role: str, browser: Browser, here: World, api: FastAPI) -> None:
    if role != VISITOR:
        browser.sign_in(here.people[role])
    hidden = set(traces(here, HERE))
    if role != VISITOR:
        hidden -= {here.people[role].email, str(here.people[role].id)}
    for name in readable(api, role):
        if name in ("auth.reset", "auth.confirm"):
            continue  # the mailed links: whoever holds one is that person
        text = text_of(browser, here.path(name, role))
        assert not [trace for trace in hidden if trace in text], name


@pytest.mark.parametrize("role", sorted(FOLLOWERS))
def test_who_follows_people_sees_their_progress_and_nothing_private(
    role: str, browser: Browser, here: World, api: FastAPI
) -> None:
    browser.sign_in(here.people[role])
    seen = {name: text_of(browser, here.path(name, role)) for name in readable(api, role)}
    assert f"Lena van {HERE}" in seen["mentoring.overview"]
    assert f"Wout van {HERE}" in seen["mentoring.applications"]
    for name, text in seen.items():
        assert "Enkel voor mij" not in text, name  # notes are the writer's own
        assert "Geen noten" not in text, name  # needs are for the organiser of the day
        assert "Nele van" not in text or name == "auth.confirm", name  # has not confirmed: is nobody yet


def test_a_mentor_sees_nothing_of_another_region(
    browser: Browser, here: World, elsewhere: World, api: FastAPI
) -> None:
    browser.sign_in(here.people["mentor"])
    code = elsewhere.organisation.municipality_nis
    paths = [here.path(name, "mentor") for name in readable(api, "mentor")]
    paths += [f"/begeleiding?regio=westhoek&gemeente={code}", f"/begeleiding?gemeente={code}&zoek=van"]
    paths += [f"/begeleiding/uitvoer.{kind}?regio=westhoek" for kind in ("csv", "xlsx")]
    # Whom one can hand over to: mentors everywhere, by name, and nothing else of them.
    mentors = {str(elsewhere.people["mentor"].id), str(elsewhere.values["colleague_id"])}
    for path in paths:
        text = text_of(browser, path)
        told = {trace for trace in traces(elsewhere, ELSEWHERE) if trace in text}
        assert not told - (mentors if CHOOSES_A_MENTOR.search(path) else set()), path


def test_an_organiser_sees_who_comes_to_days_of_the_own_region_and_nothing_private(
    browser: Browser, here: World, elsewhere: World, api: FastAPI
) -> None:
    browser.sign_in(here.people["organiser"])
    seen = {name: text_of(browser, here.path(name, "organiser")) for name in readable(api, "organiser")}
    assert f"Lena van {HERE}" in seen["events.desk_show"]
    for name, text in seen.items():
        assert "Enkel voor mij" not in text, name  # notes are the writer's own
        assert "Geen noten" not in text or name == "events.desk_needs", name
        assert not [trace for trace in traces(elsewhere, ELSEWHERE) if trace in text], name
    for name in readable(api, "organiser"):
        if name.startswith("events.desk_"):
            assert ask(browser, "GET", elsewhere.path(name, "organiser"), {}).status_code == 404, name
    browser.sign_in(elsewhere.people["organiser"])  # negative control: their own organiser may
    assert f"Lena van {ELSEWHERE}" in text_of(browser, elsewhere.path("events.desk_show", "organiser"))


def test_counts_tell_a_mentor_nothing_of_another_region(
    browser: Browser, here: World, session: Session
) -> None:
    browser.sign_in(here.people["mentor"])
    paths = [
        "/begeleiding",
        "/begeleiding?volgorde=naam",
        "/begeleiding/aanvragen",
        "/begeleiding/uitvoer.csv",
    ]
    before = [FORM_ID.sub("", text_of(browser, path)) for path in paths]
    make_world(session, "westhoek", ELSEWHERE)
    assert [FORM_ID.sub("", text_of(browser, path)) for path in paths] == before


def test_an_administrator_does_see_the_other_region(browser: Browser, here: World, elsewhere: World) -> None:
    """Negative control: there is something to see."""
    browser.sign_in(here.people["administrator"])
    assert f"Lena van {ELSEWHERE}" in text_of(browser, "/begeleiding")
    assert f"Wout van {ELSEWHERE}" in text_of(browser, "/begeleiding/aanvragen")


@pytest.mark.parametrize(
    "name",
    [
        "mentoring.participant",
        "mentoring.allowances",
        "mentoring.allow",
        "mentoring.admit",
        "mentoring.confirm_refuse",
        "mentoring.refuse",
    ],
)
def test_somebody_of_another_region_does_not_exist_for_a_mentor(
    name: str, browser: Browser, here: World, elsewhere: World, api: FastAPI, session: Session
) -> None:
    browser.sign_in(here.people["mentor"])
    answer = ask(browser, method_of(api, name), elsewhere.path(name, "mentor"), here.body(name, "mentor"))
    nobody = str(here.organisation.id)
    missing = ask(browser, method_of(api, name), f"/begeleiding/deelnemer/{nobody}", {})
    assert answer.status_code == 404
    assert ELSEWHERE not in answer.text
    assert missing.status_code in (404, 405)  # the same as for who is nobody at all
    status = session.get_one(Account, elsewhere.others["applicant"].id).status
    assert status == AccountStatus.APPLICANT
    browser.sign_in(elsewhere.people["mentor"])  # negative control: their own mentor may
    assert ask(
        browser, method_of(api, name), elsewhere.path(name, "mentor"), here.body(name, "mentor")
    ).status_code in (200, 303)


def test_a_mentor_who_lost_the_region_lost_its_people(
    browser: Browser, here: World, session: Session
) -> None:
    mentor = here.people["mentor"]
    browser.sign_in(mentor)
    path = here.path("mentoring.participant", "mentor")
    assert ask(browser, "GET", path, {}).status_code == 200
    for grant in session.exec(select(RoleGrant).where(RoleGrant.account_id == mentor.id)):
        grant.scope_key = "westhoek"
    assert ask(browser, "GET", path, {}).status_code == 404


def test_what_was_kept_for_one_person_is_not_there_for_another(
    browser: Browser, here: World, session: Session
) -> None:
    form_id = here.mine["coordinator"]["form_id"]
    browser.sign_in(here.people["member"])
    page = browser.get(f"/mijn/bewaard/{form_id}", status=404)
    assert "Bijna kwijt" not in page.text
    browser.client.post(f"/mijn/bewaard/{form_id}/weg", headers={"Sec-Fetch-Site": "same-origin"})
    browser.client.post(
        f"/mijn/bewaard/{form_id}/versturen?naar=/x", headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert session.get(KeptForm, form_id) is not None
    browser.sign_in(here.people["coordinator"])
    assert "Bijna kwijt" in browser.get(f"/mijn/bewaard/{form_id}").text


def test_nobody_ends_the_session_of_another(browser: Browser, here: World, session: Session) -> None:
    theirs = here.mine["coordinator"]["session_id"]
    browser.sign_in(here.people["member"])
    browser.post("/mijn/profiel/sessies", {"session_id": str(theirs)}, status=404)
    browser.post("/mijn/profiel/sessies/overal")
    assert session.get_one(AuthSession, theirs).ended_at is None


def test_nobody_cancels_for_another(browser: Browser, here: World, session: Session) -> None:
    browser.max_queries = 16  # it writes several facts
    browser.sign_in(here.people["member"])
    fields = {"account_id": str(here.others["participant"].id), "registration_id": "1"}
    browser.post(here.path("events.cancel", "member"), fields)
    registration = session.exec(select(Registration)).one()
    assert registration.account_id == here.others["participant"].id
    assert registration.status == RegistrationStatus.CONFIRMED


def test_nobody_registers_or_answers_for_another(browser: Browser, here: World, session: Session) -> None:
    member, participant = here.people["member"].id, here.others["participant"].id
    fields = {"account_id": str(participant), "viewer": str(participant), "enrolment_id": "1", "score": "1"}
    browser.max_queries = 16  # it writes several facts
    browser.sign_in(here.people["member"])
    browser.post(here.path("events.register", "member"), fields)
    wrong = here.body("learning.answer", "member") | fields | {"keuze": "a"}
    browser.post(here.path("learning.answer", "member"), wrong)
    registered = session.exec(select(Registration.account_id)).all()
    assert sorted(registered, key=str) == sorted([participant, member], key=str)
    scores = session.exec(select(ResponseEvent.score).where(ResponseEvent.block_key == "kies")).all()
    assert scores == [0, 0]  # the participant's wrong answer, and ours: not the score that was sent


def test_nobody_gives_themselves_a_role_or_admission(browser: Browser, here: World, session: Session) -> None:
    """Fields that a form does not have are ignored."""
    applicant = here.people["applicant"]
    browser.sign_in(applicant)
    more = {
        "status": "member",
        "role": "administrator",
        "is_admin": "1",
        "email": "x@y.be",
        "admitted_at": "2026-01-01",
    }
    fields = {
        "name": "Nieuw",
        "function": "griffier",
        "kind": "other",
        "organisation": "Vzw De Brug",
        "language": "nl",
    }
    answer = browser.client.post(
        "/mijn/profiel", data=fields | more, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 303
    account = session.get_one(Account, applicant.id)
    assert account.name == "Nieuw"
    assert account.status == AccountStatus.APPLICANT
    assert account.email == applicant.email
    assert session.exec(select(RoleGrant).where(RoleGrant.account_id == account.id)).first() is None


def test_the_answers_of_one_are_not_on_the_page_of_another(
    browser: Browser, here: World, session: Session
) -> None:
    other = make_account(session, organisation=here.organisation)
    text = browser.sign_in(other).get("/leren/proef/twee").text
    assert "Enkel voor mij" not in text
    assert "Uitleg bij a" not in text
    text = browser.sign_in(here.others["participant"]).get("/leren/proef/twee").text
    assert "Enkel voor mij" in text


# ── who writes one module ──

# The desk and its lists show less; these would show, or change, something of the module.
OF_A_MODULE = sorted(
    name
    for name in TABLE
    if name.startswith("authoring.")
    and name not in ("authoring.desk", "authoring.review", "authoring.reports")
)


def narrow(session: Session, author: Account, course: str) -> None:
    """From now on this author writes one module."""
    for grant in session.exec(select(RoleGrant).where(RoleGrant.account_id == author.id)):
        grant.scope_kind, grant.scope_key = ScopeKind.COURSE, course


@pytest.mark.parametrize("name", OF_A_MODULE)
def test_a_module_has_no_desk_for_who_writes_another(
    name: str, browser: Browser, here: World, api: FastAPI, session: Session
) -> None:
    author = here.people["author"]
    browser.sign_in(author)
    narrow(session, author, "ander")
    asked = method_of(api, name), here.path(name, "author"), here.body(name, "author")
    assert ask(browser, *asked).status_code == 404
    narrow(session, author, "proef")  # negative control: their own; a new module is for who writes everything
    alone = 404 if name in ("authoring.new", "authoring.upload_new") else 0
    assert ask(browser, *asked).status_code in (alone, 200, 303, 409, 422)


@pytest.mark.parametrize("path", ["/redactie", "/redactie/herzien", "/redactie/meldingen"])
def test_the_lists_of_the_desk_name_only_what_one_writes(
    path: str, browser: Browser, here: World, session: Session
) -> None:
    author = here.people["author"]
    browser.sign_in(author)
    told = {
        "/redactie": "Proefmodule",
        "/redactie/herzien": "Een bron",
        "/redactie/meldingen": "staat een tikfout",
    }
    assert told[path] in text_of(browser, path)
    narrow(session, author, "ander")
    text = text_of(browser, path)
    assert told[path] not in text
    assert "/proef" not in text


def test_no_page_of_the_desk_names_a_learner_but_the_one_who_reported(
    browser: Browser, here: World, api: FastAPI
) -> None:
    """How questions do, and for whom a version changes something: counts."""
    browser.sign_in(here.people["author"])
    hidden = set(traces(here, HERE)) - {here.people["author"].email, str(here.people["author"].id)}
    for name in OF_A_MODULE:
        if method_of(api, name) == "GET":
            text = text_of(browser, here.path(name, "author"))
            assert not [trace for trace in hidden if trace in text], name
    assert "Demo" in text_of(browser, here.path("authoring.report", "author"))
