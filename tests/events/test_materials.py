"""Files among the materials of a day: what is taken, what is refused, and who may have them."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import func
from sqlmodel import Session, select

from backend.auth.models import Account, Role, ScopeKind
from backend.events import materials, service
from backend.events.models import DayFile, RegistrationStatus
from backend.file_kinds import MEGABYTE
from tests.browser import Browser
from tests.events.acts import register
from tests.factories import give_role, make_account, make_day, viewer_of

PDF = b"%PDF-1.7\nnota"


def office(*members: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as made:
        for member in members:
            made.writestr(member, "x")
    return out.getvalue()


def kept(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(DayFile)) or 0


def send(
    browser: Browser,
    slug: str,
    content: bytes,
    *,
    name: str = "nota.pdf",
    title: str = "Nota",
    status: int = 303,
):
    path = f"/organisatie/{slug}/bewerken/materiaal/bestand"
    return browser.upload(path, "bestand", content, name=name, status=status, file_title=title)


def test_a_file_is_there_once_for_who_comes_and_gone_when_it_is_taken_away(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    for _ in range(2):
        send(browser, day.slug, PDF, title="Nota: élan & zo", name="C:\\x\\..\\Nóta\r\n.php.PDF")
    page = browser.follow()
    (link,) = page.select("main a[download]")
    assert link.text == "Nota: élan & zo" and kept(session) == 1
    browser.submit(page, "form[action$='/weg']")
    browser.submit(page, "form[action$='/weg']")
    assert kept(session) == 0
    browser.get(link["href"], status=404)


def test_a_file_is_served_to_keep_and_only_to_who_has_to_do_with_the_day(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day, other = make_day(session, capacity=1), make_day(session)
    send(browser, day.slug, PDF)
    address = browser.follow().select_one("main a[download]")["href"]
    comes, waits, cancelled, elsewhere = (make_account(session, name) for name in ("A", "B", "C", "D"))
    for account in (comes, waits, cancelled):
        register(session, viewer_of(session, account), day)
    gone = service.own_of(session, viewer_of(session, cancelled), day.id)
    assert gone
    gone.registration.status = RegistrationStatus.CANCELLED
    day.waiting_count -= 1
    register(session, viewer_of(session, elsewhere), other)
    for account in (organiser, comes, waits):
        browser.sign_in(account).get(address)
        assert browser.headers["content-disposition"] == 'attachment; filename="nota.pdf"'
        assert browser.headers["content-type"] == "application/pdf"
        assert browser.headers["cache-control"] == "no-store"
        assert browser.headers["x-content-type-options"] == "nosniff"
    assert browser.get(f"/actiedagen/{day.slug}").select_one(f'a[href="{address}"][download]')
    foreign = make_account(session, "Ver")
    give_role(session, foreign, Role.ORGANISER, ScopeKind.REGION, "kempen")
    for account in (cancelled, elsewhere, foreign):
        browser.sign_in(account).get(address, status=403)
        assert not browser.get(f"/actiedagen/{day.slug}").select(f'a[href="{address}"]')
    browser.sign_in(comes).get(address.replace(day.slug, other.slug), status=404)
    send(browser.sign_in(foreign), day.slug, PDF, status=404)
    send(browser.sign_in(comes), day.slug, PDF, status=403)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nota.pdf", b"", "Kies een bestand"),
        ("nota.pdf", b"MZ\x90 a program", "geen geldig pdf-bestand"),
        ("nota.html", b"<script>", "soort bestand"),
        ("nota.svg", b"<svg/>", "soort bestand"),
        ("nota.pdf.exe", PDF, "soort bestand"),
        ("nota", PDF, "soort bestand"),
        ("nota.docx", office("word/document.xml", "word/vbaProject.bin"), "macro"),
        ("nota.docx", office("xl/workbook.xml"), "geen geldig docx-bestand"),
        ("dia.pptx", b"PK\x03\x04", "geen geldig pptx-bestand"),
        ("nota.pdf", PDF + bytes(materials.LARGEST), "te groot"),
    ],
)
def test_what_is_no_document_is_refused_in_words(
    browser: Browser, session: Session, organiser: Account, name: str, content: bytes, said: str
) -> None:
    day = make_day(session)
    page = send(browser, day.slug, content, name=name, title="Mijn nota", status=422)
    assert said in page.text and kept(session) == 0
    assert page.select_one("#file_title")["value"] == "Mijn nota"


def test_far_too_large_is_refused_before_it_is_read(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    page = send(browser, day.slug, bytes(materials.LARGEST + 100_000), status=413)
    assert "hoogstens 10 MB" in page.text and kept(session) == 0


def test_all_files_of_a_day_together_have_a_limit(
    browser: Browser, session: Session, organiser: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = make_day(session)
    monkeypatch.setattr(materials, "MOST_TOGETHER", MEGABYTE)
    send(browser, day.slug, PDF + bytes(600_000))
    assert "samen" in send(browser, day.slug, PDF + bytes(600_001), status=422).text
    send(browser, make_day(session).slug, PDF + bytes(600_001))
    assert kept(session) == 2


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx", "odt", "odp"])
def test_documents_of_an_office_are_taken(
    browser: Browser, session: Session, organiser: Account, kind: str
) -> None:
    member = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
    send(browser, make_day(session).slug, office(member.get(kind, "content.xml")), name=f"x.{kind.upper()}")
    file = session.scalars(select(DayFile)).one()
    assert file.name == f"nota.{kind}" and file.size == len(file.content)
