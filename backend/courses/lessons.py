"""Reads one lesson: front matter, parts, blocks, and when it is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from backend.courses import documents as doc
from backend.courses.block_reader import BlockReader, Material
from backend.courses.block_types import AnyBlock, Check, QuestionBlock, ScenarioBlock, Text
from backend.courses.blocks import build, file_of
from backend.courses.completion_rules import read_rules
from backend.courses.fences import Fence, Prose, Section, front_matter, sections
from backend.courses.heads import LessonHead, check_key, check_opening, errors, validated
from backend.courses.markdown import SOURCE, Writer, slug
from backend.courses.problems import Report
from backend.courses.yaml_file import Mapped, read_yaml

MOST_BLOCKS = 200


def read_lesson(text: str, number: str, material: Material, report: Report) -> doc.Lesson | None:
    """One lesson file. None when it has an error; the report says which."""
    before = errors(report)
    lines = text.split("\n")  # not splitlines(): that also splits at marks an editor does not count
    raw, start = front_matter(lines, report)
    mapped = read_yaml(raw, report, first_line=2)
    head = validated(LessonHead, mapped, report) if start else None
    if head is None:
        return None
    _check_head(head, mapped, material, report)
    found = sections(lines, start, report)
    if not _is_reasonable(found, report):
        return None
    library = material.library
    writer = Writer(report, library.words, library.sources, head.sources)
    named = [key for key in _named_sources(found, material) if key in head.sources]
    writer.sources = {key: library.sources[key] for key in named if key in library.sources}
    built = _Built(BlockReader(writer, material, head.key))
    parts = tuple(built.part(section) for section in found)
    rules = read_rules(mapped, parts, built.aside, report)
    if not head.sources and not any(piece.type == "scenario" for piece in _fences(found)):
        report.warn(1, "Deze les noemt geen enkele bron.", "Voeg sources: toe, en verwijs ernaar met [S31].")
    for key in head.sources:
        if key in library.sources and key not in writer.sources:
            report.warn(
                mapped.line("sources"),
                f"Bron {key} komt in de les niet voor.",
                "Verwijs ernaar, of haal ze weg.",
            )
    if errors(report) > before:
        return None
    return doc.Lesson(
        key=head.key, number=number, title=head.title, short=head.short, minutes=head.minutes, goals=head.goals, parts=parts,
        sources=tuple(writer.sources.values()),
        terms=tuple(sorted(writer.terms.values(), key=lambda term: term.word.casefold())),
        checked=head.checked, review_before=head.review_before, complete=rules, after=head.after,
        opens_on=head.opens_on, closes_on=head.closes_on, legal_on=head.legal_on,
    )  # fmt: skip


def _check_head(head: LessonHead, mapped: Mapped, material: Material, report: Report) -> None:
    check_key(head.key, PurePosixPath(report.file).stem, "het bestand", mapped, report)
    check_opening(head, mapped, report)
    if head.review_before <= head.checked:
        report.error(
            mapped.line("review_before"),
            "De les moet opnieuw bekeken worden vóór ze nagekeken is.",
            "Zet review_before later dan checked.",
        )
    elif material.today and head.review_before < material.today:
        report.warn(
            mapped.line("review_before"),
            f"Deze les moest vóór {head.review_before} opnieuw bekeken worden.",
            "Kijk de feiten en bronnen na, en zet dan checked: en review_before: later.",
        )
    for key in head.sources:
        if key not in material.library.sources:
            report.error(
                mapped.line("sources"),
                f"Bron {key[:40]} staat niet in bronnen.yaml.",
                "Voeg de bron toe, of verbeter de code.",
            )


def _is_reasonable(found: Sequence[Section], report: Report) -> bool:
    """Said before anything of it is rendered."""
    pieces = [piece for section in found for piece in section.pieces]
    if len(pieces) > MOST_BLOCKS:
        report.error(
            pieces[MOST_BLOCKS].line, f"Deze les heeft {len(pieces)} blokken.",
            f"Maak er meer dan één les van. Hoogstens {MOST_BLOCKS} blokken.",
        )  # fmt: skip
    return len(pieces) <= MOST_BLOCKS


def _fences(found: Sequence[Section]) -> Iterator[Fence]:
    return (piece for section in found for piece in section.pieces if isinstance(piece, Fence))


def _named_sources(found: Sequence[Section], material: Material) -> list[str]:
    """The sources in the order in which the text names them: their numbers must be known before the text is rendered."""
    texts = (text for section in found for piece in section.pieces for text in _texts(piece, material))
    return list(dict.fromkeys(key for text in texts for key in SOURCE.findall(text)))


def _texts(piece: Prose | Fence, material: Material) -> Iterator[str]:
    if isinstance(piece, Prose):
        yield piece.text
        return
    yield f"[{piece.fields.get('source', '')}]"
    yield from piece.fields.values()
    yield piece.text
    if path := file_of(piece):
        yield material.files.get(path, b"").decode(errors="replace")


@dataclass
class _Built:
    """The lesson as far as it is read: which keys are taken, and which blocks stand behind a content warning."""

    reader: BlockReader
    taken: dict[str, int] = field(default_factory=dict)  # key → line
    aside: set[str] = field(default_factory=set)
    has_prose: bool = False

    def part(self, section: Section) -> doc.Part:
        blocks: list[AnyBlock] = []
        is_aside = False
        for piece in section.pieces:
            block = self._text(piece) if isinstance(piece, Prose) else self._fence(piece)
            if is_aside and not isinstance(piece, Prose):
                self.aside.add(piece.key)
                block = _uncounted(block)
            if isinstance(piece, Fence) and piece.type == "warning":
                is_aside = True
            if block is not None:
                self.taken.setdefault(block.key, piece.line)
                blocks.append(block)
        if not section.pieces:
            self.reader.report.error(
                section.line,
                f"Het deel “{section.title[:60]}” is leeg.",
                "Schrijf er iets in, of haal de kop weg.",
            )
        key = _free("deel-" + slug(section.title)[:60], self.taken)
        self.taken[key] = section.line
        return doc.Part(key=key, title=section.title, blocks=tuple(blocks))

    def _text(self, piece: Prose) -> Text:
        html = self.reader.writer.html(piece.text, piece.line, heading=piece.heading, lead=not self.has_prose)
        self.has_prose = True
        return Text(key=_free("t-" + slug(piece.heading)[:60], self.taken), html=html)

    def _fence(self, fence: Fence) -> AnyBlock | None:
        if fence.key in self.taken:
            self.reader.report.error(
                fence.line,
                f"De sleutel “{fence.key}” staat ook op regel {self.taken[fence.key]}.",
                "Kies een andere sleutel.",
            )
        return build(self.reader, fence)


def _uncounted(block: AnyBlock | None) -> AnyBlock | None:
    if isinstance(block, QuestionBlock | Check | ScenarioBlock):
        return block.model_copy(update={"counts": False})
    return block


def _free(key: str, taken: Mapping[str, int]) -> str:
    """The key, or with a number behind it when the lesson has it already."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
