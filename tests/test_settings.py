"""Settings: production refuses defaults, and docs/settings.md tells about every one."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from backend.config import DEVELOPMENT_SECRET, ROOT, Settings

TABLE = (ROOT / "docs" / "settings.md").read_text()
GOOD: dict[str, Any] = {"mode": "production", "secret_key": "x" * 40, "base_url": "https://netwerk.example"}


def make(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


def test_the_demo_needs_no_settings() -> None:
    assert make().demo


def test_production_starts_with_its_own_secret_and_https() -> None:
    assert make(**GOOD).secure_cookies


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"secret_key": DEVELOPMENT_SECRET}, "LN_SECRET_KEY"),
        ({"secret_key": "x" * 31}, "LN_SECRET_KEY"),
        ({"base_url": "http://netwerk.example"}, "LN_BASE_URL"),
        ({"mode": "test"}, "mode"),
        ({"workers": 0}, "workers"),
        ({"smtp_security": "maybe"}, "smtp_security"),
    ],
)
def test_production_refuses_what_is_not_safe(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        make(**(GOOD | change))


def test_the_table_tells_about_every_setting_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `(LN_[A-Z_]+)` \| (.+) \|$", TABLE, re.MULTILINE))
    assert rows.keys() == {f"LN_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default, description = rows[f"LN_{name.upper()}"].split(" | ")
        assert description == field.description, f"{name}: write what config.py says"
        said = "" if field.default in ("", None) else f"`{field.default}`"
        if isinstance(field.default, Path):
            said = f"`{field.default.relative_to(ROOT)}/`"
        assert default == said, f"{name}: the default is {said}"


def test_no_other_name_is_read_from_the_environment() -> None:
    """A setting that is not in Settings would be in no table."""
    for path in (ROOT / "backend").rglob("*.py"):
        if path.name in ("__main__.py", "backup.py"):
            continue
        assert "os.environ" not in path.read_text(), path.name
