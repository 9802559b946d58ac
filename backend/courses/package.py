"""Reads the folder `content/`: YAML and Markdown become documents, and everything that is wrong becomes a problem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.courses import documents as doc
from backend.courses.block_types import AnyBlock, Question, Text
from backend.courses.blocks import Builder
from backend.courses.fences import KEY_ADVICE, Prose, Section, duplicates, front_matter, is_key, sections
from backend.courses.markdown import SOURCE, Writer, slug
from backend.courses.problems import Problem, Report
from backend.courses.yaml_file import Mapped, read_yaml
from backend.fields import CONTROL, INVISIBLE

H = TypeVar("H", bound=BaseModel)
TERMS, SOURCES, COURSE = "begrippen.yaml", "bronnen.yaml", "course.yaml"


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_min_length=1)


class LessonHead(_Head):
    """The front matter of a lesson."""

    key: str
    title: str
    short: str
    minutes: int = Field(ge=1, le=60)
    goals: tuple[str, ...] = Field(min_length=1)
    sources: tuple[str, ...] = ()
    checked: date
    review_before: date


class Review(_Head):
    state: str
    by: tuple[str, ...] = ()


class CourseHead(_Head):
    """`course.yaml`."""

    key: str
    number: int = Field(ge=1)
    title: str
    subtitle: str
    summary: str
    minutes: int = Field(ge=1)
    language: str
    goals: tuple[str, ...] = Field(min_length=1)
    made_by: tuple[str, ...] = Field(min_length=1)
    lessons: tuple[str, ...] = Field(min_length=1)
    review: Review


class SourceHead(_Head):
    title: str
    by: str = ""
    year: str = ""
    url: str = Field("", pattern=r"^https?://[^\s\"<>]+$")
    checked: date | None = None


@dataclass
class Library:
    """What the lessons of all modules share."""

    words: dict[str, doc.Term] = field(default_factory=dict)
    sources: dict[str, doc.Source] = field(default_factory=dict)


def read_folder(folder: Path) -> tuple[list[doc.CourseDocument], list[Problem]]:
    """Every module that can be published, and every problem by file and line. Never raises for what a file holds."""
    report = Report(folder.name)
    library = Library(
        _terms(folder / TERMS, report.of(f"{folder.name}/{TERMS}")),
        _sources(folder / SOURCES, report.of(f"{folder.name}/{SOURCES}")),
    )
    courses = []
    folders = sorted(path.parent for path in folder.glob(f"*/{COURSE}"))
    if not folders:
        report.error(1, "Er is geen enkele module.", f"Maak een map met daarin {COURSE}.")
    for each in folders:
        course = _course(each, f"{folder.name}/{each.name}", library, report.problems)
        if course is not None:
            courses.append(course)
    courses.sort(key=lambda course: (course.number, course.key))
    return courses, sorted(set(report.problems))


def read_lesson(text: str, number: str, folder: Path, library: Library, report: Report) -> doc.Lesson | None:
    """One lesson file. None when it has an error; the report says which."""
    before = _errors(report)
    lines = text.split("\n")  # not splitlines(): that also splits at marks an editor does not count
    raw, start = front_matter(lines, report)
    mapped = read_yaml(raw, report, first_line=2)
    head = _validated(LessonHead, mapped, report) if start else None
    if head is None:
        return None
    _check_head(head, mapped, library, report)
    writer = Writer(report, library.words, library.sources, head.sources)
    writer.sources = {key: library.sources[key] for key in _named_sources(lines[start:], head, library)}
    parts = _parts(sections(lines, start, report), Builder(writer, folder), report)
    for key in head.sources:
        if key in library.sources and key not in writer.sources:
            report.warn(
                mapped.line("sources"),
                f"Bron {key} komt in de les niet voor.",
                "Verwijs ernaar, of haal ze weg.",
            )
    if _errors(report) > before:
        return None
    return doc.Lesson(
        key=head.key, number=number, title=head.title, short=head.short, minutes=head.minutes, goals=head.goals, parts=parts,
        sources=tuple(writer.sources.values()),
        terms=tuple(sorted(writer.terms.values(), key=lambda term: term.word.casefold())),
        checked=head.checked, review_before=head.review_before,
    )  # fmt: skip


def _named_sources(lines: Sequence[str], head: LessonHead, library: Library) -> list[str]:
    """The sources in the order in which the text names them: their numbers must be known before the text is rendered."""
    named = dict.fromkeys(key for line in lines for key in SOURCE.findall(line))
    return [key for key in named if key in head.sources and key in library.sources]


def _check_head(head: LessonHead, mapped: Mapped, library: Library, report: Report) -> None:
    if not is_key(head.key):
        report.error(mapped.line("key"), f"De sleutel “{head.key[:40]}” kan niet.", KEY_ADVICE)
    elif head.key != Path(report.file).stem:
        report.error(
            mapped.line("key"), f"De sleutel “{head.key}” is niet de naam van het bestand.", "Maak ze gelijk."
        )
    if head.review_before <= head.checked:
        report.error(
            mapped.line("review_before"),
            "De les moet opnieuw bekeken worden vóór ze nagekeken is.",
            "Zet review_before later dan checked.",
        )
    for key in head.sources:
        if key not in library.sources:
            report.error(
                mapped.line("sources"),
                f"Bron {key} staat niet in {SOURCES}.",
                "Voeg de bron toe, of verbeter de code.",
            )


def _parts(found: Sequence[Section], builder: Builder, report: Report) -> tuple[doc.Part, ...]:
    parts: list[doc.Part] = []
    taken: dict[str, int] = {}  # key → line
    is_first = True
    for section in found:
        blocks: list[AnyBlock] = []
        for piece in section.pieces:
            block: AnyBlock | None
            if isinstance(piece, Prose):
                html = builder.writer.html(piece.text, piece.line, heading=piece.heading, lead=is_first)
                block = Text(key=_free("t-" + slug(piece.heading)[:60], taken), html=html)
                is_first = False
            else:
                if piece.key in taken:
                    report.error(
                        piece.line,
                        f"De sleutel “{piece.key}” staat ook op regel {taken[piece.key]}.",
                        "Kies een andere sleutel.",
                    )
                block = builder.build(piece)
            if block is not None:
                taken.setdefault(block.key, piece.line)
                blocks.append(block)
        if not blocks:
            report.error(
                section.line,
                f"Het deel “{section.title[:60]}” is leeg.",
                "Schrijf er iets in, of haal de kop weg.",
            )
        parts.append(
            doc.Part(
                key=_free("deel-" + slug(section.title)[:60], taken),
                title=section.title,
                blocks=tuple(blocks),
            )
        )
        taken[parts[-1].key] = section.line
    if not any(isinstance(block, Question) for part in parts for block in part.blocks):
        report.error(
            1,
            "Deze les heeft geen enkele vraag.",
            "Voeg een vraag toe: zonder vraag raakt de les nooit klaar.",
        )
    return tuple(parts)


def _free(key: str, taken: Mapping[str, int]) -> str:
    """The key, or with a number behind it when the lesson has it already."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free


