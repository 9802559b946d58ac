"""What can be wrong in each kind of block is said with its line and with what to do."""

import pytest

from tests.courses.everything import BANK, FILES
from tests.courses.files import Given, errors, read
from tests.courses.scenario import picture

SHORT = "- [x] a\n  : b\n- [ ] c\n  : d\n:::"
WRONG = [
    ("::: quote x\nWoorden.\n:::", 1, "Dit blok heeft geen source:."),
    ("::: quote x\nsource: S9\nWoorden.\n:::", 2, "Bron S9 staat niet in bronnen.yaml."),
    ("::: quote x\nsource: S1\n:::", 1, "Dit blok is leeg."),
    ("::: term x\n:::", 1, "Dit blok heeft geen word:."),
    ("::: term x\nword: onbekend\n:::", 2, "“onbekend” staat niet in begrippen.yaml."),
    ("::: reading x\nLees.\n:::", 1, "Hier staat niets om te lezen."),
    ("::: reading x\n- [T](http://onveilig.example)\n  : w\n:::", 2, "Dit is geen titel met een adres."),
    ("::: reading x\n- [T](javascript:alert(1))\n  : w\n:::", 2, "Dit is geen titel met een adres."),
    ("::: reading x\n- Zomaar\n  : w\n:::", 2, "Dit is geen titel met een adres."),
    ("::: reading x\n- [T](https://goed.example)\n:::", 2, "Hier staat niet bij waarom iemand dit leest."),
    ("::: table x\ntitle: T\nGeen tabel.\n:::", 3, "Hier hoort één tabel, en niets anders."),
    ("::: table x\ntitle: T\n| a |\n|---|\n| 1 |\n\nEn meer.\n:::", 3, "Hier hoort één tabel, en niets anders."),
    ("::: table x\n| a |\n|---|\n| 1 |\n:::", 1, "Dit blok heeft geen title:."),
    ("::: warning x\ntitle: T\n:::", 1, "Dit blok is leeg."),
    ("::: figure x\nalt: A\nimage: beelden/weg.png\n:::", 3, "Het bestand beelden/weg.png is er niet."),
    ("::: figure x\nalt: A\nimage: media/x.mp4\n:::", 0, "Dit soort bestand kan hier niet: x.mp4"),
    ("::: figure x\nimage: beelden/x.png\n:::", 1, "De tekening heeft geen alt:."),
    ("::: diagram x\nimage: figuren/x.svg\nalt: A\nBijschrift.\n:::", 1, "Wat in de tekening staat, is niet als tekst te lezen."),
    ("::: diagram x\nimage: beelden/x.png\nalt: A\nB.\n---\nTekst.\n:::", 2, "De tekening ontbreekt."),
    ("::: video x\ntitle: T\nfile: media/x.mp4\nTekst.\n:::", 1, "Dit blok heeft geen captions:."),
    ("::: video x\ntitle: T\nfile: media/x.mp4\ncaptions: media/x.vtt\n:::", 1, "De uitgeschreven tekst ontbreekt."),
    ("::: video x\ntitle: T\nfile: media/x.mp4\ncaptions: media/x.mp3\nTekst.\n:::", 0, "Dit soort bestand kan hier niet: x.mp3"),
    ("::: audio x\ntitle: T\nfile: media/x.mp3\n:::", 1, "De uitgeschreven tekst ontbreekt."),
    ("::: audio x\ntitle: T\nTekst.\n:::", 1, "Dit blok heeft geen file:."),
    ("::: download x\ntitle: T\nfile: vragen/toets.md\nZin.\n:::", 0, "Dit soort bestand kan hier niet: toets.md"),
    ("::: download x\ntitle: T\nfile: ../../geheim.pdf\nZin.\n:::", 3, "Het bestand ../../geheim.pdf is er niet."),
    ("::: choice x\noptional: misschien\nWat?\n" + SHORT, 2, "optional: “misschien” kan niet."),
    ("::: order x\npeers: yes\nWat?\n1. a\n2. b\n:::", 2, "peers: hoort niet bij een blok order."),
    ("::: triage x\nWat?\n- a → b\n- c → b\n:::", 1, "choices: klopt niet."),
    ("::: triage x\nchoices: b | c\nWat?\n- a → b | d\n- c → b\n:::", 4, "Er is geen keuze “d”."),
    ("::: number x\nright: r\nwrong: w\nHoeveel?\n:::", 1, "Dit blok heeft geen answer:."),
    ("::: number x\nanswer: veel\nright: r\nwrong: w\nHoeveel?\n:::", 2, "answer: “veel” is geen getal."),
    ("::: number x\nanswer: 1.000.000\nright: r\nwrong: w\nHoeveel?\n:::", 2, "answer: “1.000.000” is geen getal."),
    ("::: number x\nanswer: ٦\nright: r\nwrong: w\nHoeveel?\n:::", 2, "answer: “٦” is geen getal."),
    ("::: number x\nanswer: 1\nmargin: -1\nright: r\nwrong: w\nHoeveel?\n:::", 3, "margin: is kleiner dan nul."),
    ("::: number x\nanswer: 1\nright: r\nHoeveel?\n:::", 1, "Dit blok heeft geen wrong:."),
    ("::: number x\nanswer: 1\nright: r\nwrong: w\n:::", 1, "Er staat geen vraag in dit blok."),
    ("::: short x\nWat?\n- [x] a\n  : b\n:::", 1, "Dit blok heeft geen wrong:."),
    ("::: short x\nwrong: w\nWat?\n- [ ] a\n  : b\n:::", 1, "Deze vraag heeft geen juist antwoord."),
    ("::: short x\nwrong: w\nWat?\n- [x] Café\n  : b\n- [ ] cafe!\n  : b\n:::", 6, "“cafe!” staat er al."),
    ("::: short x\nwrong: w\nWat?\n- [x] **vet**\n  : b\n:::", 4, "Een antwoord bestaat hier uit gewone woorden."),
    ("::: budget x\nVerdeel.\n- [x] a (1)\n  : b\n- [ ] c (2)\n  : d\n:::", 1, "Dit blok heeft geen points:."),
    ("::: budget x\npoints: veel\nVerdeel.\n- [x] a (1)\n  : b\n- [ ] c (2)\n  : d\n:::", 2, "points: “veel” kan niet."),
    ("::: budget x\npoints: 2\nVerdeel.\n- [x] a\n  : b\n- [ ] c (2)\n  : d\n:::", 4, "Hier staat niet hoeveel dit kost."),
    ("::: budget x\npoints: 2\nVerdeel.\n- [x] a (3)\n  : b\n- [ ] c (2)\n  : d\n:::", 4,
     "Dit kost meer dan er is: niemand kan het kiezen."),
    ("::: budget x\npoints: 2\nVerdeel.\n- [ ] a (1)\n  : b\n- [ ] c (2)\n  : d\n:::", 1,
     "Geen enkel goed besteed antwoord past in de punten."),
    ("::: compare x\nSchrijf.\n:::", 1, "Er is geen modelantwoord."),
    ("::: compare x\nSchrijf.\n---\n:::", 1, "Er is geen modelantwoord."),
    ("::: compare x\nmax: 5\nSchrijf.\n---\nModel.\n:::", 2, "max: “5” kan niet."),
    ("::: compare x\ngaps: yes\nSchrijf.\n- één\n---\nModel.\n:::", 2, "gaps: vraagt minstens twee velden."),
    ("::: compare x\nSchrijf.\n- één\n  : uitleg\n---\nModel.\n:::", 4, "Hier past geen uitleg."),
    ("::: private x\nprint: soms\nTekst.\n- a\n:::", 2, "print: “soms” kan niet."),
    ("::: reflection x\nplan: Niet Goed\nVraag?\n:::", 2, "plan: “Niet Goed” kan niet."),
    ("::: reflection x\nrubric: a | a\nVraag?\n:::", 2, "rubric: klopt niet."),
    ("::: reflection x\nrubric: a|b|c|d|e|f|g|h|i\nVraag?\n:::", 2, "Dit zijn 9 aandachtspunten."),
    ("::: reflection x\nrubric: a |\nVraag?\n:::", 2, "rubric: klopt niet."),
    ("::: selfrating x\nlabels: a\nZin.\n- Ik kan.\n:::", 2, "labels: klopt niet."),
    ("::: selfrating x\nlabels: a | b\nZin.\n:::", 1, "Dit blok heeft 0 antwoorden."),
    ("::: selfrating x\nbefore: weg\nZin.\n:::", 2, "Er staat eerder in deze module geen zelfbeoordeling “weg”."),
    ("::: selfrating a\nlabels: a | b\nZin.\n- Ik kan.\n:::\n::: selfrating x\nbefore: a\nZin.\n- Nog iets.\n:::", 6,
     "Een zelfbeoordeling achteraf neemt uitspraken en labels over."),
    ("::: poll x\nWat?\n- Ja\n:::", 1, "Dit blok heeft 1 antwoorden."),
    ("::: check x\n:::", 1, "Dit blok heeft geen bank:."),
    ("::: check x\nbank: weg\n:::", 2, "Er is geen bestand vragen/weg.md."),
    ("::: check x\nbank: ../een\n:::", 2, "Er is geen bestand vragen/../een.md."),
    ("::: check x\nbank: toets\ndraw: 3\n:::", 3, "draw: “3” kan niet."),
    ("::: check x\nbank: toets\npass: 101\n:::", 3, "pass: “101” kan niet."),
    ("::: check x\nbank: toets\nattempts: 0\n:::", 3, "attempts: “0” kan niet."),
    ("::: scenario weg\n:::", 1, "Er is geen bestand weg.yaml."),
    ("::: scenario de-zaal\nTekst.\n:::", 2, "Een scenario staat in een eigen bestand."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "line", "message"), WRONG, ids=[f"{n} {said[:40]}" for n, (_, _, said) in enumerate(WRONG)]
)
def test_a_mistake_is_told_with_its_line(body: str, line: int, message: str) -> None:
    found = errors(body, FILES)
    assert message in [said for _, said in found]
    assert line == 0 or (line, message) in found


