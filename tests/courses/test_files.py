"""Files are judged by their content, and a folder gives no more than it holds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.courses.files import LARGEST_FILE, Folder, Within
from backend.courses.media import CAPTIONS, DOWNLOADS, IMAGES, SOUNDS, VIDEOS, media_file
from backend.courses.problems import Report
from tests.courses import scenario as made

ALL = {**IMAGES, **VIDEOS, **SOUNDS, **CAPTIONS, **DOWNLOADS}
REAL = {
    "png": made.picture(),
    "jpg": made.picture("JPEG"),
    "jpeg": made.picture("JPEG"),
    "webp": made.picture("WEBP"),
    "mp4": made.MP4,
    "webm": b"\x1a\x45\xdf\xa3\0\0",
    "mp3": made.MP3,
    "m4a": b"\0\0\0\x18ftypM4A ",
    "ogg": b"OggS\0\2",
    "vtt": made.CAPTIONS.encode(),
    "pdf": made.PDF,
    "docx": made.zipped(word__document="x", **{"word/document.xml": "<x/>"}),
    "xlsx": made.zipped(**{"xl/workbook.xml": "<x/>"}),
    "odt": made.zipped(**{"content.xml": "<x/>"}),
    "csv": "a;b\n1;é\n".encode(),
    "txt": b"tekst\n",
}


def test_every_kind_is_tried() -> None:
    assert REAL.keys() == ALL.keys()


@pytest.mark.parametrize("ending", REAL)
def test_a_file_that_is_what_it_says_is_taken(ending: str) -> None:
    report = Report("x")
    kinds = next(each for each in (IMAGES, VIDEOS, SOUNDS, CAPTIONS, DOWNLOADS) if ending in each)
    found = media_file(f"map/naam.{ending}", REAL[ending], kinds, report)
    assert report.problems == []
    assert (found.name, found.size) == (f"naam.{ending}", len(REAL[ending]))


@pytest.mark.parametrize("ending", REAL)
def test_another_file_under_that_name_is_not(ending: str) -> None:
    twins = {("jpg", "jpeg"), ("jpeg", "jpg"), ("m4a", "mp4"), ("mp4", "m4a")}
    twins |= {(a, b) for a in ("csv", "txt") for b in ("csv", "txt", "vtt", "pdf")}  # text is text
    for other, content in [*REAL.items(), ("html", b"\xff<script>"), ("leeg", b"\0")]:
        if other != ending and (ending, other) not in twins:
            report = Report("x")
            assert media_file(f"x.{ending}", content, {ending: ALL[ending]}, report) is None, other
            assert len(report.problems) == 1


def test_a_document_with_macros_or_an_archive_is_refused() -> None:
    for content in (
        made.zipped(**{"word/document.xml": "<x/>", "word/vbaProject.bin": "x"}),
        made.zipped(**{"iets.txt": "x"}),
        b"PK\x03\x04 kapot",
    ):
        report = Report("x")
        assert media_file("x.docx", content, DOWNLOADS, report) is None
        assert [p.message for p in report.problems] == ["Dit is geen geldig docx-bestand."]


@given(st.binary(max_size=200), st.sampled_from(sorted(ALL)))
def test_no_bytes_break_the_judgement(content: bytes, ending: str) -> None:
    report = Report("x")
    found = media_file(f"x.{ending}", content, ALL, report)
    assert (found is None) == bool(report.problems)


def test_a_folder_shows_its_files_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "content"
    (root / "a/b").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("a/b/x.txt", "y.txt", ".verborgen", ".git/config"):
        (root / name).write_text("x")
    (tmp_path / "geheim.txt").write_text("x")
    (root / "link.txt").symlink_to(tmp_path / "geheim.txt")
    folder = Folder(root)
    assert list(folder) == ["a/b/x.txt", "y.txt"]
    assert dict(Within(folder, "a")) == {"b/x.txt": b"x"}
    for name in ("../geheim.txt", "link.txt", ".verborgen", "a/../y.txt"):
        with pytest.raises(KeyError):
            folder[name]


def test_of_a_huge_file_no_more_is_read_than_shows_that_it_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.write(made.MP4)
        file.truncate(LARGEST_FILE * 5)
    content = Folder(tmp_path)["film.mp4"]
    assert len(content) == LARGEST_FILE + 1
    report = Report("x")
    assert media_file("film.mp4", content, VIDEOS, report) is None
