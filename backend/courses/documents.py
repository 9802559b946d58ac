"""What a published version holds: one immutable document of lessons and blocks with stable keys. The blocks: block_types.py."""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from backend.courses.block_types import AnyBlock, Check, Compare, Frozen, MediaFile, Question, ScenarioBlock


class Source(Frozen):
    """What a lesson leans on. Its number is its place in the lesson; text refers to it as `#bron-<key>`."""

    key: str
    title: str
    by: str = ""
    year: str = ""
    url: str = ""
    checked: date | None = None


class Term(Frozen):
    """A word and its meaning; text refers to it as `#begrip-<key>`."""

    key: str
    word: str
    meaning: str


class Part(Frozen):
    """A part of a lesson: "Waarom dit ertoe doet", "Kern", "Doe: …", "Check", "Meenemen". Keys start with `deel-`."""

    key: str
    title: str
    blocks: tuple[AnyBlock, ...]


# ── when is it done? ──


class Answered(Frozen):
    """Every question that counts."""

    type: Literal["answered"] = "answered"


class Passed(Frozen):
    """The average of the best answers to the questions that count."""

    type: Literal["passed"] = "passed"
    percent: int


class Read(Frozen):
    type: Literal["read"] = "read"


class ScenarioWalked(Frozen):
    """To an ending, at least once."""

    type: Literal["scenario"] = "scenario"
    key: str


class ReflectionWritten(Frozen):
    type: Literal["reflection"] = "reflection"
    key: str


class CheckPassed(Frozen):
    type: Literal["check"] = "check"
    key: str


class Attended(Frozen):
    """A day of this series of action days."""

    type: Literal["attended"] = "attended"
    key: str


SingleRule = Annotated[
    Answered | Passed | Read | ScenarioWalked | ReflectionWritten | CheckPassed | Attended,
    Field(discriminator="type"),
]


class AnyOf(Frozen):
    """At least so many of these."""

    type: Literal["any"] = "any"
    least: int
    of: tuple[SingleRule, ...]


Rule = Annotated[
    Answered | Passed | Read | ScenarioWalked | ReflectionWritten | CheckPassed | Attended | AnyOf,
    Field(discriminator="type"),
]
PASS_PERCENT = 70  # where a lesson does not say otherwise


class Lesson(Frozen):
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
    complete: tuple[Rule, ...] = ()  # all of them; none: what follows from the blocks, see `rules`
    after: tuple[str, ...] = ()  # lessons to finish first
    opens_on: date | None = None
    closes_on: date | None = None  # the last day
    legal_on: date | None = None  # the law as it stood then

    @cached_property
    def blocks(self) -> dict[str, AnyBlock]:
        """All blocks by key, in the order of the lesson."""
        return {block.key: block for part in self.parts for block in part.blocks}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The blocks that one answers, by key."""
        return {key: block for key, block in self.blocks.items() if isinstance(block, Question)}

    @cached_property
    def counted(self) -> dict[str, Question]:
        """The questions that count for being done."""
        return {key: question for key, question in self.questions.items() if question.counts}

    @cached_property
    def graded(self) -> tuple[str, ...]:
        """Those of them that are right or wrong."""
        return tuple(key for key, question in self.counted.items() if not isinstance(question, Compare))

    @cached_property
    def scenarios(self) -> dict[str, ScenarioBlock]:
        return {key: block for key, block in self.blocks.items() if isinstance(block, ScenarioBlock)}

    @cached_property
    def checks(self) -> dict[str, Check]:
        return {key: block for key, block in self.blocks.items() if isinstance(block, Check)}

    @cached_property
    def media(self) -> tuple[MediaFile, ...]:
        """The files that its blocks show or offer."""
        values = (value for block in self.blocks.values() for value in vars(block).values())
        return tuple(value for value in values if isinstance(value, MediaFile))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """What makes it done: as the author wrote, else answered and passed, checks and scenarios; with nothing of that, read."""
        if self.complete:
            return self.complete
        rules: list[Rule] = [Answered()] if self.counted else []
        rules += [Passed(percent=PASS_PERCENT)] if self.graded else []
        rules += [CheckPassed(key=key) for key, check in self.checks.items() if check.counts]
        rules += [ScenarioWalked(key=key) for key, scenario in self.scenarios.items() if scenario.counts]
        return tuple(rules) or (Read(),)


class CourseDocument(Frozen):
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
    waiting_for: tuple[str, ...] = ()  # who still has to read it
    certificate_hours: float = 0  # 0: no certificate
    lessons_needed: int = 0  # 0: all of them
    attended: str = ""  # the key of a series of action days that counts as a unit
    after: tuple[str, ...] = ()  # modules to finish first
    opens_on: date | None = None
    closes_on: date | None = None
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
