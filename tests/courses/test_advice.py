"""What an author may want to look at again is said, and never stops publishing."""

from datetime import date
from pathlib import Path

import pytest

from backend.courses import service
from backend.courses.readability import Reading, reading_of, syllables
from tests.courses.everything import everything
from tests.courses.files import CHOICE, CITED, HEAD, good, lesson_text, write

EASY = "De zaal is dicht. Dat is jammer. De buurt wil praten. " * 10
HARD = (
    "Verantwoordelijkheidsbewuste beleidsuitvoerders implementeren gemeenschapsvormende "
    "participatietrajecten overeenkomstig gedecentraliseerde uitvoeringsmodaliteiten. "
) * 20


def told(tmp_path: Path, text: str, today: date | None = None, **files: str) -> list[str]:
    documents, problems = service.check(write(tmp_path, **{"proef__een.md": text}, **files), today=today)
    assert len(documents) == 1, problems
    assert all(problem.is_warning for problem in problems)
    return [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("word", "count"),
    [("zaal", 1), ("buurt", 1), ("polarisatie", 5), ("nieuwe", 2), ("mooie", 2), ("ruzie", 2), ("zeeën", 2), ("bij", 1),
     ("geïnteresseerd", 5), ("coördinatie", 5), ("media", 3), ("individueel", 5), ("gemeente", 3), ("Eén", 1)],
)  # fmt: skip
def test_syllables_of_dutch_are_counted(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_score_is_that_of_douma() -> None:
    reading = Reading(words=100, sentences=10, syllables=150)
    assert reading.words_a_sentence == 10
    assert round(reading.score, 2) == 82.04
    assert str(reading) == "leest  82 op 100, 10.0 woorden per zin,   100 woorden"


def test_sentences_lines_and_cells_end_a_sentence_and_a_source_is_no_word() -> None:
    lesson = good(
        "Eén zin hier. Twee zinnen dan!\n\n- een punt\n- nog een\n\n| a | b |\n|---|---|\n| c | d |\n"
    )
    assert reading_of(lesson)._replace(syllables=0) == (23, 14, 0)


def test_hard_language_is_told_and_easy_language_is_not(tmp_path: Path) -> None:
    assert told(tmp_path, lesson_text(f"{EASY}{CITED}{CHOICE}")) == []
    (said,) = told(tmp_path, lesson_text(f"{HARD}{CITED}{CHOICE}"))
    assert said.startswith("Deze les leest moeilijk: ")


def test_a_few_words_are_no_ground_for_a_judgement(tmp_path: Path) -> None:
    assert told(tmp_path, lesson_text(f"{HARD[:150]}. {CITED}{CHOICE}")) == []


def test_every_lesson_has_a_score() -> None:
    lesson = everything()
    assert reading_of(lesson).words > 50
    assert Reading(0, 0, 0).score == 100


def choices(*rights: int, long: bool = False) -> str:
    """Questions of three options with the right one at these places."""
    blocks = []
    for number, right in enumerate(rights):
        texts = ["Iets langers dan dit" if long and place == right else f"Kort {place}" for place in range(3)]
        marks = ["x" if place == right else " " for place in range(3)]
        options = [f"- [{mark}] {text}\n  : Uitleg.\n" for mark, text in zip(marks, texts, strict=True)]
        blocks.append(f"::: choice v{number}\nWat?\n{''.join(options)}:::\n")
    return "\n".join(blocks)


def test_a_right_answer_that_is_always_at_one_place_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, lesson_text(CITED + choices(1, 1, 1, 1))) == [
        "Het juiste antwoord is altijd het 2e."
    ]
    assert told(tmp_path, lesson_text(CITED + choices(1, 1, 1, 0))) == []
    assert told(tmp_path, lesson_text(CITED + choices(1, 1, 1))) == []  # three are no pattern


def test_a_right_answer_that_is_always_the_longest_is_told(tmp_path: Path) -> None:
    said = "Het juiste antwoord is altijd duidelijk het langste."
    assert told(tmp_path, lesson_text(CITED + choices(0, 1, 2, 1, long=True))) == [said]
    mixed = choices(0, 1, 2, 1, long=True).replace("Kort 0", "Een veel langer fout antwoord", 1)
    assert told(tmp_path, lesson_text(CITED + mixed)) == []


def test_a_test_is_looked_at_by_itself(tmp_path: Path) -> None:
    bank = "---\ntitle: Toets\n---\n" + choices(2, 2, 2, 2)
    text = lesson_text(f"{CITED}::: check toets\nbank: toets\n:::\n")
    found = told(tmp_path, text, **{"proef__vragen__toets.md": bank})
    assert found == ["Het juiste antwoord is altijd het 3e in de toets “toets”."]


def test_a_lesson_that_is_due_for_another_look_is_told(tmp_path: Path) -> None:
    text = lesson_text(f"{CITED}{CHOICE}")
    assert told(tmp_path, text, date(2027, 11, 1)) == []
    assert told(tmp_path, text, date(2027, 11, 2)) == [
        "Deze les moest vóór 2027-11-01 opnieuw bekeken worden."
    ]
    assert told(tmp_path, text) == []


def test_a_lesson_without_sources_and_a_source_without_a_date_are_told(tmp_path: Path) -> None:
    bare = lesson_text(f"Tekst.\n{CHOICE}", HEAD.replace("sources: [S1, S2]\n", ""))
    assert told(tmp_path, bare) == ["Deze les noemt geen enkele bron."]
    undated = {"bronnen.yaml": "S1:\n  title: A\nS2:\n  title: B\n  checked: 2026-11-22\n"}
    assert told(tmp_path, lesson_text(f"{CITED}{CHOICE}"), **undated) == ["Bron S1 heeft geen datum."]
