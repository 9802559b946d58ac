"""Practice cards: written by a member, read by a mentor, found, and taken over once by each municipality."""

from uuid import UUID

import pytest
from sqlmodel import Session, select

from backend import mail, search
from backend.auth.models import Account, Role, ScopeKind
from backend.db import now
from backend.errors import Forbidden, NotFound
from backend.exchange import service
from backend.exchange.models import Adoption, CardStatus, PracticeCard, Size, Tension
from backend.exchange.service import Filter
from backend.network.models import Organisation
from tests.browser import Browser
from tests.factories import give_role, make_account, make_municipality, viewer_of

LONG = "Wat er speelde was lang genoeg om te vertellen."
FORM = {
    "titel": "Tafels van tien", "spanning": "opvang", "grootte": "klein", "context": LONG, "actie": LONG, "kost": "Niets",
    "effect": LONG, "valkuilen": LONG, "contact": "dienst samenleven",
}  # fmt: skip
FIELDS = {
    "title": "Tafels van tien", "tension": Tension.SHELTER, "size": Size.SMALL, "context": LONG, "action": LONG,
    "cost": "Niets", "effect": LONG, "pitfalls": LONG, "contact": "dienst samenleven",
}  # fmt: skip


@pytest.fixture
def writer(session: Session) -> Account:
    return make_account(session, "Noor Claes", organisation=make_municipality(session, "Elzendonk"))


@pytest.fixture
def mentor(session: Session) -> Account:
    account = make_account(session, "Mia Mentor", organisation=make_municipality(session, "Wilgenrode"))
    give_role(session, account, Role.MENTOR, ScopeKind.REGION, "waasland")
    return account


def publish(session: Session, writer: Account, mentor: Account, **fields: object) -> UUID:
    form_id = f"{len(session.exec(select(PracticeCard)).all()):032x}"
    card_id = service.write(session, viewer_of(session, writer), FIELDS | fields, form_id, now())
    service.review(session, viewer_of(session, mentor), card_id, 0, None, now())
    session.flush()
    return card_id


def reader(session: Session, town: str = "Klaverzande", region: str = "limburg") -> Account:
    return make_account(
        session, f"Lid van {town}", organisation=make_municipality(session, town, region=region)
    )


def test_a_card_is_public_once_a_mentor_read_it(
    browser: Browser, session: Session, writer: Account, mentor: Account
) -> None:
    browser.sign_in(writer)
    browser.submit(browser.get("/uitwisseling/praktijk/nieuw"), "#card_form", **FORM)
    card = session.exec(select(PracticeCard)).one()
    browser.sign_out().sign_in(other := reader(session))
    browser.get(f"/uitwisseling/praktijk/{card.id}", status=404)
    browser.sign_out().sign_in(mentor)
    assert "Tafels van tien" in browser.get("/uitwisseling/praktijk").text
    page = browser.get(f"/uitwisseling/praktijk/{card.id}")
    browser.max_queries = 20
    back = {"besluit": "terug", "versie": "0", "opmerking": ""}
    assert browser.post(f"/uitwisseling/praktijk/{card.id}/nalezen", back, status=422).select_one(".error")
    browser.submit(page, "#review_form", besluit="ja")
    assert session.exec(select(mail.OutgoingMail)).one().to == writer.email
    browser.sign_out().sign_in(other)
    assert (
        "Tafels van tien"
        in browser.get("/uitwisseling/praktijk?zoek=tafel&spanning=opvang&grootte=klein&regio=waasland").text
    )
    assert "Tafels van tien" not in browser.get("/uitwisseling/praktijk?spanning=verkeer").text
    assert browser.get("/uitwisseling/praktijk?spanning=bestaat-niet", status=404)


def test_nobody_reviews_their_own_nor_one_of_another_region(
    session: Session, writer: Account, mentor: Account
) -> None:
    mine = service.write(session, viewer_of(session, mentor), FIELDS, "a" * 32, now())
    with pytest.raises(NotFound):
        service.review(session, viewer_of(session, mentor), mine, 0, None, now())
    far = reader(session, "Ver", "westhoek")
    give_role(session, far, Role.MENTOR, ScopeKind.REGION, "westhoek")
    theirs = service.write(session, viewer_of(session, writer), FIELDS, "b" * 32, now())
    with pytest.raises(NotFound):
        service.review(session, viewer_of(session, far), theirs, 0, None, now())


