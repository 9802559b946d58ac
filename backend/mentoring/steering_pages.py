"""The report for the steering group: on the site, as PDF and as XLSX."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from backend.audit import service as audit
from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.db import DbSession, now
from backend.language import gettext as _
from backend.mentoring import steering, steering_files
from backend.web import after_read, download, page

router = APIRouter(prefix="/begeleiding/verslag")
Steers = Annotated[Viewer, Depends(holder_of(Role.MENTOR, Role.PARTNER, Role.ADMINISTRATOR))]
Year = Annotated[int | None, Query(alias="jaar", ge=2000, le=2100)]
By = Annotated[Literal["regio", "gemeente", "functie"], Query(alias="per")]
FILES = {
    "pdf": (steering_files.to_pdf, "application/pdf"),
    "xlsx": (steering_files.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@router.get("", name="mentoring.steering")
def show(
    request: Request, session: DbSession, viewer: Steers, year: Year = None, by: By = "regio"
) -> Response:
    seen = steering.report(session, year, now())
    return page(
        request,
        "mentoring/steering.html",
        seen=seen,
        by=by,
        reached=[row for row in seen.by_municipality if row.cells[0] != 0],
        unreached=[row for row in seen.by_municipality if row.cells[0] == 0],
        ways=[("regio", _("Per regio")), ("gemeente", _("Per gemeente")), ("functie", _("Per functie"))],
        title=steering_files.title(seen),
        standing=steering_files.standing(seen),
        definitions=steering_files.definitions(seen),
        follows=viewer.has(Role.MENTOR, Role.ADMINISTRATOR),
    )


@router.get("/{year}.{kind}", name="mentoring.steering_file")
def file(
    request: Request, session: DbSession, viewer: Steers, year: int, kind: Literal["pdf", "xlsx"]
) -> Response:
    seen = steering.report(session, year, now())
    make, media_type = FILES[kind]
    after_read(
        request,
        lambda writing: audit.record(
            writing, viewer.id, "mentoring.reported", kind="file", key=kind, year=year
        ),
    )
    return download(request, make(seen), media_type, f"verslag-{seen.year}.{kind}")
