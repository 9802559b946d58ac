"""The organiser's pages about the people of a day: what they show, what they change, and to whom."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import func
from sqlmodel import Session, col, select

from backend import jobs
from backend.auth.models import Account, Role, RoleGrant, ScopeKind
from backend.db import now
from backend.errors import Conflict
from backend.events import by_hand, door, mailings, needs, selecting
from backend.events.ledger import differences
from backend.events.mailings import Words
from backend.events.models import (
    ActionDay,
    DayMailed,
    DayStatus,
    EventKind,
    Registration,
    RegistrationEvent,
    RegistrationStatus,
)
from backend.events.selecting import Selection
from backend.jobs import Job
from backend.mail import OutgoingMail
from tests.browser import Browser
from tests.events.acts import make_member, make_organiser, register
from tests.factories import give_role, make_account, make_day, make_municipality, make_round, viewer_of

S = RegistrationStatus
LETTER = {"subject": "Morgen is het zover", "text": "Dag {naam}, tot morgen op {dag} in {plaats}."}


@pytest.fixture
def organiser(session: Session) -> Account:
    account = make_account(session, "Orla Organisator")
    give_role(session, account, Role.ORGANISER, ScopeKind.REGION, "waasland")
    return account


def mails(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(OutgoingMail)) or 0


def said(html: Any, selector: str = "main") -> str:
    return " ".join(html.select_one(selector).text.split())


def approval_day(session: Session, **values: Any) -> ActionDay:
    return make_day(session, audience={"needs_approval": True}, **values)


# ── who sees what ──


PAGES = ("", "/cijfers", "/uitvoer.csv", "/aanwezigheidslijst", "/naamkaartjes", "/behoeften", "/geschiedenis",
         "/toevoegen", "/schrijven", "/helpers", "/inchecken")  # fmt: skip


def test_a_day_belongs_to_the_organisers_of_its_regions(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    elsewhere = make_account(session, "Ella Elders")
    give_role(session, elsewhere, Role.ORGANISER, ScopeKind.REGION, "kempen")
    mentor, member = make_account(session, "Mo"), make_account(session)
    give_role(session, mentor, Role.MENTOR)
    for page in PAGES:
        path = f"/organisatie/{day.slug}{page}"
        browser.sign_in(organiser).get(path)
        browser.sign_in(elsewhere).get(path, status=404)
        browser.sign_in(mentor).get(path, status=403)
        browser.sign_in(member).get(path, status=403)
        browser.sign_out().get(path, status=303)
    browser.sign_in(organiser).get("/organisatie/onbekend", status=404)


def test_nobody_changes_a_registration_of_a_day_they_do_not_organise(
    browser: Browser, session: Session, organiser: Account
) -> None:
    mine, other = make_day(session), make_day(session, region="kempen")
    foreign = register(session, make_member(session), other).id
    browser.sign_in(organiser)
    for slug in (mine.slug, other.slug):
        for act in ("weigeren", "plaats", "annuleren"):
            browser.post(f"/organisatie/{slug}/persoon/{foreign}/{act}", {"reason": "zomaar"}, status=404)
        browser.post(f"/organisatie/{slug}/goedkeuren", {"wie": str(foreign)}, status=404)
        browser.get(f"/organisatie/{slug}/persoon/{foreign}", status=404)
    assert session.get_one(Registration, foreign).status == S.CONFIRMED


# ── the list ──


def test_the_list_filters_sorts_and_pages_in_as_many_queries(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=60)
    register(session, make_member(session, "Zoë Eerst"), day)
    browser.sign_in(organiser).get(f"/organisatie/{day.slug}")
    few = len(browser.queries)
    town = make_municipality(session, "Beverdam")
    for n in range(70):
        register(session, make_member(session, f"Lid {n:02}", organisation=town), day)
    html = browser.get(f"/organisatie/{day.slug}")
    assert len(browser.queries) == few <= 8
    first = [a.text for a in html.select(".desk-table .row-title")]
    second = [
        a.text for a in browser.get(html.select_one("a[rel=next]")["href"]).select(".desk-table .row-title")
    ]
    assert first + second == [f"Lid {n:02}" for n in range(70)] + ["Zoë Eerst"] and len(first) == 50
    waiting = browser.get(f"/organisatie/{day.slug}?staat=waiting&volgorde=laatst")
    assert [a.text for a in waiting.select(".desk-table .row-title")][:2] == ["Lid 69", "Lid 68"]
    html = browser.get(f"/organisatie/{day.slug}?staat=&zoek=EERST")
    assert [a.text for a in html.select(".desk-table .row-title")] == ["Zoë Eerst"]
    html = browser.get(f"/organisatie/{day.slug}?gemeente={town.municipality_nis}&zoek=Lid+0")
    assert len(html.select(".desk-table tbody tr")) == 10
    assert said(browser.get(f"/organisatie/{day.slug}?zoek=%25"), ".empty").startswith("Niemand gevonden")
    browser.get(f"/organisatie/{day.slug}?staat=rare", status=404)


def test_pages_by_moment_miss_and_repeat_nobody(session: Session) -> None:
    day, moment = make_day(session, capacity=200), now()
    for n in range(120):
        register(session, make_member(session, f"Lid {n}"), day, at=moment)  # all at one moment
    for order in ("eerst", "laatst", "naam"):
        seen: list[UUID] = []
        more, last = True, None
        while more:
            found, more = selecting.rows(session, day.id, Selection(volgorde=order, na=last))
            seen += [row.id for row in found]
            last = found[-1].id
        assert len(seen) == len(set(seen)) == 120


def test_a_filter_for_a_session_finds_who_is_in_it(session: Session) -> None:
    day = make_day(session)
    one, two = make_round(session, day, 5, 5, is_required=False)
    register(session, make_member(session, "Ali"), day, chosen=[one])
    register(session, make_member(session, "Bo"), day, chosen=[two])
    found, _more = selecting.rows(session, day.id, Selection(sessie=one.id))
    assert [(row.name, row.sessions) for row in found] == [("Ali", (one.title,))]


# ── deciding ──


def test_many_are_approved_at_once_and_never_more_than_there_are_places(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = approval_day(session, capacity=2)
    keys = [str(register(session, make_member(session, f"Lid {n}"), day).id) for n in range(3)]
    browser.sign_in(organiser)
    browser.max_changes = 80  # type: ignore[attr-defined]
    before = mails(session)
    for _ in range(2):
        browser.post(f"/organisatie/{day.slug}/goedkeuren", {"wie": keys})
    day = session.get_one(ActionDay, day.id)
    assert (day.taken, day.waiting_count) == (2, 1) and mails(session) - before == 3
    assert differences(session) == []
    ja, _more = selecting.rows(session, day.id, Selection(besluit="ja"))
    assert len(ja) == 3 and selecting.rows(session, day.id, Selection(besluit="nee"))[0] == []


def test_a_refusal_needs_a_reason_that_is_mailed(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = approval_day(session)
    key = register(session, make_member(session), day).id
    path = f"/organisatie/{day.slug}/persoon/{key}"
    html = browser.sign_in(organiser).get(path)
    browser.submit(html, "#weigeren_form", status=422, reason="")
    browser.submit(html, "#weigeren_form", reason="Er is te weinig plaats.")
    letter = session.scalars(select(OutgoingMail).order_by(col(OutgoingMail.created_at).desc())).first()
    assert letter is not None and "Er is te weinig plaats." in letter.text
    assert "weigerde de aanvraag" in said(browser.follow())


def test_a_place_out_of_turn_is_logged_with_its_reason_and_never_overbooks(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=1, spread_limit=1, spread_until=now() + timedelta(days=9))
    town = make_municipality(session)
    register(session, make_member(session, "Ali", organisation=town), day)
    key = register(session, make_member(session, "Bo", organisation=town), day).id
    path = f"/organisatie/{day.slug}/persoon/{key}"
    browser.sign_in(organiser)
    html = browser.post(f"{path}/plaats", {"reason": "Zij spreekt"}, status=422)
    assert "Verhoog eerst" in said(html) and "Zij spreekt" in said(html)
    session.get_one(ActionDay, day.id).capacity = 2
    browser.post(f"{path}/plaats", {"reason": "Zij spreekt"})
    event = session.scalars(
        select(RegistrationEvent).where(col(RegistrationEvent.kind) == EventKind.PROMOTED)
    ).one()
    assert (event.reason, event.actor_id) == ("Zij spreekt", organiser.id) and differences(session) == []


def test_somebody_is_moved_to_another_session_and_mailed_once(session: Session) -> None:
    day, boss = make_day(session), make_organiser(session)
    one, two, full = make_round(session, day, 1, 1, 0, is_required=False)
    key = register(session, make_member(session, "Ali"), day, chosen=[one]).id
    waits = register(session, make_member(session, "Bo"), day, waits=[one])
    before = mails(session)
    for _ in range(2):
        by_hand.to_session(session, boss, key, two.id, "Ruil", now())
    with pytest.raises(Conflict):
        by_hand.to_session(session, boss, key, full.id, "Ruil", now())
    assert (one.taken, two.taken, full.taken) == (1, 1, 0), "who waited moved up"
    assert mails(session) - before == 2 and waits.status == S.CONFIRMED and differences(session) == []


def test_somebody_is_added_only_while_there_is_a_place(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=1)
    ali, bo = make_account(session, "Ali"), make_account(session, "Bo")
    path = f"/organisatie/{day.slug}/toevoegen"
    browser.sign_in(organiser)
    for _ in range(2):
        browser.post(path, {"email": ali.email.upper(), "reason": "Spreker"})
    html = browser.post(path, {"email": bo.email, "reason": "Spreker"}, status=422)
    assert "geen plaats vrij" in said(html) and html.select_one("#email")["value"] == bo.email
    browser.post(path, {"email": "niemand@test.example", "reason": "Spreker"}, status=422)
    event = session.scalars(select(RegistrationEvent)).one()
    assert (event.kind, event.reason) == (EventKind.REGISTERED, "Spreker") and differences(session) == []
    assert "voegde Ali toe" in said(browser.get(f"/organisatie/{day.slug}/geschiedenis"))


# ── writing ──


def test_a_mail_is_previewed_with_the_real_text_and_sent_once(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=5)
    register(session, make_member(session, "{dag} Ali"), day)
    register(session, make_member(session, "Bo"), day)
    browser.sign_in(organiser)
    before = mails(session)
    html = browser.post(f"/organisatie/{day.slug}/schrijven/voorbeeld", LETTER, status=200)
    assert "Dag Bo, tot morgen op Actiedag Waasland in De Zaal, Elzendonk." in said(html, "#voorbeeld")
    assert "Dag {dag} Ali," in said(html, "#voorbeeld"), "a name is not read as a placeholder"
    assert "Verstuur naar 2 mensen" in said(html) and mails(session) == before
    for _ in range(2):
        browser.post(f"/organisatie/{day.slug}/schrijven", LETTER)
    other = make_account(session, "Tweede Organisator")
    give_role(session, other, Role.ORGANISER, ScopeKind.REGION, "waasland")
    browser.sign_in(other).post(f"/organisatie/{day.slug}/schrijven", LETTER)
    assert mails(session) - before == 2
    register(session, make_member(session, "Cas"), day)
    browser.post(f"/organisatie/{day.slug}/schrijven", LETTER)
    assert mails(session) - before == 2 + 2, "the newcomer's confirmation and this mail"
    assert "Morgen is het zover" in said(browser.get(f"/organisatie/{day.slug}/schrijven"))
    assert "stuurde een mail naar 2 mensen" in said(browser.get(f"/organisatie/{day.slug}/geschiedenis"))


def test_without_the_note_of_who_got_it_a_mail_would_go_twice(session: Session) -> None:
    """Negative control."""
    day, boss = make_day(session), make_organiser(session)
    register(session, make_member(session), day)
    desk, words = selecting.desk(session, boss, day.slug), Words("Onderwerp", "Tekst")
    assert mailings.send(session, boss, desk, Selection(), words, now()) == 1
    assert mailings.send(session, boss, desk, Selection(), words, now()) == 0
    session.delete(session.scalars(select(DayMailed)).one())
    session.flush()
    assert mailings.send(session, boss, desk, Selection(), words, now()) == 1


def test_a_mail_goes_to_the_selection_only_and_a_bad_one_keeps_what_was_typed(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=1)
    register(session, make_member(session, "Ali"), day)
    wait = make_account(session, "Bo")
    register(session, viewer_of(session, wait), day)
    browser.sign_in(organiser).post(f"/organisatie/{day.slug}/schrijven?staat=waiting", LETTER)
    got = session.scalars(select(OutgoingMail.to).where(col(OutgoingMail.subject) == LETTER["subject"])).all()
    assert got == [wait.email]
    html = browser.post(
        f"/organisatie/{day.slug}/schrijven", {"subject": "x\r\nBcc: a@b.be", "text": "y" * 20}, status=422
    )
    assert html.select_one("#text").text.strip() == "y" * 20
    browser.post(f"/organisatie/{day.slug}/schrijven", {"subject": "Hallo", "text": "y" * 10_000}, status=422)


# ── files and paper ──


NASTY = (
    '=HYPERLINK("http://x")',
    "+32 470",
    "@som(1)",
    "Jan\r\nBcc: x",
    "שלום עולם",
    "👩‍🚒 Vlam",
    "<b>vet</b>",
    "x" * 120,
)


def test_names_stay_text_in_files_and_on_pages(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=20)
    for name in NASTY:
        register(session, make_member(session, name), day)
    browser.sign_in(organiser)
    for page in ("", "/aanwezigheidslijst", "/naamkaartjes", "/geschiedenis", "/inchecken"):
        assert not browser.get(f"/organisatie/{day.slug}{page}").select("main table b, main .badges b b")
    browser.get(f"/organisatie/{day.slug}/uitvoer.csv")
    answer = browser.client.get(f"/organisatie/{day.slug}/uitvoer.csv")
    assert answer.text.startswith("\ufeffNaam;") and "'=HYPERLINK" in answer.text and "'+32" in answer.text
    book = load_workbook(BytesIO(browser.client.get(f"/organisatie/{day.slug}/uitvoer.xlsx").content))
    cells = [row[0] for row in book.active.iter_rows(min_row=2)]
    assert len(cells) == len(NASTY) and {cell.data_type for cell in cells} == {"s"}


def test_a_file_holds_the_selection_and_nothing_of_what_people_need(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=1)
    register(session, make_member(session, "Ali"), day, note="geheime allergie")
    register(session, make_member(session, "Bo"), day)
    browser.sign_in(organiser)
    text = browser.client.get(f"/organisatie/{day.slug}/uitvoer.csv?staat=waiting").text
    assert "Bo;" in text and "Ali" not in text
    for page in PAGES:
        assert "geheime allergie" not in browser.client.get(f"/organisatie/{day.slug}{page}").text


def test_needs_are_totals_and_the_proof_shows_when_they_are_wiped(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    register(session, make_member(session), day, note="noten")
    html = browser.sign_in(organiser).get(f"/organisatie/{day.slug}/behoeften")
    assert "nog 1 persoonlijk antwoord" in said(html)
    row = session.get_one(ActionDay, day.id)
    row.starts_at, row.ends_at = now() - timedelta(days=9), now() - timedelta(days=8)
    session.flush()
    needs.wipe_old(session, now())
    html = browser.get(f"/organisatie/{day.slug}/behoeften")
    assert "nog 0 persoonlijke antwoorden" in said(html) and "gewist" in said(html)


# ── the door ──


@pytest.fixture
def today(session: Session) -> ActionDay:
    day = make_day(session, capacity=2, series="reeks")
    register(session, make_member(session, "Ali Bába"), day)
    row = session.get_one(ActionDay, day.id)
    row.starts_at, row.ends_at = now() - timedelta(minutes=5), now() + timedelta(hours=5)
    session.flush()
    return row


def test_a_helper_sees_the_door_of_one_day_and_nothing_else(
    browser: Browser, session: Session, organiser: Account, today: ActionDay
) -> None:
    helper, slug = make_account(session, "Hulp"), today.slug
    other = make_day(session).slug
    browser.sign_in(organiser)
    for _ in range(2):
        browser.post(f"/organisatie/{slug}/helpers", {"email": helper.email})
    grant = session.scalars(select(RoleGrant).where(col(RoleGrant.account_id) == helper.id)).one()
    assert grant.ends_at is not None
    browser.sign_in(helper)
    assert browser.get("/").select(f"main a[href='/organisatie/{slug}/inchecken']")
    assert browser.get("/").select(".menu a[href='/inchecken']")
    browser.get("/inchecken", status=303)
    html = browser.get(f"/organisatie/{slug}/inchecken?zoek=ali+baba")
    assert "Ali Bába" in said(html) and "@" not in said(html, ".door-list") and not html.select(".desk-nav")
    browser.get(f"/organisatie/{other}/inchecken", status=404)
    for page in PAGES[:-1]:
        browser.get(f"/organisatie/{slug}{page}", status=403)
    browser.sign_in(organiser).post(f"/organisatie/{slug}/helpers/{grant.id}/stoppen")
    browser.sign_in(helper).get(f"/organisatie/{slug}/inchecken", status=403)


def test_a_tick_counts_once_can_be_undone_and_is_told_when_it_stands(
    browser: Browser, session: Session, organiser: Account, today: ActionDay
) -> None:
    key = session.scalars(select(Registration.id)).one()
    path = f"/organisatie/{today.slug}/inchecken"
    browser.sign_in(organiser)
    for act in ("aanwezig", "aanwezig", "toch-niet", "toch-niet"):
        browser.post(f"{path}/{key}/{act}")
    reports = session.scalars(select(Job).where(col(Job.name) == "events.report_attendance")).all()
    assert len(reports) == 1 and reports[0].run_at > today.ends_at  # nobody can undo it any more
    jobs.HANDLERS["events.report_attendance"](session, reports[0].payload)
    told = select(func.count()).select_from(Job).where(col(Job.name) == "learning.attended")
    assert session.scalar(told) == 0
    browser.post(f"{path}/{key}/aanwezig")
    assert "1 van 1 zijn er" in said(browser.get(path), ".door-count")
    jobs.HANDLERS["events.report_attendance"](session, reports[0].payload)
    assert session.scalar(told) == 1 and differences(session) == []


def test_a_walk_in_gets_in_only_while_there_is_a_place(
    browser: Browser, session: Session, organiser: Account, today: ActionDay
) -> None:
    one, two = make_account(session, "Een"), make_account(session, "Twee")
    path = f"/organisatie/{today.slug}/inchecken"
    browser.sign_in(organiser)
    for _ in range(2):
        browser.post(path, {"email": one.email})
    html = browser.post(path, {"email": two.email}, status=422)
    assert "geen plaats vrij" in said(html, "#walk_in_form") and "1 van 2" in said(html, ".door-count")
    assert session.get_one(ActionDay, today.id).taken == 2 and differences(session) == []


def test_the_door_is_closed_before_the_day(browser: Browser, session: Session, organiser: Account) -> None:
    day = make_day(session)
    key = register(session, make_member(session), day).id
    html = browser.sign_in(organiser).get(f"/organisatie/{day.slug}/inchecken")
    assert not html.select(".door-list form")
    browser.post(f"/organisatie/{day.slug}/inchecken/{key}/aanwezig", status=409)


def test_the_door_of_a_day_that_was_called_off_says_so_and_has_no_buttons(
    browser: Browser, session: Session, organiser: Account, today: ActionDay
) -> None:
    path = f"/organisatie/{today.slug}/inchecken"
    assert browser.sign_in(organiser).get(path).select("#walk_in_form")
    session.get_one(ActionDay, today.id).status = DayStatus.CANCELLED
    session.flush()
    html = browser.get(path)
    assert "Deze dag gaat niet door." in html.text
    assert not html.select(".door-list form, #walk_in_form")


def test_nobody_is_there_on_a_day_that_was_called_off(session: Session) -> None:
    """Else a module would count it as a day that somebody attended."""
    day = make_day(
        session, starts_at=now() + timedelta(hours=1), registration_closes_at=now() + timedelta(hours=2)
    )
    orla = make_organiser(session)
    row = register(session, make_member(session), day)
    day.status = DayStatus.CANCELLED
    session.flush()
    with pytest.raises(Conflict, match="gaat niet door"):
        door.tick(session, orla, day.slug, row.id, now())
    assert row.attended_at is None