BANKS = [
    (BANK.replace("title: De toets", "naam: x"), 2, "title: ontbreekt."),
    (BANK.replace("::: choice q", "Tekst.\n\n::: choice q"), 5, "In een bank kunnen alleen vragen staan."),
    (BANK + "\n# Kop\n", 20, "In een bank kunnen alleen vragen staan."),
    (BANK.replace("::: number n", "::: number q"), 13, "De sleutel “q” staat er twee keer."),
    (BANK + "::: takeaway x\nZin.\n:::\n", 19, "Een blok takeaway kan niet in een bank."),
    (BANK + "::: check x\nbank: toets\n:::\n", 19, "Een blok check kan niet in een bank."),
    (BANK.replace("::: choice q", "::: choice q\npeers: yes"), 6, "peers: heeft in een toets geen zin."),
    (BANK.replace("Wat? [S2]", "Wat? [S9]"), 6, "Bron S9 staat niet in bronnen.yaml."),
    ("---\ntitle: Leeg\n---\n", 1, "In deze bank staat geen enkele vraag."),
    ("geen bank", 1, "De gegevens van de les ontbreken."),
    (BANK + "".join(f"::: number n{n}\nanswer: 1\n:::\n" for n in range(200)), 613, "Deze bank heeft 202 vragen."),
]  # fmt: skip


