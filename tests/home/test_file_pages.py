"""Files of lessons reach whoever may open the lesson, whole or in part, and nobody else."""

import os

import pytest
from httpx2 import Response
from sqlmodel import Session

from backend.auth.models import AccountStatus
from backend.courses import course_files
from backend.courses.block_types import Download, Figure, MediaFile, Video
from backend.courses.media import CAPTIONS, DOWNLOADS, IMAGES, VIDEOS
from backend.home import file_pages
from tests.browser import Browser
from tests.courses.scenario import CAPTIONS as WORDS
from tests.courses.scenario import MP4, PDF, keep_picture, media, picture
from tests.factories import make_account
from tests.learning.documents import make_course, publish

FILM = MP4 + os.urandom(2 * course_files.PIECE)
SOURCE = b"- [x] het juiste antwoord"
CONTENT = {"x.png": picture(), "x.mp4": FILM, "x.vtt": WORDS.encode(), "x.pdf": PDF, "een.md": SOURCE}


@pytest.fixture
def kept(session: Session) -> dict[str, MediaFile]:
    """A module whose first lesson shows all of it; and a picture for members."""
    found = {
        "x.png": media(CONTENT["x.png"], "x.png", IMAGES),
        "x.mp4": media(FILM, "x.mp4", VIDEOS),
        "x.vtt": media(CONTENT["x.vtt"], "x.vtt", CAPTIONS),
        "x.pdf": media(PDF, "x.pdf", DOWNLOADS),
    }
    course_files.keep(
        session, {f"proef/{name}": content for name, content in CONTENT.items()}, found.values()
    )
    course = make_course()
    blocks = (
        Figure(key="f", file=found["x.png"], alt="a", caption_html=""),
        Video(key="v", title="v", file=found["x.mp4"], captions=found["x.vtt"], transcript_html=""),
        Download(key="d", title="d", file=found["x.pdf"]),
    )
    part = course.lessons[0].parts[0].model_copy(update={"blocks": blocks})
    first = course.lessons[0].model_copy(update={"parts": (part,)})
    publish(session, course.model_copy(update={"lessons": (first, *course.lessons[1:])}))
    return {**found, "leden.png": keep_picture(session)}


def ask(browser: Browser, file: MediaFile, name: str = "", **headers: str) -> Response:
    browser.session.flush()
    return browser.client.get(f"/bestanden/{file.sha256}/{name or file.name}", headers=headers)


def test_a_file_of_a_first_lesson_is_for_everyone_and_kept_for_ever(
    browser: Browser, kept: dict[str, MediaFile]
) -> None:
    for name, media_type in (
        ("x.png", "image/png"), ("x.mp4", "video/mp4"), ("x.vtt", "text/vtt; charset=utf-8"), ("x.pdf", "application/pdf"),
    ):  # fmt: skip
        answer = ask(browser, kept[name])
        assert (answer.status_code, answer.content) == (200, CONTENT[name])
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-length"] == str(len(CONTENT[name]))
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        kind = "attachment" if name == "x.pdf" else "inline"
        assert answer.headers["content-disposition"] == f'{kind}; filename="{name}"'


def test_other_files_are_for_members(browser: Browser, kept: dict[str, MediaFile], session: Session) -> None:
    file = kept["leden.png"]
    answer = ask(browser, file)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/aanmelden")
    browser.sign_in(make_account(session, "Wout", status=AccountStatus.APPLICANT))
    assert ask(browser, file).status_code == 403
    browser.sign_in(make_account(session, "Lena"))
    assert ask(browser, file).status_code == 200


def test_the_sources_with_the_answers_in_them_are_for_nobody(
    browser: Browser, kept: dict[str, MediaFile], session: Session
) -> None:
    import hashlib

    browser.sign_in(make_account(session, "Lena"))
    sha256 = hashlib.sha256(SOURCE).hexdigest()
    for name in ("een.md", "een.txt", "een.png"):
        assert browser.client.get(f"/bestanden/{sha256}/{name}").status_code == 404


@pytest.mark.parametrize(
    "name", ["x.exe", "x.html", "x.pdf", "x", "%22.png", "a%0d%0ab.png", "é.png", "a" * 120 + ".png", ".png"]
)
def test_a_file_goes_by_no_other_kind_of_name(
    browser: Browser, kept: dict[str, MediaFile], name: str
) -> None:
    answer = browser.client.get(f"/bestanden/{kept['x.png'].sha256}/{name}")
    assert answer.status_code == (200 if name == ".png" else 400 if "%0d" in name else 404)


