"""Every kind of block that a lesson can hold, as a published version keeps it.

Text is rendered and sanitised when a version is made (`html` fields are safe to mark as such); nothing is parsed per request.
`html` holds paragraphs, and `…_html` fits inside a line, except where a block says otherwise.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.courses.scenarios import Scenario


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Block(Frozen):
    key: str


class MediaFile(Frozen):
    """A file of the package, kept once by its content."""

    sha256: str
    name: str  # as one downloads it
    media_type: str
    size: int  # bytes
    width: int = 0  # pixels, for images
    height: int = 0


# ── what one reads ──


class Text(Block):
    """Ordinary text, one block a section. Its key follows from the heading (`t-…`), so it is an address, nothing more."""

    type: Literal["text"] = "text"
    html: str


class Callout(Block):
    type: Literal["callout"] = "callout"
    tone: Literal["info", "meet", "warn"] = "info"
    title: str
    html: str


class Figure(Block):
    """A drawing (`svg`) or an image (`file`)."""

    type: Literal["figure"] = "figure"
    svg: str = ""  # checked element by element when the version was made
    file: MediaFile | None = None
    alt: str
    caption_html: str
    credit: str = ""


class Diagram(Block):
    """A drawing that says so much that it has its text beside it, in paragraphs (`text_html`)."""

    type: Literal["diagram"] = "diagram"
    svg: str
    alt: str
    caption_html: str
    text_html: str
    credit: str = ""


class Video(Block):
    """`transcript_html` holds paragraphs."""

    type: Literal["video"] = "video"
    title: str
    file: MediaFile
    captions: MediaFile
    poster: MediaFile | None = None
    transcript_html: str


class Audio(Block):
    """`transcript_html` holds paragraphs."""

    type: Literal["audio"] = "audio"
    title: str
    file: MediaFile
    captions: MediaFile | None = None
    transcript_html: str


class Quote(Block):
    type: Literal["quote"] = "quote"
    html: str
    by: str = ""
    source: str  # the key of a source of the lesson


class TermBlock(Block):
    """A word with its meaning, where it matters most."""

    type: Literal["term"] = "term"
    word: str
    meaning: str
    html: str = ""


class Recommended(Frozen):
    title: str
    url: str
    why_html: str


class Reading(Block):
    """Further reading. `html` is a sentence; fits inside a line."""

    type: Literal["reading"] = "reading"
    html: str = ""
    links: tuple[Recommended, ...]


class Table(Block):
    type: Literal["table"] = "table"
    title: str
    html: str


class Download(Block):
    """`html` is a sentence; fits inside a line."""

    type: Literal["download"] = "download"
    title: str
    file: MediaFile
    html: str = ""


class Fold(Block):
    type: Literal["fold"] = "fold"
    title: str
    html: str


class ContentWarning(Block):
    """What follows in the same part is folded away until one asks for it, and never counts."""

    type: Literal["warning"] = "warning"
    title: str
    html: str


class Takeaway(Block):
    """One sentence to take along; fits inside a line."""

    type: Literal["takeaway"] = "takeaway"
    html: str


# ── what one answers ──


class QuestionBlock(Block):
    question_html: str
    counts: bool = True  # for being done; never behind a content warning
    shows_peers: bool = False  # after answering: how others answered, from 10 people on


class Option(Frozen):
    key: str  # stable within the question: its place as a letter, or what the author chose
    html: str
    feedback_html: str
    is_right: bool
    cost: int = 0  # budget only


class Choice(QuestionBlock):
    """One right option."""

    type: Literal["choice"] = "choice"
    options: tuple[Option, ...]


class Multiple(QuestionBlock):
    """One or more right options."""

    type: Literal["multiple"] = "multiple"
    options: tuple[Option, ...]


class TrueFalse(QuestionBlock):
    """A statement; options "juist" and "niet juist". `reason`: a question that asks why, in the learner's own words."""

    type: Literal["truefalse"] = "truefalse"
    options: tuple[Option, ...]
    reason: str = ""


class Item(Frozen):
    """A thing to put in its place. `place`: the column key (sort), the right-hand key (match) or "1", "2" … (order).

    Keys say nothing about the right place, so they may be sent to the browser; `place` may not before the answer.
    """

    key: str
    html: str
    place: str
    feedback_html: str


class Place(Frozen):
    key: str
    label: str


class Order(QuestionBlock):
    """Items in the right order; shown in `shown`, an order that is wrong on purpose and the same for everyone."""

    type: Literal["order"] = "order"
    items: tuple[Item, ...]
    shown: tuple[str, ...]


