"""What differs between two versions, told in what it means for who is under way."""

from datetime import date
from typing import Any

import pytest

from backend.authoring.changes import Aspect, Changes, Kind, compare
from backend.courses.block_types import Check, Number, Option, Question, Short, Text
from backend.courses.documents import CourseDocument, Lesson, Part, Read
from tests.learning.documents import (
    CHOICE,
    MATCH,
    MULTIPLE,
    NOTE,
    ORDER,
    SORT,
    make_course,
    make_lesson,
    option,
)

NUMBER = Number(
    key="getal", question_html="Hoeveel?", answer=66, margin=2, right_html="Ja.", wrong_html="Nee."
)
SHORT = Short(
    key="woord",
    question_html="Hoe heet dit?",
    options=(Option(key="a", html="polarisatie", feedback_html="Ja.", is_right=True),),
    wrong_html="Nee.",
)
CHECK = Check(key="toets", title="Toets", questions=(CHOICE, MULTIPLE), draw=2, pass_percent=70, attempts=3)


def course(*lessons: Lesson, **values: Any) -> CourseDocument:
    return make_course(lessons=lessons or (make_lesson("een", "1.1", CHOICE, MULTIPLE),), **values)


def with_question(*questions: Any) -> CourseDocument:
    lesson = make_lesson("een", "1.1")
    check, others = lesson.parts[1], tuple(p for p in lesson.parts if p.key != "deel-check")
    changed = (others[0], check.model_copy(update={"blocks": questions}), *others[1:])
    return course(lesson.model_copy(update={"parts": changed}))


def one_kind(before: Any, after: Any) -> Kind | None:
    """What is told of a question that became another."""
    changes = compare(with_question(before), with_question(after))
    assert len(changes.questions) < 2
    return changes.questions[0].kind if changes.questions else None


def choice(*rights: str, html: str = "Welke zin past?", keys: str = "abc") -> Question:
    return CHOICE.model_copy(
        update={"question_html": html, "options": tuple(option(key, right=key in rights) for key in keys)}
    )