@pytest.mark.parametrize(("bank", "line", "message"), BANKS, ids=[said[:40] for *_, said in BANKS])
def test_a_mistake_in_a_bank_is_told_in_its_file(bank: str, line: int, message: str) -> None:
    lesson, problems = read("::: check x\nbank: toets\n:::", files={"vragen/toets.md": bank})
    assert lesson is None
    assert ("content/proef/vragen/toets.md", line, message) in [(p.file, p.line, p.message) for p in problems]


def test_a_lonely_kind_and_a_budget_for_everything_are_warnings() -> None:
    body = (
        "::: triage x\nchoices: a | b\nWat?\n- een {kind: k} → a\n  : f\n- twee → b\n  : f\n:::\n"
        "::: budget y\npoints: 9\nVerdeel.\n- [x] a (1)\n  : b\n- [ ] c (2)\n  : d\n:::\n"
    )
    lesson, problems = read(body + "[S1] [S2]")
    assert lesson is not None
    assert [(p.line - 13, p.message, p.is_warning) for p in problems] == [
        (4, "Van de soort “k” is er maar één.", True),
        (9, "Alles samen past in de punten: er valt niets te kiezen.", True),
    ]


PICTURES: list[tuple[str, bytes, str]] = [
    ("x.png", b"geen beeld", "Dit is geen geldig png-bestand."),
    ("x.png", picture()[:40], "Dit is geen geldig beeld."),
    ("x.jpg", picture("JPEG", (300, 300))[:-200], "Dit is geen geldig beeld."),
    ("x.png", picture("JPEG"), "De naam van dit beeld klopt niet: het is image/jpeg."),
    ("x.png", picture() + b"\0" * 2_000_000, "Dit bestand is te groot: 2.0 MB."),
    ("x.png", picture(size=(6000, 5000)), "Dit beeld is 6000 op 5000 punten."),
    ("x.gif", b"GIF89a", "Dit soort bestand kan hier niet: x.gif"),
    ("x.png", b"", "Dit is geen geldig png-bestand."),
]


@pytest.mark.parametrize(("name", "content", "message"), PICTURES, ids=[said[:40] for *_, said in PICTURES])
def test_a_picture_is_what_it_says(name: str, content: bytes, message: str) -> None:
    files: Given = {f"beelden/{name}": content}
    lesson, problems = read(f"::: figure x\nimage: beelden/{name}\nalt: A\n:::", files=files)
    assert lesson is None
    said = [(p.file, p.line, p.message) for p in problems if not p.is_warning]
    assert said == [(f"content/proef/beelden/{name}", 1, message)]


def test_a_photo_that_tells_where_it_was_taken_is_refused() -> None:
    from PIL import Image

    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    taken = picture("JPEG", exif=exif)
    lesson, problems = read("::: figure x\nimage: x.jpg\nalt: A\n:::", files={"x.jpg": taken})
    assert lesson is None
    assert "In dit beeld staat waar het gemaakt is." in [p.message for p in problems]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_every_kind_of_picture_is_welcome(kind: str) -> None:
    name = {"PNG": "x.png", "JPEG": "x.jpeg", "WEBP": "x.webp"}[kind]
    assert errors(f"::: figure x\nimage: {name}\nalt: A\n:::", {name: picture(kind)}) == []
