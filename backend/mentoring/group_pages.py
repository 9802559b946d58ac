"""Groups of participants, handing over, and standing in: /begeleiding/groepen."""

from datetime import datetime, timedelta
from datetime import time as clock
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.access import holder_of
from backend.auth.models import Role, Viewer
from backend.auth.scope import scope_of
from backend.db import DbSession, now
from backend.errors import Conflict
from backend.language import ZONE
from backend.language import gettext as _
from backend.mentoring import cohorts, handing
from backend.mentoring.group_forms import GroupForm, HandForm, SubstituteForm
from backend.mentoring.scope import followed, one_followed
from backend.network.service import fold
from backend.web import Form, flash, form, go, page, read_form

router = APIRouter(prefix="/begeleiding")
Follower = Annotated[Viewer, Depends(holder_of(Role.MENTOR, Role.ADMINISTRATOR))]


@router.get("/groepen", name="mentoring.groups")
def show_groups(request: Request, session: DbSession, viewer: Follower) -> Response:
    return _groups_page(request, session, viewer)


def _groups_page(
    request: Request, session: Session, viewer: Viewer, status: int = 200, block: str = "", **forms: Form[Any]
) -> Response:
    moment = now()
    empty: Form[Any] = Form()
    return page(
        request,
        "mentoring/groups.html",
        status=status,
        block=block,
        groups=cohorts.to_choose(session, viewer, scope_of(viewer)),
        mentors=handing.mentors(session, viewer, moment),
        handed=handing.handed(session, viewer),
        substitutions=handing.substitutions(session, viewer, moment),
        tomorrow=moment.astimezone(ZONE).date() + timedelta(days=1),
        **({"made": empty, "substitute": empty} | forms),
    )


@router.post("/groepen", name="mentoring.make_group")
def make_group(
    request: Request,
    session: DbSession,
    viewer: Follower,
    typed: Annotated[Form[GroupForm], Depends(form(GroupForm))],
) -> Response:
    if typed.data is None:
        return _groups_page(request, session, viewer, 422, "group_form", made=typed)
    cohort_id = cohorts.make(session, viewer, typed.data.naam, typed.data.form_id, now())
    return go(request, "mentoring.group", cohort_id=cohort_id)


@router.get("/groepen/{cohort_id}", name="mentoring.group")
def show_group(request: Request, session: DbSession, viewer: Follower, cohort_id: UUID) -> Response:
    return _group_page(request, session, viewer, cohort_id, Form())


def _group_page(
    request: Request, session: Session, viewer: Viewer, cohort_id: UUID, typed: Form[Any], status: int = 200
) -> Response:
    group = cohorts.group_of(session, viewer, cohort_id)
    people = followed(session, viewer)
    return page(
        request,
        "mentoring/group.html",
        status=status,
        block="hand_form" if status == 422 else "",
        group=group,
        people=sorted(people.values(), key=lambda each: (each.id not in group.members, fold(each.name))),
        mentors=handing.mentors(session, viewer, now()),
        form=typed,
    )


async def sent_members(request: Request) -> list[str]:
    """The people who were ticked. Apart: what waits for the database must not run where every request waits."""
    return [str(each) for each in (await read_form(request)).getlist("lid")]


@router.post("/groepen/{cohort_id}", name="mentoring.set_group")
def set_group(
    request: Request,
    session: DbSession,
    viewer: Follower,
    cohort_id: UUID,
    sent: Annotated[list[str], Depends(sent_members)],
) -> Response:
    members = {UUID(each) for each in sent if _is_uuid(each)}
    cohorts.set_members(session, viewer, cohort_id, members, now())
    flash(request, _("De groep is bewaard."))
    return go(request, "mentoring.group", cohort_id=cohort_id)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@router.post("/groepen/{cohort_id}/overdragen", name="mentoring.hand_group")
def hand_group(
    request: Request,
    session: DbSession,
    viewer: Follower,
    cohort_id: UUID,
    typed: Annotated[Form[HandForm], Depends(form(HandForm))],
) -> Response:
    if typed.data is None:
        return _group_page(request, session, viewer, cohort_id, typed, 422)
    said = typed.data
    name = handing.hand_over_group(session, viewer, cohort_id, said.naar, said.reden, said.form_id, now())
    flash(
        request,
        _("%(name)s begeleidt deze groep voortaan, en kreeg een mail met je uitleg.") % {"name": name},
    )
    return go(request, "mentoring.groups")


@router.get("/deelnemer/{account_id}/overdragen", name="mentoring.confirm_hand")
def confirm_hand(request: Request, session: DbSession, viewer: Follower, account_id: UUID) -> Response:
    return _hand_page(request, session, viewer, account_id, Form())


def _hand_page(
    request: Request, session: Session, viewer: Viewer, account_id: UUID, typed: Form[Any], status: int = 200
) -> Response:
    return page(
        request,
        "mentoring/hand.html",
        status=status,
        block="hand_form" if status == 422 else "",
        person=one_followed(session, viewer, account_id, now()),
        mentors=handing.mentors(session, viewer, now()),
        form=typed,
    )


@router.post("/deelnemer/{account_id}/overdragen", name="mentoring.hand_person")
def hand_person(
    request: Request,
    session: DbSession,
    viewer: Follower,
    account_id: UUID,
    typed: Annotated[Form[HandForm], Depends(form(HandForm))],
) -> Response:
    if typed.data is None:
        return _hand_page(request, session, viewer, account_id, typed, 422)
    said = typed.data
    name = handing.hand_over_person(session, viewer, account_id, said.naar, said.reden, said.form_id, now())
    flash(
        request,
        _("%(name)s begeleidt deze deelnemer voortaan, en kreeg een mail met je uitleg.") % {"name": name},
    )
    return go(request, "mentoring.groups")


@router.post("/overdracht/{handover_id}/terug", name="mentoring.end_handover")
def give_back(request: Request, session: DbSession, viewer: Follower, handover_id: UUID) -> Response:
    handing.give_back(session, viewer, handover_id, now())
    flash(request, _("De overdracht is gestopt."))
    return go(request, "mentoring.groups")


@router.post("/vervanging", name="mentoring.substitute")
def substitute(
    request: Request,
    session: DbSession,
    viewer: Follower,
    typed: Annotated[Form[SubstituteForm], Depends(form(SubstituteForm))],
) -> Response:
    if typed.data is None:
        return _groups_page(request, session, viewer, 422, "substitute_form", substitute=typed)
    said = typed.data
    until = datetime.combine(said.tot, clock(23, 59, 59), ZONE)
    try:
        name = handing.substitute(session, viewer, said.naar, said.reden, until, said.form_id, now())
    except Conflict as wrong:
        return _groups_page(
            request, session, viewer, 422, "substitute_form", substitute=typed.wrong(tot=wrong.message)
        )
    flash(request, _("%(name)s vervangt je en kreeg een mail.") % {"name": name})
    return go(request, "mentoring.groups")


@router.post("/vervanging/{substitution_id}/stop", name="mentoring.end_substitution")
def end_substitution(
    request: Request, session: DbSession, viewer: Follower, substitution_id: UUID
) -> Response:
    handing.end_substitution(session, viewer, substitution_id, now())
    flash(request, _("De vervanging is gestopt."))
    return go(request, "mentoring.groups")
