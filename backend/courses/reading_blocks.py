"""Blocks that one reads: notes, quotes, words, tables, further reading, what opens on a click."""

import re
from typing import Literal

from backend.courses import block_types as doc
from backend.courses.block_reader import DASH, BlockReader
from backend.courses.fences import Fence, entries
from backend.courses.markdown import is_safe

TONES: dict[str, Literal["info", "meet", "warn"]] = {"info": "info", "meet": "meet", "warn": "warn"}
LINK = re.compile(r"\[([^\[\]]+)\]\((\S+)\)")


def callout(reader: BlockReader, fence: Fence) -> doc.Callout | None:
    tone = fence.fields.get("tone", "info")
    if tone not in TONES:
        reader.report.error(
            fence.field_lines["tone"], f"De toon “{tone[:40]}” bestaat niet.", "Kies info, meet of warn."
        )
        return None
    title, html = reader.title(fence), reader.body(fence)
    return doc.Callout(key=fence.key, tone=TONES[tone], title=title, html=html) if title and html else None


def fold(reader: BlockReader, fence: Fence) -> doc.Fold | None:
    title, html = reader.title(fence), reader.body(fence)
    return doc.Fold(key=fence.key, title=title, html=html) if title and html else None


def warning(reader: BlockReader, fence: Fence) -> doc.ContentWarning | None:
    title, html = reader.title(fence), reader.body(fence)
    return doc.ContentWarning(key=fence.key, title=title, html=html) if title and html else None


def takeaway(reader: BlockReader, fence: Fence) -> doc.Takeaway | None:
    html = reader.sentence(fence, fence.text, "Deze zin om mee te nemen is leeg.")
    return doc.Takeaway(key=fence.key, html=html) if html else None


def quote(reader: BlockReader, fence: Fence) -> doc.Quote | None:
    source = reader.required(fence, "source", "Zeg van wie of waaruit het is, zoals source: S31")
    html, by = reader.body(fence), fence.fields.get("by", "")
    reader.words_only(by, fence.line_of("by"))
    if not source or not reader.writer.use_source(source, fence.line_of("source")) or not html:
        return None
    return doc.Quote(key=fence.key, html=html, by=by, source=source)


def term(reader: BlockReader, fence: Fence) -> doc.TermBlock | None:
    word = reader.required(fence, "word", "Noem een woord uit begrippen.yaml, zoals word: polarisatie")
    found = reader.writer.use_term(word, fence.line_of("word")) if word else None
    html = reader.may_be_body(fence)
    if found is None:
        return None
    return doc.TermBlock(key=fence.key, word=found.word, meaning=found.meaning, html=html)


def reading(reader: BlockReader, fence: Fence) -> doc.Reading | None:
    intro, found = entries(fence, DASH, "- [Titel](https://…)", reader.report)
    links = []
    for entry in found:
        link = LINK.fullmatch(entry.text)
        if link is None or not is_safe(link[2]):
            reader.report.error(
                entry.line, "Dit is geen titel met een adres.", "Schrijf - [Titel](https://adres.be/pagina)"
            )
        elif not entry.feedback:
            reader.report.error(
                entry.line, "Hier staat niet bij waarom iemand dit leest.",
                "Zet eronder, na twee spaties en een dubbelpunt, wat het toevoegt.",
            )  # fmt: skip
        else:
            reader.words_only(link[1], entry.line)
            why = reader.writer.inline(entry.feedback, entry.feedback_line)
            links.append(doc.Recommended(title=link[1], url=link[2], why_html=why))
    if not found:
        reader.report.error(fence.line, "Hier staat niets om te lezen.", "Schrijf - [Titel](https://…)")
    html = reader.writer.inline(intro, fence.text_line) if intro else ""
    return doc.Reading(key=fence.key, html=html, links=tuple(links)) if links else None


def table(reader: BlockReader, fence: Fence) -> doc.Table | None:
    title, html = reader.title(fence), reader.body(fence)
    if html and not reader.writer.is_one_table(fence.text):
        reader.report.error(
            fence.text_line, "Hier hoort één tabel, en niets anders.",
            "Schrijf regels zoals | kop | kop | met daaronder | --- | --- |",
        )  # fmt: skip
        return None
    return doc.Table(key=fence.key, title=title, html=html) if title and html else None
