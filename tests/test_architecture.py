"""The house rules that no tool checks: what may stand where, how long, under which name."""

import ast
import inspect
import re
import subprocess
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import Route

from backend.config import ROOT
from backend.main import ROUTERS

BACKEND = ROOT / "backend"
MODULES = sorted(p for p in BACKEND.rglob("*.py") if p.name != "__init__.py" or p.read_text().strip())
PARTS = sorted(p.name for p in BACKEND.iterdir() if (p / "__init__.py").exists())
WEB = {"fastapi", "starlette", "jinja2", "backend.web", "backend.security"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "repository", "misc", "base"}
# In pieces, so that this file does not name what it looks for.
HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "npm" + "mirror",
    "deb." + "debian",
    "ghcr" + ".io",
)
FOLDERS = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/")


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    """The modules a file imports, also inside functions; `from backend.x import y` counts as backend.x and backend.x.y."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def is_page(path: Path) -> bool:
    """Modules that may know the web: pages, and the dependencies that pages use."""
    return path.stem == "pages" or path.stem.endswith("_pages") or path.stem == "access"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_what_writes_never_runs_where_every_request_waits() -> None:
    """Waiting for a lock in an async function stops the event loop, and so whoever should give that lock free."""
    stopping = [
        route.name
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, Route)
        and (route.methods or set()) - {"GET", "HEAD"}
        and inspect.iscoroutinefunction(route.endpoint)
        and "session" in inspect.signature(route.endpoint).parameters
    ]
    assert stopping == []


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name in PARTS and not is_page(p)], ids=short)
def test_business_rules_do_not_know_the_web(path: Path) -> None:
    direct = {name for name in imports(path) if name in WEB or name.split(".")[0] in WEB}
    assert not direct


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name in PARTS], ids=short)
def test_nobody_imports_the_pages_of_another_part(path: Path) -> None:
    """But access.py: it tells who is asking."""
    foreign = set()
    for name in imports(path):
        pieces = name.split(".")
        if (
            pieces[0] == "backend"
            and len(pieces) > 2
            and pieces[1] in PARTS
            and pieces[1] != path.parent.name
        ):
            is_web = pieces[2] == "pages" or pieces[2].endswith("_pages") or pieces[2] == "forms"
            foreign |= {name} if is_web else set()
    assert not foreign


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_a_file_holds_one_subject(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 400, "give the second subject its own file"
    assert path.stem not in VAGUE
    assert ast.get_docstring(ast.parse(path.read_text())), "say in one line what it is for"


def test_the_folders_are_the_parts_of_the_house() -> None:
    known = {
        "audit",
        "auth",
        "authoring",
        "courses",
        "demo",
        "events",
        "exchange",
        "home",
        "learning",
        "mentoring",
        "network",
        "recognition",
    }
    assert set(PARTS) == known, (
        "a new part has a place in the layers of pyproject.toml and in docs/architecture.md"
    )
    described = (ROOT / "docs" / "architecture.md").read_text()
    assert all(f"`{part}/`" in described for part in PARTS)


def test_every_route_is_named_after_its_part(api: FastAPI) -> None:
    del api
    seen: set[str] = set()
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, Route)
            part, _, verb = route.name.partition(".")
            assert part in PARTS, f"{route.path}: {route.name}"
            assert re.fullmatch(r"[a-z_]+", verb), f"{route.path}: {route.name}"
            assert route.name not in seen, f"two routes are called {route.name}"
            seen.add(route.name)
            assert route.methods is not None
            assert len(route.methods - {"HEAD"}) == 1, f"{route.name} changes and reads"


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    files = tracked()
    if not files:
        pytest.skip("NIET GEDRAAID: git ontbreekt")
    wrong = []
    for path in files:
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        wrong += [f"{short(path)}: {host}" for host in HOSTS if host in text]
        wrong += [
            f"{short(path)}: {folder}" for folder in FOLDERS if re.search(rf"(?<![\w.]){folder}\w", text)
        ]
    assert wrong == []


def test_the_lock_files_name_versions_and_hashes_only() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = path.read_text().splitlines()
        assert not [line for line in lines if line.startswith("-") or "://" in line]
        pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert all(re.match(r"[a-z0-9.-]+==[^ ]+ ", line) for line in pinned)
        assert len(pinned) > 30
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_what_pyproject_asks_for_is_locked() -> None:
    """`make lock` was run: every dependency is in the file, and those for running are the same in both."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, asked in (
        ("base", project["dependencies"]),
        ("dev", project["dependencies"] + project["optional-dependencies"]["dev"]),
    ):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        locked = {line.split("==")[0] for line in text.splitlines() if "==" in line}
        assert {re.split(r"[\[;><= ]", wish)[0] for wish in asked} <= locked
    assert _versions("base").items() <= _versions("dev").items()


def _versions(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(line.split(" ")[0].split("==") for line in text.splitlines() if re.match(r"[a-z0-9]", line))


def test_the_checks_see_what_they_look_for(tmp_path: Path) -> None:
    """The negative control: an import inside a function, and a page, are found."""
    file = tmp_path / "service.py"
    file.write_text(
        "def f():\n    from fastapi import Request\n    from backend.events.pages import router\n"
    )
    assert {"fastapi", "backend.events.pages"} <= imports(file)
