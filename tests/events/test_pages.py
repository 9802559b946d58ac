"""What people see and do on the pages of action days."""

from datetime import timedelta

from sqlmodel import Session, col, select

from backend.auth.models import AccountStatus
from backend.db import now
from backend.events.models import (
    ActionDay,
    DayFormat,
    DayStatus,
    ProgrammeItem,
    Registration,
    RegistrationStatus,
)
from backend.mail import OutgoingMail
from tests.browser import Browser
from tests.events.acts import register
from tests.factories import make_account, make_day, make_region, viewer_of


def titles(html, selector: str = "#days .hit") -> list[str]:
    return [link.text for link in html.select(selector)]


def text(html, selector: str = "main") -> str:
    return " ".join(html.select_one(selector).text.split())


def test_a_visitor_sees_the_days_to_come_and_those_that_were(browser: Browser, session: Session) -> None:
    make_day(session, "Later", starts_at=now() + timedelta(days=60))
    make_day(session, "Eerst")
    make_day(session, "Vroeger", starts_at=now() - timedelta(days=9))
    make_day(session, "Klad", status=DayStatus.DRAFT)
    html = browser.get("/actiedagen")
    assert titles(html) == ["Eerst", "Later"] and titles(html, "[aria-labelledby=past_days] .hit") == [
        "Vroeger"
    ]
    assert "Nog 10 van 10 plaatsen" in text(html) and "2 dagen" in text(html, "#day_count")


def test_the_list_takes_as_many_queries_however_many_days(browser: Browser, session: Session) -> None:
    account = make_account(session)
    make_day(session)
    browser.sign_in(account).get("/actiedagen")
    few = len(browser.queries)
    for n in range(30):
        register(session, viewer_of(session, account), make_day(session, f"Dag {n}"))
    browser.get("/actiedagen")
    assert len(browser.queries) == few <= 5


def test_one_can_choose_region_month_and_free_places(browser: Browser, session: Session) -> None:
    soon = make_day(session, "Waas", starts_at=now() + timedelta(days=35))
    make_day(session, "Gent", region="regio-gent", capacity=0, starts_at=now() + timedelta(days=100))
    make_day(session, "Overal", region=None, format=DayFormat.ONLINE, starts_at=now() + timedelta(days=200))
    assert titles(browser.get("/actiedagen?regio=regio-gent")) == ["Gent", "Overal"]
    assert titles(browser.get("/actiedagen?regio=regio-gent&vrij=1")) == ["Overal"]
    assert titles(browser.get(f"/actiedagen?periode={soon.starts_at:%Y-%m}")) == ["Waas"]
    form = browser.get("/actiedagen?regio=regio-gent").select_one("#day_filter")
    assert form["method"] == "get" and form.select_one("#regio [selected]")["value"] == "regio-gent"
    assert len(form.select("#periode option")) == 4


def test_htmx_gets_only_the_list_and_what_to_say(browser: Browser, session: Session) -> None:
    make_day(session, "Waas")
    html = browser.get("/actiedagen?regio=waasland", part="days")
    assert html.title is None and titles(html) == ["Waas"]
    assert text(html, "hx-partial") == "1 dag gevonden"
    assert browser.get("/actiedagen").select_one("hx-partial") is None


def test_an_empty_list_says_what_to_do(browser: Browser, session: Session) -> None:
    assert browser.get("/actiedagen").select_one('.empty a[href="/contact"]')
    make_day(session)
    html = browser.get("/actiedagen?regio=westhoek")
    assert html.select_one('.empty a[href="/actiedagen"]') and "Geen dagen gevonden" in text(html)


def test_the_map_tells_in_words_what_each_region_has(browser: Browser, session: Session) -> None:
    make_region(session, "westhoek")
    make_day(session, region="waasland"), make_day(session, region="waasland", capacity=0)
    make_day(session, region="kempen", capacity=0)
    make_day(session, region="limburg", starts_at=now() + timedelta(days=1))
    make_day(session, region="midwest", status=DayStatus.CANCELLED)
    html = browser.get("/actiedagen?regio=kempen")
    words = {
        tile["href"].partition("regio=")[2]: tile.select_one(".sr").text
        for tile in html.select(".tiles .tile")
    }
    assert words == {
        "waasland": "Waasland: 2 actiedagen, plaatsen vrij",
        "kempen": "Kempen: 1 actiedag, volzet, wachtlijst open",
        "limburg": "Limburg: 1 actiedag, inschrijven kan niet meer",
        "midwest": "Midwest: nog geen actiedag",
        "westhoek": "Westhoek: nog geen actiedag",
    }
    assert [tile["href"] for tile in html.select(".tile[aria-current]")] == ["/actiedagen?regio=kempen"]


