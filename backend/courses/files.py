"""The files of a package, by path: those of a folder on disk, or those in memory. All reading goes through here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.courses.problems import Report
from backend.fields import CONTROL, INVISIBLE

Files = Mapping[str, bytes]  # by path with slashes, such as "polarisatie/course.yaml"
TERMS, SOURCES, COURSE = "begrippen.yaml", "bronnen.yaml", "course.yaml"
LARGEST_FILE = 60_000_000  # bytes; a video of some minutes
LARGEST_TEXT = 200_000  # bytes of a lesson, a bank, a scenario or a list; a long lesson is some 30 kB
LARGEST_PACKAGE = 150_000_000  # bytes of one module with all its files
MOST_FILES = 500
DEEPEST, LONGEST_PATH = 4, 160
PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
LONGEST_LINE = 5_000  # characters; a paragraph is one line, and what is longer is no paragraph


class Folder(Files):
    """A folder on disk. Files are read when asked for, and never more of one than can be used."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.paths = sorted(self._find())

    def _find(self) -> Iterator[str]:
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root)
            is_seen = not any(part.startswith(".") for part in name.parts)
            if is_seen and path.is_file() and path.resolve().is_relative_to(self.root):
                yield name.as_posix()

    def __getitem__(self, name: str) -> bytes:
        if name not in self.paths:
            raise KeyError(name)
        with (self.root / name).open("rb") as file:
            return file.read(LARGEST_FILE + 1)

    def __contains__(self, name: object) -> bool:
        return name in self.paths  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True)
class Within(Files):
    """The files below one folder of a package, by their path in it."""

    files: Files
    folder: str

    def __getitem__(self, name: str) -> bytes:
        return self.files[f"{self.folder}/{name}"]

    def __contains__(self, name: object) -> bool:
        return f"{self.folder}/{name}" in self.files

    def __iter__(self) -> Iterator[str]:
        start = f"{self.folder}/"
        return (name.removeprefix(start) for name in self.files if name.startswith(start))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def is_path(path: str) -> bool:
    """A name that means the same on every computer: plain letters, no dots that lead elsewhere, not too long or deep."""
    parts = path.split("/")
    return len(path) <= LONGEST_PATH and len(parts) <= DEEPEST and all(PART.fullmatch(part) for part in parts)


def sources_of(files: Files, course: str) -> dict[str, bytes]:
    """What a package of one module holds: the words and sources that modules share, and its own folder."""
    return {path: files[path] for path in files if path in (TERMS, SOURCES) or path.startswith(f"{course}/")}


def read_text(files: Files, path: str, report: Report, *, long_lines: bool = False) -> str | None:
    """The text of a file, without marks that nobody sees; None, with a report, when it cannot be used."""
    try:
        content = files[path]
    except (KeyError, OSError):
        report.error(1, "Dit bestand is er niet.", "Maak het, of haal de naam weg waar hij genoemd wordt.")
        return None
    if len(content) > LARGEST_TEXT:
        report.error(
            1, f"Dit bestand is te groot: {len(content) // 1000} kB.",
            f"Maak er meer dan één van. Hoogstens {LARGEST_TEXT // 1000} kB.",
        )  # fmt: skip
        return None
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        report.error(1, "Dit bestand is geen UTF-8.", "Bewaar het opnieuw als UTF-8.")
        return None
    return text if _is_readable(text, report, long_lines=long_lines) else None


def _is_readable(text: str, report: Report, *, long_lines: bool) -> bool:
    for number, line in enumerate(text.split("\n"), start=1):
        if CONTROL.search(line) or INVISIBLE.search(line):
            report.error(number, "Hier staan onzichtbare tekens.", "Typ deze regel opnieuw.")
            return False
        if len(line) > LONGEST_LINE and not long_lines:
            report.error(
                number, f"Deze regel is te lang: {len(line)} tekens.",
                f"Maak er alinea’s van. Hoogstens {LONGEST_LINE} tekens.",
            )  # fmt: skip
            return False
    return True
