"""The desk: what stands on it, for whom; what must be looked at again; when a module is done, in words."""

from datetime import date, timedelta

from sqlmodel import Session

from backend.auth.models import Account, Role
from backend.authoring import review_list, rules_in_words
from backend.courses.documents import AnyOf, Attended, CheckPassed, Read, ReflectionWritten, Source
from backend.db import now
from backend.language import ZONE
from backend.learning import service as learning
from tests.authoring.conftest import make_author, publish, send
from tests.authoring.packages import COURSE, lesson, package, packed, wrong
from tests.browser import Browser
from tests.factories import give_role, make_account, viewer_of
from tests.learning.documents import CHOICE, make_course, make_lesson


def test_the_desk_shows_how_each_module_stands(desk: Browser, session: Session) -> None:
    for name in ("Lien", "Rik"):
        learning.start(session, viewer_of(session, make_account(session, name)), "proef", now())
    row = desk.get("/redactie").select_one("tbody tr")
    assert row is not None
    assert [" ".join(cell.text.split()) for cell in row.select("th, td")][::2] == [
        "Proefmodule",
        "2",
        "niets",
    ]
    send(desk, packed(wrong()))
    text = " ".join(desk.get("/redactie").tbody.text.split())  # type: ignore[union-attr]
    assert "1 fout Ann Auteur, vandaag" in text


def test_an_author_sees_the_modules_that_they_write_and_no_other(
    browser: Browser, session: Session, author: Account, administrator: Account
) -> None:
    publish(session)
    publish(
        session,
        package("ander", course=COURSE.replace("proef", "ander").replace("Proefmodule", "Andere module")),
    )
    browser.sign_in(author)
    assert "Andere module" not in browser.get("/redactie").text
    assert "Andere module" not in browser.get("/redactie/herzien").text
    for path in ("", "/vragen", "/publiceren", "/versies/1", "/voorbeeld/een", "/concept/weg"):
        browser.get(f"/redactie/modules/ander{path}", status=404)
    for name in ("concept.zip", "versie-1.zip"):
        assert browser.client.get(f"/redactie/modules/ander/{name}").status_code == 404
    for path in ("publiceren", "concept/weg"):
        browser.post(f"/redactie/modules/ander/{path}", {}, status=404)
    browser.sign_in(administrator)
    assert "Andere module" in browser.get("/redactie").text
    browser.get("/redactie/modules/ander")


def test_a_role_for_another_module_opens_nothing_here(browser: Browser, session: Session) -> None:
    publish(session)
    browser.sign_in(make_author(session, "Oscar", "ander"))
    assert "Er is nog geen module die je schrijft." in browser.get("/redactie").text
    browser.get("/redactie/modules/proef", status=404)
    member = make_account(session, "Lid")
    browser.sign_in(member).get("/redactie", status=403)
    give_role(session, member, Role.MENTOR)
    browser.get("/redactie", status=403)


def test_an_author_finds_the_desk_from_any_page(desk: Browser, session: Session) -> None:
    assert desk.get("/").select_one(".menu-panel a[href='/redactie']")
    desk.sign_in(make_account(session, "Lid"))
    assert not desk.get("/").select_one("a[href='/redactie']")


# ── to look at again ──


def dated(lesson_key: str, days: int, today: date) -> str:
    until = (today + timedelta(days=days)).isoformat()
    return lesson(lesson_key, **{"2026-11-22": "2020-01-01", "2027-11-01": until})


def test_lessons_that_are_due_stand_first_and_the_others_do_not(
    browser: Browser, session: Session, author: Account
) -> None:
    today = now().astimezone(ZONE).date()
    publish(session, package(een=dated("een", 30, today), twee=dated("twee", -3, today)))
    browser.sign_in(author)
    rows = [" ".join(row.text.split()) for row in browser.get("/redactie/herzien").select("#lessen li")]
    assert "3 dagen te laat" in rows[0]
    assert "nog 30 dagen" in rows[1]
    assert "2 lessen herzien" in browser.get("/redactie").text
    publish(session, package(een=dated("een", 61, today), twee=dated("twee", 400, today)))
    assert "moet geen enkele les herzien worden" in browser.get("/redactie/herzien").text


def test_sources_stand_once_and_the_longest_unchecked_first() -> None:
    def source(key: str, checked: date | None) -> Source:
        return Source(key=key, title=key, checked=checked)

    lessons = tuple(
        make_lesson(key, f"1.{n}", CHOICE).model_copy(update={"sources": sources})
        for n, (key, sources) in enumerate(
            {
                "een": (source("S1", date(2026, 5, 1)), source("S2", date(2024, 1, 1))),
                "twee": (source("S1", date(2026, 5, 1)), source("S3", None)),
            }.items(), 1,
        )
    )  # fmt: skip
    found = review_list.sources_by_age([make_course(lessons=lessons)])
    assert [each.source.key for each in found] == ["S3", "S2", "S1"]
    assert [each.is_old(date(2026, 6, 1)) for each in found] == [True, True, False]
    assert [lesson.key for _course, lesson in found[2].used_in] == ["een", "twee"]


# ── in words ──


def test_when_a_lesson_is_done_is_said_in_words() -> None:
    either = (ReflectionWritten(key="notitie"), Attended(key="dag"))
    lesson = make_lesson("een", "1.1", CHOICE).model_copy(
        update={
            "complete": (Read(), AnyOf(least=1, of=either), CheckPassed(key="weg")),
            "after": ("nul",), "opens_on": date(2027, 1, 15),
        }
    )  # fmt: skip
    course = make_course(lessons=(make_lesson("nul", "1.0"), lesson))
    assert rules_in_words.of_lesson(lesson, course) == [
        "De les is gelezen",
        "Minstens 1 hiervan: De notitie “notitie” is geschreven; Aanwezig op een actiedag “dag”",
        "Geslaagd voor de toets “weg”, vanaf 100 %",
        "Eerst: 1.0 Les over nul",
        "Open vanaf 15 januari 2027",
    ]
    usual = make_lesson("een", "1.1", CHOICE)
    assert rules_in_words.of_lesson(usual, course) == [
        "De vraag is beantwoord",
        "De beste antwoorden zijn samen voor minstens 70 % juist",
    ]


def test_when_a_module_is_done_is_said_in_words() -> None:
    course = make_course(lessons_needed=2, attended="dag", certificate_hours=1.5, after=("eerst",))
    assert rules_in_words.of_course(course, {"eerst": "De eerste"}) == [
        "2 van de 3 lessen zijn klaar",
        "Aanwezig op een actiedag “dag”",
        "Dan volgt een getuigschrift van 1,5 uur",
        "Eerst: De eerste",
    ]
    assert rules_in_words.of_course(make_course(), {}) == ["Alle 3 lessen zijn klaar"]


def test_the_page_of_a_module_says_when_it_is_done(desk: Browser) -> None:
    text = " ".join(desk.get("/redactie/modules/proef").text.split())
    assert "Alle 2 lessen zijn klaar" in text
    assert "De vraag is beantwoord. De beste antwoorden zijn samen" in text
