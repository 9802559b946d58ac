"""Documents on paper: typst templates (templates/print/) become accessible PDF files in the product's own font.

Without the fonts of npm a PDF is set in a font that typst brings along.
"""

import json
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any

from backend.assets import SOURCE
from backend.config import ROOT

FOLDER = ROOT / "templates" / "print"
FONTS = SOURCE / "vendor" / "print"
_one_at_a_time = Lock()  # the compiler keeps what it parsed, and is not for two threads at once


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """`template` is a file in templates/print/; `data` must be JSON. PDF/UA-1: typst refuses a picture without words."""
    with _one_at_a_time:
        made = _compiler().compile(
            FOLDER / f"{template}.typ",
            format="pdf",
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["ua-1"],
        )
    assert isinstance(made, bytes)  # noqa: S101 - one file, because the format is PDF
    return made


@cache
def _compiler() -> Any:
    import typst  # here: it takes memory that most processes never need

    return typst.Compiler(root=FOLDER, font_paths=[FONTS] if FONTS.is_dir() else [], ignore_system_fonts=True)
