"""A module travels as one zip: the same bytes again and again, and nothing that a stranger puts in one does harm."""

import gzip
import io
import stat
import struct
import tarfile
import time
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from backend.courses import loading, packages, service
from backend.courses.course_files import PIECE
from backend.courses.files import Folder, sources_of
from backend.courses.models import CourseFile, CourseVersion
from backend.courses.packages import WrongPackage, export_zip, import_zip, read_zip, write_zip
from backend.db import Database, now
from backend.errors import AppError, NotFound, TooLarge
from tests.courses.everything import BODY, FILES
from tests.courses.files import CHOICE, CITED, COURSE, HEAD, lesson_text, write
from tests.courses.scenario import MP4, picture, zipped

FILM = MP4 + bytes(range(256)) * 2048  # more than one piece


def module(tmp_path: Path) -> Path:
    """A module with every kind of file."""
    rich = {f"proef__{path.replace('/', '__')}": content for path, content in FILES.items()}
    rich["proef__media__x.mp4"] = FILM
    return write(tmp_path, **rich, **{"proef__een.md": lesson_text(f"{BODY}\n{CITED}{CHOICE}")})


def exported(session: Session, key: str = "proef") -> bytes:
    return export_zip(session, service.find(session, key).version_id)


@pytest.fixture(autouse=True)
def _nothing_in_memory() -> None:
    service.forget_documents()


def test_what_was_loaded_comes_out_and_goes_in_again_byte_for_byte(
    own_engine: Engine, tmp_path: Path
) -> None:
    assert len(FILM) > PIECE
    content = module(tmp_path)
    database = Database(own_engine)
    with database.session() as session:
        loading.load(session, content, now())
        first = exported(session)
        assert import_zip(session, first, now()) == ("proef", None)  # nothing changed
    files = read_zip(first)
    assert files.keys() == {
        path.relative_to(content).as_posix() for path in content.rglob("*") if path.is_file()
    }
    assert all((content / path).read_bytes() == found for path, found in files.items())
    assert write_zip(files) == first
    changed = write_zip({**files, "proef/een.md": files["proef/een.md"] + b"\n\nNog iets.\n"})
    with database.session() as session:
        assert import_zip(session, changed, now()) == ("proef", 2)
        assert exported(session) == changed
        assert import_zip(session, first, now()) == ("proef", 3)
        assert exported(session) == first
        oldest = session.execute(
            select(col(CourseVersion.id)).where(col(CourseVersion.number) == 1)
        ).scalar_one()
        assert export_zip(session, oldest) == first


def test_a_module_moves_to_an_installation_that_never_saw_it(session: Session, tmp_path: Path) -> None:
    loading.load(session, module(tmp_path), now())
    data = exported(session)
    moved = {path.replace("proef/", "elders/"): content for path, content in read_zip(data).items()}
    moved["elders/course.yaml"] = moved["elders/course.yaml"].replace(b"key: proef", b"key: elders")
    packed = write_zip(moved)
    assert import_zip(session, packed, now()) == ("elders", 1)
    assert exported(session, "elders") == packed
    assert [document.key for _id, document in service.published(session)] == ["elders", "proef"]


def test_a_zip_that_a_computer_made_is_read_too(session: Session, tmp_path: Path) -> None:
    content = module(tmp_path)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(content.rglob("*"), reverse=True):
            archive.write(path, path.relative_to(content).as_posix())
        archive.writestr("__MACOSX/._een.md", b"rommel")
        archive.writestr("proef/.DS_Store", b"rommel")
    assert import_zip(session, out.getvalue(), now()) == ("proef", 1)
    assert exported(session) == write_zip(read_zip(out.getvalue()))


def test_a_comment_in_a_file_is_no_new_version_but_travels_along(session: Session, tmp_path: Path) -> None:
    content = write(tmp_path)
    loading.load(session, content, now())
    write(tmp_path, **{"proef__course.yaml": COURSE + "# nagelezen\n"})
    assert loading.load(session, content, now()) == []
    assert read_zip(exported(session))["proef/course.yaml"] == (COURSE + "# nagelezen\n").encode()


def test_a_file_that_two_modules_share_is_kept_once(session: Session, tmp_path: Path) -> None:
    other = {
        "ander__course.yaml": COURSE.replace("key: proef", "key: ander"),
        "ander__een.md": lesson_text(f"{CITED}{CHOICE}"),
    }
    loading.load(session, write(tmp_path, **other), now())
    count = session.execute(select(func.count()).select_from(CourseFile)).scalar_one()
    assert count == 6  # two lists, two courses, two lessons
    shown = session.execute(select(func.count()).where(col(CourseFile.media_type) != "")).scalar_one()
    assert shown == 0


