"""The pages of a branching case: begin, decide node by node, see how it ended, and the guide for a group."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from backend.auth.access import CurrentMember, OptionalUser
from backend.courses.scenarios import Node, Picks, WrongPick
from backend.db import DbSession, in_its_place, now
from backend.errors import NotFound
from backend.language import gettext as _
from backend.learning import meters, policy, scenario_runs
from backend.learning.enrolments import Address
from backend.learning.forms import PlaceForm, ScenarioForm
from backend.learning.pages import Fields, SubmittedFields
from backend.learning.scenario_runs import NotHere, Run, Start
from backend.learning.scenario_turns import Turn, read_picks, steps_left
from backend.web import go, page, parse

router = APIRouter(prefix="/leren/{module}/{lesson}/scenario/{scenario}")


async def address(module: str, lesson: str, scenario: str) -> Address:
    return Address(module, lesson, scenario)


Here = Annotated[Address, Depends(address)]


@router.get("", name="learning.scenario")
async def show_start(request: Request, session: DbSession, viewer: OptionalUser, here: Here) -> Response:
    start = await in_its_place(request, scenario_runs.start_of, session, viewer, here, now())
    if start.is_hidden:  # the lesson says why
        return go(request, "learning.lesson", module=here.course_key, lesson=here.lesson_key)
    scenario = start.view.scenario
    return page(
        request,
        "learning/scenario.html",
        **_place(start),
        view=start.view,
        can_play=policy.can_learn(viewer),
        closed=start.closed,
        meters=meters.views(scenario.meters, scenario.meters),
        decisions=steps_left(scenario, scenario.start),
    )


@router.post("", name="learning.scenario_begin")
def begin(
    request: Request, session: DbSession, viewer: CurrentMember, fields: SubmittedFields, here: Here
) -> Response:
    run_id = scenario_runs.begin(session, viewer, here, _form_id(fields), now())
    return _go_to_run(request, here, run_id)


@router.get("/groep", name="learning.scenario_group")
async def show_group(request: Request, session: DbSession, viewer: CurrentMember, here: Here) -> Response:
    start = await in_its_place(request, scenario_runs.start_of, session, viewer, here, now())
    if start.is_hidden:  # the lesson says why
        return go(request, "learning.lesson", module=here.course_key, lesson=here.lesson_key)
    scenario = start.view.scenario
    return page(
        request,
        "learning/scenario_group.html",
        **_place(start),
        meters=meters.views(scenario.meters, scenario.meters),
        effect=meters.effect,
    )


@router.get("/{run}", name="learning.scenario_run")
async def show_run(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    here: Here,
    run: UUID,
    stap: Annotated[int | None, Query(ge=1, le=1000)] = None,
) -> Response:
    """The node where one stands, or the ending; with `stap`, what was chosen there."""
    found = await in_its_place(request, scenario_runs.run_of, session, viewer, here, run)
    if stap is not None and stap <= len(found.turns):
        return _show_turn(request, found, found.turns[stap - 1])
    if found.open is not None:
        return _show_turn(request, found, found.open)
    seen = await in_its_place(request, scenario_runs.endings_seen, session, found)
    return page(
        request,
        "learning/scenario_end.html",
        **_place(found),
        run=found,
        ending=found.ending,
        additions=[note.html for note in found.scenario.additions if found.walk.holds(note.when)],
        meters=meters.views(found.scenario.meters, found.walk.meters),
        moves=meters.moves,
        seen=seen,
        again_lessons=[each for key in found.scenario.lessons if (each := found.course.lesson(key))],
    )


@router.post("/{run}", name="learning.scenario_choose")
def choose(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    fields: SubmittedFields,
    here: Here,
    run: UUID,
) -> Response:
    sent = _first_of_each(fields)
    form = parse(PlaceForm, sent)
    place, node_key = form.data.stap - 1 if form.data else -1, sent.get("node", "")
    try:
        scenario_runs.choose(session, viewer, here, (run, place, node_key), fields, now())
    except (WrongPick, NotHere) as refused:
        found = scenario_runs.run_of(session, viewer, here, run)
        return _show_refused(request, found, refused, node_key, fields)
    return _go_to_run(request, here, run, stap=place + 1, anchor="gevolg")


@router.post("/{run}/opnieuw", name="learning.scenario_again")
def begin_again(
    request: Request,
    session: DbSession,
    viewer: CurrentMember,
    fields: SubmittedFields,
    here: Here,
    run: UUID,
) -> Response:
    form = parse(PlaceForm, _first_of_each(fields))
    if form.data is None:
        raise NotFound(_("Deze stap bestaat niet."))  # no page of ours sends this
    point = (run, form.data.stap - 1)
    new_id = scenario_runs.begin_again(session, viewer, here, point, _form_id(fields), now())
    return _go_to_run(request, here, new_id)


# ── pieces ──


def _place(run: Run | Start) -> dict[str, Any]:
    """What every page of a scenario shows or links to."""
    course, lesson, scenario = run.course, run.lesson, run.scenario
    return {
        "course": course,
        "lesson": lesson,
        "scenario": scenario,
        "here": {"module": course.key, "lesson": lesson.key, "scenario": scenario.key},
    }


def _show_turn(
    request: Request,
    run: Run,
    turn: Turn,
    *,
    picks: Picks | None = None,
    error: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    """`picks` and `error`: what was just sent and is not possible. `refused`: why what was sent is not what stands here."""
    is_last = turn.place + 1 == len(run.turns)
    return page(
        request,
        "learning/scenario_turn.html",
        status=status,
        **_place(run),
        run=run,
        turn=turn,
        before=run.turns[turn.place - 1] if turn.place else None,
        following=run.open if is_last else run.turns[turn.place + 1] if turn.after else None,
        ahead=steps_left(run.scenario, turn.node.key),
        meters=meters.views(turn.before, turn.after or turn.before),
        moves=meters.moves,
        picks=turn.picks or picks or {},
        least_left=steps_left(run.scenario, run.walk.at)[0],
        sent_labels=_labels(turn.node, picks) if refused else [],
        error=error,
        refused=refused,
    )


def _show_refused(
    request: Request, run: Run, refused: WrongPick | NotHere, node_key: str, fields: Fields
) -> Response:
    """The page as it stands, why this could not be chosen, and what was sent."""
    turn = (
        run.turns[refused.place]
        if isinstance(refused, NotHere) and refused.place < len(run.turns)
        else run.open
    )
    turn = turn or run.turns[-1]
    picks = read_picks(turn.node, fields) if turn.node.key == node_key else None
    if isinstance(refused, NotHere):
        return _show_turn(request, run, turn, picks=picks, refused=refused.message, status=409)
    return _show_turn(request, run, turn, picks=picks, error=_wrong(refused, turn.node), status=422)


def _labels(node: Node, picks: Picks | None) -> list[str]:
    """What was sent, as html, when it can be chosen here."""
    return [road.label_html for road in node.roads if road.key in (picks or {}).get("", ())]


def _wrong(wrong: WrongPick, node: Node) -> str:
    said = {
        "none": _("Kies eerst iets."),
        "count": _("Kies er één.")
        if node.most == 1
        else _("Kies er minstens %(least)d en hoogstens %(most)d."),
        "budget": _("Dat is meer dan je hebt. Je kunt %(points)d punten uitgeven."),
        "triage": _("Geef elk punt een keuze."),
    }
    text = said.get(str(wrong), _("Deze keuze kennen we hier niet. Kies een van de mogelijkheden."))
    return text % {"least": node.least, "most": node.most, "points": node.points}


def _go_to_run(request: Request, here: Address, run_id: UUID, **values: Any) -> Response:
    module, lesson, scenario = here
    return go(
        request,
        "learning.scenario_run",
        module=module,
        lesson=lesson,
        scenario=scenario,
        run=run_id,
        **values,
    )


def _first_of_each(fields: Fields) -> dict[str, Any]:
    return {name: values[0] for name, values in fields.items() if values}


def _form_id(fields: Fields) -> str:
    form = parse(ScenarioForm, _first_of_each(fields))
    if form.data is None:
        raise NotFound(_("Dit scenario bestaat niet, of niet meer."))  # no page of ours sends this
    return form.data.form_id
