"""When a lesson or a module is done, in the words of who writes it."""

from collections.abc import Iterator

from backend.courses.documents import (
    Answered,
    AnyOf,
    Attended,
    CheckPassed,
    CourseDocument,
    Lesson,
    Passed,
    Read,
    ReflectionWritten,
    Rule,
    ScenarioWalked,
)
from backend.language import gettext as _
from backend.language import ngettext, short_date
from backend.learning.completion import lessons_needed


def of_lesson(lesson: Lesson, course: CourseDocument) -> list[str]:
    """One line a rule, and what comes before."""
    return [*(_rule(rule, lesson) for rule in lesson.rules), *_opening(lesson, _titles(course))]


def of_course(course: CourseDocument, modules: dict[str, str]) -> list[str]:
    """`modules`: key → title of every published module."""
    needed, there = lessons_needed(course), len(course.lessons)
    if needed == there:
        said = [_("Alle %(n)s lessen zijn klaar") % {"n": there}]
    else:
        said = [_("%(n)s van de %(all)s lessen zijn klaar") % {"n": needed, "all": there}]
    if course.attended:
        said.append(_day(course.attended))
    if course.certificate_hours:
        said.append(
            _("Dan volgt een getuigschrift van %(n)s uur")
            % {"n": f"{course.certificate_hours:g}".replace(".", ",")}
        )
    return [*said, *_opening(course, modules)]


def _titles(course: CourseDocument) -> dict[str, str]:
    return {lesson.key: f"{lesson.number} {lesson.title}" for lesson in course.lessons}


def _opening(thing: Lesson | CourseDocument, titles: dict[str, str]) -> Iterator[str]:
    if thing.after:
        yield _("Eerst: %(what)s") % {"what": ", ".join(titles.get(key, key) for key in thing.after)}
    if thing.opens_on:
        yield _("Open vanaf %(date)s") % {"date": short_date(thing.opens_on)}
    if thing.closes_on:
        yield _("Open tot en met %(date)s") % {"date": short_date(thing.closes_on)}


def _rule(rule: Rule, lesson: Lesson) -> str:
    if isinstance(rule, AnyOf):
        said = "; ".join(_rule(each, lesson) for each in rule.of)
        return _("Minstens %(n)s hiervan: %(rules)s") % {"n": rule.least, "rules": said}
    if isinstance(rule, Answered):
        count = len(lesson.counted)
        return ngettext("De vraag is beantwoord", "De %(n)s vragen zijn beantwoord", count) % {"n": count}
    if isinstance(rule, Passed):
        return _("De beste antwoorden zijn samen voor minstens %(p)s %% juist") % {"p": rule.percent}
    return _("De les is gelezen") if isinstance(rule, Read) else _of_one_block(rule, lesson)


def _of_one_block(rule: ReflectionWritten | CheckPassed | ScenarioWalked | Attended, lesson: Lesson) -> str:
    if isinstance(rule, Attended):
        return _day(rule.key)
    if isinstance(rule, ReflectionWritten):
        return _("De notitie “%(key)s” is geschreven") % {"key": rule.key}
    if isinstance(rule, CheckPassed):
        check = lesson.checks.get(rule.key)
        return _("Geslaagd voor de toets “%(key)s”, vanaf %(p)s %%") % {
            "key": check.title if check else rule.key, "p": check.pass_percent if check else 100,
        }  # fmt: skip
    scenario = lesson.scenarios.get(rule.key)
    return _("De casus “%(key)s” is tot een einde gebracht") % {
        "key": scenario.scenario.title if scenario else rule.key
    }


def _day(series: str) -> str:
    return _("Aanwezig op een actiedag “%(series)s”") % {"series": series}
