"""Answers that are chosen out of options: one, several, true or false, a budget, a poll."""

from backend.courses.block_types import Budget, Choice, Multiple, Option, Poll, TrueFalse
from backend.language import gettext as _
from backend.learning.answers import (
    OPTION_FIELD,
    REASON_FIELD,
    Given,
    Incomplete,
    Submitted,
    changed,
    clean,
    one_of,
)

REASON_LENGTH = 2000
Chosen = Choice | Multiple | TrueFalse | Budget


def read(question: Chosen | Poll, submitted: Submitted) -> Given:
    sent = set(submitted.get(OPTION_FIELD, ()))
    given: Given = {"options": [option.key for option in question.options if option.key in sent]}
    problem = ""
    if isinstance(question, TrueFalse) and question.reason:
        given["reason"], problem = clean(one_of(submitted, REASON_FIELD), REASON_LENGTH)
    if len(given["options"]) < len(sent):
        raise changed(given)
    if problem:
        raise Incomplete(problem, given)
    if not sent:
        raise Incomplete(_("Kies eerst een antwoord."), given, is_partial=True)
    if len(sent) > 1 and not isinstance(question, Multiple | Budget):
        raise Incomplete(_("Kies één antwoord."), {**given, "options": []})
    if isinstance(question, Budget) and (spent := _spent(question, given)) > question.points:
        raise Incomplete(
            _("Je gebruikt %(spent)s van de %(points)s %(unit)s. Laat iets weg.")
            % {"spent": spent, "points": question.points, "unit": question.unit},
            given,
            is_partial=True,
        )
    return given


def _spent(question: Budget, given: Given) -> int:
    return sum(option.cost for option in question.options if option.key in given["options"])


def marks(question: Chosen, given: Given) -> dict[str, bool]:
    """For each option that was chosen: is it right?"""
    return {option.key: option.is_right for option in question.options if option.key in given["options"]}


def grade(question: Chosen, given: Given) -> float:
    """Several options: right minus wrong choices, as a share of the right options, so that ticking all earns nothing extra.

    A budget: points on right options minus points on wrong ones, as a share of the most that fits; a free wrong one counts
    as one point, and spending more than there is earns nothing.
    """
    chosen = [option for option in question.options if option.key in given["options"]]
    if isinstance(question, Budget):
        if _spent(question, given) > question.points:
            return 0.0
        worth = sum(option.cost if option.is_right else -max(option.cost, 1) for option in chosen)
        return min(1.0, max(0.0, worth / max(question.best, 1)))
    right = sum(option.is_right for option in chosen)
    if isinstance(question, Multiple):
        wrong = len(chosen) - right
        return max(0.0, (right - wrong) / sum(option.is_right for option in question.options))
    return float(right)


def right(question: Chosen) -> Given:
    """What earns 1."""
    options = [option for option in question.options if option.is_right]
    if isinstance(question, Budget):
        options = _best(options, question.points)
    return {"options": [option.key for option in options]}


def _best(options: list[Option], points: int) -> list[Option]:
    """The options that use the most of the points."""
    by_cost: dict[int, list[Option]] = {0: []}
    for option in options:
        for cost, chosen in list(by_cost.items()):
            if cost + option.cost <= points:
                by_cost.setdefault(cost + option.cost, [*chosen, option])
    return by_cost[max(by_cost)]
