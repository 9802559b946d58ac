"""An organiser prepares a day in the browser: steps, programme, copy, state, mails, and what a colleague changes meanwhile."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, col, func, select

from backend.auth.models import Account, Role, RoleGrant, ScopeKind
from backend.db import now
from backend.events import links
from backend.events.models import ActionDay, DayStatus, ProgrammeItem, Registration, Workshop
from backend.mail import OutgoingMail
from tests.browser import Browser
from tests.events.acts import mails_to, make_member, register
from tests.factories import give_role, make_account, make_day, make_edition, make_region, make_round

NEW = {
    "title": "Samen rond de tafel",
    "regions": "waasland",
    "on": "2027-03-16",
    "start": "9:30",
    "end": "16:00",
}


@pytest.fixture
def organiser(session: Session, browser: Browser) -> Account:
    make_region(session, "waasland")
    make_region(session, "midwest")
    make_edition(session)
    account = make_account(session, "Orla Organisator")
    give_role(session, account, Role.ORGANISER, ScopeKind.REGION, "waasland")
    browser.sign_in(account)
    browser.max_changes = 60  # type: ignore[attr-defined] # what would be mailed is tried, taken back, and shown
    return account


def days(session: Session) -> list[ActionDay]:
    session.expire_all()
    return list(session.exec(select(ActionDay).order_by(col(ActionDay.starts_at))).all())


def mail_count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(OutgoingMail)).one()


def step(browser: Browser, day: ActionDay, key: str, *, status: int = 303, **values: Any) -> Any:
    path = f"/organisatie/{day.slug}/bewerken/{key}"
    return browser.submit(browser.get(path), "#step_form", status=status, **values)


def test_a_new_day_is_a_concept_that_nobody_sees(
    browser: Browser, session: Session, organiser: Account
) -> None:
    page = browser.get("/organisatie/nieuw")
    browser.submit(page, "#new_form", **NEW)
    (day,) = days(session)
    assert (day.status, day.slug) == (DayStatus.DRAFT, "samen-rond-de-tafel-2027-03-16")
    assert day.starts_at == datetime(2027, 3, 16, 8, 30, tzinfo=UTC)
    assert "Concept" in browser.follow().text
    assert "Samen rond de tafel" in browser.get("/organisatie").text
    browser.sign_out().get(f"/actiedagen/{day.slug}", status=404)
    assert "Samen rond de tafel" not in browser.get("/actiedagen").text


def test_the_same_form_twice_makes_one_day(browser: Browser, session: Session, organiser: Account) -> None:
    form = NEW | {"form_id": uuid4().hex}
    for _ in range(2):
        browser.post("/organisatie/nieuw", form)
        assert browser.location == "/organisatie/samen-rond-de-tafel-2027-03-16/bewerken"
    browser.post("/organisatie/nieuw", NEW | {"form_id": uuid4().hex})
    assert [day.slug[-4:] for day in days(session)] == ["3-16", "16-2"] or len(days(session)) == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"end": "9:00"}, "einde moet na het begin"),
        ({"end": "9:30"}, "einde moet na het begin"),
        ({"on": "2027-03-28", "start": "2:30"}, "Dit uur bestaat niet"),
        ({"on": "30 februari"}, "geen datum"),
        ({"on": "9999-12-31"}, "geen datum"),
        ({"start": "25:00"}, "geen uur"),
        ({"start": "½"}, "geen uur"),
        ({"title": "x" * 10_000}, "te lang"),
        ({"title": "  \u200b "}, "Vul dit in"),
        ({"title": "Dag\r\nBcc: x@y.be"}, "één regel"),
        ({"regions": "midwest"}, "waarvoor je organiseert"),
        ({"regions": ["waasland", "midwest"]}, "waarvoor je organiseert"),
        ({"regions": None}, "minstens één regio"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    browser: Browser, session: Session, organiser: Account, values: dict[str, Any], said: str
) -> None:
    form = {"form_id": uuid4().hex} | NEW | {"summary": "Twee zinnen 😀"} | values
    page = browser.post("/organisatie/nieuw", {k: v for k, v in form.items() if v is not None}, status=422)
    assert said in page.text and "Twee zinnen 😀" in page.text
    assert days(session) == []


def test_an_hour_that_comes_twice_is_the_first(
    browser: Browser, session: Session, organiser: Account
) -> None:
    form = NEW | {"form_id": uuid4().hex, "on": "2027-10-31", "start": "2:30", "end": "6:00"}
    browser.post("/organisatie/nieuw", form)
    (day,) = days(session)
    assert day.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert (
        "31 oktober 2027, 2.30 uur" in (said := browser.follow().select_one("main .note").text)
        and "zomertijd" in said
    )
    browser.post(
        f"/organisatie/{day.slug}/programma/nieuw", {"title": "Nachtronde", "start": "2:45", "end": "3:30"}
    )
    said = browser.get(f"/organisatie/{day.slug}/programma").select_one("main .note").text
    assert "2.45 uur" in said and "3.30 uur" not in said
    step(browser, day, "wanneer", start="1:30")
    assert "twee keer" not in browser.get(f"/organisatie/{day.slug}/bewerken").text


def test_a_copy_into_the_hour_that_the_clock_skips_says_so(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, starts_at=datetime(2027, 2, 10, 1, 30, tzinfo=UTC))
    path = f"/organisatie/{day.slug}/kopie"
    browser.post(path, {"on": "2027-03-28", "form_id": uuid4().hex})
    assert "een uur vooruit: de kopie begint om 3.30 uur" in browser.follow().text
    browser.post(path, {"on": "2027-03-27", "form_id": uuid4().hex})
    assert "een uur vooruit" not in browser.follow().text
    wrong = {"title": "Nachtronde", "start": "2:30", "end": "4:30"}
    copied = next(
        each for each in days(session) if each.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    )
    page = browser.post(f"/organisatie/{copied.slug}/programma/nieuw", wrong, status=422)
    assert "Dit uur bestaat niet" in page.text and page.select_one("#title")["value"] == "Nachtronde"


def test_days_of_others_do_not_exist(browser: Browser, session: Session, organiser: Account) -> None:
    other = make_day(session, region="midwest")
    assert other.title not in browser.get("/organisatie").text
    for path in ("bewerken", "bewerken/wanneer", "programma", "kopie", "mails", "status?naar=bevestigen"):
        browser.get(f"/organisatie/{other.slug}/{path}", status=404)
    browser.post(f"/organisatie/{other.slug}/status", {"to": "afgelasten", "reason": "Weg"}, status=404)
    browser.post(f"/organisatie/{other.slug}/programma/voorbeeld", status=404)


def test_who_loses_the_role_meanwhile_changes_nothing(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    page = browser.get(f"/organisatie/{day.slug}/bewerken/wanneer")
    grant = session.exec(select(RoleGrant).where(RoleGrant.account_id == organiser.id)).one()
    grant.ends_at = now() - timedelta(seconds=1)
    browser.submit(page, "#step_form", status=403, title="Anders")
    assert days(session)[0].title == day.title != "Anders"


def test_a_day_nobody_registered_for_is_saved_at_once(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    step(browser, day, "waar", place="De Nieuwe Zaal")
    assert days(session)[0].place == "De Nieuwe Zaal" and mail_count(session) == 0


def test_before_people_are_mailed_the_mail_is_shown(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day, noor = make_day(session), make_member(session, "Noor")
    row = register(session, noor, day)
    before = mail_count(session)
    shown = step(browser, day, "waar", status=200, place="De Nieuwe Zaal")
    assert "De Nieuwe Zaal" in shown.text and noor.email in shown.text
    assert (days(session)[0].place, mail_count(session), row.sequence) == ("De Zaal", before, 0)
    browser.submit(shown, "#preview_form", note="De zaal was te klein.", akkoord="ja")
    last = mails_to(session, noor.email)[-1]
    assert "De Nieuwe Zaal" in last.text and "De zaal was te klein." in last.text
    assert mail_count(session) == before + 1
    browser.submit(shown, "#preview_form", note="De zaal was te klein.", akkoord="ja")
    assert mail_count(session) == before + 1, "sent twice, told once"


def test_the_links_in_a_mail_that_is_shown_are_of_nobody(
    browser: Browser, session: Session, organiser: Account
) -> None:
    """Else an organiser could say yes, or cancel, as somebody else."""
    day, noor = make_day(session), make_member(session, "Noor")
    row = register(session, noor, day)
    shown = step(browser, day, "waar", status=200, place="De Nieuwe Zaal")
    codes = re.findall(r"/(?:inschrijving|meedoen)/(\w+)", shown.text)
    assert codes and all(links.read(code) for code in codes)
    assert row.id not in {key for code in codes if (found := links.read(code)) for key in found}
    for code in codes:
        browser.get(f"/inschrijving/{code}", status=404)


@pytest.mark.parametrize("path", ["sessie/x", f"{10**30}", f"{2**40}", f"{10**30}/sessie"])
def test_what_is_no_part_of_the_programme_is_not_found(
    browser: Browser, session: Session, organiser: Account, path: str
) -> None:
    day = make_day(session)
    browser.get(f"/organisatie/{day.slug}/programma/{path}", status=404)


def test_nonsense_about_what_was_seen_is_no_fault(
    browser: Browser, session: Session, organiser: Account
) -> None:
    """What one typed is compared with what is there now, as if nothing was seen: nothing is overwritten unasked."""
    day = make_day(session)
    step(browser, day, "waar", status=409, place="De Nieuwe Zaal", seen="[" * 50_000)


def test_without_a_mail_only_calendars_change(browser: Browser, session: Session, organiser: Account) -> None:
    day, noor = make_day(session), make_member(session, "Noor")
    register(session, noor, day)
    before = mail_count(session)
    shown = step(browser, day, "waar", status=200, place="De Nieuwe Zaal")
    browser.submit(shown, "#preview_form", by_mail="nee", akkoord="ja")
    assert mail_count(session) == before
    session.expire_all()
    assert session.exec(select(Registration.sequence)).one() == 1
    assert days(session)[0].place == "De Nieuwe Zaal"


def test_somebody_can_be_left_out_of_the_mail_and_not_of_the_calendar(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    people = [make_member(session, name) for name in ("Noor", "Ali", "Bo")]
    for who in people:
        register(session, who, day)
    before = [len(mails_to(session, who.email)) for who in people]
    shown = step(browser, day, "waar", status=200, place="De Nieuwe Zaal")
    assert [box["value"] for box in shown.select("[name=niet_aan]")] == [who.email for who in people]
    again = browser.submit(
        shown, "#preview_form", status=200, niet_aan=[people[1].email], by_mail="ja", note="Kijk!"
    )
    assert [box["value"] for box in again.select("[name=niet_aan][checked]")] == [people[1].email]
    assert "Kijk!" in again.select_one(".mail-text").text and "Naar 3 mensen" in again.text
    browser.submit(again, "#preview_form", akkoord="ja")
    assert "2 mails vertrekken" in browser.follow().text
    after = [len(mails_to(session, who.email)) for who in people]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 0, 1]
    assert session.exec(select(Registration.sequence)).all() == [1, 1, 1], (
        "whoever reads the calendar sees it"
    )


def test_nobody_can_be_left_out_of_the_mail_that_they_have_a_place(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=1)
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day), register(session, ali, day)
    before = len(mails_to(session, ali.email))
    shown = step(browser, day, "plaatsen", status=200, capacity="2")
    assert not shown.select("[name=niet_aan], [name=by_mail]")
    browser.submit(shown, "#preview_form", akkoord="ja", niet_aan=ali.email, by_mail="nee")
    assert len(mails_to(session, ali.email)) == before + 1


def test_fewer_places_than_taken_is_refused_and_more_go_to_who_waits(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, capacity=1)
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day), register(session, ali, day)
    assert "Er zijn al 1 plaatsen gegeven" in step(browser, day, "plaatsen", status=422, capacity="0").text
    assert "minstens 0" in step(browser, day, "plaatsen", status=422, capacity="-5").text
    shown = step(browser, day, "plaatsen", status=200, capacity="2")
    assert ali.email in shown.text and noor.email not in shown.text
    assert days(session)[0].taken == 1
    browser.submit(shown, "#preview_form", akkoord="ja")
    assert (days(session)[0].taken, days(session)[0].waiting_count) == (2, 0)


def test_what_a_colleague_changed_elsewhere_in_a_step_stays(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    mine = browser.get(f"/organisatie/{day.slug}/bewerken/waar")
    step(browser, day, "waar", travel="Bus 4")
    browser.submit(mine, "#step_form", access="Lift en ringleiding")
    (kept,) = days(session)
    assert (kept.travel, kept.access) == ("Bus 4", "Lift en ringleiding")
    assert "Een collega veranderde" in browser.follow().text


def test_what_both_changed_is_asked_and_nothing_typed_is_lost(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    mine = browser.get(f"/organisatie/{day.slug}/bewerken/waar")
    step(browser, day, "waar", travel="Bus 4")
    asked = browser.submit(mine, "#step_form", status=409, travel="Tram 2")
    assert "Bus 4" in asked.text and asked.select_one("#travel").text.strip() == "Tram 2"
    assert days(session)[0].travel == "Bus 4"
    browser.submit(asked, "#step_form")
    assert days(session)[0].travel == "Tram 2"


def test_without_knowing_what_was_seen_nothing_is_overwritten(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    for seen in (None, "", "geen json", "[1]"):
        step(browser, day, "waar", status=409, travel="Tram 2", seen=seen)
    assert days(session)[0].travel == ""


def test_an_example_programme_gets_sessions(browser: Browser, session: Session, organiser: Account) -> None:
    browser.post("/organisatie/nieuw", NEW | {"form_id": uuid4().hex})
    (day,) = days(session)
    for _ in range(2):
        browser.post(f"/organisatie/{day.slug}/programma/voorbeeld")
    items = session.exec(select(ProgrammeItem).order_by(col(ProgrammeItem.starts_at))).all()
    assert [item.is_round for item in items] == [False, False, True, False, True, False]
    assert items[0].starts_at == day.starts_at and items[-1].ends_at == day.ends_at
    for item in items:
        if item.is_round:
            page = browser.get(f"/organisatie/{day.slug}/programma/{item.id}/sessie")
            for _ in range(2):
                browser.submit(page, "#session_form", title="Oefenen met een acteur", capacity="12")
    assert len(session.exec(select(Workshop)).all()) == 2
    late = browser.get(f"/organisatie/{day.slug}/programma/{items[2].id}/sessie")
    assert "tussen" in browser.submit(late, "#session_form", status=422, title="Te laat", end="20:00").text


def test_who_goes_to_a_session_is_told_and_nobody_else(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, starts_at=datetime(2027, 3, 16, 8, tzinfo=UTC))
    one, other = make_round(session, day, 5, 5)
    noor, ali = make_member(session, "Noor"), make_member(session, "Ali")
    register(session, noor, day, chosen=[one]), register(session, ali, day, chosen=[other])
    page = browser.get(f"/organisatie/{day.slug}/programma/sessie/{one.id}")
    shown = browser.submit(page, "#session_form", status=200, room="Zaal B")
    assert noor.email in shown.text and ali.email not in shown.text and "Zaal B" in shown.text
    browser.submit(shown, "#preview_form", akkoord="ja")
    assert "Zaal B" in mails_to(session, noor.email)[-1].text
    assert len(mails_to(session, ali.email)) == 1


def test_another_date_takes_the_programme_along(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, starts_at=datetime(2027, 3, 16, 8, tzinfo=UTC), status=DayStatus.DRAFT)
    make_round(session, day, 5)
    step(browser, day, "wanneer", on="2027-03-30")
    (moved,) = days(session)
    workshop = session.exec(select(Workshop)).one()
    assert moved.starts_at == datetime(2027, 3, 30, 7, tzinfo=UTC), "the same hour by the clock"
    assert workshop.starts_at == datetime(2027, 3, 30, 8, tzinfo=UTC)
    assert moved.registration_closes_at == datetime(2027, 3, 27, 9 - 1, tzinfo=UTC)


def test_a_copy_asks_one_date(browser: Browser, session: Session, organiser: Account) -> None:
    old = make_day(session, questions=[{"key": "plan", "text": "Is er een plan?", "kind": "yes_no"}])
    make_round(session, old, 5, 6)
    register(session, make_member(session), old, chosen=[session.exec(select(Workshop)).first()])  # type: ignore[list-item]
    page = browser.get(f"/organisatie/{old.slug}/kopie")
    for _ in range(2):
        browser.submit(page, "#copy_form", on="2027-06-08")
    new = days(session)[-1]
    assert len(days(session)) == 2 and new.status == DayStatus.DRAFT
    assert (new.taken, new.questions) == (0, old.questions)
    sessions = session.exec(select(Workshop).where(col(Workshop.day_id) == new.id)).all()
    assert [(each.capacity, each.taken) for each in sessions] == [(5, 0), (6, 0)]
    assert "geen datum" in browser.submit(page, "#copy_form", status=422, on="morgen").text


def test_questions_can_depend_on_each_other(browser: Browser, session: Session, organiser: Account) -> None:
    day = make_day(session)
    path = f"/organisatie/{day.slug}/bewerken/vragen"
    for _ in range(2):
        browser.submit(browser.get(f"{path}/nieuw"), "#question_form", text="Is er een plan?", kind="yes_no")
    (first,) = days(session)[0].questions
    when = {"when": f"{first['key']}=ja", "kind": "choice"}
    wrong = browser.submit(
        browser.get(f"{path}/nieuw"), "#question_form", status=422, text="Hoe ver?", **when
    )
    assert "twee mogelijkheden" in wrong.text
    browser.submit(
        browser.get(f"{path}/nieuw"), "#question_form", text="Hoe ver?", options="Begin\nKlaar", **when
    )
    assert days(session)[0].questions[1]["shown_when"] == {"question": first["key"], "answer": "ja"}
    browser.post(f"{path}/{first['key']}/weg", status=409)
    browser.post(f"{path}/{days(session)[0].questions[1]['key']}/weg")
    assert len(days(session)[0].questions) == 1


def test_materials_are_secure_links(browser: Browser, session: Session, organiser: Account) -> None:
    day = make_day(session)
    path = f"/organisatie/{day.slug}/bewerken/materiaal"
    for url in ("javascript:alert(1)", "http://x.be/a", "https://", "https://x.be/a b"):
        browser.post(path, {"title": "Nota", "url": url}, status=422)
    for _ in range(2):
        browser.post(path, {"title": "Nota", "url": "https://x.be/nota"})
    assert days(session)[0].materials == [{"title": "Nota", "url": "https://x.be/nota", "file": None}]
    for _ in range(2):
        browser.post(f"{path}/weg", {"material": "https://x.be/nota"})
    assert days(session)[0].materials == []


def test_for_whom_a_day_is(browser: Browser, session: Session, organiser: Account) -> None:
    day = make_day(session)
    assert "wie je uitnodigt" in step(browser, day, "voor-wie", status=422, only_invited="ja").text
    assert "geen adres" in step(browser, day, "voor-wie", status=422, listed="<script>").text
    assert "kennen" in step(browser, day, "voor-wie", status=422, organisations="Nergens").text
    step(browser, day, "voor-wie", only_invited="ja", listed="Ali@x.be\n@y.be", functions="schepen")
    kept = days(session)[0]
    assert not kept.is_listed
    assert (kept.audience["addresses"], kept.audience["domains"]) == (["ali@x.be"], ["y.be"])


def test_each_state_has_one_clear_action(browser: Browser, session: Session, organiser: Account) -> None:
    day = make_day(session, status=DayStatus.DRAFT)
    path = f"/organisatie/{day.slug}/status"
    browser.submit(browser.get(f"{path}?naar=publiceren"), "#status_form")
    noor = make_member(session)
    register(session, noor, day)
    asked = browser.get(f"{path}?naar=bevestigen")
    assert "1 persoon krijgt een mail" in " ".join(asked.text.split())
    for _ in range(2):
        browser.submit(asked, "#status_form")
    assert len(mails_to(session, noor.email)) == 2
    end = browser.get(f"{path}?naar=afgelasten")
    browser.submit(end, "#status_form", status=422, reason="")
    for _ in range(2):
        browser.submit(end, "#status_form", reason="De spreker is ziek.")
    assert "De spreker is ziek." in mails_to(session, noor.email)[-1].text
    assert len(mails_to(session, noor.email)) == 3
    browser.get(f"{path}?naar=publiceren", status=409)
    browser.post(path, {"to": "onzin"}, status=409)


def test_the_mails_of_a_day_are_read_before_they_leave(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session)
    page = browser.get(f"/organisatie/{day.slug}/mails")
    paths = [link["href"] for link in page.select(".rows a")]
    assert {path.rpartition("/")[2] for path in paths} >= {
        "confirmed",
        "waiting",
        "reminder",
        "practical",
        "thanks",
    }
    for path in paths:
        assert "Noor Voorbeeld" in browser.get(path).select_one(".mail-text").text
    own = browser.get(f"/organisatie/{day.slug}/mails/confirmed")
    browser.submit(own, "#mail_form", subject="Welkom aan tafel", extra="Breng een vraag mee.")
    assert "Breng een vraag mee." in browser.follow().select_one(".mail-text").text
    noor = make_member(session)
    register(session, noor, days(session)[0])
    sent = mails_to(session, noor.email)[-1]
    assert sent.subject == "Welkom aan tafel" and "Breng een vraag mee." in sent.text
    browser.get(f"/organisatie/{day.slug}/mails/onzin", status=404)
    assert (
        "één regel"
        in browser.submit(
            own,
            "#mail_form",
            status=422,
            subject="x\r\nBcc: a@b.be",
            seen=browser.get(f"/organisatie/{day.slug}/mails/confirmed").select_one("[name=seen]")["value"],
        ).text
    )