def _course(folder: Path, name: str, library: Library, problems: list[Problem]) -> doc.CourseDocument | None:
    report = Report(f"{name}/{COURSE}", problems)
    before = _errors(report)
    text = _read(folder / COURSE, report)
    mapped = read_yaml(text or "", report)
    head = _validated(CourseHead, mapped, report) if text is not None else None
    if head is None:
        return None
    if not is_key(head.key) or head.key != folder.name:
        report.error(
            mapped.line("key"),
            f"De sleutel “{head.key[:40]}” is niet de naam van de map.",
            f"Maak ze gelijk. {KEY_ADVICE}",
        )
    if head.language != "nl-BE":
        report.error(
            mapped.line("language"), f"De taal “{head.language[:20]}” kan nog niet.", "Schrijf nl-BE."
        )
    for place in duplicates(head.lessons):
        report.error(
            mapped.line("lessons"), f"De les {head.lessons[place]} staat er twee keer.", "Houd er één over."
        )
    for path in sorted(folder.glob("*.md")):
        if path.stem not in head.lessons:
            report.warn(
                mapped.line("lessons"),
                f"{path.name} staat niet in de lijst van lessen.",
                "Voeg de les toe, of haal het bestand weg.",
            )
    lessons = [
        _lesson(folder, name, key, f"{head.number}.{n}", library, report)
        for n, key in enumerate(head.lessons, 1)
    ]
    if _errors(report) > before:
        return None
    return doc.CourseDocument(
        key=head.key, number=head.number, title=head.title, subtitle=head.subtitle, summary=head.summary,
        minutes=head.minutes, language=head.language, goals=head.goals, made_by=head.made_by,
        review_state=head.review.state, review_by=head.review.by,
        lessons=tuple(lesson for lesson in lessons if lesson is not None),
    )  # fmt: skip


