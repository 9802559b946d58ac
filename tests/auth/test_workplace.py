"""Where somebody works: a municipality found while typing, or another organisation."""

import pytest
from sqlmodel import Session, col, select

from backend.auth.models import Membership
from backend.db import now
from backend.network import service as network
from backend.network.models import Organisation
from tests.auth.mailbox import mails_to
from tests.auth.people import NOOR, filled
from tests.browser import Browser


@pytest.fixture
def flanders(session: Session) -> None:
    network.load_municipalities(session, now())


@pytest.mark.parametrize(
    ("typed", "nis_code"),
    [("Melle", "44088"), ("sint niklaas", "46021"), ("GENT", "44021"), ("Tielt", "37022")],
)
def test_a_name_in_full_is_enough_without_javascript(
    browser: Browser, session: Session, flanders: None, typed: str, nis_code: str
) -> None:
    browser.post("/account-aanmaken", filled(municipality_search=typed))
    organisation = session.exec(
        select(Organisation).join(Membership, col(Membership.organisation_id) == Organisation.id)
    ).one()
    assert organisation.municipality_nis == nis_code


def test_a_piece_of_a_name_gives_a_list_to_choose_from(
    browser: Browser, session: Session, flanders: None
) -> None:
    page = browser.post("/account-aanmaken", filled(municipality_search="beve"), status=422)
    choices = {r["value"]: r.find_parent("label").text for r in page.select("[name=municipality]")}
    assert "Beveren-Kruibeke-Zwijndrecht" in choices["46030"]
    assert "Kies je gemeente" in page.select_one("#municipality_search_error").text
    assert page.select_one("[name=name]")["value"] == "Noor Claes"
    assert "trein kast paard" not in str(page)
    browser.submit(page, "#sign_up_form", municipality="46030", password="trein kast paard")
    assert len(mails_to(session, NOOR)) == 1


def test_what_was_typed_last_counts_more_than_an_older_choice(
    browser: Browser, session: Session, flanders: None
) -> None:
    browser.post("/account-aanmaken", filled(municipality_search="Gent", municipality="46030"))
    organisation = session.exec(
        select(Organisation).join(Membership, col(Membership.organisation_id) == Organisation.id)
    ).one()
    assert organisation.name == "Gent"


@pytest.mark.parametrize("typed", ["", "xyzzy", "%", "'; DROP TABLE account; --"])
def test_a_municipality_that_does_not_exist_is_a_mistake(
    browser: Browser, session: Session, flanders: None, typed: str
) -> None:
    page = browser.post("/account-aanmaken", filled(municipality_search=typed), status=422)
    assert page.select_one("#municipality_search_error")


def test_while_typing_the_list_shows_where_an_old_name_leads(browser: Browser, flanders: None) -> None:
    part = browser.get("/account-aanmaken/gemeenten?municipality_search=melle", part="municipality_choices")
    [choice] = part.select("label")
    assert choice.input["value"] == "44088" and "sinds 1 januari 2025" in choice.text
    assert len(browser.queries) == 1
    whole = browser.get("/account-aanmaken/gemeenten?municipality_search=melle")
    assert whole.select_one("[value='44088']")


def test_another_organisation_is_made_once_whatever_its_capitals(browser: Browser, session: Session) -> None:
    for number, name in enumerate(("Vzw De Brug", "vzw de brug")):
        data = filled(
            kind="other", organisation=name, municipality_search="", email=f"lid{number}@brug.example"
        )
        browser.post("/account-aanmaken", data)
    organisations = session.exec(select(Organisation).where(Organisation.name == "Vzw De Brug")).all()
    assert len(organisations) == 1
    browser.post("/account-aanmaken", filled(kind="other", organisation=""), status=422)
