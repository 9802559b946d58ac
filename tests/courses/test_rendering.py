"""How the blocks of a lesson look to whoever reads them."""

from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI

from backend import language
from backend.config import CONTENT
from backend.courses import service
from backend.courses.block_types import AnyBlock, Callout, Figure, Fold, MediaFile, Private, Takeaway, Text
from backend.courses.documents import CourseDocument, Lesson
from backend.courses.kept_keys import ANSWERED
from backend.templating import templates
from tests.browser import check_house_rules
from tests.courses.everything import everything

LESSON = everything()


def show(block: AnyBlock, lesson: Lesson = LESSON) -> BeautifulSoup:
    source = "{% from 'courses/blocks.html' import content_block %}{{ content_block(block, lesson) }}"
    html = BeautifulSoup(templates.from_string(source).render(block=block, lesson=lesson), "html.parser")
    check_house_rules(html, block.key, whole=False)
    assert len(html.select(f"[id='{block.key}']")) == 1
    return html


def shown(key: str) -> BeautifulSoup:
    return show(LESSON.blocks[key])


def words(tag: Any) -> str:
    return " ".join(tag.text.split())


pytestmark = pytest.mark.once


@pytest.fixture(autouse=True, scope="module")
def routes(api: FastAPI) -> None:
    """Links name routes, and those are known once the program is there."""


@pytest.fixture(scope="module")
def real() -> CourseDocument:
    (document, *_), _problems = service.check(CONTENT)
    return document


def test_text_a_note_a_fold_and_a_sentence_to_take_along() -> None:
    assert show(Text(key="t-x", html="<p>Tekst.</p>")).select_one(".prose > p").text == "Tekst."
    note = show(Callout(key="x", tone="meet", title="Let <op>", html="<p>Zo.</p>"))
    assert note.select_one(".note[data-tone=meet] h3").text == "Let <op>"
    fold = show(Fold(key="x", title="Toon", html="<p>Antwoord.</p>"))
    assert fold.select_one("details > summary").text.strip() == "Toon"
    assert show(Takeaway(key="x", html="Onthoud <strong>dit</strong>.")).select_one("p strong").text == "dit"


def test_a_drawing_is_told_to_whoever_does_not_see_it() -> None:
    figure = show(
        Figure(
            key="x",
            svg="<svg><text>a</text></svg>",
            alt='Een "kloof"',
            caption_html="Uitleg.",
            credit="Eigen tekening",
        )
    )
    assert figure.select_one("[role=img]")["aria-label"] == 'Een "kloof"'
    assert figure.figcaption.text.strip() == "Uitleg. Eigen tekening."


def test_a_picture_has_words_a_size_and_comes_when_it_is_needed() -> None:
    image = shown("foto").img
    assert image["alt"] == "Wat."
    assert image["src"].startswith("/bestanden/")
    assert image["loading"] == "lazy"
    assert int(image["width"]) > 0 < int(image["height"]), "so that nothing jumps when it comes"


def test_a_diagram_can_be_read_as_text() -> None:
    fold = shown("schema").select_one("details")
    assert "als tekst" in fold.summary.text
    assert fold.select_one("strong").text == "als"
    assert not fold.has_attr("open")


def test_video_and_sound_wait_until_asked_and_have_their_text() -> None:
    film, sound = shown("film"), shown("klank")
    for player, media in ((film, film.video), (sound, sound.audio)):
        assert media.has_attr("controls")
        assert media["preload"] == "none"
        assert not media.has_attr("autoplay")
        assert player.select_one("details .prose").text.strip() == "Transcript."
        assert player.find(id=media["aria-labelledby"]).text.strip().startswith(("Film", "Klank"))
    assert film.video.track["kind"] == "captions"
    assert film.video["poster"].startswith("/bestanden/")
    assert not sound.audio.track


def test_a_quote_names_who_says_it_and_the_number_of_its_source() -> None:
    caption = shown("woorden").figcaption
    number = [source.key for source in LESSON.sources].index("S2") + 1
    assert words(caption).startswith("Iemand, ")
    assert caption.select_one("sup a")["href"] == "#bron-S2"
    assert caption.select_one("sup a").text == str(number)


def test_a_word_further_reading_and_a_table_with_its_title() -> None:
    assert shown("uitleg").dfn.text == "conflict"
    link = shown("lees").select_one("li a")
    assert (link["href"], link["rel"]) == ("https://goed.example/A?b=C", ["noopener", "noreferrer"])
    assert "Daarom." in shown("lees").li.text
    table = shown("tabel").table
    assert table.caption.text == "Een tabel"
    assert len(table.select("td")) == 2


def test_a_download_says_what_it_is_and_how_large() -> None:
    html = shown("blad")
    assert html.a["download"] == "x.pdf"
    assert html.a.text == "Werkblad"
    assert words(html.select_one(".label")).startswith("pdf, ")


