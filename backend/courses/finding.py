"""What of a published module can be found: its lessons, without what would give answers away, and its words."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from sqlmodel import Session

from backend import search
from backend.courses.block_types import AnyBlock, Check, ContentWarning, ScenarioBlock
from backend.courses.documents import CourseDocument, Lesson
from backend.search import Audience, Entry

TAG = re.compile(r"<[^>]*>")
TOLD = {"html", "question_html", "caption_html", "prompt_html", "text_html", "transcript_html", "why_html"}
PLAIN = {"title", "alt", "word", "meaning", "label"}
UNTOLD = {"options", "svg"}  # the options of a question: which one is right must not show from what is found


def index(session: Session, course: CourseDocument) -> None:
    """Anew, in the transaction that publishes."""
    search.replace(session, f"course:{course.key}", [*_lessons(course), *_terms(course)])


def is_indexed(session: Session, course: CourseDocument) -> bool:
    return search.has(session, f"course:{course.key}")


def _lessons(course: CourseDocument) -> Iterator[Entry]:
    yield Entry(
        key=course.key, kind="course", title=f"{course.title}: {course.subtitle}", route="courses.show",
        address={"module": course.key}, text=" ".join([course.summary, *course.goals]), audience=Audience.EVERYONE,
    )  # fmt: skip
    for lesson in course.lessons:
        is_first = lesson is course.lessons[0]
        yield Entry(
            key=f"les:{lesson.key}", kind="lesson", title=f"{lesson.number} {lesson.title}", route="learning.lesson",
            address={"module": course.key, "lesson": lesson.key}, text=text_of(lesson),
            audience=Audience.EVERYONE if is_first else Audience.MEMBERS,
        )  # fmt: skip


def _terms(course: CourseDocument) -> Iterator[Entry]:
    terms = {term.key: term for lesson in course.lessons for term in lesson.terms}
    for term in terms.values():
        yield Entry(
            key=f"begrip:{term.key}", kind="term", title=term.word, route="courses.terms", address={},
            anchor=f"begrip-{term.key}", text=f"{term.word}: {term.meaning}", audience=Audience.EVERYONE,
        )  # fmt: skip


def text_of(lesson: Lesson) -> str:
    """What a reader meets, as plain text. What stands behind a content warning is left out."""
    pieces = [*lesson.goals]
    for part in lesson.parts:
        pieces.append(part.title)
        for block in part.blocks:
            if isinstance(block, ContentWarning):
                break
            pieces += _pieces(block)
    return " ".join(" ".join(pieces).split())


def _pieces(block: AnyBlock) -> Iterator[str]:
    if isinstance(block, ScenarioBlock):
        yield from (block.scenario.title, plain(block.scenario.intro_html))
    elif isinstance(block, Check):
        yield from (block.title, plain(block.html))
    else:
        yield from _walk(block.model_dump(exclude={"key", "type"}))


def _walk(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in UNTOLD:
                yield from _walk(inner, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _walk(inner, name)
    elif isinstance(value, str) and name in TOLD | PLAIN | {"prompts"}:
        yield plain(value)


def plain(html: str) -> str:
    return unescape(TAG.sub(" ", html))