def test_modules_that_are_published_at_once_share_their_files(own_engine: Engine, tmp_path: Path) -> None:
    """Each process inserts the shared lists; a unique key decides, and nobody fails."""
    keys = [f"proef{n}" for n in range(4)]
    files = {
        f"{key}__{name}": text.replace("key: proef", f"key: {key}")
        for key in keys
        for name, text in (("course.yaml", COURSE), ("een.md", lesson_text(f"{CITED}{CHOICE}")))
    }
    folder = Folder(write(tmp_path, **files))
    documents = {document.key: document for document in service.check(folder)[0]}
    together = Barrier(len(keys))

    def start(key: str) -> int | None:
        together.wait()
        with Database(own_engine).session() as session:
            return service.publish(session, documents[key], now(), sources_of(folder, key))

    with ThreadPoolExecutor(len(keys)) as pool:
        assert list(pool.map(start, keys)) == [1, 1, 1, 1]
    with Database(own_engine).session(reading=True) as session:
        for key in keys:
            assert read_zip(exported(session, key)).keys() == sources_of(folder, key).keys()
        counted = select(func.count()).select_from(CourseFile)
        assert session.execute(counted).scalar_one() == 2 + len(keys) + 1  # the lessons are the same file


def test_a_version_without_its_package_cannot_be_exported(session: Session, tmp_path: Path) -> None:
    documents, _problems = service.check(write(tmp_path))
    service.publish(session, documents[0], now())
    with pytest.raises(NotFound):
        exported(session)
    with pytest.raises(NotFound):
        export_zip(session, 987_654)
    loading.load(session, tmp_path / "content", now())  # the same document, now with its files
    assert exported(session)


def test_a_package_with_a_mistake_says_which_and_publishes_nothing(session: Session, tmp_path: Path) -> None:
    loading.load(session, write(tmp_path), now())
    files = read_zip(exported(session))
    files["proef/een.md"] = lesson_text("::: choise x\nWat?\n:::").encode()
    with pytest.raises(WrongPackage, match="14: Een blok “choise” bestaat niet") as caught:
        import_zip(session, write_zip(files), now())
    assert caught.value.status == 422
    assert len(caught.value.problems) >= 1
    assert service.find(session, "proef").number == 1


# ── hostile zips ──

GOOD = {
    "begrippen.yaml": b"conflict: Een botsing.\n",
    "bronnen.yaml": b"S1:\n  title: A\nS2:\n  title: B\n",
    "proef/course.yaml": COURSE.encode(),
    "proef/een.md": lesson_text(f"{CITED}{CHOICE}", HEAD).encode(),
}


