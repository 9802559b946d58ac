"""For monitors: is the process alive (/gezondheid), and can it serve (/gereed)?"""

import shutil
from collections.abc import Callable
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend import schema
from backend.config import settings
from backend.db import now
from backend.jobs import Job, JobStatus

router = APIRouter()
SPACE_NEEDED = 200_000_000  # bytes free in the data folder
JOBS_MAY_WAIT = timedelta(minutes=10)  # longer past its time means that no worker runs


@router.get("/gezondheid", name="home.alive")
async def alive() -> JSONResponse:
    """The process answers. Touches nothing else, so that a slow database does not restart every process."""
    return _answer({"process": True})


@router.get("/gereed", name="home.ready")
def ready(request: Request) -> JSONResponse:
    """What serving needs, by name, without details: `doctor` gives those."""
    checks: dict[str, Callable[[Session], bool]] = {
        "database": lambda session: session.scalar(select(1)) == 1,
        "schema": _schema_fits,
        "worker": _worker_keeps_up,
        "disk": lambda _session: shutil.disk_usage(settings.data_dir).free >= SPACE_NEEDED,
    }
    return _answer({name: _holds(request, check) for name, check in checks.items()})


def _holds(request: Request, check: Callable[[Session], bool]) -> bool:
    """Each in a transaction of its own: on PostgreSQL a failed query spoils the rest of its transaction."""
    try:
        with request.app.state.db.session(reading=True) as session:
            return check(session)
    except Exception:  # noqa: BLE001 - whatever goes wrong, the answer is "fail"
        return False


def _schema_fits(session: Session) -> bool:
    return schema.revision_on(session.connection()) == schema.newest()


def _worker_keeps_up(session: Session) -> bool:
    late = select(func.count()).where(
        col(Job.status) == JobStatus.QUEUED, col(Job.run_at) < now() - JOBS_MAY_WAIT
    )
    return session.scalar(late) == 0


def _answer(checks: dict[str, bool]) -> JSONResponse:
    good = all(checks.values())
    said = {name: "ok" if holds else "fail" for name, holds in checks.items()}
    return JSONResponse(
        {"status": "ok" if good else "fail", "checks": said},
        200 if good else 503,
        headers={"Cache-Control": "no-store"},
    )
