"""How hard a lesson reads: the length of its sentences, and Flesch as W. H. Douma set it for Dutch (1960)."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, NamedTuple

from backend.courses.documents import Lesson
from backend.courses.markdown import SENTENCE_END

LEAST = 60  # from here on it reads "standard"; below, "rather hard"
FEWEST_WORDS = 100  # a score of less text says nothing
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# One sound each, the longest first. A trema begins a new one; other accents make no difference ("één").
SOUND = re.compile(r"aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|eu|ui|ei|ij|ou|au|[aeiouyäëïöü]")
ACCENTS = str.maketrans("áàâéèêíìîóòôúùû", "aaaeeeiiiooouuu")
END_OF_LINE = re.compile(r"</(?:p|li|h3|h4|td|th|pre)>|<br>")
TAG = re.compile(r"<sup.*?</sup>|<[^>]*>")


class Reading(NamedTuple):
    words: int
    sentences: int
    syllables: int

    @property
    def words_a_sentence(self) -> float:
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def score(self) -> float:
        """From 0, very hard, to 100, very easy."""
        if not self.words:
            return 100.0
        return 206.84 - 0.93 * self.words_a_sentence - 77 * self.syllables / self.words

    def __str__(self) -> str:
        said = f"leest {self.score:3.0f} op 100, {self.words_a_sentence:4.1f} woorden per zin, {self.words:5} woorden"
        return said + (" (moeilijk)" if self.is_hard else "")

    @property
    def is_hard(self) -> bool:
        return self.words >= FEWEST_WORDS and self.score < LEAST


def syllables(word: str) -> int:
    return len(SOUND.findall(word.lower().translate(ACCENTS))) or 1


def reading_of(lesson: Lesson) -> Reading:
    """Of everything that is text in it, also what one sees only after an answer."""
    found = [
        [syllables(word) for word in WORD.findall(sentence)]
        for html in _texts(lesson.model_dump(include={"parts"}))
        for line in END_OF_LINE.split(html)
        for sentence in SENTENCE_END.split(unescape(TAG.sub("", line)))
    ]
    sentences = [each for each in found if each]
    return Reading(sum(map(len, sentences)), len(sentences), sum(map(sum, sentences)))


def _texts(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, name)
    elif isinstance(value, str) and (name == "html" or name.endswith("_html")):
        yield value
