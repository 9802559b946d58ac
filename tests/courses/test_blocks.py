"""Every type of block: what the author writes becomes what the learner gets."""

from backend.courses.block_types import (
    Callout,
    Choice,
    Figure,
    Fold,
    Match,
    Multiple,
    Order,
    Private,
    Reflection,
    Sort,
    Takeaway,
    Text,
    TrueFalse,
)
from tests.courses.files import CHOICE, CITED, HEAD, SVG, good, read_file


def test_a_choice_has_options_with_feedback_and_one_right_answer() -> None:
    block = good("").blocks["kies"]
    assert isinstance(block, Choice)
    assert block.question_html == "Wat past hier?"
    assert [(o.key, o.html, o.feedback_html, o.is_right) for o in block.options] == [
        ("a", "Dit.", "Juist.", True),
        ("b", "Dat.", "Neen.", False),
    ]


def test_a_key_of_its_own_keeps_an_option_the_same_when_options_move() -> None:
    block = good(
        "::: multiple meer\nWat?\n- [x] Nieuw {#nieuw}\n  : a\n- [x] Oud {#oud}\n  : b\n- [ ] Gewoon\n  : c\n:::"
    ).blocks["meer"]
    assert isinstance(block, Multiple)
    assert [(o.key, o.html, o.is_right) for o in block.options] == [
        ("nieuw", "Nieuw", True),
        ("oud", "Oud", True),
        ("c", "Gewoon", False),
    ]


def test_a_statement_is_true_or_false_and_may_ask_why() -> None:
    block = good(
        "::: truefalse waar\nreason: Waarom denk je dat?\nEen stelling.\n"
        "- [ ] Juist\n  : a\n- [x] Niet juist\n  : b\n:::"
    ).blocks["waar"]
    assert isinstance(block, TrueFalse)
    assert (block.question_html, block.reason) == ("Een stelling.", "Waarom denk je dat?")
    assert [(o.key, o.is_right) for o in block.options] == [("juist", False), ("niet-juist", True)]


def test_an_order_is_shown_in_a_wrong_order_that_is_always_the_same() -> None:
    text = "::: order stappen\nZet in volgorde.\n1. Een\n  : Eerst.\n2. Twee\n3. Drie\n:::"
    block, again = good(text).blocks["stappen"], good(text.replace("Twee", "Anders")).blocks["stappen"]
    assert isinstance(block, Order)
    assert isinstance(again, Order)
    assert [(i.html, i.place, i.feedback_html) for i in block.items] == [
        ("Een", "1", "Eerst."),
        ("Twee", "2", ""),
        ("Drie", "3", ""),
    ]
    keys = tuple(item.key for item in block.items)
    assert sorted(block.shown) == sorted(keys)
    assert block.shown != keys
    assert block.shown == again.shown  # another text, the same question


def test_no_order_of_any_key_is_shown_right() -> None:
    for number in range(60):
        for steps in ("1. Een\n2. Twee", "1. Een\n2. Twee\n3. Drie"):
            block = good(f"::: order stap-{number}\nZet in volgorde.\n{steps}\n:::").blocks[f"stap-{number}"]
            assert isinstance(block, Order)
            assert block.shown != tuple(item.key for item in block.items)


def test_the_keys_of_a_match_do_not_show_the_pairs() -> None:
    block = good(
        "::: match paren\nVerbind.\n- appel → fruit\n- wortel → groente\n- peer → fruit\n:::"
    ).blocks["paren"]
    assert isinstance(block, Match)
    assert [place.label for place in block.places] == ["fruit", "groente"]
    fruit, vegetable = (place.key for place in block.places)
    assert [(item.html, item.place) for item in block.items] == [
        ("appel", fruit),
        ("wortel", vegetable),
        ("peer", fruit),
    ]
    assert {fruit, vegetable}.isdisjoint(item.key for item in block.items)


def test_a_sort_keeps_the_columns_as_written() -> None:
    block = good(
        "::: sort leg\ncolumns: zeker | misschien | nooit\nWaar?\n- ding → nooit\n  : Want.\n- zaak -> zeker\n:::"
    ).blocks["leg"]
    assert isinstance(block, Sort)
    labels = {place.key: place.label for place in block.places}
    assert list(labels.values()) == ["zeker", "misschien", "nooit"]
    assert [(item.html, labels[item.place], item.feedback_html) for item in block.items] == [
        ("ding", "nooit", "Want."),
        ("zaak", "zeker", ""),
    ]


