"""A small module as a package, and the zips that tests send."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from backend.courses.packages import write_zip

COURSE = """\
key: proef
number: 7
title: Proefmodule
subtitle: Om te proberen
summary: Een module om te proberen.
minutes: 20
language: nl-BE
goals:
  - proberen
made_by: [Lerend netwerk]
lessons: [een, twee]
review: {state: niet nagelezen, by: []}
"""
LESSON = """\
---
key: {key}
title: Les {key}
short: {key}
minutes: 8
goals:
  - Je kent het.
sources: [S1]
checked: 2026-11-22
review_before: 2027-11-01
---

# Kern

Dit is waar [S1].

# Check

::: choice kies
Welke zin past?
- [{a}] De ene zin.
  : Dit is de uitleg bij de ene.
- [{b}] De andere zin.
  : Dit is de uitleg bij de andere.
- [ ] De derde zin.
  : Dit is de uitleg bij de derde.
:::
"""
TERMS = "woord: Een woord met een betekenis.\n"
SOURCES = """\
S1:
  title: Een bron
  by: Iemand
  url: https://bron.example/
  checked: 2026-11-22
"""
Files = dict[str, bytes]


def lesson(key: str, *, right: str = "b", **changes: str) -> str:
    """`changes`: words of the lesson and what stands in their place."""
    text = LESSON.format(key=key, a="x" if right == "a" else " ", b="x" if right == "b" else " ")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def package(key: str = "proef", **files: str) -> Files:
    """`files`: by name without folder and ending: een="…" is the lesson, course="…" course.yaml."""
    texts = {
        "begrippen.yaml": TERMS,
        "bronnen.yaml": SOURCES,
        f"{key}/course.yaml": COURSE.replace("key: proef", f"key: {key}"),
        f"{key}/een.md": lesson("een"),
        f"{key}/twee.md": lesson("twee"),
    }
    for name, text in files.items():
        texts[f"{key}/course.yaml" if name == "course" else f"{key}/{name}.md"] = text
    return {path: text.encode() for path, text in texts.items()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    return write_zip(files)


def packed(files: Mapping[str, bytes]) -> bytes:
    """As another program would make it: compressed, with other dates."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()


def wrong() -> Files:
    """With an error at a known line, and a warning."""
    return package(een=lesson("een").replace("[S1].", "[S9]."))
