"""Take a guard away and see the suite fail: each line of mutants.toml is one guard, with the tests that must notice."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from backend.config import ROOT

pytestmark = pytest.mark.deep
MUTANTS = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text())["mutant"]
COPIED = ("backend", "templates", "static", "tests", "content", "locale", "migrations")
LINKED = (
    "pyproject.toml",
    "alembic.ini",
    "babel.cfg",
    "node_modules",
    "requirements",
    "docs",
    "package.json",
    "security-floors.toml",
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product that a mutant may damage."""
    target = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        if (ROOT / name).exists():
            (target / name).symlink_to(ROOT / name)
    return target


def outcome(tree: Path, tests: list[str]) -> str:
    """What pytest says of the first test that fails; "" when all pass."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LN_", "PYTEST_"))}
    env |= {"LN_DATA_DIR": str(tree / "var"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    run = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=900, check=False)
    assert run.returncode in (0, 1), run.stdout[-3000:] + run.stderr[-2000:]
    return run.stdout[-6000:] if run.returncode else ""


def test_the_named_tests_pass_on_the_product_as_it_is(tree: Path) -> None:
    failed = outcome(tree, sorted({test for mutant in MUTANTS for test in mutant["tests"]}))
    assert not failed, failed


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m["guard"])
def test_without_the_guard_a_test_fails(tree: Path, mutant: dict) -> None:
    file = tree / mutant["file"]
    source = file.read_text()
    assert source.count(mutant["old"]) == 1, f"{mutant['file']} no longer has exactly one: {mutant['old']}"
    file.write_text(source.replace(mutant["old"], mutant["new"]))
    try:
        assert outcome(tree, mutant["tests"]), f"nobody noticed that this guard was gone: {mutant['guard']}"
    finally:
        file.write_text(source)
