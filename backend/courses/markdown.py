"""Markdown of a lesson to safe HTML, once, when a version is made. Reports what it cannot allow."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from backend.courses.documents import Source, Term
from backend.courses.problems import Report
from backend.fields import CONTROL, INVISIBLE

LONG_SENTENCE = 30  # words
LONGEST_TEXT = 15_000  # characters between two headings or in one block; what is longer only costs time
TERM = re.compile(r"\{\{term:([^{}|]*)(?:\|([^{}]*))?\}\}")
SOURCE = re.compile(r"\[(S\d+[a-z]?)\]")
SENTENCE_END = re.compile(r"(?<=[.!?…])[”’\")]*\s+")
MARKS = (TERM, SOURCE)

TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "rel", "aria-label"},
    "div": {"role", "tabindex", "aria-label"},
    "ol": {"start"},
    "th": {"scope"},
}
CLASSES = {
    "a": {"term"},
    "div": {"scroll"},
    "p": {"lead"},
    "sup": {"source"},
    "table": {"table"},
}


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, for a key or an address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@dataclass
class Writer:
    """Renders the Markdown of one lesson. Keeps which terms and sources it met, in order."""

    report: Report
    words: dict[str, Term]  # by word
    library: dict[str, Source]
    listed: Sequence[str]  # the sources that the lesson names in its front matter
    terms: dict[str, Term] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)

    def html(self, text: str, line: int, *, heading: str = "", lead: bool = False) -> str:
        """Blocks: paragraphs, lists, tables, headings. `line` is where the text starts in the file."""
        tokens = self._parse(text, line)
        first = next((t for t in tokens if t.type == "paragraph_open"), None)
        if lead and first is not None:
            first.attrSet("class", "lead")
        return self._finish(tokens, {"title": heading}, line)

    def inline(self, text: str, line: int) -> str:
        """What fits inside a line. Paragraphs become lines; lists and headings are refused."""
        tokens = self._parse(text, line)
        for token in tokens:
            if token.level == 0 and token.nesting >= 0 and token.type not in ("paragraph_open", "inline"):
                self.report.error(
                    line + (token.map or [0])[0],
                    "Hier past alleen gewone tekst, geen lijst, tabel of kop.",
                    "Schrijf dit als één of meer gewone zinnen.",
                )
        lines = [token for token in tokens if token.type == "inline"]
        return "<br>".join(self._finish([token], {}, line) for token in lines)

    def _parse(self, text: str, line: int) -> list[Token]:
        if len(text) > LONGEST_TEXT:
            self.report.error(
                line, f"Dit stuk tekst is te lang: {len(text)} tekens.",
                f"Verdeel het met tussenkoppen. Hoogstens {LONGEST_TEXT} tekens.",
            )  # fmt: skip
            return []
        tokens = _MARKDOWN.parse(text)
        self._check(tokens, line)
        return tokens

    def is_one_table(self, text: str) -> bool:
        outer = [token.type for token in _MARKDOWN.parse(text) if token.level == 0]
        return outer == ["table_open", "table_close"]

    def _finish(self, tokens: Sequence[Token], env: EnvType, line: int) -> str:
        env["sources"] = list(self.sources)
        html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)
        html = html.replace(' <sup class="source">', '<sup class="source">')  # the number hangs on its word
        if CONTROL.search(html) or INVISIBLE.search(html):  # written as &#x202e; or the like
            self.report.error(line, "Hier staan onzichtbare tekens.", "Typ deze tekst opnieuw.")
        return nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes=CLASSES,
            url_schemes={"https"},
            link_rel=None,
            strip_comments=True,
        ).strip()

    def _check(self, tokens: Sequence[Token], first_line: int) -> None:
        line = first_line
        for token in tokens:
            if token.map:
                line = first_line + token.map[0]
            if token.type == "heading_open" and token.tag not in ("h3", "h4"):
                self.report.error(
                    line,
                    "Een kop in de tekst is van niveau 2 of 3.",
                    "Schrijf ## of ###; met één # begint een deel van de les.",
                )
            if token.type == "html_block":
                self._refuse_html(line)
            if token.type == "inline":
                self._check_line(token.children or [], line)
                self._check_length(token.children or [], line)

    def _check_line(self, children: Sequence[Token], line: int) -> None:
        for child in children:
            match child.type:
                case "softbreak" | "hardbreak":
                    line += 1
                case "html_inline":
                    self._refuse_html(line)
                case "image":
                    self.report.error(
                        line,
                        "Een beeld midden in de tekst kan niet.",
                        "Gebruik een blok ::: figure, met alt: en een bijschrift.",
                    )
                case "link_open" if not is_safe(str(child.attrGet("href") or "")):
                    self.report.error(
                        line,
                        f"Deze link kan niet: {str(child.attrs.pop('href', ''))[:60]}",
                        "Gebruik een volledig adres dat met https:// begint.",
                    )
                case "term":
                    term = self.use_term(child.meta["word"], line)
                    child.meta["key"] = term.key if term else child.meta["key"]
                case "source":
                    self.use_source(child.meta["key"], line)

    def _refuse_html(self, line: int) -> None:
        self.report.error(line, "HTML kan niet in een les.", "Schrijf gewone tekst of Markdown.")

    def use_term(self, word: str, line: int) -> Term | None:
        """The lesson explains this word; None, with a report, for a word without a meaning."""
        found = self.words.get(word)
        if found is None:
            self.report.error(
                line,
                f"“{word[:60]}” staat niet in begrippen.yaml.",
                "Voeg het woord met zijn betekenis toe, of kijk na hoe het daar geschreven is.",
            )
            return None
        self.terms[word] = found
        return found

    def use_source(self, key: str, line: int) -> bool:
        """The lesson leans on this source; False, with a report, for one that it may not name."""
        if key not in self.library:
            self.report.error(
                line, f"Bron {key[:40]} staat niet in bronnen.yaml.", "Voeg de bron toe, of verbeter de code."
            )
        elif key not in self.listed:
            self.report.error(
                line,
                f"Bron {key} staat niet bij de bronnen van deze les.",
                "Voeg ze toe aan sources: bovenaan.",
            )
        else:
            self.sources[key] = self.library[key]
        return key in self.sources

    def _check_length(self, children: Sequence[Token], line: int) -> None:
        text = "".join(
            child.meta["shown"] if child.type == "term" else "\n" if "break" in child.type else child.content
            for child in children
            if child.type != "source"
        )
        for sentence in SENTENCE_END.split(text):
            count = sum(any(letter.isalnum() for letter in word) for word in sentence.split())
            start = line + text[: text.find(sentence)].count("\n")
            if count > LONG_SENTENCE:
                self.report.warn(
                    start,
                    f"Deze zin heeft {count} woorden: “{' '.join(sentence.split()[:6])} …”",
                    f"Maak er twee van. Meer dan {LONG_SENTENCE} woorden leest moeilijk.",
                )


def is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not parts.username


def _term_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    found = TERM.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        word = " ".join(found[1].split())
        token = state.push("term", "a", 0)
        token.meta = {"word": word, "shown": (found[2] or word).strip() or word, "key": slug(word)}
    state.pos = found.end()
    return True


def _source_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    found = SOURCE.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.push("source", "sup", 0).meta = {"key": found[1]}
    state.pos = found.end()
    return True


class _Renderer(RendererHTML):
    """Our own marks, and tables that may scroll on a phone. Everything is cleaned after it."""

    def term(self, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
        meta = tokens[at].meta
        return f'<a class="term" href="#begrip-{escape(meta["key"])}">{escape(meta["shown"])}</a>'

    def source(self, tokens: Sequence[Token], at: int, _options: OptionsDict, env: EnvType) -> str:
        key = tokens[at].meta["key"]
        if key not in env["sources"]:
            return ""
        number = env["sources"].index(key) + 1
        return f'<sup class="source"><a href="#bron-{key}" aria-label="Bron {number}">{number}</a></sup>'

    def link_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        tokens[at].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, at, options, env)

    def image(self, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
        return escape(tokens[at].content)

    def html_inline(self, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
        return escape(tokens[at].content)

    def html_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return escape(tokens[idx].content)

    def table_open(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, env: EnvType) -> str:
        label = escape(env.get("title") or "Tabel")
        return f'<div class="scroll" role="region" tabindex="0" aria-label="{label}"><table class="table">'

    def table_close(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _env: EnvType) -> str:
        return "</table></div>"

    def th_open(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _env: EnvType) -> str:
        return '<th scope="col">'

    def td_open(self, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _env: EnvType) -> str:
        return "<td>"


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - every link is judged by the Writer, which says why
        return True


def _lower_headings(tokens: list[Token]) -> None:
    """The lesson's title is h1 and a part's h2, so ## becomes h3 and ### becomes h4."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"


def _make() -> MarkdownIt:
    markdown = _Markdown("commonmark", {"html": True}, renderer_cls=_Renderer).enable("table")
    markdown.inline.ruler.before("link", "source", _source_rule)
    markdown.inline.ruler.before("link", "term", _term_rule)
    markdown.core.ruler.push("lower_headings", lambda state: _lower_headings(state.tokens))
    return markdown


_MARKDOWN = _make()
