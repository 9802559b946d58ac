"""How the blocks of a lesson look to whoever reads them."""

import pytest
from bs4 import BeautifulSoup

from backend import language
from backend.config import CONTENT
from backend.courses import service
from backend.courses.block_types import (
    Block,
    Callout,
    Figure,
    Fold,
    Private,
    Takeaway,
    Text,
)
from backend.courses.kept_keys import ANSWERED
from backend.templating import templates
from tests.browser import check_house_rules


def show(block: Block) -> BeautifulSoup:
    source = "{% from 'courses/blocks.html' import content_block %}{{ content_block(block) }}"
    html = BeautifulSoup(templates.from_string(source).render(block=block), "html.parser")
    check_house_rules(html, block.key, whole=False)
    assert len(html.select(f"[id='{block.key}']")) == 1
    return html


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


def test_private_fields_have_labels_and_no_name_so_that_nothing_is_sent() -> None:
    html = show(Private(key="zelf", html="<p>Schrijf.</p>", prompts=("Eerst?", "Dan?")))
    fields = html.select("textarea")
    assert [field["data-private"] for field in fields] == ["zelf/1", "zelf/2"]
    assert not any(field.has_attr("name") for field in fields)
    assert [html.select_one(f"label[for='{field['id']}']").text for field in fields] == ["Eerst?", "Dan?"]
    assert not html.select("form")


def test_a_reader_in_english_hears_the_lesson_in_dutch() -> None:
    with language.speaking("en"):
        assert show(Text(key="t-x", html="<p>Tekst.</p>")).div["lang"] == "nl-BE"
    assert not show(Text(key="t-x", html="<p>Tekst.</p>")).div.has_attr("lang")


@pytest.mark.parametrize("number", range(7))
def test_what_one_reads_in_the_real_lessons_gives_no_answer_away(number: int) -> None:
    (document, *_), _problems = service.check(CONTENT)
    lesson = document.lessons[number]
    read = [b for b in lesson.blocks.values() if not isinstance(b, ANSWERED)]
    page = " ".join(str(show(block)) for block in read)
    secrets = [
        each.feedback_html
        for question in lesson.questions.values()
        for each in (getattr(question, "options", ()) or getattr(question, "items", ()))
    ]
    assert len(secrets) > 5
    assert not [text for text in secrets if text and text in page]
    ids = [tag["id"] for tag in BeautifulSoup(page, "html.parser").select("[id]")]
    assert len(ids) == len(set(ids))