@pytest.mark.parametrize(
    ("size", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (1_000, "1 kB"), (241_300, "241 kB"), (999_499, "999 kB"),
     (999_500, "1,0 MB"), (12_440_000, "12,4 MB")],
)  # fmt: skip
def test_sizes_are_told_in_words(size: int, said: str) -> None:
    source = "{% from 'courses/media.html' import size %}{{ size(bytes) }}"
    assert templates.from_string(source).render(bytes=size).strip() == said
    with language.speaking("en"):
        assert templates.from_string(source).render(bytes=size).strip() == said.replace(",", ".")


def test_every_kind_of_file_has_a_word() -> None:
    source = "{% from 'courses/media.html' import kind %}{{ kind(file) }}"
    file = MediaFile(sha256="0" * 64, name="lijst.csv", media_type="text/csv", size=1)
    assert templates.from_string(source).render(file=file) == "tabel (csv)"
    other = file.model_copy(update={"name": "iets.zip", "media_type": "application/zip"})
    assert templates.from_string(source).render(file=other) == "zip"


# ── what follows a content warning ──


def show_part(blocks: list[Any], skip_to: str = "deel-volgende") -> BeautifulSoup:
    source = "{% from 'learning/part.html' import part_blocks %}{{ part_blocks(part, part.blocks, lesson, at, (), skip_to) }}"
    part = SimpleNamespace(title="Deel", blocks=blocks, questions=[])
    html = templates.from_string(source).render(
        part=part, lesson=LESSON, at=SimpleNamespace(is_kept=False), skip_to=skip_to
    )
    return BeautifulSoup(html, "html.parser")


def test_what_follows_a_warning_is_folded_away_can_be_skipped_and_left() -> None:
    before, after = Text(key="t-1", html="<p>Gewoon.</p>"), Text(key="t-2", html="<p>Kwetsend.</p>")
    html = show_part([before, LESSON.blocks["kwetsend"], after])
    fold = html.select_one("details.warned-part")
    assert not fold.has_attr("open")
    assert "Kwetsend." in fold.text
    assert "Gewoon." not in fold.text
    note = html.find(id="kwetsend")
    assert "Kwetsende taal" in note.text
    assert note.select_one("a[href='#deel-volgende']").text.strip() == "Sla dit over"
    for way_out in (note.select_one("[data-exit]"), fold.select_one("[data-exit]")):
        assert way_out["href"] == "https://www.kmi.be/", "also without JavaScript"
        assert way_out["rel"] == ["noreferrer"]


def test_a_second_warning_folds_again_inside_the_first() -> None:
    again = LESSON.blocks["kwetsend"].model_copy(update={"key": "nog-erger"})
    html = show_part(
        [
            LESSON.blocks["kwetsend"],
            Text(key="t-1", html="<p>Een.</p>"),
            again,
            Text(key="t-2", html="<p>Twee.</p>"),
        ]
    )
    outer, inner = html.select("details.warned-part")
    assert "Een." in outer.text
    assert "Een." not in inner.text
    assert "Twee." in inner.text


# ── private fields ──


def test_private_fields_have_labels_and_no_name_so_that_nothing_is_sent() -> None:
    html = show(Private(key="zelf", html="<p>Schrijf.</p>", prompts=("Eerst?", "Dan?")))
    fields = html.select("textarea")
    assert [field["data-private"] for field in fields] == ["zelf/1", "zelf/2"]
    assert not any(field.has_attr("name") for field in fields)
    assert [html.select_one(f"label[for='{field['id']}']").text for field in fields] == ["Eerst?", "Dan?"]
    assert not html.select("form")


def test_buttons_of_a_private_card_are_hidden_without_javascript() -> None:
    html = shown("zelf")
    assert {button.text.strip() for button in html.select("[data-scripted][hidden] button")} == {
        "Wat ontbreekt er nog?",
        "Druk dit af",
    }
    assert html.select_one(".gaps[role=status]").text == ""
    assert not show(Private(key="x", html="", prompts=("a",))).select("button")


def test_a_reader_in_english_hears_the_lesson_in_dutch() -> None:
    with language.speaking("en"):
        assert show(Text(key="t-x", html="<p>Tekst.</p>")).div["lang"] == "nl-BE"
    assert not show(Text(key="t-x", html="<p>Tekst.</p>")).div.has_attr("lang")


@pytest.mark.parametrize("number", range(7))
def test_what_one_reads_in_the_real_lessons_gives_no_answer_away(number: int, real: CourseDocument) -> None:
    lesson = real.lessons[number]
    read = [b for b in lesson.blocks.values() if not isinstance(b, ANSWERED)]
    page = " ".join(str(show(block, lesson)) for block in read)
    secrets = [
        each.feedback_html
        for question in lesson.questions.values()
        for each in (getattr(question, "options", ()) or getattr(question, "items", ()))
    ]
    assert len(secrets) > 5
    assert not [text for text in secrets if text and text in page]
    ids = [tag["id"] for tag in BeautifulSoup(page, "html.parser").select("[id]")]
    assert len(ids) == len(set(ids))
