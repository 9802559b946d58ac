"""The mailbox and the style guide: there in demo mode, nowhere else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session

from backend.config import settings
from backend.db import now
from backend.home import mailbox
from backend.mail import OutgoingMail
from tests.browser import Browser


def keep_mail(session: Session, **values: Any) -> OutgoingMail:
    mail = OutgoingMail(
        **{
            "to": "noor@elzendonk.example",
            "subject": "Bevestig je adres",
            "text": "Dag Noor",
            "created_at": now(),
        }
        | values
    )
    session.add(mail)
    session.flush()
    return mail


def test_the_mailbox_lists_the_newest_first(browser: Browser, session: Session) -> None:
    keep_mail(session, subject="Eerder", created_at=now() - timedelta(hours=1))
    keep_mail(session, subject="Later")
    page = browser.get("/postvak")
    assert [a.text for a in page.select(".hit")] == ["Later", "Eerder"]
    assert "aan noor@elzendonk.example" in page.text


def test_an_empty_mailbox_says_how_mail_comes_in(browser: Browser) -> None:
    assert "Nog geen mails" in browser.get("/postvak").text


def test_many_mails_come_in_pages(browser: Browser, session: Session) -> None:
    for number in range(mailbox.PER_PAGE + 1):
        keep_mail(session, subject=f"Mail {number}", created_at=now() - timedelta(minutes=number))
    first = browser.get("/postvak")
    assert len(first.select(".hit")) == mailbox.PER_PAGE
    second = browser.get(first.select_one("nav.pair-demo a")["href"])
    assert [a.text for a in second.select(".hit")] == [f"Mail {mailbox.PER_PAGE}"]
    assert second.select_one("nav.pair-demo a")["href"] == "/postvak"


def test_a_mail_is_read_as_it_was_written_and_its_links_work_here(browser: Browser, session: Session) -> None:
    text = f"Dag <b>Noor</b>,\n\nKlik: {settings.base_url}/bevestigen/abc-1.\nLees https://kwaad.example/x?a=1&b=2!"
    mail = keep_mail(session, text=text)
    panel = browser.get(f"/postvak/{mail.id}").select_one(".mail-text")
    assert panel.text == text
    assert [a["href"] for a in panel.select("a")] == ["/bevestigen/abc-1", "https://kwaad.example/x?a=1&b=2"]
    assert not panel.select("b")


def test_the_form_of_a_mail_is_a_page_of_its_own_that_runs_and_loads_nothing(
    browser: Browser, session: Session
) -> None:
    mail = keep_mail(session, text="Dag <script>alert(1)</script>,\n\nTot dan!")
    frame = browser.get(f"/postvak/{mail.id}").select_one("iframe")
    assert "allow-scripts" not in frame["sandbox"] and "allow-same-origin" not in frame["sandbox"]
    shown = browser.client.get(frame["src"])
    assert "Tot dan!" in shown.text and "<script" not in shown.text
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script-src" not in policy


def test_a_calendar_entry_can_be_downloaded(browser: Browser, session: Session) -> None:
    attached = {
        "name": "actiedag.ics",
        "type": "text/calendar; method=REQUEST",
        "content": "BEGIN:VCALENDAR\r\nEND",
    }
    mail = keep_mail(session, attachments=[attached])
    link = browser.get(f"/postvak/{mail.id}").select_one("a[download]")
    browser.get(link["href"])
    assert browser.headers["content-type"].startswith("text/calendar; method=REQUEST")
    assert browser.headers["content-disposition"] == 'attachment; filename="actiedag.ics"'
    browser.get(f"/postvak/{mail.id}/bijlage/1", status=404)


def test_a_mail_that_is_not_there_is_not_found(browser: Browser) -> None:
    browser.get(f"/postvak/{uuid4()}", status=404)
    browser.get("/postvak/geen-id", status=404)
    browser.get("/postvak?pagina=0", status=404)


def test_the_style_guide_shows_the_building_blocks(browser: Browser) -> None:
    page = browser.get("/stijlgids")
    for block in (".swatches", ".ring", ".gap", ".state", ".cell", ".btn", ".field[data-invalid]", ".choice", ".note",
                  ".rows", ".tag", ".fold", ".panel", ".table", ".empty"):  # fmt: skip
        assert page.select(block), block


def test_in_production_neither_exists(
    browser: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = keep_mail(session, attachments=[{"name": "a.ics", "type": "text/calendar", "content": "x"}])
    paths = ["/postvak", f"/postvak/{mail.id}", f"/postvak/{mail.id}/bijlage/0", "/stijlgids"]
    for path in paths:
        browser.get(path)
    monkeypatch.setattr(settings, "mode", "production")
    for path in paths:
        assert "Noor" not in browser.get(path, status=404).text
