"""Blocks for oneself, never graded: private fields, notes, self-ratings and polls."""

import re
from collections.abc import Sequence
from string import ascii_lowercase

from backend.courses import block_types as doc
from backend.courses.block_reader import DASH, MOST, BlockReader
from backend.courses.fences import Entry, Fence, entries

PLAN = re.compile(
    r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*"
)  # a field of the action plan, such as analyse.spanningsvelden
RUBRIC_EXAMPLE = "onderwerp en identiteit gescheiden | een bron genoemd"
LABELS_EXAMPLE = "nog niet | een beetje | goed | heel goed"

MOST_CRITERIA = 8  # of a rubric


def private(reader: BlockReader, fence: Fence) -> doc.Private | None:
    intro, prompts = entries(fence, DASH, "- een vraag", reader.report)
    if not prompts:
        reader.report.error(
            fence.line,
            "Er is geen veld om in te schrijven.",
            "Zet onder de tekst regels zoals: - Wat zag ik?",
        )
        return None
    return doc.Private(
        key=fence.key,
        html=reader.writer.html(intro, fence.text_line) if intro else "",
        prompts=reader.plain_list(prompts),
        shows_gaps=reader.is_yes(fence, "gaps"),
        prints=reader.is_yes(fence, "print"),
    )


def reflection(reader: BlockReader, fence: Fence) -> doc.Reflection | None:
    html = reader.sentence(fence, fence.text, "Er staat geen vraag in dit blok.")
    plan = fence.fields.get("plan", "")
    if plan and not PLAN.fullmatch(plan):
        reader.report.error(
            fence.line_of("plan"), f"plan: “{plan[:60]}” kan niet.",
            "Noem een veld van het actieplan, zoals plan: analyse.spanningsvelden",
        )  # fmt: skip
    rubric = reader.choices(fence, "rubric", 1, RUBRIC_EXAMPLE) if "rubric" in fence.fields else []
    if len(rubric) > MOST_CRITERIA:
        reader.report.error(
            fence.line_of("rubric"), f"Dit zijn {len(rubric)} aandachtspunten.",
            f"Kies er hoogstens {MOST_CRITERIA}: een mentor kijkt naar elk.",
        )  # fmt: skip
    return doc.Reflection(key=fence.key, prompt_html=html, plan=plan, rubric=tuple(rubric)) if html else None


def selfrating(reader: BlockReader, fence: Fence) -> doc.SelfRating | None:
    """One that stands before has labels and statements, one after takes them from it."""
    if "before" in fence.fields:
        return _rating_after(reader, fence)
    made = _rating_before(reader, fence)
    if fence.key in reader.material.ratings:
        reader.report.error(
            fence.line, f"In deze module is er al een zelfbeoordeling “{fence.key}”.",
            f"Kies een andere sleutel, of schrijf before: {fence.key} om ze te herhalen.",
        )  # fmt: skip
    else:
        reader.material.ratings[fence.key] = (reader.lesson_key, made)
    return made


def _rating_before(reader: BlockReader, fence: Fence) -> doc.SelfRating | None:
    labels = reader.choices(fence, "labels", 2, LABELS_EXAMPLE)
    html, found = reader.question(fence, DASH, "- een uitspraak", at_least=1)
    if not labels or not found:
        return None
    return doc.SelfRating(
        key=fence.key, html=html, labels=tuple(labels), statements=_statements(reader, found)
    )


def _rating_after(reader: BlockReader, fence: Fence) -> doc.SelfRating | None:
    key = fence.fields["before"]
    lesson, before = reader.material.ratings.get(key, ("", None))
    if not lesson:
        reader.report.error(
            fence.line_of("before"), f"Er staat eerder in deze module geen zelfbeoordeling “{key[:60]}”.",
            "Schrijf de sleutel van de eerste, zoals before: hoe-zeker-vooraf",
        )  # fmt: skip
    html, found = reader.question(fence, DASH, "- een uitspraak", at_least=0)
    if found or "labels" in fence.fields:
        reader.report.error(
            fence.line, "Een zelfbeoordeling achteraf neemt uitspraken en labels over.",
            "Laat alleen before: en een zin staan.",
        )  # fmt: skip
    if before is None or not html:
        return None
    return doc.SelfRating(
        key=fence.key, html=html, labels=before.labels, statements=before.statements,
        before=key, before_lesson=lesson,
    )  # fmt: skip


def poll(reader: BlockReader, fence: Fence) -> doc.Poll | None:
    question, found = reader.question(fence, DASH, "- een antwoord")
    if not found:
        return None
    return doc.Poll(key=fence.key, question_html=question, options=_statements(reader, found))


def _statements(reader: BlockReader, found: Sequence[Entry]) -> tuple[doc.Statement, ...]:
    reader.name(found, ascii_lowercase[:MOST])
    for entry in found:
        reader.no_feedback(entry)
    return tuple(
        doc.Statement(key=entry.key, html=reader.writer.inline(entry.text, entry.line)) for entry in found
    )
