"""The organiser's pages about the people of a day: the list, figures, files, paper, needs and history."""

from io import BytesIO
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from backend.audit.service import record
from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.events import figures, history, lists, needs, selecting
from backend.events.models import RegistrationStatus
from backend.events.selecting import Selection
from backend.language import gettext as _
from backend.spreadsheets import write_csv
from backend.web import after_read, download, download_file, page

router = APIRouter(prefix="/organisatie/{day}")
Organiser = Annotated[Viewer, Depends(holder_of(Role.ORGANISER, Role.ADMINISTRATOR))]
Wanted = Annotated[Selection, Query()]
Earlier = Annotated[int | None, Query(ge=1, le=2**31)]
FILES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ON_PAPER = 2_000
S = RegistrationStatus
TONES = {
    S.CONFIRMED: "ok",
    S.WAITING: "warn",
    S.OFFERED: "b",
    S.REQUESTED: "a",
    S.CANCELLED: "",
    S.REFUSED: "",
}


@router.get("", name="events.desk_show")
def show(request: Request, session: DbSession, viewer: Organiser, day: str, wanted: Wanted) -> Response:
    desk = selecting.desk(session, viewer, day)
    people, more = selecting.rows(session, desk.id, wanted)
    return page(
        request,
        "desk/show.html",
        day=desk,
        wanted=wanted,
        people=people,
        last=people[-1].id if more else None,
        figures=figures.figures(session, desk.id),
        **_words(),
    )


@router.get("/cijfers", name="events.desk_figures")
def show_figures(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    desk = selecting.desk(session, viewer, day)
    found = figures.figures(session, desk.id)
    return page(
        request, "desk/figures.html", day=desk, figures=found, most_bars=figures.MOST_BARS, **_words()
    )


@router.get("/uitvoer.{kind}", name="events.desk_export")
def export(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    day: str,
    kind: Literal["csv", "xlsx"],
    wanted: Wanted,
) -> Response:
    desk = selecting.desk(session, viewer, day)
    after_read(
        request,
        lambda writing: record(
            writing, viewer.id, "events.exported", kind="action_day", key=desk.slug, file=kind
        ),
    )
    content = lists.write(session, desk.id, wanted, kind)
    return download_file(request, content, FILES[kind], f"inschrijvingen-{now():%Y-%m-%d}.{kind}")


@router.get("/aanwezigheidslijst", name="events.desk_paper")
def paper(request: Request, session: DbSession, viewer: Organiser, day: str, wanted: Wanted) -> Response:
    return _on_paper(request, session, viewer, day, wanted, "desk/paper.html")


@router.get("/naamkaartjes", name="events.desk_badges")
def badges(request: Request, session: DbSession, viewer: Organiser, day: str, wanted: Wanted) -> Response:
    return _on_paper(request, session, viewer, day, wanted, "desk/badges.html")


def _on_paper(
    request: Request, session: DbSession, viewer: Viewer, slug: str, wanted: Selection, template: str
) -> Response:
    """Who has a place, of the selection."""
    desk = selecting.desk(session, viewer, slug)
    seated = wanted.model_copy(update={"staat": "confirmed", "na": None})
    people = []
    for row in selecting.each(session, desk.id, seated, at_once=MOST_ON_PAPER):
        people.append(row)
        if len(people) == MOST_ON_PAPER:
            break
    return page(request, template, day=desk, people=people, wanted=wanted)


@router.get("/behoeften", name="events.desk_needs")
def show_needs(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    desk = selecting.desk(session, viewer, day)
    return page(
        request,
        "desk/needs.html",
        day=desk,
        totals=needs.totals(session, desk.id),
        kept=needs.kept_count(session, desk.id),
        diets=needs.diet_words(),
        access=needs.access_words(),
        wiped_at=needs.wiped_at(desk.ends_at, desk.needs_kept_days),
        now=now(),
    )


@router.get("/behoeften.csv", name="events.desk_needs_file")
def needs_file(request: Request, session: DbSession, viewer: Organiser, day: str) -> Response:
    """For host and caterer: the totals only."""
    desk = selecting.desk(session, viewer, day)
    content = BytesIO()
    write_csv(content, needs.table(needs.totals(session, desk.id), desk.taken))
    return download(request, content.getvalue(), FILES["csv"], f"behoeften-{now():%Y-%m-%d}.csv")


@router.get("/geschiedenis", name="events.desk_history")
def show_history(
    request: Request,
    session: DbSession,
    viewer: Organiser,
    day: str,
    voor: Earlier = None,
    dag_voor: Earlier = None,
) -> Response:
    """`voor` and `dag_voor`: what came before this line, of the registrations and of the day; then only of that."""
    desk = selecting.desk(session, viewer, day)
    lines, go_on = history.of_people(session, desk.id, voor) if dag_voor is None else ([], None)
    about_day, day_goes_on = (
        history.of_day(session, desk.id, desk.slug, dag_voor) if voor is None else ([], None)
    )
    return page(
        request,
        "desk/history.html",
        day=desk,
        lines=lines,
        go_on=go_on,
        about_day=about_day,
        day_goes_on=day_goes_on,
        is_first=voor is None and dag_voor is None,
        shows_people=dag_voor is None,
    )


def _words() -> dict[str, Any]:
    words = lists.state_words()
    states = [
        ("live", _("wie meedoet of wacht")),
        *((state.value, words[state]) for state in S),
        ("", _("iedereen")),
    ]
    return {"words": words, "states": states, "tones": TONES}
