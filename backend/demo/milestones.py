"""Rows for the demo: what is inserted in one go, a check that was passed, a case that was walked to its end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from backend.courses.block_types import Check
from backend.courses.scenarios import END, Node, Picks, Scenario, begin, ending_of, step
from backend.learning.checks import receipt_of
from backend.learning.completion import CheckResult
from backend.learning.grading import right_answer
from backend.learning.models import (
    Attempt,
    EventKind,
    Response,
    ResponseEvent,
    ScenarioRun,
    ScenarioStep,
)
from backend.learning.shuffling import draw

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rows:
    """What is to be inserted, table by table in the order of first use."""

    tables: dict[type[SQLModel], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: type[SQLModel], **values: Any) -> dict[str, Any]:
        self.tables.setdefault(table, []).append(values)
        return values

    def insert(self, session: Session) -> None:
        """Rows of one table need not name the same columns."""
        for table, rows in self.tables.items():
            names = {name for row in rows for name in row}
            session.execute(insert(table), [dict.fromkeys(names) | row for row in rows])


def pass_check(rows: Rows, where: dict[str, Any], check: Check, at: datetime) -> CheckResult:
    """All right, at the first attempt."""
    seed = where["enrolment_id"].int % 2**31
    drawn = draw(check, seed)
    bank = {question.key: question for question in check.questions}
    attempt = Attempt(
        **where, id=uuid5(where["enrolment_id"], check.key), check_key=check.key, seed=seed, frozen=dict(drawn),
        started_at=at - 5 * MINUTE, handed_in_at=at, score=1.0, is_passed=True,
        deadline_at=at - 5 * MINUTE + check.minutes * MINUTE if check.minutes else None,
    )  # fmt: skip
    responses = {
        key: Response(
            attempt_id=attempt.id, block_key=key, given=right_answer(bank[key]), last_score=1.0, best_score=1.0,
            tries=1, answered_at=at,
        )
        for key in drawn["questions"]
    }  # fmt: skip
    attempt.receipt = receipt_of(attempt, responses)
    rows.add(Attempt, **attempt.model_dump())
    for number, (key, response) in enumerate(responses.items()):
        rows.add(Response, **response.model_dump())
        rows.add(
            ResponseEvent, attempt_id=attempt.id, version_id=attempt.version_id, block_key=key, kind=EventKind.HANDED_IN,
            submission=f"{number:032x}", given=response.given, score=1.0, at=at,
        )  # fmt: skip
    return CheckResult(1.0, is_passed=True, at=at)


def walk(rows: Rows, where: dict[str, Any], scenario: Scenario, at: datetime) -> datetime:
    """To an ending, along a road that differs from person to person."""
    run = rows.add(
        ScenarioRun,
        **where,
        id=uuid5(where["enrolment_id"], scenario.key),
        scenario_key=scenario.key,
        started_at=at,
        ended_at=at,
    )
    now, place = begin(scenario), 0
    while now.at != END:
        node = scenario.node[now.at]
        picks = _picks(node, run["id"].int + place)
        kept = {key: list(chosen) for key, chosen in picks.items()}
        rows.add(ScenarioStep, run_id=run["id"], place=place, node_key=node.key, picks=kept, at=at)
        now, place = step(scenario, now, picks), place + 1
    run["ending"] = ending_of(scenario, now).key
    return at


def _picks(node: Node, number: int) -> Picks:
    if node.kind == "triage":
        return {item.key: (item.right,) for item in node.items}
    if node.kind == "budget":
        return {"": (min(node.roads, key=lambda road: road.cost).key,)}
    first = number % len(node.roads)
    count = node.least if node.kind == "several" else 1
    turned = [*node.roads[first:], *node.roads[:first]]
    return {"": tuple(road.key for road in turned[:count])}
