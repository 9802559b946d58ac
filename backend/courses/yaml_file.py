"""YAML with the line of every name. Values stay text: no surprise turns `nee` into False or a date into a moment."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from backend.courses.problems import Report
from backend.fields import CONTROL, INVISIBLE

DEEPEST = 20
MOST_VALUES = 5000  # of one file; a long scenario has some 800


@dataclass
class Mapped:
    """What a YAML file or a part of it holds, and on which line each name and each item of a list stands.

    A path is the names that lead to something; items of a list are called "0", "1" …
    """

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    texts: dict[tuple[str, ...], int] = field(default_factory=dict)  # where the value itself begins
    path: tuple[str, ...] = ()
    first_line: int = 1
    count: int = 0  # of values read

    def line(self, *names: object) -> int:
        """Where something stands, or else what should have held it."""
        path = (*self.path, *map(str, names))
        while len(path) > len(self.path):
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.first_line

    def text_line(self, *names: object) -> int:
        """Where the text of a value begins; one that begins with | stands on the lines below its name."""
        return self.texts.get((*self.path, *map(str, names)), self.line(*names))

    def within(self, *names: object) -> "Mapped":
        """The mapping that stands at a path; what is no mapping counts as empty."""
        inner: Any = self.data
        for name in names:
            inner = inner[int(str(name))] if isinstance(inner, list) else inner[str(name)]
        return Mapped(
            inner if isinstance(inner, dict) else {}, self.lines, self.texts,
            (*self.path, *map(str, names)), self.line(*names),
        )  # fmt: skip


class _Loader(yaml.BaseLoader):
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="alias", problem_mark=mark)
        return super().compose_node(parent, index)


def read_yaml(text: str, report: Report, first_line: int = 1) -> Mapped:
    """A mapping of names. Empty, with a report, when it cannot be read."""
    mapped = Mapped(first_line=first_line)
    try:
        node = _Loader(text).get_single_node()
        if node is None:
            return mapped
        if not isinstance(node, yaml.MappingNode):
            report.error(
                first_line, "Hier horen regels met naam: waarde.", "Schrijf bijvoorbeeld key: polarisatie"
            )
            return mapped
        mapped.data = _plain(node, (), mapped, report)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        report.error(
            first_line + (mark.line if mark else 0),
            "Deze regel begrijp ik niet.",
            "Schrijf naam: waarde. Staat er een dubbelpunt in de waarde? Zet ze tussen aanhalingstekens.",
        )
    except RecursionError:
        report.error(
            first_line, "Dit zit te diep in elkaar, of er staat te veel.", "Schrijf het eenvoudiger."
        )
    return mapped


def _plain(node: yaml.Node, path: tuple[str, ...], mapped: Mapped, report: Report) -> Any:
    mapped.count += 1
    if len(path) > DEEPEST or mapped.count > MOST_VALUES:
        raise RecursionError
    if isinstance(node, yaml.ScalarNode):
        is_below = node.style in ("|", ">")
        mapped.texts[path] = mapped.first_line + node.start_mark.line + is_below
        if CONTROL.search(node.value) or INVISIBLE.search(node.value):  # written as "\u202e" or the like
            report.error(mapped.texts[path], "Hier staan onzichtbare tekens.", "Typ deze regel opnieuw.")
            return ""
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            mapped.lines[*path, str(number)] = mapped.first_line + child.start_mark.line
        return [_plain(child, (*path, str(n)), mapped, report) for n, child in enumerate(node.value)]
    found: dict[str, Any] = {}
    for name_node, child in node.value:
        line = mapped.first_line + name_node.start_mark.line
        if not isinstance(name_node, yaml.ScalarNode):
            report.error(line, "Een naam is één woord.", "Schrijf naam: waarde.")
            continue
        name = str(name_node.value)
        if name in found:
            report.error(line, f"{name[:40]}: staat er twee keer.", "Houd er één over.")
        mapped.lines[*path, name] = line
        found[name] = _plain(child, (*path, name), mapped, report)
    return found
