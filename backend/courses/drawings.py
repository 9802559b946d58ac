"""Drawings (SVG) of a lesson: checked element by element and written anew, so that nothing else reaches a page."""

import re
from html import escape
from xml.parsers import expat

from backend.courses.problems import Report
from backend.fields import CONTROL, INVISIBLE

LARGEST = 60_000  # characters
GEOMETRY = {"cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "width", "height"}
ELEMENTS = {
    "svg": {"viewBox"},
    "g": set[str](),
    "path": {"d"},
    "circle": GEOMETRY,
    "rect": GEOMETRY,
    "line": GEOMETRY,
    "polyline": {"points"},
    "polygon": {"points"},
    "ellipse": GEOMETRY,
    "text": GEOMETRY | {"text-anchor"},
    "tspan": GEOMETRY,
    "title": set[str](),
    "desc": set[str](),
}
EVERYWHERE = {"class", "transform"}
WORDS = {"title", "desc"}  # replaced by the text alternative of the figure
TEXT = {"text", "tspan"} | WORDS
CLASSES = {"fa", "fb", "fm", "fmf", "fl", "ft", "pa", "pb"}
NUMBERS = r"[\d\s.,eE+-]*"
VALUES = {
    "d": re.compile(r"[\d\s.,eE+MmLlHhVvCcSsQqTtAaZz-]*"),
    "points": re.compile(NUMBERS),
    "viewBox": re.compile(r"\s*-?[\d.]+(?:[\s,]+-?[\d.]+){3}\s*"),
    "transform": re.compile(rf"(?:\s*(?:translate|rotate|scale)\({NUMBERS}\))*\s*"),
    "text-anchor": re.compile("start|middle|end"),
    "class": re.compile(r"\s*(?:" + "|".join(sorted(CLASSES)) + r")(?:\s+(?:" + "|".join(sorted(CLASSES)) + r"))*\s*"),
}  # fmt: skip
NUMBER = re.compile(r"-?\d*\.?\d+")
ALLOWED_ATTRIBUTES = (
    "Weg met kleuren, stijlen en verwijzingen; een vorm krijgt haar kleur van class: "
    + ", ".join(sorted(CLASSES))
)


class _Drawing:
    """Listens to the XML parser and writes down what is allowed."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.out: list[str] = []
        self.open: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction

    def _error(self, message: str, advice: str) -> None:
        self.report.error(self.parser.CurrentLineNumber, message, advice)

    def _doctype(self, *_: object) -> None:
        raise _Refused("Een tekening mag geen DOCTYPE hebben.")

    def _instruction(self, *_: object) -> None:
        raise _Refused("Een tekening mag geen instructies (<?…?>) hebben.")

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.open.append(name)
        if (name == "svg") != (len(self.open) == 1):
            self._error(f"<{name}> staat hier verkeerd.", "Een tekening is één <svg>, met de vormen erin.")
        elif name not in ELEMENTS:
            self._error(
                f"<{name}> kan niet in een tekening.", "Gebruik: " + ", ".join(sorted(ELEMENTS)) + "."
            )
        elif name not in WORDS:
            if name == "svg":
                given.pop("xmlns", None)
                if "viewBox" not in given:
                    self._error(
                        "De tekening heeft geen viewBox.", 'Schrijf bijvoorbeeld viewBox="0 0 400 200".'
                    )
            self.out.append(f"<{name}{self._attributes(name, given)}>")

    def _attributes(self, name: str, given: dict[str, str]) -> str:
        kept = []
        for key, value in given.items():
            if key not in ELEMENTS[name] | EVERYWHERE:
                self._error(f"{key} kan niet bij <{name}>.", ALLOWED_ATTRIBUTES + ".")
            elif not VALUES.get(key, NUMBER).fullmatch(value):
                self._error(f'{key}="{value[:40]}" kan niet bij <{name}>.', _advice(key))
            else:
                kept.append(f' {key}="{escape(value)}"')
        return "".join(kept)

    def _end(self, name: str) -> None:
        self.open.pop()
        if name in ELEMENTS and name not in WORDS:
            self.out.append(f"</{name}>")

    def _text(self, text: str) -> None:
        if not text.strip():
            return
        if self.open[-1] not in TEXT:
            self._error("Hier staat losse tekst in de tekening.", 'Zet woorden in <text class="ft">.')
        elif CONTROL.search(text) or INVISIBLE.search(text):
            self._error("Hier staan onzichtbare tekens.", "Typ deze woorden opnieuw.")
        elif self.open[-1] not in WORDS:
            self.out.append(escape(text))


class _Refused(ValueError):
    pass


def _advice(key: str) -> str:
    if key == "class":
        return "Gebruik: " + ", ".join(sorted(CLASSES)) + "."
    return "Gebruik alleen getallen, zonder eenheid." if key in GEOMETRY else "Kijk de waarde na."


def drawing(svg: str, report: Report) -> str:
    """The same drawing with only shapes and words in it, without line breaks; "" and a report when it cannot be used."""
    before = len(report.problems)
    reader = _Drawing(report)
    if len(svg) > LARGEST:
        report.error(1, "De tekening is te groot.", f"Maak ze eenvoudiger: hoogstens {LARGEST} tekens.")
        return ""
    try:
        reader.parser.Parse(svg, True)  # noqa: FBT003 - the parser's own signature: this is the last piece
    except _Refused as error:
        report.error(reader.parser.CurrentLineNumber, str(error), "Laat alleen het <svg>-element staan.")
    except (expat.ExpatError, ValueError) as error:
        line = getattr(error, "lineno", 1)
        report.error(line, "Dit is geen geldige SVG.", "Bewaar de tekening opnieuw als gewone SVG.")
    return "" if len(report.problems) > before else "".join(reader.out)
