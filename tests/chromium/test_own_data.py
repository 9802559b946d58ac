"""Somebody takes their data along and erases their account, in a real browser."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.config import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.node]
EMAIL, PASSWORD = "weg@test.example", "vier paarden drinken thee"


def test_one_takes_along_and_erases(
    visitor: Page, site: str, site_settings: dict[str, str], tmp_path: Path
) -> None:
    subprocess.run(
        [sys.executable, "-m", "backend", "create-admin", "--email", EMAIL, "--name", "Wim Weg"],
        cwd=ROOT, env=site_settings | {"ADMIN_PASSWORD": PASSWORD}, check=True,
    )  # fmt: skip
    sign_in(visitor)
    visitor.goto("/mijn/gegevens")
    with visitor.expect_download() as download:
        visitor.get_by_role("link", name="Download mijn gegevens").click()
    download.value.save_as(tmp_path / "gegevens.json")
    assert json.loads((tmp_path / "gegevens.json").read_text())["account"]["account"]["email"] == EMAIL
    visitor.get_by_role("link", name="Mijn account wissen").click()
    visitor.get_by_label("Je wachtwoord").fill("een ander woord")
    visitor.get_by_role("button", name="Wis mijn account").click()
    expect(visitor.locator("#current_error")).to_be_visible()
    visitor.get_by_label("Je wachtwoord").fill(PASSWORD)
    visitor.get_by_role("button", name="Wis mijn account").click()
    expect(visitor.get_by_text("Je account en je gegevens zijn gewist").first).to_be_visible()
    visitor.goto("/mijn/gegevens")
    expect(visitor).to_have_url(f"{site}/aanmelden?next=%2Fmijn%2Fgegevens")
    sign_in(visitor)
    expect(visitor).to_have_url(f"{site}/aanmelden")


def sign_in(page: Page) -> None:
    page.goto("/aanmelden")
    page.get_by_label("E-mailadres").fill(EMAIL)
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Meld me aan").click()
    page.wait_for_load_state("networkidle")
