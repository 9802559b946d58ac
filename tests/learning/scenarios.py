"""A small case for tests with a node of every kind: a playground, a rumour, and a village that takes sides."""

from typing import Any

from sqlmodel import Session

from backend.courses.block_types import ScenarioBlock, Takeaway
from backend.courses.documents import CourseDocument, Lesson, Part
from backend.courses.scenarios import CaseChoice, CaseItem, Ending, Node, Note, Road, Scenario
from tests.learning.documents import make_course, make_lesson, publish

LESSON, CASE = "casus", "de-speeltuin"
START = f"/leren/proef/{LESSON}/scenario/{CASE}"


def road(key: str, to: str, **effect: float) -> Road:
    return Road(
        key=key,
        label_html=f"Kies {key}.",
        effect=effect,
        then_html=f"<p>Gevolg van {key}.</p>",
        practice_html=f"<p>Praktijk over {key}.</p>",
        other_road_html=f"<p>Wat pleit voor {key}.</p>",
        to=to,
    )


def item(key: str, right: str, **effect: float) -> CaseItem:
    return CaseItem(
        key=key,
        html=f"Reactie {key}",
        right=right,
        effect=effect,
        feedback_html=f"<p>Uitleg bij {key}.</p>",
    )


POST = Node(
    key="post",
    at="maandag, 08.55 uur",
    title="Veertig reacties",
    speaker="Nadia, algemeen directeur",
    html="<p>Iemand schrijft dat de speeltuin dichtgaat. Dat klopt niet.</p>",
    ask_html="Wat doe je eerst?",
    roads=(
        road("wacht", "wachten", vertrouwen=-2, spanning=2),
        road("antwoord", "zaal", vertrouwen=2, spanning=-1),
        road("verbied", "wachten", bescherming=1, spanning=1),
        road("sluit", "end", vertrouwen=-2, bescherming=-2),
    ),
)
WAITING = Node(
    key="wachten",
    at="maandag, 12 uur",
    title="Drie versies",
    html="<p>Nu gaan er drie versies rond.</p>",
    notes=(
        Note(when="chose(post.wacht)", html="Je bent laat."),
        Note(when="spanning >= 9", html="Er is ruzie."),
    ),
    ask_html="En nu?",
    roads=(road("bel", "zaal", vertrouwen=1), road("zwijg", "end", bescherming=-2), road("mail", "zaal")),
)
HALL = Node(
    key="zaal",
    at="dinsdag, 19 uur",
    title="In de zaal",
    kind="several",
    html="<p>De zaal loopt vol.</p>",
    notes=(Note(when="not chose(post.antwoord)", html="Mensen zijn wantrouwig."),),
    ask_html="Wat spreek je af?",
    least=1,
    most=2,
    roads=(
        road("regels", "geld", spanning=-1, bescherming=1),
        road("micro", "geld", spanning=1.5),
        road("verslag", "geld", vertrouwen=0.5),
    ),
)
MONEY = Node(
    key="geld",
    title="Tien punten",
    kind="budget",
    points=10,
    html="<p>Er is geld, maar niet voor alles.</p>",
    ask_html="Waar geef je het aan uit?",
    roads=(
        road("toezicht", "reacties", bescherming=1).model_copy(update={"cost": 6}),
        road("feest", "reacties").model_copy(update={"cost": 5}),
        road("overleg", "reacties", vertrouwen=1).model_copy(update={"cost": 4}),
    ),
)
COMMENTS = Node(
    key="reacties",
    title="Vijf reacties",
    kind="triage",
    html="<p>Onder je bericht staan nieuwe reacties.</p>",
    ask_html="Wat doe je met elke reactie?",
    choices=(
        CaseChoice(key="laten", label="Laten staan"),
        CaseChoice(key="verbergen", label="Verbergen"),
    ),
    items=(
        item("duur", "laten", vertrouwen=0.5),
        item("scheld", "verbergen", bescherming=0.5),
        item("lelijk", "laten", vertrouwen=0.5),
    ),
    to="end",
)
PLAYGROUND = Scenario(
    key=CASE,
    title="De speeltuin",
    role="deskundige samenleven",
    minutes=9,
    intro_html="<p>Elzendonk is verzonnen. Je werkt er bij de gemeente.</p>",
    meters={"vertrouwen": 5, "spanning": 5, "bescherming": 5},
    start="post",
    nodes=(POST, WAITING, HALL, MONEY, COMMENTS),
    endings=(
        Ending(
            key="onveilig",
            title="Onveilig",
            when="bescherming <= 3",
            overrides=True,
            html="<p>Niemand durft nog.</p>",
        ),
        Ending(
            key="samen",
            title="Samen verder",
            when="vertrouwen >= 7 and spanning <= 5",
            html="<p>Er wordt weer gespeeld.</p>",
        ),
        Ending(key="rust", title="Broze rust", html="<p>Het is stil.</p>"),
    ),
    additions=(
        Note(
            when="chose(geld.overleg) and not chose(geld.feest)",
            html="<p>Het overleg komt elke maand samen.</p>",
        ),
    ),
    debrief_html="<p>Wat had Elzendonk een jaar eerder klaar moeten hebben?</p>",
    lessons=("een", "bestaat-niet"),
    trainer_html="<p>Reken op een uur met twaalf mensen.</p>",
)
# What a form sends at each node of one walk, in order; it ends well.
WALK: tuple[tuple[str, dict[str, list[str]]], ...] = (
    ("post", {"keuze": ["antwoord"]}),
    ("zaal", {"keuze": ["regels", "verslag"]}),
    ("geld", {"keuze": ["toezicht", "overleg"]}),
    ("reacties", {"plaats.duur": ["laten"], "plaats.scheld": ["verbergen"], "plaats.lelijk": ["verbergen"]}),
)


def case_lesson(scenario: Scenario = PLAYGROUND, number: str = "1.4") -> Lesson:
    part = Part(
        key="deel-doe",
        title="Doe: beslis mee",
        blocks=(
            ScenarioBlock(key=scenario.key, scenario=scenario),
            Takeaway(key="onthoud-casus", html="Zeg wat je weet."),
        ),
    )
    return make_lesson(LESSON, number).model_copy(update={"parts": (part,)})


def make_case_course(key: str = "proef", scenario: Scenario = PLAYGROUND, **values: Any) -> CourseDocument:
    """The course of documents.py with a fourth lesson, "casus", that holds the case."""
    course = make_course(key, **values)
    return course.model_copy(update={"lessons": (*course.lessons, case_lesson(scenario))})


def publish_case(session: Session, scenario: Scenario = PLAYGROUND, **values: Any) -> int:
    return publish(session, make_case_course(scenario=scenario, **values))
