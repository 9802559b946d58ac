"""The shape of a lesson file: front matter, parts, text and fences, each with its line. What they mean: blocks.py."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from backend.courses.problems import Report

# Every type of block with the fields that it may have.
FIELDS: dict[str, tuple[str, ...]] = {
    "callout": ("tone", "title"),
    "figure": ("image", "alt", "credit"),
    "diagram": ("image", "alt", "credit"),
    "video": ("file", "captions", "poster", "title"),
    "audio": ("file", "captions", "title"),
    "quote": ("source", "by"),
    "term": ("word",),
    "reading": (),
    "table": ("title",),
    "download": ("file", "title"),
    "fold": ("title",),
    "warning": ("title",),
    "takeaway": (),
    "choice": ("optional", "peers"),
    "multiple": ("optional", "peers"),
    "truefalse": ("reason", "optional"),
    "order": ("optional",),
    "match": ("optional",),
    "sort": ("columns", "optional", "peers"),
    "triage": ("choices", "several", "optional", "peers"),
    "number": ("answer", "margin", "unit", "right", "wrong", "optional"),
    "short": ("wrong", "optional"),
    "budget": ("points", "unit", "optional"),
    "compare": ("max", "gaps", "optional"),
    "check": ("bank", "draw", "pass", "attempts", "minutes", "optional"),
    "scenario": ("optional",),
    "private": ("gaps", "print"),
    "reflection": ("plan", "rubric"),
    "selfrating": ("labels", "before"),
    "poll": (),
}
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_KEY = 60
RESERVED = (
    "t-",
    "deel-",
    "begrip-",
    "bron-",
    "les-",
    "inhoud",
)  # addresses on the page that we make ourselves
TAKEN = frozenset({"gelezen", "bruikbaar", "fout"})  # addresses below a lesson where something else is sent
OPENING = re.compile(r":::\s*([^\s:]+)(?:\s+(\S+))?\s*(.*)")
FIELD = re.compile(r"([a-z_]+):(?:\s+(.*))?")
OWN_KEY = re.compile(r"\{#([^}\s]*)\}\s*$")
KEY_ADVICE = f"Gebruik kleine letters, cijfers en streepjes, hoogstens {LONGEST_KEY} tekens."


@dataclass(frozen=True)
class Prose:
    """Ordinary Markdown between two fences, at most one section of it. `heading` is the nearest one above."""

    line: int
    text: str
    heading: str


@dataclass
class Fence:
    type: str
    key: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    field_lines: dict[str, int] = field(default_factory=dict)
    body: list[tuple[int, str]] = field(default_factory=list)  # line, text

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.body)

    @property
    def text_line(self) -> int:
        return self.body[0][0] if self.body else self.line

    def line_of(self, name: str) -> int:
        """Where a field stands, or else the block."""
        return self.field_lines.get(name, self.line)

    def split(self) -> tuple["Fence", "Fence | None"]:
        """What stands above and below a line `---`; None when there is no such line."""
        for place, (number, text) in enumerate(self.body):
            if text.strip() == "---":
                above = replace(self, body=self.body[:place])
                below = replace(self, line=number, body=self.body[place + 1 :])
                return above, below
        return self, None


@dataclass
class Section:
    """A part of a lesson, with what stands in it."""

    title: str
    line: int
    pieces: list[Prose | Fence] = field(default_factory=list)


@dataclass
class Entry:
    """One option, item or prompt of a fence."""

    line: int
    text: str
    mark: str = ""  # what stands between the square brackets
    key: str = ""  # chosen by the author with {#key}
    feedback: str = ""
    feedback_line: int = 0


def front_matter(lines: Sequence[str], report: Report) -> tuple[str, int]:
    """The YAML at the top, and after how many lines the lesson itself starts."""
    if not lines or lines[0].strip() != "---":
        report.error(
            1,
            "De gegevens van de les ontbreken.",
            "Begin het bestand met --- en daaronder key:, title: en de rest.",
        )
        return "", 0
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return "\n".join(lines[1:number]), number + 1
    report.error(
        1, "De gegevens bovenaan worden niet afgesloten.", "Zet --- alleen op een regel, onder de gegevens."
    )
    return "", len(lines)


def sections(lines: Sequence[str], start: int, report: Report, *, title: str = "") -> list[Section]:
    """The parts of the lesson. `start`: how many lines were read already. `title`: of a part that begins there."""
    reader = _Reader(report)
    reader.sections = [Section(title, start)] if title else []
    for number, line in enumerate(lines[start:], start=start + 1):
        reader.read(number, line)
    reader.finish()
    return reader.sections


class _Reader:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.sections: list[Section] = []
        self.fence: Fence | None = None
        self.prose: list[tuple[int, str]] = []
        self.heading = ""
        self.in_code = False

    def read(self, number: int, line: str) -> None:
        if line.lstrip().startswith("```") and self.fence is None:
            self.in_code = not self.in_code
        if line.startswith(":::") and not self.in_code:
            self._mark(number, line)
        elif self.fence is not None:
            self._inside(self.fence, number, line)
        elif line.startswith("# ") and not self.in_code:
            self._end_prose()
            self.heading = line[2:].strip()
            self.sections.append(Section(self.heading, number))
        else:
            if line.startswith("## ") and not self.in_code:
                self._end_prose()
                self.heading = line[3:].strip()
            self.prose.append((number, line))

    def finish(self) -> None:
        self._end_prose()
        if self.fence is not None:
            self._unclosed(self.fence)

    def _mark(self, number: int, line: str) -> None:
        self._end_prose()
        if line.strip() == ":::":
            if self.fence is None:
                self.report.error(number, "Hier sluit een blok dat niet open is.", "Haal deze ::: weg.")
            self.fence = None
            return
        if self.fence is not None:
            self._unclosed(self.fence)
        self.fence = self._open(number, line)
        if self.sections:
            self.sections[-1].pieces.append(self.fence)
        else:
            self._outside(number)

    def _open(self, number: int, line: str) -> Fence:
        found = OPENING.fullmatch(line.rstrip())
        if not found:
            self.report.error(number, "Dit begin van een blok begrijp ik niet.", "Schrijf ::: soort sleutel")
            return Fence("", "", number)
        kind, key, rest = found[1], found[2] or "", found[3]
        if kind not in FIELDS:
            meant = get_close_matches(kind, FIELDS, 1)
            self.report.error(
                number, f"Een blok “{kind[:40]}” bestaat niet.",
                f"Bedoel je {meant[0]}?" if meant else "Kies uit: " + ", ".join(FIELDS) + ".",
            )  # fmt: skip
        if not key:
            self.report.error(
                number, "Dit blok heeft geen sleutel.", f"Schrijf ::: {kind[:40]} een-eigen-sleutel"
            )
        elif rest:
            self.report.error(number, "Er staat te veel op deze regel.", "Zet na de sleutel niets meer.")
        elif not is_key(key) or key.startswith(RESERVED) or key in TAKEN:
            self.report.error(
                number, f"De sleutel “{key[:40]}” kan niet.",
                KEY_ADVICE + f" Begin niet met {', '.join(RESERVED)} en kies niet {', '.join(sorted(TAKEN))}.",
            )  # fmt: skip
        return Fence(kind, key, number)

    def _inside(self, fence: Fence, number: int, line: str) -> None:
        found = FIELD.fullmatch(line.rstrip())
        if fence.body or not found:
            if fence.body or line.strip():
                fence.body.append((number, line))
            return
        name, value = found[1], (found[2] or "").strip()
        if name in fence.fields:
            self.report.error(number, f"{name}: staat er twee keer.", "Houd er één over.")
        elif fence.type in FIELDS and name not in FIELDS[fence.type]:
            known = FIELDS[fence.type]
            self.report.error(
                number, f"{name}: hoort niet bij een blok {fence.type}.",
                "Dit kan hier: " + ", ".join(f"{name}:" for name in known) if known
                else "Haal het weg, of begin de zin met een hoofdletter.",
            )  # fmt: skip
        else:
            fence.fields[name], fence.field_lines[name] = value, number

    def _unclosed(self, fence: Fence) -> None:
        self.report.error(
            fence.line, "Dit blok wordt niet gesloten.", "Zet ::: alleen op een regel, onder het blok."
        )
        self.fence = None

    def _outside(self, number: int) -> None:
        self.report.error(
            number,
            "Dit staat nog niet in een deel van de les.",
            "Zet er een kop boven, zoals # Waarom dit ertoe doet",
        )

    def _end_prose(self) -> None:
        while self.prose and not self.prose[0][1].strip():
            self.prose.pop(0)
        if self.prose:
            number, text = self.prose[0][0], "\n".join(line for _, line in self.prose).rstrip()
            if self.sections:
                self.sections[-1].pieces.append(Prose(number, text, self.heading))
            else:
                self._outside(number)
        self.prose = []


def is_key(key: str) -> bool:
    return bool(KEY.fullmatch(key)) and len(key) <= LONGEST_KEY


def entries(fence: Fence, opening: re.Pattern[str], how: str, report: Report) -> tuple[str, list[Entry]]:
    """The text of a fence and the list below it. `opening` gives the groups `text` and perhaps `mark`; `how` shows one."""
    found: list[Entry] = []
    intro: list[str] = []
    for number, line in fence.body:
        if start := opening.fullmatch(line.rstrip()):
            found.append(_entry(number, start, report))
        elif not found:
            intro.append(line)
        elif line.startswith((" ", "\t")) and line.strip():
            _continue(found[-1], number, line.strip(), report)
        elif line.strip():
            report.error(
                number, "Deze regel hoort nergens bij.",
                f"Begin een nieuwe regel met {how}, uitleg met twee spaties en een dubbelpunt.",
            )  # fmt: skip
    return "\n".join(intro).strip(), found


def _entry(number: int, start: re.Match[str], report: Report) -> Entry:
    groups = start.groupdict()
    text, key = groups["text"].strip(), ""
    if own := OWN_KEY.search(text):
        text, key = text[: own.start()].rstrip(), own[1]
        if not is_key(key):
            report.error(number, f"De sleutel “{key[:40]}” kan niet.", KEY_ADVICE)
    return Entry(number, text, (groups.get("mark") or "").strip().lower(), key)


def _continue(entry: Entry, number: int, text: str, report: Report) -> None:
    """An indented line: feedback, or more of what stands above it."""
    if not text.startswith(":"):
        if entry.feedback:
            entry.feedback += "\n" + text
        else:
            entry.text += "\n" + text
    elif entry.feedback:
        report.error(
            number,
            "Hier staat een tweede uitleg.",
            "Houd er één over; zet meer tekst op de volgende regel, zonder dubbelpunt.",
        )
    else:
        entry.feedback, entry.feedback_line = text[1:].strip(), number


def duplicates(keys: Sequence[str]) -> Iterator[int]:
    """The places of keys that stood there before."""
    seen: set[str] = set()
    for place, key in enumerate(keys):
        if key in seen:
            yield place
        seen.add(key)
