"""Certificates: issued once, true on paper, checked by anyone, revoked with a reason."""

import io
import re
from datetime import UTC, datetime
from zlib import decompress

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.auth.models import Account, Role
from backend.db import now
from backend.errors import Forbidden, NotFound
from backend.language import speaking
from backend.mail import OutgoingMail
from backend.recognition import service
from backend.recognition.models import Certificate
from backend.recognition.paper import certificate_pdf, hours_in_words
from tests.browser import Browser
from tests.factories import give_role, make_account, viewer_of

AWARD = service.Award("proef", "Polarisatie", "Zie spanning vroeg.", 2, 1.5)
MOMENT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def holder(session: Session) -> Account:
    return make_account(session, "Zoë Lőrincz")


@pytest.fixture
def certificate(session: Session, holder: Account) -> Certificate:
    return service.issue(session, holder.id, AWARD, MOMENT)


def mails(session: Session, to: str) -> list[OutgoingMail]:
    return list(session.exec(select(OutgoingMail).where(col(OutgoingMail.to) == to)))


def test_a_certificate_is_issued_once_with_one_mail(session: Session, holder: Account) -> None:
    first = service.issue(session, holder.id, AWARD, MOMENT)
    again = service.issue(session, holder.id, AWARD, now())
    assert again.id == first.id
    assert session.scalar(select(func.count()).select_from(Certificate)) == 1
    (mail,) = mails(session, holder.email)
    assert first.code in mail.text


def test_a_new_name_does_not_change_the_paper(
    session: Session, holder: Account, certificate: Certificate
) -> None:
    holder.name = "Iemand anders"
    session.flush()
    assert service.find(session, certificate.code).name == "Zoë Lőrincz"


def test_the_pdf_is_accessible_and_in_the_products_font(certificate: Certificate) -> None:
    pdf = certificate_pdf(certificate)
    text = plain(pdf)
    assert b"pdfuaid:part>1<" in text, "declares PDF/UA-1"
    assert b"/Lang(nl-BE)" in text
    assert re.search(rb"/FontName/[A-Z]{6}\+RadioCanada", text), "the font of the house is embedded"
    assert b"/Alt" in text, "the square has words"
    assert len(pdf) < 60_000


def test_an_english_paper_is_read_aloud_as_english(certificate: Certificate) -> None:
    with speaking("en"):
        assert b"/Lang(en)" in plain(certificate_pdf(certificate))


def plain(pdf: bytes) -> bytes:
    """The file with its compressed parts opened."""
    opened = io.BytesIO(pdf).read()
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            opened += decompress(part)
        except Exception:  # noqa: BLE001, S112 - fonts and the like
            continue
    return opened


def test_dutch_letters_are_in_the_pdf_as_letters(certificate: Certificate) -> None:
    """Not as "?": every letter of the name can be copied out of the file."""
    unicode_map = plain(certificate_pdf(certificate)).upper()
    for letter in "ZoëLőrincz":
        assert f"<{ord(letter):04X}>".encode() in unicode_map, letter


def test_anyone_with_the_number_sees_that_it_is_real_and_only_initials(
    browser: Browser, certificate: Certificate
) -> None:
    page = browser.get(f"/getuigschrift/{certificate.code}")
    assert "echt en geldig" in page.text
    assert "Z. L." in page.text
    assert "Lőrincz" not in page.text
    assert "1,5 uur" in page.text


@pytest.mark.parametrize("typed", ["{}", "LN-2026-{}", " ln-2026-{} ", "{upper}"])
def test_the_number_may_be_typed_in_many_ways(browser: Browser, certificate: Certificate, typed: str) -> None:
    code = typed.format(certificate.code, upper=certificate.code.upper().replace("-", " "))
    browser.client.get("/getuigschrift", params={"code": code})
    browser.get(f"/getuigschrift?code={code.strip().replace(' ', '+')}", status=303)
    assert browser.location == f"/getuigschrift/{certificate.code}"


@pytest.mark.parametrize("code", ["aaaa-bbbb-cccc", "x", "’;drop", "a" * 500])
def test_an_unknown_number_is_told_in_words(browser: Browser, certificate: Certificate, code: str) -> None:
    page = browser.get(f"/getuigschrift/{code}", status=404)
    assert "geen getuigschrift" in page.text or "bestaat niet" in page.text


def test_the_holder_chooses_to_show_the_name(
    browser: Browser, holder: Account, certificate: Certificate
) -> None:
    browser.sign_in(holder)
    browser.submit(browser.get("/mijn/getuigschriften"), "form[action$='/naam']")
    browser.sign_out()
    assert "Zoë Lőrincz" in browser.get(f"/getuigschrift/{certificate.code}").text


def test_another_members_paper_does_not_exist(
    browser: Browser, session: Session, certificate: Certificate
) -> None:
    browser.sign_in(make_account(session, "Nieuwsgierig"))
    browser.get(f"/getuigschrift/{certificate.code}/pdf", status=404)
    browser.post(f"/getuigschrift/{certificate.code}/badge", status=404)
    browser.post(f"/getuigschrift/{certificate.code}/naam", {"toon": "true"}, status=404)


def test_a_revoked_one_says_so_everywhere_and_the_holder_is_told_once(
    browser: Browser, session: Session, holder: Account, certificate: Certificate
) -> None:
    boss = make_account(session, "Beheer")
    give_role(session, boss, Role.ADMINISTRATOR)
    browser.sign_in(boss)
    wrong = browser.submit(
        browser.get(f"/getuigschrift/{certificate.code}"), "#intrekken", status=422, reden="nee"
    )
    assert wrong.select_one("#reden").text.strip() == "nee"
    for _ in range(2):
        path = f"/getuigschrift/{certificate.code}/intrekken"
        browser.post(path, {"reden": "De module werd door iemand anders gevolgd."})
    browser.sign_out()
    page = browser.get(f"/getuigschrift/{certificate.code}")
    assert "ingetrokken" in page.text
    assert "door iemand anders gevolgd" in page.text
    assert len([m for m in mails(session, holder.email) if "ingetrokken" in m.subject]) == 1
    marked = len(certificate_pdf(service.find(session, certificate.code)))
    assert marked > len(certificate_pdf(certificate)), "on the paper too"


def test_only_an_administrator_revokes(session: Session, holder: Account, certificate: Certificate) -> None:
    with pytest.raises(Forbidden):
        service.revoke(session, viewer_of(session, holder), certificate.code, "Omdat ik het wil.", now())
    assert certificate.revoked_at is None


def test_hours_are_written_as_people_write_them() -> None:
    assert [hours_in_words(n) for n in (1, 1.5, 2)] == ["1 uur", "1,5 uur", "2 uur"]


def test_ones_certificates_go_along_and_can_be_erased(
    session: Session, holder: Account, certificate: Certificate
) -> None:
    (row,) = service.export_of(session, holder.id)
    assert row["course_title"] == "Polarisatie"
    service.erase(session, holder.id)
    with pytest.raises(NotFound):
        service.find(session, certificate.code)
