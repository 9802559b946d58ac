"""From a fence to a block of the document: which function reads which type."""

from collections.abc import Callable

from backend.courses import block_types as doc
from backend.courses import media_blocks as media
from backend.courses import own_blocks as own
from backend.courses import reading_blocks as reading
from backend.courses.banks import GRADED, bank_path, check
from backend.courses.block_reader import BlockReader
from backend.courses.fences import Fence
from backend.courses.scenario_files import scenario, scenario_path
from backend.courses.written_questions import compare

KINDS: dict[str, Callable[[BlockReader, Fence], doc.AnyBlock | None]] = {
    "callout": reading.callout,
    "figure": media.figure,
    "diagram": media.diagram,
    "video": media.video,
    "audio": media.audio,
    "quote": reading.quote,
    "term": reading.term,
    "reading": reading.reading,
    "table": reading.table,
    "download": media.download,
    "fold": reading.fold,
    "warning": reading.warning,
    "takeaway": reading.takeaway,
    **GRADED,
    "compare": compare,
    "check": check,
    "scenario": scenario,
    "private": own.private,
    "reflection": own.reflection,
    "selfrating": own.selfrating,
    "poll": own.poll,
}


def build(reader: BlockReader, fence: Fence) -> doc.AnyBlock | None:
    """The block; None when it has an error, which is reported."""
    make = KINDS.get(fence.type)
    return make(reader, fence) if make else None


def file_of(fence: Fence) -> str:
    """The path of the file that holds the text of a block; "" for one that holds its own."""
    return {"check": bank_path, "scenario": scenario_path}.get(fence.type, lambda _: "")(fence)
