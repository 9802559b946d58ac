"""When a lesson or a module is done, and when it opens: every key that is named must be there."""

from pathlib import Path

import pytest

from backend.courses import documents as doc
from backend.courses import service
from tests.courses.everything import BODY, FILES, REST
from tests.courses.files import CHOICE, CITED, COURSE, HEAD, errors, good, lesson_text, write

END = "review_before: 2027-11-01\n"


def head(more: str) -> str:
    return HEAD.replace(END, END + more)


def test_every_rule_is_read() -> None:
    rules = """complete:
  - answered
  - passed: 80
  - read
  - scenario: de-zaal
  - reflection: denk
  - check: toets
  - attended: actiedag
  - any: 1
    of: [reflection: denk, check: toets, read]
"""
    lesson = good(BODY + REST, FILES, head(rules))
    assert lesson.rules == lesson.complete
    assert lesson.complete == (
        doc.Answered(), doc.Passed(percent=80), doc.Read(), doc.ScenarioWalked(key="de-zaal"),
        doc.ReflectionWritten(key="denk"), doc.CheckPassed(key="toets"), doc.Attended(key="actiedag"),
        doc.AnyOf(least=1, of=(doc.ReflectionWritten(key="denk"), doc.CheckPassed(key="toets"), doc.Read())),
    )  # fmt: skip


def test_an_optional_question_test_or_scenario_does_not_count() -> None:
    body = (
        "::: check toets\nbank: toets\noptional: yes\n:::\n::: scenario de-zaal\noptional: yes\n:::\n"
        "::: choice los\noptional: yes\nWat?\n- [x] a\n  : b\n- [ ] c\n  : d\n:::"
    )
    lesson = good(body, FILES)
    assert lesson.rules == (doc.Answered(), doc.Passed(percent=70))
    assert list(lesson.counted) == ["kies"]


WRONG = [
    ("complete: [alles]\n", "De regel “alles” ken ik niet."),
    ("complete: [passed: 0]\n", "passed: “0” kan niet."),
    ("complete: [passed: 101]\n", "passed: “101” kan niet."),
    ("complete: [passed]\n", "De regel “passed” ken ik niet."),
    ("complete: [scenario: weg]\n", "In deze les is er geen scenario “weg”."),
    ("complete: [reflection: kies]\n", "In deze les is er geen reflection “kies”."),
    ("complete: [check: weg]\n", "In deze les is er geen check “weg”."),
    ("complete: [attended: Niet Goed]\n", "“Niet Goed” kan geen reeks actiedagen zijn."),
    ("complete: [any: 3, of: [read]]\n", "Deze regel begrijp ik niet."),
    ("complete:\n  - any: 3\n    of: [read, answered]\n", "any: “3” kan niet."),
    ("complete:\n  - any: 1\n    of: [any: 1]\n", "De regel “{'any': '1'}” ken ik niet."),
    ("complete:\n  - any: 1\n    of: read\n", "Deze regel begrijp ik niet."),
    ("complete:\n  - any: 1\n    of: [check: weg]\n", "In deze les is er geen check “weg”."),
    ("complete: read\n", "complete: “read” kan niet."),
    ("from: 2027-02-01\nuntil: 2027-01-01\n", "until: is vroeger dan from:."),
    ("from: morgen\n", "from: is geen datum."),
    ("legal: 22 november\n", "legal: is geen datum."),
    ("after: een\n", "after: “een” kan niet."),
]


@pytest.mark.parametrize(
    ("more", "message"), WRONG, ids=[f"{n} {said[:40]}" for n, (_, said) in enumerate(WRONG)]
)
def test_a_mistake_in_a_rule_is_told(more: str, message: str) -> None:
    found = errors("", FILES, head(more))
    assert message in [said for _, said in found]


def test_a_mistake_in_a_rule_is_told_with_its_own_line() -> None:
    more = "complete:\n  - answered\n  - any: 1\n    of:\n      - read\n      - check: weg\n"
    below = head(more).count("\n") + 2
    assert [line + below for line, _ in errors("", FILES, head(more))] == [16]


def test_a_rule_about_answers_needs_a_question_that_counts() -> None:
    for rule, message in (
        ("answered", "In deze les telt geen enkele vraag mee."),
        ("passed: 70", "In deze les is geen vraag die juist of fout is en meetelt."),
    ):
        text = lesson_text(CITED, head(f"complete: [{rule}]\n"))
        from tests.courses.files import read_file

        lesson, problems = read_file(text)
        assert lesson is None
        assert [p.message for p in problems] == [message]


def test_what_can_be_skipped_cannot_be_required() -> None:
    body = "::: warning w\ntitle: T\nTekst.\n:::\n::: reflection denk\nWat?\n:::\n\n# Deel twee\n"
    found = errors(body, {}, head("complete: [reflection: denk]\n"))
    assert [said for _, said in found] == ["“denk” staat achter een waarschuwing en mag niet meetellen."]