class Match(QuestionBlock):
    type: Literal["match"] = "match"
    items: tuple[Item, ...]
    places: tuple[Place, ...]  # right-hand sides, in alphabetical order; one may serve several items


class Sort(QuestionBlock):
    type: Literal["sort"] = "sort"
    items: tuple[Item, ...]
    places: tuple[Place, ...]  # columns, as written


class TriageItem(Frozen):
    key: str
    html: str
    places: tuple[str, ...]  # with `several` all of them are needed, else each of them is right
    kind: str = ""  # groups items that are alike
    feedback_html: str


class Triage(QuestionBlock):
    """Many items, few choices."""

    type: Literal["triage"] = "triage"
    several: bool = False
    items: tuple[TriageItem, ...]
    places: tuple[Place, ...]


class Number(QuestionBlock):
    type: Literal["number"] = "number"
    answer: float
    margin: float = 0
    unit: str = ""
    right_html: str
    wrong_html: str


class Short(QuestionBlock):
    """A few words. `options`: accepted answers and well-known mistakes, compared without capitals, accents or punctuation."""

    type: Literal["short"] = "short"
    options: tuple[Option, ...]
    wrong_html: str  # for everything else


class Budget(QuestionBlock):
    """Spend points on options. `best`: the most points that fit on right options."""

    type: Literal["budget"] = "budget"
    points: int
    unit: str = "punten"
    options: tuple[Option, ...]
    best: int


class Compare(QuestionBlock):
    """Write, then see a model answer, in paragraphs (`model_html`). Never right or wrong."""

    type: Literal["compare"] = "compare"
    prompts: tuple[str, ...] = ()  # several fields; none: one field
    checks: tuple[str, ...] = ()  # what to check oneself
    model_html: str
    longest: int = 0  # characters a field; 0: the house's limit
    shows_gaps: bool = False


Graded = Choice | Multiple | TrueFalse | Order | Match | Sort | Triage | Number | Short | Budget
AnyGraded = Annotated[Graded, Field(discriminator="type")]
Question = Graded | Compare


class Check(Block):
    """A test: `draw` questions at random out of a bank, with a pass mark, a number of attempts and perhaps a time limit."""

    type: Literal["check"] = "check"
    title: str
    html: str = ""
    questions: tuple[AnyGraded, ...]  # the bank
    draw: int
    pass_percent: int
    attempts: int
    minutes: int = 0  # 0: no limit
    counts: bool = True  # for being done; never behind a content warning


# ── one's own ──


class Private(Block):
    """Small fields whose text stays in the browser and is never sent."""

    type: Literal["private"] = "private"
    html: str
    prompts: tuple[str, ...]
    shows_gaps: bool = False
    prints: bool = False


class Reflection(Block):
    """A private note, kept for the learner. `plan`: the field of the action plan that it prepares.

    `rubric`: what a mentor looks at when it is shared.
    """

    type: Literal["reflection"] = "reflection"
    prompt_html: str
    plan: str = ""
    rubric: tuple[str, ...] = ()


class Statement(Frozen):
    key: str
    html: str


class SelfRating(Block):
    """How well one can do something, before and after. `before`: the key of the first one, whose statements these are.

    `html` is a sentence; fits inside a line.
    """

    type: Literal["selfrating"] = "selfrating"
    html: str
    labels: tuple[str, ...]  # from low to high; kept as 1, 2 …
    statements: tuple[Statement, ...]
    before: str = ""
    before_lesson: str = ""


class Poll(Block):
    type: Literal["poll"] = "poll"
    question_html: str
    options: tuple[Statement, ...]


class ScenarioBlock(Block):
    """Its key is that of the scenario."""

    type: Literal["scenario"] = "scenario"
    scenario: Scenario
    counts: bool = True  # for being done; never behind a content warning


AnyBlock = Annotated[
    Text
    | Callout
    | Figure
    | Diagram
    | Video
    | Audio
    | Quote
    | TermBlock
    | Reading
    | Table
    | Download
    | Fold
    | ContentWarning
    | Takeaway
    | Choice
    | Multiple
    | TrueFalse
    | Order
    | Match
    | Sort
    | Triage
    | Number
    | Short
    | Budget
    | Compare
    | Check
    | Private
    | Reflection
    | SelfRating
    | Poll
    | ScenarioBlock,
    Field(discriminator="type"),
]
