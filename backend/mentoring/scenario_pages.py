"""The page of whoever follows participants about a branching case: which ways people took, as a picture and as a table."""

from fastapi import APIRouter, Request, Response

from backend.db import DbSession, now
from backend.mentoring import path_map, paths
from backend.mentoring.pages import Follower
from backend.web import page

router = APIRouter(prefix="/begeleiding/scenario")


@router.get("/{module}/{scenario}", name="mentoring.paths")
def show_paths(
    request: Request, session: DbSession, viewer: Follower, module: str, scenario: str
) -> Response:
    seen = paths.path_map(session, viewer, module, scenario, now())
    return page(
        request,
        "mentoring/paths.html",
        seen=seen,
        scenario=seen.scenario,
        drawing=path_map.draw(seen.scenario, seen.flows) if seen.is_enough else None,
        least=paths.LEAST_PEOPLE,
        box_width=path_map.BOX,
        pad=path_map.PAD,
        line_height=path_map.LINE,
    )