def made(**options: Any) -> bytes:
    """A zip of GOOD and one entry more. `name`, `content`, `method`, `mode`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in GOOD.items():
            archive.writestr(path, content)
        entry = zipfile.ZipInfo(options.get("name", "proef/x.txt"))
        entry.external_attr = options.get("mode", 0) << 16
        entry.compress_type = options.get("method", zipfile.ZIP_STORED)
        archive.writestr(entry, options.get("content", b"tekst"))
    return out.getvalue()


def patched(data: bytes, name: str, where: str, **values: int) -> bytes:
    """The zip with numbers in one of the two headers of a file changed. `where`: local or central."""
    signature, length, first = (b"PK\x03\x04", 30, 6) if where == "local" else (b"PK\x01\x02", 46, 8)
    fields = {"flags": (first, "<H"), "method": (first + 2, "<H"), "crc": (first + 8, "<I"), "packed": (first + 12, "<I"),
              "size": (first + 16, "<I"), "offset": (42, "<I")}  # fmt: skip
    at = data.find(signature)
    while data[at + length : at + length + len(name)] != name.encode():
        at = data.find(signature, at + 1)
        assert at >= 0
    changed = bytearray(data)
    for field, value in values.items():
        place, shape = fields[field]
        struct.pack_into(shape, changed, at + place, value)
    return bytes(changed)


def refused(data: bytes) -> str:
    with pytest.raises(AppError) as caught:
        read_zip(data)
    assert caught.value.status in (413, 422)
    assert isinstance(caught.value, WrongPackage | TooLarge)
    return caught.value.message


def test_the_zip_that_is_made_worse_below_is_good_itself() -> None:
    assert read_zip(made()).keys() == {*GOOD, "proef/x.txt"}


NAMES = [
    "../x.txt", "proef/../../x.txt", "/etc/passwd", "proef//x.txt", "C:/x.txt", "C:x.txt", "proef\\x.txt", "..\\x.txt",
    "proef/x\x07.txt", "proef/x y.txt", "proef/é.txt", "proef/x\u202etxt.md", "proef/.", "proef/..", "./proef/x.txt", "~/x.txt",
    "proef/" + "a" * 200 + ".txt", "proef/a/b/c/d/x.txt", "proef/x.txt.", "-rf", "proef/x\nzoek.txt",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:40])
def test_a_name_that_leads_elsewhere_or_looks_like_another_is_refused(name: str) -> None:
    assert refused(made(name=name)).startswith("Deze naam kan niet in een pakket:")


def test_a_name_with_a_nul_in_it_is_refused() -> None:
    data = made(name="proef/x.txtQ.md").replace(b"x.txtQ.md", b"x.txt\0.md")
    assert refused(data) == "Deze naam kan niet in een pakket: proef/x.txt?.md"


def test_what_is_no_zip_or_cut_off_is_refused() -> None:
    data = write_zip(GOOD)
    for wrong in (
        b"",
        b"PK",
        b"geen zip",
        b"PK\x05\x06" + b"\0" * 18,
        data[:-30],
        data[100:],
        b"\x1f\x8b" + data[2:],
        data[:200],
    ):
        assert refused(wrong)


def test_every_single_cut_is_refused() -> None:
    data = write_zip({path: content for path, content in GOOD.items() if path != "proef/een.md"})
    for end in range(0, len(data), 7):
        assert refused(data[:end])


def test_a_link_or_a_device_is_refused() -> None:
    for mode in (stat.S_IFLNK | 0o777, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK):
        assert refused(made(mode=mode, content=b"/etc/passwd")).startswith("Dit is een verwijzing")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["proef/een.md", "proef/EEN.md"])
def test_a_file_that_is_there_twice_is_refused(name: str) -> None:
    assert refused(made(name=name)).startswith("Dit bestand zit er twee keer in:")


def test_what_is_encrypted_or_packed_in_another_way_is_refused() -> None:
    for flags in (0x1, 0x41, 0x2001):
        data = patched(made(), "proef/x.txt", "central", flags=flags)
        assert refused(data).startswith("Dit bestand is versleuteld:")
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert refused(made(method=method)).startswith("Dit bestand is ingepakt op een manier")
    assert refused(patched(made(), "proef/x.txt", "central", method=99)).startswith("Dit bestand is ingepakt")


def test_too_many_files_are_refused() -> None:
    many = {**GOOD, **{f"proef/x{n}.txt": b"x" for n in range(500)}}
    assert refused(write_zip(many)) == "Er zitten te veel bestanden in dit pakket: hoogstens 500."


def test_too_much_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "LARGEST_PACKAGE", 3000)
    assert refused(write_zip({**GOOD, "proef/x.txt": b"x" * 4000})).startswith("Dit pakket is te groot")
    packed = made(content=b"x" * 2900, method=zipfile.ZIP_DEFLATED)
    assert len(packed) < 3000
    assert refused(packed).startswith("Dit pakket is te groot")
    monkeypatch.undo()
    monkeypatch.setattr(packages, "LARGEST_FILE", 1000)
    assert refused(made(content=b"x" * 1001)).startswith("Dit bestand is te groot: proef/x.txt")


def test_a_bomb_is_refused_quickly() -> None:
    began = time.monotonic()
    assert refused(made(content=b"\0" * 50_000_000, method=zipfile.ZIP_DEFLATED)).startswith(
        "Dit bestand pakt uit tot"
    )
    assert time.monotonic() - began < 3  # most of it is making the bomb


def test_a_bomb_that_says_it_is_small_is_unpacked_no_further_than_that() -> None:
    bomb = made(content=b"\0" * 20_000_000, method=zipfile.ZIP_DEFLATED)
    for where in ("central", "local"):
        bomb = patched(bomb, "proef/x.txt", where, size=100)
    assert refused(bomb) == "Dit bestand is groter dan de zip zegt: proef/x.txt"
    small = patched(bomb, "proef/x.txt", "central", size=100, crc=zlib.crc32(b"\0" * 100))
    assert refused(small) == "Dit bestand is groter dan de zip zegt: proef/x.txt"


def test_a_size_or_a_sum_that_is_not_right_is_refused() -> None:
    for values in ({"size": 4}, {"size": 6}, {"packed": 4}, {"crc": 1}):
        assert refused(patched(made(), "proef/x.txt", "central", **values))
    deflated = made(content=b"tekst " * 50, method=zipfile.ZIP_DEFLATED)
    for values in ({"size": 299}, {"size": 301}, {"packed": 3}, {"crc": 1}):
        assert refused(patched(deflated, "proef/x.txt", "central", **values))


def test_files_that_lie_over_each_other_are_refused() -> None:
    data = made(content=b"tekst" * 100)
    second = data.find(b"PK\x03\x04", 1)
    assert refused(patched(data, "proef/x.txt", "central", offset=second)).startswith("Bestanden liggen over")
    grown = patched(data, "begrippen.yaml", "central", packed=2000, size=2000)
    assert refused(grown).startswith("Bestanden liggen over elkaar in deze zip: begrippen.yaml")
    last = patched(data, "proef/x.txt", "central", packed=510, size=510)  # into the list at the end
    assert refused(last).startswith("Bestanden liggen over elkaar")
    assert refused(patched(data, "proef/x.txt", "central", offset=len(data) - 10)).startswith(
        "Dit bestand is beschadigd"
    )


def test_another_name_before_the_content_is_refused() -> None:
    data = made()
    place = data.find(b"proef/x.txt")
    assert refused(data[:place] + b"proef/y.txt" + data[place + 11 :]).startswith("Dit bestand is beschadigd")


def test_a_package_in_a_package_is_refused() -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x"))
    for content in (zipped(x="y"), gzip.compress(b"x"), tar.getvalue(), b"7z\xbc\xaf'\x1c", b"Rar!\x1a\x07"):
        assert refused(made(content=content)).startswith("Er zit een ander pakket in dit pakket:")
    assert refused(made(name="proef/x.docx", content=zipped(x="y"))).startswith("Er zit een ander pakket")
    office = zipped(**{"word/document.xml": "<x/>"})
    assert read_zip(made(name="proef/x.docx", content=office))["proef/x.docx"] == office


LAYOUTS: list[dict[str, bytes]] = [
    {},
    {"begrippen.yaml": b"", "bronnen.yaml": b""},
    {path: content for path, content in GOOD.items() if path != "begrippen.yaml"},
    {f"content/{path}": content for path, content in GOOD.items()},
    {**GOOD, "ander/course.yaml": b""},
    {**GOOD, "leesmij.md": b""},
    {path: content for path, content in GOOD.items() if path != "proef/course.yaml"},
]


@pytest.mark.parametrize("files", LAYOUTS, ids=lambda files: "+".join(files)[:60])
def test_a_zip_of_something_else_is_refused(files: dict[str, bytes]) -> None:
    assert refused(write_zip(files)).startswith("In een pakket zitten begrippen.yaml, bronnen.yaml")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("proef/x.exe", b"MZ", "Dit soort bestand hoort niet in een module."),
        ("proef/x.html", b"<script>", "Dit soort bestand hoort niet in een module."),
        ("proef/course", b"x", "Dit soort bestand hoort niet in een module."),
    ],
)
def test_what_does_not_belong_in_a_module_is_refused(
    session: Session, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(WrongPackage, match=message):
        import_zip(session, write_zip({**GOOD, name: content}), now())


def test_a_picture_that_no_lesson_uses_only_warns(session: Session) -> None:
    assert import_zip(session, write_zip({**GOOD, "proef/x.png": picture()}), now()) == ("proef", 1)


@settings(max_examples=200)
@given(st.data())
def test_no_change_of_bytes_breaks_the_reading(data: st.DataObject) -> None:
    changed = bytearray(made(content=b"tekst " * 30, method=zipfile.ZIP_DEFLATED))
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        files = read_zip(bytes(changed))
    except AppError as error:
        assert error.status in (413, 422)  # noqa: PT017 - or it is read, see below
    else:
        assert all("/" in path or path.endswith(".yaml") for path in files)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    for wrong in (data, b"PK\x03\x04" + data, data + b"PK\x05\x06" + b"\0" * 18):
        assert refused(wrong)
