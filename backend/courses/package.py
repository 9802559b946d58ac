"""Reads a package, a folder of modules: YAML and Markdown become documents, and everything that is wrong a problem."""

from collections.abc import Sequence
from datetime import date

from backend.courses import documents as doc
from backend.courses.advice import advise
from backend.courses.block_reader import Library, Material
from backend.courses.fences import KEY_ADVICE, duplicates, is_key
from backend.courses.files import (
    COURSE,
    LARGEST_PACKAGE,
    MOST_FILES,
    SOURCES,
    TERMS,
    Files,
    Within,
    is_path,
    read_text,
)
from backend.courses.heads import (
    CourseHead,
    SourceHead,
    check_key,
    check_opening,
    circles,
    errors,
    validated,
)
from backend.courses.lessons import read_lesson
from backend.courses.markdown import SOURCE, slug
from backend.courses.media import ALL
from backend.courses.problems import Problem, Report
from backend.courses.yaml_file import Mapped, read_yaml

KINDS = ["md", "yaml", "svg", *ALL]


def read_package(
    files: Files, name: str, today: date | None = None
) -> tuple[list[doc.CourseDocument], list[Problem]]:
    """Every module that can be published, and every problem by file and line. Never raises for what a file holds.

    `name` is what problems call the package.
    """
    report = Report(name)
    library = Library(
        _terms(files, report.of(f"{name}/{TERMS}")), _sources(files, report.of(f"{name}/{SOURCES}"))
    )
    courses = []
    folders = sorted(path.removesuffix(f"/{COURSE}") for path in files if _is_course(path))
    if not folders:
        report.error(1, "Er is geen enkele module.", f"Maak een map met daarin {COURSE}.")
    for folder in folders:
        material = Material(library, Within(files, folder), f"{name}/{folder}", today)
        course = _course(material, folder, report.of(f"{name}/{folder}/{COURSE}"))
        if course is not None:
            courses.append(course)
    courses.sort(key=lambda course: (course.number, course.key))
    return courses, sorted(set(report.problems))


def _is_course(path: str) -> bool:
    folder, _, file = path.rpartition("/")
    return file == COURSE and bool(folder) and "/" not in folder


def _course(material: Material, folder: str, report: Report) -> doc.CourseDocument | None:
    before = errors(report)
    text = read_text(material.files, COURSE, report)
    mapped = read_yaml(text or "", report)
    head = validated(CourseHead, mapped, report) if text is not None else None
    if head is None:
        return None
    _check_course(head, mapped, folder, report)
    _check_files(material, report)
    lessons = [
        _lesson(material, key, f"{head.number}.{n}", mapped, report) for n, key in enumerate(head.lessons, 1)
    ]
    made = [lesson for lesson in lessons if lesson is not None]
    _check_after(made, head, material, report)
    _check_scenarios(made, head, material, report)
    if errors(report) > before:
        return None
    _unused(material, mapped, report)
    for lesson in made:
        advise(lesson, report.of(f"{material.place}/{lesson.key}.md"))
    needed = head.complete.lessons
    return doc.CourseDocument(
        key=head.key, number=head.number, title=head.title, subtitle=head.subtitle, summary=head.summary,
        minutes=head.minutes, language=head.language, goals=head.goals, made_by=head.made_by,
        review_state=head.review.state, review_by=head.review.by, waiting_for=head.review.waiting_for,
        certificate_hours=head.certificate.hours if head.certificate else 0,
        lessons_needed=0 if needed == "all" else int(needed), attended=head.attended,
        after=head.after, opens_on=head.opens_on, closes_on=head.closes_on, lessons=tuple(made),
    )  # fmt: skip


def _check_course(head: CourseHead, mapped: Mapped, folder: str, report: Report) -> None:
    check_key(head.key, folder, "de map", mapped, report)
    check_opening(head, mapped, report)
    if head.language != "nl-BE":
        report.error(
            mapped.line("language"), f"De taal “{head.language[:20]}” kan nog niet.", "Schrijf nl-BE."
        )
    for place in duplicates(head.lessons):
        report.error(
            mapped.line("lessons"), f"De les {head.lessons[place]} staat er twee keer.", "Houd er één over."
        )
    needed = head.complete.lessons
    if needed != "all" and needed not in map(str, range(1, len(head.lessons) + 1)):
        report.error(
            mapped.line("complete", "lessons"), f"lessons: “{needed[:20]}” kan niet.",
            f"Schrijf all, of een getal van 1 tot {len(head.lessons)}.",
        )  # fmt: skip
    for name, keys in (("attended", [head.attended] if head.attended else []), ("after", head.after)):
        for key in keys:
            if not is_key(key) or key == head.key:
                report.error(mapped.line(name), f"{name}: “{key[:40]}” kan niet.", KEY_ADVICE)


def _lesson(material: Material, key: str, number: str, mapped: Mapped, report: Report) -> doc.Lesson | None:
    if not is_key(key):
        report.error(mapped.line("lessons"), f"De les “{key[:40]}” kan zo niet heten.", KEY_ADVICE)
        return None
    material.used.add(f"{key}.md")
    own = report.of(f"{material.place}/{key}.md")
    text = read_text(material.files, f"{key}.md", own)
    return None if text is None else read_lesson(text, number, material, own)


