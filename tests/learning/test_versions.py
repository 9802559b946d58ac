"""Another version of a module: staying, going on, being carried over by a small fix; and nothing that is done goes away."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from backend import templating
from backend.auth.models import Viewer
from backend.courses.block_types import Choice, Option
from backend.courses.documents import Attended, Passed
from backend.courses.service import version_document
from backend.errors import Conflict, NotFound
from backend.learning.attendance import attended
from backend.learning.checks import GoAddress, check_state, hand_in
from backend.learning.checks import start as start_check
from backend.learning.models import Attempt, Enrolment, EventKind, LessonProgress, Response, ResponseEvent
from backend.learning.recount import differences
from backend.learning.regrading import keys_lost
from backend.learning.service import Address, enrol, lesson_state, save_note
from backend.learning.versions import Preview, carry_over, keep, regrade_preview, switch
from backend.mail import OutgoingMail
from tests.browser import Browser, counted_queries
from tests.factories import make_account
from tests.learning.documents import (
    BANK,
    CHECK,
    CHOICE,
    EVERY,
    MULTIPLE,
    NOTE,
    POLL,
    RIGHT,
    SHORT,
    WRONG,
    make_course,
    make_lesson,
    option,
    publish,
)
from tests.learning.test_service import MOMENT, count, give, viewer_for

LATER = MOMENT + timedelta(days=1)
# The key was wrong: a is right, not b.
MENDED = CHOICE.model_copy(update={"options": (option("a", right=True), option("b"), option("c"))})


def course(*blocks: Any, **values: Any):
    return make_course(
        lessons=(make_lesson("een", "1.1", *blocks, **values), make_lesson("twee", "1.2", MULTIPLE))
    )


@pytest.fixture
def viewer(session: Session) -> Viewer:
    return viewer_for(make_account(session))


def row(session: Session, viewer: Viewer, lesson: str = "een") -> LessonProgress:
    session.flush()
    mine = select(Enrolment.id).where(Enrolment.account_id == viewer.id).scalar_subquery()
    of = select(LessonProgress).where(
        LessonProgress.enrolment_id == mine, LessonProgress.lesson_key == lesson
    )
    return session.exec(of).one()


def regraded(session: Session) -> list[ResponseEvent]:
    session.flush()
    of = select(ResponseEvent).where(ResponseEvent.kind == EventKind.REGRADED)
    return list(session.exec(of.order_by(col(ResponseEvent.id))))


def mails(session: Session) -> list[OutgoingMail]:
    session.flush()
    return list(session.exec(select(OutgoingMail)))


# ── one person chooses ──


def test_a_newer_version_is_offered_until_one_goes_on_or_declines(session: Session, viewer: Viewer):
    publish(session, course(CHOICE))
    give(session, viewer, "kies", WRONG["kies"])
    assert lesson_state(session, viewer, "proef", "een").newer == 0
    second = publish(session, course(CHOICE, title="Nieuw"))
    assert lesson_state(session, viewer, "proef", "een").newer == second
    keep(session, viewer, "proef")
    assert lesson_state(session, viewer, "proef", "een").newer == 0
    third = publish(session, course(CHOICE, MULTIPLE))
    assert lesson_state(session, viewer, "proef", "een").newer == third, (
        "declined was that one, not every one"
    )
    for _ in range(2):
        switch(session, viewer, "proef", LATER)
    state = lesson_state(session, viewer, "proef", "een")
    assert (state.newer, list(state.lesson.questions)) == (0, ["kies", "meer"])
    assert enrol(session, viewer, "proef", LATER).version_id == third


def test_answers_notes_and_what_is_done_come_along(session: Session, viewer: Viewer):
    publish(session, course(CHOICE))
    give(session, viewer, "kies", RIGHT["kies"])
    save_note(session, viewer, Address("proef", "een", "notitie"), "Een spanning", MOMENT)
    assert row(session, viewer).done_at == MOMENT
    publish(session, course(CHOICE, SHORT))
    switch(session, viewer, "proef", LATER)
    state = lesson_state(session, viewer, "proef", "een")
    assert state.results["kies"].best_score == 1
    assert state.results["notitie"].given == {"text": "Een spanning"}
    kept = row(session, viewer)
    assert (kept.done_at, kept.share) == (MOMENT, 1), "although there is another question now"
    assert (kept.question_count, kept.answered_count) == (2, 1)
    assert regraded(session) == []
    give(session, viewer, "woord-kort", RIGHT["woord-kort"], at=LATER)
    assert count(session, Attempt) == 1
    assert list(differences(session)) == []


def test_a_question_with_another_key_is_graded_by_the_new_one(session: Session, viewer: Viewer):
    publish(session, course(CHOICE, SHORT))
    give(session, viewer, "kies", {"keuze": ["a"]})
    give(session, viewer, "kies", {"keuze": ["b"]})
    publish(session, course(MENDED, SHORT))
    switch(session, viewer, "proef", LATER)
    kept = lesson_state(session, viewer, "proef", "een").results["kies"]
    assert (kept.given, kept.last_score, kept.best_score, kept.tries) == ({"options": ["b"]}, 0, 1, 2)
    assert [(e.given, e.score) for e in regraded(session)] == [({"options": ["b"]}, 0)]
    assert mails(session) == [], "whoever chose it needs no mail"
    assert list(differences(session)) == []


def test_an_answer_that_no_longer_fits_is_asked_again(browser: Browser, session: Session):
    other = CHOICE.model_copy(update={"options": (option("d", right=True), option("e"))})
    publish(session, course(CHOICE, MULTIPLE))
    account = make_account(session)
    viewer = viewer_for(account)
    give(session, viewer, "kies", RIGHT["kies"])
    publish(session, course(other, MULTIPLE))
    switch(session, viewer, "proef", LATER)
    kept = row(session, viewer)
    assert (kept.answered_count, kept.score_sum) == (0, 0)
    page = browser.sign_in(account).get("/leren/proef/een")
    assert not page.select("[id=kies] [data-result], [id=kies] [checked]")
    browser.submit(page, "[id=kies] form", keuze="d")
    assert row(session, viewer).answered_count == 1


def test_a_lesson_that_becomes_done_by_the_new_rules_is_done(session: Session, viewer: Viewer):
    publish(session, course(CHOICE, MULTIPLE, complete=(Passed(percent=90),)))
    give(session, viewer, "kies", RIGHT["kies"])
    assert row(session, viewer).done_at is None
    publish(session, course(CHOICE, MULTIPLE, complete=(Passed(percent=50),)))
    switch(session, viewer, "proef", LATER)
    assert row(session, viewer).done_at == LATER


def test_a_day_that_only_the_new_version_asks_for_counts(session: Session, viewer: Viewer):
    publish(session, course(CHOICE))
    enrol(session, viewer, "proef", MOMENT)
    attended(session, viewer.id, "actiedag", MOMENT.date(), MOMENT)
    assert count(session, LessonProgress) == 0
    publish(session, course(CHOICE, complete=(Attended(key="actiedag"),)))
    switch(session, viewer, "proef", LATER)
    assert row(session, viewer).done_at == LATER


def test_a_lesson_that_is_gone_does_not_hold_one_back(session: Session, viewer: Viewer):
    publish(session, course(CHOICE))
    give(session, viewer, "kies", RIGHT["kies"])
    publish(session, make_course(lessons=(make_lesson("een", "1.1", CHOICE),)))
    enrolment = enrol(session, viewer, "proef", MOMENT)
    enrolment.lesson_key = "twee"
    switch(session, viewer, "proef", LATER)
    assert enrolment.completed_at == LATER
    assert lesson_state(session, viewer, "proef", "een").progress.resume_lesson == "een"


def test_a_check_stays_in_the_version_in_which_it_was_started(session: Session, viewer: Viewer):
    publish(session, course(CHECK))
    start_check(session, viewer, Address("proef", "een", "eindtoets"), MOMENT)
    go = GoAddress("proef", "een", "eindtoets", 1)
    keys = list(check_state(session, viewer, go).paper.questions)
    publish(session, course(CHECK.model_copy(update={"questions": (MULTIPLE,), "draw": 1})))
    switch(session, viewer, "proef", LATER)
    assert list(check_state(session, viewer, go).paper.questions) == keys
    assert hand_in(session, viewer, go, {f"{key}.keuze": ["b"] for key in keys}, LATER).is_passed
    assert row(session, viewer).done_at == LATER, "and counts in the new one"


def test_who_did_not_begin_has_nothing_to_choose_and_an_old_offer_is_not_taken(
    session: Session, viewer: Viewer
):
    first = publish(session, course(CHOICE))
    for course_key in ("proef", "zz"):
        with pytest.raises(NotFound):
            switch(session, viewer, course_key, MOMENT)
        with pytest.raises(NotFound):
            keep(session, viewer, course_key)
    enrolment = enrol(session, viewer, "proef", MOMENT)
    publish(session, course(CHOICE, SHORT))
    publish(session, course(CHOICE, SHORT, MULTIPLE))
    for forged in (first, first + 1, 999_999):
        with pytest.raises(Conflict):
            switch(session, viewer, "proef", MOMENT, version_id=forged)
        with pytest.raises(Conflict):
            keep(session, viewer, "proef", version_id=forged)
    assert (enrolment.version_id, enrolment.declined_version_id) == (first, None)


def test_the_choice_on_the_page(browser: Browser, session: Session):
    publish(session, course(CHOICE))
    browser.sign_in(make_account(session)).post("/leren/proef")
    browser.max_queries = 12  # once a version; the same for whatever is in it
    assert not browser.get("/leren/proef/een").find(id="les-versie")
    publish(session, course(CHOICE, SHORT))
    page = browser.get("/leren/proef/een")
    switching, keeping = page.select("#les-versie form")
    browser.post(keeping["action"], {"versie": keeping.select_one("[name=versie]")["value"]})
    assert not browser.follow().find(id="les-versie")
    browser.post(switching["action"], {"versie": switching.select_one("[name=versie]")["value"]})
    assert browser.follow().find(id="woord-kort")
    for forged in ("0", "-1", "abc", ""):
        browser.post(switching["action"], {"versie": forged}, status=404)
    browser.post(switching["action"], {"versie": "999999"}, status=409)


# ── a small fix carries everybody over ──


def people(session: Session, *answers: list[str]) -> list[Viewer]:
    """One person for each of these answers to "kies", all right for the rest of the lesson."""
    found = []
    for options in answers:
        who = viewer_for(make_account(session))
        give(session, who, "kies", {"keuze": options})
        found.append(who)
    return found


def preview_and_do(session: Session, before: int, after: Any) -> tuple[Preview, int]:
    foreseen = regrade_preview(session, version_document(session, before), after)
    version = publish(session, after)
    return foreseen, carry_over(session, before, version, LATER)


def test_what_changes_is_foreseen_and_then_done(session: Session):
    first = publish(session, course(CHOICE))
    a, b, c, nobody = *people(session, ["a"], ["b"], ["c"]), viewer_for(make_account(session))
    enrol(session, nobody, "proef", MOMENT)
    foreseen, told = preview_and_do(session, first, course(MENDED))
    (change,) = foreseen.questions
    assert (change.question_key, change.check_key, change.lesson.key) == ("kies", "", "een")
    assert (change.answered, change.better, change.worse, change.asked_again) == (3, 1, 1, 0)
    assert (foreseen.people, foreseen.improves, foreseen.lost) == (4, 1, [])
    assert told == 2
    assert row(session, a).done_at == LATER
    assert row(session, b).done_at == MOMENT, "done stays done"
    assert (row(session, b).score_sum, row(session, b).share) == (0, 1)
    assert row(session, c).done_at is None
    versions = session.exec(select(Enrolment.version_id)).all()
    assert len(set(versions)) == 1 and versions[0] != first
    assert {(e.given["options"][0], e.score) for e in regraded(session)} == {("a", 1), ("b", 0)}
    assert {e.version_id for e in regraded(session)} == set(versions)
    assert list(differences(session)) == []


def test_everybody_concerned_is_told_once_in_words(session: Session):
    first = publish(session, course(CHOICE, SHORT))
    a, _c = people(session, ["a"], ["c"])
    give(session, a, "woord-kort", WRONG["woord-kort"])
    shorter = SHORT.model_copy(
        update={"options": tuple(each.model_copy(update={"is_right": True}) for each in SHORT.options)}
    )
    _foreseen, told = preview_and_do(session, first, course(MENDED, shorter))
    (mail,) = mails(session)
    assert told == 1
    assert mail.to == a.email
    assert "Proefmodule" in mail.subject
    assert "Welke zin past?" in mail.text and "Hoe heet dat?" in mail.text
    assert mail.text.count("telt nu voor meer") == 2
    assert "Wat je al klaar had, blijft klaar" in mail.text
    assert templating.url("learning.lesson", module="proef", lesson="een") in mail.text


def test_doing_it_twice_is_doing_it_once(session: Session):
    first = publish(session, course(CHOICE))
    people(session, ["a"])
    version = publish(session, course(MENDED))
    assert [carry_over(session, first, version, LATER) for _ in range(2)] == [1, 0]
    assert len(regraded(session)) == len(mails(session)) == 1


def test_only_words_change_nothing_but_the_version(session: Session):
    first = publish(session, course(CHOICE))
    (who,) = people(session, ["b"])
    foreseen, told = preview_and_do(
        session, first, course(CHOICE.model_copy(update={"question_html": "Anders gevraagd"}))
    )
    assert [(q.answered, q.better, q.worse) for q in foreseen.questions] == [(1, 0, 0)]
    assert (told, regraded(session), mails(session)) == (0, [], [])
    assert (
        lesson_state(session, who, "proef", "een").lesson.questions["kies"].question_html == "Anders gevraagd"
    )


def test_a_check_that_was_handed_in_gets_its_new_score_and_keeps_what_was_passed(session: Session):
    whole = CHECK.model_copy(update={"draw": len(BANK)})
    first = publish(session, course(whole))
    go = GoAddress("proef", "een", "eindtoets", 1)
    found = {}
    for name, right in (("passes", 5), ("fails", 4), ("nearly", 4)):
        who = viewer_for(make_account(session))
        start_check(session, who, Address("proef", "een", "eindtoets"), MOMENT)
        wrong = "c" if name == "fails" else "a"
        sent = {f"{q.key}.keuze": ["b" if n < right else wrong] for n, q in enumerate(BANK)}
        hand_in(session, who, go, sent, MOMENT)
        found[name] = who
    late = viewer_for(make_account(session))
    start_check(session, late, Address("proef", "een", "eindtoets"), MOMENT)
    # in the last two questions a is right as well as b was; the first is a only
    bank = tuple(
        q.model_copy(update={"options": MENDED.options}) if n in (0, 4, 5) else q for n, q in enumerate(BANK)
    )
    foreseen, told = preview_and_do(session, first, course(whole.model_copy(update={"questions": bank})))
    assert {q.check_key for q in foreseen.questions} == {"eindtoets"}
    scores = {name: check_state(session, who, go).paper.attempt for name, who in found.items()}
    assert {name: round(a.score or 0, 2) for name, a in scores.items()} == {
        "passes": 0.67, "fails": 0.5, "nearly": 0.83,
    }  # fmt: skip
    assert scores["passes"].is_passed, "what was passed stays passed"
    assert scores["nearly"].is_passed and not scores["fails"].is_passed
    assert foreseen.improves == 1
    assert row(session, found["nearly"]).done_at == LATER
    assert told == 3
    assert "Eindtoets" in mails(session)[0].text
    # who was still writing is graded by the new key
    attempt = hand_in(session, late, go, {f"{q.key}.keuze": ["a"] for q in BANK}, LATER)
    assert attempt.score == 0.5
    assert list(differences(session)) == []


def test_who_went_on_meanwhile_keeps_what_a_check_is_worth_now(session: Session, viewer: Viewer):
    single = CHECK.model_copy(update={"questions": BANK[:1], "draw": 1})
    first = publish(session, course(single))
    start_check(session, viewer, Address("proef", "een", "eindtoets"), MOMENT)
    hand_in(session, viewer, GoAddress("proef", "een", "eindtoets", 1), {"toets-0.keuze": ["a"]}, MOMENT)
    publish(session, course(single, SHORT, complete=()))
    switch(session, viewer, "proef", LATER)
    mended = single.model_copy(
        update={"questions": (BANK[0].model_copy(update={"options": MENDED.options}),)}
    )
    third = publish(session, course(mended))
    assert carry_over(session, first, third, LATER) == 1
    assert session.exec(select(Attempt.is_passed).where(Attempt.check_key != "")).one()
    reasons = {r["rule"]["type"]: r["is_met"] for r in row(session, viewer).reasons}
    assert reasons["check"] is True
    assert enrol(session, viewer, "proef", LATER).version_id == first + 1


def test_what_is_gone_is_no_small_fix(session: Session, viewer: Viewer):
    blocks = (*EVERY, POLL, CHECK)
    old = course(*blocks)
    first = publish(session, old)
    give(session, viewer, "kies", RIGHT["kies"])
    fewer = CHOICE.model_copy(update={"options": CHOICE.options[1:]})
    for new, lost in (
        (course(*blocks[1:]), ["1.1: kies"]),
        (course(fewer, *blocks[1:]), ["1.1: kies"]),
        (course(MULTIPLE.model_copy(update={"key": "kies"}), *blocks[1:]), ["1.1: kies"]),
        (course(*blocks[:-1], CHECK.model_copy(update={"questions": BANK[1:]})), ["1.1: eindtoets"]),
        (make_course(lessons=old.lessons[:1]), ["Les over twee"]),
    ):
        assert keys_lost(old, new) == lost
        version = publish(session, new)
        with pytest.raises(Conflict, match="kleine verbetering"):
            carry_over(session, first, version, LATER)
    assert enrol(session, viewer, "proef", LATER).version_id == first
    more = CHOICE.model_copy(update={"options": (*CHOICE.options, option("d"))})
    assert keys_lost(old, course(more, *blocks[1:], NOTE.model_copy(update={"key": "nog-een"}))) == []


def test_the_preview_only_reads_and_asks_no_more_when_there_are_more_people(session: Session):
    first = publish(session, course(CHOICE))
    taken = []
    for _ in range(2):
        people(session, ["a"], ["b"], ["c"])
        session.flush()
        session.expire_all()
        with counted_queries(session) as queries:
            foreseen = regrade_preview(session, version_document(session, first), course(MENDED))
        taken.append(len(queries))
        assert all(query.startswith("SELECT") for query in queries)
    assert taken[0] == taken[1] <= 10
    assert foreseen.questions[0].answered == 6


@pytest.mark.parametrize("question", EVERY, ids=lambda q: q.key)
def test_any_answer_to_any_kind_of_question_can_be_graded_again(
    session: Session, viewer: Viewer, question: Any
):
    """The key turned round, whatever was answered: nothing breaks, and doctor agrees."""
    first = publish(session, course(question))
    for sent in (WRONG.get(question.key), RIGHT[question.key]):
        if sent:
            give(session, viewer, question.key, sent, submission=uuid4().hex)
    turned: dict[str, Any] = {"question_html": "?"}
    if isinstance(getattr(question, "options", (None,))[0], Option):
        turned["options"] = tuple(
            each.model_copy(update={"is_right": not each.is_right}) for each in question.options
        )
    if isinstance(question, Choice):
        turned["options"] = MENDED.options
    if hasattr(question, "answer"):
        turned["answer"] = 50.0
    carry_over(session, first, publish(session, course(question.model_copy(update=turned))), LATER)
    kept = session.exec(select(Response)).one()
    assert kept.best_score is None or 0 <= kept.best_score <= 1
    assert list(differences(session)) == []
