"""The pages of whoever follows participants: the overview, one person, the list as a file, and the admission queue."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from backend.audit import service as audit
from backend.auth import admission
from backend.auth.access import holder_of
from backend.auth.admission import Applicant
from backend.auth.models import Role, Viewer
from backend.courses import service as courses
from backend.db import DbSession, now
from backend.errors import Conflict, NotFound
from backend.events.models import RegistrationStatus
from backend.language import gettext as _
from backend.mentoring import asking, exports, looks, paths, service
from backend.mentoring.forms import RefuseForm
from backend.mentoring.policy import scope_of
from backend.mentoring.scope import one_followed
from backend.mentoring.service import Filter, Overview
from backend.mentoring.signals import SignalKind, Standing
from backend.mentoring.timeline import Kind, timeline
from backend.templating import url
from backend.web import Form, after_read, download, flash, form, go, page

router = APIRouter(prefix="/begeleiding")
Follower = Annotated[Viewer, Depends(holder_of(Role.MENTOR, Role.ADMINISTRATOR))]
FILES = {
    "csv": (exports.to_csv, "text/csv; charset=utf-8"),
    "xlsx": (exports.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@router.get("", name="mentoring.overview")
def show_overview(
    request: Request, session: DbSession, viewer: Follower, wanted: Annotated[Filter, Query()]
) -> Response:
    seen = service.overview(session, viewer, wanted, now())
    return page(
        request,
        "mentoring/overview.html",
        overview=seen,
        filter=seen.filter,
        where=_where(viewer, seen),
        waiting_count=seen.applicants,
        words=exports.states(),
        pills=_pills(seen),
        orders=[("vast", _("Eerst wie vastzit")), ("naam", _("Naam")), ("actief", _("Laatst actief"))],
        breaks={place for place, column in enumerate(seen.columns) if column.starts_module and place},
        # A row adds its id: 200 calls of url() would cost more.
        place_path=url("mentoring.place", nis_code=""),
        here=url("mentoring.overview", **seen.filter.query()),
        person_path=url("mentoring.participant", account_id=""),
        rules=[rule for rule in seen.rules.values() if rule.is_on],
        kinds=SignalKind,
        scenarios=paths.scenarios_of(seen.courses),
        now=now(),
    )


@router.get("/uitvoer.{kind}", name="mentoring.export")
def export(
    request: Request,
    session: DbSession,
    viewer: Follower,
    kind: Literal["csv", "xlsx"],
    wanted: Annotated[Filter, Query()],
) -> Response:
    seen = service.overview(session, viewer, wanted, now(), all_pages=True)
    make, media_type = FILES[kind]
    after_read(
        request,
        lambda writing: audit.record(
            writing, viewer.id, "mentoring.exported", kind="file", key=kind, people=len(seen.found)
        ),
    )
    people = [person.id for person in seen.found]
    after_read(request, lambda writing: looks.exported(writing, viewer, people, now()))
    return download(request, make(seen), media_type, f"begeleiding-{now():%Y-%m-%d}.{kind}")


@router.get("/deelnemer/{account_id}", name="mentoring.participant")
def show_participant(request: Request, session: DbSession, viewer: Follower, account_id: UUID) -> Response:
    dossier = service.participant(session, viewer, account_id, now())
    after_read(
        request,
        lambda writing: audit.record(writing, viewer.id, "mentoring.viewed", kind="account", key=account_id),
    )
    return page(
        request,
        "mentoring/participant.html",
        dossier=dossier,
        words=exports.states(),
        registration_words={
            RegistrationStatus.CONFIRMED: _("ingeschreven"),
            RegistrationStatus.WAITING: _("op de wachtlijst"),
            RegistrationStatus.OFFERED: _("kreeg een plaats aangeboden"),
            RegistrationStatus.REQUESTED: _("vroeg een plaats"),
            RegistrationStatus.CANCELLED: _("geannuleerd"),
            RegistrationStatus.REFUSED: _("niet gekozen door de organisator"),
        },
        now=now(),
    )


@router.get("/deelnemer/{account_id}/tijdlijn", name="mentoring.timeline")
def show_timeline(request: Request, session: DbSession, viewer: Follower, account_id: UUID) -> Response:
    person = one_followed(session, viewer, account_id, now())
    after_read(
        request,
        lambda writing: audit.record(writing, viewer.id, "mentoring.viewed", kind="account", key=account_id),
    )
    moments = timeline(session, account_id, courses.published(session))
    return page(
        request, "mentoring/timeline.html", person=person, moments=moments, moment_words=_moment_words()
    )


# ── who waits for admission ──


@router.get("/aanvragen", name="mentoring.applications")
def show_applications(request: Request, session: DbSession, viewer: Follower) -> Response:
    waiting = admission.waiting(session, viewer)
    return page(
        request, "mentoring/applications.html", waiting=waiting, known=asking.known(session, waiting),
        suggestions=asking.suggestions(), empty=Form(), now=now(),
    )  # fmt: skip


@router.post("/aanvragen/{account_id}/toelaten", name="mentoring.admit")
def admit(request: Request, session: DbSession, viewer: Follower, account_id: UUID) -> Response:
    try:
        admitted = admission.admit(session, viewer, account_id, now())
    except Conflict as decided_already:
        return _go_on(request, decided_already)
    flash(request, _("%(name)s is toegelaten en krijgt een mail.") % {"name": admitted.name})
    return go(request, "mentoring.applications")


@router.get("/aanvragen/{account_id}/weigeren", name="mentoring.confirm_refuse")
def confirm_refuse(request: Request, session: DbSession, viewer: Follower, account_id: UUID) -> Response:
    applicant = _applicant(session, viewer, account_id)
    empty: Form[RefuseForm] = Form()
    return page(request, "mentoring/refuse.html", applicant=applicant, form=empty, now=now())


@router.post("/aanvragen/{account_id}/weigeren", name="mentoring.refuse")
def refuse(
    request: Request,
    session: DbSession,
    viewer: Follower,
    account_id: UUID,
    submitted: Annotated[Form[RefuseForm], Depends(form(RefuseForm))],
) -> Response:
    if submitted.data is None:
        applicant = _applicant(session, viewer, account_id)
        return page(
            request,
            "mentoring/refuse.html",
            status=422,
            block="refuse_form",
            applicant=applicant,
            form=submitted,
            now=now(),
        )
    try:
        refused = admission.refuse(session, viewer, account_id, submitted.data.reason, now())
    except Conflict as decided_already:
        return _go_on(request, decided_already)
    flash(
        request,
        _("De aanvraag van %(name)s is geweigerd. Je uitleg gaat mee in de mail.") % {"name": refused.name},
    )
    return go(request, "mentoring.applications")


def _applicant(session: Session, viewer: Viewer, account_id: UUID) -> Applicant:
    for applicant in admission.waiting(session, viewer):
        if applicant.account_id == account_id:
            return applicant
    raise NotFound(_("Deze aanvraag wacht niet (meer). Misschien besliste een collega intussen."))


def _go_on(request: Request, decided_already: Conflict) -> Response:
    """Somebody else was first: say who, and go on with the others."""
    flash(request, decided_already.message, "warn")
    return go(request, "mentoring.applications")


def _moment_words() -> dict[Kind, str]:
    return {
        Kind.ADMITTED: _("Toegelaten tot het netwerk"),
        Kind.BEGUN: _("Begon aan les"),
        Kind.DONE: _("Rondde les af:"),
        Kind.PASSED: _("Slaagde voor de toets van les"),
        Kind.FAILED: _("Zakte voor de toets van les"),
        Kind.SHARED: _("Deelde een reflectie bij les"),
        Kind.DAY: _("Schreef in voor"),
        Kind.ATTENDED: _("Was op een actiedag"),
        Kind.MESSAGE: _("Bericht in het gesprek"),
    }


def _where(viewer: Viewer, seen: Overview) -> str:
    """The scope in words: at most three regions by name."""
    if scope_of(viewer).everyone:
        return _("Het hele netwerk")
    names = [name for _key, name in seen.choices.regions]
    return ", ".join(names) if len(names) <= 3 else _("%(n)d regio’s") % {"n": len(names)}


def _pills(seen: Overview) -> list[tuple[str, str, int]]:
    return [
        ("alle", _("Alle"), seen.placed.total()),
        ("woord", _("Vraagt een woord"), seen.placed[Standing.NEEDS_WORD]),
        ("schema", _("Op schema"), seen.placed[Standing.ON_TRACK]),
        ("klaar", _("Klaar"), seen.placed[Standing.DONE]),
    ]
