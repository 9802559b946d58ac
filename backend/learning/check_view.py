"""What the page of an attempt at a check shows: the questions while one writes, and afterwards how it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.courses.block_types import Check, Question
from backend.learning.check_standing import CheckStanding
from backend.learning.checks import CheckState
from backend.learning.grading import Incomplete, marks, nothing, right_answer
from backend.learning.models import Attempt, Response
from backend.learning.question_view import QuestionView
from backend.learning.shuffling import as_shown


@dataclass(frozen=True, slots=True)
class CheckPageView:
    """`is_over`: the time is, and the server did not close the attempt yet."""

    check: Check
    attempt: Attempt
    standing: CheckStanding
    questions: list[QuestionView]
    is_open: bool
    is_over: bool
    may_start: bool

    @property
    def percent(self) -> int:
        return int(100 * (self.attempt.score or 0) + 0.5) if self.attempt.score is not None else 0

    @property
    def answered(self) -> int:
        """Of how many questions something is kept."""
        return sum(question.given != nothing(question.block) for question in self.questions)


def view_check(
    state: CheckState, now: datetime, problems: Mapping[str, Incomplete] | None = None
) -> CheckPageView:
    """`problems`: what was just sent and cannot be kept, by question."""
    paper, handed_in = state.paper, state.paper.attempt.handed_in_at is not None
    shows_answers = handed_in and state.standing.shows_answers
    is_over = paper.is_over(now)
    shown = paper.attempt.frozen["shown"]
    questions = []
    for number, (key, question) in enumerate(paper.questions.items(), start=1):
        block, place = as_shown(question, shown.get(key, ())), (number, len(paper.questions))
        response = state.responses.get(key)
        if handed_in:
            questions.append(_graded(block, place, response, shows_answer=shows_answers))
        else:
            questions.append(_open(block, place, response, (problems or {}).get(key)))
    return CheckPageView(
        paper.check,
        paper.attempt,
        state.standing,
        questions,
        is_open=not handed_in and not is_over,
        is_over=is_over,
        may_start=state.standing.may_start(now),
    )


def _open(
    block: Question, place: tuple[int, int], response: Response | None, problem: Incomplete | None
) -> QuestionView:
    """As it stands, without a verdict."""
    given = problem.given if problem else response.given if response else {}
    return QuestionView(
        block,
        *place,
        "open",
        given,
        error=problem.message if problem else "",
        prefix=f"{block.key}.",
        saved_at=response.answered_at if response else None,
    )


def _graded(
    block: Question, place: tuple[int, int], response: Response | None, *, shows_answer: bool
) -> QuestionView:
    """With the feedback on what was given; the right answer only when there is nothing left to win."""
    given = response.given if response else nothing(block)
    is_right = response is not None and response.last_score == 1
    return QuestionView(
        block,
        *place,
        "right" if is_right else "wrong",
        given,
        marks(block, given) if response else {},
        answer=right_answer(block) if shows_answer and not is_right else None,
        prefix=f"{block.key}.",
    )