ITEMS = MATCH.items
KINDS: dict[str, tuple[Any, Any, Kind | None]] = {
    "nothing": (CHOICE, CHOICE, None),
    "other words": (CHOICE, choice("b", html="Welke zin past hier?"), Kind.REWORDED),
    "another right option": (CHOICE, choice("a"), Kind.RIGHT_ANSWER),
    "an option more": (CHOICE, choice("b", keys="abcd"), Kind.CHOICES),
    "an option less": (CHOICE, choice("b", keys="ab"), Kind.CHOICES),
    "a second right option of several": (
        MULTIPLE,
        MULTIPLE.model_copy(update={"options": (*MULTIPLE.options[:1], option("n", right=True), *MULTIPLE.options[2:])}),
        Kind.RIGHT_ANSWER,
    ),
    "another kind of question": (
        CHOICE, MULTIPLE.model_copy(update={"key": CHOICE.key, "options": CHOICE.options}), Kind.TYPE,
    ),
    "an item in another column": (
        SORT, SORT.model_copy(update={"items": (SORT.items[0].model_copy(update={"place": "rechts"}), *SORT.items[1:])}),
        Kind.RIGHT_ANSWER,
    ),
    "a column with another name": (
        SORT, SORT.model_copy(update={"places": tuple(p.model_copy(update={"label": "X"}) for p in SORT.places)}),
        Kind.REWORDED,
    ),
    "another order": (
        ORDER,
        ORDER.model_copy(update={"items": tuple(
            item.model_copy(update={"place": place}) for item, place in zip(ORDER.items, "213", strict=True)
        )}),
        Kind.RIGHT_ANSWER,
    ),
    "an item more to match": (
        MATCH, MATCH.model_copy(update={"items": (*ITEMS, ITEMS[0].model_copy(update={"key": "w"}))}), Kind.CHOICES,
    ),
    "another number": (NUMBER, NUMBER.model_copy(update={"answer": 60.0}), Kind.RIGHT_ANSWER),
    "a wider margin": (NUMBER, NUMBER.model_copy(update={"margin": 5.0}), Kind.RIGHT_ANSWER),
    "a word that is accepted as well": (
        SHORT,
        SHORT.model_copy(update={"options": (*SHORT.options, Option(key="b", html="het", feedback_html="", is_right=True))}),
        Kind.RIGHT_ANSWER,
    ),
    "a mistake that is known as well": (
        SHORT,
        SHORT.model_copy(update={"options": (*SHORT.options, Option(key="b", html="x", feedback_html="", is_right=False))}),
        Kind.REWORDED,
    ),
    "another pass mark": (CHECK, CHECK.model_copy(update={"pass_percent": 80}), Kind.REWORDED),
    "a note that asks something else": (NOTE, NOTE.model_copy(update={"prompt_html": "En jij?"}), Kind.REWORDED),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_what_happened_to_a_question_is_told_by_its_most_serious_side(name: str) -> None:
    before, after, kind = KINDS[name]
    if before is NOTE:
        base = make_lesson("een", "1.1", CHOICE)
        old, new = base, base.model_copy(
            update={"parts": tuple(
                part.model_copy(update={"blocks": tuple(after if b == NOTE else b for b in part.blocks)})
                for part in base.parts
            )}
        )  # fmt: skip
        assert [q.kind for q in compare(course(old), course(new)).questions] == [kind]
        return
    assert one_kind(before, after) == kind


def test_a_question_of_a_bank_is_told_with_its_test() -> None:
    other = CHECK.model_copy(update={"questions": (choice("a"), MULTIPLE)})
    (told,) = compare(with_question(CHECK), with_question(other)).questions
    assert (told.check_key, told.key, told.kind) == ("toets", "kies", Kind.RIGHT_ANSWER)
    fewer = CHECK.model_copy(update={"questions": (CHOICE,), "draw": 1})
    kinds = {
        (q.check_key, q.key): q.kind for q in compare(with_question(CHECK), with_question(fewer)).questions
    }
    assert kinds == {("", "toets"): Kind.REWORDED, ("toets", "meer"): Kind.REMOVED}


def test_questions_and_lessons_that_come_and_go_are_told() -> None:
    before = course(make_lesson("een", "1.1", CHOICE), make_lesson("twee", "1.2", CHOICE))
    after = course(make_lesson("een", "1.1", MULTIPLE), make_lesson("drie", "1.2", CHOICE))
    changes = compare(before, after)
    assert {(q.key, q.kind) for q in changes.questions} == {("meer", Kind.ADDED), ("kies", Kind.REMOVED)}
    assert {(each.key, each.is_added, each.is_removed) for each in changes.lessons} == {
        ("drie", True, False), ("twee", False, True),
    }  # fmt: skip
    assert not changes.keeps_keys


def replaced(lesson: Lesson, **values: Any) -> Changes:
    fields = {name: getattr(lesson, name) for name in Lesson.model_fields}
    return compare(course(lesson), course(Lesson(**fields | values)))


def test_what_changed_in_a_lesson_is_named() -> None:
    lesson = make_lesson("een", "1.1", CHOICE)
    text = Part(
        key="deel-waarom", title="Waarom dit ertoe doet", blocks=(Text(key="t-1", html="<p>Anders.</p>"),)
    )
    aspects = {
        Aspect.TITLE: {"title": "Anders"},
        Aspect.TEXT: {"parts": (text, *lesson.parts[1:])},
        Aspect.RULES: {"complete": (Read(),)},
        Aspect.OPENING: {"closes_on": date(2030, 1, 1)},
        Aspect.SOURCES: {"sources": ()},
    }
    for aspect, values in aspects.items():
        (told,) = replaced(lesson, **values).lessons
        assert told.aspects == (aspect,)


def test_what_changed_in_the_module_is_named() -> None:
    lessons = (make_lesson("een", "1.1", CHOICE), make_lesson("twee", "1.2", CHOICE))
    before = course(*lessons)
    assert compare(before, course(*reversed(lessons))).course == (Aspect.ORDER,)
    assert compare(before, before.model_copy(update={"lessons_needed": 1})).course == (Aspect.RULES,)
    assert compare(before, before.model_copy(update={"summary": "Anders"})).course == (Aspect.TEXT,)
    assert compare(before, before).is_empty


def test_only_what_keeps_every_key_can_be_a_small_fix() -> None:
    small = [with_question(choice("a")), with_question(choice("b", html="Anders")), with_question(CHOICE)]
    assert all(compare(with_question(CHOICE), after).keeps_keys for after in small)
    large = [with_question(choice("b", keys="ab")), with_question(CHOICE, MULTIPLE), with_question(MULTIPLE)]
    assert not any(compare(with_question(CHOICE), after).keeps_keys for after in large)


def test_a_module_that_was_never_published_is_all_new() -> None:
    changes = compare(None, make_course())
    assert [lesson.is_added for lesson in changes.lessons] == [True] * 3
    assert Changes.model_validate(changes.model_dump(mode="json")) == changes, "and it can be kept as it is"
