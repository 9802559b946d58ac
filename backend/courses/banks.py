"""A test in a lesson, and the bank of questions (`vragen/<name>.md`) that it draws from."""

from collections.abc import Callable
from dataclasses import replace

from backend.courses import block_types as doc
from backend.courses import question_blocks as picked
from backend.courses import written_questions as written
from backend.courses.block_reader import BlockReader
from backend.courses.documents import PASS_PERCENT
from backend.courses.fences import FIELDS, Fence, duplicates, front_matter, sections
from backend.courses.files import read_text
from backend.courses.heads import BankHead, errors, validated
from backend.courses.problems import Report
from backend.courses.yaml_file import read_yaml

MOST_QUESTIONS = 200
ATTEMPTS = 3
MEANINGLESS = {"optional", "peers"}
# What a test can hold: every question that is right or wrong.
GRADED: dict[str, Callable[[BlockReader, Fence], doc.Graded | None]] = {
    "choice": picked.choice,
    "multiple": picked.multiple,
    "truefalse": picked.truefalse,
    "order": picked.order,
    "match": picked.match,
    "sort": picked.sort,
    "triage": picked.triage,
    "number": written.number,
    "short": written.short,
    "budget": written.budget,
}


def check(reader: BlockReader, fence: Fence) -> doc.Check | None:
    bank = reader.required(fence, "bank", "Noem het bestand in vragen/, zoals bank: toets")
    html = reader.may_be_body(fence)
    found = _bank(reader, fence) if bank else None
    if found is None:
        return None
    title, questions = found
    minutes = reader.whole(fence, "minutes", 0, 1, 240)
    return doc.Check(
        key=fence.key, title=title, html=html, questions=questions, minutes=minutes,
        draw=reader.whole(fence, "draw", len(questions), 1, len(questions)),
        pass_percent=reader.whole(fence, "pass", PASS_PERCENT, 1, 100),
        attempts=reader.whole(fence, "attempts", ATTEMPTS, 1, 20),
        counts=not reader.is_yes(fence, "optional"),
    )  # fmt: skip


def bank_path(fence: Fence) -> str:
    return f"vragen/{fence.fields.get('bank', '')}.md"


def _bank(reader: BlockReader, fence: Fence) -> tuple[str, tuple[doc.Graded, ...]] | None:
    """The title of a bank and its questions; None, with a report, when something of it is wrong."""
    path = bank_path(fence)
    reader.material.used.add(path)
    if path not in reader.material.files:
        reader.report.error(
            fence.line_of("bank"),
            f"Er is geen bestand {path[:80]}.",
            "Maak het, of verbeter de naam na bank:.",
        )
        return None
    report = reader.report.of(f"{reader.material.place}/{path}")
    before = errors(report)
    text = read_text(reader.material.files, path, report)
    if text is None:
        return None
    lines = text.split("\n")
    raw, start = front_matter(lines, report)
    head = validated(BankHead, read_yaml(raw, report, first_line=2), report) if start else None
    fences = _fences(lines, start, report)
    own = BlockReader(replace(reader.writer, report=report), reader.material, reader.lesson_key)
    if len(fences) > MOST_QUESTIONS:
        report.error(
            fences[MOST_QUESTIONS].line,
            f"Deze bank heeft {len(fences)} vragen.",
            f"Hoogstens {MOST_QUESTIONS}.",
        )
        return None
    questions = [_question(own, each) for each in fences]
    if not fences and errors(report) == before:
        report.error(1, "In deze bank staat geen enkele vraag.", "Zet er vragen in, zoals ::: choice sleutel")
    if head is None or errors(report) > before:
        return None
    return head.title, tuple(question for question in questions if question is not None)


def _fences(lines: list[str], start: int, report: Report) -> list[Fence]:
    first, *more = sections(lines, start, report, title="Vragen")
    others = [piece.line for piece in first.pieces if not isinstance(piece, Fence)]
    for line in [*others, *(section.line for section in more)]:
        report.error(line, "In een bank kunnen alleen vragen staan.", "Haal deze tekst weg.")
    fences = [piece for piece in first.pieces if isinstance(piece, Fence)]
    for place in duplicates([fence.key for fence in fences]):
        report.error(
            fences[place].line,
            f"De sleutel “{fences[place].key}” staat er twee keer.",
            "Kies een andere sleutel.",
        )
    return fences


def _question(reader: BlockReader, fence: Fence) -> doc.Graded | None:
    for name in MEANINGLESS & fence.fields.keys():
        reader.report.error(fence.line_of(name), f"{name}: heeft in een toets geen zin.", "Haal het weg.")
    if fence.type in GRADED:
        return GRADED[fence.type](reader, fence)
    if fence.type in FIELDS:
        reader.report.error(
            fence.line, f"Een blok {fence.type} kan niet in een bank.", "Kies uit: " + ", ".join(GRADED) + "."
        )
    return None
