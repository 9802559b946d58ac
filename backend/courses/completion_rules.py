"""When a lesson is done: `complete:` in the front matter, every key in it held against the blocks of the lesson."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from backend.courses import documents as doc
from backend.courses.block_types import AnyBlock, Check, Compare, Question, Reflection, ScenarioBlock
from backend.courses.fences import is_key
from backend.courses.problems import Report
from backend.courses.yaml_file import Mapped

Rule = doc.Answered | doc.Passed | doc.Read | doc.ScenarioWalked | doc.ReflectionWritten | doc.CheckPassed
BARE: dict[str, Callable[[], doc.SingleRule]] = {"answered": doc.Answered, "read": doc.Read}
KEYED: dict[str, Callable[[str], doc.SingleRule]] = {
    "scenario": lambda key: doc.ScenarioWalked(key=key),
    "reflection": lambda key: doc.ReflectionWritten(key=key),
    "check": lambda key: doc.CheckPassed(key=key),
    "attended": lambda key: doc.Attended(key=key),
}
BLOCKS = {"scenario": ScenarioBlock, "reflection": Reflection, "check": Check}
KNOWN = "Kies uit: answered, passed: 70, read, scenario: …, reflection: …, check: …, attended: …, any: 2 met of: […]"


def read_rules(
    mapped: Mapped, parts: Sequence[doc.Part], aside: Collection[str], report: Report
) -> tuple[doc.Rule, ...]:
    """`aside`: the keys of blocks behind a content warning, which can be skipped and so never count."""
    reader = _RuleReader(mapped, [block for part in parts for block in part.blocks], aside, report)
    found = [reader.rule(given, ("complete", n)) for n, given in enumerate(mapped.data.get("complete") or [])]
    return tuple(rule for rule in found if rule is not None)


class _RuleReader:
    def __init__(
        self, mapped: Mapped, blocks: Sequence[AnyBlock], aside: Collection[str], report: Report
    ) -> None:
        self.mapped, self.report, self.aside = mapped, report, aside
        self.blocks = {block.key: block for block in blocks}
        self.counted = [block for block in blocks if isinstance(block, Question) and block.counts]

    def rule(self, given: Any, path: tuple[object, ...]) -> doc.Rule | None:
        if isinstance(given, dict) and "any" in given:
            return self._any(given, path)
        return self._single(given, path)

    def _error(self, path: tuple[object, ...], message: str, advice: str) -> None:
        self.report.error(self.mapped.line(*path), message, advice)

    def _any(self, given: dict[str, Any], path: tuple[object, ...]) -> doc.AnyOf | None:
        of, least = given.get("of"), _whole(given["any"])
        if given.keys() != {"any", "of"} or not isinstance(of, list):
            self._error(
                path, "Deze regel begrijp ik niet.", "Schrijf any: 2 en daaronder of: [read, check: toets]"
            )
            return None
        rules = [self._single(each, (*path, "of", n)) for n, each in enumerate(of)]
        if not 1 <= least <= len(of):
            self._error(
                path, f"any: “{str(given['any'])[:20]}” kan niet.", f"Kies een getal van 1 tot {len(of)}."
            )
            return None
        known = tuple(rule for rule in rules if rule is not None)
        return doc.AnyOf(least=least, of=known) if len(known) == len(of) else None

    def _single(self, given: Any, path: tuple[object, ...]) -> doc.SingleRule | None:
        if isinstance(given, str) and given in BARE:
            return self._bare(given, path)
        if isinstance(given, dict) and len(given) == 1:
            ((name, value),) = given.items()
            if name == "passed":
                return self._passed(value, path)
            if name in KEYED and isinstance(value, str):
                return self._keyed(name, value, path)
        self._error(path, f"De regel “{str(given)[:40]}” ken ik niet.", KNOWN)
        return None

    def _bare(self, name: str, path: tuple[object, ...]) -> doc.SingleRule | None:
        if name == "answered" and not self.counted:
            self._error(path, "In deze les telt geen enkele vraag mee.", "Voeg er een toe, of schrijf read.")
            return None
        return BARE[name]()

    def _passed(self, value: Any, path: tuple[object, ...]) -> doc.Passed | None:
        percent = _whole(value)
        if not 1 <= percent <= 100:
            self._error(path, f"passed: “{str(value)[:20]}” kan niet.", "Kies een getal van 1 tot 100.")
        elif all(isinstance(block, Compare) for block in self.counted):
            self._error(
                path,
                "In deze les is geen vraag die juist of fout is en meetelt.",
                "Voeg er een toe, of schrijf read.",
            )
        else:
            return doc.Passed(percent=percent)
        return None

    def _keyed(self, name: str, key: str, path: tuple[object, ...]) -> doc.SingleRule | None:
        if name == "attended":
            if not is_key(key):
                self._error(
                    path, f"“{key[:40]}” kan geen reeks actiedagen zijn.", "Schrijf de sleutel van de reeks."
                )
        elif not isinstance(self.blocks.get(key), BLOCKS[name]):
            same = [each for each, block in self.blocks.items() if isinstance(block, BLOCKS[name])]
            self._error(
                path, f"In deze les is er geen {name} “{key[:60]}”.",
                "Kies uit: " + ", ".join(same) + "." if same else "Voeg het blok toe, of haal de regel weg.",
            )  # fmt: skip
        elif key in self.aside:
            self._error(
                path,
                f"“{key}” staat achter een waarschuwing en mag niet meetellen.",
                "Zet het in een ander deel.",
            )
        return KEYED[name](key)


def _whole(value: Any) -> int:
    """A whole number; 0 for what is none."""
    return (
        int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 5 else 0
    )
