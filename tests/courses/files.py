"""A small folder of modules on disk, and a lesson that a test can bend."""

from collections.abc import Mapping
from pathlib import Path

from backend.courses.block_reader import Library, Material
from backend.courses.documents import Lesson, Source, Term
from backend.courses.lessons import read_lesson
from backend.courses.problems import Problem, Report

HEAD = """---
key: een
title: De eerste les
short: Eerste
minutes: 8
goals:
  - Je kent het.
sources: [S1, S2]
checked: 2026-11-22
review_before: 2027-11-01
---
"""
CHOICE = """
::: choice kies
Wat past hier?
- [x] Dit.
  : Juist.
- [ ] Dat.
  : Neen.
:::
"""
COURSE = """key: proef
number: 1
title: Proef
subtitle: Om te proberen
summary: Een module.
minutes: 8
language: nl-BE
goals: [iets kennen]
made_by: [Iemand]
lessons: [een]
review: {state: niet nagelezen, by: []}
"""
SVG = '<svg viewBox="0 0 10 10"><path class="fa" d="M1 1h2"/><text class="ft" x="1" y="2">woord</text></svg>'
LIBRARY = Library(
    words={
        "conflict": Term(key="conflict", word="conflict", meaning="Een botsing."),
        "brug": Term(key="brug", word="brug", meaning="Een verbinding."),
    },
    sources={"S1": Source(key="S1", title="Eerste bron"), "S2": Source(key="S2", title="Tweede bron")},
)
CITED = "Zie [S1] en [S2].\n"


def lesson_text(body: str, head: str = HEAD) -> str:
    return f"{head}# Kern\n\n{body}"


Given = Mapping[str, str | bytes]  # files of the module, by path


def material(files: Given) -> Material:
    return Material(LIBRARY, {path: _bytes(content) for path, content in files.items()}, "content/proef")


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def read(body: str, *, head: str = HEAD, files: Given = {}) -> tuple[Lesson | None, list[Problem]]:  # noqa: B006
    """A lesson of one part with this text; `body` begins on line 14."""
    return read_file(lesson_text(body, head), files)


def read_file(text: str, files: Given = {}) -> tuple[Lesson | None, list[Problem]]:  # noqa: B006
    report = Report("content/proef/een.md")
    return read_lesson(text, "1.1", material(files), report), report.problems


def good(body: str, files: Given = {}, head: str = HEAD) -> Lesson:  # noqa: B006
    """The lesson, which must be without errors. The question and the sources that a lesson needs are added below."""
    lesson, problems = read(f"{body}\n{CITED}{CHOICE}", files=files, head=head)
    assert lesson is not None, problems
    return lesson


def errors(body: str, files: Given = {}, head: str = HEAD) -> list[tuple[int, str]]:  # noqa: B006
    """Line in the body (its first is 1) and message of every error; those of other files have their own line."""
    lesson, problems = read(f"{body}\n\n{CITED}{CHOICE}", files=files, head=head)
    above = {"content/proef/een.md": head.count("\n") + 2}
    found = [(each.line - above.get(each.file, 0), each.message) for each in problems if not each.is_warning]
    assert (lesson is None) == bool(found)
    assert all(each.advice for each in problems)
    return found


def write(folder: Path, **files: str | bytes) -> Path:
    """A folder `content` with one module; files by name, `__` for a slash, override or add."""
    content = folder / "content"
    written = {
        "begrippen.yaml": "conflict: Een botsing.\n",
        "bronnen.yaml": "S1:\n  title: Eerste bron\n  checked: 2026-11-22\nS2:\n  title: Tweede bron\n  checked: 2026-11-22\n",
        "proef/course.yaml": COURSE,
        "proef/een.md": lesson_text(f"Een conflict. {CITED}{CHOICE}"),
        **{name.replace("__", "/"): text for name, text in files.items()},
    }
    for name, text in written.items():
        path = content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(text))
    return content
