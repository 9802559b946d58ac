"""Needs and answers: asked, told as totals, and gone some days after."""

from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlmodel import Session, col, select

from backend.auth.models import Role, ScopeKind
from backend.db import now
from backend.events import details, jobs, needs, registering, service
from backend.events.models import ActionDay, Registration, RegistrationNeed
from backend.events.needs import Access, Diet, Needs
from backend.events.wishes import Mistaken, Wish
from tests.browser import Browser
from tests.events.acts import cancel, make_member
from tests.factories import give_role, make_account, make_day

PLAN = {"key": "plan", "text": "Heb je een plan?", "kind": "yes_no", "is_required": True}
PHASE = {
    "key": "fase", "text": "Hoe ver?", "kind": "choice", "options": ["ontwerp", "klaar"], "is_required": True,
    "shown_when": {"question": "plan", "answer": "ja"},
}  # fmt: skip
PHONE = {"key": "gsm", "text": "Je nummer voor die dag?", "kind": "text", "is_personal": True}


def ask(session: Session, who, day: ActionDay, wanted: Needs | None = None, **answers: str) -> Registration:
    return registering.register(session, who, day.slug, Wish(answers=answers, needs=wanted or Needs()), now())


def test_host_and_caterer_get_totals(session: Session) -> None:
    day = make_day(session)
    wanted = [
        Needs(frozenset({Diet.VEGAN})),
        Needs(frozenset({Diet.VEGAN, Diet.NUT_FREE}), note="Ik eet geen pinda’s, dat is gevaarlijk."),
        Needs(access=frozenset({Access.HEARING_LOOP})),
        Needs(),
    ]
    for number, each in enumerate(wanted):
        ask(session, make_member(session, f"Lid {number}"), day, each)
    totals = needs.totals(session, day.id)
    assert (totals.people, totals.diets, totals.access) == (
        3,
        {Diet.VEGAN: 2, Diet.NUT_FREE: 1},
        {Access.HEARING_LOOP: 1},
    )
    assert "pinda" not in repr(totals) and needs.kept_count(session, day.id) == 3


def test_who_cancels_leaves_nothing(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    ask(session, noor, day, Needs(note="x"))
    cancel(session, noor, day)
    assert needs.kept_count(session, day.id) == 0


def test_they_are_wiped_the_promised_number_of_days_after_the_day(session: Session) -> None:
    day = make_day(session, questions=[PHONE], needs_kept_days=5)
    kept = make_day(session, needs_kept_days=60)
    noor = make_member(session)
    row = ask(session, noor, day, Needs(frozenset({Diet.HALAL})), gsm="0470 00 00 00")
    ask(session, noor, kept, Needs(note="x"))
    assert row.answers == {} and session.exec(
        select(RegistrationNeed.answers).where(col(RegistrationNeed.day_id) == day.id)
    ).all() == [{"gsm": "0470 00 00 00"}]
    assert needs.wipe_old(session, day.ends_at + timedelta(days=5, seconds=-1)) == 0
    assert needs.wipe_old(session, day.ends_at + timedelta(days=5)) == 1
    assert (needs.kept_count(session, day.id), needs.kept_count(session, kept.id)) == (0, 1)
    assert service.own_of(session, noor, day.id).registration.id == row.id, "the registration stays"


def test_it_happens_daily_by_itself(session: Session) -> None:
    day, noor = make_day(session), make_member(session)
    ask(session, noor, day, Needs(note="x"))
    day.starts_at, day.ends_at = now() - timedelta(days=9), now() - timedelta(days=8)
    session.flush()
    jobs.tidy(session, {})
    assert needs.kept_count(session, day.id) == 0


# ── questions ──


def test_a_question_is_asked_of_whom_it_concerns(session: Session) -> None:
    day = make_day(session, questions=[PLAN, PHASE])
    with pytest.raises(Mistaken) as wrong:
        ask(session, make_member(session), day)
    assert wrong.value.fields == {"vraag_plan": "Vul dit in."}
    with pytest.raises(Mistaken) as wrong:
        ask(session, make_member(session), day, plan="ja")
    assert wrong.value.fields == {"vraag_fase": "Vul dit in."}
    no = ask(session, make_member(session), day, plan="nee", fase="klaar", onbekend="x")
    assert no.answers == {"plan": "nee"}, "what does not concern them is not kept"
    assert ask(session, make_member(session), day, plan="ja", fase="klaar").answers == {
        "plan": "ja",
        "fase": "klaar",
    }


@pytest.mark.parametrize("answer", ["misschien", "JA", "ja\u0000", "x" * 501, "\ud800", "a" + "\u0301" * 50])
def test_an_answer_that_cannot_be_is_told(session: Session, answer: str) -> None:
    day = make_day(session, questions=[PLAN])
    with pytest.raises(Mistaken) as wrong:
        ask(session, make_member(session), day, plan=answer)
    assert list(wrong.value.fields) == ["vraag_plan"]


@pytest.mark.parametrize(
    "questions",
    [
        [PLAN, PLAN],
        [PHASE],  # asks about what was not asked
        [PHASE, PLAN],
        [{**PLAN, "options": ["a", "b"]}],
        [{**PHASE, "shown_when": None, "options": ["een"]}],
        [PLAN, {**PHASE, "shown_when": {"question": "plan", "answer": "misschien"}}],
        [{**PLAN, "key": "Geen sleutel"}],
        [{**PLAN, "kind": "cijfer"}],
        [{**PLAN, "key": f"v{n}"} for n in range(21)],
    ],
)
def test_questions_that_cannot_be_answered_are_not_kept(questions: list) -> None:
    with pytest.raises(ValidationError):
        details.Questions(all=questions)


def test_questions_that_can_be_answered_are(session: Session) -> None:
    """Negative control."""
    assert len(details.Questions.model_validate({"all": [PLAN, PHASE, PHONE]}).all) == 3


@pytest.mark.parametrize("url", ["http://x.be", "javascript:alert(1)", "https://x.be/a b", ""])
def test_materials_are_secure_links(url: str) -> None:
    with pytest.raises(ValidationError):
        details.Material(title="Dia’s", url=url)


def test_host_and_caterer_get_a_file_of_totals_and_of_nobody(browser: Browser, session: Session) -> None:
    day = make_day(session)
    noor = make_member(session, "Noor Claes")
    asked = Needs(frozenset({Diet.VEGAN}), frozenset({Access.PARKING}), "pinda")
    registering.register(session, noor, day.slug, Wish(needs=asked), now())
    account = make_account(session, "Orla")
    give_role(session, account, Role.ORGANISER, ScopeKind.REGION, "waasland")
    browser.sign_in(account).get(f"/organisatie/{day.slug}/behoeften.csv")
    response = browser.client.get(f"/organisatie/{day.slug}/behoeften.csv")
    assert response.content.decode("utf-8-sig").splitlines() == [
        "Waarvoor;Wat;Aantal", "Plaatsen;gegeven;1", "Eten;veganistisch;1",
        "Om erbij te zijn;een parkeerplaats dicht bij de deur;1",
    ]  # fmt: skip
    assert not any(trace in response.text for trace in ("Noor", "Claes", noor.email, "pinda"))
    assert response.headers["content-disposition"].startswith("attachment")
    assert browser.get(f"/organisatie/{day.slug}/behoeften").select_one("a[download][href$='/behoeften.csv']")
