"""Registering for a day and what one does with a place: change it, cancel it, pass it on, register colleagues."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.access import CurrentMember, CurrentUser
from backend.auth.invited import Colleague
from backend.db import DbSession, now
from backend.errors import Conflict, Forbidden
from backend.events import colleagues, forms, offers, passing_on, policy, registering, service
from backend.events.forms import ColleagueForm, RegisterForm
from backend.events.holding import Mine
from backend.events.models import ActionDay, Registration, RegistrationStatus
from backend.events.pages import about
from backend.events.wishes import Mistaken
from backend.fields import FormModel, Line
from backend.language import gettext as _
from backend.language import ngettext
from backend.web import Form, flash, form, go, page

router = APIRouter()
# The form first: reading it may take long, and from the first query on a POST holds SQLite's write lock.
Registering = Annotated[Form[RegisterForm], Depends(form(RegisterForm))]


class AnswerForm(FormModel):
    answer: Line = ""  # "nee" declines


class MoveForm(FormModel):
    to: Line  # the slug of another day


class ColleaguesForm(FormModel):
    """Rows of fields: forms.colleagues_of() reads them."""


@router.post("/actiedagen/{day}/inschrijven", name="events.register")
def register(
    request: Request, form: Registering, session: DbSession, viewer: CurrentMember, day: str
) -> Response:
    try:
        if form.data is not None:
            registration = registering.register(
                session, viewer, day, forms.wish_of(form.data, form.typed), now()
            )
            flash(request, *_said(registration))
            return go(request, "events.show", day=day, anchor="inschrijven")
    except Mistaken as mistaken:
        form = form.wrong(**mistaken.fields)
    context = about(session, day, viewer)
    return page(request, "events/show.html", status=422, block="register_form", form=form, **context)


def _said(registration: Registration) -> tuple[str, str]:
    if registration.status == RegistrationStatus.CONFIRMED:
        return _("Je bent ingeschreven. We sturen je een mail met de dag voor in je agenda."), "ok"
    if registration.status == RegistrationStatus.REQUESTED:
        return _("Je aanvraag is verstuurd. De organisator beslist; je krijgt een mail."), "info"
    if registration.status == RegistrationStatus.OFFERED:
        return _("Er is een plaats voor je vrijgehouden. Laat weten of je komt."), "info"
    return _("Je staat op de wachtlijst. We mailen je zodra er een plaats voor je is."), "info"


@router.get("/actiedagen/{day}/wijzigen", name="events.edit")
def edit(request: Request, session: DbSession, viewer: CurrentUser, day: str) -> Response:
    context = about(session, day, viewer)
    if not context["can_change"]:
        return go(request, "events.show", day=day)
    return page(request, "events/change.html", form=Form(), **context)


@router.post("/actiedagen/{day}/wijzigen", name="events.change")
def change(
    request: Request, form: Registering, session: DbSession, viewer: CurrentUser, day: str
) -> Response:
    try:
        if form.data is not None:
            registering.change(session, Mine(viewer, day), forms.wish_of(form.data, form.typed), now())
            flash(request, _("Je keuze is bewaard."))
            return go(request, "events.show", day=day, anchor="inschrijven")
    except Mistaken as mistaken:
        form = form.wrong(**mistaken.fields)
    context = about(session, day, viewer)
    return page(request, "events/change.html", status=422, block="change_form", form=form, **context)


@router.get("/actiedagen/{day}/annuleren", name="events.confirm_cancel")
def confirm_cancel(request: Request, session: DbSession, viewer: CurrentUser, day: str) -> Response:
    context = about(session, day, viewer)
    if context["step"] not in ("confirmed", "waiting", "requested", "offered"):
        return go(request, "events.show", day=day)
    return page(request, "events/cancel.html", **context)


@router.post("/actiedagen/{day}/annuleren", name="events.cancel")
def cancel(request: Request, session: DbSession, viewer: CurrentUser, day: str) -> Response:
    if registering.cancel(session, Mine(viewer, day), now()) is not None:
        flash(request, _("Je bent uitgeschreven. We sturen je een mail."))
    return go(request, "events.show", day=day)


@router.post("/actiedagen/{day}/aanbod", name="events.answer")
def answer(
    request: Request,
    form: Annotated[Form[AnswerForm], Depends(form(AnswerForm))],
    session: DbSession,
    viewer: CurrentUser,
    day: str,
) -> Response:
    if form.data is not None and form.data.answer == "nee":
        registering.cancel(session, Mine(viewer, day), now())
        flash(request, _("Bedankt om het te laten weten. De plaats gaat naar iemand anders."))
    else:
        offers.accept(session, Mine(viewer, day), now())
        flash(request, _("Je bent ingeschreven. We sturen je een mail met de dag voor in je agenda."))
    return go(request, "events.show", day=day, anchor="inschrijven")


@router.get("/actiedagen/{day}/doorgeven", name="events.give")
def give(request: Request, session: DbSession, viewer: CurrentUser, day: str) -> Response:
    context = about(session, day, viewer)
    if not context["can_pass_on"]:
        return go(request, "events.show", day=day)
    return page(request, "events/pass_on.html", form=Form(), others=_others(session, context), **context)


@router.post("/actiedagen/{day}/doorgeven", name="events.pass_on")
def pass_on(
    request: Request,
    form: Annotated[Form[ColleagueForm], Depends(form(ColleagueForm))],
    session: DbSession,
    viewer: CurrentUser,
    day: str,
) -> Response:
    if form.data is not None:
        colleague = Colleague(form.data.name, form.data.email)
        try:
            with session.begin_nested():
                passing_on.hand_over(session, Mine(viewer, day), colleague, now())
        except (Conflict, Forbidden) as refused:
            form = form.wrong(email=refused.message)
        else:
            flash(request, _("Je plaats is doorgegeven. Jullie krijgen allebei een mail."))
            return go(request, "events.show", day=day)
    context = about(session, day, viewer)
    return page(
        request,
        "events/pass_on.html",
        status=422,
        block="pass_on_form",
        form=form,
        others=_others(session, context),
        **context,
    )


@router.post("/actiedagen/{day}/andere-dag", name="events.move")
def move(
    request: Request,
    form: Annotated[Form[MoveForm], Depends(form(MoveForm))],
    session: DbSession,
    viewer: CurrentUser,
    day: str,
) -> Response:
    to = form.data.to if form.data else ""
    passing_on.move(session, viewer, day, to, now())
    flash(request, _("Je staat nu op deze dag. Voor de andere dag ben je uitgeschreven."))
    return go(request, "events.show", day=to, anchor="inschrijven")


@router.get("/actiedagen/{day}/collegas", name="events.colleagues")
def show_colleagues(request: Request, session: DbSession, viewer: CurrentMember, day: str) -> Response:
    return _colleagues_page(request, session, viewer, day, Form())


@router.post("/actiedagen/{day}/collegas", name="events.invite")
def invite(
    request: Request,
    form: Annotated[Form[ColleaguesForm], Depends(form(ColleaguesForm))],
    session: DbSession,
    viewer: CurrentMember,
    day: str,
) -> Response:
    named, wrong = forms.colleagues_of(form.typed)
    if not named and not wrong:
        wrong = {"name_1": _("Vul de naam en het e-mailadres van minstens één collega in.")}
    if not wrong:
        try:
            with session.begin_nested():
                done = colleagues.register_colleagues(session, viewer, day, named, now())
        except (Conflict, Forbidden) as refused:
            wrong = {"form": refused.message}
        else:
            said = ngettext("%(n)d collega krijgt een mail.", "%(n)d collega’s krijgen een mail.", len(done))
            flash(request, said % {"n": len(done)})
            return go(request, "events.colleagues", day=day)
    return _colleagues_page(request, session, viewer, day, form.wrong(**wrong))


def _colleagues_page(
    request: Request, session: Session, viewer: CurrentMember, slug: str, form: Form[ColleaguesForm]
) -> Response:
    day, _own = service.find(session, slug, viewer)
    return page(
        request,
        "events/colleagues.html",
        status=422 if form.errors else 200,
        block="colleagues_form" if form.errors else "",
        form=form,
        day=day,
        rows=range(1, forms.COLLEAGUES + 1),
        registered=colleagues.registered_by(session, viewer, day.id),
        is_open=day.is_open(now()) and policy.may_register_colleagues(viewer),
        now=now(),
    )


def _others(session: Session, context: dict[str, Any]) -> list[ActionDay]:
    """The other days of the series that have a place: where one can move to."""
    if not context["can_move"]:
        return []
    return [day for day in service.others_of_series(session, context["day"], now()) if not day.is_full]
