"""What a new version may not lose or come to mean: the keys that answers, progress and other modules point to."""

from collections.abc import Mapping, Sequence

from backend.courses.block_types import (
    AnyBlock,
    Check,
    Compare,
    Graded,
    Poll,
    Reflection,
    ScenarioBlock,
    SelfRating,
)
from backend.courses.documents import CourseDocument
from backend.courses.heads import circles
from backend.courses.problems import Problem

ANSWERED = (*Graded.__args__, Compare, Check, Poll, Reflection, ScenarioBlock, SelfRating)


def lost_keys(before: CourseDocument, after: CourseDocument, folder: str) -> list[Problem]:
    """Keys that answers and progress point to and that are gone, or now mean something else."""
    place = f"{folder}/{after.key}"
    problems = [
        Problem(
            f"{place}/course.yaml", 1, f"De les “{lesson.key}” is gepubliceerd en staat er niet meer.",
            "Zet ze terug, of weet dat nieuwe deelnemers ze niet meer krijgen.", is_warning=True,
        )
        for lesson in before.lessons
        if after.lesson(lesson.key) is None
    ]  # fmt: skip
    for lesson in after.lessons:
        old = before.lesson(lesson.key)
        if old is not None:
            problems += _lost_blocks(old.blocks, lesson.blocks, f"{place}/{lesson.key}.md")
    return problems


def _lost_blocks(before: Mapping[str, AnyBlock], after: Mapping[str, AnyBlock], file: str) -> list[Problem]:
    problems = []
    for key, block in before.items():
        if not isinstance(block, ANSWERED):
            continue
        if key not in after:
            problems.append(
                Problem(
                    file, 1, f"De vraag “{key}” is gepubliceerd en staat er niet meer.",
                    "Zet de sleutel terug als het nog dezelfde vraag is.", is_warning=True,
                )
            )  # fmt: skip
        elif type(after[key]) is not type(block):
            problems.append(
                Problem(
                    file, 1, f"De sleutel “{key}” hoort bij een gepubliceerde vraag van een andere soort.",
                    "Geef de nieuwe vraag een eigen sleutel.",
                )
            )  # fmt: skip
    return problems


def never_open(
    known: Mapping[str, CourseDocument], documents: Sequence[CourseDocument], folder: str
) -> list[Problem]:
    """Modules that wait for one that is not there, or for each other."""
    waiting = circles({key: document.after for key, document in known.items()})
    problems = []
    for document in documents:
        said = [f"after: de module “{key[:60]}” is er niet." for key in document.after if key not in known]
        said += ["Modules wachten op elkaar: niemand kan beginnen."] if document.key in waiting else []
        problems += [
            Problem(f"{folder}/{document.key}/course.yaml", 1, each, "Kijk after: na, of haal het weg.")
            for each in said
        ]
    return problems
