"""Publishing: what it means for who is under way is shown first, then done once, and told afterwards."""

from datetime import timedelta

from bs4 import BeautifulSoup
from sqlmodel import Session, col, func, select

from backend import mail
from backend.audit.models import AuditEntry
from backend.auth.models import Account
from backend.authoring.models import CourseDraft, Publication
from backend.courses import service as courses
from backend.courses.models import CourseFile, CourseVersion
from backend.db import now
from backend.learning import service as learning
from backend.learning.models import Enrolment, Response
from backend.learning.service import Address
from tests.authoring.conftest import MANY, make_author, publish, send
from tests.authoring.packages import COURSE, lesson, package, packed
from tests.browser import Browser
from tests.factories import make_account, viewer_of

FIX = package(een=lesson("een", right="a"))  # another option is right
NEW = package(course=COURSE.replace("[een, twee]", "[een, twee, drie]"), drie=lesson("drie"))
PLAN = "/redactie/modules/proef/publiceren"
Dict = dict[str, str]


def learner(session: Session, name: str, chosen: str) -> Account:
    """Somebody who answered the question of the first lesson."""
    account = make_account(session, name)
    viewer = viewer_of(session, account)
    address = Address("proef", "een", "kies")
    learning.answer(session, viewer, address, {"keuze": [chosen]}, "0" * 32, now() - timedelta(days=1))
    return account


def plan_of(browser: Browser) -> BeautifulSoup:
    """What is worked out takes some queries for each lesson that changes, however many people there are."""
    before, browser.max_queries = browser.max_queries, MANY
    page = browser.get(PLAN)
    browser.max_queries = before
    return page


def form_of(browser: Browser, way: str) -> Dict:
    """What the button of this way sends."""
    page = plan_of(browser)
    button = page.select_one(f"button[value={way}]")
    assert button is not None, "this way is not offered"
    form = button.find_parent("form")
    assert form is not None
    return {str(field["name"]): str(field["value"]) for field in form.select("[name]")}


def do(browser: Browser, form: Dict, *, status: int = 303) -> str:
    before, browser.max_queries = browser.max_queries, 2 * MANY
    page = browser.post(PLAN, form, status=status)
    browser.max_queries = before
    return page.text


def versions(session: Session) -> int:
    return session.exec(select(func.count()).select_from(CourseVersion)).one()


def test_what_changes_for_whom_is_shown_first(desk: Browser, session: Session) -> None:
    learner(session, "Lien", "b")
    learner(session, "Rik", "a")
    send(desk, packed(FIX))
    page = plan_of(desk)
    assert page.h1 is not None
    assert page.h1.text == "Wat verandert er voor de 2 mensen die bezig zijn?"
    (question,) = page.select(".changes li")
    assert "een ander antwoord is juist" in question.text
    assert "Welke zin past?" in question.text
    assert "2 antwoorden" in question.text
    facts = {dt.text: dd.text for dt, dd in zip(page.select("dt"), page.select("dd"), strict=True)}
    assert facts["Tellen voor meer"] == "1"
    assert facts["Tellen voor minder"] == "1"
    assert facts["Voor wie een les klaar of een toets geslaagd is"] == "1"
    assert versions(session) == 1


def test_a_small_fix_takes_everybody_along_and_grades_again(desk: Browser, session: Session) -> None:
    wrong_then, right_then = learner(session, "Lien", "b"), learner(session, "Rik", "a")
    send(desk, packed(FIX))
    do(desk, form_of(desk, "fix"))
    page = desk.follow()
    assert "als kleine verbetering" in page.text
    assert "2 mensen waren bezig en gingen vanzelf mee." in page.text
    published = courses.find(session, "proef")
    assert published.number == 2
    assert set(session.exec(select(Enrolment.version_id))) == {published.version_id}
    scores = sorted(score or 0 for score in session.exec(select(Response.best_score)))
    assert scores == [0, 1]
    told = session.exec(
        select(mail.OutgoingMail.to).where(col(mail.OutgoingMail.subject).contains("telt nu anders"))
    )
    assert set(told) == {wrong_then.email, right_then.email}
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "authoring.published")).one()
    assert entry.detail == {"version": 2, "way": "fix", "people": 2}
    assert session.exec(select(CourseDraft)).all() == []
    assert desk.client.get("/redactie/modules/proef/versie-2.zip").status_code == 200, "with all its files"


