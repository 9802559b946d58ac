"""The HTML form of a mail: the same words, nothing from elsewhere, nothing that hides where a link goes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from backend import mail, mail_html, quiet_hours
from backend.config import settings
from backend.language import ZONE

HOME = settings.base_url.rstrip("/")


def brussels(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def test_what_there_is_to_do_becomes_a_link_with_words() -> None:
    lead, action = mail_html.blocks(f"Dag Noor,\n\nKom je? Zeg ja, ik kom:\n{HOME}/inschrijving/a1")
    assert lead.lines == ("Dag Noor,",)
    assert (action.lead, action.words, action.address) == (
        "Kom je?",
        "Zeg ja, ik kom",
        f"{HOME}/inschrijving/a1",
    )


def test_facts_and_lists_are_recognised() -> None:
    facts, points = mail_html.blocks("Wanneer: maandag\nWaar: Stadhuis: zaal A\n\n- een\n- twee")
    assert facts.facts == (("Wanneer", "maandag"), ("Waar", "Stadhuis: zaal A"))
    assert points.lines == ("een", "twee")


def test_an_address_of_somebody_else_never_hides_behind_words() -> None:
    """Also one that begins as ours does, and one in a name or a note."""
    for address in ("https://evil.example/x", f"{HOME}.evil.example/x", f"{HOME}@evil.example/"):
        html = mail_html.page("x", f"Meld je aan:\n{address}\n", "nl")
        assert f">{address}</a>" in html and ">Meld je aan<" not in html


def test_what_people_typed_stays_text() -> None:
    html = mail_html.page(
        "<b>x</b>", 'Dag <script>alert(1)</script> <img src="https://evil.example/p.gif">,', "nl"
    )
    assert "<script" not in html and "<img" not in html


def test_a_mail_loads_nothing_and_runs_nothing(api: FastAPI) -> None:
    subject, text = mail.written("auth_confirm", "nl", code="abc")
    html = mail_html.page(subject, text, "nl")
    assert not re.search(r"<(img|link|script|iframe|form|object)|url\(|@import|\son\w+=", html)
    assert "prefers-color-scheme: dark" in html and 'lang="nl"' in html
    assert 'class="button"' in html and "/bevestigen/abc" in html
    assert "omdat iemand dit adres gebruikte" in html.partition('class="foot"')[2]


@pytest.mark.parametrize(
    ("asked", "arrives"),
    [
        (brussels(2027, 3, 2, 10, 0), brussels(2027, 3, 2, 10, 0)),
        (brussels(2027, 3, 2, 20, 59), brussels(2027, 3, 2, 20, 59)),
        (brussels(2027, 3, 2, 21, 0), brussels(2027, 3, 3, 7, 0)),
        (brussels(2027, 3, 3, 6, 59), brussels(2027, 3, 3, 7, 0)),
        (brussels(2027, 3, 6, 22, 0), brussels(2027, 3, 8, 7, 0)),  # Saturday evening → Monday
        (brussels(2027, 3, 27, 21, 30), brussels(2027, 3, 30, 7, 0)),  # the clock changes, then Easter Monday
        (brussels(2027, 10, 31, 2, 30), brussels(2027, 11, 2, 7, 0)),  # the clock changes, then All Saints
        (brussels(2026, 12, 24, 23, 0), brussels(2026, 12, 26, 7, 0)),
    ],
)
def test_quiet_hours_end_in_the_morning_of_a_working_week(asked: datetime, arrives: datetime) -> None:
    assert quiet_hours.next_moment(asked) == arrives


def test_what_somebody_asked_for_does_not_wait_and_what_matters_tomorrow_morning_neither() -> None:
    night = brussels(2027, 3, 2, 22, 0)
    assert mail.QUIETLY.moment(night) == brussels(2027, 3, 3, 7, 0)
    assert mail.AT_ONCE.moment(night) == night
    assert mail.Sending(matters_at=brussels(2027, 3, 3, 9, 0)).moment(night) == night
    assert mail.Sending(matters_at=brussels(2027, 3, 3, 13, 0)).moment(night) > night
    later = night + timedelta(days=2)
    assert mail.Sending(not_before=later).moment(night) == brussels(2027, 3, 5, 7, 0)