def test_what_one_reads_and_writes() -> None:
    blocks = good(
        "::: callout let-op\ntone: warn\ntitle: Let op\nTekst met **nadruk**.\n:::\n"
        "::: figure beeld\nimage: figuren/x.svg\nalt: Wat je ziet.\ncredit: Eigen tekening\nEen bijschrift.\n:::\n"
        "::: fold antwoord\ntitle: Toon\nHet antwoord.\n:::\n"
        "::: private zelf\nSchrijf op.\n- Eerst?\n- Dan?\n:::\n"
        "::: takeaway mee\nOnthoud dit.\n:::\n"
        "::: reflection denk\nplan: analyse.spanningsvelden\nrubric: beide kanten | een stap\nWat hoor je?\n:::",
        {"figuren/x.svg": SVG},
    ).blocks
    assert blocks["let-op"] == Callout(
        key="let-op", tone="warn", title="Let op", html="<p>Tekst met <strong>nadruk</strong>.</p>"
    )
    figure = blocks["beeld"]
    assert isinstance(figure, Figure)
    assert (figure.alt, figure.caption_html, figure.credit) == (
        "Wat je ziet.",
        "Een bijschrift.",
        "Eigen tekening",
    )
    assert figure.svg.startswith("<svg")
    assert ">woord</text>" in figure.svg
    assert blocks["antwoord"] == Fold(key="antwoord", title="Toon", html="<p>Het antwoord.</p>")
    assert blocks["zelf"] == Private(key="zelf", html="<p>Schrijf op.</p>", prompts=("Eerst?", "Dan?"))
    assert blocks["mee"] == Takeaway(key="mee", html="Onthoud dit.")
    assert blocks["denk"] == Reflection(
        key="denk",
        prompt_html="Wat hoor je?",
        plan="analyse.spanningsvelden",
        rubric=("beide kanten", "een stap"),
    )


def test_text_is_one_block_a_section_with_an_address_from_its_heading() -> None:
    lesson = good("Inleiding.\n\n## Één en twee\n\nTekst.\n\n::: takeaway mee\nOnthoud.\n:::\n\nNog tekst.")
    assert list(lesson.blocks) == ["t-kern", "t-een-en-twee", "mee", "t-een-en-twee-2", "kies"]
    first, second = lesson.blocks["t-kern"], lesson.blocks["t-een-en-twee"]
    assert isinstance(first, Text)
    assert isinstance(second, Text)
    assert first.html == '<p class="lead">Inleiding.</p>'
    assert second.html == "<h3>Één en twee</h3>\n<p>Tekst.</p>"


def test_the_parts_of_a_lesson_keep_their_titles() -> None:
    lesson, problems = read_file(f"{HEAD}# Waarom\n\n{CITED}\n# Doe: sorteer!\n{CHOICE}")
    assert not problems
    assert [(part.key, part.title) for part in lesson.parts] == [
        ("deel-waarom", "Waarom"),
        ("deel-doe-sorteer", "Doe: sorteer!"),
    ]


def test_a_word_gets_its_meaning_and_a_source_its_number_in_the_order_of_the_text() -> None:
    lesson, problems = read_file(
        f"{HEAD}# Kern\n\nEen {{{{term: conflict | botsing}}}} [S2]. En {{{{term: brug}}}} [S1].\n{CHOICE}"
    )
    assert not problems
    html = lesson.parts[0].blocks[0].html
    assert '<a class="term" href="#begrip-conflict">botsing</a><sup class="source">' in html
    assert '<a href="#bron-S2" aria-label="Bron 1">1</a></sup>. En' in html
    assert [source.key for source in lesson.sources] == ["S2", "S1"]
    assert [term.word for term in lesson.terms] == ["brug", "conflict"]
    assert lesson.terms[1].meaning == "Een botsing."


def test_a_longer_feedback_or_option_goes_on_below() -> None:
    block = good(
        "::: multiple meer\nWat?\n- [x] Een lange\n  zin\n  : Uitleg\n  gaat door.\n- [ ] Kort\n  : Neen.\n:::"
    ).blocks["meer"]
    assert isinstance(block, Multiple)
    assert " ".join(block.options[0].html.split()) == "Een lange zin"
    assert " ".join(block.options[0].feedback_html.split()) == "Uitleg gaat door."
