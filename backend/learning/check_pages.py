"""The pages of a check: start an attempt, write and be kept, hand it in, see how it went."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sqlmodel import Session

from backend.auth.access import CurrentMember
from backend.db import DbSession, in_its_place, now
from backend.learning import checks
from backend.learning.check_view import view_check
from backend.learning.checks import CheckState, GoAddress, NotReadable
from backend.learning.enrolments import Address
from backend.learning.pages import At, SubmittedFields
from backend.templating import url
from backend.web import after_read, go, page

router = APIRouter()


def _address(module: str, lesson: str, check: str, number: Annotated[int, Path(ge=1, le=1000)]) -> GoAddress:
    return GoAddress(module, lesson, check, number)


GoAt = Annotated[GoAddress, Depends(_address)]


@dataclass(frozen=True, slots=True)
class CheckAt(At):
    """Where the forms of an attempt go."""

    check_key: str
    number: int

    @property
    def hand_in(self) -> str:
        return url("learning.hand_in", **self._values)

    @property
    def page(self) -> str:
        return url("learning.check", **self._values)

    def save(self, question: str) -> str:
        return url("learning.save_check", question=question, **self._values)

    @property
    def _values(self) -> dict[str, object]:
        return {
            "module": self.course_key,
            "lesson": self.lesson_key,
            "check": self.check_key,
            "number": self.number,
        }


@router.post("/leren/{module}/{lesson}/toets/{check}", name="learning.start_check")
def start(
    request: Request, session: DbSession, viewer: CurrentMember, module: str, lesson: str, check: str
) -> Response:
    number = checks.start(session, viewer, Address(module, lesson, check), now())
    return go(request, "learning.check", module=module, lesson=lesson, check=check, number=number)


@router.get("/leren/{module}/{lesson}/toets/{check}", name="learning.last_check")
def show_last(
    request: Request, session: DbSession, viewer: CurrentMember, module: str, lesson: str, check: str
) -> Response:
    """The last attempt; who made none sees the check in its lesson."""
    number = checks.last_number(session, viewer, Address(module, lesson, check))
    if number is None:
        return go(request, "learning.lesson", module=module, lesson=lesson, anchor=check)
    return go(request, "learning.check", module=module, lesson=lesson, check=check, number=number)


@router.get("/leren/{module}/{lesson}/toets/{check}/{number}", name="learning.check")
async def show(request: Request, session: DbSession, viewer: CurrentMember, at: GoAt) -> Response:
    state = await in_its_place(request, checks.check_state, session, viewer, at)
    if state.paper.is_over(now()):
        after_read(request, partial(_close, attempt_id=state.paper.attempt.id))
    return _show(request, state)


def _close(session: Session, attempt_id: UUID) -> None:
    checks.close_overdue(session, attempt_id, now())


@router.post("/leren/{module}/{lesson}/toets/{check}/{number}", name="learning.hand_in")
def hand_in(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    fields: SubmittedFields,
    at: GoAt,
) -> Response:
    try:
        checks.hand_in(session, viewer, at, fields, now())
    except NotReadable as problem:
        return _show(request, checks.check_state(session, viewer, at), problem)
    return _go(request, at, "inhoud")


@router.post("/leren/{module}/{lesson}/toets/{check}/{number}/{question}", name="learning.save_check")
def save(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    fields: SubmittedFields,
    at: GoAt,
    question: str,
) -> Response:
    try:
        checks.save(session, viewer, at, question, fields, now())
    except NotReadable as problem:
        return _show(request, checks.check_state(session, viewer, at), problem)
    return _go(request, at, question)


def _go(request: Request, at: GoAddress, anchor: str) -> Response:
    return go(
        request,
        "learning.check",
        module=at.course_key,
        lesson=at.lesson_key,
        check=at.check_key,
        number=at.number,
        anchor=anchor,
    )


def _show(request: Request, state: CheckState, problem: NotReadable | None = None) -> Response:
    paper, moment = state.paper, now()
    return page(
        request,
        "learning/check.html",
        status=200 if problem is None else 422,
        course=paper.course,
        lesson=paper.lesson,
        view=view_check(state, moment, problem.problems if problem else None),
        at=CheckAt(
            paper.course.key,
            paper.lesson.key,
            is_kept=True,
            today=moment,
            check_key=paper.check.key,
            number=paper.attempt.number,
        ),
    )
