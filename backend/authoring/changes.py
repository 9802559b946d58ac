"""What differs between two versions of a module, as far as it matters to who is taking it. Pure: no database, no clock."""

from collections.abc import Hashable, Iterable, Iterator
from enum import StrEnum
from typing import Any

from backend.courses.block_types import (
    AnyBlock,
    Budget,
    Check,
    Frozen,
    Number,
    Poll,
    Question,
    Reflection,
    ScenarioBlock,
    SelfRating,
    Short,
    Triage,
)
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.finding import plain

Kept = Question | Poll | Reflection | SelfRating | ScenarioBlock | Check  # blocks of which something is kept


class Kind(StrEnum):
    """What happened to a question, the least serious first."""

    REWORDED = "reworded"  # the words, the feedback, the points that it counts for
    RIGHT_ANSWER = "right_answer"  # another answer is right
    ADDED = "added"
    CHOICES = "choices"  # other options or items than those that people chose from
    TYPE = "type"
    REMOVED = "removed"


class Aspect(StrEnum):
    """What changed in a lesson, or in the module as a whole, apart from its questions."""

    TITLE = "title"
    TEXT = "text"
    RULES = "rules"  # when it is done
    OPENING = "opening"  # what comes first, from when, until when
    SOURCES = "sources"
    ORDER = "order"


class QuestionChange(Frozen):
    lesson_key: str
    lesson_number: str
    check_key: str = ""  # of the test whose bank it is in
    key: str
    text: str  # the question, in plain words
    kind: Kind


class LessonChange(Frozen):
    key: str
    number: str
    title: str
    is_added: bool = False
    is_removed: bool = False
    aspects: tuple[Aspect, ...] = ()


class Changes(Frozen):
    lessons: tuple[LessonChange, ...] = ()  # that were added, removed or changed
    questions: tuple[QuestionChange, ...] = ()
    course: tuple[Aspect, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.lessons or self.questions or self.course)

    @property
    def keeps_keys(self) -> bool:
        """Every answer that somebody gave still means the same question and the same options: it can be carried over."""
        safe = (Kind.REWORDED, Kind.RIGHT_ANSWER)
        moved = any(lesson.is_added or lesson.is_removed for lesson in self.lessons)
        return not moved and all(question.kind in safe for question in self.questions)

    def of_kind(self, *kinds: Kind) -> tuple[QuestionChange, ...]:
        return tuple(question for question in self.questions if question.kind in kinds)


def compare(before: CourseDocument | None, after: CourseDocument) -> Changes:
    """`before` is None for a module that was never published: then everything is new."""
    if before is None:
        return Changes(lessons=tuple(_lesson(each, is_added=True) for each in after.lessons))
    return Changes(
        lessons=tuple(_lessons(before, after)),
        questions=tuple(_questions(before, after)),
        course=tuple(_course(before, after)),
    )


def _course(before: CourseDocument, after: CourseDocument) -> Iterator[Aspect]:
    if (before.title, before.subtitle) != (after.title, after.subtitle):
        yield Aspect.TITLE
    described = ("summary", "goals", "made_by", "review_state", "review_by", "waiting_for", "minutes")
    if _differs(before, after, described):
        yield Aspect.TEXT
    if _differs(before, after, ("lessons_needed", "attended", "certificate_hours")):
        yield Aspect.RULES
    if _differs(before, after, ("after", "opens_on", "closes_on")):
        yield Aspect.OPENING
    common = {each.key for each in before.lessons} & {each.key for each in after.lessons}
    if [e.key for e in before.lessons if e.key in common] != [
        e.key for e in after.lessons if e.key in common
    ]:
        yield Aspect.ORDER


def _differs(before: object, after: object, names: Iterable[str]) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in names)


# ── lessons ──


def _lesson(lesson: Lesson, **values: Any) -> LessonChange:
    return LessonChange(key=lesson.key, number=lesson.number, title=lesson.title, **values)


def _lessons(before: CourseDocument, after: CourseDocument) -> Iterator[LessonChange]:
    for lesson in after.lessons:
        old = before.lesson(lesson.key)
        if old is None:
            yield _lesson(lesson, is_added=True)
        elif aspects := tuple(_aspects(old, lesson)):
            yield _lesson(lesson, aspects=aspects)
    for lesson in before.lessons:
        if after.lesson(lesson.key) is None:
            yield _lesson(lesson, is_removed=True)