def test_a_new_version_leaves_everybody_where_they_are_and_is_offered(
    desk: Browser, session: Session
) -> None:
    somebody = learner(session, "Lien", "b")
    send(desk, packed(NEW))
    page = plan_of(desk)
    assert page.select_one("button[value=fix]") is None, "a lesson more is no small fix"
    assert "Er is een nieuwe versie van deze module" in page.text, "it is shown how it is offered"
    do(desk, form_of(desk, "new"))
    assert "Eén mens was bezig en kiest zelf" in desk.follow().text
    first = session.exec(select(CourseVersion.id).where(CourseVersion.number == 1)).one()
    assert session.exec(select(Enrolment.version_id)).all() == [first]
    desk.sign_in(somebody)
    assert "Er is een nieuwe versie van deze module" in desk.get("/leren/proef/een").text


def test_a_forged_small_fix_is_refused(desk: Browser, session: Session) -> None:
    learner(session, "Lien", "b")
    send(desk, packed(NEW))
    text = do(desk, form_of(desk, "new") | {"way": "fix"}, status=409)
    assert "Dit is geen kleine verbetering" in text
    assert versions(session) == 1


def test_a_double_click_publishes_once(desk: Browser, session: Session) -> None:
    send(desk, packed(FIX))
    form = form_of(desk, "fix")
    do(desk, form)
    where = desk.location
    do(desk, form)
    assert desk.location == where
    assert versions(session) == 2
    assert len(session.exec(select(Publication)).all()) == 1


def test_of_two_authors_at_once_one_wins_and_the_other_is_told(desk: Browser, session: Session) -> None:
    send(desk, packed(FIX))
    form = form_of(desk, "fix")
    do(desk, form)
    desk.sign_in(make_author(session, "Cas Collega"))
    text = do(desk, form | {"way": "new"}, status=409)
    assert "Ann Auteur publiceerde dit concept al" in text
    assert "versie 2, als kleine verbetering" in text
    assert versions(session) == 2


def test_who_decided_about_another_version_looks_again(desk: Browser, session: Session) -> None:
    send(desk, packed(FIX))
    form = form_of(desk, "fix")
    publish(session, package(twee=lesson("twee", Kern="Waarom")))
    assert "Intussen is versie 2 gepubliceerd" in do(desk, form, status=409)
    assert versions(session) == 2
    page = plan_of(desk)
    assert "draai je terug" in page.text


def test_who_decided_about_another_draft_looks_again(desk: Browser, session: Session) -> None:
    send(desk, packed(FIX))
    form = form_of(desk, "fix")
    send(desk, packed(NEW))
    assert "een ander concept" in do(desk, form, status=409)
    desk.submit(desk.get("/redactie/modules/proef/concept/weg"), "main form")
    assert "Dit concept is er niet meer" in do(desk, form, status=409)
    assert versions(session) == 1


def test_what_says_the_same_makes_no_version(desk: Browser, session: Session) -> None:
    files = package()
    files["bronnen.yaml"] += b"# een opmerking\n"
    send(desk, packed(files))
    assert "verandert er niets" in plan_of(desk).text
    do(desk, form_of(desk, "fix"))
    assert versions(session) == 1
    assert "Er komt geen nieuwe versie" in desk.follow().text
    used = session.exec(select(CourseVersion.manifest)).one()
    assert all(sha in used for sha in session.exec(select(CourseFile.sha256)) if sha in used)
    assert desk.client.get("/redactie/modules/proef/versie-1.zip").content.count(b"een opmerking") == 1


def test_the_first_version_of_a_module(browser: Browser, session: Session, administrator: Account) -> None:
    browser.sign_in(administrator)
    browser.max_queries = MANY
    browser.upload("/redactie/nieuw", "pakket", packed(package()))
    page = plan_of(browser)
    assert page.h1 is not None
    assert page.h1.text == "Deze module voor het eerst publiceren"
    assert page.select_one("button[value=fix]") is None
    do(browser, form_of(browser, "new"))
    browser.follow()
    assert courses.find(session, "proef").number == 1


def test_nothing_is_published_without_a_choice(desk: Browser, session: Session) -> None:
    send(desk, packed(FIX))
    form = form_of(desk, "fix")
    del form["way"]
    do(desk, form)
    assert desk.location == PLAN
    assert "Kies eerst hoe" in plan_of(desk).text
    for wrong in ({"way": "weg"}, {"before": "-1"}, {"revision": "niets"}):
        do(desk, form | {"way": "fix"} | wrong)
    assert versions(session) == 1


def test_a_version_that_did_not_come_from_the_desk_has_no_story(desk: Browser) -> None:
    desk.get("/redactie/modules/proef/versies/1", status=404)