def _lesson(
    folder: Path, name: str, key: str, number: str, library: Library, report: Report
) -> doc.Lesson | None:
    if not is_key(key):
        report.error(1, f"De les “{key[:40]}” kan zo niet heten.", KEY_ADVICE)
        return None
    own = report.of(f"{name}/{key}.md")
    text = _read(folder / f"{key}.md", own)
    return None if text is None else read_lesson(text, number, folder, library, own)


def _terms(path: Path, report: Report) -> dict[str, doc.Term]:
    mapped = read_yaml(_read(path, report) or "", report)
    words: dict[str, doc.Term] = {}
    for word, meaning in mapped.data.items():
        key = slug(word)
        if not isinstance(meaning, str) or not meaning.strip():
            report.error(
                mapped.line(word),
                f"“{word[:60]}” heeft geen betekenis.",
                "Schrijf woord: betekenis. Met een dubbelpunt erin: tussen aanhalingstekens.",
            )
        elif not key or key in {term.key for term in words.values()}:
            report.error(
                mapped.line(word), f"“{word[:60]}” lijkt te veel op een ander woord.", "Houd er één over."
            )
        else:
            words[word] = doc.Term(key=key, word=word, meaning=meaning.strip())
    return words


def _sources(path: Path, report: Report) -> dict[str, doc.Source]:
    mapped = read_yaml(_read(path, report) or "", report)
    found: dict[str, doc.Source] = {}
    for key in mapped.data:
        if not SOURCE.fullmatch(f"[{key}]"):
            report.error(
                mapped.line(key),
                f"“{key[:40]}” kan geen code van een bron zijn.",
                "Schrijf een S en een getal, zoals S31.",
            )
            continue
        head = _validated(SourceHead, mapped.within(key), report)
        if head is not None:
            found[key] = doc.Source(key=key, **head.model_dump())
    return found


def _read(path: Path, report: Report) -> str | None:
    """The text of a file, without marks that nobody sees; None when it cannot be read."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError:
        report.error(1, "Dit bestand is er niet.", "Maak het, of haal de naam weg waar hij genoemd wordt.")
        return None
    except UnicodeDecodeError:
        report.error(1, "Dit bestand is geen UTF-8.", "Bewaar het opnieuw als UTF-8.")
        return None
    for number, line in enumerate(text.split("\n"), start=1):
        if CONTROL.search(line) or INVISIBLE.search(line):
            report.error(number, "Hier staan onzichtbare tekens.", "Typ deze regel opnieuw.")
            return None
    return text


def _validated(model: type[H], mapped: Mapped, report: Report) -> H | None:
    try:
        return model.model_validate({key: value for key, value in mapped.data.items() if value != ""})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            name = str(each["loc"][0]) if each["loc"] else ""
            message, advice = _said(name, each["type"], each["input"])
            report.error(mapped.line(name), message, advice)
        return None


def _said(name: str, kind: str, given: Any) -> tuple[str, str]:
    if kind == "missing":
        return f"{name}: ontbreekt.", f"Voeg {name}: toe."
    if kind == "extra_forbidden":
        return f"{name[:40]}: ken ik niet.", "Kijk na hoe het geschreven is, of haal het weg."
    if name in ("checked", "review_before"):
        return f"{name}: is geen datum.", "Schrijf jaar, maand en dag, zoals 2026-11-22."
    if isinstance(given, str):
        return f"{name}: “{given[:40]}” kan niet.", "Kijk de waarde na."
    return f"{name}: klopt niet.", "Kijk in een andere module hoe het geschreven wordt."


def _errors(report: Report) -> int:
    return sum(not problem.is_warning for problem in report.problems)
