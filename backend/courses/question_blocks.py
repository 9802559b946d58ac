"""Questions where one picks or places what is given: options, an order, pairs, columns, many items with few choices."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from string import ascii_lowercase

from backend.courses import block_types as doc
from backend.courses.block_reader import DASH, NUMBERED, OPTION, BlockReader
from backend.courses.fences import Entry, Fence

ARROW = re.compile(r"\s+(?:→|->)\s+")
KIND = re.compile(r"\{kind:([^{}]+)\}$")


def choice(reader: BlockReader, fence: Fence) -> doc.Choice | None:
    question, found = read_options(reader, fence)
    right = [entry for entry in found if entry.mark == "x"]
    if found and len(right) != 1:
        reader.report.error(
            right[1].line if right else fence.line,
            f"Deze vraag heeft {len(right) or 'geen'} juiste antwoorden.",
            "Zet bij precies één antwoord [x]. Zijn er meer juist? Gebruik dan multiple.",
        )
        return None
    if not found:
        return None
    return doc.Choice(
        key=fence.key, question_html=question, options=as_options(reader, found),
        counts=not reader.is_yes(fence, "optional"), shows_peers=reader.is_yes(fence, "peers"),
    )  # fmt: skip


def multiple(reader: BlockReader, fence: Fence) -> doc.Multiple | None:
    question, found = read_options(reader, fence)
    if found and not any(entry.mark == "x" for entry in found):
        reader.report.error(
            fence.line, "Deze vraag heeft geen juist antwoord.", "Zet bij elk juist antwoord [x]."
        )
        return None
    if not found:
        return None
    return doc.Multiple(
        key=fence.key, question_html=question, options=as_options(reader, found),
        counts=not reader.is_yes(fence, "optional"), shows_peers=reader.is_yes(fence, "peers"),
    )  # fmt: skip


def truefalse(reader: BlockReader, fence: Fence) -> doc.TrueFalse | None:
    question, found = read_options(reader, fence)
    is_two = [entry.text for entry in found] == ["Juist", "Niet juist"]
    if not is_two or sum(entry.mark == "x" for entry in found) != 1:
        reader.report.error(
            fence.line, "Bij deze stelling kloppen de antwoorden niet.",
            "Schrijf eerst Juist en dan Niet juist, en zet bij één van de twee [x].",
        )  # fmt: skip
        return None
    found[0].key, found[1].key = "juist", "niet-juist"
    reason = fence.fields.get("reason", "")
    reader.words_only(reason, fence.line_of("reason"))
    return doc.TrueFalse(
        key=fence.key, question_html=question, options=as_options(reader, found), reason=reason,
        counts=not reader.is_yes(fence, "optional"),
    )  # fmt: skip


def read_options(reader: BlockReader, fence: Fence, at_least: int = 2) -> tuple[str, list[Entry]]:
    """The question and its options; none when something is wrong."""
    question, found = reader.question(fence, OPTION, "- [ ] een antwoord", at_least=at_least)
    is_explained = reader.needs_feedback(found)
    reader.name(found, ascii_lowercase)
    return question, found if is_explained else []


def as_options(
    reader: BlockReader, found: Iterable[Entry], costs: Sequence[int] = ()
) -> tuple[doc.Option, ...]:
    return tuple(
        doc.Option(
            key=entry.key,
            html=reader.writer.inline(entry.text, entry.line),
            feedback_html=reader.writer.inline(entry.feedback, entry.feedback_line),
            is_right=entry.mark == "x",
            cost=costs[place] if costs else 0,
        )
        for place, entry in enumerate(found)
    )


def order(reader: BlockReader, fence: Fence) -> doc.Order | None:
    question, found = reader.question(fence, NUMBERED, "1. een stap")
    if not found:
        return None
    reader.name(found, [_opaque(fence.key, "item", n) for n in range(len(found))])
    items = _as_items(reader, found, [str(n) for n in range(1, len(found) + 1)])
    return doc.Order(
        key=fence.key, question_html=question, items=items, shown=_shuffled(fence.key, items),
        counts=not reader.is_yes(fence, "optional"),
    )  # fmt: skip


def match(reader: BlockReader, fence: Fence) -> doc.Match | None:
    question, found = reader.question(fence, DASH, "- links → rechts")
    labels = _split(reader, found)
    if not labels:
        return None
    if len(set(labels)) < 2:
        reader.report.error(
            fence.line, "Er is maar één rechterkant.", "Geef minstens twee verschillende rechterkanten."
        )
        return None
    reader.name(found, ascii_lowercase)
    places = {
        label: doc.Place(key=_opaque(fence.key, "place", n), label=label)
        for n, label in enumerate(dict.fromkeys(labels))
    }
    return doc.Match(
        key=fence.key,
        question_html=question,
        items=_as_items(reader, found, [places[label].key for label in labels]),
        places=tuple(sorted(places.values(), key=lambda place: place.label.casefold())),
        counts=not reader.is_yes(fence, "optional"),
    )


def sort(reader: BlockReader, fence: Fence) -> doc.Sort | None:
    question, found = reader.question(fence, DASH, "- iets → kolom")
    names = reader.choices(fence, "columns", 2, "conflict | polarisatie")
    columns = {name: doc.Place(key=ascii_lowercase[n], label=name) for n, name in enumerate(names)}
    labels = _split(reader, found)
    if (
        not names
        or not labels
        or not _are_known(reader, found, [[label] for label in labels], names, "kolom")
    ):
        return None
    reader.name(found, ascii_lowercase)
    return doc.Sort(
        key=fence.key, question_html=question, places=tuple(columns.values()),
        items=_as_items(reader, found, [columns[label].key for label in labels]),
        counts=not reader.is_yes(fence, "optional"), shows_peers=reader.is_yes(fence, "peers"),
    )  # fmt: skip


def triage(reader: BlockReader, fence: Fence) -> doc.Triage | None:
    question, found = reader.question(fence, DASH, "- iets → keuze")
    names = reader.choices(fence, "choices", 2, "laten staan | verbergen")
    choices = {name: doc.Place(key=ascii_lowercase[n], label=name) for n, name in enumerate(names)}
    labels = [[each.strip() for each in label.split("|")] for label in _split(reader, found)]
    if not names or not labels or not _are_known(reader, found, labels, names, "keuze"):
        return None
    reader.name(found, ascii_lowercase)
    kinds = [_take_kind(entry) for entry in found]
    for entry, kind in zip(found, kinds, strict=True):
        if kind and kinds.count(kind) == 1:
            reader.report.warn(
                entry.line, f"Van de soort “{kind[:40]}” is er maar één.",
                "Een soort vergelijkt wat op elkaar lijkt: geef er minstens twee dezelfde.",
            )  # fmt: skip
    items = [
        doc.TriageItem(
            key=entry.key,
            html=reader.writer.inline(entry.text, entry.line),
            places=tuple(dict.fromkeys(choices[label].key for label in right)),
            kind=kind,
            feedback_html=reader.feedback(entry),
        )
        for entry, right, kind in zip(found, labels, kinds, strict=True)
    ]
    return doc.Triage(
        key=fence.key, question_html=question, items=tuple(items), places=tuple(choices.values()),
        several=reader.is_yes(fence, "several"), counts=not reader.is_yes(fence, "optional"),
        shows_peers=reader.is_yes(fence, "peers"),
    )  # fmt: skip


def _take_kind(entry: Entry) -> str:
    """`{kind: kritiek}` at the end of an item."""
    kind = KIND.search(entry.text)
    if kind is None:
        return ""
    entry.text = entry.text[: kind.start()].rstrip()
    return kind[1].strip()


def _are_known(
    reader: BlockReader, found: Sequence[Entry], labels: Sequence[Sequence[str]], names: Sequence[str], what: str
) -> bool:  # fmt: skip
    is_known = True
    for entry, given in zip(found, labels, strict=True):
        for label in given:
            if label not in names:
                is_known = False
                reader.report.error(
                    entry.line, f"Er is geen {what} “{label[:60]}”.", "Kies uit: " + ", ".join(names) + "."
                )
    return is_known


def _split(reader: BlockReader, found: Sequence[Entry]) -> list[str]:
    """Takes the right-hand side off every item; an empty list when one has none."""
    labels = []
    for entry in found:
        *left, label = ARROW.split(" ".join(entry.text.split()))
        if len(left) != 1:
            reader.report.error(
                entry.line,
                "Hier hoort precies één pijl.",
                "Schrijf - links → rechts, met spaties rond de pijl.",
            )
            continue
        reader.words_only(label, entry.line)
        entry.text = left[0]
        labels.append(label)
    return labels if len(labels) == len(found) else []


def _as_items(reader: BlockReader, found: Sequence[Entry], places: Sequence[str]) -> tuple[doc.Item, ...]:
    return tuple(
        doc.Item(
            key=entry.key,
            html=reader.writer.inline(entry.text, entry.line),
            place=place,
            feedback_html=reader.feedback(entry),
        )
        for entry, place in zip(found, places, strict=True)
    )


def _opaque(block: str, kind: str, number: int) -> str:
    """A key that follows from the place in the file but does not show it: the place is the answer."""
    return hashlib.sha256(f"{block}/{kind}/{number}".encode()).hexdigest()[:6]


def _shuffled(block: str, items: Sequence[doc.Item]) -> tuple[str, ...]:
    """An order that is wrong on purpose and always the same."""
    right = [item.key for item in items]
    shown = sorted(right, key=lambda key: hashlib.sha256(f"{block}:{key}".encode()).digest())
    return tuple(shown if shown != right else shown[1:] + shown[:1])
