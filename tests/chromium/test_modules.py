"""The modules as published, from the first click to the certificate, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from markupsafe import Markup
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine
from sqlmodel import Session

from backend.auth.access import COOKIE
from backend.courses import block_types as doc
from backend.courses import service as courses
from backend.courses.documents import CourseDocument, Lesson, Part
from backend.db import make_engine
from tests.chromium.answering import answer, finish, finish_lesson
from tests.chromium.conftest import sign_in, sign_in_by_form
from tests.learning.documents import publish
from tests.recognition.test_badges import REGISTRY

pytestmark = [pytest.mark.browser, pytest.mark.node]


@pytest.fixture
def database(site: str, site_settings: dict[str, str]) -> Iterator[Engine]:
    """The database of the running site."""
    engine = make_engine(f"sqlite:///{Path(site_settings['LN_DATA_DIR']) / 'app.db'}")
    yield engine
    engine.dispose()


def published(database: Engine, key: str) -> CourseDocument:
    with Session(database) as session:
        return courses.published_version(session, key)[2]


def check_certificate(page: Page, course: CourseDocument, version: int) -> None:
    """Mine to download, and anybody's to check."""
    page.goto("/mijn/getuigschriften")
    mine = page.locator(".certificates > li", has_text=course.title)
    with page.expect_download() as download:
        mine.get_by_role("link", name="Download als PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    address = mine.get_by_role("link", name="Controlepagina").get_attribute("href") or ""
    badge = signed_badge(page, mine)
    assert badge.claims["id"].endswith(address)
    page.context.clear_cookies()  # as anybody else
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Dit getuigschrift is echt en geldig.")
    expect(page.locator("main")).to_contain_text(course.title)
    expect(page.locator("dt", has_text="Versie van de module").locator("+ dd")).to_have_text(str(version))


def signed_badge(page: Page, certificate: Locator) -> jwt.Token:
    """The Open Badge of this certificate, verified with the keys that the site publishes."""
    with page.expect_download() as download:
        certificate.get_by_role("button", name="Digitale badge").click()
    keys = KeySet.import_key_set(page.request.get("/getuigschrift/sleutels.json").json())
    return jwt.decode(download.value.path().read_text(), keys, algorithms=["RS256"], registry=REGISTRY)


@pytest.fixture
def walker(chromium: Browser, site: str, script: bool) -> Iterator[Page]:
    """A demo member who began none of the modules."""
    context = chromium.new_context(base_url=site, java_script_enabled=script, locale="nl-BE")
    context.set_default_timeout(10_000)
    sign_in(context, site, "partner")
    yield context.new_page()
    context.close()


@pytest.mark.deep
@pytest.mark.parametrize(
    ("key", "script"),
    [("polarisatie", True), ("desinformatie", False), ("haatspraak", True), ("actieplan", True)],
    ids=["polarisatie", "desinformatie, without JavaScript", "haatspraak", "actieplan"],
)
def test_every_module_from_the_first_click_to_the_certificate(
    walker: Page, database: Engine, key: str
) -> None:
    course = published(database, key)
    walker.goto(f"/modules/{key}")
    for lesson in course.lessons:
        finish_lesson(walker, lesson, f"/leren/{key}/{lesson.key}")
    check_certificate(walker, course, version=1)


# ── and with everything that can happen on the way ──

KEY = "proefwandeling"


@pytest.fixture
def first_version(database: Engine) -> CourseDocument:
    """The last module under a name of its own, so that nobody else meets its second version."""
    course = published(database, "actieplan")
    document = course.model_copy(
        update={"key": KEY, "number": 8, "title": "Proefwandeling", "lessons": course.lessons[:3]}
    )
    bring_out(database, document)
    return document


def bring_out(database: Engine, document: CourseDocument) -> None:
    with Session(database) as session:
        publish(session, document)
        session.commit()


@pytest.mark.deep
@pytest.mark.parametrize("script", [True], ids=[""])
def test_a_module_with_all_that_can_happen_on_the_way(
    walker: Page, database: Engine, first_version: CourseDocument
) -> None:
    page, (start, figures, talks) = walker, first_version.lessons

    # A wrong answer says why, and the right one replaces it.
    page.goto(f"/leren/{KEY}/{start.key}")
    question, wrong = wrong_option(start, "eerst-acties")
    place = page.locator(f"[id='{question.key}']")
    place.locator(f"label.choice:has(input[value='{wrong.key}'])").click()
    place.get_by_role("button", name="Kijk na").click()
    expect(place.locator("[data-result=bad]")).to_be_visible()
    why = Markup(wrong.feedback_html).striptags()  # noqa: S704 - tags are taken out
    expect(place.locator("[data-feedback]")).to_contain_text(why)
    answer(place, question)
    place.get_by_role("button", name="Probeer opnieuw").click()
    expect(place.locator("[data-result=ok]")).to_be_visible()
    finish(page, start, but=(question.key,))

    # The connection goes while answering; it is said, and sent when it is back.
    page.goto(f"/leren/{KEY}/{figures.key}")
    place = page.locator("[id=waarom-kijken]")
    answer(place, figures.questions["waarom-kijken"])
    page.context.set_offline(True)
    place.get_by_role("button", name="Kijk na").click()
    expect(place.get_by_role("alert")).to_contain_text("Niet bewaard")
    page.context.set_offline(False)
    expect(place.locator("[data-result=ok]")).to_be_visible(timeout=15_000)

    # The session ends while writing; after signing in it is all there.
    page.context.clear_cookies(name=COOKIE)
    written = "Acht gesprekken, en de cijfers van het OCMW."
    page.locator("[id=mijn-cijfers-tekst]").fill(written)
    page.wait_for_url("**/aanmelden**")
    sign_in_by_form(page, "partner")
    page.goto(f"/leren/{KEY}/{figures.key}")
    expect(page.locator("[id=mijn-cijfers-tekst]")).to_have_value(written)

    # A second tab is ahead of the first: nothing counts twice, nothing is undone.
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (other, page):
        place = tab.locator("[id=vier-personen]")
        answer(place, figures.questions["vier-personen"])
        place.get_by_role("button", name="Kijk na").click()
        expect(place.locator("[data-result=ok]")).to_be_visible()
        expect(tab.locator("#les-einde")).to_contain_text(f"2 van {len(figures.counted)} beantwoord")
    other.close()
    finish(page, figures, but=("waarom-kijken", "vier-personen"))

    # A new version comes out: a question of the last lesson went. Who is under way chooses it, and keeps what is done.
    shorter = {"title": "Gesprekken, korter", "parts": without(talks, "zeven-op-tien")}
    last = Lesson.model_validate(talks.model_dump() | shorter)
    second = first_version.model_copy(update={"lessons": (start, figures, last)})
    bring_out(database, second)
    page.goto(f"/leren/{KEY}/{talks.key}")
    page.get_by_role("button", name="Ga verder met de nieuwe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(last.title)
    expect(page.locator("#les-versie")).to_have_count(0)
    finish_lesson(page, last, f"/leren/{KEY}/{last.key}")
    check_certificate(page, second, version=2)


def wrong_option(lesson: Lesson, key: str) -> tuple[doc.Choice, doc.Option]:
    question = lesson.blocks[key]
    assert isinstance(question, doc.Choice)
    return question, next(option for option in question.options if not option.is_right)


def without(lesson: Lesson, key: str) -> tuple[Part, ...]:
    assert key in lesson.questions
    return tuple(
        part.model_copy(update={"blocks": tuple(block for block in part.blocks if block.key != key)})
        for part in lesson.parts
    )
