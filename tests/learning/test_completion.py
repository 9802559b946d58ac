"""When a lesson or a course is done: every rule, in every state, without a database."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.courses.block_types import ScenarioBlock
from backend.courses.documents import (
    Answered,
    AnyOf,
    Attended,
    CheckPassed,
    Passed,
    Read,
    ReflectionWritten,
    Rule,
    ScenarioWalked,
)
from backend.learning.availability import course_closed, lesson_closed
from backend.learning.completion import (
    Answer,
    CheckResult,
    Evidence,
    as_kept,
    complete,
    complete_course,
    from_kept,
)
from tests.learning.documents import CHECK, CHOICE, COMPARE, MULTIPLE, make_course, make_lesson

MOMENT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
LATER = MOMENT + timedelta(hours=1)
OPTIONAL = CHOICE.model_copy(update={"key": "mag", "counts": False})
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lesson(*rules: Rule, **values: object):
    return make_lesson("een", "1.1", CHOICE, MULTIPLE, COMPARE, OPTIONAL, CHECK, complete=rules, **values)


def answers(**scores: float | None) -> Evidence:
    return Evidence({key.replace("_", "-"): Answer(score, MOMENT) for key, score in scores.items()})


def test_nothing_done_is_new_and_something_is_busy():
    assert complete(lesson(Answered()), Evidence()).state == "new"
    assert complete(lesson(Answered()), answers(kies=0.0)).state == "busy"
    assert complete(lesson(Answered()), Evidence(read_at=MOMENT)).state == "busy"


def test_answered_asks_every_question_that_counts_and_not_the_others():
    found = complete(lesson(Answered()), answers(kies=0.0, mag=1.0))
    (reason,) = found.reasons
    assert (reason.is_met, reason.have, reason.need, reason.at) == (False, 1, 3, MOMENT)
    found = complete(lesson(Answered()), answers(kies=0.0, meer=0.0, vergelijk=None))
    assert (found.state, found.share) == ("done", 1)


def test_passed_is_the_average_of_what_can_be_right_or_wrong():
    rule = Passed(percent=70)
    for scores, percent, is_met in (
        ({"kies": 1.0}, 50, False),
        ({"kies": 1.0, "meer": 0.4}, 70, True),
        ({"kies": 1.0, "meer": 0.39}, 69, False),
        ({"kies": 1.0, "meer": 0.4, "vergelijk": None, "mag": 0.0}, 70, True),
    ):
        (reason,) = complete(lesson(rule), answers(**scores)).reasons
        assert (reason.have, reason.need, reason.is_met) == (percent, 70, is_met)


@pytest.mark.parametrize(
    ("rule", "evidence"),
    [
        (Read(), Evidence(read_at=MOMENT)),
        (ScenarioWalked(key="rusthuis"), Evidence(scenarios={"rusthuis": MOMENT})),
        (ReflectionWritten(key="notitie"), Evidence(notes={"notitie": MOMENT})),
        (Attended(key="actiedag"), Evidence(days={"actiedag": MOMENT})),
    ],
    ids=lambda each: getattr(each, "type", ""),
)
def test_what_happens_once(rule: Rule, evidence: Evidence):
    assert complete(lesson(rule), Evidence()).reasons[0].have == 0
    found = complete(lesson(rule), evidence)
    assert found.state == "done"
    assert (found.reasons[0].have, found.reasons[0].need, found.reasons[0].at) == (1, 1, MOMENT)
    other = Evidence({}, None, {"zz": MOMENT}, {"zz": MOMENT}, {}, {"zz": MOMENT})
    assert complete(lesson(rule), other).state == "busy", "another one does not count"


def test_a_check_must_be_passed_and_tells_how_far_one_is():
    rule = CheckPassed(key="eindtoets")
    (reason,) = complete(
        lesson(rule), Evidence(checks={"eindtoets": CheckResult(0.5, False, MOMENT)})
    ).reasons
    assert (reason.is_met, reason.have, reason.need) == (False, 50, 70)
    found = complete(lesson(rule), Evidence(checks={"eindtoets": CheckResult(0.75, True, MOMENT)}))
    assert (found.state, found.reasons[0].have) == ("done", 75)
    # passed while less was asked: that stays
    found = complete(lesson(rule), Evidence(checks={"eindtoets": CheckResult(0.6, True, MOMENT)}))
    assert (found.state, found.reasons[0].have) == ("done", 70)


def test_so_many_of_several():
    rule = AnyOf(least=2, of=(Read(), ReflectionWritten(key="notitie"), Attended(key="dag")))
    one = complete(lesson(rule), Evidence(read_at=MOMENT))
    (reason,) = one.reasons
    assert (reason.is_met, reason.have, reason.need, reason.at) == (False, 1, 2, MOMENT)
    assert [each.is_met for each in reason.of] == [True, False, False]
    assert one.share == pytest.approx(0.5)
    two = complete(lesson(rule), Evidence(read_at=LATER, notes={"notitie": MOMENT}))
    assert (two.state, two.reasons[0].at) == ("done", LATER), "since the second one"
    three = complete(lesson(rule), Evidence({}, LATER, {"notitie": MOMENT}, days={"dag": MOMENT}))
    assert (three.reasons[0].have, three.share) == (2, 1), "never over what is needed"


def test_without_rules_of_its_own_what_is_in_the_lesson_decides():
    assert [rule.type for rule in lesson().rules] == ["answered", "passed", "check"]
    assert [rule.type for rule in make_lesson("een", "1.1").rules] == ["read"]
    assert not isinstance(CHOICE, ScenarioBlock)


def test_good_answers_are_not_counted_twice_for_how_far_one_is():
    only = make_lesson("een", "1.1", CHOICE, MULTIPLE)
    assert complete(only, answers(kies=1.0)).share == 0.5
    assert complete(only, answers(kies=0.0, meer=0.0)).share == 0.9, "all answered, but not well enough"
    assert complete(only, answers(kies=1.0, meer=1.0)).share == 1


RULES = st.sampled_from(
    [Answered(), Passed(percent=70), Read(), ScenarioWalked(key="s"), ReflectionWritten(key="notitie"),
     CheckPassed(key="eindtoets"), Attended(key="dag")]
)  # fmt: skip
EVIDENCE = st.builds(
    Evidence,
    st.dictionaries(
        st.sampled_from(["kies", "meer", "mag", "zz"]), st.builds(Answer, st.floats(0, 1), st.just(MOMENT))
    ),
    st.none() | st.just(MOMENT),
    st.dictionaries(st.sampled_from(["notitie", "zz"]), st.just(MOMENT)),
    st.dictionaries(st.sampled_from(["s", "zz"]), st.just(MOMENT)),
    st.dictionaries(
        st.sampled_from(["eindtoets", "zz"]),
        # an attempt below the mark can have passed when it was lower; one above it always has
        st.builds(CheckResult, st.floats(0, 1), st.just(True), st.just(MOMENT))
        | st.builds(CheckResult, st.floats(0, 0.69), st.just(False), st.just(MOMENT)),
    ),
    st.dictionaries(st.sampled_from(["dag", "zz"]), st.just(MOMENT)),
)


@patient
@given(
    st.lists(
        RULES | st.builds(AnyOf, least=st.integers(1, 2), of=st.tuples(RULES, RULES)), min_size=1, max_size=4
    ),
    EVIDENCE,
)
def test_never_over_100_percent_and_100_only_when_done(rules: list[Rule], evidence: Evidence):
    found = complete(lesson(*rules), evidence)
    assert 0 <= found.share <= 1
    assert (found.share == 1) == (found.state == "done")
    for reason in found.reasons:
        assert reason.have >= 0
        assert reason.is_met == (reason.have >= reason.need)
    assert from_kept(as_kept(found.reasons)) == found.reasons


@patient
@given(st.lists(RULES, min_size=1, max_size=4), EVIDENCE, EVIDENCE)
def test_more_evidence_never_undoes(rules: list[Rule], one: Evidence, other: Evidence):
    def best(a: Evidence, b: Evidence) -> Evidence:
        keys = a.answers.keys() | b.answers.keys()
        answered = {
            key: max((e.answers[key] for e in (a, b) if key in e.answers), key=lambda x: x.score or 0)
            for key in keys
        }
        checks = {
            key: max((e.checks[key] for e in (a, b) if key in e.checks), key=lambda x: (x.is_passed, x.score))
            for key in a.checks.keys() | b.checks.keys()
        }
        return Evidence(
            answered, a.read_at or b.read_at, {**a.notes, **b.notes}, {**a.scenarios, **b.scenarios}, checks,
            {**a.days, **b.days},
        )  # fmt: skip

    here = lesson(*rules)
    if complete(here, one).state == "done":
        assert complete(here, best(one, other)).state == "done"


# ── the course ──


def test_a_course_needs_all_lessons_or_as_many_as_it_says_and_its_day():
    all_ = make_course()
    assert not complete_course(all_, {"een", "twee"}, None).is_complete
    assert complete_course(all_, {"een", "twee", "drie", "weg"}, None).is_complete
    two = make_course(lessons_needed=2)
    found = complete_course(two, {"een", "twee", "drie"}, None)
    assert (found.is_complete, found.lessons_done, found.lessons_needed) == (True, 2, 2)
    with_day = make_course(lessons_needed=1, attended="actiedag")
    assert not complete_course(with_day, {"een"}, None).is_complete
    assert complete_course(with_day, {"een"}, date(2026, 11, 25)).is_complete
    assert complete_course(make_course(lessons_needed=9), {"een", "twee", "drie"}, None).is_complete


# ── when it is open ──

TODAY = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # in Brussels it is the 26th


def closed(
    lesson_values: dict[str, object],
    begun: Collection[str] = (),
    done: Collection[str] = (),
    **course: object,
):
    lessons = (make_lesson("een", "1.1"), make_lesson("twee", "1.2", **lesson_values))
    document = make_course(lessons=lessons, **course)
    return lesson_closed(document, document.lessons[1], begun, done, TODAY)


def test_a_lesson_may_open_on_a_day_and_close_after_one():
    assert closed({"opens_on": date(2026, 11, 26)}) is None, "as the calendar in Brussels says"
    later = closed({"opens_on": date(2026, 11, 27)})
    assert later and later.hides and "27 november 2026" in later.text
    assert closed({"closes_on": date(2026, 11, 26)}) is None, "the last day counts"
    over = closed({"closes_on": date(2026, 11, 25)})
    assert over and not over.hides and "Lezen kan nog" in over.text


def test_the_days_of_a_course_hold_for_its_lessons():
    found = closed({}, opens_on=date(2027, 1, 1))
    assert found and found.why == "from"
    assert course_closed(make_course(closes_on=date(2026, 1, 1)), {}, TODAY)


def test_a_lesson_may_ask_others_first_but_never_of_who_began():
    found = closed({"after": ("een",)})
    assert found and found.first == {"een": "Les over een"} and "Les over een" in found.text
    assert closed({"after": ("een",)}, done={"een"}) is None
    assert closed({"after": ("een",)}, begun={"twee"}) is None, "an edit shuts nobody out"
    assert closed({"after": ("weg",)}) is None, "a lesson that is gone cannot be asked"


def test_a_course_may_ask_others_first():
    found = course_closed(make_course(), {"ander": "Andere module"}, TODAY)
    assert found and "Andere module" in found.text
