"""What the kinds of block have in common while they are read: titles, sentences, lists, yes or no, and their mistakes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from backend.courses import block_types as doc
from backend.courses.documents import Source, Term
from backend.courses.fences import Entry, Fence, duplicates, entries
from backend.courses.files import Files
from backend.courses.markdown import MARKS, Writer

OPTION = re.compile(r"[-*] \[(?P<mark>[ xX]?)\]\s+(?P<text>\S.*)")
NUMBERED = re.compile(r"\d+[.)]\s+(?P<text>\S.*)")
DASH = re.compile(r"[-*]\s+(?P<text>\S.*)")
MOST = 26  # options or items of one block: as many as there are letters
YES = {"yes", "ja"}
NO = {"no", "nee", ""}


@dataclass
class Library:
    """What the lessons of all modules share."""

    words: dict[str, Term] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass
class Material:
    """What a lesson may use: the library, the files of its module, and the self-ratings that stand before it."""

    library: Library
    files: Files = field(default_factory=dict)  # by path in the module's folder
    place: str = ""  # the module's folder as problems name it
    today: date | None = None  # None: nobody asks whether a lesson is due for another look
    used: set[str] = field(default_factory=set)  # paths of files
    ratings: dict[str, tuple[str, doc.SelfRating | None]] = field(default_factory=dict)  # key → lesson, block


@dataclass
class BlockReader:
    """At work in one file: says what is wrong in it, and writes its Markdown."""

    writer: Writer
    material: Material
    lesson_key: str

    def __post_init__(self) -> None:
        self.report = self.writer.report

    # ── fields ──

    def title(self, fence: Fence) -> str:
        title = fence.fields.get("title", "")
        if not title:
            self.report.error(
                fence.line, "Dit blok heeft geen title:.", "Zet onder het begin: title: een korte titel"
            )
        self.words_only(title, fence.line_of("title"))
        return title

    def required(self, fence: Fence, name: str, advice: str) -> str:
        value = fence.fields.get(name, "")
        if not value:
            self.report.error(fence.line_of(name), f"Dit blok heeft geen {name}:.", advice)
        return value

    def is_yes(self, fence: Fence, name: str) -> bool:
        value = fence.fields.get(name, "").lower()
        if value not in YES | NO:
            self.report.error(
                fence.line_of(name), f"{name}: “{value[:40]}” kan niet.", f"Schrijf {name}: yes, of haal het weg."
            )  # fmt: skip
        return value in YES

    def whole(self, fence: Fence, name: str, otherwise: int, least: int, most: int) -> int:
        """A whole number between two limits."""
        value = fence.fields.get(name, "")
        if not value:
            return otherwise
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 8 else -1
        if not least <= number <= most:
            self.report.error(
                fence.line_of(name), f"{name}: “{value[:40]}” kan niet.",
                f"Schrijf een geheel getal van {least} tot {most}.",
            )  # fmt: skip
            return otherwise
        return number

    def choices(self, fence: Fence, name: str, least: int, example: str) -> list[str]:
        """Words with | between them; an empty list when they are not right."""
        names = [each.strip() for each in fence.fields.get(name, "").split("|")]
        self.words_only(fence.fields.get(name, ""), fence.line_of(name))
        if not least <= len(names) <= MOST or not all(names) or len(set(names)) < len(names):
            self.report.error(
                fence.line_of(name), f"{name}: klopt niet.",
                f"Schrijf er minstens {least}, alle verschillend, bijvoorbeeld {name}: {example}",
            )  # fmt: skip
            return []
        return names

    # ── text ──

    def body(self, fence: Fence) -> str:
        if not fence.text.strip():
            self.report.error(fence.line, "Dit blok is leeg.", "Schrijf er tekst in, of haal het weg.")
            return ""
        return self.writer.html(fence.text, fence.text_line, heading=fence.fields.get("title", ""))

    def may_be_body(self, fence: Fence) -> str:
        return self.body(fence) if fence.text.strip() else ""

    def sentence(self, fence: Fence, text: str, message: str) -> str:
        if not text.strip():
            self.report.error(fence.line, message, "Schrijf ze meteen onder het begin van het blok.")
            return ""
        return self.writer.inline(text, fence.text_line)

    def field_sentence(self, fence: Fence, name: str, advice: str) -> str:
        """The Markdown of a field that must be there."""
        text = self.required(fence, name, advice)
        return self.writer.inline(text, fence.line_of(name)) if text else ""

    def words_only(self, text: str, line: int) -> None:
        """Titles, columns and prompts hold no marks."""
        if any(mark.search(text) for mark in MARKS):
            self.report.error(
                line,
                "Hier kan geen begrip of bron staan.",
                "Gebruik het begrip of de bron in de tekst ernaast.",
            )

    # ── lists ──

    def question(
        self, fence: Fence, opening: re.Pattern[str], how: str, *, at_least: int = 2
    ) -> tuple[str, list[Entry]]:
        """The question and the list below it; an empty list when one of the two is wrong."""
        intro, found = entries(fence, opening, how, self.report)
        question = self.sentence(fence, intro, "Er staat geen vraag boven de antwoorden.")
        if not at_least <= len(found) <= MOST:
            self.report.error(
                fence.line,
                f"Dit blok heeft {len(found)} antwoorden.",
                f"Geef er minstens {at_least} en hoogstens {MOST}, elk als: {how}",
            )
            return question, []
        return question, found if question else []

    def plain_list(self, found: Sequence[Entry]) -> tuple[str, ...]:
        """Entries that are words, without feedback."""
        for entry in found:
            self.words_only(entry.text, entry.line)
            self.no_feedback(entry)
        return tuple(" ".join(entry.text.split()) for entry in found)

    def no_feedback(self, entry: Entry) -> None:
        if entry.feedback:
            self.report.error(
                entry.feedback_line, "Hier past geen uitleg.", "Haal de regel weg, of zet ze in de tekst."
            )

    def needs_feedback(self, found: Sequence[Entry]) -> bool:
        for entry in found:
            if not entry.feedback:
                self.report.error(
                    entry.line, "Dit antwoord krijgt geen uitleg.",
                    "Zet eronder, na twee spaties en een dubbelpunt, waarom het wel of niet klopt.",
                )  # fmt: skip
        return all(entry.feedback for entry in found)

    def feedback(self, entry: Entry) -> str:
        """The feedback of an item, where it is wished for but not required."""
        if entry.feedback:
            return self.writer.inline(entry.feedback, entry.feedback_line)
        self.report.warn(
            entry.line,
            "Dit krijgt geen uitleg.",
            "Zet eronder, na twee spaties en een dubbelpunt, waarom het hier hoort.",
        )
        return ""

    def name(self, found: Sequence[Entry], otherwise: Sequence[str]) -> None:
        """A key for every option or item: the author's own, or one that follows from its place."""
        for place, entry in enumerate(found):
            entry.key = entry.key or otherwise[place]
        for place in duplicates([entry.key for entry in found]):
            self.report.error(
                found[place].line,
                f"De sleutel “{found[place].key}” staat er twee keer.",
                "Kies een andere sleutel.",
            )
