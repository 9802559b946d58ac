"""YAML with the line of every name. Values stay text: no surprise turns `nee` into False or a date into a moment."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from backend.courses.problems import Report


@dataclass
class Mapped:
    """What a YAML file or a part of it holds, and on which line each name stands."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    first_line: int = 1

    def line(self, name: str) -> int:
        return self.lines.get((*self.path, name), self.first_line)

    def within(self, name: str) -> "Mapped":
        """The mapping that stands under a name; what is no mapping counts as empty."""
        inner = self.data[name]
        return Mapped(
            inner if isinstance(inner, dict) else {}, self.lines, (*self.path, name), self.line(name)
        )


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
        report.error(first_line, "Dit zit te diep in elkaar.", "Schrijf het eenvoudiger.")
    return mapped


def _plain(node: yaml.Node, path: tuple[str, ...], mapped: Mapped, report: Report) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, path, mapped, report) for child in node.value]
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
