"""Reads a scenario (`<key>.yaml`) and says, with its line, what is wrong in it. What holds for all paths: scenario_proofs.py."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from backend.courses import block_types as doc
from backend.courses import scenarios as case
from backend.courses.block_reader import BlockReader
from backend.courses.conditions import WrongCondition, parse
from backend.courses.fences import KEY_ADVICE, Fence, is_key
from backend.courses.files import read_text
from backend.courses.heads import check_key, errors, validated
from backend.courses.scenario_heads import (
    OWN,
    EndingHead,
    ItemHead,
    NodeHead,
    NoteHead,
    RoadHead,
    ScenarioHead,
)
from backend.courses.scenario_proofs import prove
from backend.courses.yaml_file import read_yaml

FEWEST_ROADS, MOST_ROADS, MOST_ITEMS = 3, 12, 26
LARGEST_EFFECT = 2
METERS_EXAMPLE = "meters: {" + ", ".join(f"{name}: 5" for name in case.METERS) + "}"


def scenario_path(fence: Fence) -> str:
    return f"{fence.key}.yaml"


def scenario(reader: BlockReader, fence: Fence) -> doc.ScenarioBlock | None:
    path = scenario_path(fence)
    reader.material.used.add(path)
    if fence.text.strip():
        reader.report.error(
            fence.text_line, "Een scenario staat in een eigen bestand.", f"Zet deze tekst in {path}."
        )
    if path not in reader.material.files:
        reader.report.error(
            fence.line, f"Er is geen bestand {path}.", "Maak het: de sleutel van het blok is de naam van het bestand."
        )  # fmt: skip
        return None
    report = reader.report.of(f"{reader.material.place}/{path}")
    before = errors(report)
    text = read_text(reader.material.files, path, report)
    own = BlockReader(replace(reader.writer, report=report), reader.material, reader.lesson_key)
    found = _ScenarioReader(own, text).read(fence.key) if text is not None else None
    if found is None or errors(report) > before:
        return None
    return doc.ScenarioBlock(key=fence.key, scenario=found, counts=not reader.is_yes(fence, "optional"))


class _ScenarioReader:
    def __init__(self, reader: BlockReader, text: str) -> None:
        self.reader, self.report, self.writer = reader, reader.report, reader.writer
        self.before = errors(self.report)
        self.mapped = read_yaml(text, self.report)

    def read(self, key: str) -> case.Scenario | None:
        head = validated(ScenarioHead, self.mapped, self.report)
        if head is None:
            return None
        check_key(head.key, key, "het bestand", self.mapped, self.report)
        self._check_meters(head)
        nodes = [self._node(name, node, head.nodes) for name, node in head.nodes.items()]
        made = {node.key: node for node in nodes if node is not None}
        endings = [self._ending(number, ending) for number, ending in enumerate(head.endings)]
        self._check_endings(head.endings)
        found = case.Scenario(
            key=key, title=head.title, role=head.role, minutes=head.minutes, intro_html=self._html("intro"),
            meters=head.meters, start=head.start, nodes=tuple(made.values()),
            endings=tuple(sorted(endings, key=lambda ending: not ending.overrides)),
            additions=self._notes(head.additions, "additions"), lessons=head.lessons,
            debrief_html=self._html("debrief"), trainer_html=self._html("trainer"),
        )  # fmt: skip
        if len(made) == len(head.nodes):
            self._check_conditions(head, found)
        if errors(self.report) == self.before:
            prove(found, self._line_of, self.report)
        return found

    # ── pieces ──

    def _error(self, path: Iterable[object], message: str, advice: str) -> None:
        self.report.error(self.mapped.line(*path), message, advice)

    def _text(self, *path: object) -> str:
        inner = self.mapped.within(*path[:-1]).data if path[:-1] else self.mapped.data
        return str(inner.get(str(path[-1]), ""))

    def _line_of(self, *path: object) -> int:
        """For what holds of the whole: endings are called by their keys there."""
        if path[0] == "endings":
            keys = [ending["key"] for ending in self.mapped.data["endings"]]
            path = ("endings", keys.index(path[1]))
        return self.mapped.line(*path)

    def _html(self, *path: object) -> str:
        """Markdown with paragraphs."""
        return self.writer.html(self._text(*path), self.mapped.text_line(*path))

    def _line(self, *path: object) -> str:
        """Markdown inside a line."""
        return self.writer.inline(self._text(*path), self.mapped.text_line(*path))

    def _notes(self, notes: Iterable[NoteHead], *path: object) -> tuple[case.Note, ...]:
        return tuple(
            case.Note(when=note.when, html=self._html(*path, number, "text"))
            for number, note in enumerate(notes)
        )

    def _ending(self, number: int, head: EndingHead) -> case.Ending:
        html = self._html("endings", number, "text")
        return case.Ending(
            key=head.key, title=head.title, when=head.when, overrides=head.overrides, html=html
        )

    def _check_keys(self, keys: Iterable[str], *path: object) -> None:
        for key in keys:
            if not is_key(key) or key == case.END:
                self._error((*path, key), f"De sleutel “{key[:40]}” kan niet.", KEY_ADVICE)

    # ── nodes ──

    def _node(self, key: str, own: NodeHead, nodes: Mapping[str, NodeHead]) -> case.Node | None:
        """What a node that is like another one takes over stands where that one stands."""
        self._check_keys([key], "nodes")
        head, place = own, key
        if own.like:
            if not self._may_be_like(key, own, nodes):
                return None
            head, place = nodes[own.like], own.like
        path = ("nodes", place)
        if not head.ask:
            self._error(path, "Bij dit moment staat geen vraag.", "Voeg ask: toe.")
        is_right = (self._check_triage if head.kind == "triage" else self._check_roads)(head, path)
        if not is_right or not head.ask:
            return None
        least, most = (head.pick.least, head.pick.most) if head.pick else (1, 1)
        return case.Node(
            key=key, kind=head.kind, title=own.title, at=own.at, speaker=own.speaker,
            html=self._html("nodes", key, "text"), notes=self._notes(own.notes, "nodes", key, "notes"),
            ask_html=self._line(*path, "ask"), least=least, most=most, points=head.points,
            roads=tuple(self._road(road, head, (*path, "options", name)) for name, road in head.options.items()),
            choices=tuple(case.CaseChoice(key=name, label=label) for name, label in head.choices.items()),
            items=tuple(self._item(item, (*path, "items", name)) for name, item in head.items.items()),
            to=head.to if head.kind == "triage" else "",
        )  # fmt: skip

    def _may_be_like(self, key: str, own: NodeHead, nodes: Mapping[str, NodeHead]) -> bool:
        other = nodes.get(own.like)
        if other is None or other.like or own.like == key:
            self._error(
                ("nodes", key, "like"), f"like: “{own.like[:40]}” kan niet.",
                "Noem een moment dat zelf vraag en antwoorden heeft.",
            )  # fmt: skip
            return False
        extra = own.model_fields_set - OWN
        for name in sorted(extra):
            self._error(
                ("nodes", key, name),
                f"{name}: komt al van {own.like}.",
                "Haal het hier weg, of haal like: weg.",
            )
        return not extra

    def _road(self, head: RoadHead, node: NodeHead, path: tuple[str, ...]) -> case.Road:
        return case.Road(
            key=path[-1], label_html=self._line(*path, "label"), effect=head.effect,
            then_html=self._line(*path, "then"), practice_html=self._line(*path, "practice"),
            other_road_html=self._line(*path, "other_road"), cost=head.cost or 0, to=head.to or node.to,
        )  # fmt: skip

    def _item(self, head: ItemHead, path: tuple[str, ...]) -> case.CaseItem:
        return case.CaseItem(
            key=path[-1], html=self._line(*path, "text"), right=head.right, effect=head.effect,
            feedback_html=self._line(*path, "feedback"),
        )  # fmt: skip

    # ── what must hold within a node ──

    def _check_roads(self, head: NodeHead, path: tuple[str, ...]) -> bool:
        before = errors(self.report)
        self._refuse(head, ("choices", "items"), path)
        if head.kind != "several":
            self._refuse(head, ("pick",), path)
        if head.kind != "budget":
            self._refuse(head, ("points",), path)
        if not FEWEST_ROADS <= len(head.options) <= MOST_ROADS:
            self._error(
                (*path, "options"), f"Dit moment heeft {len(head.options)} antwoorden.",
                f"Geef er {FEWEST_ROADS} tot {MOST_ROADS}.",
            )  # fmt: skip
        self._check_keys(head.options, *path, "options")
        for key, road in head.options.items():
            self._check_road(road, head, (*path, "options", key))
        if head.kind == "several":
            self._check_pick(head, path)
        if head.kind == "budget" and not head.points:
            self._error(path, "Hier staat niet hoeveel er te verdelen is.", "Voeg points: toe.")
        return errors(self.report) == before

    def _check_road(self, road: RoadHead, head: NodeHead, path: tuple[str, ...]) -> None:
        self._check_effect(road.effect, path)
        if not road.to and not head.to:
            self._error(path, "Dit antwoord leidt nergens heen.", "Voeg to: toe, met een moment of end.")
        if road.to and head.kind != "one":
            self._error((*path, "to"), "Hier gaat elk antwoord dezelfde weg.", "Zet to: bij het moment zelf.")
        if head.kind == "budget" and (road.cost is None or road.cost > head.points):
            self._error(
                (*path, "cost"), "Hier staat niet wat dit kost, of het kost meer dan er is.",
                f"Schrijf cost: met een getal tot {head.points}.",
            )  # fmt: skip
        if head.kind != "budget" and road.cost is not None:
            self._error((*path, "cost"), "cost: hoort alleen bij kind: budget.", "Haal het weg.")

    def _check_pick(self, head: NodeHead, path: tuple[str, ...]) -> None:
        if head.pick is None or not head.pick.least <= head.pick.most <= len(head.options):
            self._error(
                (*path, "pick"), "Hier staat niet goed hoeveel antwoorden men kiest.",
                f"Schrijf pick: {{least: 1, most: {max(1, len(head.options) - 1)}}}",
            )  # fmt: skip

    def _check_triage(self, head: NodeHead, path: tuple[str, ...]) -> bool:
        before = errors(self.report)
        self._refuse(head, ("options", "pick", "points"), path)
        self._check_keys(head.choices, *path, "choices")
        self._check_keys(head.items, *path, "items")
        if not (2 <= len(head.choices) <= MOST_ROADS and 2 <= len(head.items) <= MOST_ITEMS):
            self._error(
                path, "Hier horen minstens twee keuzes en twee dingen.", "Vul choices: en items: aan."
            )
        if not head.to:
            self._error(path, "Dit moment leidt nergens heen.", "Voeg to: toe, met een moment of end.")
        for key, item in head.items.items():
            self._check_effect(item.effect, (*path, "items", key))
            if item.right not in head.choices:
                self._error(
                    (*path, "items", key, "right"), f"Er is geen keuze “{item.right[:40]}”.",
                    "Kies uit: " + ", ".join(head.choices) + ".",
                )  # fmt: skip
        return errors(self.report) == before

    def _refuse(self, head: NodeHead, names: Iterable[str], path: tuple[str, ...]) -> None:
        for name in names:
            if name in head.model_fields_set:
                self._error(
                    (*path, name),
                    f"{name}: hoort niet bij kind: {head.kind}.",
                    "Haal het weg, of kies een andere soort.",
                )

    def _check_effect(self, effect: Mapping[str, float], path: tuple[str, ...]) -> None:
        for name, value in effect.items():
            if name not in case.METERS:
                self._error(
                    (*path, "effect", name), f"De meter “{name[:40]}” is er niet.", "Kies uit: " + ", ".join(case.METERS) + "."
                )  # fmt: skip
            elif abs(value) > LARGEST_EFFECT or (value * 2) % 1 or not value:
                self._error(
                    (*path, "effect", name), f"{name}: {value:g} kan niet.",
                    f"Kies van -{LARGEST_EFFECT} tot {LARGEST_EFFECT}, halven mogen; wat niets doet, laat je weg.",
                )  # fmt: skip

    # ── what must hold for the whole ──

    def _check_meters(self, head: ScenarioHead) -> None:
        is_halved = all(
            case.LOWEST <= value <= case.HIGHEST and not (value * 2) % 1 for value in head.meters.values()
        )
        if set(head.meters) != set(case.METERS) or not is_halved:
            self._error(
                ("meters",), "De meters kloppen niet.", f"Schrijf {METERS_EXAMPLE}, elk van 0 tot 10."
            )

    def _check_endings(self, endings: tuple[EndingHead, ...]) -> None:
        keys = [ending.key for ending in endings]
        for number, ending in enumerate(endings):
            is_last = number == len(endings) - 1
            if not is_key(ending.key) or ending.key in keys[:number]:
                self._error(
                    ("endings", number, "key"), f"De sleutel “{ending.key[:40]}” kan niet.", KEY_ADVICE
                )
            if is_last and (ending.when or ending.overrides):
                self._error(
                    ("endings", number),
                    "De laatste afloop geldt altijd.",
                    "Haal when: en overrides: weg, of voeg er een toe.",
                )
            if not is_last and not ending.when:
                self._error(
                    ("endings", number),
                    "Deze afloop heeft geen voorwaarde.",
                    "Voeg when: toe, of zet ze als laatste.",
                )

    def _check_conditions(self, head: ScenarioHead, found: case.Scenario) -> None:
        places: list[tuple[object, ...]] = [
            ("nodes", key, "notes", n, "when")
            for key, node in head.nodes.items()
            for n in range(len(node.notes))
        ]
        places += [("additions", n, "when") for n in range(len(head.additions))]
        places += [("endings", n, "when") for n, ending in enumerate(head.endings) if ending.when]
        for path in places:
            for said in self._wrong_in(self._text(*path), found):
                self._error(
                    path,
                    f"In de voorwaarde klopt iets niet: {said}.",
                    "Schrijf zoals chose(n1.wacht) and spanning >= 8",
                )

    def _wrong_in(self, when: str, found: case.Scenario) -> list[str]:
        try:
            names = list(parse(when).names())
        except WrongCondition as error:
            return [str(error)]
        return [said for node, name in names if (said := _unknown(found, node, name))]


def _unknown(found: case.Scenario, node: str, name: str) -> str:
    if not node:
        return "" if name in case.METERS else f"de meter “{name[:40]}” is er niet"
    if node not in found.node:
        return f"het moment “{node[:40]}” is er niet"
    options = {road.key for road in found.node[node].roads} | {item.key for item in found.node[node].items}
    return "" if name in options else f"“{name[:40]}” is geen antwoord van {node}"
