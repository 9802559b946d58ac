"""Styles, scripts, font and icons: collected from npm packages, published under names that carry their content's hash.

`static/` is ours, `static/vendor/` comes from npm (git ignores it), `<data>/static/` is what browsers get. Without node
there is no vendor folder: pages then leave out what is missing and still work.
"""

import hashlib
import json
import re
import shutil
from functools import cache
from pathlib import Path
from uuid import uuid4

from servestatic.compress import Compressor

from backend.config import ROOT, settings

SOURCE = ROOT / "static"
VENDOR = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@fontsource-variable/radio-canada/files/radio-canada-latin-standard-normal.woff2": "radio-canada.woff2",
}
# The same family for documents on paper: a PDF cannot embed the variable font of the pages.
PRINT_FONTS = ("400Regular", "400Regular_Italic", "600SemiBold", "700Bold")
PRINT_FAMILY = "@expo-google-fonts/radio-canada"
NOT_FOR_BROWSERS = {".txt", ".ttf"}


def collect_vendor() -> None:
    """Copy what pages need out of node_modules/. Does nothing where npm did not run."""
    packages = ROOT / "node_modules"
    if not packages.is_dir():
        return
    target = SOURCE / "vendor"
    target.mkdir(exist_ok=True)
    for source, name in VENDOR.items():
        shutil.copyfile(packages / source, target / name)
    (target / "print").mkdir(exist_ok=True)
    for style in PRINT_FONTS:
        file = f"RadioCanada_{style}.ttf"
        shutil.copyfile(packages / PRINT_FAMILY / style / file, target / "print" / file)
    names = (SOURCE / "icons.txt").read_text().split()
    symbols = [_symbol(name, packages / "lucide-static" / "icons" / f"{name}.svg") for name in names]
    (target / "icons.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n')


def _symbol(name: str, file: Path) -> str:
    body = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", file.read_text())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(body.split())}</symbol>'


def publish() -> Path:
    """Write every static file as `name.<hash>.ext`, with compressed twins, and a manifest. Returns the folder.

    Files that are there already are left alone, so that a start costs milliseconds and two processes may publish at once.
    """
    target = settings.data_dir / "static"
    target.mkdir(parents=True, exist_ok=True)
    compressor = Compressor(quiet=True)
    manifest: dict[str, str] = {}
    files = sorted(
        (p for p in SOURCE.rglob("*") if p.is_file() and p.suffix not in NOT_FOR_BROWSERS),
        key=lambda p: p.suffix == ".css",
    )
    for file in files:  # style sheets last: they name the others
        name = file.relative_to(SOURCE).as_posix()
        content = file.read_bytes()
        if file.suffix == ".css":
            content = re.sub(
                rb'url\("(?!data:)([^"]+)"\)',
                lambda m: b'url("' + manifest.get(m[1].decode(), m[1].decode()).encode() + b'")',
                content,
            )
        published = f"{file.stem}.{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}"
        manifest[name] = published
        if not (target / published).exists():
            # A name of its own: another process may publish the same file now.
            temporary = target / f".{uuid4().hex}"
            temporary.write_bytes(content)
            temporary.replace(target / published)
            for _ in compressor.compress(str(target / published)):
                pass
    (target / "manifest.json").write_text(json.dumps(manifest))
    asset.cache_clear()
    _manifest.cache_clear()
    return target


@cache
def _manifest() -> dict[str, str]:
    file = settings.data_dir / "static" / "manifest.json"
    if not file.exists():
        publish()
    return dict(json.loads(file.read_text()))


@cache
def asset(name: str) -> str | None:
    """The address of a static file, or None when it is missing (no node): leave the tag out then."""
    published = _manifest().get(name)
    return f"/static/{published}" if published else None
