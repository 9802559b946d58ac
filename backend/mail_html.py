"""The HTML form of a mail, made from its text: paragraphs, lists, facts, and what there is to do as links with words.

One quiet layout, light and dark, that stands on its own: no images, nothing from elsewhere, nothing that counts who reads.
Only addresses of this site get words in place of the address, so that nobody's text can hide where a link goes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

import css_inline

from backend.config import ROOT, settings
from backend.language import speaking
from backend.templating import render

FOOT = "\n\n-- \n"  # as mail programs know it: what follows is no part of the letter
ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
FACT = re.compile(r"([^:\n]{2,50}):[ ](\S.*)")
SENTENCE = re.compile(
    r"(?:(.*[.?!…])\s+)?([^.?!…]+):", re.DOTALL
)  # what is before the last sentence, and that one


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a mail. `kind`: text, list, facts or action (`lead` before a link, `words` on it, `address`)."""

    kind: str
    lines: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    lead: str = ""
    words: str = ""
    address: str = ""


def page(subject: str, text: str, language: str) -> str:
    """A whole document, its rules in the elements themselves: what mail programs show."""
    letter, _, foot = text.rpartition(FOOT) if FOOT in text else (text, "", "")
    with speaking(language):
        html = render(
            "email/layout.html",
            subject=subject,
            blocks=blocks(letter),
            foot=blocks(foot),
            pieces=pieces,
            is_ours=_is_ours,
        )
    return _inliner().inline(html)


def blocks(text: str) -> list[Block]:
    found: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        while lines:
            found.append(_next(lines, found))
    return found


def pieces(text: str) -> list[tuple[str, str]]:
    """Text as (words, address) in turn; address is "" where it is no link."""
    result, end = [], 0
    for match in ADDRESS.finditer(text):
        result += [(text[end : match.start()], ""), (match[0], match[0])]
        end = match.end()
    return [piece for piece in [*result, (text[end:], "")] if piece[0]]


def _next(lines: list[str], before: list[Block]) -> Block:
    """Takes the lines of one block off `lines`. An address after "… :" takes its words from there."""
    if _is_ours(lines[0]):
        return _action(lines.pop(0), before)
    if lines[0].startswith("- "):
        return Block("list", _take(lines, lambda line: line.startswith("- "), lambda line: line[2:]))
    if len(lines) > 1 and FACT.fullmatch(lines[0]) and FACT.fullmatch(lines[1]):
        facts = _take(lines, lambda line: FACT.fullmatch(line) is not None, str)
        return Block("facts", facts=tuple(_fact(line) for line in facts))
    return Block("text", _take(lines, lambda line: not _is_ours(line) and not line.startswith("- "), str))


def _take(lines: list[str], fits: Callable[[str], bool], made: Callable[[str], str]) -> tuple[str, ...]:
    taken = list(takewhile(fits, lines))
    del lines[: len(taken)]
    return tuple(made(line) for line in taken)


def _action(address: str, before: list[Block]) -> Block:
    said = before[-1].lines[-1] if before and before[-1].kind == "text" else ""
    asked = SENTENCE.fullmatch(said)
    if asked is None:
        return Block("action", words=address, address=address)
    text = before.pop()
    if text.lines[:-1]:
        before.append(Block("text", text.lines[:-1]))
    return Block("action", lead=asked[1] or "", words=asked[2], address=address)


def _fact(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value


def _is_ours(line: str) -> bool:
    return line.startswith(settings.base_url.rstrip("/") + "/") and ADDRESS.fullmatch(line) is not None


@cache
def _inliner() -> css_inline.CSSInliner:
    """The rules for dark stay in the head: they cannot be said in an element."""
    rules = (ROOT / "templates" / "email" / "layout.css").read_text()
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, extra_css=rules)
