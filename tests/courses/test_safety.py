"""A hostile lesson or drawing cannot bring code, styles or foreign addresses into a page."""

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from backend.courses.drawings import ELEMENTS, drawing
from backend.courses.markdown import ATTRIBUTES, TAGS, Writer
from backend.courses.problems import Report
from tests.courses.files import LIBRARY

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[klik](javascript:alert(1))",
    "[klik](JaVaScRiPt:alert(1))",
    "[klik](data:text/html,<script>)",
    "[klik](//elders.example)",
    "[klik](https://goed.example@slecht.example)",
    "<https://x.example/'onmouseover='alert(1)>",
    '[klik](https://x.example "titel" onclick="alert(1)")',
    "![x](https://elders.example/spion.png)",
    "<style>body{display:none}</style>",
    '<a href="https://x.example" style="position:fixed">x</a>',
    "{{term: conflict | <script>alert(1)</script>}}",
    '{{term: conflict | "><img src=x onerror=alert(1)>}}',
    '{{term: "><script>alert(1)</script>}}',
    "<svg onload=alert(1)>",
    "`</code><script>alert(1)</script>`",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "<!-- <script> --> &lt;script&gt;",
]


def render(text: str) -> BeautifulSoup:
    writer = Writer(
        Report("x"), LIBRARY.words, LIBRARY.sources, ["S1"], sources={"S1": LIBRARY.sources["S1"]}
    )
    return BeautifulSoup(writer.html(text, 1, heading='"><script>') + writer.inline(text, 1), "html.parser")


def check_safe(html: BeautifulSoup) -> None:
    for tag in html.find_all(True):
        assert tag.name in TAGS
        assert set(tag.attrs) <= ATTRIBUTES.get(tag.name, set()) | {"class"}, tag
        if "href" in tag.attrs:
            assert tag["href"].startswith(("https://", "#begrip-", "#bron-"))
            assert tag["href"].startswith("#") or "noopener" in tag["rel"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_becomes_plain_text(text: str) -> None:
    check_safe(render(text))


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=5))
def test_no_mixture_of_hostile_pieces_gets_through(pieces: list[str]) -> None:
    check_safe(render("".join(pieces)))
    check_safe(render("\n\n".join(pieces)))


def test_the_check_would_see_code() -> None:
    with pytest.raises(AssertionError):
        check_safe(BeautifulSoup('<a href="javascript:alert(1)">x</a>', "html.parser"))


def test_a_good_link_and_a_table_stay() -> None:
    html = render("[klik](https://goed.example/a?b=1&c=2)\n\n| kop |\n|---|\n| cel |")
    assert html.a["href"] == "https://goed.example/a?b=1&c=2"
    assert html.select_one("div.scroll[role=region][tabindex='0'] > table.table th[scope=col]").text == "kop"


def test_an_empty_corner_makes_the_first_column_headings() -> None:
    html = render("| | klein | groot |\n|---|---|---|\n| rustig | a | b |\n| fel | c | d |")
    assert [th.text for th in html.select("th[scope=col]")] == ["klein", "groot"]
    assert [th.text for th in html.select("th[scope=row]")] == ["rustig", "fel"]
    assert all(th.text for th in html.select("th"))
    plain = render("| a | b |\n|---|---|\n| c | d |")
    assert not plain.select("th[scope=row]")


def svg(inside: str, attributes: str = 'viewBox="0 0 9 9"') -> str:
    return f"<svg {attributes}>\n{inside}\n</svg>"


BAD_DRAWINGS = [
    svg("<script>alert(1)</script>"),
    svg('<path d="M1 1" onclick="alert(1)"/>'),
    svg('<path d="M1 1" style="fill:red"/>'),
    svg('<path d="M1 1" fill="url(https://elders.example)"/>'),
    svg('<a href="javascript:alert(1)"><path d="M1 1"/></a>'),
    svg('<image href="https://elders.example/x.png"/>'),
    svg('<use href="#x"/>'),
    svg("<foreignObject><p>x</p></foreignObject>"),
    svg("<style>*{fill:red}</style>"),
    svg("<animate/>"),
    svg('<path class="fa evil" d="M1 1"/>'),
    svg('<path d="M1 1 url(x)"/>'),
    svg('<circle cx="1px" r="2"/>'),
    svg('<g transform="matrix(1)"/>'),
    svg("losse tekst"),
    svg("<svg viewBox='0 0 1 1'/>"),
    svg("", 'onload="alert(1)" viewBox="0 0 9 9"'),
    svg("", ""),
    "<g/>",
    "geen svg",
    "",
    '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + svg("<text>&b;</text>"),
    '<?xml-stylesheet href="https://elders.example/x.css"?>' + svg(""),
    svg("<text>open"),
    svg('<path d="' + "M1 1 " * 20_000 + '"/>'),
]


@pytest.mark.parametrize("source", BAD_DRAWINGS, ids=lambda source: source[:50].replace("\n", " "))
def test_a_drawing_with_anything_else_than_shapes_and_words_is_refused(source: str) -> None:
    report = Report("x.svg")
    assert drawing(source, report) == ""
    assert report.problems


def test_a_mistake_in_a_drawing_is_told_with_its_line() -> None:
    report = Report("figuren/x.svg")
    drawing(svg('<g>\n<path d="M1 1" fill="red"/>\n</g>'), report)
    assert [(p.file, p.line, p.message) for p in report.problems] == [
        ("figuren/x.svg", 3, "fill kan niet bij <path>.")
    ]


def test_a_good_drawing_keeps_its_shapes_and_loses_its_hidden_title() -> None:
    report = Report("x.svg")
    shapes = (
        '<g transform="translate(2 2)"><path class="fa" d="M1-1.5h2z"></path></g><text x="1">a &lt; b</text>'
    )
    out = drawing(svg("<title>Titel</title>" + shapes), report)
    assert not report.problems
    assert out == f'<svg viewBox="0 0 9 9">{shapes}</svg>'


@given(st.text(max_size=200))
def test_any_text_as_a_drawing_is_refused_or_only_shapes(text: str) -> None:
    for source in (text, svg(text), f'<svg viewBox="{text}"/>'):
        out = drawing(source, Report("x"))
        assert all(tag.name in ELEMENTS for tag in BeautifulSoup(out, "html.parser").find_all(True))
