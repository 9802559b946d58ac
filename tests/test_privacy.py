"""What may tell who somebody is, is found in a text; what does not, is left alone."""

import pytest

from backend.privacy import Kind, findings

FOUND = [
    ("Mail naar jan.peeters@gemeente.be.", Kind.EMAIL, "jan.peeters@gemeente.be"),
    ("Zijn nummer is 85.07.30-033.28.", Kind.NATIONAL_NUMBER, "85.07.30-033.28"),
    ("rijksregister 85073003328", Kind.NATIONAL_NUMBER, "85073003328"),
    ("BE68 5390 0754 7034 op naam van de club", Kind.IBAN, "BE68 5390 0754 7034"),
    ("Bel 0475 12 34 56, dan neemt hij op.", Kind.PHONE, "0475 12 34 56"),
    ("Bel +32 3 234 56 78, of mail.", Kind.PHONE, "+32 3 234 56 78"),
    ("Thuis: 09/123.45.67", Kind.PHONE, "09/123.45.67"),
    ("Gisteren belde mevrouw Van den Broeck.", Kind.NAME, "mevrouw Van den Broeck"),
    ("Dhr. Claes was boos.", Kind.NAME, "Dhr. Claes"),
    ("Ik zag Mohamed B. aan de bib.", Kind.NAME, "Mohamed B."),
    ("Volgens M. El Idrissi klopt dat.", Kind.NAME, "M. El Idrissi"),
    ("De buurman, Jan Peeters, zei niets.", Kind.NAME, "Jan Peeters"),
    ("Fatima El Amrani woont daar.", Kind.NAME, "Fatima El Amrani"),
    ("A.B. deed een melding.", Kind.NAME, "A.B."),
]


@pytest.mark.parametrize(("text", "kind", "words"), FOUND)
def test_it_is_found(text: str, kind: Kind, words: str) -> None:
    assert (kind, words) in [(each.kind, each.words) for each in findings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "In Sint-Niklaas werken Fatma en Joris samen aan het plan.",
        "In 2024 telde de gemeente 23.800 inwoners, 12,5 procent meer.",
        "Op 12.03.2026 om 14.30 uur vergadert de raad. Kostprijs: € 12.500,00.",
        "De Vlaamse Ombudsdienst, het Hannah Arendt Instituut en de VVSG werken mee.",
        "Tussen voor- en tegenstanders van windmolens in Kouterhoek groeit wantrouwen.",
        "85.07.30-033.29 klopt niet als rijksregisternummer.",
        "Bron: https://www.vlaanderen.be/artikel/123456789",
        "",
    ],
)
def test_this_is_left_alone(text: str) -> None:
    assert findings(text) == []


def test_a_long_text_is_looked_at_quickly_and_told_briefly() -> None:
    text = ("a" * 64 + "@" + "b." * 40 + " ") * 400 + "0 1 2 3 4 5 6 7 8 9 " * 500 + "Aa-Bb-" * 2000
    assert len(findings(text + " jan@x.be " * 100)) <= 8


def test_each_thing_is_told_once() -> None:
    assert len(findings("jan@x.be en nog eens jan@x.be")) == 1
