"""What people do with a place on the pages: choose sessions, change, pass on, register colleagues, answer an offer."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from backend.auth.models import Account
from backend.db import now
from backend.events.models import ActionDay, Registration, RegistrationNeed, RegistrationStatus, Workshop
from backend.mail import OutgoingMail
from tests.events.acts import cancel, make_member, register
from tests.events.conftest import EventBrowser as Browser
from tests.factories import make_account, make_day, make_municipality, make_round, viewer_of

QUESTIONS = [
    {"key": "plan", "text": "Heb je een plan?", "kind": "yes_no", "is_required": True},
    {"key": "fase", "text": "Hoe ver staat het?", "kind": "choice", "options": ["ontwerp", "klaar"], "is_required": True,
     "shown_when": {"question": "plan", "answer": "ja"}},
    {"key": "vraag", "text": "Wat wil je weten?", "kind": "text"},
]  # fmt: skip
HOSTILE = [
    "x\r\nBcc: evil@x.be",
    '=HYPERLINK("evil.be")',
    "x" * 10_000,
    "🏳️‍🌈👩‍👩‍👧 feest",
    "שלום \u202eevil\u202c مرحبا",
    "<script>alert(1)</script>",
    "' OR 1=1; DROP TABLE registration;--",
    "a" + "\u0301" * 40,
    "\u200b\u200b",
]


def text(html, selector: str = "main") -> str:
    return " ".join(html.select_one(selector).text.split())


def live(session: Session) -> dict[str, str]:
    rows = session.exec(
        select(Account.name, Registration).join(Registration, col(Registration.account_id) == Account.id)
    )
    return {name: row.status.value for name, row in rows if row.is_live}


def test_everything_in_one_page_and_nothing_typed_is_lost(browser: Browser, session: Session) -> None:
    day, account = make_day(session, questions=QUESTIONS), make_account(session)
    a, _b = make_round(session, day, 2, 2)
    _c, d = make_round(session, day, 2, 2, hour=3)
    first, second = str(a.id), str(d.id)
    page = browser.sign_in(account).get(f"/actiedagen/{day.slug}")
    assert "Ronde 1 , kies één sessie" in text(page, ".programme").replace("Ronde 1, ", "Ronde 1 , ")
    filled = {"ronde_1": first, "vraag_plan": "ja", "vraag_vraag": "Hoe begin ik?", "diets": ["vegan", "nut_free"],
              "access": "hearing_loop", "needs": "Vooraan graag."}  # fmt: skip
    page = browser.submit(page, "#register_form", status=422, **filled)
    errors = {a["href"]: a.text for a in page.select("#register_form [role=alert] a")}
    said = text(page, "#register_form [role=alert]")
    assert "Nog 2 dingen" in said and "Kies één sessie" in said
    assert page.select_one("#ronde_2 .error") and page.select_one("#vraag_fase .error"), errors
    assert {i["value"] for i in page.select("#register_form input[checked]")} == {
        first,
        "ja",
        "vegan",
        "nut_free",
        "hearing_loop",
    }
    assert "Hoe begin ik?" in text(page, "#register_form") and "Vooraan graag." in text(
        page, "#register_form"
    )
    browser.submit(page, "#register_form", ronde_2=second, vraag_fase="klaar", diets=["vegan", "nut_free"])
    page = browser.follow()
    assert text(page, "#register_title") == "Je bent ingeschreven"
    assert len(page.select(".programme .tag[data-tone=ok]")) == 2
    assert "veganistisch · zonder noten · een ringleiding · “Vooraan graag.”" in text(page, "#inschrijven")
    row = session.exec(select(Registration)).one()
    assert row.answers == {"plan": "ja", "fase": "klaar", "vraag": "Hoe begin ik?"}


def test_a_full_session_offers_its_waiting_list_and_the_place_in_it_shows(
    browser: Browser, session: Session
) -> None:
    day, account = make_day(session), make_account(session)
    a, b = make_round(session, day, 1, 5)
    register(session, make_member(session, "Ali"), day, chosen=[a])
    full, free = str(a.id), str(b.id)
    page = browser.sign_in(account).get(f"/actiedagen/{day.slug}")
    assert page.select_one(f'input[type=checkbox][value="{full}"]')["name"] == "wacht_1"
    browser.submit(page, "#register_form", ronde_1=free, wacht_1=full)
    page = browser.follow()
    assert "Wachtlijst: je bent eerste" in text(page, ".programme") and "Jouw sessie" in text(
        page, ".programme"
    )
    assert len(browser.queries) <= 8


def test_a_session_that_filled_up_while_typing_is_said_and_can_be_waited_for(
    browser: Browser, session: Session
) -> None:
    day, account = make_day(session), make_account(session)
    a, _b = make_round(session, day, 1, 5)
    full, slug = str(a.id), day.slug
    page = browser.sign_in(account).get(f"/actiedagen/{slug}")
    register(session, make_member(session, "Ali"), day, chosen=[a])
    page = browser.submit(page, "#register_form", ronde_1=full, needs="Rustige plek", status=422)
    assert "intussen volzet" in text(page, "#ronde_1") and page.select_one(
        f'#ronde_1 [type=checkbox][value="{full}"]'
    )
    assert "Rustige plek" in text(page, "#register_form")
    assert live(session) == {"Ali": "confirmed"}


def test_registration_that_closed_while_typing_is_refused(browser: Browser, session: Session) -> None:
    day, account = make_day(session), make_account(session)
    slug = day.slug
    page = browser.sign_in(account).get(f"/actiedagen/{slug}")
    session.exec(select(ActionDay)).one().registration_closes_at = now() - timedelta(seconds=1)
    page = browser.submit(page, "#register_form", status=409)
    assert "Inschrijven voor deze dag kan niet meer" in page.text and live(session) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"ronde_1": "geen-uuid"},
        {"ronde_1": "00000000-0000-0000-0000-000000000009"},
        {"ronde_1": ["00000000-0000-0000-0000-000000000009", "x"]},
        {"wacht_1": "'; DROP TABLE workshop"},
        {"vraag_plan": "misschien"},
        {"vraag_plan": ["ja", "misschien"]},
        {"diets": "menseneter"},
        {"access": ["x"] * 50},
        {"needs": "x" * 501},
        {"needs": "a\u0007b"},
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    browser: Browser, session: Session, fields: dict
) -> None:
    day, account = make_day(session, questions=QUESTIONS), make_account(session)
    a, _b = make_round(session, day, 2, 2)
    right = {"ronde_1": str(a.id), "vraag_plan": "nee"}
    path = f"/actiedagen/{day.slug}/inschrijven"
    page = browser.sign_in(account).post(path, right | fields, status=422)
    assert page.select_one("#register_form [role=alert]") and live(session) == {}
    browser.post(path, right)  # the negative control
    assert len(live(session)) == 1


def test_changing_sessions_answers_and_needs(browser: Browser, session: Session) -> None:
    day, account = make_day(session, questions=QUESTIONS), make_account(session)
    a, b = make_round(session, day, 2, 2)
    other, slug = str(b.id), day.slug
    browser.sign_in(account).post(
        f"/actiedagen/{slug}/inschrijven", {"ronde_1": str(a.id), "vraag_plan": "nee", "diets": "halal"}
    )
    page = browser.get(browser.follow().select_one('#inschrijven a[href$="/wijzigen"]')["href"])
    assert {i["value"] for i in page.select("input[checked]")} == {str(a.id), "nee", "halal"}
    page = browser.submit(page, "#change_form", vraag_plan="ja", status=422)
    assert page.select_one("#vraag_fase .error")
    browser.submit(page, "#change_form", ronde_1=other, vraag_fase="klaar", diets="vegan")
    page = browser.follow()
    assert "Je keuze is bewaard" in text(page, ".flashes") and "veganistisch" in text(page, "#inschrijven")
    assert session.exec(select(Workshop.taken).order_by(Workshop.title)).all() == [0, 1]
    browser.get("/actiedagen/bestaat-niet/wijzigen", status=404)


def test_without_a_registration_there_is_nothing_to_change_or_pass_on(
    browser: Browser, session: Session
) -> None:
    day = make_day(session)
    browser.sign_in(make_account(session))
    for page in ("wijzigen", "doorgeven"):
        browser.get(f"/actiedagen/{day.slug}/{page}", status=303)
    browser.post(f"/actiedagen/{day.slug}/wijzigen", status=409)
    browser.post(f"/actiedagen/{day.slug}/aanbod", status=409)


def test_an_offer_is_answered_on_the_page(browser: Browser, session: Session) -> None:
    day, account = make_day(session, capacity=1, offer_hours=8), make_account(session, "Ali")
    noor, lies = make_member(session, "Noor"), make_member(session, "Lies")
    for who in (noor, viewer_of(session, account), lies):
        register(session, who, day)
    cancel(session, noor, day)
    page = browser.sign_in(account).get(f"/actiedagen/{day.slug}")
    assert "We houden ze vrij tot" in text(page, "#inschrijven")
    assert "Plaats vrijgehouden" in text(browser.get("/mijn/inschrijvingen"))
    browser.submit(page, "#inschrijven form", answer="ja")
    assert live(session) == {"Ali": "confirmed", "Lies": "waiting"}
    browser.submit(page, "#inschrijven form", answer="nee")
    assert live(session) == {"Lies": "offered"}


def test_passing_a_place_on_in_one_step(browser: Browser, session: Session) -> None:
    town = make_municipality(session)
    noor, ali = (
        make_account(session, name, organisation=town, email=f"{name}@elzendonk.example")
        for name in ("noor", "ali")
    )
    day = make_day(session, capacity=1)
    register(session, viewer_of(session, noor), day)
    register(session, make_member(session, "Omar"), day)
    slug, email = day.slug, ali.email
    page = browser.sign_in(noor).get(f"/actiedagen/{slug}/doorgeven")
    page = browser.submit(page, "#pass_on_form", name="Iemand", email="iemand@elders.example", status=422)
    assert "kennen dit adres niet" in text(page, "#pass_on_form")
    assert page.select_one("#email")["value"] == "iemand@elders.example"
    assert live(session) == {"noor": "confirmed", "Omar": "waiting"}
    for _ in range(2):
        browser.submit(page, "#pass_on_form", name="Ali", email=email)
    assert live(session) == {"ali": "offered", "Omar": "waiting"}


def test_moving_to_another_day_of_the_series(browser: Browser, session: Session) -> None:
    account = make_account(session)
    here, there = make_day(session, "Hier", series="reeks"), make_day(session, "Ginder", series="reeks")
    make_day(session, "Vol", series="reeks", capacity=0)
    register(session, viewer_of(session, account), here)
    page = browser.sign_in(account).get(f"/actiedagen/{here.slug}/doorgeven")
    assert [h.text for h in page.select("main h3")] == ["Ginder"]
    browser.submit(page, 'form[action$="/andere-dag"]')
    assert browser.location == f"/actiedagen/{there.slug}#inschrijven"
    assert text(browser.follow(), "#register_title") == "Je bent ingeschreven"


def test_registering_colleagues_and_seeing_how_it_stands(browser: Browser, session: Session) -> None:
    town = make_municipality(session)
    noor, ali = (
        make_account(session, name, organisation=town, email=f"{name}@elzendonk.example")
        for name in ("noor", "ali")
    )
    day = make_day(session)
    slug, email = day.slug, ali.email
    page = browser.sign_in(noor).get(f"/actiedagen/{slug}")
    page = browser.get(page.select_one('main a[href$="/collegas"]')["href"])
    page = browser.submit(page, "#colleagues_form", status=422)
    assert "minstens één collega" in text(page, "[role=alert]")
    wrong = {"name_1": "Ali", "email_1": email, "name_2": "Wout", "email_2": "geen adres"}
    page = browser.submit(page, "#colleagues_form", status=422, **wrong)
    assert page.select_one("#email_2_error") and page.select_one("#name_1")["value"] == "Ali"
    assert live(session) == {}
    browser.max_changes = 40  # for two people
    browser.submit(page, "#colleagues_form", email_2="wout@elzendonk.example")
    page = browser.follow()
    assert [text(li, "b") for li in page.select("[aria-labelledby=registered_title] li")] == ["Wout", "ali"]
    assert text(page, "[aria-labelledby=registered_title]").count("Moet nog ja zeggen") == 2
    assert live(session) == {"Wout": "offered", "ali": "offered"}


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_refused_or_stay_words(browser: Browser, session: Session, words: str) -> None:
    town = make_municipality(session)
    noor = make_account(session, "noor", organisation=town, email="noor@elzendonk.example")
    day = make_day(session)
    path = f"/actiedagen/{day.slug}/collegas"
    answer = browser.sign_in(noor).client.post(
        path,
        data={"name_1": words, "email_1": "wout@elzendonk.example"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code in (303, 422)
    page = browser.get(path)
    assert not page.select("main script")
    for mail in session.exec(select(OutgoingMail)).all():
        assert mail.to == "wout@elzendonk.example" and "\n" not in mail.subject
        assert "ATTENDEE" in mail.attachments[0]["content"]
        assert not [line for line in mail.attachments[0]["content"].split("\r\n") if line.startswith("Bcc")]


def test_what_a_question_asks_is_words(browser: Browser, session: Session) -> None:
    bad = "<img src=x onerror=alert(1)>"
    question = {"key": "x", "text": bad, "kind": "choice", "options": [bad, "\"' autofocus"]}
    day = make_day(session, questions=[question], materials=[{"title": bad, "url": "https://x.be/"}])
    page = browser.sign_in(make_account(session)).get(f"/actiedagen/{day.slug}")
    assert not page.select("main img") and bad in text(page, "#register_form")
    assert [i["value"] for i in page.select("#vraag_x input")] == [bad, "\"' autofocus"]
    assert not page.select("[autofocus]")
    browser.submit(page, "#register_form", vraag_x=bad)
    assert session.exec(select(Registration)).one().answers == {"x": bad}


def test_a_day_of_rules_says_them(browser: Browser, session: Session) -> None:
    town = make_municipality(session)
    day = make_day(session, capacity=5, spread_limit=1, spread_until=now() + timedelta(days=9))
    first, second = (make_account(session, name, organisation=town) for name in ("Noor", "Ali"))
    register(session, viewer_of(session, first), day)
    slug = day.slug
    page = browser.sign_in(second).get(f"/actiedagen/{slug}")
    assert "Van je gemeente is er al 1 persoon ingeschreven" in text(page, "#inschrijven")
    browser.submit(page, "#register_form")
    assert text(browser.follow(), "#register_title") == "Je staat op de wachtlijst"
    later = make_day(session, registration_opens_at=now() + timedelta(days=2)).slug
    assert "Inschrijven kan nog niet" in text(browser.get(f"/actiedagen/{later}"), "#inschrijven")
    chosen = make_day(session, audience={"needs_approval": True}).slug
    browser.submit(browser.get(f"/actiedagen/{chosen}"), "#register_form")
    assert text(browser.follow(), "#register_title") == "Je aanvraag is verstuurd"
    browser.submit(browser.get(f"/actiedagen/{chosen}/annuleren"), 'main form[action$="/annuleren"]')
    assert session.exec(select(RegistrationNeed)).all() == []
    statuses = session.exec(select(Registration.status)).all()
    assert sorted(statuses) == sorted(
        [RegistrationStatus.CONFIRMED, RegistrationStatus.WAITING, RegistrationStatus.CANCELLED]
    )