def test_what_is_no_file_is_not_found(browser: Browser, kept: dict[str, MediaFile]) -> None:
    for sha256 in ("0" * 64, "x", "' OR 1=1", "..%2f..%2fetc"):
        assert browser.client.get(f"/bestanden/{sha256}/x.png").status_code == 404


RANGES = [
    ("bytes=0-0", 206, 0, 1),
    ("bytes=0-99", 206, 0, 100),
    ("bytes=10-", 206, 10, len(FILM)),
    ("bytes=-10", 206, len(FILM) - 10, len(FILM)),
    (f"bytes=-{len(FILM) * 2}", 206, 0, len(FILM)),
    (f"bytes=5-{len(FILM) * 2}", 206, 5, len(FILM)),
    (
        f"bytes={course_files.PIECE - 1}-{course_files.PIECE}",
        206,
        course_files.PIECE - 1,
        course_files.PIECE + 1,
    ),
    (f"bytes={course_files.PIECE}-{course_files.PIECE}", 206, course_files.PIECE, course_files.PIECE + 1),
    (f"bytes={len(FILM) - 1}-", 206, len(FILM) - 1, len(FILM)),
    (f"bytes={len(FILM)}-", 416, 0, 0),
    ("bytes=-0", 416, 0, 0),
    ("bytes=999999999999999-", 416, 0, 0),
    ("bytes=5-2", 200, 0, len(FILM)),
    ("bytes=-", 200, 0, len(FILM)),
    ("bytes=0-1,3-4", 200, 0, len(FILM)),
    ("bytes=" + ",".join(["0-"] * 500), 200, 0, len(FILM)),
    ("bytes=" + "9" * 400 + "-", 200, 0, len(FILM)),
    ("bytes=a-b", 200, 0, len(FILM)),
    ("lines=0-1", 200, 0, len(FILM)),
    ("bytes=+1-2", 200, 0, len(FILM)),
    ("bytes= 1-2", 200, 0, len(FILM)),
]


@pytest.mark.parametrize(("asked", "status", "start", "end"), RANGES, ids=[each[0][:30] for each in RANGES])
def test_a_part_of_a_video(
    browser: Browser, kept: dict[str, MediaFile], asked: str, status: int, start: int, end: int
) -> None:
    answer = ask(browser, kept["x.mp4"], Range=asked)
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(FILM)}"
        assert answer.content == b""
    else:
        assert answer.content == FILM[start:end]
        assert answer.headers.get("content-range") == (
            f"bytes {start}-{end - 1}/{len(FILM)}" if status == 206 else None
        )


def test_a_part_is_never_larger_than_what_fits_in_memory_many_times(
    browser: Browser, kept: dict[str, MediaFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_pages, "MOST_AT_ONCE", 1000)
    answer = ask(browser, kept["x.mp4"], Range="bytes=50-")
    assert answer.headers["content-range"] == f"bytes 50-1049/{len(FILM)}"
    assert answer.content == FILM[50:1050]
    whole = ask(browser, kept["x.mp4"])  # and all of it comes in pieces
    assert (whole.status_code, whole.content) == (200, FILM)
    assert whole.headers["content-length"] == str(len(FILM))


def test_a_part_of_another_version_of_the_file_is_all_of_it(
    browser: Browser, kept: dict[str, MediaFile]
) -> None:
    etag = ask(browser, kept["x.mp4"]).headers["etag"]
    assert ask(browser, kept["x.mp4"], Range="bytes=0-1", **{"If-Range": etag}).status_code == 206
    assert ask(browser, kept["x.mp4"], Range="bytes=0-1", **{"If-Range": '"anders"'}).status_code == 200


def test_who_has_it_already_gets_nothing_again(browser: Browser, kept: dict[str, MediaFile]) -> None:
    answer = ask(browser, kept["x.png"], **{"If-None-Match": f'"{kept["x.png"].sha256}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_only_sound_and_video_come_in_parts(browser: Browser, kept: dict[str, MediaFile]) -> None:
    answer = ask(browser, kept["x.png"], Range="bytes=0-1")
    assert (answer.status_code, answer.content) == (200, CONTENT["x.png"])


def test_a_file_takes_few_queries(browser: Browser, kept: dict[str, MediaFile], session: Session) -> None:
    browser.sign_in(make_account(session, "Lena"))
    browser.get(f"/bestanden/{kept['x.png'].sha256}/x.png")
    assert len(browser.queries) <= 4