def test_a_lesson_says_when_it_opens_and_how_old_the_law_is() -> None:
    lesson = good("", {}, head("from: 2027-01-15\nuntil: 2027-06-30\nlegal: 2026-11-22\n"))
    dates = (lesson.opens_on, lesson.closes_on, lesson.legal_on)
    assert [str(each) for each in dates] == ["2027-01-15", "2027-06-30", "2026-11-22"]


LESSONS = {
    "proef__course.yaml": COURSE.replace("lessons: [een]", "lessons: [een, twee]"),
    "proef__twee.md": lesson_text(f"{CITED}{CHOICE}", HEAD.replace("key: een", "key: twee")).replace(
        END, END + "after: [een]\n"
    ),
}


def test_a_lesson_waits_for_another_of_its_module(tmp_path: Path) -> None:
    (document,), problems = service.check(write(tmp_path, **LESSONS))
    assert problems == []
    assert document.lessons[1].after == ("een",)


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ("weg", "after: de les “weg” is er niet."),
        ("twee", "Deze les kan nooit beginnen: lessen wachten op elkaar."),
    ],
)
def test_a_lesson_that_cannot_begin_is_told(tmp_path: Path, after: str, message: str) -> None:
    first = lesson_text(f"{CITED}{CHOICE}").replace(END, END + f"after: [{after}]\n")
    documents, problems = service.check(write(tmp_path, **LESSONS, **{"proef__een.md": first}))
    assert documents == []
    assert ("content/proef/een.md", 11, message) in [(p.file, p.line, p.message) for p in problems]


COMPLETE = COURSE.replace("lessons: [een]", "lessons: [een]\n" + """complete: {lessons: 1}
attended: actiedag
certificate: {hours: 1.5}
from: 2027-01-15""").replace("by: []}", "by: [], waiting_for: [HAI, AgII]}")  # fmt: skip


def test_a_module_says_when_it_is_done_and_who_must_still_read_it(tmp_path: Path) -> None:
    (document,), problems = service.check(write(tmp_path, **{"proef__course.yaml": COMPLETE}))
    assert problems == []
    assert (document.lessons_needed, document.attended, document.certificate_hours) == (1, "actiedag", 1.5)
    assert (str(document.opens_on), document.waiting_for) == ("2027-01-15", ("HAI", "AgII"))


COURSES = [
    ("complete: {lessons: 1}", "complete: {lessons: 2}", "lessons: “2” kan niet."),
    ("complete: {lessons: 1}", "complete: {dagen: 2}", "dagen: ken ik niet."),
    ("attended: actiedag", "attended: Actiedag!", "attended: “Actiedag!” kan niet."),
    ("hours: 1.5", "hours: 0", "hours: “0” kan niet."),
    ("hours: 1.5", "hours: nan", "hours: “nan” kan niet."),
    ("from: 2027-01-15", "after: [proef]", "after: “proef” kan niet."),
    ("from: 2027-01-15", "after: [elders]", "after: de module “elders” is er niet."),
    ("from: 2027-01-15", "until: 2027-13-01", "until: is geen datum."),
]


@pytest.mark.parametrize(("right", "wrong", "message"), COURSES, ids=[said for *_, said in COURSES])
def test_a_mistake_in_a_module_is_told(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    _documents, problems = service.check(
        write(tmp_path, **{"proef__course.yaml": COMPLETE.replace(right, wrong)})
    )
    assert message in [p.message for p in problems if not p.is_warning]


def test_a_module_may_wait_for_one_that_was_published_before(tmp_path: Path) -> None:
    (known,), _problems = service.check(write(tmp_path / "a"))
    other = {
        "proef__course.yaml": COURSE.replace("key: proef", "key: proef\nafter: [eerder]"),
    }
    _documents, problems = service.check(
        write(tmp_path / "b", **other), [known.model_copy(update={"key": "eerder"})]
    )
    assert problems == []
    waiting = known.model_copy(update={"key": "eerder", "after": ("proef",)})
    _documents, problems = service.check(write(tmp_path / "b", **other), [waiting])
    assert [p.message for p in problems] == ["Modules wachten op elkaar: niemand kan beginnen."]


def test_a_self_rating_is_repeated_in_a_later_lesson(tmp_path: Path) -> None:
    before = "::: selfrating zeker\nlabels: nee | ja\nHoe zeker?\n- Ik kan.\n:::\n"
    after = "::: selfrating weer\nbefore: zeker\nEn nu?\n:::\n"
    files = {
        **LESSONS,
        "proef__een.md": lesson_text(f"{before}{CITED}{CHOICE}"),
        "proef__twee.md": LESSONS["proef__twee.md"].replace("# Kern\n", f"# Kern\n{after}"),
    }
    (document,), problems = service.check(write(tmp_path, **files))
    assert problems == []
    found = document.lessons[1].blocks["weer"]
    assert (found.before, found.before_lesson, found.labels) == ("zeker", "een", ("nee", "ja"))
    files["proef__twee.md"] = files["proef__twee.md"].replace(after, before)
    documents, problems = service.check(write(tmp_path, **files))
    assert documents == []
    assert "In deze module is er al een zelfbeoordeling “zeker”." in [p.message for p in problems]