def test_a_day_shows_its_programme_and_how_to_get_in(browser: Browser, session: Session) -> None:
    day = make_day(session, travel="Bus 3", access="Drempelvrij", is_fictional=True)
    session.add(ProgrammeItem(day_id=day.id, starts_at=day.starts_at, title="Onthaal", detail="Koffie"))
    html = browser.get(f"/actiedagen/{day.slug}")
    said = text(html)
    assert all(
        word in said
        for word in ("Onthaal", "Koffie", "Bus 3", "Drempelvrij", "De Zaal, Elzendonk", "fictief")
    )
    assert html.select_one(f'a[href$="/actiedagen/{day.slug}/agenda.ics"]').has_attr("download")
    way_in = html.select_one("#inschrijven a")["href"]
    assert way_in == f"/aanmelden?next=%2Factiedagen%2F{day.slug}%23inschrijven"
    assert html.select_one("#register_form") is None


def test_drafts_and_unknown_days_do_not_exist(browser: Browser, session: Session) -> None:
    day = make_day(session, status=DayStatus.DRAFT)
    for slug in (day.slug, "onbekend"):
        browser.get(f"/actiedagen/{slug}", status=404)
    browser.sign_in(make_account(session)).post(f"/actiedagen/{day.slug}/inschrijven", status=404)
    browser.post(f"/actiedagen/{day.slug}/annuleren", status=404)
    browser.get(f"/actiedagen/{day.slug}/annuleren", status=404)


def test_register_see_it_and_cancel_again(browser: Browser, session: Session) -> None:
    day, account = make_day(session, capacity=1), make_account(session)
    page = browser.sign_in(account).get(f"/actiedagen/{day.slug}")
    browser.submit(page, "#register_form", needs="Een plaats dicht bij de deur")
    page = browser.follow()
    assert text(page, "#register_title") == "Je bent ingeschreven" and "dicht bij de deur" in text(
        page, "#inschrijven"
    )
    assert "Je bent ingeschreven" in text(page, ".flashes")
    page = browser.get(page.select_one('#inschrijven a[href$="/annuleren"]')["href"])
    browser.submit(page, "form[action$='/annuleren']")
    page = browser.follow()
    assert "uitgeschreven" in text(page, ".flashes") and page.select_one("#register_form")
    assert session.exec(select(ActionDay.taken)).one() == 0
    mails = session.exec(select(OutgoingMail.subject).order_by(col(OutgoingMail.created_at))).all()
    assert mails == ["Je bent ingeschreven: Actiedag Waasland", "Geannuleerd: Actiedag Waasland"]


def test_the_same_form_twice_is_one_registration_and_one_mail(browser: Browser, session: Session) -> None:
    day = make_day(session)
    browser.sign_in(make_account(session))
    for _ in range(2):
        browser.post(f"/actiedagen/{day.slug}/inschrijven", {"needs": "ringleiding"})
    assert len(session.exec(select(Registration)).all()) == 1 == len(session.exec(select(OutgoingMail)).all())


def test_a_full_day_offers_the_waiting_list(browser: Browser, session: Session) -> None:
    day, account = make_day(session, capacity=1), make_account(session)
    for name in ("Noor", "Ali", "Lies"):
        register(session, viewer_of(session, make_account(session, name)), day)
    page = browser.sign_in(account).get(f"/actiedagen/{day.slug}")
    assert "Zet me op de wachtlijst" in text(page, "#register_form button")
    browser.submit(page, "#register_form")
    page = browser.follow()
    assert "Je bent derde" in text(page, "#inschrijven")
    question = browser.get(page.select_one('#inschrijven a[href$="/annuleren"]')["href"])
    assert text(question, "h1") == "Van de wachtlijst gaan?"
    browser.submit(question, "form[action$='/annuleren']")
    assert session.exec(select(ActionDay.waiting_count)).one() == 2


def test_cancelling_promotes_the_next_within_eight_queries(browser: Browser, session: Session) -> None:
    day, account = make_day(session, capacity=1), make_account(session)
    register(session, viewer_of(session, account), day)
    key = register(session, viewer_of(session, make_account(session, "Ali")), day).id
    browser.sign_in(account).post(f"/actiedagen/{day.slug}/annuleren")
    assert session.get_one(Registration, key).status == RegistrationStatus.CONFIRMED


