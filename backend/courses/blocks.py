"""From a fence to a block of the document: what each type must have, and the keys of its options and items."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import Literal

from backend.courses import block_types as doc
from backend.courses.drawings import drawing
from backend.courses.fences import Entry, Fence, duplicates, entries
from backend.courses.markdown import MARKS, Writer

OPTION = re.compile(r"[-*] \[(?P<mark>[ xX]?)\]\s+(?P<text>\S.*)")
NUMBERED = re.compile(r"\d+[.)]\s+(?P<text>\S.*)")
DASH = re.compile(r"[-*]\s+(?P<text>\S.*)")
ARROW = re.compile(r"\s+(?:→|->)\s+")
TONES: dict[str, Literal["info", "meet", "warn"]] = {"info": "info", "meet": "meet", "warn": "warn"}
MOST = len(ascii_lowercase)


class Builder:
    """Makes the blocks of one lesson. A block with an error is None and is reported."""

    def __init__(self, writer: Writer, folder: Path) -> None:
        self.writer, self.report, self.folder = writer, writer.report, folder

    def build(self, fence: Fence) -> doc.AnyBlock | None:
        make: dict[str, Callable[[Fence], doc.AnyBlock | None]] = {
            "callout": self._callout,
            "figure": self._figure,
            "fold": self._fold,
            "choice": self._choice,
            "multiple": self._multiple,
            "truefalse": self._truefalse,
            "order": self._order,
            "match": self._match,
            "sort": self._sort,
            "private": self._private,
            "reflection": self._reflection,
            "takeaway": self._takeaway,
        }
        return make[fence.type](fence) if fence.type in make else None

    # ── what one reads ──

    def _callout(self, fence: Fence) -> doc.Callout | None:
        tone = fence.fields.get("tone", "info")
        if tone not in TONES:
            self.report.error(
                fence.field_lines["tone"], f"De toon “{tone[:40]}” bestaat niet.", "Kies info, meet of warn."
            )
            return None
        title, html = self._title(fence), self._body(fence)
        return (
            doc.Callout(key=fence.key, tone=TONES[tone], title=title, html=html) if title and html else None
        )

    def _fold(self, fence: Fence) -> doc.Fold | None:
        title, html = self._title(fence), self._body(fence)
        return doc.Fold(key=fence.key, title=title, html=html) if title and html else None

    def _takeaway(self, fence: Fence) -> doc.Takeaway | None:
        html = self._sentence(fence, fence.text, "Deze zin om mee te nemen is leeg.")
        return doc.Takeaway(key=fence.key, html=html) if html else None

    def _reflection(self, fence: Fence) -> doc.Reflection | None:
        html = self._sentence(fence, fence.text, "Er staat geen vraag in dit blok.")
        return (
            doc.Reflection(key=fence.key, prompt_html=html, plan=fence.fields.get("plan", ""))
            if html
            else None
        )

    def _private(self, fence: Fence) -> doc.Private | None:
        intro, prompts = entries(fence, DASH, "- een vraag", self.report)
        if not prompts:
            self.report.error(
                fence.line,
                "Er is geen veld om in te schrijven.",
                "Zet onder de tekst regels zoals: - Wat zag ik?",
            )
            return None
        for prompt in prompts:
            self._plain(prompt.text, prompt.line)
        html = self.writer.html(intro, fence.text_line) if intro else ""
        return doc.Private(key=fence.key, html=html, prompts=tuple(" ".join(p.text.split()) for p in prompts))

    def _figure(self, fence: Fence) -> doc.Figure | None:
        alt, image = fence.fields.get("alt", ""), fence.fields.get("image", "")
        if not alt:
            self.report.error(
                fence.line, "De tekening heeft geen alt:.",
                "Beschrijf wat iemand die de tekening niet ziet, moet weten.",
            )  # fmt: skip
        svg = self._svg(fence, image)
        caption = self.writer.inline(fence.text, fence.text_line) if fence.text.strip() else ""
        if not (alt and svg):
            return None
        return doc.Figure(
            key=fence.key, svg=svg, alt=alt, caption_html=caption, credit=fence.fields.get("credit", "")
        )

    def _svg(self, fence: Fence, image: str) -> str:
        line = fence.field_lines.get("image", fence.line)
        if not image.endswith(".svg"):
            self.report.error(
                line, "De tekening ontbreekt.", "Schrijf bijvoorbeeld image: figuren/drie-vormen.svg"
            )
            return ""
        try:
            path = (self.folder / image).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                raise FileNotFoundError
            source = path.read_text("utf-8")
        except (OSError, ValueError):
            self.report.error(
                line, f"Het bestand {image[:80]} is er niet.", "Zet de tekening in de map figuren, als UTF-8."
            )
            return ""
        return drawing(source, self.report.of(f"{Path(self.report.file).parent.as_posix()}/{image}"))

    # ── what one answers ──

    def _choice(self, fence: Fence) -> doc.Choice | None:
        question, found = self._options(fence)
        right = [entry for entry in found if entry.mark == "x"]
        if found and len(right) != 1:
            self.report.error(
                right[1].line if right else fence.line,
                f"Deze vraag heeft {len(right) or 'geen'} juiste antwoorden.",
                "Zet bij precies één antwoord [x]. Zijn er meer juist? Gebruik dan multiple.",
            )
            return None
        return (
            doc.Choice(key=fence.key, question_html=question, options=self._as_options(found))
            if found
            else None
        )

    def _multiple(self, fence: Fence) -> doc.Multiple | None:
        question, found = self._options(fence)
        if found and not any(entry.mark == "x" for entry in found):
            self.report.error(
                fence.line, "Deze vraag heeft geen juist antwoord.", "Zet bij elk juist antwoord [x]."
            )
            return None
        return (
            doc.Multiple(key=fence.key, question_html=question, options=self._as_options(found))
            if found
            else None
        )

    def _truefalse(self, fence: Fence) -> doc.TrueFalse | None:
        question, found = self._options(fence)
        if [entry.text for entry in found] != ["Juist", "Niet juist"] or sum(
            e.mark == "x" for e in found
        ) != 1:
            self.report.error(
                fence.line, "Bij deze stelling kloppen de antwoorden niet.",
                "Schrijf eerst Juist en dan Niet juist, en zet bij één van de twee [x].",
            )  # fmt: skip
            return None
        found[0].key, found[1].key = "juist", "niet-juist"
        reason = fence.fields.get("reason", "")
        self._plain(reason, fence.field_lines.get("reason", fence.line))
        return doc.TrueFalse(
            key=fence.key, question_html=question, options=self._as_options(found), reason=reason
        )

    def _options(self, fence: Fence) -> tuple[str, list[Entry]]:
        """The question and its options; none when something is wrong."""
        question, found = self._question(fence, OPTION, "- [ ] een antwoord", at_least=2)
        for entry in found:
            if not entry.feedback:
                self.report.error(
                    entry.line, "Dit antwoord krijgt geen uitleg.",
                    "Zet eronder, na twee spaties en een dubbelpunt, waarom het wel of niet klopt.",
                )  # fmt: skip
        self._name(found, ascii_lowercase)
        return question, found if all(entry.feedback for entry in found) else []

    def _as_options(self, found: Iterable[Entry]) -> tuple[doc.Option, ...]:
        return tuple(
            doc.Option(
                key=entry.key,
                html=self.writer.inline(entry.text, entry.line),
                feedback_html=self.writer.inline(entry.feedback, entry.feedback_line),
                is_right=entry.mark == "x",
            )
            for entry in found
        )

    def _order(self, fence: Fence) -> doc.Order | None:
        question, found = self._question(fence, NUMBERED, "1. een stap", at_least=2)
        if not found:
            return None
        self._name(found, [_opaque(fence.key, "item", n) for n in range(len(found))])
        items = self._as_items(found, [str(n) for n in range(1, len(found) + 1)])
        return doc.Order(
            key=fence.key, question_html=question, items=items, shown=_shuffled(fence.key, items)
        )

    def _match(self, fence: Fence) -> doc.Match | None:
        question, found = self._question(fence, DASH, "- links → rechts", at_least=2)
        labels = self._split(found)
        if not labels:
            return None
        if len(set(labels)) < 2:
            self.report.error(
                fence.line, "Er is maar één rechterkant.", "Geef minstens twee verschillende rechterkanten."
            )
            return None
        self._name(found, ascii_lowercase)
        places = {
            label: doc.Place(key=_opaque(fence.key, "place", n), label=label)
            for n, label in enumerate(dict.fromkeys(labels))
        }
        return doc.Match(
            key=fence.key,
            question_html=question,
            items=self._as_items(found, [places[label].key for label in labels]),
            places=tuple(sorted(places.values(), key=lambda place: place.label.casefold())),
        )

    def _sort(self, fence: Fence) -> doc.Sort | None:
        question, found = self._question(fence, DASH, "- iets → kolom", at_least=2)
        line = fence.field_lines.get("columns", fence.line)
        names = [name.strip() for name in fence.fields.get("columns", "").split("|")]
        if not 2 <= len(names) <= MOST or not all(names) or len(set(names)) < len(names):
            self.report.error(
                line, "De kolommen kloppen niet.", "Schrijf bijvoorbeeld columns: conflict | polarisatie"
            )
            return None
        columns = {name: doc.Place(key=ascii_lowercase[n], label=name) for n, name in enumerate(names)}
        labels = self._split(found)
        for entry, label in zip(found, labels, strict=False):
            if label not in columns:
                self.report.error(
                    entry.line, f"Er is geen kolom “{label[:60]}”.", "Kies uit: " + ", ".join(names) + "."
                )
        if not labels or not set(labels) <= set(columns):
            return None
        self._name(found, ascii_lowercase)
        items = self._as_items(found, [columns[label].key for label in labels])
        return doc.Sort(key=fence.key, question_html=question, items=items, places=tuple(columns.values()))

    def _split(self, found: Sequence[Entry]) -> list[str]:
        """Takes the right-hand side off every item; an empty list when one has none."""
        labels = []
        for entry in found:
            *left, label = ARROW.split(" ".join(entry.text.split()))
            if len(left) != 1:
                self.report.error(
                    entry.line,
                    "Hier hoort precies één pijl.",
                    "Schrijf - links → rechts, met spaties rond de pijl.",
                )
                continue
            self._plain(label, entry.line)
            entry.text = left[0]
            labels.append(label)
        return labels if len(labels) == len(found) else []

    def _as_items(self, found: Sequence[Entry], places: Sequence[str]) -> tuple[doc.Item, ...]:
        for entry in found:
            if not entry.feedback:
                self.report.warn(
                    entry.line,
                    "Dit krijgt geen uitleg.",
                    "Zet eronder, na twee spaties en een dubbelpunt, waarom het hier hoort.",
                )
        return tuple(
            doc.Item(
                key=entry.key,
                html=self.writer.inline(entry.text, entry.line),
                place=place,
                feedback_html=self.writer.inline(entry.feedback, entry.feedback_line)
                if entry.feedback
                else "",
            )
            for entry, place in zip(found, places, strict=True)
        )

    def _question(
        self, fence: Fence, opening: re.Pattern[str], how: str, *, at_least: int
    ) -> tuple[str, list[Entry]]:
        intro, found = entries(fence, opening, how, self.report)
        question = self._sentence(fence, intro, "Er staat geen vraag boven de antwoorden.")
        if not at_least <= len(found) <= MOST:
            self.report.error(
                fence.line,
                f"Dit blok heeft {len(found)} antwoorden.",
                f"Geef er minstens {at_least} en hoogstens {MOST}, elk als: {how}",
            )
            return question, []
        return question, found if question else []

    def _name(self, found: Sequence[Entry], otherwise: Sequence[str]) -> None:
        """A key for every option or item: the author's own, or one that follows from its place."""
        for place, entry in enumerate(found):
            entry.key = entry.key or otherwise[place]
        for place in duplicates([entry.key for entry in found]):
            self.report.error(
                found[place].line,
                f"De sleutel “{found[place].key}” staat er twee keer.",
                "Kies een andere sleutel.",
            )

    # ── pieces ──

    def _title(self, fence: Fence) -> str:
        title = fence.fields.get("title", "")
        if not title:
            self.report.error(
                fence.line, "Dit blok heeft geen title:.", "Zet onder het begin: title: een korte titel"
            )
        self._plain(title, fence.field_lines.get("title", fence.line))
        return title

    def _body(self, fence: Fence) -> str:
        if not fence.text.strip():
            self.report.error(fence.line, "Dit blok is leeg.", "Schrijf er tekst in, of haal het weg.")
            return ""
        return self.writer.html(fence.text, fence.text_line, heading=fence.fields.get("title", ""))

    def _sentence(self, fence: Fence, text: str, message: str) -> str:
        if not text.strip():
            self.report.error(fence.line, message, "Schrijf ze meteen onder het begin van het blok.")
            return ""
        return self.writer.inline(text, fence.text_line)

    def _plain(self, text: str, line: int) -> None:
        """Titles, columns and prompts are words only."""
        if any(mark.search(text) for mark in MARKS):
            self.report.error(
                line,
                "Hier kan geen begrip of bron staan.",
                "Gebruik het begrip of de bron in de tekst ernaast.",
            )


def _opaque(block: str, kind: str, number: int) -> str:
    """A key that follows from the place in the file but does not show it: the place is the answer."""
    return hashlib.sha256(f"{block}/{kind}/{number}".encode()).hexdigest()[:6]


def _shuffled(block: str, items: Sequence[doc.Item]) -> tuple[str, ...]:
    """An order that is wrong on purpose and always the same."""
    right = [item.key for item in items]
    shown = sorted(right, key=lambda key: hashlib.sha256(f"{block}:{key}".encode()).digest())
    return tuple(shown if shown != right else shown[1:] + shown[:1])
