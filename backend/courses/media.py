"""Files that a lesson shows or offers: what kinds there are, and proof by their content that they are what they say."""

import hashlib
import warnings
from io import BytesIO
from pathlib import PurePosixPath

from backend.courses.block_types import MediaFile
from backend.courses.problems import Report
from backend.file_kinds import DOCUMENTS, MEGABYTE, TEXTS, Kind, ending, is_text, starts

MOST_PIXELS = 25_000_000  # what unpacking a picture may cost a browser
GPS = 0x8825
ARCHIVES = (
    b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf'\x1c", b"Rar!", b"MSCF", b"\x28\xb5\x2f\xfd",
)  # fmt: skip


def _is_mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp"


def _is_mp3(content: bytes) -> bool:
    return content.startswith(b"ID3") or (content[:1] == b"\xff" and content[1:2] > b"\xe0")


def _is_captions(content: bytes) -> bool:
    return (
        is_text(content) and content.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT") and b"-->" in content
    )


def is_archive(path: str, content: bytes) -> bool:
    """Something with other files in it. Documents of an office are that too, but of a known kind."""
    if ending(path) in ("docx", "xlsx", "odt"):
        return not DOWNLOADS[ending(path)].is_one(content)
    return content.startswith(ARCHIVES) or content[257:262] == b"ustar"


def _is_image(content: bytes) -> bool:
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    )


IMAGES = {
    "png": Kind("image/png", 2 * MEGABYTE, _is_image),
    "jpg": Kind("image/jpeg", 2 * MEGABYTE, _is_image),
    "jpeg": Kind("image/jpeg", 2 * MEGABYTE, _is_image),
    "webp": Kind("image/webp", 2 * MEGABYTE, _is_image),
}
VIDEOS = {
    "mp4": Kind("video/mp4", 60 * MEGABYTE, _is_mp4),
    "webm": Kind("video/webm", 60 * MEGABYTE, starts(b"\x1a\x45\xdf\xa3")),
}
SOUNDS = {
    "mp3": Kind("audio/mpeg", 20 * MEGABYTE, _is_mp3),
    "m4a": Kind("audio/mp4", 20 * MEGABYTE, _is_mp4),
    "ogg": Kind("audio/ogg", 20 * MEGABYTE, starts(b"OggS")),
}
CAPTIONS = {"vtt": Kind("text/vtt", MEGABYTE, _is_captions)}
DOWNLOADS = {**DOCUMENTS, **TEXTS}
ALL = {**IMAGES, **VIDEOS, **SOUNDS, **CAPTIONS, **DOWNLOADS}
# What pages may show or offer: media type → endings.
SERVED = {
    kind.media_type: {name for name, other in ALL.items() if other.media_type == kind.media_type}
    for kind in ALL.values()
}


def media_file(path: str, content: bytes, kinds: dict[str, Kind], report: Report) -> MediaFile | None:
    """What a block keeps of a file. The report is that of the file itself."""
    name = PurePosixPath(path).name
    kind = kinds.get(ending(path))
    if kind is None:
        endings = ", ".join(kinds)
        report.error(1, f"Dit soort bestand kan hier niet: {name[-20:]}", f"Kies uit: {endings}.")
        return None
    if len(content) > kind.largest:
        report.error(
            1, f"Dit bestand is te groot: {len(content) / MEGABYTE:.1f} MB.",
            f"Maak het kleiner. Hoogstens {kind.largest // MEGABYTE} MB.",
        )  # fmt: skip
        return None
    if not kind.is_one(content):
        report.error(
            1, f"Dit is geen geldig {ending(path)}-bestand.", "Bewaar het opnieuw, in het juiste formaat."
        )
        return None
    width, height = 0, 0
    if kind.media_type.startswith("image/"):
        width, height = _size(content, kind.media_type, report)
        if not width:
            return None
    return MediaFile(
        sha256=hashlib.sha256(content).hexdigest(), name=name, media_type=kind.media_type, size=len(content),
        width=width, height=height,
    )  # fmt: skip


def _size(content: bytes, media_type: str, report: Report) -> tuple[int, int]:
    """Width and height of a picture; (0, 0) with a report for what is none, too large, or tells where it was taken."""
    from PIL import Image, UnidentifiedImageError  # here: it takes memory that most processes never need

    said: tuple[str, str] | None = None
    size = (0, 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow warns of what is far too large
            with Image.open(BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as picture:
                size, found = picture.size, picture.get_format_mimetype()
                if found != media_type:
                    said = (
                        f"De naam van dit beeld klopt niet: het is {found}.",
                        "Geef het bestand de juiste naam.",
                    )
                elif size[0] * size[1] > MOST_PIXELS:
                    said = (
                        f"Dit beeld is {size[0]} op {size[1]} punten.",
                        "Maak het kleiner: 2000 breed is genoeg.",
                    )
                else:
                    picture.load()  # all of it: a picture that is cut off fails here
                    if picture.getexif().get_ifd(GPS):
                        said = (
                            "In dit beeld staat waar het gemaakt is.",
                            "Verwijder de gegevens van de foto (EXIF).",
                        )
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        said = "Dit is geen geldig beeld.", "Bewaar het opnieuw als png, jpg of webp."
    if said is not None:
        report.error(1, *said)
    return (0, 0) if said else size
