"""The series of a day, and the order of its questions: what organisers change, and what of others stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from backend.auth.models import Account
from backend.db import now
from backend.events import series
from backend.events.models import ActionDay
from tests.browser import Browser
from tests.events.acts import make_organiser
from tests.factories import make_day


def members(session: Session, name: str) -> list[str]:
    session.expire_all()
    rows = session.exec(
        select(ActionDay.title).where(ActionDay.series == name).order_by(col(ActionDay.title))
    )
    return list(rows.all())


def test_a_series_is_named_and_its_days_are_ticked(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, "Een")
    two, three = make_day(session, "Twee"), make_day(session, "Drie")
    old = make_day(session, "Lang geleden", starts_at=now() - timedelta(days=900))
    foreign = make_day(session, "Kempen", region="kempen")
    path = f"/organisatie/{day.slug}/bewerken/reeks"
    page = browser.get(path)
    offered = {box["value"] for box in page.select("[name=days]")}
    assert offered == {str(two.id), str(three.id)}, "not what others organise, nor what is long over"
    wrong = browser.submit(page, "#series_form", status=422, days=[str(two.id)], name="")
    assert "een naam" in wrong.text and wrong.select_one(f"[value='{two.id}'][checked]")
    days = [str(two.id), str(foreign.id), str(three.id)]
    for _ in range(2):
        browser.submit(page, "#series_form", name="Kernteam", days=days)
    assert members(session, "Kernteam") == ["Drie", "Een", "Twee"]
    page = browser.get(path)
    assert [box["value"] for box in page.select("[name=days][checked]")] == [
        str(two.id),
        str(three.id),
    ] or len(page.select("[name=days][checked]")) == 2
    browser.submit(page, "#series_form", name="Kern", days=[str(two.id)])
    assert members(session, "Kern") == ["Een", "Twee"] and members(session, "Kernteam") == []
    assert "Kern" in browser.get(f"/organisatie/{day.slug}/bewerken").text
    browser.submit(browser.get(path), "#series_form", name="", days=None)
    assert members(session, "Kern") == [] and old.series == ""


def test_a_day_that_a_colleague_added_meanwhile_stays(session: Session) -> None:
    viewer = make_organiser(session)
    day, two = make_day(session, "Een", series="Kern"), make_day(session, "Twee", series="Kern")
    copied = make_day(session, "Kopie", series="Kern")
    series.save(session, viewer, day.slug, "Kern", was=[two.id], ticked=[])
    assert members(session, "Kern") == ["Een", "Kopie"] and copied.series == "Kern"


@pytest.mark.parametrize("days", ["x", "", "00000000-0000-0000-0000-000000000000"])
def test_days_that_do_not_exist_change_nothing(
    browser: Browser, session: Session, organiser: Account, days: str
) -> None:
    day = make_day(session)
    path = f"/organisatie/{day.slug}/bewerken/reeks"
    browser.post(path, {"name": "Kern", "days": days}, status=422 if days == "x" else 303)
    browser.post(path, {"name": "k" * 81}, status=422)
    assert len(members(session, "Kern")) <= 1


# ── questions ──

QUESTIONS: list[dict[str, Any]] = [
    {"key": key, "text": f"Vraag {key}", "kind": "yes_no", "options": [], "is_required": False, "is_personal": False,
     "shown_when": {"question": "a", "answer": "ja"} if key == "c" else None}
    for key in ("a", "b", "c")
]  # fmt: skip


def order(browser: Browser, day: ActionDay) -> list[str]:
    page = browser.get(f"/organisatie/{day.slug}/bewerken/vragen")
    return [item["id"].removeprefix("vraag-") for item in page.select("ol.rows > li")]


def test_questions_are_put_in_another_order_with_buttons(
    browser: Browser, session: Session, organiser: Account
) -> None:
    day = make_day(session, questions=QUESTIONS)
    page = browser.get(f"/organisatie/{day.slug}/bewerken/vragen")
    words = [
        [button.text.partition(":")[0] for button in item.select("button")]
        for item in page.select("ol.rows > li")
    ]
    assert words == [["Lager"], ["Hoger", "Lager"], ["Hoger"]]
    for _ in range(2):  # sent twice it moves once
        browser.submit(page, "#vraag-c form")
    assert order(browser, day) == ["a", "c", "b"]
    browser.submit(browser.get(f"/organisatie/{day.slug}/bewerken/vragen"), "#vraag-a form")
    assert "hangt" in browser.follow().text and order(browser, day) == ["a", "c", "b"]
    browser.post(f"/organisatie/{day.slug}/bewerken/vragen/b/plaats", {"na": "nergens"}, status=404)
    browser.post(f"/organisatie/{day.slug}/bewerken/vragen/b/plaats", {"na": ""})
    assert order(browser, day) == ["b", "a", "c"]