def test_a_mentor_publishes_only_what_they_read(
    browser: Browser, session: Session, writer: Account, mentor: Account
) -> None:
    card_id = service.write(session, viewer_of(session, writer), FIELDS, "a" * 32, now())
    service.change(
        session, viewer_of(session, writer), card_id, FIELDS | {"title": "Heel iets anders"}, now()
    )
    session.flush()
    browser.sign_in(mentor)
    browser.post(f"/uitwisseling/praktijk/{card_id}/nalezen", {"besluit": "ja", "versie": "0"})
    assert "veranderde intussen" in browser.follow().text
    assert session.get_one(PracticeCard, card_id).status == CardStatus.REVIEW


def test_who_changes_a_public_card_takes_it_away_until_it_is_read_again(
    session: Session, writer: Account, mentor: Account
) -> None:
    card_id = publish(session, writer, mentor)
    service.change(session, viewer_of(session, writer), card_id, FIELDS, now())  # nothing changed
    assert service.cards(session, viewer_of(session, mentor), Filter())
    service.change(session, viewer_of(session, writer), card_id, FIELDS | {"title": "Anders nu"}, now())
    session.flush()
    assert not service.cards(session, viewer_of(session, mentor), Filter())
    assert not search.find(session, "tafels", search.Seeker(mentor.id, is_member=True))


def test_a_municipality_takes_it_over_once(
    browser: Browser, session: Session, writer: Account, mentor: Account
) -> None:
    card_id = publish(session, writer, mentor)
    one = reader(session)
    theirs = session.exec(select(Organisation).where(Organisation.name == "Klaverzande")).one()
    colleague = make_account(session, "Collega", organisation=theirs)
    for who in (one, one, colleague):
        service.adopt(session, viewer_of(session, who), card_id, now())
    assert len(session.exec(select(Adoption)).all()) == 1
    with pytest.raises(Forbidden):
        service.adopt(session, viewer_of(session, writer), card_id, now())
    browser.sign_in(one)
    assert "Overgenomen door 1 bestuur" in browser.get(f"/uitwisseling/praktijk/{card_id}").text
    service.drop(session, viewer_of(session, colleague), card_id)
    assert not session.exec(select(Adoption)).all()


def test_peers_have_the_same_tension_and_the_near_ones_come_first(
    session: Session, writer: Account, mentor: Account
) -> None:
    card_id = publish(session, writer, mentor)
    near, far = reader(session, "Dichtbij", "waasland"), reader(session, "Aver", "limburg")
    for who in (far, near):
        service.adopt(session, viewer_of(session, who), card_id, now())
    publish(session, near, mentor, title="Iets over verkeer", tension=Tension.TRAFFIC)
    seen = viewer_of(session, mentor)
    found = service.peers(session, seen, service.find(session, seen, card_id))
    assert [peer.organisation for peer in found] == ["Dichtbij", "Aver"]
    assert found[0].is_near


@pytest.mark.parametrize(
    ("field", "value"),
    [("titel", ""), ("titel", "x" * 121), ("titel", "twee\nregels"), ("spanning", "niets"), ("grootte", ""),
     ("context", "kort"), ("effect", "x" * 1501), ("contact", "\u202e\u200b"), ("kost", "a\x07b")],
)  # fmt: skip
def test_a_card_that_cannot_be_is_refused_and_kept(
    field: str, value: str, browser: Browser, session: Session, writer: Account
) -> None:
    browser.sign_in(writer)
    page = browser.post(
        "/uitwisseling/praktijk/nieuw", FORM | {field: value, "form_id": "a" * 32}, status=422
    )
    kept = page.select_one("[name=actie]")
    assert page.select_one(".error") and kept and LONG in (kept.text if field != "actie" else LONG)
    assert not session.exec(select(PracticeCard)).all()


def test_what_looks_personal_is_asked_about_first(
    browser: Browser, session: Session, writer: Account
) -> None:
    browser.sign_in(writer)
    body = FORM | {"context": LONG + " Bel 0470 12 34 56.", "form_id": "a" * 32}
    assert "Telefoonnummer" in browser.post("/uitwisseling/praktijk/nieuw", body, status=422).text
    browser.post("/uitwisseling/praktijk/nieuw", body | {"toch": "true"})
    browser.post("/uitwisseling/praktijk/nieuw", body | {"toch": "true"})  # a double click
    assert len(session.exec(select(PracticeCard)).all()) == 1


def test_one_s_own_cards_are_exported_and_a_public_one_outlives_its_writer(
    session: Session, writer: Account, mentor: Account
) -> None:
    card_id = publish(session, writer, mentor)
    service.write(session, viewer_of(session, writer), FIELDS, "e" * 32, now())
    assert len(service.export_of(session, writer.id)) == 2
    service.erase(session, writer.id)
    session.expire_all()
    left = session.exec(select(PracticeCard)).one()
    assert left.id == card_id and left.author_id is None and "dienst" not in left.contact
