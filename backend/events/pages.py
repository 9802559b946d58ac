"""The pages of action days: the list, one day, registering and cancelling, my registrations, calendar files."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from backend.auth.access import CurrentMember, CurrentUser, OptionalUser
from backend.auth.models import Viewer
from backend.db import DbSession, now
from backend.events import calendar, policy, region_map, service, waiting_list
from backend.events.forms import RegisterForm
from backend.events.models import RegistrationStatus
from backend.language import gettext as _
from backend.web import Form, download, flash, form, go, page

router = APIRouter()
CALENDAR = "text/calendar; charset=utf-8"


@router.get("/actiedagen", name="events.list")
def list_days(
    request: Request,
    session: DbSession,
    viewer: OptionalUser,
    regio: str = "",
    periode: str = "",
    vrij: str = "",
) -> Response:
    moment = now()
    days = service.upcoming(session, moment)
    regions = service.regions(session)
    names = {region.key: region.name for region in regions}
    return page(
        request,
        "events/list.html",
        days=service.chosen(days, moment, region=regio, period=periode, only_free=bool(vrij)),
        past=service.past(session, moment),
        months={service.month_of(day): day.starts_at for day in days},
        regions=regions,
        tiles=region_map.tiles(names, days, moment),
        mine=service.my_statuses(session, viewer),
        my_region=names.get(viewer.region_key or "") if viewer else None,
        chosen={"regio": regio, "periode": periode, "vrij": vrij},
        now=moment,
    )


@router.get("/actiedagen.ics", name="events.feed")
def feed(session: DbSession) -> Response:
    moment = now()
    return Response(
        calendar.feed(service.for_feed(session, moment), moment),
        media_type=CALENDAR,
        headers={
            "Content-Disposition": 'inline; filename="actiedagen.ics"',
            "Cache-Control": "public, max-age=900",
        },
    )


@router.get("/actiedagen/{day}", name="events.show")
def show(request: Request, session: DbSession, viewer: OptionalUser, day: str) -> Response:
    return page(request, "events/show.html", form=Form(), **_about(session, day, viewer))


@router.get("/actiedagen/{day}/agenda.ics", name="events.calendar")
def calendar_file(request: Request, session: DbSession, viewer: OptionalUser, day: str) -> Response:
    moment = now()
    found = service.find(session, day)
    registration = service.registration_of(session, viewer, found.id)
    if viewer and registration and registration.status == RegistrationStatus.CONFIRMED:
        text = calendar.for_participant(found, registration, viewer.name, viewer.email, moment)
    else:
        text = calendar.for_everyone(found, moment)
    return download(request, text.encode(), CALENDAR, calendar.FILE_NAME)


@router.post("/actiedagen/{day}/inschrijven", name="events.register")
def register(
    request: Request,
    # The form first: reading it may take long, and from the first query on a POST holds SQLite's write lock.
    form: Annotated[Form[RegisterForm], Depends(form(RegisterForm))],
    session: DbSession,
    viewer: CurrentMember,
    day: str,
) -> Response:
    if form.data is None:
        about = _about(session, day, viewer)
        return page(request, "events/show.html", status=422, block="register_form", form=form, **about)
    registration = waiting_list.register(session, viewer, day, form.data.needs, now())
    if registration.status == RegistrationStatus.CONFIRMED:
        flash(request, _("Je bent ingeschreven. We sturen je een mail met de dag voor in je agenda."))
    else:
        flash(request, _("Je staat op de wachtlijst. We mailen je zodra er een plaats voor je is."), "info")
    return go(request, "events.show", day=day)


@router.get("/actiedagen/{day}/annuleren", name="events.confirm_cancel")
def confirm_cancel(request: Request, session: DbSession, viewer: CurrentUser, day: str) -> Response:
    about = _about(session, day, viewer)
    if about["step"] not in (policy.Step.CONFIRMED, policy.Step.WAITING):
        return go(request, "events.show", day=day)
    return page(request, "events/cancel.html", **about)


@router.post("/actiedagen/{day}/annuleren", name="events.cancel")
def cancel(request: Request, session: DbSession, viewer: CurrentUser, day: str) -> Response:
    if waiting_list.cancel(session, viewer, day, now()) is not None:
        flash(request, _("Je bent uitgeschreven. We sturen je een mail."))
    return go(request, "events.show", day=day)


@router.get("/mijn/inschrijvingen", name="events.mine")
def mine(request: Request, session: DbSession, viewer: CurrentUser) -> Response:
    moment = now()
    return page(request, "events/mine.html", mine=service.mine(session, viewer, moment), now=moment)


def _about(session: Session, slug: str, viewer: Viewer | None) -> dict[str, Any]:
    """What the page of a day and the question before cancelling show."""
    moment = now()
    one = service.show(session, slug, viewer)
    registration = one.registration
    can_cancel = registration is not None and policy.can_cancel(one.day, registration, moment)
    return {
        "day": one.day,
        "programme": one.programme,
        "registration": registration,
        "place": service.place_in_words(one.place_in_line),
        "place_in_line": one.place_in_line,
        "step": policy.step(one.day, registration, viewer, moment),
        "can_cancel": can_cancel,
        "too_late": waiting_list.too_late_to_cancel(one.day, moment),
        "now": moment,
    }
