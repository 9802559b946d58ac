"""What a published version holds: one immutable document of lessons and blocks with stable keys.

Text is rendered and sanitised when a version is made (`html` fields are safe to mark as such); nothing is parsed per request.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Block(_Frozen):
    key: str


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
    type: Literal["figure"] = "figure"
    svg: str  # checked element by element when the version was made
    alt: str
    caption_html: str
    credit: str = ""


class Fold(Block):
    type: Literal["fold"] = "fold"
    title: str
    html: str


class Option(_Frozen):
    key: str  # stable within the question: its place as a letter, or what the author chose
    html: str
    feedback_html: str
    is_right: bool


class Choice(Block):
    """One right option."""

    type: Literal["choice"] = "choice"
    question_html: str
    options: tuple[Option, ...]


class Multiple(Block):
    """One or more right options."""

    type: Literal["multiple"] = "multiple"
    question_html: str
    options: tuple[Option, ...]


class TrueFalse(Block):
    """A statement; options "juist" and "niet juist". `reason`: a question that asks why, in the learner's own words."""

    type: Literal["truefalse"] = "truefalse"
    question_html: str
    options: tuple[Option, ...]
    reason: str = ""


class Item(_Frozen):
    """A thing to put in its place. `place`: the column key (sort), the right-hand key (match) or "1", "2" … (order).

    Keys say nothing about the right place, so they may be sent to the browser; `place` may not before the answer.
    """

    key: str
    html: str
    place: str
    feedback_html: str


class Place(_Frozen):
    key: str
    label: str


class Order(Block):
    """Items in the right order; shown in `shown`, an order that is wrong on purpose and the same for everyone."""

    type: Literal["order"] = "order"
    question_html: str
    items: tuple[Item, ...]
    shown: tuple[str, ...]


class Match(Block):
    type: Literal["match"] = "match"
    question_html: str
    items: tuple[Item, ...]
    places: tuple[Place, ...]  # right-hand sides, in alphabetical order; one may serve several items


class Sort(Block):
    type: Literal["sort"] = "sort"
    question_html: str
    items: tuple[Item, ...]
    places: tuple[Place, ...]  # columns, as written


class Private(Block):
    """Small fields whose text stays in the browser and is never sent."""

    type: Literal["private"] = "private"
    html: str
    prompts: tuple[str, ...]


class Reflection(Block):
    """A private note, kept for the learner. `plan`: the field of the action plan that it prepares."""

    type: Literal["reflection"] = "reflection"
    prompt_html: str
    plan: str = ""


class Takeaway(Block):
    """One sentence to take along; fits inside a line."""

    type: Literal["takeaway"] = "takeaway"
    html: str


Question = Choice | Multiple | TrueFalse | Order | Match | Sort
AnyBlock = Annotated[
    Text
    | Callout
    | Figure
    | Fold
    | Choice
    | Multiple
    | TrueFalse
    | Order
    | Match
    | Sort
    | Private
    | Reflection
    | Takeaway,
    Field(discriminator="type"),
]


class Source(_Frozen):
    """What a lesson leans on. Its number is its place in the lesson; text refers to it as `#bron-<key>`."""

    key: str
    title: str
    by: str = ""
    year: str = ""
    url: str = ""
    checked: date | None = None


class Term(_Frozen):
    """A word and its meaning; text refers to it as `#begrip-<key>`."""

    key: str
    word: str
    meaning: str


class Part(_Frozen):
    """A part of a lesson: "Waarom dit ertoe doet", "Kern", "Doe: …", "Check", "Meenemen". Keys start with `deel-`."""

    key: str
    title: str
    blocks: tuple[AnyBlock, ...]


class Lesson(_Frozen):
    key: str
    number: str  # "1.1": the course's number and the place in it
    title: str
    short: str
    minutes: int
    goals: tuple[str, ...]
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]  # in the order in which the text names them
    terms: tuple[Term, ...] = ()  # the words that the text explains, in alphabetical order
    checked: date
    review_before: date

    @cached_property
    def blocks(self) -> dict[str, AnyBlock]:
        """All blocks by key, in the order of the lesson."""
        return {block.key: block for part in self.parts for block in part.blocks}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The blocks that are graded, by key."""
        return {key: block for key, block in self.blocks.items() if isinstance(block, Question)}


class CourseDocument(_Frozen):
    key: str
    number: int
    title: str
    subtitle: str
    summary: str
    minutes: int
    language: str
    goals: tuple[str, ...]
    made_by: tuple[str, ...]
    review_state: str
    review_by: tuple[str, ...] = ()
    lessons: tuple[Lesson, ...]

    def lesson(self, key: str) -> Lesson | None:
        return self._by_key.get(key)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Everything that the lessons lean on, by key."""
        return {source.key: source for lesson in self.lessons for source in lesson.sources}

    @cached_property
    def _by_key(self) -> dict[str, Lesson]:
        return {lesson.key: lesson for lesson in self.lessons}

    def neighbours(self, lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
        """The lessons before and after."""
        place = self.lessons.index(lesson)
        before = self.lessons[place - 1] if place else None
        after = self.lessons[place + 1] if place + 1 < len(self.lessons) else None
        return before, after
