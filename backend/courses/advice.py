"""What an author may want to look at again: hard language, and questions that can be guessed. Never stops publishing."""

from collections.abc import Iterator, Sequence

from backend.courses.block_types import Check, Choice
from backend.courses.documents import Lesson
from backend.courses.problems import Report
from backend.courses.readability import LEAST, reading_of

FEWEST_QUESTIONS = 4  # of fewer one cannot say that there is a pattern
LONGER = 1.2  # times the next longest answer: that shows at a glance


def advise(lesson: Lesson, report: Report) -> None:
    """`report` is that of the lesson's file."""
    reading = reading_of(lesson)
    if reading.is_hard:
        report.warn(
            1, f"Deze les leest moeilijk: {reading.score:.0f} op 100, met {reading.words_a_sentence:.0f} woorden per zin.",
            f"Schrijf kortere zinnen en kortere woorden. Vanaf {LEAST} leest het vlot.",
        )  # fmt: skip
    for where, questions in _groups(lesson):
        for message, advice in _patterns(questions):
            report.warn(1, f"{message}{where}", advice)


def _groups(lesson: Lesson) -> Iterator[tuple[str, Sequence[Choice]]]:
    """The questions that somebody sees together, and how to call them."""
    yield ".", [block for block in lesson.blocks.values() if isinstance(block, Choice)]
    for block in lesson.blocks.values():
        if isinstance(block, Check):
            yield (
                f" in de toets “{block.key}”.",
                [each for each in block.questions if isinstance(each, Choice)],
            )


def _patterns(questions: Sequence[Choice]) -> Iterator[tuple[str, str]]:
    if len(questions) < FEWEST_QUESTIONS:
        return
    places = {[option.is_right for option in question.options].index(True) for question in questions}
    if len(places) == 1:
        yield f"Het juiste antwoord is altijd het {places.pop() + 1}e", "Zet het nu eens hier, dan eens daar."
    if all(_is_longest(question) for question in questions):
        yield (
            "Het juiste antwoord is altijd duidelijk het langste",
            "Maak foute antwoorden even lang, of dit korter.",
        )


def _is_longest(question: Choice) -> bool:
    right = next(len(option.html) for option in question.options if option.is_right)
    return right > LONGER * max(len(option.html) for option in question.options if not option.is_right)
