"""What some tests need beside Python. What is missing is named loudly; with LN_REQUIRE_ALL=1 not running is failing."""

import os
import shutil
from collections.abc import Callable, Generator
from typing import Any

import pytest

from backend.config import ROOT
from tests import postgres

NEEDS: dict[str, tuple[str, Callable[[], object]]] = {
    "postgres": ("PostgreSQL", postgres.programs),
    "browser": ("Chromium", lambda: shutil.which("chromium") or shutil.which("chromium-browser")),
    "node": (
        "Node.js met de pakketten van npm",
        lambda: shutil.which("node") and (ROOT / "node_modules" / "axe-core").exists(),
    ),
}
NOT_RUN = "NIET GEDRAAID: "


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, (program, is_there) in NEEDS.items():
        if item.get_closest_marker(name) and not is_there():
            pytest.skip(f"{NOT_RUN}{program} ontbreekt")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    if report.skipped and os.environ.get("LN_REQUIRE_ALL") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and LN_REQUIRE_ALL is set: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = [str(report.longrepr[-1]) for report in terminalreporter.stats.get("skipped", [])]
    for reason in sorted(set(reasons)):
        terminalreporter.write_line(
            f"{reason.removeprefix('Skipped: ')} ({reasons.count(reason)}×)", yellow=True, bold=True
        )
