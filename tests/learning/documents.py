"""A small module for tests, one question of every type, and a way to publish it."""

from datetime import date
from typing import Any

from sqlmodel import Session

from backend.courses import service as courses
from backend.courses.block_types import (
    Choice,
    Item,
    Match,
    Multiple,
    Option,
    Order,
    Place,
    Question,
    Reflection,
    Sort,
    Takeaway,
    Text,
    TrueFalse,
)
from backend.courses.documents import CourseDocument, Lesson, Part, Source, Term
from backend.db import now
from backend.learning.grading import as_submitted, right_answer


def option(key: str, *, right: bool = False) -> Option:
    return Option(key=key, html=f"Optie {key}", feedback_html=f"Uitleg bij {key}.", is_right=right)


def item(key: str, place: str) -> Item:
    return Item(key=key, html=f"Ding {key}", place=place, feedback_html=f"Reden voor {key}.")


CHOICE = Choice(
    key="kies", question_html="Welke zin past?", options=(option("a"), option("b", right=True), option("c"))
)
MULTIPLE = Multiple(
    key="meer",
    question_html="Wat past er?",
    options=(option("m", right=True), option("n"), option("o", right=True), option("p")),
)
TRUEFALSE = TrueFalse(
    key="waar",
    question_html="Dit klopt altijd.",
    options=(option("juist"), option("niet-juist", right=True)),
    reason="Waarom denk je dat?",
)
ORDER = Order(
    key="volgorde",
    question_html="Zet in volgorde.",
    items=(item("v1", "1"), item("v2", "2"), item("v3", "3")),
    shown=("v3", "v1", "v2"),
)
MATCH = Match(
    key="verbind",
    question_html="Verbind.",
    items=(item("x", "rood"), item("y", "blauw"), item("z", "rood")),
    places=(Place(key="blauw", label="Blauw"), Place(key="rood", label="Rood")),
)
SORT = Sort(
    key="sorteer",
    question_html="Waar leg je dit?",
    items=(item("s1", "links"), item("s2", "rechts"), item("s3", "links")),
    places=(Place(key="links", label="Links"), Place(key="rechts", label="Rechts")),
)
QUESTIONS: tuple[Question, ...] = (CHOICE, MULTIPLE, TRUEFALSE, ORDER, MATCH, SORT)
NOTE = Reflection(key="notitie", prompt_html="Welke spanning hoor jij?")
RIGHT = {question.key: as_submitted(right_answer(question)) for question in QUESTIONS}
WRONG: dict[str, dict[str, list[str]]] = {
    "kies": {"keuze": ["a"]},
    "meer": {"keuze": ["m", "n"]},
    "waar": {"keuze": ["juist"]},
    "volgorde": {"plaats.v1": ["2"], "plaats.v2": ["1"], "plaats.v3": ["3"]},
    "verbind": {"plaats.x": ["blauw"], "plaats.y": ["blauw"], "plaats.z": ["rood"]},
    "sorteer": {"plaats.s1": ["rechts"], "plaats.s2": ["rechts"], "plaats.s3": ["links"]},
}


def make_lesson(key: str, number: str, *questions: Question) -> Lesson:
    return Lesson(
        key=key,
        number=number,
        title=f"Les over {key}",
        short=key,
        minutes=8,
        goals=("Je kent het.",),
        parts=(
            Part(
                key="deel-waarom",
                title="Waarom dit ertoe doet",
                blocks=(Text(key="t-1", html="<p>Waarom.</p>"),),
            ),
            Part(key="deel-check", title="Check", blocks=questions),
            Part(
                key="deel-meenemen",
                title="Meenemen",
                blocks=(Takeaway(key="onthoud", html="Onthoud dit."), NOTE),
            ),
        ),
        sources=(Source(key="S1", title="Een bron", by="Iemand", url="https://bron.example/"),),
        terms=(Term(key="woord", word="woord", meaning="Een woord."),),
        checked=date(2026, 11, 22),
        review_before=date(2027, 11, 1),
    )


def make_course(key: str = "proef", **values: Any) -> CourseDocument:
    """Lessons: "een" with a question of every type, "twee" with one choice, "drie" with nothing to answer."""
    lessons = (
        make_lesson("een", "1.1", *QUESTIONS),
        make_lesson("twee", "1.2", CHOICE),
        make_lesson("drie", "1.3"),
    )
    return CourseDocument(
        **{"key": key, "number": 1, "title": "Proefmodule", "subtitle": "Om te proberen", "summary": "Een module.",
           "minutes": 24, "language": "nl-BE", "goals": (), "made_by": (), "review_state": "", "lessons": lessons}
        | values
    )  # fmt: skip


def publish(session: Session, document: CourseDocument) -> int:
    """A new version of the module, published now, and in memory as on a server that runs for a while. Returns its id."""
    courses.forget_documents()  # a test that was rolled back gave its version numbers away again
    courses.publish(session, document, now())
    _course_id, version_id, _document = courses.published_version(session, document.key)
    return version_id
