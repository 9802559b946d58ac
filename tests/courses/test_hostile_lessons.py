"""Lessons that are far too large, or made to cost time, give a clear problem, and quickly."""

import time
from pathlib import Path

import pytest

from backend.courses import service
from backend.courses.files import LARGEST_TEXT, LONGEST_LINE
from backend.courses.markdown import LONGEST_TEXT
from tests.courses.files import CHOICE, CITED, COURSE, HEAD, errors, lesson_text, read_file, write
from tests.courses.scenario import CASE, FENCE

PATIENCE = 20.0  # seconds, for a slow machine; each of them takes far less


def told(tmp_path: Path, **files: str | bytes) -> list[tuple[str, int, str]]:
    began = time.monotonic()
    documents, problems = service.check(write(tmp_path, **files))
    assert time.monotonic() - began < PATIENCE
    assert documents == [] or "begrippen.yaml" in files
    assert all(problem.advice for problem in problems)
    return [(p.file, p.line, p.message) for p in problems if not p.is_warning]


def test_a_lesson_of_ten_thousand_blocks(tmp_path: Path) -> None:
    text = lesson_text("".join(f"::: fold k{n}\n:::\n" for n in range(10_000)))
    assert told(tmp_path, **{"proef__een.md": text}) == [
        ("content/proef/een.md", 414, "Deze les heeft 10000 blokken.")
    ]


def test_a_paragraph_of_a_megabyte(tmp_path: Path) -> None:
    for content in ("woord " * 170_000, "a" * 1_000_000, "woord\n" * 170_000):
        (found,) = told(tmp_path, **{"proef__een.md": lesson_text(content)})
        assert found == (
            "content/proef/een.md",
            1,
            f"Dit bestand is te groot: {len(lesson_text(content)) // 1000} kB.",
        )


