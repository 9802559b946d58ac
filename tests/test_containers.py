"""What can be checked of the container files without building them: paths, commands, settings, ports."""

import re

import pytest
import yaml
from fastapi import FastAPI

from backend.__main__ import _parser
from backend.authoring.drafts import LARGEST
from backend.config import ROOT, Settings
from backend.templating import ROUTES

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
CADDYFILE = (ROOT / "Caddyfile").read_text()
OPERATORS = (ROOT / "docs" / "guides" / "operators.md").read_text()


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()[:-1]]


def test_what_is_copied_exists_and_is_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for name in copied():
        assert (ROOT / name).exists(), name
        assert f"!{name.split('/')[0]}" in ignored, f"{name} is ignored"


def test_everything_the_program_reads_is_copied() -> None:
    """Folders that backend/ opens: a new one must get into the image."""
    sources = "\n".join(p.read_text() for p in (ROOT / "backend").rglob("*.py"))
    opened = set(re.findall(r'ROOT / "([\w.-]+)"', sources)) - {"node_modules", "var"}
    assert opened <= set(copied())


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--prepare"], *(s["command"] for s in COMPOSE["services"].values() if "command" in s)],
    ids=" ".join,
)
def test_the_commands_exist(arguments: list[str]) -> None:
    assert callable(_parser().parse_args(arguments).run)


def test_every_command_is_in_the_guide() -> None:
    (commands,) = [a for a in _parser()._actions if a.choices]
    assert commands.choices is not None
    for name in commands.choices:
        assert re.search(rf"\| `{name}[` \[]", OPERATORS), (
            f"docs/guides/operators.md does not tell about {name}"
        )


def test_every_setting_that_is_named_exists() -> None:
    known = {f"LN_{name.upper()}" for name in Settings.model_fields}
    for text in (DOCKERFILE, (ROOT / "compose.yaml").read_text(), CADDYFILE, OPERATORS):
        assert set(re.findall(r"\bLN_[A-Z_]+[A-Z]\b", text)) - {"LN_SMTP"} <= known


def test_the_ports_agree_and_health_is_asked_where_it_is_told(api: FastAPI) -> None:
    del api  # it fills ROUTES
    port = re.search(r"PORT=(\d+)", DOCKERFILE)
    assert port is not None
    assert f"EXPOSE {port[1]}" in DOCKERFILE
    assert f"localhost:{port[1]}{ROUTES['home.alive']}" in DOCKERFILE
    assert f"web {port[1]}" in CADDYFILE


def test_the_proxy_lets_a_package_pass_where_authors_send_it(api: FastAPI) -> None:
    del api
    for name in ("authoring.upload", "authoring.upload_new"):
        path = ROUTES[name].replace("{module}", "*")
        assert len(re.findall(rf"(?:^|\s){re.escape(path)}(?=\s)", CADDYFILE)) == 2, (
            "in one limit and out of the other"
        )
    limit = re.search(r"@package \{\s+max_size (\d+)MB", CADDYFILE)
    assert limit is not None
    assert int(limit[1]) * 1_000_000 > LARGEST


def test_nothing_runs_as_root_or_on_a_default_secret() -> None:
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.index("USER") < DOCKERFILE.index("ENTRYPOINT")
    for name in ("web", "worker"):
        values = COMPOSE["services"][name]["environment"]
        assert values["LN_MODE"] == "production"
        assert values["LN_SECRET_KEY"] == "${LN_SECRET_KEY:?}"
    subnet = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert COMPOSE["services"]["web"]["environment"]["LN_TRUSTED_PROXIES"] == subnet


def test_the_database_programs_are_as_new_as_the_database() -> None:
    """Debian 13 has version 17."""
    assert "trixie" in DOCKERFILE
    assert COMPOSE["services"]["database"]["image"] == "postgres:17"
