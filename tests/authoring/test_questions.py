"""How questions do: counted from ten answers on, of the question as it is now, and never with a name."""

from typing import Any

import pytest
from sqlmodel import Session

from backend.authoring import question_figures
from backend.authoring.question_figures import FEWEST, Figure
from backend.courses import service as courses
from backend.courses.block_types import Check, Number, Option, Short
from backend.db import now
from backend.learning import checks, service
from backend.learning.checks import GoAddress
from backend.learning.service import Address
from tests.authoring.conftest import make_author
from tests.browser import Browser
from tests.factories import make_account, make_municipality, viewer_of
from tests.learning.documents import CHOICE, MULTIPLE, ORDER, SORT, make_course, make_lesson, publish

NUMBER = Number(key="getal", question_html="Hoeveel?", answer=66, right_html="Ja.", wrong_html="Nee.")
SHORT = Short(
    key="woord",
    question_html="Hoe heet dit?",
    options=(
        Option(key="a", html="polarisatie", feedback_html="Ja.", is_right=True),
        Option(key="b", html="conflict", feedback_html="Bijna.", is_right=False),
    ),
    wrong_html="Nee.",
)
CHECK = Check(key="toets", title="Toets", questions=(CHOICE,), draw=1, pass_percent=70, attempts=3)
LESSON = make_lesson("een", "1.1", CHOICE, MULTIPLE, ORDER, SORT, NUMBER, SHORT)
COURSE = make_course(lessons=(LESSON,))


@pytest.fixture
def people(session: Session) -> list[Any]:
    publish(session, COURSE)
    here = make_municipality(session)
    return [
        viewer_of(session, make_account(session, f"Persoon {n}", organisation=here))
        for n in range(FEWEST + 2)
    ]


def answer(session: Session, viewer: Any, key: str, sent: dict[str, list[str]], go: int = 0) -> None:
    service.answer(session, viewer, Address("proef", "een", key), sent, f"{go:032x}", now())


def figure(session: Session, key: str, check: str = "") -> Figure:
    found = courses.find(session, "proef")
    figures = question_figures.figures(session, found.course_id, found.document)
    return next(each for each in figures if (each.question.key, each.check_key) == (key, check))


def test_only_the_first_answer_counts_and_the_mistake_made_most_is_named(
    session: Session, people: list[Any]
) -> None:
    for number, viewer in enumerate(people):
        answer(session, viewer, "kies", {"keuze": ["b" if number < 3 else "c" if number < 9 else "a"]})
        answer(session, viewer, "kies", {"keuze": ["b"]}, 1)
    found = figure(session, "kies")
    assert (found.answered, found.right, found.right_percent) == (12, 3, 25)
    assert found.must_be_rewritten
    assert found.most_chosen_mistake == ("Optie c", 6)


def test_below_ten_answers_nothing_is_shown(session: Session, browser: Browser, people: list[Any]) -> None:
    for viewer in people[: FEWEST - 1]:
        answer(session, viewer, "kies", {"keuze": ["a"]})
    assert not figure(session, "kies").is_shown
    browser.sign_in(make_author(session, "Ann"))
    text = browser.get("/redactie/modules/proef/vragen").text
    assert "Optie a" not in text
    assert "herschrijf?" not in text
    answer(session, people[FEWEST], "kies", {"keuze": ["a"]})
    page = browser.get("/redactie/modules/proef/vragen")
    assert "herschrijf?" in page.text
    assert "Optie a" in page.text
    assert not [viewer.name for viewer in people if viewer.name in page.text]


@pytest.mark.parametrize(("wrong", "must"), [(4, False), (5, True)])
def test_a_question_is_to_be_rewritten_above_forty_per_cent(
    wrong: int, must: bool, session: Session, people: list[Any]
) -> None:
    for number, viewer in enumerate(people[:10]):
        answer(session, viewer, "kies", {"keuze": ["a" if number < wrong else "b"]})
    assert figure(session, "kies").must_be_rewritten == must


MISTAKES: dict[str, tuple[str, dict[str, list[str]], str]] = {
    "one of several": ("meer", {"keuze": ["m", "n"]}, "Optie n"),
    "an order": ("volgorde", {"plaats.v1": ["2"], "plaats.v2": ["1"], "plaats.v3": ["3"]}, "2. Ding v1"),
    "a column": ("sorteer", {"plaats.s1": ["rechts"], "plaats.s2": ["rechts"], "plaats.s3": ["links"]}, "Ding s1 → Rechts"),
    "a number": ("getal", {"antwoord": ["65"]}, "65"),
    "a mistake that is known": ("woord", {"antwoord": ["Conflict!"]}, "conflict"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_words(name: str, session: Session, people: list[Any]) -> None:
    key, sent, said = MISTAKES[name]
    for viewer in people[:3]:
        answer(session, viewer, key, sent)
    found = figure(session, key)
    assert (found.answered, found.right) == (3, 0)
    assert found.most_chosen_mistake is not None
    assert found.most_chosen_mistake == (said, 3)


def test_ones_own_words_are_shown_only_when_several_people_wrote_them(
    session: Session, people: list[Any]
) -> None:
    for viewer in people[:2]:
        answer(session, viewer, "woord", {"antwoord": ["mijn buurman"]})
    assert figure(session, "woord").most_chosen_mistake is None
    answer(session, people[2], "woord", {"antwoord": ["mijn buurman"]})
    assert figure(session, "woord").most_chosen_mistake == ("mijn buurman", 3)


def test_another_wording_begins_anew(session: Session, people: list[Any]) -> None:
    answer(session, people[0], "kies", {"keuze": ["a"]})
    other = CHOICE.model_copy(update={"question_html": "Welke zin past hier?"})
    publish(session, make_course(lessons=(make_lesson("een", "1.1", other, MULTIPLE),)))
    assert figure(session, "kies").answered == 0
    answer(session, people[1], "kies", {"keuze": ["a"]})
    assert figure(session, "kies").answered == 1


def test_questions_of_a_test_count_when_it_is_handed_in(session: Session, people: list[Any]) -> None:
    lesson = make_lesson("een", "1.1")
    part = lesson.parts[1].model_copy(update={"blocks": (CHECK,)})
    publish(session, make_course(lessons=(lesson.model_copy(update={"parts": (lesson.parts[0], part)}),)))
    for go in (1, 2):
        checks.start(session, people[0], Address("proef", "een", "toets"), now())
        where = GoAddress("proef", "een", "toets", go)
        checks.save(session, people[0], where, "kies", {"kies.keuze": ["a"]}, now())
        assert figure(session, "kies", "toets").answered == go - 1
        checks.hand_in(session, people[0], where, {"kies.keuze": ["c" if go == 1 else "b"]}, now())
    found = figure(session, "kies", "toets")
    assert (found.answered, found.right) == (1, 0), "the first go only"
    assert found.most_chosen_mistake == ("Optie c", 1)
