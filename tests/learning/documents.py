"""A small module for tests, questions of every type, and a way to publish it."""

from datetime import date
from typing import Any

from sqlmodel import Session

from backend.courses import service as courses
from backend.courses.block_types import (
    AnyBlock,
    Budget,
    Check,
    Choice,
    Compare,
    Graded,
    Item,
    Match,
    Multiple,
    Number,
    Option,
    Order,
    Place,
    Poll,
    Question,
    Reflection,
    SelfRating,
    Short,
    Sort,
    Statement,
    Takeaway,
    Text,
    Triage,
    TriageItem,
    TrueFalse,
)
from backend.courses.documents import CourseDocument, Lesson, Part, Source, Term
from backend.db import now
from backend.learning.grading import as_submitted, right_answer


def option(key: str, *, right: bool = False, cost: int = 0) -> Option:
    return Option(key=key, html=f"Optie {key}", feedback_html=f"Uitleg bij {key}.", is_right=right, cost=cost)


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
QUESTIONS: tuple[Graded, ...] = (CHOICE, MULTIPLE, TRUEFALSE, ORDER, MATCH, SORT)
TRIAGE = Triage(
    key="triage",
    question_html="Wat doe je hiermee?",
    items=(
        TriageItem(key="r1", html="Ding r1", places=("laten",), kind="kritiek", feedback_html="Reden voor r1."),
        TriageItem(key="r2", html="Ding r2", places=("laten", "melden"), feedback_html="Reden voor r2."),
        TriageItem(key="r3", html="Ding r3", places=("weg",), kind="kritiek", feedback_html="Reden voor r3."),
    ),
    places=(
        Place(key="laten", label="Laten"), Place(key="melden", label="Melden"), Place(key="weg", label="Verbergen"),
    ),
)  # fmt: skip
SEVERAL = TRIAGE.model_copy(update={"key": "meer-triage", "several": True})
NUMBER = Number(
    key="getal", question_html="Hoeveel procent?", answer=66, margin=2, unit="%", right_html="Klopt, 66.",
    wrong_html="Het was 66.",
)  # fmt: skip
SHORT = Short(
    key="woord-kort",
    question_html="Hoe heet dat?",
    options=(
        Option(key="w1", html="<em>Wij-zijdenken</em>", feedback_html="Uitleg bij w1.", is_right=True),
        Option(key="w2", html="Polarisatie", feedback_html="Uitleg bij w2.", is_right=False),
    ),
    wrong_html="Uitleg bij al de rest.",
)
BUDGET = Budget(
    key="budget",
    question_html="Verdeel je punten.",
    points=10,
    options=(
        option("d1", right=True, cost=6), option("d2", right=True, cost=4), option("d3", right=True, cost=3),
        option("d4", cost=3), option("d5"),
    ),
    best=10,
)  # fmt: skip
COMPARE = Compare(
    key="vergelijk",
    question_html="Schrijf een antwoord.",
    prompts=("Wat zie je?", "Wat doe je?"),
    checks=("Staat er geen naam in?",),
    model_html="<p>Uitleg bij het voorbeeld.</p>",
    longest=280,
    shows_gaps=True,
)
MORE: tuple[Question, ...] = (TRIAGE, SEVERAL, NUMBER, SHORT, BUDGET, COMPARE)
EVERY: tuple[Question, ...] = QUESTIONS + MORE
POLL = Poll(
    key="peiling",
    question_html="Wat gebeurt er bij jullie?",
    options=(Statement(key="p1", html="Niets"), Statement(key="p2", html="Iets"), Statement(key="p3", html="Veel")),
)  # fmt: skip
RATING = SelfRating(
    key="voor",
    html="Hoe zie je jezelf?",
    labels=("nog niet", "een beetje", "goed"),
    statements=(Statement(key="q1", html="Ik herken het."), Statement(key="q2", html="Ik durf het.")),
)
BANK: tuple[Graded, ...] = tuple(
    CHOICE.model_copy(update={"key": f"toets-{n}", "question_html": f"Toetsvraag {n}"}) for n in range(6)
)
CHECK = Check(
    key="eindtoets",
    title="Eindtoets",
    html="<p>Over alles.</p>",
    questions=BANK,
    draw=4,
    pass_percent=70,
    attempts=2,
)
NOTE = Reflection(key="notitie", prompt_html="Welke spanning hoor jij?")
RIGHT = {question.key: as_submitted(right_answer(question)) for question in EVERY}
WRONG: dict[str, dict[str, list[str]]] = {
    "kies": {"keuze": ["a"]},
    "meer": {"keuze": ["m", "n"]},
    "waar": {"keuze": ["juist"]},
    "volgorde": {"plaats.v1": ["2"], "plaats.v2": ["1"], "plaats.v3": ["3"]},
    "verbind": {"plaats.x": ["blauw"], "plaats.y": ["blauw"], "plaats.z": ["rood"]},
    "sorteer": {"plaats.s1": ["rechts"], "plaats.s2": ["rechts"], "plaats.s3": ["links"]},
    "triage": {"plaats.r1": ["weg"], "plaats.r2": ["laten"], "plaats.r3": ["weg"]},
    "meer-triage": {"plaats.r1": ["laten"], "plaats.r2": ["laten"], "plaats.r3": ["weg"]},
    "getal": {"antwoord": ["50 %"]},
    "woord-kort": {"antwoord": ["polarisatie!"]},
    "budget": {"keuze": ["d1", "d4"]},
}


def make_lesson(key: str, number: str, *blocks: AnyBlock, **values: Any) -> Lesson:
    return Lesson(
        **values,
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
            Part(key="deel-check", title="Check", blocks=blocks),
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
    """Lessons: "een" with questions of six types, "twee" with one choice and a check that does not count, "drie" to read."""
    lessons = (
        make_lesson("een", "1.1", *QUESTIONS),
        make_lesson("twee", "1.2", CHOICE, CHECK.model_copy(update={"counts": False})),
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
