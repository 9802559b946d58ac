"""Everything that can be wrong is said with its line, and never anything else happens."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.courses.documents import Read
from backend.courses.fences import FIELDS
from tests.courses.everything import FILES
from tests.courses.files import CHOICE, CITED, HEAD, errors, good, lesson_text, read, read_file
from tests.courses.scenario import CASE

WRONG = [
    ("::: chioce x\nWat?\n:::", 1, "Een blok “chioce” bestaat niet."),
    ("::: choice\nWat?\n:::", 1, "Dit blok heeft geen sleutel."),
    ("::: choice Hoofdletter\nWat?\n:::", 1, "De sleutel “Hoofdletter” kan niet."),
    ("::: takeaway t-tekst\nZin.\n:::", 1, "De sleutel “t-tekst” kan niet."),
    ("::: takeaway een twee\nZin.\n:::", 1, "Er staat te veel op deze regel."),
    ("::: takeaway kies\nZin.\n:::", 7, "De sleutel “kies” staat ook op regel 14."),
    ("Tekst.\n\n::: takeaway x\nZin.", 3, "Dit blok wordt niet gesloten."),
    ("Tekst.\n\n:::", 3, "Hier sluit een blok dat niet open is."),
    ("::: takeaway x\n:::", 1, "Deze zin om mee te nemen is leeg."),
    ("::: takeaway x\n- een\n- lijst\n:::", 2, "Hier past alleen gewone tekst, geen lijst, tabel of kop."),
    ("::: callout x\ntone: boos\ntitle: T\nTekst.\n:::", 2, "De toon “boos” bestaat niet."),
    ("::: callout x\nTekst.\n:::", 1, "Dit blok heeft geen title:."),
    ("::: callout x\ntitle: T\n:::", 1, "Dit blok is leeg."),
    ("::: callout x\ntitle: Een {{term: conflict}}\nTekst.\n:::", 2, "Hier kan geen begrip of bron staan."),
    ("::: fold x\ntitle: T\ntitle: U\nTekst.\n:::", 3, "title: staat er twee keer."),
    ("::: fold x\nalt: T\ntitle: U\nTekst.\n:::", 2, "alt: hoort niet bij een blok fold."),
    ("::: figure x\nimage: figuren/x.svg\n:::", 1, "De tekening heeft geen alt:."),
    ("::: figure x\nalt: Iets\n:::", 1, "De tekening ontbreekt."),
    ("::: figure x\nalt: Iets\nimage: figuren/weg.svg\n:::", 3, "Het bestand figuren/weg.svg is er niet."),
    ("::: figure x\nalt: Iets\nimage: ../../../etc/hosts.svg\n:::", 3, "Het bestand ../../../etc/hosts.svg is er niet."),
    ("::: private x\nTekst.\n:::", 1, "Er is geen veld om in te schrijven."),
    ("::: choice x\nWat?\n- [x] A\n  : a\n:::", 1, "Dit blok heeft 1 antwoorden."),
    ("::: choice x\n- [x] A\n  : a\n- [ ] B\n  : b\n:::", 1, "Er staat geen vraag boven de antwoorden."),
    ("::: choice x\nWat?\n- [x] A\n  : a\n- [x] B\n  : b\n:::", 5, "Deze vraag heeft 2 juiste antwoorden."),
    ("::: choice x\nWat?\n- [ ] A\n  : a\n- [ ] B\n  : b\n:::", 1, "Deze vraag heeft geen juiste antwoorden."),
    ("::: choice x\nWat?\n- [x] A\n  : a\n- [ ] B\n:::", 5, "Dit antwoord krijgt geen uitleg."),
    ("::: choice x\nWat?\n- [x] A\n  : a\n  : a\n- [ ] B\n  : b\n:::", 5, "Hier staat een tweede uitleg."),
    ("::: choice x\nWat?\n- [x] A\n  : a\nLos.\n- [ ] B\n  : b\n:::", 5, "Deze regel hoort nergens bij."),
    ("::: choice x\nWat?\n- [x] A {#k}\n  : a\n- [ ] B {#k}\n  : b\n:::", 5, "De sleutel “k” staat er twee keer."),
    ("::: choice x\nWat?\n- [x] A {#K!}\n  : a\n- [ ] B\n  : b\n:::", 3, "De sleutel “K!” kan niet."),
    ("::: multiple x\nWat?\n- [ ] A\n  : a\n- [ ] B\n  : b\n:::", 1, "Deze vraag heeft geen juist antwoord."),
    ("::: truefalse x\nWat?\n- [ ] Ja\n  : a\n- [x] Neen\n  : b\n:::", 1, "Bij deze stelling kloppen de antwoorden niet."),
    ("::: order x\nWat?\n1. Een\n:::", 1, "Dit blok heeft 1 antwoorden."),
    ("::: match x\nWat?\n- een → a\n- twee\n:::", 4, "Hier hoort precies één pijl."),
    ("::: match x\nWat?\n- een → a\n- twee → a\n:::", 1, "Er is maar één rechterkant."),
    ("::: sort x\ncolumns: a | b\nWat?\n- een → a\n- twee → c\n:::", 5, "Er is geen kolom “c”."),
    ("::: sort x\ncolumns: a\nWat?\n- een → a\n- twee → a\n:::", 2, "columns: klopt niet."),
    ("Tekst.\n\nEen {{term: onbekend}}.", 3, "“onbekend” staat niet in begrippen.yaml."),
    ("Regel een\nregel twee [S9].", 2, "Bron S9 staat niet in bronnen.yaml."),
    ("Tekst <b>vet</b>.", 1, "HTML kan niet in een les."),
    ("<div>\nblok\n</div>", 1, "HTML kan niet in een les."),
    ("Een [link](javascript:alert(1)).", 1, "Deze link kan niet: javascript:alert(1)"),
    ("Een [link](http://onveilig.example).", 1, "Deze link kan niet: http://onveilig.example"),
    ("![beeld](https://elders.example/x.png)", 1, "Een beeld midden in de tekst kan niet."),
    ("#### Te diep", 1, "Een kop in de tekst is van niveau 2 of 3."),
    ("Grote kop\n=========", 1, "Een kop in de tekst is van niveau 2 of 3."),
    ("# Leeg deel\n\n# Vol", 1, "Het deel “Leeg deel” is leeg."),
]  # fmt: skip


@pytest.mark.parametrize(("body", "line", "message"), WRONG, ids=[message[:40] for _, _, message in WRONG])
def test_a_mistake_is_told_with_its_line(body: str, line: int, message: str) -> None:
    assert (line, message) in errors(body)


def test_what_is_right_gives_no_problem() -> None:
    assert errors("Gewone tekst met een [link](https://goed.example) en een {{term: conflict}}.") == []


HEADS = [
    ("key: een\n", "key: twee\n", 2, "De sleutel “twee” is niet de naam van het bestand."),
    ("minutes: 8", "minutes: acht", 5, "minutes: “acht” kan niet."),
    ("title: De eerste les\n", "", 1, "title: ontbreekt."),
    ("short: Eerste", "kort: Eerste", 4, "kort: ken ik niet."),
    ("checked: 2026-11-22", "checked: gisteren", 9, "checked: is geen datum."),
    ("review_before: 2027-11-01", "review_before: 2026-11-22", 10, "De les moet opnieuw bekeken worden vóór ze nagekeken is."),
    ("sources: [S1, S2]", "sources: [S1, S2, S3]", 8, "Bron S3 staat niet in bronnen.yaml."),
    ("sources: [S1, S2]", "sources: [S1]", 15, "Bron S2 staat niet bij de bronnen van deze les."),
    ("short: Eerste", "title: Dubbel", 4, "title: staat er twee keer."),
    ("goals:\n  - Je kent het.", "goals: &a [*a]", 6, "Deze regel begrijp ik niet."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "line", "message"), HEADS, ids=[message[:40] for *_, message in HEADS]
)
def test_a_mistake_at_the_top_is_told_with_its_line(right: str, wrong: str, line: int, message: str) -> None:
    lesson, problems = read(f"\n{CITED}{CHOICE}", head=HEAD.replace(right, wrong))
    assert lesson is None
    told = {(problem.line, problem.message) for problem in problems}
    assert (line, message) in told or (line == 1 and (2, message) in told)


def test_a_lesson_without_a_question_is_done_when_it_was_read() -> None:
    lesson, problems = read(CITED)
    assert problems == []
    assert lesson.rules == (Read(),)


def test_text_before_the_first_part_is_refused() -> None:
    lesson, problems = read_file(f"{HEAD}\nVerloren.\n\n# Kern\n\n{CITED}{CHOICE}")
    assert lesson is None
    assert [(p.line, p.message) for p in problems] == [(13, "Dit staat nog niet in een deel van de les.")]


def test_a_long_sentence_and_a_missing_explanation_are_only_warnings() -> None:
    long = "woord " * 31
    lesson, problems = read(f"Kort.\n{long}.\n\n::: order x\nZet.\n1. Een\n2. Twee\n:::\n\n{CITED}{CHOICE}")
    assert lesson is not None
    assert [(p.line - 14, p.is_warning) for p in problems] == [(1, True), (5, True), (6, True)]
    assert problems[0].message.startswith("Deze zin heeft 31 woorden")
    assert "let op: " in str(problems[0])


def test_a_sentence_of_thirty_words_is_fine() -> None:
    _lesson, problems = read(f"{'woord ' * 29}woord.\n\n{CITED}{CHOICE}")
    assert problems == []


def test_a_source_that_the_lesson_does_not_name_is_a_warning() -> None:
    lesson, problems = read(f"Alleen [S1].\n{CHOICE}")
    assert [source.key for source in lesson.sources] == ["S1"]
    assert [(p.line, p.message, p.is_warning) for p in problems] == [
        (8, "Bron S2 komt in de les niet voor.", True)
    ]


def test_a_problem_reads_as_file_line_what_and_what_to_do() -> None:
    _lesson, problems = read("::: takeaway x\n:::\n")
    assert str(problems[0]).startswith(
        "content/proef/een.md:14: Deze zin om mee te nemen is leeg. → Schrijf ze"
    )


ALL_FILES = {path.rpartition("/")[2]: content for path, content in FILES.items()} | {
    "vragen/toets.md": FILES["vragen/toets.md"],
    "a.yaml": CASE.replace("key: de-zaal", "key: a"),
}
PIECES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([":::", "---", "# Kern", "## Kop", "- [x] A", "- [ ] B", "  : uitleg", "1. stap", "- a → b", "columns: a | b",
                     "{{term: conflict | x}}", "{{term:}}", "[S1]", "[S1](x)", "| a | b |", "|---|---|", "```", "<b>", "![",
                     "reason: ?", "title: T", "alt: A", "image: x.svg", "tone: warn", "Wat?", "", "image: x.png", "file: x.mp4",
                     "file: x.pdf", "captions: x.vtt", "source: S1", "word: conflict", "choices: a | b", "labels: a | b",
                     "before: a", "answer: 1", "right: r", "wrong: w", "points: 3", "- [x] C (2)", "bank: toets", "+ nakijken",
                     "- [T](https://goed.example)", "gaps: yes", "optional: yes", "peers: yes", "a: b"]),
    st.builds("::: {} {}".format, st.sampled_from([*FIELDS, "??"]), st.sampled_from(["a", "b-c", "A", ""])),
)  # fmt: skip


@given(st.lists(PIECES, max_size=25))
def test_whatever_is_typed_gives_a_lesson_or_a_problem(pieces: list[str]) -> None:
    lesson, problems = read_file(lesson_text("\n".join(pieces)), ALL_FILES)
    assert (lesson is None) == any(not problem.is_warning for problem in problems)
    assert all(problem.line >= 1 and problem.message and problem.advice for problem in problems)


@given(st.text(max_size=300))
def test_whatever_stands_at_the_top_gives_a_lesson_or_a_problem(head: str) -> None:
    lesson, problems = read_file(f"---\n{head}\n---\n# Kern\n{CHOICE}")
    assert lesson is not None or problems
    lesson, problems = read_file(head)
    assert lesson is None
    assert problems


@given(
    st.lists(
        st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True),
        unique=True,
        min_size=1,
        max_size=8,
    )
)
def test_every_key_comes_back_as_it_was_written(keys: list[str]) -> None:
    keys = [f"k{key}" for key in keys if f"k{key}" != "kies"]
    lesson = good("\n".join(f"::: takeaway {key}\nZin.\n:::" for key in keys))
    assert [key for key in lesson.blocks if not key.startswith("t-")] == [*keys, "kies"]


def test_a_lesson_file_may_come_from_any_editor(tmp_path: Path) -> None:
    lesson, problems = read_file(lesson_text(f"{CITED}{CHOICE}").replace("\n", "\r\n").replace("\r\n", "\n"))
    assert lesson is not None
    assert problems == []
