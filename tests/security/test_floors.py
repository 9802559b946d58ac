"""No locked package is older than the version that mended a weakness we know of (security-floors.toml)."""

import re
import tomllib

import pytest
from packaging.version import Version

from backend.config import ROOT
from backend.db import sqlite_driver, sqlite_is_sound

FLOORS = tomllib.loads((ROOT / "security-floors.toml").read_text())["floor"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pins(lock: str) -> list[tuple[str, Version]]:
    """Every package with each version that is locked for it."""
    return [(name.lower().replace("_", "-"), Version(version)) for name, version in PIN.findall(lock)]


def below(locked: list[tuple[str, Version]]) -> list[str]:
    floors = {floor["package"]: Version(floor["minimum"]) for floor in FLOORS}
    return [
        f"{name} {version} < {floors[name]}"
        for name, version in locked
        if name in floors and version < floors[name]
    ]


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_no_locked_package_has_a_weakness_we_know_of(name: str) -> None:
    locked = pins((ROOT / "requirements" / name).read_text())
    assert len(locked) > 40
    assert below(locked) == []


def test_an_older_one_would_be_noticed() -> None:
    """Negative control."""
    assert below(pins("starlette==1.3.0 \\\n    --hash=sha256:00\nPython_Multipart[x]==0.0.9\n")) == [
        "starlette 1.3.0 < 1.3.1",
        "python-multipart 0.0.9 < 0.0.31",
    ]


def test_the_floors_are_read_by_people_too() -> None:
    assert len({floor["package"] for floor in FLOORS}) == len(FLOORS)
    assert {"starlette", "python-multipart", "jinja2", "h11"} <= {floor["package"] for floor in FLOORS}
    assert all(floor["advisories"] and floor["why"] and floor["added"] for floor in FLOORS)


def test_the_sqlite_that_runs_here_keeps_what_it_committed() -> None:
    assert sqlite_is_sound(sqlite_driver().sqlite_version_info)
    assert not sqlite_is_sound((3, 40, 1))
    assert not sqlite_is_sound((3, 51, 2))
