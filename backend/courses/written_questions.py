"""Questions where one fills in something: a number, a few words, points, a text to lay beside a model answer."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from backend.courses import block_types as doc
from backend.courses.block_reader import BlockReader
from backend.courses.fences import Entry, Fence, entries
from backend.courses.question_blocks import as_options, read_options

NUMBER = re.compile(r"-?\d{1,12}(?:[.,]\d{1,6})?")
COST = re.compile(r"\(([0-9]{1,4})\)$")
PROMPT_OR_CHECK = re.compile(r"(?P<mark>[-+])\s+(?P<text>\S.*)")
TAG = re.compile(r"<[a-z]")
MOST_POINTS = 1000
LONGEST_ANSWER = 2000  # characters


def number(reader: BlockReader, fence: Fence) -> doc.Number | None:
    question = reader.sentence(fence, fence.text, "Er staat geen vraag in dit blok.")
    answer = _number(reader, fence, "answer", reader.required(fence, "answer", "Schrijf het juiste getal."))
    margin = _number(reader, fence, "margin", fence.fields.get("margin", "0"))
    if margin is not None and margin < 0:
        reader.report.error(
            fence.line_of("margin"), "margin: is kleiner dan nul.", "Schrijf bijvoorbeeld margin: 2"
        )
    right = reader.field_sentence(fence, "right", "Schrijf waarom het klopt.")
    wrong = reader.field_sentence(fence, "wrong", "Schrijf hoe men aan het juiste getal komt.")
    if not (question and right and wrong) or answer is None or margin is None:
        return None
    return doc.Number(
        key=fence.key, question_html=question, answer=answer, margin=margin, unit=fence.fields.get("unit", ""),
        right_html=right, wrong_html=wrong, counts=not reader.is_yes(fence, "optional"),
    )  # fmt: skip


def _number(reader: BlockReader, fence: Fence, name: str, text: str) -> float | None:
    if not text:
        return None  # told already
    if not (text.isascii() and NUMBER.fullmatch(text)):
        reader.report.error(
            fence.line_of(name), f"{name}: “{text[:40]}” is geen getal.",
            "Schrijf een getal zonder eenheid en zonder punten tussen duizendtallen, zoals 66 of 12,5.",
        )  # fmt: skip
        return None
    return float(text.replace(",", "."))


def short(reader: BlockReader, fence: Fence) -> doc.Short | None:
    wrong = reader.field_sentence(fence, "wrong", "Schrijf wat men ziet bij elk ander antwoord.")
    question, found = read_options(reader, fence, at_least=1)
    if found and not any(entry.mark == "x" for entry in found):
        reader.report.error(
            fence.line, "Deze vraag heeft geen juist antwoord.", "Zet bij elk juist antwoord [x]."
        )
    options = as_options(reader, found)
    seen: set[str] = set()
    for entry, option in zip(found, options, strict=True):
        word = _bare(entry.text)
        if not word or TAG.search(option.html):
            reader.report.error(
                entry.line, "Een antwoord bestaat hier uit gewone woorden.", "Laat opmaak en tekens weg."
            )
        elif word in seen:
            reader.report.error(
                entry.line, f"“{entry.text[:40]}” staat er al.",
                "Houd er één over: hoofdletters, accenten en leestekens maken geen verschil.",
            )  # fmt: skip
        seen.add(word)
    if not (question and options and wrong):
        return None
    return doc.Short(
        key=fence.key, question_html=question, options=options, wrong_html=wrong,
        counts=not reader.is_yes(fence, "optional"),
    )  # fmt: skip


def _bare(text: str) -> str:
    """Without capitals, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split())


def budget(reader: BlockReader, fence: Fence) -> doc.Budget | None:
    if not fence.fields.get("points"):
        reader.required(fence, "points", "Schrijf hoeveel er te verdelen is, zoals points: 10")
    points = reader.whole(fence, "points", 0, 1, MOST_POINTS)
    unit = fence.fields.get("unit", "punten")
    reader.words_only(unit, fence.line_of("unit"))
    question, found = read_options(reader, fence)
    costs = [_take_cost(reader, entry, points) for entry in found]
    if not points or not found or not all(costs):
        return None
    best = most_points((cost for cost, entry in zip(costs, found, strict=True) if entry.mark == "x"), points)
    if not best:
        reader.report.error(
            fence.line, "Geen enkel goed besteed antwoord past in de punten.", "Zet bij minstens één antwoord [x]."
        )  # fmt: skip
        return None
    if sum(costs) <= points:
        reader.report.warn(
            fence.line, "Alles samen past in de punten: er valt niets te kiezen.", "Geef minder punten."
        )
    return doc.Budget(
        key=fence.key, question_html=question, points=points, unit=unit, best=best,
        options=as_options(reader, found, costs), counts=not reader.is_yes(fence, "optional"),
    )  # fmt: skip


def _take_cost(reader: BlockReader, entry: Entry, points: int) -> int:
    """The cost at the end of an option; 0 when it is wrong."""
    cost = COST.search(entry.text)
    if cost is None or not int(cost[1]):
        reader.report.error(
            entry.line, "Hier staat niet hoeveel dit kost.", "Zet de punten achteraan, zoals - [x] Een rooster (2)"
        )  # fmt: skip
        return 0
    entry.text = entry.text[: cost.start()].rstrip()
    if points and int(cost[1]) > points:
        reader.report.error(
            entry.line, "Dit kost meer dan er is: niemand kan het kiezen.", "Geef meer punten, of laat het minder kosten."
        )  # fmt: skip
    return int(cost[1])


def most_points(costs: Iterable[int], points: int) -> int:
    """The largest sum of some of these costs that is not above the points."""
    sums = {0}
    for cost in costs:
        sums |= {total + cost for total in sums if total + cost <= points}
    return max(sums)


def compare(reader: BlockReader, fence: Fence) -> doc.Compare | None:
    above, below = fence.split()
    if below is None or not below.text.strip():
        reader.report.error(
            fence.line, "Er is geen modelantwoord.", "Zet onder de vraag een regel --- en daaronder het antwoord."
        )  # fmt: skip
    intro, found = entries(above, PROMPT_OR_CHECK, "- een vraag of + iets om na te kijken", reader.report)
    question = reader.sentence(fence, intro, "Er staat geen vraag in dit blok.")
    prompts, checks = (_with_mark(reader, found, mark) for mark in "-+")
    model = reader.writer.html(below.text, below.text_line) if below is not None else ""
    shows_gaps = reader.is_yes(fence, "gaps")
    if shows_gaps and len(prompts) < 2:
        reader.report.error(
            fence.line_of("gaps"), "gaps: vraagt minstens twee velden.", "Zet onder de vraag regels zoals: - Wie beslist?"
        )  # fmt: skip
    if not (question and model):
        return None
    return doc.Compare(
        key=fence.key, question_html=question, prompts=prompts, checks=checks, model_html=model,
        longest=reader.whole(fence, "max", 0, 20, LONGEST_ANSWER), shows_gaps=shows_gaps,
        counts=not reader.is_yes(fence, "optional"),
    )  # fmt: skip


def _with_mark(reader: BlockReader, found: Sequence[Entry], mark: str) -> tuple[str, ...]:
    return reader.plain_list([entry for entry in found if entry.mark == mark])