def test_a_line_or_a_piece_of_text_that_is_too_long(tmp_path: Path) -> None:
    line = "a" * (LONGEST_LINE + 1)
    (found,) = told(tmp_path, **{"proef__een.md": lesson_text(line)})
    assert found == ("content/proef/een.md", 14, f"Deze regel is te lang: {LONGEST_LINE + 1} tekens.")
    many = "\n".join(["woord " * 100] * (LONGEST_TEXT // 500))
    (found,) = told(tmp_path, **{"proef__een.md": lesson_text(many)})
    assert found[:2] == ("content/proef/een.md", 14)
    assert found[2].startswith("Dit stuk tekst is te lang:")


BOMBS = {
    "brackets": "[" * 9_000,
    "images": "![" * 4_500,
    "links": "[a](" * 2_000,
    "links in angles": "[a](<" * 1_800,
    "stars": "**a*" * 2_000,
    "underscores": "_a__" * 2_000,
    "backticks": "`" * 3_000 + "a" + "``" * 3_000,
    "growing backticks": "\n".join("`" * n for n in range(1, 200)),
    "quotes": "> " * 4_000,
    "lists": "- " * 4_000,
    "numbers": "1. " * 3_000,
    "deep lists": "\n".join(" " * n + "- a" for n in range(0, 200, 2)),
    "html": "<a " * 3_000,
    "comments": "<!--" * 2_000,
    "entities": "&amp;" * 2_000,
    "references": "\n".join(f"[a{n}]: https://x.be/{n}" for n in range(900)),
    "wide table": "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + "|b" * 3_000 + "|\n",
    "tall table": "|a|\n|-|\n" + "|\n" * 9_000,
    "terms": "{{term:" * 1_400,
    "own key": "- [x] a" + " " * 9_000 + "b\n  : c",
    "cost": "- [x] a" + " (" * 4_000 + "\n  : c",
    "kind": "- a {kind:" + " " * 9_000 + "→ b",
    "arrows": "- a" + " → " * 3_000,
    "sentence ends": "a. " * 3_000,
    "right to left": "\u0627" * 9_000,
    "emoji": "\U0001f469\u200d\U0001f4bb" * 2_000,
    "accents": "e" + "\u0301" * 9_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_text_that_is_made_to_cost_time_costs_little(name: str) -> None:
    bomb = BOMBS[name]
    began = time.monotonic()
    read_file(lesson_text("\n\n".join([bomb[:4_900]] * 3)))
    for kind, fields in (
        ("multiple", ""),
        ("budget", "points: 5\n"),
        ("triage", "choices: a | b\n"),
        ("compare", ""),
    ):
        read_file(lesson_text(f"::: {kind} x\n{fields}Wat?\n{bomb[:4_900]}\n---\n{bomb[:4_900]}\n:::"))
    assert time.monotonic() - began < PATIENCE


UNSEEN = ["\0", "\x07", "\x7f", "\u202e", "\u2066", "\u200b", "\ufeff"]


@pytest.mark.parametrize("mark", UNSEEN, ids=ascii)
def test_a_mark_that_nobody_sees_is_refused_everywhere(tmp_path: Path, mark: str) -> None:
    said = "Hier staan onzichtbare tekens."
    for files in (
        {"proef__een.md": lesson_text(f"Tekst{mark}.")},
        {"proef__course.yaml": COURSE.replace("Een module.", f"Een{mark} module.")},
        {"begrippen.yaml": f"conflict: Een{mark} botsing.\n"},
    ):
        assert said in [message for *_, message in told(tmp_path, **files)]


@pytest.mark.parametrize("mark", ["&#x202e;", "&#8203;", "&#x2066;", "&#xfeff;"])
def test_nor_written_as_an_entity(mark: str) -> None:
    assert errors(f"Tekst {mark} hier.") == [(1, "Hier staan onzichtbare tekens.")]


@pytest.mark.parametrize("mark", ["&#0;", "&#xd800;", "&#x110000;"])
def test_an_entity_that_is_no_character_becomes_a_sign_for_that(mark: str) -> None:
    lesson, problems = read_file(lesson_text(f"Tekst {mark} hier.\n\n{CITED}"))
    assert not [p for p in problems if not p.is_warning]
    assert "\0" not in lesson.model_dump_json()


@pytest.mark.parametrize("mark", ["\\0", "\\ud800", "\\u202e", "\\x07", "\\uFEFF"])
def test_nor_written_in_yaml(tmp_path: Path, mark: str) -> None:
    said = "Hier staan onzichtbare tekens."
    files: dict[str, str | bytes] = {
        "proef__course.yaml": COURSE.replace("title: Proef", f'title: "Pr{mark}oef"')
    }
    assert ("content/proef/course.yaml", 3, said) in told(tmp_path, **files)
    head = HEAD.replace("title: De eerste les", f'title: "De {mark} les"')
    assert ("content/proef/een.md", 3, said) in told(tmp_path, **{"proef__een.md": lesson_text(CITED, head)})
    case = CASE.replace("text: De zaal sluit.", f'text: "De {mark} zaal."')
    lesson = lesson_text(f"{FENCE}\n{CITED}{CHOICE}")
    found = told(tmp_path, **{"proef__een.md": lesson, "proef__de-zaal.yaml": case})
    assert ("content/proef/de-zaal.yaml", 16, said) in found


def test_nor_in_a_drawing() -> None:
    drawing = '<svg viewBox="0 0 9 9">\n<text class="ft" x="1" y="1">a&#x202e;b</text></svg>'
    found = errors("::: figure x\nimage: x.svg\nalt: A\n:::", {"x.svg": drawing})
    assert [said for _, said in found] == ["Hier staan onzichtbare tekens."]


def test_other_alphabets_and_emoji_are_welcome() -> None:
    assert errors("Goedendag, مرحبا, שלום, 你好, \U0001f469\u200d\U0001f4bb en é.") == []


def test_a_file_that_is_no_utf8_is_told(tmp_path: Path) -> None:
    for content in (
        b"\xff\xfe\x00",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
    ):  # also a lone surrogate, and an overlong slash
        assert told(tmp_path, **{"proef__een.md": content}) == [
            ("content/proef/een.md", 1, "Dit bestand is geen UTF-8.")
        ]


YAML_BOMBS = {
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "deep": "a: " + "[" * 90_000,
    "deep maps": "a: " + "{a: " * 40_000,
    "deep blocks": "\n".join(" " * n + "a:" for n in range(600)),
    "many": "\n".join(f"k{n}: v" for n in range(17_000)),
    "the same": "\n".join("k: v" for _ in range(35_000)),
    "flow": "a: [" + "1," * 90_000 + "]",
    "tags": "a: !!python/object/apply:os.system [x]\n",
    "questions": "? " * 90_000,
}


@pytest.mark.parametrize("name", YAML_BOMBS)
def test_a_yaml_file_that_is_made_to_cost_time_costs_little(tmp_path: Path, name: str) -> None:
    bomb = YAML_BOMBS[name]
    assert len(bomb) <= LARGEST_TEXT
    assert told(tmp_path, **{"proef__course.yaml": bomb})
    lesson = lesson_text(f"{FENCE}\n{CITED}{CHOICE}")
    assert told(tmp_path, **{"proef__een.md": lesson, "proef__de-zaal.yaml": bomb})


def test_a_condition_that_is_too_long_or_too_deep_is_told(tmp_path: Path) -> None:
    lesson = lesson_text(f"{FENCE}\n{CITED}{CHOICE}")
    for when in (
        "spanning > 1 and " * 30 + "spanning > 1",
        "(" * 100 + "spanning > 1" + ")" * 100,
        "not " * 60 + "spanning > 1",
    ):
        case = CASE.replace("when: chose(n1.wacht)", f"when: {when}")
        assert told(tmp_path, **{"proef__een.md": lesson, "proef__de-zaal.yaml": case})


def test_too_many_files_are_told(tmp_path: Path) -> None:
    many: dict[str, str | bytes] = {f"proef__x{n}.txt": "x" for n in range(510)}
    assert ("content/proef/course.yaml", 1, "De module heeft 512 bestanden.") in told(tmp_path, **many)


def test_a_file_with_a_name_that_other_computers_cannot_read_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, **{"proef__café.txt": "x"}) == [
        ("content/proef/café.txt", 1, "Deze naam van een bestand kan niet.")
    ]
