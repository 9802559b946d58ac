"""What is wrong in the files of a module, in words for the author: where, what, and what to do."""

from dataclasses import dataclass, field

from backend.errors import OperatorError


@dataclass(frozen=True, order=True)
class Problem:
    """Errors stop publishing, warnings do not. `line` counts from 1."""

    file: str
    line: int
    message: str
    advice: str
    is_warning: bool = False

    def __str__(self) -> str:
        kind = "let op: " if self.is_warning else ""
        return f"{self.file}:{self.line}: {kind}{self.message} → {self.advice}"


@dataclass
class Report:
    """Collects the problems of one file. All files of a folder share one list."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def error(self, line: int, message: str, advice: str) -> None:
        self.problems.append(Problem(self.file, line, message, advice))

    def warn(self, line: int, message: str, advice: str) -> None:
        self.problems.append(Problem(self.file, line, message, advice, is_warning=True))

    def of(self, file: str) -> "Report":
        return Report(file, self.problems)


class WrongContent(OperatorError):
    """The folder has errors; nothing of it was published."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("de modules hebben fouten.\n" + "\n".join(str(problem) for problem in problems))
        self.problems = problems
