"""Blocks with a file: figures, diagrams, video, audio and downloads."""

from backend.courses import block_types as doc
from backend.courses.block_reader import BlockReader
from backend.courses.drawings import drawing
from backend.courses.fences import Fence
from backend.courses.files import read_text
from backend.courses.media import CAPTIONS, DOWNLOADS, IMAGES, SOUNDS, VIDEOS, media_file
from backend.courses.problems import Report
from backend.file_kinds import Kind

ALT_ADVICE = "Beschrijf wat iemand die de tekening niet ziet, moet weten."
LONGEST_ALT = 1000


def figure(reader: BlockReader, fence: Fence) -> doc.Figure | None:
    alt, caption = _alt(reader, fence), _caption(reader, fence)
    image, svg, file = fence.fields.get("image", ""), "", None
    if image.endswith(".svg") or not image:
        svg = _drawing(reader, fence)
    else:
        file = _file(reader, fence, "image", IMAGES)
    if not (alt and (svg or file)):
        return None
    credit = fence.fields.get("credit", "")
    return doc.Figure(key=fence.key, svg=svg, file=file, alt=alt, caption_html=caption, credit=credit)


def diagram(reader: BlockReader, fence: Fence) -> doc.Diagram | None:
    above, below = fence.split()
    alt, caption, svg = _alt(reader, fence), _caption(reader, above), _drawing(reader, fence)
    if below is None or not below.text.strip():
        reader.report.error(
            fence.line, "Wat in de tekening staat, is niet als tekst te lezen.",
            "Zet onder het bijschrift een regel --- en daaronder alles wat de tekening zegt.",
        )  # fmt: skip
        return None
    text = reader.writer.html(below.text, below.text_line)
    if not (alt and svg and text):
        return None
    return doc.Diagram(
        key=fence.key, svg=svg, alt=alt, caption_html=caption, text_html=text, credit=fence.fields.get("credit", "")
    )  # fmt: skip


def video(reader: BlockReader, fence: Fence) -> doc.Video | None:
    title, transcript = reader.title(fence), _transcript(reader, fence)
    file = _file(reader, fence, "file", VIDEOS)
    captions = _file(reader, fence, "captions", CAPTIONS)
    poster = _file(reader, fence, "poster", IMAGES) if fence.fields.get("poster") else None
    if not (title and file and captions and transcript):
        return None
    return doc.Video(
        key=fence.key, title=title, file=file, captions=captions, poster=poster, transcript_html=transcript
    )


def audio(reader: BlockReader, fence: Fence) -> doc.Audio | None:
    title, transcript = reader.title(fence), _transcript(reader, fence)
    file = _file(reader, fence, "file", SOUNDS)
    captions = _file(reader, fence, "captions", CAPTIONS) if fence.fields.get("captions") else None
    if not (title and file and transcript):
        return None
    return doc.Audio(key=fence.key, title=title, file=file, captions=captions, transcript_html=transcript)


def download(reader: BlockReader, fence: Fence) -> doc.Download | None:
    title, file = reader.title(fence), _file(reader, fence, "file", DOWNLOADS)
    html = reader.writer.inline(fence.text, fence.text_line) if fence.text.strip() else ""
    return doc.Download(key=fence.key, title=title, file=file, html=html) if title and file else None


def _alt(reader: BlockReader, fence: Fence) -> str:
    alt = fence.fields.get("alt", "")
    if not alt:
        reader.report.error(fence.line, "De tekening heeft geen alt:.", ALT_ADVICE)
    elif len(alt) > LONGEST_ALT:
        reader.report.error(
            fence.line_of("alt"), f"alt: is te lang: {len(alt)} tekens.",
            "Maak er een blok diagram van: dat heeft plaats voor alle tekst.",
        )  # fmt: skip
    return alt


def _caption(reader: BlockReader, fence: Fence) -> str:
    return reader.writer.inline(fence.text, fence.text_line) if fence.text.strip() else ""


def _transcript(reader: BlockReader, fence: Fence) -> str:
    if not fence.text.strip():
        reader.report.error(
            fence.line, "De uitgeschreven tekst ontbreekt.", "Schrijf in het blok alles wat er gezegd en getoond wordt."
        )  # fmt: skip
        return ""
    return reader.writer.html(fence.text, fence.text_line)


def _drawing(reader: BlockReader, fence: Fence) -> str:
    path = fence.fields.get("image", "")
    if not path.endswith(".svg"):
        reader.report.error(
            fence.line_of("image"), "De tekening ontbreekt.", "Schrijf bijvoorbeeld image: figuren/drie-vormen.svg"
        )  # fmt: skip
        return ""
    if not _exists(reader, fence, "image"):
        return ""
    own = _report_of(reader, path)
    text = read_text(reader.material.files, path, own, long_lines=True)
    return drawing(text, own) if text is not None else ""


def _file(reader: BlockReader, fence: Fence, name: str, kinds: dict[str, Kind]) -> doc.MediaFile | None:
    example = f"Schrijf bijvoorbeeld {name}: media/voorbeeld.{next(iter(kinds))}"
    if not reader.required(fence, name, example) or not _exists(reader, fence, name):
        return None
    path = fence.fields[name]
    return media_file(path, reader.material.files[path], kinds, _report_of(reader, path))


def _exists(reader: BlockReader, fence: Fence, name: str) -> bool:
    path = fence.fields[name]
    reader.material.used.add(path)
    if path in reader.material.files:
        return True
    reader.report.error(
        fence.line_of(name), f"Het bestand {path[:80]} is er niet.", "Zet het in de map van de module, of verbeter de naam."
    )  # fmt: skip
    return False


def _report_of(reader: BlockReader, path: str) -> Report:
    return reader.report.of(f"{reader.material.place}/{path}")
