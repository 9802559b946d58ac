"""A lesson may hold every kind of block: what the author writes becomes what the learner gets."""

from typing import get_args

import pytest

from backend.courses import block_types as doc
from backend.courses.documents import Answered, CheckPassed, Lesson, Passed, ScenarioWalked
from backend.courses.fences import FIELDS
from tests.courses.everything import everything
from tests.courses.files import good
from tests.courses.scenario import CAPTIONS, MP4, PDF


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return everything()


def block(lesson: Lesson, key: str, values: dict) -> None:
    found = lesson.blocks[key].model_dump()
    assert {name: found[name] for name in values} == values


def test_no_kind_of_block_is_forgotten(lesson: Lesson) -> None:
    kinds = {kind.model_fields["type"].default for kind in get_args(get_args(doc.AnyBlock)[0])}
    assert {each.type for each in lesson.blocks.values()} == kinds
    assert FIELDS.keys() == kinds - {"text"}


def test_what_is_kept_comes_back_as_it_was(lesson: Lesson) -> None:
    assert Lesson.model_validate_json(lesson.model_dump_json()) == lesson


def test_a_picture_and_a_drawing(lesson: Lesson) -> None:
    figure, diagram = lesson.blocks["foto"], lesson.blocks["schema"]
    assert isinstance(figure, doc.Figure)
    assert (figure.svg, figure.alt) == ("", "Wat.")
    assert (figure.file.name, figure.file.media_type) == ("x.png", "image/png")
    assert (figure.file.width, figure.file.height) == (12, 8)
    assert isinstance(diagram, doc.Diagram)
    assert diagram.svg.startswith("<svg")
    assert diagram.caption_html == "Bijschrift."
    assert diagram.text_html.startswith("<p>Alles <strong>als</strong> tekst.</p>\n<ul>")


def test_sound_and_video_have_their_files_and_their_text(lesson: Lesson) -> None:
    video, audio = lesson.blocks["film"], lesson.blocks["klank"]
    assert isinstance(video, doc.Video)
    assert isinstance(audio, doc.Audio)
    assert (video.title, video.transcript_html) == ("Film", "<p>Transcript.</p>")
    assert [video.file.size, video.captions.size] == [len(MP4), len(CAPTIONS)]
    assert video.poster.media_type == "image/png"
    assert (audio.file.media_type, audio.captions) == ("audio/mpeg", None)


def test_what_one_reads(lesson: Lesson) -> None:
    block(lesson, "woorden", {"html": "<p>De woorden.</p>", "by": "Iemand", "source": "S2"})
    block(lesson, "uitleg", {"word": "conflict", "meaning": "Een botsing.", "html": "<p>Meer.</p>"})
    block(lesson, "tabel", {"title": "Een tabel"})
    reading, download = lesson.blocks["lees"], lesson.blocks["blad"]
    assert isinstance(reading, doc.Reading)
    assert reading.html == "Lees verder."
    assert [(link.title, link.url, link.why_html) for link in reading.links] == [
        ("Titel", "https://goed.example/A?b=C", "Daarom.")
    ]
    assert isinstance(download, doc.Download)
    assert (download.file.size, download.html) == (len(PDF), "Eén zin.")
    assert "conflict" in {term.word for term in lesson.terms}


def test_a_triage_groups_items_and_knows_more_than_one_right_choice(lesson: Lesson) -> None:
    triage = lesson.blocks["berichten"]
    assert isinstance(triage, doc.Triage)
    assert (triage.counts, triage.shows_peers, triage.several) == (False, True, False)
    assert [(i.key, i.html, i.places, i.kind) for i in triage.items] == [
        ("a", "Kritiek", ("a",), "kritiek"),
        ("k2", "Nog kritiek", ("a", "b"), "kritiek"),
    ]
    assert [place.label for place in triage.places] == ["laten", "weg"]


def test_a_number_a_word_and_points(lesson: Lesson) -> None:
    block(lesson, "getal", {"answer": 66.5, "margin": 2, "unit": "%", "wrong_html": "Fout."})
    block(lesson, "kort", {"wrong_html": "Neen.", "question_html": "Welk woord?"})
    budget = lesson.blocks["punten"]
    assert isinstance(budget, doc.Budget)
    assert (budget.points, budget.unit, budget.best) == (10, "punten", 7)
    assert [(o.key, o.html, o.cost, o.is_right) for o in budget.options] == [
        ("r", "Rooster", 4, True), ("b", "Zorg", 7, True), ("c", "Affiche", 5, False),
    ]  # fmt: skip


def test_the_best_of_a_budget_is_what_fits_not_what_is_greedy() -> None:
    options = "".join(f"- [x] Iets {n} ({n})\n  : ja\n" for n in (6, 5, 5))
    found = good(f"::: budget b\npoints: 10\nVerdeel.\n{options}:::").blocks["b"]
    assert isinstance(found, doc.Budget)
    assert found.best == 10


def test_writing_beside_a_model_answer(lesson: Lesson) -> None:
    block(
        lesson, "schrijf",
        {"prompts": ("Wie?", "Wat?"), "checks": ("Staat er een feit?",), "longest": 280, "shows_gaps": True,
         "model_html": "<p>Het <strong>model</strong>.</p>", "question_html": "Schrijf het."},
    )  # fmt: skip


def test_a_test_draws_from_its_bank(lesson: Lesson) -> None:
    check = lesson.blocks["toets"]
    assert isinstance(check, doc.Check)
    assert (check.title, check.html) == ("De toets", "<p>Over de toets.</p>")
    assert (check.draw, check.pass_percent, check.attempts, check.minutes) == (1, 70, 3, 0)
    assert [question.key for question in check.questions] == ["q", "n"]


def test_ones_own(lesson: Lesson) -> None:
    block(lesson, "zelf", {"prompts": ("a", "b"), "shows_gaps": True, "prints": True})
    block(lesson, "peiling", {"question_html": "Wat vind je?"})
    before, after = lesson.blocks["vooraf"], lesson.blocks["achteraf"]
    assert isinstance(before, doc.SelfRating)
    assert isinstance(after, doc.SelfRating)
    assert before.labels == after.labels == ("nog niet", "goed")
    assert before.statements == after.statements
    assert (after.before, after.before_lesson, before.before) == ("vooraf", "een", "")


def test_sources_are_numbered_in_the_order_of_the_text_also_in_banks_and_scenarios(lesson: Lesson) -> None:
    assert [source.key for source in lesson.sources] == ["S2", "S1"]
    scenario = lesson.scenarios["de-zaal"].scenario
    assert ">2</a></sup>" in scenario.intro_html


def test_what_stands_behind_a_warning_never_counts(lesson: Lesson) -> None:
    assert "achteraf-kiezen" not in lesson.counted
    assert "kies" in everything().questions
    again = good("::: warning let-op\ntitle: T\nTekst.\n:::\n\n::: takeaway x\nZin.\n:::\n\n# Volgend deel\n")
    assert "kies" in again.counted  # another part


def test_a_lesson_is_done_by_what_is_in_it(lesson: Lesson) -> None:
    assert lesson.rules == (
        Answered(), Passed(percent=70), CheckPassed(key="toets"), ScenarioWalked(key="de-zaal"),
    )  # fmt: skip
