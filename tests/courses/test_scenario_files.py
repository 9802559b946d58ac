"""A scenario is read as it was written, and every mistake in it is told with its line."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.courses.scenarios import Scenario
from tests.courses.files import good, read
from tests.courses.scenario import CASE, FENCE


def scenario(text: str = CASE) -> Scenario:
    return good(FENCE, {"de-zaal.yaml": text}).scenarios["de-zaal"].scenario


def told(text: str) -> list[tuple[int, str]]:
    lesson, problems = read(FENCE + "\n[S1] [S2]", files={"de-zaal.yaml": text})
    found = [(p.line, p.message) for p in problems if p.file == "content/proef/de-zaal.yaml"]
    assert (lesson is None) == bool(found)
    assert all(p.advice for p in problems)
    return found


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_scenario_becomes_what_one_walks() -> None:
    found = scenario()
    assert (found.key, found.title, found.role, found.minutes) == (
        "de-zaal",
        "De zaal",
        "deskundige samenleven",
        5,
    )
    assert found.meters == {"vertrouwen": 5, "spanning": 5, "bescherming": 2}
    assert [(node.key, node.kind) for node in found.nodes] == [
        ("n1", "one"), ("n2", "several"), ("n2b", "several"), ("n3", "budget"), ("n4", "triage"),
    ]  # fmt: skip
    first = found.node["n1"]
    assert (first.at, first.speaker, first.html) == (
        "maandag, 9 uur",
        "Wim, burgemeester",
        "<p>De zaal sluit.</p>",
    )
    assert first.road["wacht"].effect == {"vertrouwen": -2, "spanning": 2}
    assert [road.to for road in first.roads] == ["n2", "n2b", "end"]
    assert (found.node["n2"].least, found.node["n2"].most) == (1, 2)
    assert found.node["n2"].notes[0].when == "chose(n1.wacht)"
    assert [road.cost for road in found.node["n3"].roads] == [2, 3, 1]
    assert [(item.key, item.right) for item in found.node["n4"].items] == [("i1", "laten"), ("i2", "weg")]
    assert found.node["n4"].to == "end"


def test_what_is_like_another_moment_takes_over_its_question() -> None:
    first, twin = scenario().node["n2"], scenario().node["n2b"]
    assert (twin.roads, twin.ask_html, twin.most) == (first.roads, first.ask_html, first.most)
    assert twin.title != first.title
    assert twin.notes == ()


def test_the_ending_that_overrides_is_looked_at_first_and_the_last_one_holds_always() -> None:
    assert [ending.key for ending in scenario().endings] == ["onveilig", "samen", "broos"]
    assert scenario().endings[-1].when == ""


# What to replace, by what, what stands on the line that is told (if not what was replaced), and what is said.
WRONG: list[tuple[str, str, str, str]] = [
    ("key: de-zaal", "key: anders", "", "De sleutel “anders” is niet de naam van het bestand."),
    ("title: De zaal", "titel: De zaal", "titel", "titel: ken ik niet."),
    ("title: De zaal\n", "", "key:", "title: ontbreekt."),
    ("minutes: 5", "minutes: vijf", "", "minutes: “vijf” kan niet."),
    ("bescherming: 2}", "veiligheid: 2}", "", "De meters kloppen niet."),
    ("bescherming: 2}", "bescherming: 11}", "", "De meters kloppen niet."),
    ("bescherming: 2}", "bescherming: 2.2}", "", "De meters kloppen niet."),
    ("bescherming: 2}", "bescherming: .nan}", "", "bescherming: “.nan” kan niet."),
    ("start: n1", "start: n9", "", "Het moment “n9” is er niet."),
    ("  n1:\n", "  N1:\n", "", "De sleutel “N1” kan niet."),
    ("  n1:\n", "  end:\n", "", "De sleutel “end” kan niet."),
    ("    text: De zaal sluit.\n", "", "  n1:", "text: ontbreekt."),
    ("text: De zaal sluit.", "text: <script>alert(1)</script>", "", "HTML kan niet in een les."),
    ("text: De zaal sluit.", "text: Lees [S9].", "", "Bron S9 staat niet in bronnen.yaml."),
    ("Maar het **kan** [S1].", "{{term: onbekend}}", "", "“onbekend” staat niet in begrippen.yaml."),
    ("    ask: Wat doe je?\n", "", "  n1:", "Bij dit moment staat geen vraag."),
    ("        then: Het gaat rond.\n", "", "      wacht:", "then: ontbreekt."),
    ("practice: Stilte vult zich.", 'practice: ""', "", "practice: is leeg."),
    ("{vertrouwen: -2, spanning: 2}", "{vertrouwen: -3}", "", "vertrouwen: -3 kan niet."),
    ("{vertrouwen: -2, spanning: 2}", "{vertrouwen: 0.3}", "", "vertrouwen: 0.3 kan niet."),
    ("{vertrouwen: -2, spanning: 2}", "{vertrouwen: 0}", "", "vertrouwen: 0 kan niet."),
    ("{vertrouwen: -2, spanning: 2}", "{moed: 1}", "", "De meter “moed” is er niet."),
    ("{vertrouwen: -2, spanning: 2}", "{vertrouwen: veel}", "", "vertrouwen: “veel” kan niet."),
    ("        to: n2\n", "", "      wacht:", "Dit antwoord leidt nergens heen."),
    ("        to: n2\n", "        to: n9\n", "  n1:", "“n9” is er niet: n1 leidt nergens heen."),
    ("        to: n2\n", "        to: n2\n        cost: 2\n", "cost: 2", "cost: hoort alleen bij kind: budget."),
    ("      ga: {", "      wacht: {", "", "wacht: staat er twee keer."),
    ("kind: several", "kind: many", "", "kind: “many” kan niet."),
    ("    pick: {least: 1, most: 2}\n", "", "  n2:", "Hier staat niet goed hoeveel antwoorden men kiest."),
    ("{least: 1, most: 2}", "{least: 3, most: 2}", "", "Hier staat niet goed hoeveel antwoorden men kiest."),
    ("{least: 1, most: 2}", "{least: 1, most: 4}", "", "Hier staat niet goed hoeveel antwoorden men kiest."),
    ("when: chose(n1.wacht)", "when: chose(n1.weg)", "", "In de voorwaarde klopt iets niet: “weg” is geen antwoord van n1."),
    ("when: chose(n1.wacht)", "when: chose(n9.weg)", "", "In de voorwaarde klopt iets niet: het moment “n9” is er niet."),
    ("when: chose(n1.wacht)", "when: moed > 2", "", "In de voorwaarde klopt iets niet: de meter “moed” is er niet."),
    ("when: chose(n1.wacht)", "when: spanning", "",
     "In de voorwaarde klopt iets niet: na “spanning” verwacht ik een vergelijking, zoals spanning >= 8."),
    ("like: n2\n", "like: n9\n", "", "like: “n9” kan niet."),
    ("like: n2\n", "like: n2b\n", "", "like: “n2b” kan niet."),
    ("like: n2\n", "like: n2\n    ask: Nog eens?\n", "ask: Nog eens?", "ask: komt al van n2."),
    ("    points: 4\n", "", "  n3:", "Hier staat niet hoeveel er te verdelen is."),
    ("points: 4", "points: 2", "affiche:", "Hier staat niet wat dit kost, of het kost meer dan er is."),
    ("Rooster, cost: 2,", "Rooster,", "", "Hier staat niet wat dit kost, of het kost meer dan er is."),
    ("Rooster, cost: 2,", "Rooster, cost: 2, to: n4,", "", "Hier gaat elk antwoord dezelfde weg."),
    ("right: laten,", "right: weg-ermee,", "", "Er is geen keuze “weg-ermee”."),
    ("choices: {laten: Laten staan, weg: Verbergen}", "choices: {laten: Laten staan}", "  n4:",
     "Hier horen minstens twee keuzes en twee dingen."),
    ("    to: end\nendings", "endings", "  n4:", "Dit moment leidt nergens heen."),
    ("    to: end\nendings", "    to: end\n    points: 3\nendings", "points: 3", "points: hoort niet bij kind: triage."),
    ("overrides: true", "overrides: misschien", "", "overrides: “misschien” kan niet."),
    ("{key: broos, title: Broos, text", "{key: broos, title: Broos, when: spanning > 1, text", "",
     "De laatste afloop geldt altijd."),
    ("when: bescherming <= 1, overrides: true, ", "", "", "Deze afloop heeft geen voorwaarde."),
    ("{key: broos,", "{key: samen,", "", "De sleutel “samen” kan niet."),
    ("minutes: 5", "minutes: 5\nextra: [1, 2]", "extra", "extra: ken ik niet."),
    ("start: n1", "start: *a", "", "Deze regel begrijp ik niet."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "place", "message"),
    WRONG,
    ids=[f"{n} {said[:40]}" for n, (*_, said) in enumerate(WRONG)],
)
def test_a_mistake_is_told_with_its_line(right: str, wrong: str, place: str, message: str) -> None:
    assert CASE.count(right) >= 1, right
    text = CASE.replace(right, wrong, 1)
    assert (line_of(text, place) if place else line_of(CASE, right), message) in told(text)


def test_a_mistake_in_a_text_of_several_lines_is_told_on_its_own_line() -> None:
    text = CASE.replace("  Neem een uur.\n", "  Neem een uur.\n\n  Lees [hier](http://onveilig.example).\n")
    assert told(text) == [(line_of(text, "Lees [hier]"), "Deze link kan niet: http://onveilig.example")]


def test_the_lessons_to_read_again_are_lessons_of_the_module(tmp_path) -> None:
    from backend.courses import service
    from tests.courses.files import CHOICE, CITED, lesson_text, write

    files = {"proef__een.md": lesson_text(f"{FENCE}\n{CITED}{CHOICE}"), "proef__de-zaal.yaml": CASE}
    assert service.check(write(tmp_path, **files))[1] == []
    files["proef__de-zaal.yaml"] = CASE.replace("lessons: [een]", "lessons: [weg]")
    _documents, problems = service.check(write(tmp_path, **files))
    assert [p.message for p in problems] == ["lessons: de les “weg” is er niet."]


def test_the_worst_that_a_file_can_hold_is_only_told() -> None:
    for text in (
        "",
        "- lijst\n",
        "key: x\n",
        "nodes: {n1: tekst}\n",
        "a: " + "[" * 500,
        "{" * 500,
        "endings: [1, [2]]\n",
        "x: !!python/object:os.system y\n",
    ):
        assert told(text)


def pieces(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a structure: the container and the key or index."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from pieces(value[key])


VALUES = ["", "n1", "n2", "end", 0, -1, 99, None, [], {}, ["x"], {"x": "y"}, "chose(n1.x)", "é\u202e", True]


@settings(max_examples=100)
@given(st.data())
def test_whatever_is_put_in_a_place_gives_a_scenario_or_a_problem(data: st.DataObject) -> None:
    case = yaml.safe_load(CASE)
    places = list(pieces(case))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places))
        value = data.draw(
            st.sampled_from(
                [
                    "",
                    "n1",
                    "n2",
                    "end",
                    0,
                    -1,
                    99,
                    None,
                    [],
                    {},
                    ["x"],
                    {"x": "y"},
                    "chose(n1.x)",
                    "é\u202e",
                    True,
                ]
            )
        )
        if isinstance(container, dict) or key < len(container):
            container[key] = value
    lesson, problems = read(
        FENCE + "\n[S1] [S2]", files={"de-zaal.yaml": yaml.safe_dump(case, allow_unicode=True)}
    )
    assert (lesson is None) == any(not p.is_warning for p in problems)
    assert all(p.line >= 1 and p.message and p.advice for p in problems)