def _aspects(before: Lesson, after: Lesson) -> Iterator[Aspect]:
    if _differs(before, after, ("title", "short")):
        yield Aspect.TITLE
    if _differs(before, after, ("goals", "minutes", "terms", "legal_on")) or _reading(before) != _reading(
        after
    ):
        yield Aspect.TEXT
    if before.rules != after.rules:
        yield Aspect.RULES
    if _differs(before, after, ("after", "opens_on", "closes_on")):
        yield Aspect.OPENING
    if _differs(before, after, ("sources", "checked", "review_before")):
        yield Aspect.SOURCES


def _reading(lesson: Lesson) -> list[Hashable]:
    """What one reads, in its order."""
    return [
        (part.title, *(block for block in part.blocks if not isinstance(block, Kept)))
        for part in lesson.parts
    ]


# ── questions ──


def _questions(before: CourseDocument, after: CourseDocument) -> Iterator[QuestionChange]:
    """Of lessons that are in both; one that was added or removed tells enough."""
    for lesson in after.lessons:
        old = before.lesson(lesson.key)
        if old is None:
            continue
        then, now = kept_blocks(old), kept_blocks(lesson)
        for place, block in now.items():
            if place not in then:
                yield _question(lesson, place, block, Kind.ADDED)
            elif kind := kind_of(then[place], block):
                yield _question(lesson, place, block, kind)
        for place, block in then.items():
            if place not in now:
                yield _question(old, place, block, Kind.REMOVED)


def _question(lesson: Lesson, place: tuple[str, str], block: Kept, kind: Kind) -> QuestionChange:
    return QuestionChange(
        lesson_key=lesson.key, lesson_number=lesson.number, check_key=place[0], key=block.key, text=words_of(block), kind=kind
    )  # fmt: skip


def kept_blocks(lesson: Lesson) -> dict[tuple[str, str], Kept]:
    """Everything of which an answer is kept, by test ("" for the lesson itself) and key."""
    found: dict[tuple[str, str], Kept] = {}
    for block in lesson.blocks.values():
        if isinstance(block, Kept):
            found["", block.key] = block
        if isinstance(block, Check):
            found |= {(block.key, question.key): question for question in block.questions}
    return found


def words_of(block: Kept) -> str:
    """The question as one line without marks."""
    if isinstance(block, ScenarioBlock):
        return block.scenario.title
    if isinstance(block, Check):
        return block.title
    html = (
        block.prompt_html if isinstance(block, Reflection)
        else block.html if isinstance(block, SelfRating)
        else block.question_html
    )  # fmt: skip
    return " ".join(plain(html).split())


def kind_of(before: Kept, after: Kept) -> Kind | None:
    """The most serious thing that happened to it; None when nothing did."""
    if before == after:
        return None
    if type(before) is not type(after):
        return Kind.TYPE
    if _choices(before) != _choices(after):
        return Kind.CHOICES
    if _right(before) != _right(after):
        return Kind.RIGHT_ANSWER
    if isinstance(before, Check) and isinstance(after, Check) and _only_questions(before, after):
        return None  # told for each question of its bank
    return Kind.REWORDED


def _only_questions(before: Check, after: Check) -> bool:
    return before == after.model_copy(update={"questions": before.questions})


def _choices(block: Kept) -> Hashable:
    """The keys that an answer may hold."""
    if isinstance(block, Short):
        return None  # free words
    if isinstance(block, ScenarioBlock):
        return frozenset(
            (node.key, node.kind, node.targets, frozenset(_keys(node))) for node in block.scenario.nodes
        )
    return frozenset(_keys(block))


def _keys(block: AnyBlock | Any) -> Iterator[Hashable]:
    for name in ("options", "items", "places", "statements", "roads", "choices"):
        for each in getattr(block, name, ()):
            yield name, each.key
    for number, _prompt in enumerate(getattr(block, "prompts", ())):
        yield "prompts", number


def _right(block: Kept) -> Hashable:
    """What decides whether an answer is right."""
    if isinstance(block, Number):
        return block.answer, block.margin
    if isinstance(block, Short):
        return frozenset(option.html for option in block.options if option.is_right)
    if isinstance(block, Triage):
        return block.several, frozenset((item.key, item.places) for item in block.items)
    if isinstance(block, Budget):
        return block.points, frozenset((o.key, o.is_right, o.cost) for o in block.options)
    options = getattr(block, "options", ()) if not isinstance(block, Poll) else ()
    items = getattr(block, "items", ())
    return frozenset((o.key, o.is_right) for o in options), frozenset((i.key, i.place) for i in items)