def _check_after(lessons: Sequence[doc.Lesson], head: CourseHead, material: Material, report: Report) -> None:
    """Lessons to finish first exist, and never wait for each other."""
    waiting = circles({lesson.key: lesson.after for lesson in lessons})
    for lesson in lessons:
        own = report.of(f"{material.place}/{lesson.key}.md")
        line = _line_of(material, lesson.key, "after")
        for key in lesson.after:
            if key not in head.lessons:
                own.error(
                    line,
                    f"after: de les “{key[:60]}” is er niet.",
                    "Kies uit: " + ", ".join(head.lessons) + ".",
                )
        if lesson.key in waiting:
            own.error(line, "Deze les kan nooit beginnen: lessen wachten op elkaar.", "Haal één after: weg.")


def _line_of(material: Material, lesson: str, name: str) -> int:
    """Where a name stands in the front matter of a lesson."""
    lines = material.files[f"{lesson}.md"].decode(errors="replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{name}:")), 1)


def _check_scenarios(
    lessons: Sequence[doc.Lesson], head: CourseHead, material: Material, report: Report
) -> None:
    """The lessons that a scenario advises to read again are lessons of this module."""
    for lesson in lessons:
        for key, block in lesson.scenarios.items():
            for each in block.scenario.lessons:
                if each not in head.lessons:
                    report.of(f"{material.place}/{key}.yaml").error(
                        1,
                        f"lessons: de les “{each[:60]}” is er niet.",
                        "Kies uit: " + ", ".join(head.lessons) + ".",
                    )


def _check_files(material: Material, report: Report) -> None:
    """How many files the module has, how large, and whether each is of a kind that belongs here."""
    size = 0
    for path in sorted(material.files):
        own = report.of(f"{material.place}/{path[:200]}")
        if not is_path(path):
            own.error(
                1,
                "Deze naam van een bestand kan niet.",
                "Gebruik letters zonder accent, cijfers en streepjes.",
            )
        elif path.rpartition(".")[2].lower() not in KINDS:
            own.error(1, "Dit soort bestand hoort niet in een module.", "Kies uit: " + ", ".join(KINDS) + ".")
        else:
            size += len(material.files[path])
    if len(material.files) > MOST_FILES:
        report.error(1, f"De module heeft {len(material.files)} bestanden.", f"Hoogstens {MOST_FILES}.")
    if size > LARGEST_PACKAGE:
        report.error(
            1, f"De module is te groot: {size // 1_000_000} MB.",
            f"Maak filmpjes en beelden kleiner. Hoogstens {LARGEST_PACKAGE // 1_000_000} MB.",
        )  # fmt: skip


def _unused(material: Material, mapped: Mapped, report: Report) -> None:
    for path in sorted(material.files):
        if path == COURSE or path in material.used:
            continue
        if path.endswith(".md") and "/" not in path:
            report.warn(
                mapped.line("lessons"),
                f"{path[:80]} staat niet in de lijst van lessen.",
                "Voeg de les toe, of haal het bestand weg.",
            )
        else:
            report.of(f"{material.place}/{path}").warn(
                1, "Geen enkele les gebruikt dit bestand.", "Verwijs ernaar, of haal het weg."
            )


def _terms(files: Files, report: Report) -> dict[str, doc.Term]:
    mapped = read_yaml(read_text(files, TERMS, report) or "", report)
    words: dict[str, doc.Term] = {}
    keys: set[str] = set()
    for word, meaning in mapped.data.items():
        key = slug(word)
        if not isinstance(meaning, str) or not meaning.strip():
            report.error(
                mapped.line(word),
                f"“{word[:60]}” heeft geen betekenis.",
                "Schrijf woord: betekenis. Met een dubbelpunt erin: tussen aanhalingstekens.",
            )
        elif not key or key in keys:
            report.error(
                mapped.line(word), f"“{word[:60]}” lijkt te veel op een ander woord.", "Houd er één over."
            )
        else:
            keys.add(key)
            words[word] = doc.Term(key=key, word=word, meaning=meaning.strip())
    return words


def _sources(files: Files, report: Report) -> dict[str, doc.Source]:
    mapped = read_yaml(read_text(files, SOURCES, report) or "", report)
    found: dict[str, doc.Source] = {}
    for key in mapped.data:
        if not SOURCE.fullmatch(f"[{key}]"):
            report.error(
                mapped.line(key),
                f"“{key[:40]}” kan geen code van een bron zijn.",
                "Schrijf een S en een getal, zoals S31.",
            )
            continue
        head = validated(SourceHead, mapped.within(key), report)
        if head is not None:
            if head.checked is None:
                report.warn(
                    mapped.line(key),
                    f"Bron {key} heeft geen datum.",
                    "Zet erbij wanneer ze nagekeken is: checked:",
                )
            found[key] = doc.Source(key=key, **head.model_dump())
    return found
