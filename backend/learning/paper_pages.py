"""Lessons, modules and guides as PDF, for people who prefer paper."""

from collections import OrderedDict
from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.auth.access import CurrentMember, OptionalUser
from backend.courses import paper
from backend.courses import service as courses
from backend.db import DbSession, now
from backend.errors import NotFound
from backend.language import current
from backend.language import gettext as _
from backend.learning import scenario_runs, service
from backend.learning.enrolments import Address
from backend.web import download

router = APIRouter()
PDF = "application/pdf"
MOST_KEPT = 12  # documents in memory, of some 100 to 400 kB
_kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()


def _once(key: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
    """A version never changes, so neither does its paper: half a second for a whole module, once."""
    if key not in _kept:
        _kept[key] = make()
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return _kept[key]


@router.get("/leren/{module}/{lesson}/pdf", name="learning.lesson_pdf")
def lesson_pdf(
    request: Request, session: DbSession, viewer: OptionalUser, module: str, lesson: str
) -> Response:
    """With the answers for whoever finished the lesson."""
    state = service.lesson_state(session, viewer, module, lesson)
    done = state.progress.lessons[lesson].state == "done"
    key = (module, lesson, done, current(), id(state.course))
    content = _once(key, lambda: paper.lesson_pdf(state.course, state.lesson, with_answers=done))
    return download(request, content, PDF, f"les-{state.lesson.number.replace('.', '-')}-{lesson}.pdf")


@router.get("/modules/{module}/pdf", name="learning.course_pdf")
def course_pdf(request: Request, session: DbSession, viewer: CurrentMember, module: str) -> Response:
    del viewer  # every member may
    found = courses.find(session, module)
    content = _once((module, found.version_id, current()), lambda: paper.course_pdf(found.document))
    return download(request, content, PDF, f"module-{module}.pdf")


@router.get("/leren/{module}/{lesson}/scenario/{scenario}/groep/pdf", name="learning.scenario_paper")
def guide_pdf(
    request: Request, session: DbSession, viewer: CurrentMember, module: str, lesson: str, scenario: str
) -> Response:
    """For who plays the scenario with a group."""
    start = scenario_runs.start_of(session, viewer, Address(module, lesson, scenario), now())
    if start.is_hidden:
        raise NotFound(_("Dit scenario is nog niet open."))
    played = start.view.scenario
    key = (module, scenario, current(), id(start.course))
    content = _once(key, lambda: paper.guide_pdf(start.course, played))
    return download(request, content, PDF, f"gids-{scenario}.pdf")