def test_too_much_text_keeps_what_was_typed(browser: Browser, session: Session) -> None:
    day = make_day(session)
    browser.sign_in(make_account(session))
    page = browser.post(f"/actiedagen/{day.slug}/inschrijven", {"needs": "x" * 501}, status=422)
    assert page.select_one("#needs").text.strip() == "x" * 501 and page.select_one("#needs_error")
    part = browser.post(f"/actiedagen/{day.slug}/inschrijven", {"needs": "x" * 501}, status=422, htmx=True)
    assert browser.headers["HX-Retarget"] == "#register_form" and part.select_one(
        "#register_form #needs_error"
    )
    assert session.exec(select(Registration)).all() == []


def test_who_may_not_register_is_told_why(browser: Browser, session: Session) -> None:
    day = make_day(session)
    path = f"/actiedagen/{day.slug}/inschrijven"
    browser.post(path)
    assert browser.location.startswith("/aanmelden")
    browser.sign_in(make_account(session, status=AccountStatus.APPLICANT))
    assert "mentor bekijkt je aanvraag" in text(browser.get(f"/actiedagen/{day.slug}"), "#inschrijven")
    browser.post(path, status=403)
    assert session.exec(select(Registration)).all() == []


def test_closed_over_and_called_off_days_say_so_and_refuse(browser: Browser, session: Session) -> None:
    browser.sign_in(make_account(session))
    for values, said in (
        ({"starts_at": now() + timedelta(days=1)}, "Inschrijven kan niet meer"),
        ({"starts_at": now() - timedelta(days=5)}, "Deze dag is voorbij"),
        ({"status": DayStatus.CANCELLED}, "Deze dag gaat niet door"),
    ):
        day = make_day(session, **values)
        page = browser.get(f"/actiedagen/{day.slug}")
        assert said in text(page, "#inschrijven") and page.select_one("#register_form") is None
        browser.post(f"/actiedagen/{day.slug}/inschrijven", status=409)


def test_too_late_to_cancel_tells_whom_to_contact(browser: Browser, session: Session) -> None:
    day, account = make_day(session), make_account(session)
    register(session, viewer_of(session, account), day)
    session.get_one(ActionDay, day.id).cancel_until = now() - timedelta(hours=1)
    slug = day.slug
    browser.sign_in(account)
    page = browser.get(f"/actiedagen/{slug}/annuleren")
    assert "Laat het weten" in text(page) and page.select_one("main form") is None
    assert page.select_one('main a[href="/contact"]')
    browser.post(f"/actiedagen/{slug}/annuleren", status=409)


def test_without_a_registration_there_is_nothing_to_cancel(browser: Browser, session: Session) -> None:
    day = make_day(session)
    browser.get(f"/actiedagen/{day.slug}/annuleren", status=303)
    assert browser.location.startswith("/aanmelden")
    browser.sign_in(make_account(session)).get(f"/actiedagen/{day.slug}/annuleren", status=303)
    assert browser.location == f"/actiedagen/{day.slug}"


def test_my_registrations_are_mine_only(browser: Browser, session: Session) -> None:
    me, other = make_account(session), make_account(session, "Ali")
    coming, past, foreign = (
        make_day(session, "Straks"),
        make_day(session, "Toen"),
        make_day(session, "Van Ali"),
    )
    waiting = make_day(session, "Misschien", capacity=0)
    for day in (coming, past, waiting):
        register(session, viewer_of(session, me), day)
    register(session, viewer_of(session, other), foreign)
    row = session.get_one(ActionDay, past.id)
    row.starts_at, row.ends_at = now() - timedelta(days=2), now() - timedelta(days=1)
    html = browser.sign_in(me).get("/mijn/inschrijvingen")
    assert titles(html, "[aria-labelledby=coming] .hit") == ["Straks", "Misschien"]
    assert titles(html, "[aria-labelledby=earlier] .hit") == ["Toen"]
    assert "Op de wachtlijst" in text(html) and "Van Ali" not in text(html)


def test_no_registrations_yet_leads_to_the_days(browser: Browser, session: Session) -> None:
    html = browser.sign_in(make_account(session)).get("/mijn/inschrijvingen")
    assert html.select_one('.empty a[href="/actiedagen"]')
    browser.sign_out().get("/mijn/inschrijvingen", status=303)


def test_what_others_need_stays_with_the_organiser(browser: Browser, session: Session) -> None:
    day = make_day(session)
    register(session, viewer_of(session, make_account(session, "Ali")), day, note="ringleiding voor Ali")
    for visitor in (browser, browser.sign_in(make_account(session))):
        assert "ringleiding voor Ali" not in text(visitor.get(f"/actiedagen/{day.slug}"))
